//! Another broker coordinates from the log (reference 5.8, S54, S55, S57).

use super::*;

#[test]
fn members_go_on_after_a_failover_without_a_rebalance() {
    let mut rig = Rig::without_delay();
    let (a, b) = rig.two_members();
    rig.ask(&commit(Some((b, 1)), 5));
    rig.run_for(40 * SECOND);
    rig.failover(usize::MAX);
    assert_eq!(
        rig.desk.facts.last(),
        Some(&Fact::Coordinates { tp: OFFSETS })
    );
    // The sessions start anew, so 40 s of silence are forgotten.
    rig.run_for(44 * SECOND);
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::None));
    assert_eq!(rig.ask(&heartbeat(b, 1)), beat(Code::None));
    assert_eq!(
        rig.ask(&sync(b, 1, Vec::new())),
        synced(&[T1]),
        "assignments are kept"
    );
    assert_eq!(rig.ask(&commit(Some((b, 1)), 6)), committed(Code::None));
    assert_eq!(
        rig.ask(&commit(Some((b, 0)), 7)),
        committed(Code::IllegalGeneration)
    );
    assert_eq!(fetched(rig.ask(&fetch())), (Code::None, Some(6), Some(4)));
    // a still leads: its rejoin forces a rebalance, a follower's does not.
    assert_eq!(rig.ask(&join(Some(b))), joined(b, 1, a));
}

#[test]
fn silent_members_are_out_one_session_after_a_failover() {
    let mut rig = Rig::without_delay();
    rig.one_member();
    rig.failover(usize::MAX);
    rig.run_for(45_001);
    assert_eq!(
        rig.desk.facts.last(),
        Some(&Fact::Generation {
            group: group(),
            generation: 2
        })
    );
    assert_eq!(
        rig.ask(&commit(None, 1)),
        committed(Code::None),
        "the group is empty"
    );
}

#[test]
fn static_members_keep_their_instance_over_a_failover() {
    let mut rig = Rig::without_delay();
    let corr = rig.send(&join_static(None, "i"));
    rig.run_for(1);
    let Some(Answer::JoinGroup { member: old, .. }) = rig.answer_of(corr) else {
        panic!("joined")
    };
    rig.ask(&sync(old, 1, vec![(old, vec![T0])]));
    rig.failover(usize::MAX);
    let answer = rig.ask(&join_static(None, "i"));
    let Answer::JoinGroup {
        error: Code::None,
        generation: 1,
        member: new,
        ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(rig.ask(&sync(new, 1, Vec::new())), synced(&[T0]));
    assert_eq!(
        rig.ask(&heartbeat_static(old, 1, "i")),
        beat(Code::FencedInstanceId)
    );
}

#[test]
fn an_unfinished_rebalance_is_forgotten() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    let b = rig.new_id();
    let newcomer = rig.send(&join(Some(b)));
    rig.failover(usize::MAX);
    assert_eq!(
        rig.answer_of(newcomer),
        Some(join_failed(b, Code::NotCoordinator))
    );
    assert_eq!(
        rig.ask(&heartbeat(a, 1)),
        beat(Code::None),
        "the stored generation is stable"
    );
    assert_eq!(
        rig.ask(&join(Some(b))),
        join_failed(b, Code::UnknownMemberId),
        "b was never stored"
    );
}

#[test]
fn a_generation_that_was_not_stored_is_unknown_to_the_next_coordinator() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    let stored = rig.log.len();
    rig.ask(&join(Some(a)));
    rig.ask(&sync(a, 2, vec![(a, vec![T0])]));
    rig.failover(stored);
    assert_eq!(rig.ask(&heartbeat(a, 2)), beat(Code::IllegalGeneration));
    assert_eq!(
        rig.ask(&commit(Some((a, 2)), 3)),
        committed(Code::IllegalGeneration)
    );
}

#[test]
fn waiting_requests_are_sent_away() {
    let mut rig = Rig::without_delay();
    let a = rig.new_id();
    rig.send(&join(Some(a)));
    rig.run_for(1);
    rig.stall();
    let syncing = rig.send(&sync(a, 1, vec![(a, vec![T0])]));
    let fetching = rig.send(&fetch());
    let beating = rig.send(&heartbeat(a, 1));
    let leaving = rig.send(&leave(99));
    rig.failover(usize::MAX);
    assert_eq!(
        rig.answer_of(syncing),
        Some(sync_failed(Code::NotCoordinator))
    );
    assert_eq!(rig.answer_of(beating), Some(beat(Code::NotCoordinator)));
    assert_eq!(
        rig.answer_of(leaving),
        Some(Answer::LeaveGroup(Code::NotCoordinator))
    );
    let answer = rig.answer_of(fetching).expect("sent away");
    assert_eq!(fetched(answer).0, Code::NotCoordinator);
}

#[test]
fn an_acknowledged_commit_can_be_lost_with_the_log() {
    let mut rig = Rig::new();
    rig.ask(&commit(None, 100));
    let replicated = rig.log.len();
    // Acknowledged by an ISR of one, whose disk is lost (S55).
    rig.ask(&commit(None, 200));
    rig.failover(replicated);
    assert_eq!(rig.offsets(), [(T0, 100)]);
    rig.failover(0);
    assert_eq!(rig.offsets(), []);
}

#[test]
fn a_fresh_coordinator_shows_uncommitted_offsets_to_nobody() {
    let mut rig = Rig::new();
    rig.ask(&commit(None, 1));
    rig.stall();
    let timed_out = rig.send(&commit(None, 5));
    rig.run_for(5001);
    assert_eq!(
        rig.answer_of(timed_out),
        Some(committed(Code::CoordinatorNotAvailable))
    );
    let mut next = Rig {
        log: rig.log.clone(),
        stuck_at: Some(1),
        ..Rig::new()
    };
    next.coordinator = Coordinator::default();
    next.elect(2);
    assert_eq!(
        next.offsets(),
        [(T0, 1)],
        "the second commit is above the high watermark"
    );
    let fetching = next.send(&fetch());
    assert_eq!(next.answer_of(fetching), None);
    next.heal();
    let answer = next.answer_of(fetching).expect("all is committed");
    assert_eq!(fetched(answer), (Code::None, Some(5), Some(4)));
    assert_eq!(next.offsets(), [(T0, 5)]);
}

#[test]
fn a_coordinator_that_does_not_know_the_high_watermark_is_loading() {
    let mut rig = Rig::new();
    rig.ask(&commit(None, 1));
    rig.coordinator = Coordinator::default();
    rig.coordinator
        .elected(OFFSETS, 2, rig.log.iter(), &mut rig.desk);
    assert_eq!(
        fetched(rig.ask(&fetch())).0,
        Code::CoordinatorLoadInProgress
    );
    assert_eq!(
        rig.ask(&commit(None, 2)),
        committed(Code::CoordinatorLoadInProgress)
    );
    assert_eq!(
        rig.ask(&heartbeat(1, 1)),
        beat(Code::None),
        "members are told to go on"
    );
    rig.replicate();
    assert_eq!(fetched(rig.ask(&fetch())), (Code::None, Some(1), Some(4)));
}

#[test]
fn a_new_epoch_of_the_same_leader_drops_nothing() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    let b = rig.new_id();
    let newcomer = rig.send(&join(Some(b)));
    rig.elect(9);
    assert_eq!(rig.ask(&join(Some(a))), won(a, 2, &[a, b]));
    assert_eq!(rig.answer_of(newcomer), Some(joined(b, 2, a)));
}

#[test]
fn no_id_is_given_twice() {
    let mut rig = Rig::new();
    let first = [rig.new_id(), rig.new_id()];
    // The same process coordinates again, in another epoch.
    rig.failover(0);
    rig.desk.incarnation = 0;
    let second = [rig.new_id(), rig.new_id()];
    // Its successor on the same disk does.
    rig.failover(0);
    let third = [rig.new_id(), rig.new_id()];
    let all: ackscope_kernel::SortedSet<u64> =
        first.into_iter().chain(second).chain(third).collect();
    assert_eq!(all.len(), 6);
}

#[test]
fn expiry_counts_from_the_stored_time_after_a_failover() {
    let mut rig = Rig::without_delay();
    rig.desk.params.offsets_retention_minutes = 60;
    let a = rig.one_member();
    rig.ask(&commit(Some((a, 1)), 5));
    rig.run_alive(3000 * SECOND, &[(a, 1)]);
    rig.ask(&leave(a));
    rig.run_for(1800 * SECOND);
    rig.failover(usize::MAX);
    rig.run_for(1790 * SECOND);
    assert_eq!(rig.offsets(), [(T0, 5)]);
    rig.run_for(620 * SECOND);
    assert_eq!(rig.offsets(), []);
}
