//! What must hold in a run: at every moment, and at its end (reference 8.6).

use std::collections::{BTreeMap, BTreeSet};

use ackscope_check::{Ledger, goals};
use ackscope_kafka::goals::Watch;
use ackscope_kafka::metadata::PartitionState;
use ackscope_kafka::records::{DiskRecord, FileName, OFFSETS_TOPIC};
use ackscope_kafka::{Election, Fact, Kafka, Tp};
use ackscope_kernel::{Entry, EntryId, MessageKey, SeatId, Time, What, World};

use super::Broken;
use super::setup::Style;
use crate::founding::tp_name;
use crate::recipe::{Lookup, image};

/// How often the copies of confirmed messages are counted when nothing changes about them.
const LOOK_EVERY_US: u64 = 1_000_000;

/// Looks at a run while it goes on.
#[derive(Clone, Debug)]
pub(super) struct Promises {
    style: Style,
    /// Producers with enable.idempotence that never raised their epoch.
    idempotent: BTreeSet<SeatId>,
    looked: Time,
    broken: Vec<Broken>,
}

impl Promises {
    pub(super) fn new(style: Style, world: &World<Kafka>) -> Self {
        let producers = &world.settings().producers;
        Promises {
            style,
            idempotent: producers
                .iter()
                .filter(|(_, params)| params.idempotent)
                .map(|(seat, _)| *seat)
                .collect(),
            looked: Time(0),
            broken: Vec::new(),
        }
    }

    /// What was broken so far, each rule once.
    pub(super) fn broken(&self) -> &[Broken] {
        &self.broken
    }

    fn found(&mut self, rule: &'static str, detail: String) {
        if self.broken.iter().all(|broken| broken.rule != rule) {
            self.broken.push(Broken { rule, detail });
        }
    }

    /// Something was written into the trace. `wounded` is a broker that lost data and is not whole.
    pub(super) fn follow<'a>(
        &mut self,
        entries: impl Iterator<Item = (EntryId, &'a Entry<Kafka>)>,
        world: &World<Kafka>,
        ledger: &(Ledger<Kafka>, Watch),
        wounded: Option<SeatId>,
    ) {
        for violation in ledger.1.violations() {
            let rule = violation.rule;
            self.found(rule, violation.detail.clone());
        }
        let mut matters = world.now().since(self.looked).0 >= LOOK_EVERY_US;
        for (_, entry) in entries {
            let What::Note(fact) = &entry.what else {
                continue;
            };
            match fact {
                Fact::Elected { tp, how, .. } => {
                    matters = true;
                    if *how == Election::Unclean && !allows_unclean(world, *tp) {
                        self.found("no-unclean-election", tp_name(world.settings(), *tp));
                    }
                }
                Fact::EpochBumped { .. } => drop(self.idempotent.remove(&entry.seat)),
                Fact::IsrChanged { .. } | Fact::Truncated { .. } | Fact::Acked { .. } => {
                    matters = true;
                }
                _ => {}
            }
        }
        if matters {
            self.looked = world.now();
            if self.style == Style::Safe {
                self.in_sync_replicas_have_all(world, &ledger.0, wounded);
            }
        }
    }

    /// Every member of the controller's ISR holds every confirmed message (StrongIsr of the formal
    /// models), but for one that lost its data and was not put out of the ISR yet.
    fn in_sync_replicas_have_all(
        &mut self,
        world: &World<Kafka>,
        ledger: &Ledger<Kafka>,
        wounded: Option<SeatId>,
    ) {
        let Some(image) = image(world) else { return };
        let states: BTreeMap<u32, &PartitionState> = image
            .partitions
            .iter()
            .map(|(tp, state)| (tp.log_number(), &**state))
            .collect();
        for (key, row) in ledger.rows() {
            if row.confirmed == EntryId::NONE || row.ruled {
                continue;
            }
            // A message that was sent again may have gone to another partition the second time.
            let logs: BTreeSet<u32> = row.copies.iter().map(|copy| copy.log).collect();
            let lacking = |log: &u32| {
                let isr = states.get(log).map_or(&[][..], |state| &state.isr);
                let has =
                    |seat: SeatId| row.live().any(|copy| copy.log == *log && copy.seat == seat);
                isr.iter()
                    .copied()
                    .find(|seat| Some(*seat) != wounded && !has(*seat))
            };
            if logs.iter().all(|log| lacking(log).is_some())
                && let Some(seat) = lacking(&row.log)
            {
                let name = Lookup::new(world).name(key);
                let detail = format!(
                    "{name} is confirmed, and {} of {} does not have it",
                    world.name(seat),
                    tp_name(world.settings(), Tp::from_log_number(row.log))
                );
                return self.found("in-sync-replicas-have-all-confirmed", detail);
            }
        }
    }

    /// The run is over and everything is healed.
    pub(super) fn end(
        &mut self,
        world: &World<Kafka>,
        ledger: &(Ledger<Kafka>, Watch),
        progress: Result<(), String>,
    ) {
        if let Err(detail) = progress {
            self.found("progress-after-healing", detail);
        }
        for violation in goals::fates_add_up(&ledger.0) {
            self.found(violation.rule, violation.detail);
        }
        if self.style == Style::Safe {
            let lookup = Lookup::new(world);
            for violation in goals::confirmed_survive(&ledger.0, true) {
                let name = violation.message.map(|key| lookup.name(key));
                let detail = format!("{} is {}", name.unwrap_or_default(), violation.detail);
                self.found(violation.rule, detail);
            }
        }
        for violation in ledger.1.replicas_agree(world) {
            self.found(violation.rule, violation.detail);
        }
        self.idempotent_once(world, &ledger.0);
    }

    /// No sequence number of a producer stands twice in a log (reference 3.6, 8.6). A message does not,
    /// either, if the application offered it once and the producer never had to number anew: that is
    /// where Kafka itself writes twice (S24, S25, S83).
    fn idempotent_once(&mut self, world: &World<Kafka>, ledger: &Ledger<Kafka>) {
        let Some(image) = image(world) else { return };
        for (tp, state) in &image.partitions {
            let Some(leader) = state.leader.filter(|_| tp.topic != OFFSETS_TOPIC) else {
                continue;
            };
            let log = world.disk(leader).read(&FileName::Log(*tp));
            let records = log.into_iter().flat_map(|log| log.iter());
            let batches: Vec<_> = records
                .filter_map(|record| match record {
                    DiskRecord::Batch(batch) => Some(batch),
                    _ => None,
                })
                .collect();
            let place = |offset: i64| format!("{offset} of {}", tp_name(world.settings(), *tp));
            let mut numbers = BTreeMap::new();
            for batch in batches.iter().filter(|batch| batch.producer_id >= 0) {
                let number = (batch.producer_id, batch.producer_epoch, batch.sequence);
                if let Some(first) = numbers.insert(number, batch.base) {
                    let detail = format!(
                        "sequence {} of producer {} in epoch {} stands at {first} and {}",
                        batch.sequence,
                        batch.producer_id,
                        batch.producer_epoch,
                        place(batch.base)
                    );
                    return self.found("idempotent-writes-once", detail);
                }
            }
            let mut seen: BTreeMap<MessageKey, i64> = BTreeMap::new();
            let records = batches
                .iter()
                .flat_map(|b| b.records().iter().zip(b.base..));
            for (record, offset) in records {
                let key = record.message;
                let once = ledger.row(key).is_some_and(|row| row.attempts <= 1);
                if !self.idempotent.contains(&key.origin) || !once {
                    continue;
                }
                if let Some(first) = seen.insert(key, offset) {
                    let name = Lookup::new(world).name(key);
                    let detail = format!("{name} stands at {first} and {}", place(offset));
                    return self.found("idempotent-writes-once", detail);
                }
            }
        }
    }
}

fn allows_unclean(world: &World<Kafka>, tp: Tp) -> bool {
    let topics = &world.settings().topic_params;
    topics
        .get(usize::from(tp.topic))
        .is_some_and(|params| params.unclean_leader_election_enable)
}
