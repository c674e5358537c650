//! A tiny product for the tests of this crate: replicas that do and note what orders say.

use crate::phrase::Phrase;
use crate::row::Row;
use crate::standing::{Assumed, Shift, Stand, Standing};
use crate::why::Tell;
use ackscope_kernel::world::Physics;
use ackscope_kernel::{
    Act, Brief, ConnId, Copy, Entry, EntryId, Env, Fact, History, Input, LedgerLine, Message,
    MessageKey, Moment, Process, SeatId, Span, Status, System, Time, Timer, What, World,
};
use borsh::BorshSerialize;

pub(crate) const CLIENT: SeatId = SeatId(0);
pub(crate) const A: SeatId = SeatId(1);
pub(crate) const B: SeatId = SeatId(2);
pub(crate) const BOSS: SeatId = SeatId(3);
pub(crate) const LOG: u32 = 7;
pub(crate) const READER: u16 = 5;

#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(crate) struct Toy;

#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Node {
    waits: Option<(ConnId, Vec<MessageKey>)>,
}

#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(crate) enum Order {
    /// Notes these lines; copies are written to the disk or cut from it.
    Do(Vec<LedgerLine>),
    /// To [`BOSS`]: this seat leads.
    Lead(Option<SeatId>),
    /// Syncs the disk.
    Sync,
    /// Sends these to a seat and hears nothing.
    Fire(SeatId, Vec<MessageKey>),
}

#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Data(Vec<MessageKey>);

#[derive(Clone, Debug, BorshSerialize)]
pub(crate) enum Said {
    Lines(Vec<LedgerLine>),
    Leads(Option<SeatId>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub(crate) struct Never;

#[derive(Clone, Debug, BorshSerialize)]
pub(crate) enum Item {
    Held(MessageKey, u64),
    Leader(Option<SeatId>),
}

impl Timer for Never {
    fn background(&self) -> bool {
        true
    }
}

impl Message for Data {
    fn brief(&self) -> Brief {
        let count = u32::try_from(self.0.len()).unwrap_or(0);
        Brief {
            kind: 8,
            background: false,
            first: self.0.first().copied(),
            count,
            detail: 0,
        }
    }
    fn size(&self) -> u32 {
        100
    }
    fn meaning(&self) -> [u64; 3] {
        [0; 3]
    }
}

impl Fact for Said {
    fn lines(&self, _: SeatId, line: &mut dyn FnMut(LedgerLine)) {
        if let Said::Lines(lines) = self {
            lines.iter().copied().for_each(line);
        }
    }
}

impl System for Toy {
    type Process = Node;
    type Message = Data;
    type Timer = Never;
    type Order = Order;
    type Record = Item;
    type File = u8;
    type Part = ackscope_kernel::Never;
    type Local = ackscope_kernel::Never;
    type Fact = Said;
    type Settings = ();
    type Change = ();

    fn boot(_: &mut Env<'_, Self>) -> Node {
        Node { waits: None }
    }
    fn change((): &mut (), (): &()) {}
}

impl Process<Toy> for Node {
    fn step(&mut self, input: Input<Toy>, env: &mut Env<'_, Toy>) {
        match input {
            Input::Order(Order::Do(lines)) => {
                for line in &lines {
                    match line {
                        LedgerLine::Stored(key, copy) => {
                            let _ = env.append(&0, Item::Held(*key, copy.offset));
                        }
                        LedgerLine::Erased(..) => {
                            let len = env.disk().len(&0);
                            env.truncate(&0, len.saturating_sub(1));
                        }
                        _ => {}
                    }
                }
                env.note(Said::Lines(lines));
            }
            Input::Order(Order::Lead(seat)) => {
                env.replace(&1, vec![Item::Leader(seat)]);
                env.note(Said::Leads(seat));
            }
            Input::Order(Order::Sync) => env.sync_now(&0),
            Input::Order(Order::Fire(to, keys)) => {
                let conn = env.open(to);
                self.waits = Some((conn, keys));
            }
            Input::Opened(conn) => {
                if let Some((mine, keys)) = self.waits.take()
                    && mine == conn
                {
                    env.note(Said::Lines(
                        keys.iter().map(|key| LedgerLine::Fired(*key)).collect(),
                    ));
                    env.send(conn, Data(keys));
                }
            }
            Input::Message { message, .. } => {
                let at = env.disk().len(&0);
                let copies = message.0.iter().zip(at..);
                let seat = env.me();
                let lines: Vec<LedgerLine> = copies
                    .map(|(key, offset)| {
                        LedgerLine::Stored(
                            *key,
                            Copy {
                                seat,
                                log: LOG,
                                offset,
                            },
                        )
                    })
                    .collect();
                for (key, offset) in message.0.iter().zip(at..) {
                    let _ = env.append(&0, Item::Held(*key, offset));
                }
                env.note(Said::Lines(lines));
            }
            _ => {}
        }
    }
}

/// Who leads, who else is there, and whether they run.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(crate) struct View {
    leader: Option<SeatId>,
    up: bool,
    next: Option<SeatId>,
}

impl Standing for Toy {
    type View = View;

    fn logs(_: &World<Self>) -> Vec<u32> {
        vec![LOG]
    }
    fn view(world: &World<Self>, _: u32) -> View {
        let leader = world
            .disk(BOSS)
            .read(&1)
            .and_then(|records| match records.last() {
                Some(Item::Leader(seat)) => *seat,
                _ => None,
            });
        let runs = |seat: SeatId| world.status(seat).0 == Status::Running;
        let next = [A, B]
            .into_iter()
            .find(|seat| Some(*seat) != leader && runs(*seat));
        View {
            leader,
            up: leader.is_some_and(runs),
            next,
        }
    }
    fn shift(fact: &Said) -> Shift {
        if matches!(fact, Said::Leads(_)) {
            Shift::Log(LOG)
        } else {
            Shift::None
        }
    }
    fn stand(view: &View, copies: impl Iterator<Item = Copy> + Clone) -> Stand {
        let served = copies.clone().any(|copy| Some(copy.seat) == view.leader);
        Stand {
            served,
            leaderless: view.leader.is_none(),
            electable: u32::from(served),
        }
    }
    fn risky(
        view: &View,
        fault: Assumed,
        copies: impl Iterator<Item = (Copy, bool)> + Clone,
    ) -> bool {
        match (fault, view.next) {
            (Assumed::AllPowerLoss, _) | (Assumed::LeaderPowerLoss, None) => !copies
                .clone()
                .any(|(copy, synced)| synced && Some(copy.seat) == view.leader),
            (_, Some(next)) => !copies.clone().any(|(copy, _)| copy.seat == next),
            (Assumed::LeaderCrash, None) => false,
        }
    }
    fn available(view: &View) -> bool {
        view.up
    }
    fn readers(_: &World<Self>, _: u32) -> Vec<u16> {
        vec![READER]
    }
    fn replicas(_: &World<Self>, _: u32) -> Vec<SeatId> {
        vec![A, B]
    }
    fn copies_on(world: &World<Self>, seat: SeatId) -> Vec<(MessageKey, Copy)> {
        let records = world
            .disk(seat)
            .read(&0)
            .map(|r| r.iter().cloned().collect())
            .unwrap_or_default();
        let records: Vec<Item> = records;
        let held = records.into_iter().filter_map(|item| match item {
            Item::Held(key, offset) => Some((
                key,
                Copy {
                    seat,
                    log: LOG,
                    offset,
                },
            )),
            Item::Leader(_) => None,
        });
        held.collect()
    }
    fn synced(world: &World<Self>, copy: Copy) -> bool {
        let at = world.disk(copy.seat).read(&0).and_then(|records| {
            records
                .iter()
                .position(|item| matches!(item, Item::Held(_, offset) if *offset == copy.offset))
        });
        at.is_some_and(|at| (at as u64) < world.disk(copy.seat).synced(&0))
    }
}

impl Tell for Toy {
    fn tell(_: &World<Self>, entry: &Entry<Self>, log: u32) -> Option<Phrase> {
        match &entry.what {
            What::Note(Said::Leads(Some(seat))) if log == LOG => {
                Some(Phrase::new("story-elected").node(*seat))
            }
            _ => None,
        }
    }
    fn place(_: &World<Self>, log: u32) -> String {
        format!("log {log}")
    }
    fn allowed(
        _: &World<Self>,
        _: &ackscope_kernel::Trace<Self>,
        _: MessageKey,
        _: &Row,
    ) -> Vec<Phrase> {
        vec![Phrase::new("reason-acks")]
    }
}

// ---- a run of it ----

pub(crate) type Run = History<Toy, crate::Ledger<Toy>>;

pub(crate) fn key(number: u32) -> MessageKey {
    MessageKey {
        origin: CLIENT,
        number,
    }
}

pub(crate) fn copy(seat: SeatId, offset: u64) -> Copy {
    Copy {
        seat,
        log: LOG,
        offset,
    }
}

/// A client, two replicas, and one that knows who leads; all run, [`A`] leads.
pub(crate) fn run() -> Run {
    let physics = Physics {
        write_back: (Span::secs(1000), Span::secs(1000)),
        ..Physics::default()
    };
    let mut world = World::new(1, (), physics);
    for name in ["client", "a", "b", "boss"] {
        world.add(name);
    }
    let starts = [CLIENT, A, B, BOSS].map(|seat| (Moment::default(), Act::Start(seat)));
    let mut run = History::new(world, crate::Ledger::default(), starts.to_vec());
    run.advance(Time(1));
    act(&mut run, Act::Order(BOSS, Order::Lead(Some(A))));
    run
}

/// Does something and lets ten seconds pass; what happened in them is over then.
pub(crate) fn act(run: &mut Run, act: Act<Toy>) {
    run.intervene(act);
    run.advance(run.world().now() + Span::secs(10));
}

/// A seat notes these lines.
pub(crate) fn note(run: &mut Run, seat: SeatId, lines: &[LedgerLine]) {
    act(run, Act::Order(seat, Order::Do(lines.to_vec())));
}

/// Offers message `number`, stores it on these seats at its number, and confirms it.
pub(crate) fn confirmed_on(run: &mut Run, number: u32, seats: &[SeatId]) {
    note(run, CLIENT, &[LedgerLine::Offered(key(number))]);
    for seat in seats {
        note(
            run,
            *seat,
            &[LedgerLine::Stored(
                key(number),
                copy(*seat, u64::from(number)),
            )],
        );
    }
    note(run, CLIENT, &[LedgerLine::Confirmed(key(number))]);
}

/// The entry in which this happened last.
pub(crate) fn last(run: &Run, what: impl Fn(&What<Toy>) -> bool) -> EntryId {
    let entries = run.trace().range(0, run.trace().len());
    entries
        .filter(|(_, entry)| what(&entry.what))
        .map(|(id, _)| id)
        .last()
        .unwrap_or(EntryId::NONE)
}
