//! How messages stand by Kafka's election rules: for the ledger (reference 2.9, 2.12, 7.0).
//!
//! What the controller has decided counts, not what a broker believes: a zombie leader holds copies
//! that nobody will elect, and a leader that just died still serves until it is fenced.

use crate::controller::election::{self, Mode, Rules};
use crate::facts::Fact;
use crate::metadata::{Image, PartitionState};
use crate::params::Acks;
use crate::records::{DiskRecord, FileName, OFFSETS_TOPIC, Tp};
use crate::system::{Kafka, KafkaProcess, Role};
use ackscope_check::{Assumed, Shift, Stand, Standing};
use ackscope_kernel::{Copy, MessageKey, SeatId, Status, World};
use borsh::BorshSerialize;
use std::borrow::Cow;
use std::cmp::Ordering;

/// What the fates of a partition's messages depend on besides their copies.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct View {
    /// The leader, by the controller's metadata.
    pub leader: Option<SeatId>,
    /// In-sync replicas.
    pub isr: Vec<SeatId>,
    /// Who else may become leader without an unclean election when it returns: the eligible leader
    /// replicas and the last known leader.
    pub standby: Vec<SeatId>,
    /// Who would be elected if the leader's process died now; `None`: nobody, until it is back.
    pub successor: Option<SeatId>,
    /// A produce request with the settings of the topic's producers would be taken and answered.
    pub answers: bool,
}

/// The metadata as the controller has it; that of its log while it is down.
#[must_use]
pub fn image(world: &World<Kafka>) -> Cow<'_, Image> {
    let seat = world.settings().controller_seat();
    if let Some(KafkaProcess::Controller(controller)) = world.process(seat).map(|p| &**p) {
        return Cow::Borrowed(controller.image());
    }
    let mut image = Image::default();
    if let Some(log) = world.disk(seat).read(&FileName::Metadata) {
        for record in log.iter() {
            if let DiskRecord::Metadata(batch) = record {
                image.apply(batch);
            }
        }
    }
    Cow::Owned(image)
}

fn runs(world: &World<Kafka>, seat: SeatId) -> bool {
    world.status(seat).0 == Status::Running
}

/// Whether packets pass between two seats, both ways.
fn linked(world: &World<Kafka>, a: SeatId, b: SeatId) -> bool {
    let (a, b) = (world.host(a), world.host(b));
    !world
        .links()
        .any(|(pair, link)| link.cut && (pair == (a, b) || pair == (b, a)))
}

/// Who would lead if the process of the present leader died now and stayed away: brokers that are down
/// but not fenced yet will be fenced before that.
fn successor(
    world: &World<Kafka>,
    image: &Image,
    tp: Tp,
    state: &PartitionState,
) -> Option<SeatId> {
    let leader = state.leader?;
    let acceptable = |broker: SeatId| {
        broker != leader && image.active(broker) && world.status(broker).0 != Status::Down
    };
    let unclean = image
        .topics
        .get(&tp.topic)
        .is_some_and(|p| p.unclean_leader_election_enable);
    let rules = Rules {
        elr: world.settings().params.elr,
        min_isr: image.effective_min_isr(tp),
        mode: if unclean { Mode::Unclean } else { Mode::Online },
        unclean_shutdown: &[],
        acceptable: &acceptable,
    };
    let target = state
        .isr
        .iter()
        .copied()
        .filter(|broker| acceptable(*broker))
        .collect();
    election::change(state, target, &rules).and_then(|(after, _)| after.leader)
}

/// Whether a probe with the settings of the topic's producers would be answered: the leader runs and can
/// be reached; with acks=all enough replicas are in sync, and all of these run and can be reached.
fn answers(world: &World<Kafka>, image: &Image, tp: Tp, state: &PartitionState) -> bool {
    let Some(leader) = state.leader.filter(|leader| runs(world, *leader)) else {
        return false;
    };
    let settings = world.settings();
    let producers: Vec<SeatId> = world
        .seats()
        .zip(&settings.roles)
        .filter(|(_, role)| matches!(role, Role::Producer(program) if program.topic == tp.topic))
        .map(|(seat, _)| seat)
        .collect();
    let reached = producers.is_empty() || producers.iter().any(|seat| linked(world, *seat, leader));
    let all = |seat: &SeatId| {
        settings
            .producers
            .get(seat)
            .is_some_and(|p| p.acks == Acks::All)
    };
    if !producers.iter().any(all) {
        return reached;
    }
    let in_sync = |seat: &SeatId| runs(world, *seat) && linked(world, *seat, leader);
    reached && state.isr.len() >= image.effective_min_isr(tp) && state.isr.iter().all(in_sync)
}

/// The copies that a log file holds.
fn copies_in<'a>(
    records: impl Iterator<Item = &'a DiskRecord> + 'a,
    seat: SeatId,
    tp: Tp,
) -> impl Iterator<Item = (MessageKey, Copy)> + 'a {
    let batches = records.filter_map(|record| match record {
        DiskRecord::Batch(batch) => Some(batch),
        _ => None,
    });
    batches.flat_map(move |batch| {
        batch
            .records()
            .iter()
            .zip(batch.base..)
            .map(move |(record, offset)| {
                (
                    record.message,
                    Copy {
                        seat,
                        log: tp.log_number(),
                        offset: offset.unsigned_abs(),
                    },
                )
            })
    })
}

impl Standing for Kafka {
    type View = View;

    fn logs(world: &World<Self>) -> Vec<u32> {
        let image = image(world);
        let partitions = image
            .partitions
            .keys()
            .filter(|tp| tp.topic != OFFSETS_TOPIC);
        partitions.map(|tp| tp.log_number()).collect()
    }

    fn view(world: &World<Self>, log: u32) -> View {
        let tp = Tp::from_log_number(log);
        let image = image(world);
        let Some(state) = image.partitions.get(&tp) else {
            return View::default();
        };
        let mut standby = state.elr.clone();
        standby.extend(
            state
                .last_known_elr
                .iter()
                .filter(|seat| !state.elr.contains(seat)),
        );
        View {
            leader: state.leader,
            isr: state.isr.clone(),
            standby,
            successor: successor(world, &image, tp, state),
            answers: answers(world, &image, tp, state),
        }
    }

    fn shift(fact: &Fact) -> Shift {
        match fact {
            Fact::Elected { tp, .. } | Fact::IsrChanged { tp, .. } => Shift::Log(tp.log_number()),
            Fact::Registered { .. }
            | Fact::Fenced { .. }
            | Fact::Unfenced { .. }
            | Fact::ShuttingDown { .. }
            | Fact::TopicCreated { .. } => Shift::All,
            _ => Shift::None,
        }
    }

    fn stand(view: &View, copies: impl Iterator<Item = Copy> + Clone) -> Stand {
        let on = |seats: &[SeatId]| {
            copies
                .clone()
                .filter(|copy| seats.contains(&copy.seat))
                .count()
        };
        let leads = |copy: Copy| view.leader == Some(copy.seat);
        Stand {
            served: copies.clone().any(leads),
            leaderless: view.leader.is_none(),
            electable: u32::try_from(on(&view.isr) + on(&view.standby)).unwrap_or(u32::MAX),
        }
    }

    fn risky(
        view: &View,
        fault: Assumed,
        copies: impl Iterator<Item = (Copy, bool)> + Clone,
    ) -> bool {
        let holds = |seat: SeatId| copies.clone().any(|(copy, _)| copy.seat == seat);
        let synced = |seat: SeatId| copies.clone().any(|(copy, safe)| safe && copy.seat == seat);
        match (fault, view.successor) {
            // The log of whoever is fenced last decides (reference S10), and that may be any of these.
            (Assumed::AllPowerLoss, _) => !view.isr.iter().all(|seat| synced(*seat)),
            (Assumed::LeaderCrash | Assumed::LeaderPowerLoss, Some(next)) => !holds(next),
            // Nobody else may lead: the same log comes back, or what power loss left of it (S05, S06).
            (Assumed::LeaderCrash, None) => false,
            (Assumed::LeaderPowerLoss, None) => !view.leader.is_some_and(synced),
        }
    }

    fn available(view: &View) -> bool {
        view.answers
    }

    fn readers(world: &World<Self>, log: u32) -> Vec<u16> {
        let tp = Tp::from_log_number(log);
        let mut readers = Vec::new();
        for role in &world.settings().roles {
            if let Role::Consumer(program) = role
                && (program.subscribe.contains(&tp.topic) || program.assign.contains(&tp))
            {
                readers.push(program.reader);
            }
        }
        readers.sort_unstable();
        readers.dedup();
        readers
    }

    fn replicas(world: &World<Self>, log: u32) -> Vec<SeatId> {
        let state = image(world)
            .partitions
            .get(&Tp::from_log_number(log))
            .cloned();
        state.map_or_else(Vec::new, |state| state.replicas.clone())
    }

    fn copies_on(world: &World<Self>, seat: SeatId) -> Vec<(MessageKey, Copy)> {
        let mut copies = Vec::new();
        for (name, file) in world.disk(seat).files() {
            if let FileName::Log(tp) = name
                && tp.topic != OFFSETS_TOPIC
            {
                copies.extend(copies_in(file.records.iter(), seat, *tp));
            }
        }
        copies
    }

    fn synced(world: &World<Self>, copy: Copy) -> bool {
        let file = FileName::Log(Tp::from_log_number(copy.log));
        let disk = world.disk(copy.seat);
        let offset = i64::try_from(copy.offset).unwrap_or(i64::MAX);
        let place = disk.read(&file).and_then(|log| {
            log.binary_search_by(|record| match record {
                DiskRecord::Batch(batch) if batch.next <= offset => Ordering::Less,
                DiskRecord::Batch(batch) if batch.base > offset => Ordering::Greater,
                _ => Ordering::Equal,
            })
            .ok()
        });
        place.is_some_and(|at| (at as u64) < disk.synced(&file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: u32 = 1 << 16;

    fn copies(on: &[(u16, bool)]) -> Vec<(Copy, bool)> {
        on.iter()
            .map(|(seat, synced)| {
                (
                    Copy {
                        seat: SeatId(*seat),
                        log: LOG,
                        offset: 6,
                    },
                    *synced,
                )
            })
            .collect()
    }

    fn view(leader: Option<u16>, isr: &[u16], standby: &[u16], successor: Option<u16>) -> View {
        let seats = |ids: &[u16]| ids.iter().copied().map(SeatId).collect();
        View {
            leader: leader.map(SeatId),
            isr: seats(isr),
            standby: seats(standby),
            successor: successor.map(SeatId),
            answers: true,
        }
    }

    fn risky(view: &View, fault: Assumed, on: &[(u16, bool)]) -> bool {
        Kafka::risky(view, fault, copies(on).into_iter())
    }

    #[test]
    fn a_crash_loses_what_the_next_leader_lacks() {
        let full = view(Some(1), &[1, 2, 3], &[], Some(2));
        assert!(risky(&full, Assumed::LeaderCrash, &[(1, false)]));
        assert!(
            risky(&full, Assumed::LeaderCrash, &[(1, false), (3, false)]),
            "2 is elected, not 3"
        );
        assert!(!risky(
            &full,
            Assumed::LeaderCrash,
            &[(1, false), (2, false)]
        ));
    }

    #[test]
    fn the_last_replica_survives_a_crash_and_not_a_power_loss() {
        let last = view(Some(1), &[1], &[], None);
        assert!(!risky(&last, Assumed::LeaderCrash, &[(1, false)]), "S05");
        assert!(risky(&last, Assumed::LeaderPowerLoss, &[(1, false)]), "S06");
        assert!(!risky(&last, Assumed::LeaderPowerLoss, &[(1, true)]), "S11");
    }

    #[test]
    fn only_synced_copies_survive_when_all_lose_power() {
        let full = view(Some(1), &[1, 2], &[], Some(2));
        assert!(
            risky(&full, Assumed::AllPowerLoss, &[(1, true), (2, false)]),
            "S10"
        );
        assert!(
            !risky(&full, Assumed::AllPowerLoss, &[(1, true), (2, true)]),
            "S11"
        );
    }

    #[test]
    fn what_lies_outside_the_leaders_log_is_not_served() {
        let stand = |view: &View, on: &[(u16, bool)]| {
            Kafka::stand(view, copies(on).into_iter().map(|c| c.0))
        };
        let moved = view(Some(2), &[2, 3], &[], Some(3));
        assert_eq!(
            stand(&moved, &[(1, false)]),
            Stand {
                served: false,
                leaderless: false,
                electable: 0
            }
        );
        let nobody = view(None, &[], &[1], None);
        assert_eq!(
            stand(&nobody, &[(1, false)]),
            Stand {
                served: false,
                leaderless: true,
                electable: 1
            }
        );
    }
}
