//! The ledger: one row per message, kept from the trace's facts while the run goes on.
//!
//! A row changes when a fact names its message. What depends on election rules (at risk, stranded) is
//! judged again for the messages of a log when that log's [`Standing::View`] differs after an entry
//! that may change it: such entries are rare, so a long run stays fast. A clone shares all rows.

use crate::fate::Fate;
use crate::fired::Fired;
use crate::judge::judge;
use crate::row::{Holding, Row};
use crate::standing::{Assumed, Shift, Stand, Standing};
use ackscope_kernel::{
    Act, Copy, DownWhy, Entry, EntryId, Fact, LedgerLine, MessageKey, Recorder, SeatId, Time, What,
    World,
};
use ackscope_kernel::{SortedMap, SortedSet};
use borsh::BorshSerialize;
use std::sync::Arc;

/// What became of every message so far.
#[derive(Clone, Debug)]
pub struct Ledger<S: Standing> {
    rows: imbl::OrdMap<MessageKey, Arc<Row>>,
    counts: [u32; Fate::ALL.len()],
    logs: Arc<SortedMap<u32, LogAccount<S::View>>>,
    /// The greatest number that a reader processed, per (reader, origin, log).
    reached: Arc<SortedMap<(u16, SeatId, u32), u32>>,
    duplicated: u32,
    reordered: u64,
    fired: Fired,
    now: Time,
}

/// How a log stands and stood.
#[derive(Clone, Debug, BorshSerialize)]
struct LogAccount<V> {
    view: V,
    readers: Vec<u16>,
    /// It was available once; what lies before is the founding of the cluster.
    opened: bool,
    /// Since when it is not available.
    closed: Option<Time>,
    /// How long it was not, in all its closed times that are over, in microseconds.
    closed_us: u64,
}

/// The run in five numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Verdict {
    /// Messages that the producer was told are safe, gone and never processed.
    pub lost_after_ack: u32,
    /// All messages whose fate is a loss ([`Fate::is_loss`]).
    pub lost: u32,
    /// Messages that one reader processed more than once.
    pub duplicated: u32,
    /// Pairs of messages of one origin in one log that a reader first processed against send order.
    pub reordered: u64,
    /// How long the log that was unavailable longest was so, in microseconds.
    pub unavailable_us: u64,
}

impl<S: Standing> Default for Ledger<S> {
    fn default() -> Self {
        Ledger {
            rows: imbl::OrdMap::new(),
            counts: [0; Fate::ALL.len()],
            logs: Arc::default(),
            reached: Arc::default(),
            duplicated: 0,
            reordered: 0,
            fired: Fired::default(),
            now: Time(0),
        }
    }
}

impl<S: Standing> BorshSerialize for Ledger<S> {
    fn serialize<W: borsh::io::Write>(&self, out: &mut W) -> borsh::io::Result<()> {
        u32::try_from(self.rows.len())
            .unwrap_or(u32::MAX)
            .serialize(out)?;
        for (key, row) in &self.rows {
            key.serialize(out)?;
            row.serialize(out)?;
        }
        self.counts.serialize(out)?;
        self.logs.serialize(out)?;
        self.reached.serialize(out)?;
        (self.duplicated, self.reordered).serialize(out)?;
        self.fired.serialize(out)?;
        self.now.serialize(out)
    }
}

impl<S: Standing> Ledger<S> {
    /// All messages that were offered, by key, which is by origin and send order.
    pub fn rows(&self) -> impl Iterator<Item = (MessageKey, &Row)> {
        self.rows.iter().map(|(key, row)| (*key, &**row))
    }

    /// What is known of one message.
    #[must_use]
    pub fn row(&self, key: MessageKey) -> Option<&Row> {
        self.rows.get(&key).map(|row| &**row)
    }

    /// How many messages were offered.
    #[must_use]
    pub fn offered(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// The fate of a message under the default assumption; [`Fate::InFlight`] for one never offered.
    #[must_use]
    pub fn fate(&self, key: MessageKey) -> Fate {
        self.row(key).map_or(Fate::InFlight, |row| row.fate)
    }

    /// The fate of a message if *at risk* assumes another fault. `world` is the one at the ledger's moment.
    #[must_use]
    pub fn fate_under(&self, key: MessageKey, fault: Assumed, world: &World<S>) -> Fate {
        match self.row(key) {
            Some(row) => judged::<S>(&self.logs, row, fault, |copy| S::synced(world, copy)),
            None => Fate::InFlight,
        }
    }

    /// How many messages have each fate. Fates that none has are left out; the sum is
    /// [`Ledger::offered`].
    #[must_use]
    pub fn totals(&self) -> SortedMap<Fate, u32> {
        let counted = Fate::ALL
            .into_iter()
            .map(|fate| (fate, self.counts[fate.index()]));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// The run in five numbers, up to the latest entry.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let losses = Fate::ALL.into_iter().filter(|fate| fate.is_loss());
        Verdict {
            lost_after_ack: self.counts[Fate::LostAfterAck.index()],
            lost: losses.map(|fate| self.counts[fate.index()]).sum(),
            duplicated: self.duplicated,
            reordered: self.reordered,
            unavailable_us: self
                .logs
                .keys()
                .map(|log| self.unavailable_us(*log))
                .max()
                .unwrap_or(0),
        }
    }

    /// How long a log was unavailable since it first was available, in microseconds.
    #[must_use]
    pub fn unavailable_us(&self, log: u32) -> u64 {
        self.logs.get(&log).map_or(0, |account| {
            account.closed_us + account.closed.map_or(0, |since| self.now.since(since).0)
        })
    }

    /// How a log stands, as the product sees it.
    #[must_use]
    pub fn view(&self, log: u32) -> Option<&S::View> {
        self.logs.get(&log).map(|account| &account.view)
    }

    // ---- judging ----

    /// Changes a row and judges it again. A message that nobody offered (a script stored it by hand)
    /// begins here.
    fn update(&mut self, key: MessageKey, entry: EntryId, at: Time, change: impl FnOnce(&mut Row)) {
        if let Some(row) = self.rows.get_mut(&key) {
            let row = Arc::make_mut(row);
            change(row);
            let fate = fate_now::<S>(&self.logs, row);
            set_fate(row, &mut self.counts, fate, entry, at);
        } else {
            let mut row = Row::new(entry, at);
            self.counts[row.fate.index()] += 1;
            change(&mut row);
            let fate = fate_now::<S>(&self.logs, &row);
            set_fate(&mut row, &mut self.counts, fate, entry, at);
            self.rows.insert(key, Arc::new(row));
        }
    }

    // ---- lines ----

    fn line(&mut self, id: EntryId, entry: &Entry<S>, line: LedgerLine, world: &World<S>) {
        let key = match line {
            LedgerLine::Offered(key)
            | LedgerLine::Stored(key, _)
            | LedgerLine::Erased(key, _, _)
            | LedgerLine::Confirmed(key)
            | LedgerLine::Fired(key)
            | LedgerLine::Failed(key, _)
            | LedgerLine::Forgotten(key)
            | LedgerLine::Processed(key, _)
            | LedgerLine::Passed(key, _) => key,
        };
        let at = entry.at;
        match line {
            LedgerLine::Offered(_) => self.update(key, id, at, |row| {
                // Of an earlier offer nothing is left but its copies: a failure is no outcome any more.
                row.attempts = row.attempts.saturating_add(1);
                row.failed = EntryId::NONE;
                row.forgotten = EntryId::NONE;
                row.refused = false;
            }),
            LedgerLine::Stored(_, copy) => {
                if !self.logs.contains_key(&copy.log) {
                    self.look_at(copy.log, at, world);
                }
                self.update(key, id, at, |row| {
                    row.log = copy.log;
                    row.erased = EntryId::NONE;
                    let Copy { seat, log, offset } = copy;
                    let erased = EntryId::NONE;
                    row.copies.push(Holding {
                        offset,
                        log,
                        stored: id,
                        erased,
                        seat,
                        by_rule: false,
                    });
                });
            }
            LedgerLine::Erased(_, copy, by_rule) => self.update(key, id, at, |row| {
                row.erase(copy, id, by_rule);
            }),
            LedgerLine::Confirmed(_) => {
                self.update(key, id, at, |row| first(&mut row.confirmed, id));
            }
            LedgerLine::Fired(_) => {
                let step = entry.causes.iter().next().unwrap_or(EntryId::NONE);
                self.fired.fired(key, step);
                self.update(key, id, at, |row| {
                    first(&mut row.fired, id);
                    row.flying = true;
                });
            }
            LedgerLine::Failed(_, refused) => self.update(key, id, at, |row| {
                row.failed = id;
                row.refused = refused;
            }),
            LedgerLine::Forgotten(_) => {
                self.update(key, id, at, |row| first(&mut row.forgotten, id));
            }
            LedgerLine::Processed(_, reader) => self.processed(key, reader, id, at),
            LedgerLine::Passed(_, reader) => {
                self.update(key, id, at, |row| {
                    first(&mut row.reading_mut(reader).passed, id)
                });
            }
        }
    }

    fn processed(&mut self, key: MessageKey, reader: u16, id: EntryId, at: Time) {
        let (mut times, mut again, mut log) = (0, false, 0);
        self.update(key, id, at, |row| {
            let reading = row.reading_mut(reader);
            reading.processed += 1;
            first(&mut reading.first, id);
            times = reading.processed;
            again = times == 2 && row.deliveries < 2;
            row.deliveries = row.deliveries.max(times);
            log = row.log;
        });
        self.duplicated += u32::from(again);
        if times > 1 {
            return;
        }
        let lane = (reader, key.origin, log);
        match self.reached.get(&lane).copied() {
            Some(reached) if reached > key.number => {
                // The later ones that were processed before this one.
                let later = MessageKey {
                    number: key.number + 1,
                    ..key
                };
                let upto = MessageKey {
                    number: reached,
                    ..key
                };
                let before = self.rows.range(later..=upto).filter(|(_, row)| {
                    row.log == log && row.reading(reader).is_some_and(|r| r.processed > 0)
                });
                self.reordered += before.count() as u64;
            }
            _ => {
                Arc::make_mut(&mut self.reached).insert(lane, key.number);
            }
        }
    }

    fn landed(&mut self, keys: Vec<MessageKey>, id: EntryId, at: Time) {
        for key in keys {
            self.update(key, id, at, |row| row.flying = false);
        }
    }

    // ---- what happens without a fact ----

    /// The copies on a seat are not what the facts said any more: a power loss, a new disk, lost memory.
    fn reread(&mut self, seat: SeatId, id: EntryId, at: Time, world: &World<S>) {
        let lives = |row: &Row| row.live().any(|copy| copy.seat == seat);
        let held: Vec<MessageKey> = self
            .rows
            .iter()
            .filter(|(_, row)| lives(row))
            .map(|(key, _)| *key)
            .collect();
        if held.is_empty() {
            return;
        }
        let there: SortedSet<(MessageKey, Copy)> = S::copies_on(world, seat).into_iter().collect();
        for key in held {
            let Some(row) = self.row(key) else { continue };
            let gone = |copy: &Copy| copy.seat == seat && !there.contains(&(key, *copy));
            let gone: Vec<Copy> = row.live().filter(gone).collect();
            if !gone.is_empty() {
                self.update(key, id, at, |row| {
                    gone.iter().for_each(|copy| {
                        row.erase(*copy, id, false);
                    });
                });
            }
        }
    }

    /// A process is gone: nobody will tell what became of the messages that it had not heard of.
    fn orphan(&mut self, origin: SeatId, id: EntryId, at: Time) {
        let all = MessageKey { origin, number: 0 }..=MessageKey {
            origin,
            number: u32::MAX,
        };
        let orphans: Vec<MessageKey> = self
            .rows
            .range(all)
            .filter(|(_, row)| !row.settled())
            .map(|(key, _)| *key)
            .collect();
        for key in orphans {
            self.update(key, id, at, |row| row.forgotten = id);
        }
    }

    /// Looks at a log again; returns whether its messages must be judged again.
    fn look_at(&mut self, log: u32, at: Time, world: &World<S>) -> bool {
        let view = S::view(world, log);
        let readers = S::readers(world, log);
        let old = self.logs.get(&log);
        if old.is_some_and(|old| old.view == view && old.readers == readers) {
            return false;
        }
        let (mut opened, mut closed, mut closed_us) = old.map_or((false, None, 0), |old| {
            (old.opened, old.closed, old.closed_us)
        });
        if S::available(&view) {
            opened = true;
            if let Some(since) = closed.take() {
                closed_us += at.since(since).0;
            }
        } else if opened && closed.is_none() {
            closed = Some(at);
        }
        let account = LogAccount {
            view,
            readers,
            opened,
            closed,
            closed_us,
        };
        Arc::make_mut(&mut self.logs).insert(log, account);
        true
    }

    fn shift(&mut self, shift: Shift, id: EntryId, at: Time, world: &World<S>) {
        let mut logs = match shift {
            Shift::None => return,
            Shift::Log(log) => SortedSet::from([log]),
            Shift::All => self.logs.keys().copied().chain(S::logs(world)).collect(),
        };
        logs.retain(|log| self.look_at(*log, at, world));
        if logs.is_empty() {
            return;
        }
        let changed: Vec<(MessageKey, Fate)> = self
            .rows
            .iter()
            .filter(|(_, row)| {
                logs.contains(&row.log) || row.live().any(|copy| logs.contains(&copy.log))
            })
            .map(|(key, row)| (*key, row.fate, fate_now::<S>(&self.logs, row)))
            .filter(|(_, old, new)| old != new)
            .map(|(key, _, new)| (key, new))
            .collect();
        for (key, fate) in changed {
            if let Some(row) = self.rows.get_mut(&key) {
                set_fate(Arc::make_mut(row), &mut self.counts, fate, id, at);
            }
        }
    }
}

type Logs<S> = SortedMap<u32, LogAccount<<S as Standing>::View>>;

fn judged<S: Standing>(
    logs: &Logs<S>,
    row: &Row,
    fault: Assumed,
    synced: impl Fn(Copy) -> bool,
) -> Fate {
    let mut stand = Stand::default();
    let mut some = false;
    for log in logs_of(row) {
        let Some(account) = logs.get(&log) else {
            continue;
        };
        let here = S::stand(&account.view, row.live().filter(|copy| copy.log == log));
        stand.served |= here.served;
        // One log that is served without the message decides more than one that nobody leads.
        stand.leaderless = here.leaderless && (stand.leaderless || !some);
        stand.electable += here.electable;
        some = true;
    }
    let readers = logs
        .get(&row.log)
        .map_or(&[][..], |account| &account.readers);
    // It is at risk when no log would still serve it after the fault.
    let risky = || {
        logs_of(row).all(|log| {
            logs.get(&log).is_none_or(|account| {
                let copies = row.live().filter(|copy| copy.log == log);
                !S::stand(&account.view, copies.clone()).served
                    || S::risky(
                        &account.view,
                        fault,
                        copies.map(|copy| (copy, synced(copy))),
                    )
            })
        })
    };
    judge(row, stand, readers, risky)
}

fn fate_now<S: Standing>(logs: &Logs<S>, row: &Row) -> Fate {
    // A crash of a process keeps what is written, synced or not.
    judged::<S>(logs, row, Assumed::default(), |_| true)
}

fn set_fate(row: &mut Row, counts: &mut [u32], fate: Fate, entry: EntryId, at: Time) {
    if row.fate == fate {
        return;
    }
    counts[row.fate.index()] -= 1;
    counts[fate.index()] += 1;
    row.fate = fate;
    row.last = entry;
    row.since = at;
    first(&mut row.first, entry);
}

fn first(slot: &mut EntryId, id: EntryId) {
    if *slot == EntryId::NONE {
        *slot = id;
    }
}

/// The logs in which live copies lie, each once; the log of the latest copy when none lives.
fn logs_of(row: &Row) -> impl Iterator<Item = u32> + '_ {
    let alive = row.live().enumerate().map(|(at, copy)| (at, copy.log));
    let once = alive.filter(|(at, log)| !row.live().take(*at).any(|copy| copy.log == *log));
    let none = row.live().next().is_none() && row.log != u32::MAX;
    once.map(|(_, log)| log).chain(none.then_some(row.log))
}

impl<S: Standing> Recorder<S> for Ledger<S> {
    fn record(&mut self, id: EntryId, entry: &Entry<S>, world: &World<S>) {
        let at = entry.at;
        self.now = at;
        let step = entry.causes.iter().next().unwrap_or(EntryId::NONE);
        let grounded = self.fired.next(step);
        self.landed(grounded, id, at);
        match &entry.what {
            What::Note(fact) => {
                fact.lines(entry.seat, &mut |line| self.line(id, entry, line, world));
                self.shift(S::shift(fact), id, at, world);
            }
            What::Sent { brief, .. } => {
                if brief.first.is_some() {
                    self.fired.sent(id, step);
                }
            }
            What::Read { sent } | What::Vanished { sent } => {
                let landed = self.fired.ended(*sent);
                self.landed(landed, id, at);
            }
            What::Down(why) => {
                self.orphan(entry.seat, id, at);
                if *why != DownWhy::PoweredOff {
                    self.reread(entry.seat, id, at, world);
                }
                self.shift(Shift::All, id, at, world);
            }
            What::Up | What::PartDown { .. } => self.shift(Shift::All, id, at, world),
            What::Acted(act) => self.acted(act, id, at, world),
            What::Opened(_)
            | What::Refused(_)
            | What::Closed(..)
            | What::Fired(_)
            | What::Synced(_)
            | What::WrittenBack(_)
            | What::Ordered(_)
            | What::Local { .. }
            | What::Written(_) => {}
        }
    }
}

impl<S: Standing> Ledger<S> {
    fn acted(&mut self, act: &Act<S>, id: EntryId, at: Time, world: &World<S>) {
        match act {
            Act::PowerOff(host, _)
            | Act::Wipe(host)
            | Act::Truncate(host, _, _)
            | Act::Remove(host, _) => {
                for seat in world.seats().filter(|seat| world.host(*seat) == *host) {
                    self.reread(seat, id, at, world);
                }
                self.shift(Shift::All, id, at, world);
            }
            Act::Crash(_)
            | Act::Stop(_)
            | Act::Start(_)
            | Act::Freeze(_)
            | Act::Thaw(_)
            | Act::Cut(..)
            | Act::Mend(..)
            | Act::Heal
            | Act::Change(_)
            | Act::Add(_) => self.shift(Shift::All, id, at, world),
            Act::Slow(..)
            | Act::Lose(..)
            | Act::SlowDisk(..)
            | Act::FillDisk(..)
            | Act::Fire(..)
            | Act::Hold(_)
            | Act::Release(_)
            | Act::Drop(_)
            | Act::Deliver(_)
            | Act::Order(..)
            // What a part's crash did is said by the entry of the part's end.
            | Act::CrashPart(..) => {}
        }
    }
}

#[cfg(test)]
mod tests;
