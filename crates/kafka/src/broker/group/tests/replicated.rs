//! Answers wait for the high watermark, but not for ever (reference 5.8; `CoordinatorRuntimeTest`).

use super::*;

#[test]
fn a_commit_is_answered_when_it_is_replicated() {
    let mut rig = Rig::new();
    rig.stall();
    let corr = rig.send(&commit(None, 5));
    assert_eq!(rig.answer_of(corr), None);
    assert_eq!(rig.offsets(), [], "an administrator sees what is committed");
    rig.heal();
    assert_eq!(rig.answer_of(corr), Some(committed(Code::None)));
    assert_eq!(rig.offsets(), [(T0, 5)]);
    rig.run_for(10 * SECOND);
    assert_eq!(rig.answer_of(corr), None, "its time-out is off");
}

#[test]
fn a_commit_that_was_reported_failed_may_take_effect_later() {
    let mut rig = Rig::new();
    rig.ask(&commit(None, 1));
    rig.stall();
    let corr = rig.send(&commit(None, 5));
    rig.run_for(4999);
    assert_eq!(rig.answer_of(corr), None);
    rig.run_for(2);
    assert_eq!(
        rig.answer_of(corr),
        Some(committed(Code::CoordinatorNotAvailable))
    );
    assert_eq!(rig.offsets(), [(T0, 1)]);
    rig.heal();
    assert_eq!(rig.offsets(), [(T0, 5)]);
    assert_eq!(
        rig.desk.facts.last(),
        Some(&Fact::OffsetStored {
            group: group(),
            tp: T0,
            offset: 5
        })
    );
}

#[test]
fn what_a_consumer_fetches_waits_for_the_commits_before_it() {
    let mut rig = Rig::new();
    rig.stall();
    rig.send(&commit(None, 5));
    let corr = rig.send(&fetch());
    assert_eq!(rig.answer_of(corr), None, "requireStable");
    rig.heal();
    let answer = rig.answer_of(corr).expect("all is committed");
    assert_eq!(fetched(answer), (Code::None, Some(5), Some(4)));
    rig.stall();
    rig.send(&commit(None, 6));
    let corr = rig.send(&fetch());
    rig.run_for(5001);
    let answer = rig.answer_of(corr).expect("it waited long enough");
    assert_eq!(fetched(answer).0, Code::CoordinatorNotAvailable);
}

#[test]
fn a_heartbeat_waits_for_what_is_written_and_a_refusal_does_not() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    rig.stall();
    rig.send(&commit(Some((a, 1)), 5));
    let corr = rig.send(&heartbeat(a, 1));
    assert_eq!(rig.answer_of(corr), None);
    assert_eq!(rig.ask(&heartbeat(a, 0)), beat(Code::IllegalGeneration));
    assert_eq!(
        rig.ask(&commit(Some((a, 0)), 6)),
        committed(Code::IllegalGeneration)
    );
    rig.heal();
    assert_eq!(rig.answer_of(corr), Some(beat(Code::None)));
}

#[test]
fn an_assignment_is_handed_out_when_it_is_stored() {
    let mut rig = Rig::without_delay();
    let a = rig.new_id();
    rig.send(&join(Some(a)));
    rig.run_for(1);
    rig.stall();
    let corr = rig.send(&sync(a, 1, vec![(a, vec![T0])]));
    assert_eq!(rig.answer_of(corr), None);
    rig.heal();
    assert_eq!(rig.answer_of(corr), Some(synced(&[T0])));
}

#[test]
fn an_assignment_that_cannot_be_stored_makes_the_group_rebalance() {
    let mut rig = Rig::without_delay();
    let a = rig.new_id();
    rig.send(&join(Some(a)));
    rig.run_for(1);
    rig.stall();
    let corr = rig.send(&sync(a, 1, vec![(a, vec![T0])]));
    rig.run_for(5001);
    assert_eq!(
        rig.answer_of(corr),
        Some(sync_failed(Code::CoordinatorNotAvailable))
    );
    assert_eq!(
        rig.ask(&sync(a, 1, Vec::new())),
        sync_failed(Code::RebalanceInProgress)
    );
    // The first record comes through after all; nobody gets anything by it.
    rig.heal();
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::RebalanceInProgress));
    assert_eq!(rig.ask(&join(Some(a))), won(a, 2, &[a]));
}

#[test]
fn a_stored_assignment_of_an_old_generation_is_nobodys() {
    let mut rig = Rig::without_delay();
    let a = rig.new_id();
    rig.send(&join(Some(a)));
    rig.run_for(1);
    rig.stall();
    let waiting = rig.send(&sync(a, 1, vec![(a, vec![T0])]));
    let b = rig.new_id();
    rig.send(&join(Some(b)));
    assert_eq!(
        rig.answer_of(waiting),
        Some(sync_failed(Code::RebalanceInProgress))
    );
    rig.heal();
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::RebalanceInProgress));
}

#[test]
fn a_take_over_that_cannot_be_stored_never_happened() {
    let mut rig = Rig::without_delay();
    let corr = rig.send(&join_static(None, "i"));
    rig.run_for(1);
    let Some(Answer::JoinGroup { member: old, .. }) = rig.answer_of(corr) else {
        panic!("joined")
    };
    rig.ask(&sync(old, 1, vec![(old, vec![T0])]));
    rig.stall();
    let corr = rig.send(&join_static(None, "i"));
    assert_eq!(rig.answer_of(corr), None);
    rig.run_for(5001);
    assert_eq!(
        rig.answer_of(corr),
        Some(join_failed(0, Code::CoordinatorNotAvailable))
    );
    rig.heal();
    assert_eq!(rig.ask(&heartbeat_static(old, 1, "i")), beat(Code::None));
}

#[test]
fn a_failed_append_leaves_no_trace() {
    let mut rig = Rig::new();
    rig.broken = Some(Code::NotLeaderOrFollower);
    assert_eq!(rig.ask(&commit(None, 5)), committed(Code::NotCoordinator));
    assert_eq!(
        rig.ask(&commit(Some((3, 1)), 5)),
        committed(Code::GroupIdNotFound),
        "no group was made"
    );
    rig.broken = None;
    assert_eq!(fetched(rig.ask(&fetch())), (Code::None, None, None));
    let numbers: Vec<_> = rig.desk.timers.keys().copied().collect();
    assert_eq!(numbers, [Timer::OffsetExpiry], "nothing is parked");
}

#[test]
fn a_tombstone_that_cannot_be_appended_keeps_the_group() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    rig.ask(&leave(a));
    rig.broken = Some(Code::KafkaStorageError);
    rig.run_for(600 * SECOND);
    rig.broken = None;
    let b = rig.new_id();
    let corr = rig.send(&join(Some(b)));
    rig.run_for(1);
    assert_eq!(
        rig.answer_of(corr),
        Some(won(b, 3, &[b])),
        "generations go on"
    );
}

#[test]
fn a_linger_collects_what_is_written() {
    let mut rig = Rig::new();
    rig.desk.params.group_coordinator_append_linger_ms = 10;
    let first = rig.send(&commit(None, 5));
    rig.run_for(9);
    let second = rig.send(&commit(None, 6));
    assert_eq!((rig.log.len(), rig.answer_of(first)), (0, None));
    rig.run_for(2);
    assert_eq!(rig.log.len(), 2);
    assert_eq!(rig.answer_of(first), Some(committed(Code::None)));
    assert_eq!(rig.answer_of(second), Some(committed(Code::None)));
    assert_eq!(rig.offsets(), [(T0, 6)]);
}

#[test]
fn nobody_is_answered_over_a_closed_connection() {
    let mut rig = Rig::new();
    rig.stall();
    let corr = rig.send_over(2, &commit(None, 5));
    rig.coordinator.closed(ConnId(2));
    rig.heal();
    assert_eq!(rig.answer_of(corr), None);
    assert_eq!(rig.offsets(), [(T0, 5)], "the commit counts");
}
