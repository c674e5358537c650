//! How a partition changes: target ISR, eligible leader replicas, leader, last known leader
//! (`PartitionChangeBuilder`; reference 2.9). Pure functions, so that they can be tested as tables.

use crate::facts::Election;
use crate::metadata::PartitionState;
use ackscope_kernel::SeatId;

/// How far an election may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Only replicas that hold all committed records.
    Online,
    /// Any live replica when there is no better one.
    Unclean,
    /// The first replica in assignment order, if it is in sync.
    Preferred,
}

/// What an election depends on besides the partition itself.
pub struct Rules<'a> {
    /// Whether eligible leader replicas are kept (eligible.leader.replicas.version).
    pub elr: bool,
    /// min.insync.replicas, at most the number of replicas.
    pub min_isr: usize,
    /// How far the election may go.
    pub mode: Mode,
    /// Replicas whose process ended without a clean shutdown.
    pub unclean_shutdown: &'a [SeatId],
    /// Whether a broker may lead.
    pub acceptable: &'a dyn Fn(SeatId) -> bool,
}

/// The state after `target_isr` was proposed for the partition, and how its leader was chosen when it
/// changed. `None`: nothing changes.
#[must_use]
pub fn change(
    old: &PartitionState,
    target_isr: Vec<SeatId>,
    rules: &Rules<'_>,
) -> Option<(PartitionState, Option<Election>)> {
    let target_elr = target_elr(old, &target_isr, rules);
    let (leader, how) = elect(old, &target_isr, &target_elr, rules);

    let mut new = old.clone();
    new.elr = target_elr;
    if rules.elr || !target_isr.is_empty() {
        // With the feature off an empty ISR is not written: the last member stays in it.
        new.isr.clone_from(&target_isr);
    }
    let leader_changed = leader != old.leader;
    if let (true, Some(elected)) = (leader_changed, leader) {
        let unclean = matches!(how, Election::Unclean | Election::LastKnownLeader);
        if unclean {
            new.elr.clear();
            new.recovering = true;
        }
        if unclean || !new.isr.contains(&elected) {
            // Elected from the ELR or unclean: the ISR begins with the new leader alone.
            new.isr = vec![elected];
            new.elr.retain(|replica| *replica != elected);
        }
    }
    new.leader = leader;
    remember_last_leader(old, &mut new, rules);
    if leader_changed {
        new.leader_epoch += 1;
    }
    if new == *old {
        return None;
    }
    new.partition_epoch += 1;
    Some((new, leader_changed.then_some(how)))
}

/// `maybePopulateTargetElr`: empty while the ISR is large enough, else who left it (and did so cleanly).
fn target_elr(old: &PartitionState, target_isr: &[SeatId], rules: &Rules<'_>) -> Vec<SeatId> {
    if !rules.elr || target_isr.len() >= rules.min_isr {
        return Vec::new();
    }
    let was_safe = |replica: &&SeatId| old.elr.contains(replica) || old.isr.contains(replica);
    let still = |replica: &&SeatId| {
        !target_isr.contains(replica) && !rules.unclean_shutdown.contains(replica)
    };
    old.replicas
        .iter()
        .filter(was_safe)
        .filter(still)
        .copied()
        .collect()
}

fn elect(
    old: &PartitionState,
    target_isr: &[SeatId],
    target_elr: &[SeatId],
    rules: &Rules<'_>,
) -> (Option<SeatId>, Election) {
    let acceptable = |replica: SeatId| (rules.acceptable)(replica);
    let valid = |replica: SeatId| {
        let safe = if target_isr.is_empty() {
            target_elr
        } else {
            target_isr
        };
        safe.contains(&replica) && acceptable(replica)
    };
    if rules.mode == Mode::Preferred
        && let Some(first) = old.replicas.first().copied()
        && valid(first)
    {
        return (Some(first), Election::Clean);
    }
    if let Some(leader) = old.leader.filter(|leader| valid(*leader)) {
        return (Some(leader), Election::Clean);
    }
    if let Some(replica) = old.replicas.iter().copied().find(|replica| valid(*replica)) {
        return (Some(replica), Election::Clean);
    }
    if rules.elr
        && target_isr.is_empty()
        && target_elr.is_empty()
        && let [last] = old.last_known_elr[..]
        && acceptable(last)
    {
        return (Some(last), Election::LastKnownLeader);
    }
    if rules.mode == Mode::Unclean
        && let Some(any) = old
            .replicas
            .iter()
            .copied()
            .find(|replica| acceptable(*replica))
    {
        return (Some(any), Election::Unclean);
    }
    (None, Election::Nobody)
}

/// `maybeUpdateLastKnownLeader`: kept from the moment the partition loses its last leader until it has one.
fn remember_last_leader(old: &PartitionState, new: &mut PartitionState, rules: &Rules<'_>) {
    if !rules.elr {
        return;
    }
    if new.leader.is_some() {
        new.last_known_elr.clear();
    } else if new.last_known_elr.is_empty()
        && let Some(last) = old.leader
    {
        new.last_known_elr = vec![last];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(ids: &[u16]) -> Vec<SeatId> {
        ids.iter().copied().map(SeatId).collect()
    }

    fn partition(isr: &[u16], elr: &[u16], leader: Option<u16>, last: &[u16]) -> PartitionState {
        PartitionState {
            replicas: seats(&[1, 2, 3]),
            isr: seats(isr),
            elr: seats(elr),
            last_known_elr: seats(last),
            leader: leader.map(SeatId),
            leader_epoch: 5,
            partition_epoch: 10,
            recovering: false,
        }
    }

    /// Alive brokers, target ISR, then the expected ISR, ELR, leader, last known leader.
    struct Row {
        from: PartitionState,
        alive: &'static [u16],
        unclean: &'static [u16],
        target: &'static [u16],
        isr: &'static [u16],
        elr: &'static [u16],
        leader: Option<u16>,
        last: &'static [u16],
        how: Option<Election>,
    }

    fn check(rows: Vec<Row>, elr: bool, mode: Mode) {
        for (n, row) in rows.into_iter().enumerate() {
            let alive = seats(row.alive);
            let unclean = seats(row.unclean);
            let rules = Rules {
                elr,
                min_isr: 2,
                mode,
                unclean_shutdown: &unclean,
                acceptable: &|replica| alive.contains(&replica),
            };
            let (new, how) =
                change(&row.from, seats(row.target), &rules).unwrap_or((row.from.clone(), None));
            assert_eq!(new.isr, seats(row.isr), "isr of row {n}");
            assert_eq!(new.elr, seats(row.elr), "elr of row {n}");
            assert_eq!(new.leader, row.leader.map(SeatId), "leader of row {n}");
            assert_eq!(
                new.last_known_elr,
                seats(row.last),
                "last known leader of row {n}"
            );
            assert_eq!(how, row.how, "how of row {n}");
            assert_eq!(
                new.leader_epoch,
                row.from.leader_epoch + i32::from(how.is_some()),
                "epoch of row {n}"
            );
        }
    }

    #[test]
    fn the_transitions_of_reference_2_9_with_min_isr_2() {
        let row = |from, alive, target, isr, elr, leader, last, how| Row {
            from,
            alive,
            unclean: &[],
            target,
            isr,
            elr,
            leader,
            last,
            how,
        };
        check(
            vec![
                // fence 3, fence 2, fence 1
                row(
                    partition(&[1, 2, 3], &[], Some(1), &[]),
                    &[1, 2],
                    &[1, 2],
                    &[1, 2],
                    &[],
                    Some(1),
                    &[],
                    None,
                ),
                row(
                    partition(&[1, 2], &[], Some(1), &[]),
                    &[1],
                    &[1],
                    &[1],
                    &[2],
                    Some(1),
                    &[],
                    None,
                ),
                row(
                    partition(&[1], &[2], Some(1), &[]),
                    &[],
                    &[],
                    &[],
                    &[1, 2],
                    None,
                    &[1],
                    Some(Election::Nobody),
                ),
                // 2 returns clean
                row(
                    partition(&[], &[1, 2], None, &[1]),
                    &[2],
                    &[],
                    &[2],
                    &[1],
                    Some(2),
                    &[],
                    Some(Election::Clean),
                ),
                // 3 returns: in neither set
                row(
                    partition(&[], &[1, 2], None, &[1]),
                    &[3],
                    &[],
                    &[],
                    &[1, 2],
                    None,
                    &[1],
                    None,
                ),
                // the last known leader, once the ELR is empty
                row(
                    partition(&[], &[], None, &[1]),
                    &[1, 3],
                    &[],
                    &[1],
                    &[],
                    Some(1),
                    &[],
                    Some(Election::LastKnownLeader),
                ),
            ],
            true,
            Mode::Online,
        );
    }

    #[test]
    fn an_unclean_shutdown_leaves_the_elr() {
        let row = Row {
            from: partition(&[], &[1, 2], None, &[1]),
            alive: &[],
            unclean: &[2],
            target: &[],
            isr: &[],
            elr: &[1],
            leader: None,
            last: &[1],
            how: None,
        };
        check(vec![row], true, Mode::Online);
    }

    #[test]
    fn unclean_election_takes_the_first_live_replica_in_assignment_order() {
        let row = Row {
            from: partition(&[1], &[], Some(1), &[]),
            alive: &[2, 3],
            unclean: &[],
            target: &[],
            isr: &[2],
            elr: &[],
            leader: Some(2),
            last: &[],
            how: Some(Election::Unclean),
        };
        // With ELR the fenced leader is eligible, but it is not alive.
        check(vec![row], true, Mode::Unclean);
    }

    #[test]
    fn without_elr_the_last_member_stays_in_the_isr() {
        let row = Row {
            from: partition(&[1], &[], Some(1), &[]),
            alive: &[2, 3],
            unclean: &[],
            target: &[],
            isr: &[1],
            elr: &[],
            leader: None,
            last: &[],
            how: Some(Election::Nobody),
        };
        check(vec![row], false, Mode::Online);
    }
}
