//! Joining, generations, sessions, static members (reference 5.6; `GroupMetadataManagerTest`).

use super::*;

#[test]
fn a_dynamic_member_must_come_back_with_its_id() {
    let mut rig = Rig::new();
    let member = rig.new_id();
    assert_eq!(rig.log.len(), 1, "the group is made known");
    let corr = rig.send(&join(Some(member)));
    rig.run_for(2999);
    assert_eq!(rig.answer_of(corr), None, "the initial delay is 3 s");
    rig.run_for(2);
    assert_eq!(rig.answer_of(corr), Some(won(member, 1, &[member])));
    assert_eq!(
        rig.ask(&sync(member, 1, vec![(member, vec![T0])])),
        synced(&[T0])
    );
    assert_eq!(rig.ask(&heartbeat(member, 1)), beat(Code::None));
}

#[test]
fn ids_that_nobody_gave_are_refused() {
    let mut rig = Rig::new();
    assert_eq!(
        rig.ask(&join(Some(9))),
        join_failed(9, Code::UnknownMemberId)
    );
    assert_eq!(rig.ask(&heartbeat(9, 0)), beat(Code::UnknownMemberId));
    assert_eq!(
        rig.ask(&sync(9, 0, Vec::new())),
        sync_failed(Code::UnknownMemberId)
    );
    assert_eq!(
        rig.ask(&leave(9)),
        Answer::LeaveGroup(Code::UnknownMemberId)
    );
    rig.one_member();
    assert_eq!(
        rig.ask(&join(Some(9))),
        join_failed(9, Code::UnknownMemberId)
    );
    assert_eq!(rig.ask(&heartbeat(9, 1)), beat(Code::UnknownMemberId));
    assert_eq!(
        rig.ask(&leave(9)),
        Answer::LeaveGroup(Code::UnknownMemberId)
    );
}

#[test]
fn each_further_join_extends_the_initial_delay() {
    let mut rig = Rig::new();
    let ids = [rig.new_id(), rig.new_id(), rig.new_id()];
    let first = rig.send(&join(Some(ids[0])));
    rig.run_for(2 * SECOND);
    let second = rig.send(&join(Some(ids[1])));
    rig.run_for(2 * SECOND);
    assert_eq!(
        rig.answer_of(first),
        None,
        "3 s are over, but somebody came"
    );
    let third = rig.send(&join(Some(ids[2])));
    rig.run_for(4 * SECOND);
    assert_eq!(
        rig.answer_of(first),
        None,
        "6 s are over, but somebody came"
    );
    rig.run_for(2 * SECOND);
    assert_eq!(rig.answer_of(first), Some(won(ids[0], 1, &ids)));
    assert_eq!(rig.answer_of(second), Some(joined(ids[1], 1, ids[0])));
    assert_eq!(rig.answer_of(third), Some(joined(ids[2], 1, ids[0])));
}

#[test]
fn the_extension_ends_with_the_rebalance_timeout() {
    let mut rig = Rig::new();
    let short = |member| {
        Ask::JoinGroup(JoinAsk {
            rebalance_ms: 4 * SECOND,
            ..join_ask(member, None)
        })
    };
    let ids = [rig.new_id(), rig.new_id(), rig.new_id()];
    let first = rig.send(&short(Some(ids[0])));
    rig.run_for(2 * SECOND);
    rig.send(&short(Some(ids[1])));
    // 3 s of the 4 are used, 1 s remains.
    rig.run_for(1500);
    rig.send(&short(Some(ids[2])));
    assert_eq!(rig.answer_of(first), None);
    rig.run_for(501);
    assert_eq!(rig.answer_of(first), Some(won(ids[0], 1, &ids)));
}

#[test]
fn the_session_timeout_must_lie_in_the_brokers_range() {
    let mut rig = Rig::new();
    for session_ms in [5999, 1_800_001] {
        let ask = Ask::JoinGroup(JoinAsk {
            session_ms,
            ..join_ask(None, None)
        });
        assert_eq!(rig.ask(&ask), join_failed(0, Code::InvalidSessionTimeout));
    }
    let ask = Ask::JoinGroup(JoinAsk {
        session_ms: 6000,
        ..join_ask(None, None)
    });
    assert!(matches!(
        rig.ask(&ask),
        Answer::JoinGroup {
            error: Code::MemberIdRequired,
            ..
        }
    ));
}

#[test]
fn a_newcomer_makes_the_group_rebalance() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    let b = rig.new_id();
    assert_eq!(
        rig.ask(&heartbeat(a, 1)),
        beat(Code::None),
        "an id alone changes nothing"
    );
    let newcomer = rig.send(&join(Some(b)));
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::RebalanceInProgress));
    assert_eq!(
        rig.ask(&sync(a, 1, Vec::new())),
        sync_failed(Code::RebalanceInProgress)
    );
    // Members may still commit what they processed before they give up their partitions.
    assert_eq!(rig.ask(&commit(Some((a, 1)), 5)), committed(Code::None));
    let rejoined = rig.ask(&join(Some(a)));
    assert_eq!(rejoined, won(a, 2, &[a, b]));
    assert_eq!(rig.answer_of(newcomer), Some(joined(b, 2, a)));
    assert_eq!(
        rig.ask(&commit(Some((a, 2)), 6)),
        committed(Code::RebalanceInProgress)
    );
    assert_eq!(
        rig.ask(&commit(Some((a, 1)), 6)),
        committed(Code::IllegalGeneration)
    );
    let waiting = rig.send(&sync(b, 2, Vec::new()));
    assert_eq!(
        rig.answer_of(waiting),
        None,
        "the leader has not assigned yet"
    );
    assert_eq!(rig.ask(&heartbeat(b, 2)), beat(Code::None));
    assert_eq!(
        rig.ask(&sync(a, 2, vec![(a, vec![T0]), (b, vec![T1])])),
        synced(&[T0])
    );
    assert_eq!(rig.answer_of(waiting), Some(synced(&[T1])));
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::IllegalGeneration));
    assert_eq!(
        rig.ask(&sync(a, 1, Vec::new())),
        sync_failed(Code::IllegalGeneration)
    );
}

#[test]
fn a_busy_member_holds_the_rebalance_until_its_timeout() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    let b = rig.new_id();
    let newcomer = rig.send(&join(Some(b)));
    // a sends heartbeats and does not poll.
    rig.run_alive(297 * SECOND, &[(a, 1)]);
    assert_eq!(rig.answer_of(newcomer), None);
    rig.run_for(3 * SECOND);
    assert_eq!(
        rig.answer_of(newcomer),
        Some(won(b, 2, &[b])),
        "a is out, so b leads"
    );
    assert!(rig.desk.facts.contains(&Fact::MemberGone {
        group: group(),
        member: a,
        expired: true
    }));
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::UnknownMemberId));
    assert_eq!(
        rig.ask(&commit(Some((a, 1)), 5)),
        committed(Code::UnknownMemberId)
    );
}

#[test]
fn a_silent_member_is_out_after_its_session() {
    let mut rig = Rig::without_delay();
    let (a, b) = rig.two_members();
    rig.run_alive(42 * SECOND, &[(b, 1)]);
    assert_eq!(
        rig.ask(&heartbeat(b, 1)),
        beat(Code::None),
        "45 s are not over"
    );
    rig.run_for(3001);
    assert_eq!(rig.ask(&heartbeat(b, 1)), beat(Code::RebalanceInProgress));
    assert_eq!(rig.ask(&join(Some(b))), won(b, 2, &[b]));
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::UnknownMemberId));
}

#[test]
fn a_commit_keeps_the_session_alive() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    rig.run_for(40 * SECOND);
    assert_eq!(rig.ask(&commit(Some((a, 1)), 5)), committed(Code::None));
    rig.run_for(40 * SECOND);
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::None));
}

#[test]
fn the_last_member_that_leaves_empties_the_group() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    assert_eq!(rig.ask(&leave(a)), Answer::LeaveGroup(Code::None));
    assert!(rig.desk.facts.contains(&Fact::MemberGone {
        group: group(),
        member: a,
        expired: false
    }));
    assert!(rig.desk.facts.contains(&Fact::Generation {
        group: group(),
        generation: 2
    }));
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::UnknownMemberId));
    // The next member goes on with the generations.
    let b = rig.new_id();
    let corr = rig.send(&join(Some(b)));
    rig.run_for(1);
    assert_eq!(rig.answer_of(corr), Some(won(b, 3, &[b])));
}

#[test]
fn a_member_that_leaves_a_rebalance_no_longer_holds_it() {
    let mut rig = Rig::without_delay();
    let (a, b) = rig.two_members();
    let c = rig.new_id();
    let newcomer = rig.send(&join(Some(c)));
    let rejoined = rig.send(&join(Some(b)));
    assert_eq!(rig.answer_of(newcomer), None);
    assert_eq!(rig.ask(&leave(a)), Answer::LeaveGroup(Code::None));
    let leader = b.min(c);
    let expected = |member| {
        if member == leader {
            won(member, 2, &[b, c])
        } else {
            joined(member, 2, leader)
        }
    };
    assert_eq!(rig.answer_of(rejoined), Some(expected(b)));
    assert_eq!(rig.answer_of(newcomer), Some(expected(c)));
}

#[test]
fn an_id_that_does_not_come_back_holds_the_rebalance_for_its_session() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    let _never = rig.new_id();
    let rejoin = rig.send(&join(Some(a)));
    assert_eq!(rig.answer_of(rejoin), None, "somebody is expected");
    rig.run_for(45_001);
    assert_eq!(rig.answer_of(rejoin), Some(won(a, 2, &[a])));
}

#[test]
fn a_lost_join_answer_is_given_again() {
    let mut rig = Rig::without_delay();
    let a = rig.new_id();
    rig.send(&join(Some(a)));
    rig.run_for(1);
    assert_eq!(
        rig.ask(&join(Some(a))),
        won(a, 1, &[a]),
        "no new generation"
    );
}

#[test]
fn the_leaders_rejoin_forces_a_rebalance_and_a_followers_does_not() {
    let mut rig = Rig::without_delay();
    let (a, b) = rig.two_members();
    assert_eq!(rig.ask(&join(Some(b))), joined(b, 1, a));
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::None));
    rig.send(&join(Some(a)));
    assert_eq!(rig.ask(&heartbeat(b, 1)), beat(Code::RebalanceInProgress));
}

#[test]
fn a_follower_with_other_topics_forces_a_rebalance() {
    let mut rig = Rig::without_delay();
    let (a, b) = rig.two_members();
    rig.send(&Ask::JoinGroup(JoinAsk {
        topics: vec![2, 1],
        ..join_ask(Some(b), None)
    }));
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::RebalanceInProgress));
    let expected = Answer::JoinGroup {
        error: Code::None,
        member: a,
        generation: 2,
        leader: a,
        members: if a < b {
            vec![(a, vec![1]), (b, vec![1, 2])]
        } else {
            vec![(b, vec![1, 2]), (a, vec![1])]
        },
    };
    assert_eq!(rig.ask(&join(Some(a))), expected);
}

#[test]
fn who_does_not_sync_in_time_is_out() {
    let mut rig = Rig::without_delay();
    let (a, b) = (rig.new_id(), rig.new_id());
    rig.send(&join(Some(a)));
    rig.send(&join(Some(b)));
    rig.run_for(20 * SECOND);
    // The leader a goes on with heartbeats and never assigns; b waits for its assignment.
    let waiting = rig.send(&sync(b, 1, Vec::new()));
    rig.run_alive(279 * SECOND, &[(a, 1), (b, 1)]);
    assert_eq!(rig.answer_of(waiting), None);
    rig.run_for(25 * SECOND);
    assert_eq!(
        rig.answer_of(waiting),
        Some(sync_failed(Code::RebalanceInProgress))
    );
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::UnknownMemberId));
    assert_eq!(rig.ask(&join(Some(b))), won(b, 2, &[b]));
}

#[test]
fn a_newcomer_whose_client_is_gone_is_given_up_after_five_minutes() {
    let mut rig = Rig::without_delay();
    let long = |member| {
        Ask::JoinGroup(JoinAsk {
            rebalance_ms: 900 * SECOND,
            ..join_ask(member, None)
        })
    };
    let a = rig.new_id();
    rig.send(&long(Some(a)));
    rig.run_for(1);
    rig.ask(&sync(a, 1, vec![(a, vec![T0])]));
    let b = rig.new_id();
    let corr = rig.send_over(2, &join(Some(b)));
    rig.coordinator.closed(ConnId(2));
    rig.run_alive(303 * SECOND, &[(a, 1)]);
    assert_eq!(rig.answer_of(corr), None, "the connection is over");
    assert!(rig.desk.facts.contains(&Fact::MemberGone {
        group: group(),
        member: b,
        expired: true
    }));
    assert_eq!(rig.ask(&join(Some(a))), won(a, 2, &[a]));
}

#[test]
fn a_static_member_that_restarts_keeps_its_partitions() {
    let mut rig = Rig::without_delay();
    let corr = rig.send(&join_static(None, "i"));
    rig.run_for(1);
    let Some(Answer::JoinGroup {
        error: Code::None,
        member: old,
        generation: 1,
        ..
    }) = rig.answer_of(corr)
    else {
        panic!("a static member needs no second request")
    };
    rig.ask(&sync(old, 1, vec![(old, vec![T0])]));
    rig.run_for(20 * SECOND);
    let answer = rig.ask(&join_static(None, "i"));
    let Answer::JoinGroup {
        error: Code::None,
        member: new,
        generation: 1,
        leader,
        ..
    } = answer
    else {
        panic!("{answer:?}")
    };
    assert_ne!(new, old);
    assert_eq!(leader, new, "it leads as it did before");
    assert_eq!(rig.ask(&sync(new, 1, Vec::new())), synced(&[T0]));
    assert_eq!(rig.ask(&heartbeat_static(new, 1, "i")), beat(Code::None));
    // The old process, if it still lives, is fenced by whatever it does next.
    assert_eq!(
        rig.ask(&heartbeat_static(old, 1, "i")),
        beat(Code::FencedInstanceId)
    );
    let fenced = Ask::OffsetCommit {
        group: group(),
        member: Some((old, 1)),
        instance: Some("i".into()),
        offsets: vec![(T0, 3, None)],
    };
    assert_eq!(rig.ask(&fenced), committed(Code::FencedInstanceId));
    assert_eq!(
        rig.ask(&join_static(Some(old), "i")),
        join_failed(old, Code::FencedInstanceId)
    );
}

#[test]
fn a_static_member_that_stays_away_is_out_after_its_session() {
    let mut rig = Rig::without_delay();
    let corr = rig.send(&join_static(None, "i"));
    rig.run_for(1);
    assert!(matches!(
        rig.answer_of(corr),
        Some(Answer::JoinGroup {
            error: Code::None,
            ..
        })
    ));
    rig.run_for(45_001);
    assert_eq!(
        rig.desk.facts.last(),
        Some(&Fact::Generation {
            group: group(),
            generation: 2
        })
    );
    let corr = rig.send(&join_static(None, "i"));
    rig.run_for(1);
    assert!(matches!(
        rig.answer_of(corr),
        Some(Answer::JoinGroup { generation: 3, .. })
    ));
}

#[test]
fn a_static_member_that_waits_is_fenced_at_once_by_its_successor() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    let waiting = rig.send(&join_static(None, "i"));
    let successor = rig.send(&join_static(None, "i"));
    assert!(matches!(
        rig.answer_of(waiting),
        Some(Answer::JoinGroup {
            error: Code::FencedInstanceId,
            ..
        })
    ));
    let Answer::JoinGroup {
        error: Code::None,
        generation: 2,
        members,
        ..
    } = rig.ask(&join(Some(a)))
    else {
        panic!("a leads")
    };
    assert_eq!(members.len(), 2, "one member for the instance");
    assert!(matches!(
        rig.answer_of(successor),
        Some(Answer::JoinGroup {
            error: Code::None,
            ..
        })
    ));
}

/// A static member that leads a group alone: its id.
fn one_static_member(rig: &mut Rig) -> u64 {
    let corr = rig.send(&join_static(None, "i"));
    rig.run_for(1);
    let Some(Answer::JoinGroup {
        error: Code::None,
        member,
        ..
    }) = rig.answer_of(corr)
    else {
        panic!("joined")
    };
    assert_eq!(
        rig.ask(&sync(member, 1, vec![(member, vec![T0])])),
        synced(&[T0])
    );
    member
}

#[test]
fn a_static_member_that_is_busy_stays_when_the_rebalance_timeout_is_over() {
    let mut rig = Rig::without_delay();
    let busy = one_static_member(&mut rig);
    let newcomer = rig.new_id();
    let corr = rig.send(&join(Some(newcomer)));
    rig.run_alive(300 * SECOND, &[(busy, 1)]);
    assert_eq!(
        rig.answer_of(corr),
        Some(won(newcomer, 2, &[busy, newcomer]))
    );
    assert_eq!(rig.ask(&heartbeat(busy, 1)), beat(Code::IllegalGeneration));
}

#[test]
fn a_rebalance_to_which_nobody_comes_goes_on_until_the_sessions_end() {
    let mut rig = Rig::without_delay();
    let busy = one_static_member(&mut rig);
    let newcomer = rig.new_id();
    rig.send(&join(Some(newcomer)));
    rig.ask(&leave(newcomer));
    rig.run_alive(330 * SECOND, &[(busy, 1)]);
    let generation = Fact::Generation {
        group: group(),
        generation: 2,
    };
    assert!(
        !rig.desk.facts.contains(&generation),
        "300 s are over, and nobody can lead"
    );
    rig.run_for(46 * SECOND);
    assert_eq!(
        rig.desk.facts.last(),
        Some(&generation),
        "the group is empty"
    );
}

#[test]
fn a_session_that_ends_during_a_rebalance_no_longer_holds_it() {
    let mut rig = Rig::without_delay();
    let (a, b) = rig.two_members();
    let c = rig.new_id();
    rig.send(&join(Some(c)));
    rig.send(&join(Some(b)));
    rig.run_for(45_001);
    assert!(rig.desk.facts.contains(&Fact::MemberGone {
        group: group(),
        member: a,
        expired: true
    }));
    assert_eq!(
        rig.desk.facts.last(),
        Some(&Fact::Generation {
            group: group(),
            generation: 2
        })
    );
}

#[test]
fn who_waits_for_its_assignment_needs_no_heartbeats_and_afterwards_does() {
    let mut rig = Rig::without_delay();
    let (a, b) = (rig.new_id(), rig.new_id());
    rig.send(&join(Some(a)));
    rig.send(&join(Some(b)));
    rig.run_for(20 * SECOND);
    let waiting = rig.send(&sync(b, 1, Vec::new()));
    rig.run_alive(99 * SECOND, &[(a, 1)]);
    rig.ask(&sync(a, 1, vec![(a, vec![T0]), (b, vec![T1])]));
    assert_eq!(rig.answer_of(waiting), Some(synced(&[T1])));
    rig.run_alive(42 * SECOND, &[(a, 1)]);
    assert_eq!(rig.ask(&heartbeat(a, 1)), beat(Code::None));
    rig.run_for(3001);
    assert_eq!(
        rig.ask(&heartbeat(a, 1)),
        beat(Code::RebalanceInProgress),
        "b is out"
    );
}
