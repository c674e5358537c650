//! What a run of Kafka must keep (reference 8.6), and what must happen in some runs.

use crate::facts::{ClientError, Fact};
use crate::records::{DiskRecord, FileName, Tp};
use crate::standing::image;
use crate::system::{Kafka, KafkaProcess};
use crate::{Code, Election};
use ackscope_check::Violation;
use ackscope_kernel::{Entry, EntryId, MessageKey, Recorder, SeatId, What, World};
use ackscope_kernel::{SortedMap, SortedSet};
use imbl::OrdMap;

/// Goals that a set of random runs must reach, each in some of them. That a run ended healed and went
/// on is for whoever heals it to say.
pub const SOMETIMES: [&str; 7] = [
    "confirmed-50",
    "leader-changed",
    "isr-shrank",
    "isr-grew",
    "truncated",
    "timed-out",
    "retried",
];

/// Watches the facts of a run for broken rules and reached goals. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Who led in which epoch, by its own word and by the controller's.
    led: OrdMap<(Tp, i32), SeatId>,
    elected: OrdMap<(Tp, i32), SeatId>,
    /// The present leader and ISR of each partition.
    present: SortedMap<Tp, (Option<SeatId>, Vec<SeatId>)>,
    /// Epoch and watermark of each broker that leads.
    watermarks: SortedMap<(Tp, SeatId), (i32, i64)>,
    /// Which message stands at an offset in an epoch.
    records: OrdMap<(Tp, i32, i64), MessageKey>,
    /// Partitions that were led by a replica that may lack committed records.
    unclean: SortedSet<Tp>,
    confirmed: u32,
    reached: SortedSet<&'static str>,
    violations: Vec<Violation>,
}

impl Recorder<Kafka> for Watch {
    fn record(&mut self, id: EntryId, entry: &Entry<Kafka>, world: &World<Kafka>) {
        if let What::Note(Fact::TopicCreated { topic }) = &entry.what {
            // The first leaders and ISRs are made, not elected.
            let image = image(world);
            for (tp, state) in image.partitions.iter().filter(|(tp, _)| tp.topic == *topic) {
                self.present.insert(*tp, (state.leader, state.isr.clone()));
            }
        }
        self.observe(id, entry);
    }
}

impl Watch {
    fn observe(&mut self, id: EntryId, entry: &Entry<Kafka>) {
        match &entry.what {
            What::Note(fact) => self.fact(id, entry.seat, fact),
            // What a broker leads next it leads anew.
            What::Down(_) => self.watermarks.retain(|(_, seat), _| *seat != entry.seat),
            _ => {}
        }
    }

    /// Rules that were broken, in the order of the trace.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Goals of [`SOMETIMES`] that were reached.
    #[must_use]
    pub fn reached(&self) -> &SortedSet<&'static str> {
        &self.reached
    }

    /// Messages confirmed.
    #[must_use]
    pub fn confirmed(&self) -> u32 {
        self.confirmed
    }

    fn broken(
        &mut self,
        rule: &'static str,
        message: Option<MessageKey>,
        entry: EntryId,
        detail: String,
    ) {
        self.violations.push(Violation {
            rule,
            message,
            entry,
            detail,
        });
    }

    fn fact(&mut self, id: EntryId, seat: SeatId, fact: &Fact) {
        match fact {
            Fact::Leads { tp, epoch, .. } => {
                self.one_leader(id, *tp, *epoch, seat, true);
                if self
                    .watermarks
                    .get(&(*tp, seat))
                    .is_none_or(|(known, _)| known != epoch)
                {
                    self.watermarks.insert((*tp, seat), (*epoch, i64::MIN));
                }
            }
            Fact::Follows { tp, .. } => {
                self.watermarks.remove(&(*tp, seat));
            }
            Fact::HighWatermark { tp, to } => self.watermark(id, *tp, seat, *to),
            Fact::Appended {
                tp,
                base,
                epoch,
                keys,
            } => {
                for (key, offset) in keys.iter().zip(*base..) {
                    self.one_record(id, (*tp, *epoch, offset), *key);
                }
            }
            Fact::Elected {
                tp,
                leader,
                epoch,
                isr,
                how,
                ..
            } => {
                if matches!(how, Election::Unclean | Election::LastKnownLeader) {
                    self.unclean.insert(*tp);
                }
                if let Some(leader) = leader {
                    self.one_leader(id, *tp, *epoch, *leader, false);
                    let before = self.present.get(tp).and_then(|(leader, _)| *leader);
                    if before.is_some_and(|before| before != *leader) {
                        self.reached.insert("leader-changed");
                    }
                }
                // The last one that led, so that a pause without leader is no change by itself.
                let last = self.present.get(tp).and_then(|(leader, _)| *leader);
                self.in_sync(id, *tp, *leader, isr);
                self.present.insert(*tp, (leader.or(last), isr.clone()));
            }
            Fact::IsrChanged { tp, isr, .. } => {
                let leader = self.present.get(tp).and_then(|(leader, _)| *leader);
                self.in_sync(id, *tp, leader.filter(|_| !isr.is_empty()), isr);
                self.present.insert(*tp, (leader, isr.clone()));
            }
            Fact::Truncated { keys, .. } if !keys.is_empty() => {
                self.reached.insert("truncated");
            }
            Fact::Acked { keys, base, .. } if *base >= 0 => {
                self.confirmed += u32::try_from(keys.len()).unwrap_or(0);
                if self.confirmed >= 50 {
                    self.reached.insert("confirmed-50");
                }
            }
            Fact::Retrying { error, .. } => {
                self.reached.insert("retried");
                self.timed_out(*error);
            }
            Fact::SendFailed { error, .. } => self.timed_out(*error),
            _ => {}
        }
    }

    fn timed_out(&mut self, error: ClientError) {
        if matches!(
            error,
            ClientError::Timeout | ClientError::Code(Code::RequestTimedOut)
        ) {
            self.reached.insert("timed-out");
        }
    }

    /// One leader per epoch, by the brokers' word and by the controller's, and both agree.
    fn one_leader(&mut self, id: EntryId, tp: Tp, epoch: i32, seat: SeatId, own_word: bool) {
        let others = [&self.led, &self.elected].map(|known| known.get(&(tp, epoch)).copied());
        if let Some(other) = others.into_iter().flatten().find(|other| *other != seat) {
            let detail = format!("{tp} epoch {epoch}: seats {} and {}", other.0, seat.0);
            self.broken("one-leader-per-epoch", None, id, detail);
        }
        let known = if own_word {
            &mut self.led
        } else {
            &mut self.elected
        };
        known.insert((tp, epoch), seat);
    }

    /// The watermark never falls within one leadership.
    fn watermark(&mut self, id: EntryId, tp: Tp, seat: SeatId, to: i64) {
        let Some((epoch, known)) = self.watermarks.get(&(tp, seat)).copied() else {
            return;
        };
        if to < known {
            let detail = format!("{tp} on seat {} in epoch {epoch}: {known} to {to}", seat.0);
            self.broken("watermark-never-falls", None, id, detail);
        }
        self.watermarks.insert((tp, seat), (epoch, to));
    }

    /// (epoch, offset) identifies one record for ever.
    fn one_record(&mut self, id: EntryId, place: (Tp, i32, i64), key: MessageKey) {
        match self.records.get(&place) {
            Some(known) if *known != key => {
                let (tp, epoch, offset) = place;
                let detail = format!("{tp} epoch {epoch} offset {offset}: {known:?}");
                self.broken("one-record-per-epoch-and-offset", Some(key), id, detail);
            }
            Some(_) => {}
            None => {
                self.records.insert(place, key);
            }
        }
    }

    /// A leader is in its ISR; and whether the ISR shrank or grew.
    fn in_sync(&mut self, id: EntryId, tp: Tp, leader: Option<SeatId>, isr: &[SeatId]) {
        if let Some(leader) = leader
            && !isr.contains(&leader)
        {
            let detail = format!("{tp}: leader {} not in {isr:?}", leader.0);
            self.broken("leader-in-isr", None, id, detail);
        }
        if let Some((_, before)) = self.present.get(&tp) {
            if isr.len() < before.len() {
                self.reached.insert("isr-shrank");
            }
            if isr.len() > before.len() {
                self.reached.insert("isr-grew");
            }
        }
    }

    /// Replicas agree on all offsets below the least of their watermarks, in partitions that were never
    /// led by a replica that may lack committed records. `world` is the one at the watched moment.
    #[must_use]
    pub fn replicas_agree(&self, world: &World<Kafka>) -> Vec<Violation> {
        let image = image(world);
        let clean = image
            .partitions
            .iter()
            .filter(|(tp, _)| !self.unclean.contains(tp));
        clean
            .flat_map(|(tp, state)| disagreements(world, *tp, &state.replicas))
            .collect()
    }
}

type Span = (i64, i64, SortedMap<i64, (i32, Vec<MessageKey>)>);

/// Log start, watermark and batches of a replica, unless its broker is down.
fn replica(world: &World<Kafka>, tp: Tp, seat: SeatId) -> Option<Span> {
    let KafkaProcess::Broker(broker) = &**world.process(seat)? else {
        return None;
    };
    let replica = broker.replica(tp)?;
    let mut batches = SortedMap::new();
    for record in world.disk(seat).read(&FileName::Log(tp))?.iter() {
        if let DiskRecord::Batch(batch) = record {
            let keys = batch
                .records()
                .iter()
                .map(|record| record.message)
                .collect();
            batches.insert(batch.base, (batch.epoch, keys));
        }
    }
    Some((replica.log_start(), replica.high_watermark(), batches))
}

fn disagreements(world: &World<Kafka>, tp: Tp, replicas: &[SeatId]) -> Vec<Violation> {
    let logs: Vec<(SeatId, Span)> = replicas
        .iter()
        .filter_map(|seat| Some((*seat, replica(world, tp, *seat)?)))
        .collect();
    let start = logs
        .iter()
        .map(|(_, (start, ..))| *start)
        .max()
        .unwrap_or(0);
    let end = logs
        .iter()
        .map(|(_, (_, watermark, _))| *watermark)
        .min()
        .unwrap_or(0);
    if start >= end {
        return Vec::new();
    }
    let mut found = Vec::new();
    for pair in logs.windows(2) {
        let [(a, (.., left)), (b, (.., right))] = pair else {
            continue;
        };
        if let Some(offset) = first_difference(left, right, start, end) {
            let detail = format!("{tp} at {offset}: seats {} and {}", a.0, b.0);
            let rule = "replicas-agree";
            found.push(Violation {
                rule,
                message: None,
                entry: EntryId::NONE,
                detail,
            });
        }
    }
    found
}

fn first_difference(
    left: &SortedMap<i64, (i32, Vec<MessageKey>)>,
    right: &SortedMap<i64, (i32, Vec<MessageKey>)>,
    start: i64,
    end: i64,
) -> Option<i64> {
    let bases: SortedSet<i64> = left
        .range(start..end)
        .chain(right.range(start..end))
        .map(|(b, _)| *b)
        .collect();
    bases
        .into_iter()
        .find(|base| left.get(base) != right.get(base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackscope_kernel::{Causes, Time};

    const TP: Tp = Tp {
        topic: 1,
        partition: 0,
    };

    fn watch(facts: &[(u16, Fact)]) -> Watch {
        let mut watch = Watch::default();
        for (n, (seat, fact)) in (0u32..).zip(facts) {
            let what = What::Note(fact.clone());
            let entry = Entry {
                at: Time(0),
                seat: SeatId(*seat),
                causes: Causes::NONE,
                what,
            };
            watch.observe(EntryId(n), &entry);
        }
        watch
    }

    fn rules(facts: &[(u16, Fact)]) -> Vec<&'static str> {
        watch(facts)
            .violations()
            .iter()
            .map(|violation| violation.rule)
            .collect()
    }

    fn leads(epoch: i32) -> Fact {
        Fact::Leads {
            tp: TP,
            epoch,
            end: 0,
        }
    }

    fn key(number: u32) -> MessageKey {
        MessageKey {
            origin: SeatId(9),
            number,
        }
    }

    fn appended(base: i64, epoch: i32, numbers: &[u32]) -> Fact {
        let keys = numbers.iter().copied().map(key).collect();
        Fact::Appended {
            tp: TP,
            base,
            epoch,
            keys,
        }
    }

    fn elected(leader: Option<u16>, epoch: i32, isr: &[u16]) -> Fact {
        let isr = isr.iter().copied().map(SeatId).collect();
        let (leader, elr) = (leader.map(SeatId), Vec::new());
        Fact::Elected {
            tp: TP,
            leader,
            epoch,
            isr,
            elr,
            how: Election::Clean,
        }
    }

    #[test]
    fn two_leaders_of_one_epoch_are_found() {
        assert!(rules(&[(1, leads(5)), (2, leads(6)), (2, leads(6))]).is_empty());
        assert_eq!(
            rules(&[(1, leads(5)), (2, leads(5))]),
            ["one-leader-per-epoch"]
        );
        assert_eq!(
            rules(&[(0, elected(Some(1), 5, &[1])), (2, leads(5))]),
            ["one-leader-per-epoch"]
        );
    }

    #[test]
    fn a_falling_watermark_is_found_within_a_leadership_only() {
        let mark = |to| Fact::HighWatermark { tp: TP, to };
        assert_eq!(
            rules(&[(1, leads(5)), (1, mark(9)), (1, mark(8))]),
            ["watermark-never-falls"]
        );
        assert!(rules(&[(1, leads(5)), (1, mark(9)), (1, leads(7)), (1, mark(8))]).is_empty());
        assert!(rules(&[(1, leads(5)), (1, mark(9)), (2, leads(6)), (2, mark(8))]).is_empty());
    }

    #[test]
    fn another_record_at_the_same_epoch_and_offset_is_found() {
        assert!(rules(&[(1, appended(0, 5, &[1, 2])), (2, appended(0, 5, &[1, 2]))]).is_empty());
        assert!(rules(&[(1, appended(0, 5, &[1])), (2, appended(0, 6, &[2]))]).is_empty());
        let found = rules(&[(1, appended(0, 5, &[1, 2])), (2, appended(1, 5, &[3]))]);
        assert_eq!(found, ["one-record-per-epoch-and-offset"]);
    }

    #[test]
    fn a_leader_outside_its_isr_is_found() {
        assert!(
            rules(&[
                (0, elected(Some(1), 1, &[1, 2])),
                (0, elected(None, 2, &[]))
            ])
            .is_empty()
        );
        assert_eq!(rules(&[(0, elected(Some(1), 1, &[2]))]), ["leader-in-isr"]);
        let isr = Fact::IsrChanged {
            tp: TP,
            isr: vec![SeatId(2)],
            elr: Vec::new(),
        };
        assert_eq!(
            rules(&[(0, elected(Some(1), 1, &[1, 2])), (0, isr)]),
            ["leader-in-isr"]
        );
    }

    #[test]
    fn goals_are_reached_by_what_happened() {
        let facts = [
            (0, elected(Some(1), 0, &[1, 2, 3])),
            (0, elected(Some(2), 1, &[2, 3])),
            (
                9,
                Fact::Acked {
                    keys: (0..50).map(key).collect(),
                    tp: TP,
                    base: 0,
                },
            ),
        ];
        let reached = watch(&facts).reached().clone();
        assert_eq!(
            reached,
            SortedSet::from(["confirmed-50", "isr-shrank", "leader-changed"])
        );
        assert!(watch(&facts[..1]).reached().is_empty());
    }

    #[test]
    fn a_difference_counts_only_below_the_watermarks() {
        let log = |numbers: &[u32]| -> SortedMap<i64, (i32, Vec<MessageKey>)> {
            (0i64..)
                .zip(numbers)
                .map(|(base, n)| (base, (5, vec![key(*n)])))
                .collect()
        };
        let (left, right) = (log(&[1, 2, 3]), log(&[1, 2, 4]));
        assert_eq!(first_difference(&left, &right, 0, 2), None);
        assert_eq!(first_difference(&left, &right, 0, 3), Some(2));
        assert_eq!(
            first_difference(&left, &log(&[1]), 0, 2),
            Some(1),
            "a record is missing"
        );
    }
}
