//! Who may commit, what is read, what expires (reference 5.4, 5.6, 5.8).

use super::*;

const DAY: i64 = 86_400 * SECOND;

#[test]
fn a_consumer_without_group_management_commits_into_an_absent_group() {
    let mut rig = Rig::new();
    assert_eq!(fetched(rig.ask(&fetch())), (Code::None, None, None));
    assert_eq!(rig.ask(&commit(None, 5)), committed(Code::None));
    assert_eq!(fetched(rig.ask(&fetch())), (Code::None, Some(5), Some(4)));
    assert_eq!(rig.offsets(), [(T0, 5)]);
    assert!(rig.desk.facts.contains(&Fact::OffsetStored {
        group: group(),
        tp: T0,
        offset: 5
    }));
}

#[test]
fn a_smaller_offset_rewinds_the_group() {
    let mut rig = Rig::new();
    rig.ask(&commit(None, 200));
    assert_eq!(rig.ask(&commit(None, 100)), committed(Code::None));
    assert_eq!(rig.offsets(), [(T0, 100)]);
}

#[test]
fn a_commit_without_member_is_refused_while_the_group_has_members() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    assert_eq!(rig.ask(&commit(Some((a, 1)), 3)), committed(Code::None));
    assert_eq!(rig.ask(&commit(None, 1)), committed(Code::UnknownMemberId));
    assert_eq!(rig.offsets(), [(T0, 3)]);
    rig.ask(&leave(a));
    assert_eq!(rig.ask(&commit(None, 1)), committed(Code::None));
    assert_eq!(rig.offsets(), [(T0, 1)]);
}

#[test]
fn a_member_of_a_group_that_is_gone_is_told_so() {
    let mut rig = Rig::new();
    assert_eq!(
        rig.ask(&commit(Some((9, 1)), 3)),
        committed(Code::GroupIdNotFound)
    );
    assert_eq!(rig.log.len(), 0);
}

#[test]
fn a_member_of_an_old_generation_may_not_commit() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    rig.ask(&join(Some(a)));
    rig.ask(&sync(a, 2, vec![(a, vec![T0])]));
    assert_eq!(
        rig.ask(&commit(Some((a, 1)), 3)),
        committed(Code::IllegalGeneration)
    );
    assert_eq!(rig.ask(&commit(Some((a, 2)), 3)), committed(Code::None));
    rig.ask(&leave(a));
    assert_eq!(
        rig.ask(&commit(Some((a, 2)), 4)),
        committed(Code::UnknownMemberId)
    );
}

#[test]
fn groups_of_other_partitions_are_not_coordinated() {
    let mut rig = Rig::new();
    let elsewhere: Arc<str> = "elsewhere".into();
    let ask = Ask::OffsetFetch {
        group: Arc::clone(&elsewhere),
        tps: vec![T0],
    };
    assert_eq!(fetched(rig.ask(&ask)).0, Code::NotCoordinator);
    let ask = Ask::JoinGroup(JoinAsk {
        group: elsewhere,
        ..join_ask(Some(3), None)
    });
    assert_eq!(rig.ask(&ask), join_failed(3, Code::NotCoordinator));
    assert!(rig.coordinator.coordinates(OFFSETS));
    assert!(!rig.coordinator.coordinates(ELSEWHERE));
}

#[test]
fn offsets_of_a_lone_consumer_expire_seven_days_after_their_commit() {
    let mut rig = Rig::new();
    rig.ask(&commit(None, 5));
    rig.run_for(7 * DAY - SECOND);
    assert_eq!(rig.offsets(), [(T0, 5)]);
    rig.run_for(600 * SECOND);
    assert_eq!(rig.offsets(), []);
    let last = rig.log.last().map(|batch| &batch.payload);
    assert!(
        matches!(last, Some(Payload::Group(record)) if record.deleted),
        "the group is gone, too"
    );
    // Whoever coordinates next sees nothing of it.
    rig.failover(usize::MAX);
    assert_eq!(rig.offsets(), []);
}

#[test]
fn offsets_of_a_group_expire_seven_days_after_it_became_empty() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    rig.ask(&commit(Some((a, 1)), 5));
    rig.run_alive(12 * 3600 * SECOND, &[(a, 1)]);
    rig.ask(&leave(a));
    rig.run_for(7 * DAY - SECOND);
    assert_eq!(
        rig.offsets(),
        [(T0, 5)],
        "the commit is older, but the group was in use"
    );
    rig.run_for(1200 * SECOND);
    assert_eq!(rig.offsets(), []);
}

#[test]
fn offsets_of_subscribed_topics_do_not_expire_while_the_group_has_members() {
    let mut rig = Rig::without_delay();
    rig.desk.params.offsets_retention_minutes = 60;
    let a = rig.one_member();
    let other = Tp {
        topic: 2,
        partition: 0,
    };
    let offsets = vec![(T0, 5, None), (other, 9, None)];
    rig.ask(&Ask::OffsetCommit {
        group: group(),
        member: Some((a, 1)),
        instance: None,
        offsets,
    });
    rig.run_alive(2 * 3600 * SECOND, &[(a, 1)]);
    assert_eq!(
        rig.offsets(),
        [(T0, 5)],
        "nobody reads the other topic any more"
    );
}

#[test]
fn an_empty_group_without_offsets_is_forgotten_by_the_next_check() {
    let mut rig = Rig::without_delay();
    let a = rig.one_member();
    rig.ask(&leave(a));
    rig.run_for(600 * SECOND);
    let b = rig.new_id();
    let corr = rig.send(&join(Some(b)));
    rig.run_for(1);
    assert_eq!(
        rig.answer_of(corr),
        Some(won(b, 1, &[b])),
        "generations begin anew"
    );
}
