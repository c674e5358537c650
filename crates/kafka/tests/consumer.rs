//! The consumer on a real cluster: what is processed, what is committed, what a successor sees. The names in
//! brackets are recorded cases of the same shape.

mod lab;

use ackscope_kafka::Fact;
use ackscope_kafka::client::consumer::MemberState;
use ackscope_kafka::facts::PositionWhy;
use ackscope_kafka::records::Tp;
use ackscope_kafka::system::{AfterFailure, CommitPolicy, Order};
use ackscope_kernel::{Act, Span};
use lab::*;

#[test]
fn an_assigned_consumer_reads_from_the_start() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL)]);
    lab.produce(3);
    lab.poll(C, 3, 6000);
    assert_eq!(lab.deliveries(C), [(1, 0), (2, 1), (3, 2)]);
    assert_eq!(lab.errors(C), [""; 0]);
}

/// [auto-commit-close-commits]
#[test]
fn close_commits_what_was_handed_out_and_never_processed() {
    let mut lab = Lab::new(1, vec![assigned(AUTO), assigned(AUTO)]);
    lab.produce(3);
    lab.poll_some(C, 3, 6000, Some(1));
    lab.close(C);
    assert_eq!(lab.group_offset(), Some(3));
    lab.poll(C2, 1, 3000);
    assert_eq!(lab.processed(C), [1]);
    assert!(lab.processed(C2).is_empty());
}

/// [manual-commit-close-does-not-commit]
#[test]
fn close_without_auto_commit_commits_nothing() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL), assigned(MANUAL)]);
    lab.produce(3);
    lab.poll_some(C, 3, 6000, Some(1));
    lab.close(C);
    assert_eq!(lab.group_offset(), None);
    lab.poll(C2, 3, 6000);
    assert_eq!(lab.processed(C2), [1, 2, 3]);
}

/// [auto-commit-hand-off-crash]
#[test]
fn a_later_poll_commits_what_earlier_polls_handed_out() {
    let mut settings = AUTO.to_vec();
    settings.push(("auto.commit.interval.ms", "1000"));
    let mut lab = Lab::new(1, vec![assigned(&settings), assigned(AUTO)]);
    lab.produce(3);
    lab.poll_some(C, 3, 6000, Some(1));
    lab.wait(1500);
    assert_eq!(
        lab.group_offset(),
        None,
        "nothing is committed outside of poll()"
    );
    lab.poll(C, 1, 500);
    lab.wait(500);
    assert_eq!(lab.group_offset(), Some(3));
    lab.crash(C);
    lab.poll(C2, 1, 3000);
    assert!(lab.processed(C2).is_empty());
}

/// Reference 5.3: the poll that commits does not commit what it is about to return.
#[test]
fn a_poll_does_not_commit_what_it_returns() {
    let mut settings = AUTO.to_vec();
    settings.push(("auto.commit.interval.ms", "1000"));
    let mut lab = Lab::new(1, vec![assigned(&settings)]);
    lab.produce(2);
    lab.poll(C, 2, 6000);
    lab.produce(1);
    lab.wait(1500);
    lab.poll(C, 1, 500);
    assert_eq!(lab.processed(C), [1, 2, 3]);
    lab.wait(100);
    lab.crash(C);
    assert_eq!(lab.group_offset(), Some(2));
}

/// [auto-commit-synchronous-crash]
#[test]
fn a_crash_before_the_interval_is_over_delivers_again() {
    let mut lab = Lab::new(1, vec![assigned(AUTO), assigned(AUTO)]);
    lab.produce(3);
    lab.poll_some(C, 3, 6000, Some(2));
    lab.crash(C);
    assert_eq!(lab.group_offset(), None);
    lab.poll(C2, 3, 6000);
    assert_eq!(lab.processed(C2), [1, 2, 3]);
}

/// [commit-rewind]
#[test]
fn the_group_may_be_wound_back() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL), assigned(MANUAL)]);
    lab.produce(3);
    lab.poll(C, 3, 6000);
    lab.commit_exactly(C, 3);
    lab.commit_exactly(C, 1);
    assert_eq!(lab.group_offset(), Some(1));
    lab.crash(C);
    lab.poll(C2, 2, 6000);
    assert_eq!(lab.deliveries(C2), [(2, 1), (3, 2)]);
}

/// [seek-back]
#[test]
fn seek_goes_back_without_a_commit() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL)]);
    lab.produce(2);
    lab.poll(C, 2, 6000);
    lab.order(C, Order::Seek { tp: T, offset: 0 });
    lab.poll(C, 2, 6000);
    assert_eq!(lab.processed(C), [1, 2, 1, 2]);
    assert_eq!(lab.group_offset(), None);
}

#[test]
fn seek_to_committed_goes_where_the_group_is() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL)]);
    lab.produce(3);
    lab.poll(C, 3, 6000);
    lab.order(C, Order::SeekToCommitted);
    lab.poll(C, 1, 6000);
    assert_eq!(
        lab.processed(C),
        [1, 2, 3, 1, 2, 3],
        "no commit: the beginning"
    );
    lab.commit_exactly(C, 2);
    lab.order(C, Order::SeekToCommitted);
    lab.poll(C, 1, 6000);
    assert_eq!(lab.processed(C)[6..], [3]);
}

/// [seek-beyond-end]
#[test]
fn an_offset_out_of_range_is_reset_by_the_policy() {
    let with = |policy| {
        let settings = [
            ("enable.auto.commit", "false"),
            ("auto.offset.reset", policy),
        ];
        let mut client = assigned(&settings);
        client.program.group = None;
        client
    };
    let mut lab = Lab::new(1, vec![with("earliest"), with("latest"), with("none")]);
    let c3 = ackscope_kernel::SeatId(8);
    lab.produce(2);
    for seat in [C, C2, c3] {
        lab.order(seat, Order::Seek { tp: T, offset: 50 });
    }
    lab.poll(C, 2, 4000);
    lab.poll(C2, 1, 3000);
    lab.poll(c3, 1, 3000);
    lab.produce(1);
    lab.poll(C, 1, 4000);
    lab.poll(C2, 1, 4000);
    assert_eq!(lab.processed(C), [1, 2, 3]);
    assert_eq!(lab.processed(C2), [3]);
    assert!(lab.processed(c3).is_empty());
    assert_eq!(lab.errors(c3), ["OFFSET_OUT_OF_RANGE"]);
}

#[test]
fn without_offset_and_policy_each_poll_throws() {
    let mut settings = MANUAL.to_vec();
    settings[2] = ("auto.offset.reset", "none");
    let mut lab = Lab::new(1, vec![assigned(&settings)]);
    lab.produce(1);
    lab.poll(C, 1, 3000);
    lab.poll(C, 1, 3000);
    assert_eq!(lab.errors(C), ["NO_OFFSET_FOR_PARTITION"; 2]);
}

/// [reset-latest-loses-before-first-poll]
#[test]
fn latest_skips_what_came_before_the_first_poll() {
    let mut settings = MANUAL.to_vec();
    settings[2] = ("auto.offset.reset", "latest");
    let mut lab = Lab::new(1, vec![subscribed(&settings)]);
    lab.produce(2);
    lab.poll(C, 1, 3000);
    lab.produce(1);
    lab.poll(C, 1, 6000);
    lab.commit(C);
    assert_eq!(lab.deliveries(C), [(3, 2)]);
    assert_eq!(lab.group_offset(), Some(3));
}

/// [auto-commit-subscribed-close-and-successor]
#[test]
fn a_closed_member_leaves_and_its_successor_goes_on() {
    let mut lab = Lab::new(1, vec![subscribed(AUTO), subscribed(AUTO)]);
    lab.produce(2);
    lab.poll(C, 2, 15000);
    assert_eq!(lab.processed(C), [1, 2]);
    let member = lab.consumer(C).member().unwrap();
    assert_eq!((member.state, member.generation), (MemberState::Stable, 1));
    lab.close(C);
    lab.produce(1);
    let began = lab.now();
    lab.poll(C2, 1, 15000);
    assert_eq!(lab.deliveries(C2), [(3, 2)]);
    assert!(
        lab.now().since(began) < Span::secs(3),
        "nobody waits for a session"
    );
    lab.close(C2);
    assert_eq!(lab.group_offset(), Some(3));
}

/// [default-group-first-join]
#[test]
fn a_first_join_waits_for_the_initial_delay() {
    let delay = [(
        "group-coordinator",
        "group.initial.rebalance.delay.ms",
        "3000",
    )];
    let mut lab = Lab::with(1, &delay, 1, vec![subscribed(AUTO)]);
    lab.produce(1);
    lab.poll(C, 1, 2000);
    assert!(lab.processed(C).is_empty());
    lab.poll(C, 1, 10000);
    assert_eq!(lab.processed(C), [1]);
}

#[test]
fn the_successor_of_a_dead_member_waits_for_its_session() {
    let mut settings = MANUAL.to_vec();
    settings.push(("session.timeout.ms", "45000"));
    let mut lab = Lab::new(1, vec![subscribed(&settings), subscribed(&settings)]);
    lab.produce(2);
    lab.poll(C, 2, 15000);
    lab.commit(C);
    lab.crash(C);
    lab.produce(1);
    let began = lab.now();
    lab.poll(C2, 1, 60000);
    assert_eq!(lab.deliveries(C2), [(3, 2)]);
    let waited = lab.now().since(began);
    assert!(
        waited > Span::secs(40) && waited < Span::secs(50),
        "{waited:?}"
    );
}

/// [static-member-restart]
#[test]
fn a_static_member_comes_back_within_its_session() {
    let mut settings = MANUAL.to_vec();
    settings.push(("group.instance.id", "i1"));
    let mut lab = Lab::new(1, vec![subscribed(&settings)]);
    lab.produce(2);
    lab.poll(C, 2, 15000);
    lab.commit(C);
    lab.crash(C);
    lab.produce(1);
    let began = lab.now();
    lab.poll(C, 1, 15000);
    assert_eq!(lab.processed(C), [1, 2, 3]);
    assert!(lab.now().since(began) < Span::secs(3));
    assert_eq!(
        lab.consumer(C).member().unwrap().generation,
        1,
        "no rebalance"
    );
}

/// [assign-commits-into-active-group]
#[test]
fn a_stranger_may_not_commit_for_an_active_group() {
    let mut lab = Lab::new(1, vec![subscribed(MANUAL), assigned(MANUAL)]);
    lab.produce(3);
    lab.poll(C, 3, 15000);
    lab.commit(C);
    lab.poll(C2, 1, 1000);
    lab.commit_exactly(C2, 1);
    assert_eq!(lab.errors(C2), ["COMMIT_FAILED"]);
    assert_eq!(lab.group_offset(), Some(3));
    lab.close(C);
    lab.wait(300);
    lab.commit_exactly(C2, 1);
    assert_eq!(lab.errors(C2), ["COMMIT_FAILED"]);
    assert_eq!(lab.group_offset(), Some(1));
}

/// [consumer-leader-killed-goes-on]
#[test]
fn a_consumer_follows_the_leader() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL)]);
    lab.produce(2);
    lab.poll(C, 2, 6000);
    lab.crash(B1);
    lab.produce(1);
    lab.poll(C, 1, 10000);
    lab.start(B1);
    lab.wait(8000);
    lab.produce(1);
    lab.poll(C, 1, 10000);
    assert_eq!(lab.deliveries(C), [(1, 0), (2, 1), (3, 2), (4, 3)]);
    assert_eq!(lab.errors(C), [""; 0]);
}

/// [coordinator-killed-commit-async]
#[test]
fn an_asynchronous_commit_is_not_repeated() {
    let mut lab = Lab::new(1, vec![subscribed(MANUAL)]);
    lab.produce(2);
    lab.poll(C, 2, 15000);
    lab.crash(B3);
    lab.wait(100);
    lab.order(C, Order::CommitAsync);
    assert_eq!(lab.errors(C), [""; 0]);
    lab.poll(C, 1, 6000);
    assert_eq!(lab.errors(C), ["RETRIABLE_COMMIT_FAILED"]);
    assert_eq!(lab.group_offset(), None);
}

/// S57
#[test]
fn a_synchronous_commit_outlives_its_coordinator() {
    let mut lab = Lab::new(1, vec![subscribed(MANUAL)]);
    lab.produce(2);
    lab.poll(C, 2, 15000);
    lab.crash(B3);
    lab.commit(C);
    assert_eq!(lab.errors(C), [""; 0]);
    assert_eq!(lab.group_offset(), Some(2));
    let member = lab.consumer(C).member().unwrap();
    assert_eq!(
        (member.state, member.generation),
        (MemberState::Stable, 1),
        "no rebalance"
    );
}

/// [commit-reported-failed-yet-effective], S54
#[test]
fn a_commit_that_timed_out_may_take_effect() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL)]);
    lab.produce(2);
    lab.poll(C, 2, 6000);
    lab.cut(&[B3], &[B1, B2]);
    let timeout = Span::secs(3);
    lab.order(
        C,
        Order::Commit {
            offsets: None,
            timeout,
        },
    );
    lab.heal();
    assert_eq!(lab.errors(C), ["TIMEOUT"]);
    lab.wait(3000);
    assert_eq!(lab.group_offset(), Some(2));
}

/// [max-poll-interval-exceeded-other-takes-over], the first half
#[test]
fn a_member_that_does_not_poll_leaves() {
    let mut settings = MANUAL.to_vec();
    settings.extend([
        ("max.poll.interval.ms", "3000"),
        ("session.timeout.ms", "6000"),
    ]);
    let mut lab = Lab::new(1, vec![subscribed(&settings)]);
    lab.produce(2);
    lab.poll(C, 2, 15000);
    lab.wait(2500);
    assert_eq!(lab.consumer(C).member().unwrap().state, MemberState::Stable);
    lab.wait(1000);
    assert_eq!(
        lab.consumer(C).member().unwrap().state,
        MemberState::Unjoined
    );
    lab.commit(C);
    assert_eq!(lab.errors(C), ["COMMIT_FAILED"]);
    lab.poll(C, 2, 15000);
    assert_eq!(
        lab.processed(C),
        [1, 2, 1, 2],
        "it joins again and begins where the group is"
    );
}

/// S45 and S53: the member is thrown out while it is frozen
#[test]
fn a_frozen_member_is_thrown_out_and_cannot_commit() {
    let mut settings = MANUAL.to_vec();
    settings.push(("session.timeout.ms", "6000"));
    let mut lab = Lab::new(1, vec![subscribed(&settings)]);
    lab.produce(2);
    lab.poll(C, 2, 15000);
    lab.history.intervene(Act::Freeze(C));
    lab.wait(8000);
    lab.history.intervene(Act::Thaw(C));
    lab.commit(C);
    assert_eq!(lab.errors(C), ["COMMIT_FAILED"]);
    assert_eq!(lab.group_offset(), None);
}

/// [consumer-cut-off-from-leader]
#[test]
fn a_cut_consumer_goes_on_after_the_heal() {
    let settings = [
        ("request.timeout.ms", "2000"),
        ("enable.auto.commit", "false"),
        ("auto.offset.reset", "earliest"),
    ];
    let mut lab = Lab::new(1, vec![assigned(&settings)]);
    lab.produce(1);
    lab.poll(C, 1, 6000);
    lab.cut(&[C], &[B1]);
    lab.produce(1);
    lab.poll(C, 1, 3000);
    assert_eq!(lab.processed(C), [1]);
    lab.heal();
    lab.poll(C, 1, 10000);
    assert_eq!(lab.processed(C), [1, 2]);
    assert_eq!(lab.errors(C), [""; 0]);
}

/// [live-consumer-truncation], S49
#[test]
fn a_truncated_log_is_noticed_by_its_epoch() {
    let with = |policy| {
        assigned(
            &[
                ("enable.auto.commit", "false"),
                ("auto.offset.reset", policy),
            ][..],
        )
    };
    let unclean = [("topic", "unclean.leader.election.enable", "true")];
    let mut lab = Lab::with(1, &unclean, 1, vec![with("earliest"), with("none")]);
    lab.produce(1);
    lab.wait(700);
    lab.cut(&[B1], &[B2, B3]);
    lab.produce(2);
    lab.order(C2, Order::Seek { tp: T, offset: 0 });
    lab.poll(C, 3, 6000);
    lab.poll(C2, 3, 6000);
    assert_eq!(lab.processed(C), [1, 2, 3]);
    lab.crash(B1);
    lab.wait(6000);
    lab.heal();
    lab.produce(1);
    lab.poll(C, 1, 5000);
    lab.poll(C2, 1, 5000);
    assert_eq!(lab.deliveries(C), [(1, 0), (2, 1), (3, 2), (4, 1)]);
    assert_eq!(lab.processed(C2), [1, 2, 3]);
    assert_eq!(lab.errors(C2), ["LOG_TRUNCATION"]);
    let truncated = |fact: &Fact| {
        matches!(
            fact,
            Fact::Positioned {
                offset: 1,
                why: PositionWhy::Truncated,
                ..
            }
        )
    };
    assert!(lab.facts(C).iter().any(truncated));
}

/// max.poll.records bounds what one poll() hands out, not what is fetched.
#[test]
fn one_record_at_a_time() {
    let mut settings = MANUAL.to_vec();
    settings.push(("max.poll.records", "1"));
    let mut lab = Lab::new(1, vec![assigned(&settings)]);
    lab.produce(4);
    lab.poll(C, 1, 6000);
    assert_eq!(lab.processed(C), [1]);
    lab.commit(C);
    assert_eq!(lab.group_offset(), Some(1));
    assert_eq!(lab.consumer(C).partitions().next().unwrap().buffered, 3);
}

#[test]
fn a_refused_configuration_makes_no_consumer() {
    let settings = [("enable.auto.commit", "true")];
    let mut lab = Lab::new(1, vec![assigned(&settings)]);
    lab.start(C);
    assert_eq!(lab.errors(C), ["CONFIG"]);
    assert!(lab.consumer(C).closed());
}

#[test]
fn a_closed_consumer_obeys_no_more() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL)]);
    lab.produce(1);
    lab.poll(C, 1, 6000);
    lab.close(C);
    lab.poll(C, 1, 1000);
    assert_eq!(lab.errors(C), ["ILLEGAL_STATE"]);
    lab.close(C);
    assert_eq!(lab.errors(C), ["ILLEGAL_STATE"]);
}

/// An assigned consumer has no heartbeat thread: the commit itself looks for the coordinator, again and again.
#[test]
fn a_commit_finds_the_next_coordinator_by_itself() {
    let mut lab = Lab::new(1, vec![assigned(MANUAL)]);
    lab.produce(2);
    lab.poll(C, 2, 6000);
    lab.crash(B3);
    let began = lab.now();
    lab.commit(C);
    assert_eq!(lab.errors(C), [""; 0]);
    assert!(lab.now().since(began) < Span::secs(10));
    assert_eq!(lab.group_offset(), Some(2));
}

/// auto.offset.reset=by_duration looks for the first record that is young enough.
#[test]
fn a_reset_by_duration_skips_what_is_older() {
    let settings = [
        ("enable.auto.commit", "false"),
        ("auto.offset.reset", "by_duration:PT5S"),
    ];
    let mut lab = Lab::new(1, vec![assigned(&settings)]);
    lab.produce(2);
    lab.wait(6000);
    lab.produce(1);
    lab.poll(C, 1, 3000);
    assert_eq!(lab.deliveries(C), [(3, 2)]);
}

/// [static-member-twice], S56
#[test]
fn a_second_member_with_the_same_instance_id_fences_the_first() {
    let mut settings = MANUAL.to_vec();
    settings.push(("group.instance.id", "i1"));
    let mut lab = Lab::new(1, vec![subscribed(&settings), subscribed(&settings)]);
    lab.produce(1);
    lab.order(C, Order::PollStart { sync: true });
    assert!(lab.until(15_000, |lab| lab.processed(C) == [1]));
    lab.wait(300);
    lab.order(C2, Order::PollStart { sync: true });
    lab.wait(4000);
    lab.produce(1);
    lab.wait(3000);
    assert_eq!(lab.errors(C), ["FENCED_INSTANCE_ID"]);
    assert_eq!(lab.deliveries(C2), [(2, 1)]);
    assert_eq!(
        lab.consumer(C).assigned(),
        [T],
        "its listener was never told"
    );
}

/// [two-consumers-one-killed]
#[test]
fn two_members_share_the_partitions_until_one_dies() {
    let mut settings = MANUAL.to_vec();
    settings.push(("session.timeout.ms", "6000"));
    let mut lab = Lab::with(
        1,
        &[],
        2,
        vec![subscribed(&settings), subscribed(&settings)],
    );
    let other = Tp {
        topic: 1,
        partition: 1,
    };
    lab.order(C, Order::PollStart { sync: true });
    assert!(lab.until(15_000, |lab| lab.consumer(C).assigned() == [T, other]));
    lab.order(C2, Order::PollStart { sync: true });
    let one_each = |lab: &Lab| {
        let mut all = lab.consumer(C).assigned();
        all.extend(lab.consumer(C2).assigned());
        all.sort();
        lab.consumer(C).assigned().len() == 1 && all == [T, other]
    };
    assert!(lab.until(15_000, one_each));
    lab.wait(500);
    lab.produce_to(T, 1);
    lab.produce_to(other, 1);
    lab.wait(500);
    lab.crash(C2);
    lab.produce_to(T, 1);
    lab.produce_to(other, 1);
    assert!(lab.until(60_000, |lab| lab.consumer(C).assigned() == [T, other]));
    lab.wait(500);
    let mut all = lab.processed(C);
    assert_eq!(all.len(), 3);
    all.extend(lab.processed(C2));
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3, 4], "nothing twice, nothing lost");
}

/// [join-with-commit-on-revoke]
#[test]
fn a_commit_on_revoke_saves_what_was_processed() {
    let run = |commit_on_revoke| {
        let mut first = subscribed(MANUAL);
        first.program.commit_on_revoke = commit_on_revoke;
        let mut lab = Lab::with(1, &[], 2, vec![first, subscribed(MANUAL)]);
        lab.produce_to(T, 1);
        lab.produce_to(
            Tp {
                topic: 1,
                partition: 1,
            },
            1,
        );
        lab.order(C, Order::PollStart { sync: false });
        assert!(lab.until(15_000, |lab| lab.processed(C).len() == 2));
        lab.order(C2, Order::PollStart { sync: false });
        assert!(lab.until(15_000, |lab| lab.consumer(C2).assigned().len() == 1));
        lab.wait(2500);
        lab.processed(C).len() + lab.processed(C2).len()
    };
    assert_eq!(run(true), 2);
    assert_eq!(run(false), 4);
}

#[test]
fn a_seek_in_the_history_changes_nothing() {
    let mut client = program(AUTO, CommitPolicy::None);
    client.program.processing = Span::ms(300);
    let mut lab = Lab::new(1, vec![client]);
    lab.produce(20);
    lab.start(C);
    lab.wait(8000);
    let (end, digest) = (lab.now(), lab.history.digest());
    for back_ms in [7000, 4000, 900] {
        lab.history
            .seek(ackscope_kernel::Time(end.0 - Span::ms(back_ms).0));
        assert_ne!(lab.history.digest(), digest);
        lab.history.seek(end);
        assert_eq!(lab.history.digest(), digest);
    }
}

// ---- programs ----

fn program(settings: &[(&'static str, &'static str)], commit: CommitPolicy) -> Client {
    let mut client = subscribed(settings);
    client.program.polls = true;
    client.program.commit = commit;
    client
}

#[test]
fn a_loop_that_commits_after_processing_loses_nothing() {
    let mut client = program(MANUAL, CommitPolicy::SyncAfter);
    client.program.processing = Span::ms(100);
    let mut lab = Lab::new(1, vec![client]);
    lab.produce(5);
    lab.start(C);
    assert!(lab.until(10_000, |lab| lab.consumer(C).processed() == 3));
    lab.crash(C);
    assert_eq!(lab.group_offset(), None);
    lab.start(C);
    assert!(lab.until(60_000, |lab| lab.processed(C).len() == 8));
    lab.wait(200);
    assert_eq!(lab.processed(C), [1, 2, 3, 1, 2, 3, 4, 5]);
    assert_eq!(lab.group_offset(), Some(5));
}

/// S43
#[test]
fn a_loop_that_commits_before_processing_loses_the_rest() {
    let mut client = program(MANUAL, CommitPolicy::SyncBefore);
    client.program.processing = Span::ms(100);
    let mut lab = Lab::new(1, vec![client]);
    lab.produce(5);
    lab.start(C);
    assert!(lab.until(10_000, |lab| lab.consumer(C).processed() == 2));
    lab.crash(C);
    assert_eq!(lab.group_offset(), Some(5));
    lab.start(C);
    lab.wait(60_000);
    assert_eq!(lab.processed(C), [1, 2]);
    let passed = lab.facts(C).into_iter().find_map(|fact| match fact {
        Fact::Committed {
            from: 0,
            to: 5,
            passed,
            ..
        } => Some(passed.len()),
        _ => None,
    });
    assert_eq!(passed, Some(5));
}

/// S40
#[test]
fn a_hand_off_with_auto_commit_loses_what_the_worker_had() {
    let mut settings = AUTO.to_vec();
    settings.push(("auto.commit.interval.ms", "1000"));
    let mut client = program(&settings, CommitPolicy::None);
    client.program.hands_off = true;
    client.program.processing = Span::ms(1000);
    let mut lab = Lab::new(1, vec![client]);
    lab.produce(5);
    lab.start(C);
    assert!(lab.until(20_000, |lab| lab.consumer(C).processed() == 3));
    assert_eq!(lab.consumer(C).waiting(), 2);
    lab.crash(C);
    assert_eq!(lab.group_offset(), Some(5));
    lab.start(C);
    lab.wait(60_000);
    assert_eq!(lab.processed(C), [1, 2, 3]);
}

/// S42
#[test]
fn close_after_an_exception_commits_the_whole_poll() {
    let mut client = program(AUTO, CommitPolicy::None);
    client.program.fails_at = Some(3);
    let mut lab = Lab::new(1, vec![client]);
    lab.produce(5);
    lab.start(C);
    assert!(lab.until(20_000, |lab| lab.history.world().process(C).is_none()));
    assert_eq!(lab.processed(C), [1, 2]);
    assert_eq!(lab.group_offset(), Some(5));
    let dropped = lab.facts(C).into_iter().find_map(|fact| match fact {
        Fact::Dropped { records, .. } => Some(
            records
                .iter()
                .map(|(key, _)| key.number)
                .collect::<Vec<_>>(),
        ),
        _ => None,
    });
    assert_eq!(dropped, Some(vec![3, 4, 5]));
}

#[test]
fn an_exit_after_an_exception_commits_nothing() {
    let mut client = program(AUTO, CommitPolicy::None);
    client.program.fails_at = Some(3);
    client.program.after_failure = AfterFailure::Exit;
    let mut lab = Lab::new(1, vec![client]);
    lab.produce(5);
    lab.start(C);
    assert!(lab.until(20_000, |lab| lab.history.world().process(C).is_none()));
    assert_eq!(lab.group_offset(), None);
}

#[test]
fn a_skipped_record_is_passed_by_the_commit() {
    let mut client = program(MANUAL, CommitPolicy::SyncAfter);
    client.program.fails_at = Some(3);
    client.program.after_failure = AfterFailure::Skip;
    let mut lab = Lab::new(1, vec![client]);
    lab.produce(5);
    lab.start(C);
    assert!(lab.until(20_000, |lab| lab.processed(C).len() == 4));
    lab.wait(100);
    assert_eq!(lab.processed(C), [1, 2, 4, 5]);
    assert_eq!(lab.group_offset(), Some(5));
}

#[test]
fn an_idempotent_sink_has_each_effect_once() {
    let mut client = program(MANUAL, CommitPolicy::None);
    client.program.idempotent_sink = true;
    let mut lab = Lab::new(1, vec![client]);
    lab.produce(3);
    lab.start(C);
    assert!(lab.until(20_000, |lab| lab.processed(C).len() == 3));
    lab.crash(C);
    lab.start(C);
    assert!(lab.until(60_000, |lab| lab.processed(C).len() == 6));
    let suppressed = |fact: &&Fact| matches!(fact, Fact::EffectSuppressed { .. });
    assert_eq!(lab.facts(C).iter().filter(suppressed).count(), 3);
}

#[test]
fn auto_commit_of_a_loop_keeps_pace_with_its_polls() {
    let mut lab = Lab::new(1, vec![program(AUTO, CommitPolicy::None)]);
    lab.produce(3);
    lab.start(C);
    assert!(lab.until(20_000, |lab| lab.processed(C).len() == 3));
    assert_eq!(lab.group_offset(), None);
    lab.wait(5100);
    assert_eq!(lab.group_offset(), Some(3));
    let view = lab.consumer(C).partitions().next().unwrap();
    assert_eq!(
        (view.position, view.committed, view.processed),
        (Some(3), Some(3), Some(3))
    );
}

// ---- observers ----

#[test]
fn a_whole_log_is_read_to_its_end() {
    let mut lab = Lab::new(1, Vec::new());
    let timeout = Span::secs(10);
    lab.order(O, Order::ReadAll { tp: T, timeout });
    lab.produce(3);
    lab.order(O, Order::ReadAll { tp: T, timeout });
    let read = lab.facts(O).into_iter().filter_map(|fact| match fact {
        Fact::LogRead {
            start,
            end,
            records,
            ..
        } => Some((
            start,
            end,
            records
                .iter()
                .map(|(at, key)| (*at, key.number))
                .collect::<Vec<_>>(),
        )),
        _ => None,
    });
    let read: Vec<_> = read.collect();
    assert_eq!(read, [(0, 0, vec![]), (0, 3, vec![(0, 1), (1, 2), (2, 3)])]);
}

#[test]
fn a_log_without_leader_cannot_be_read() {
    let mut lab = Lab::new(1, Vec::new());
    lab.produce(1);
    for broker in [B1, B2, B3] {
        lab.crash(broker);
    }
    lab.order(
        O,
        Order::ReadAll {
            tp: T,
            timeout: Span::secs(10),
        },
    );
    assert_eq!(lab.errors(O), ["TIMEOUT"]);
}

#[test]
fn the_freshest_description_wins() {
    let mut lab = Lab::new(1, Vec::new());
    lab.crash(B1);
    lab.wait(6000);
    lab.order(
        O,
        Order::Describe {
            tp: T,
            brokers: vec![B1, B2, B3],
        },
    );
    let state = lab.facts(O).into_iter().find_map(|fact| match fact {
        Fact::Described {
            tp: Tp {
                topic: 1,
                partition: 0,
            },
            state,
        } => Some(state),
        _ => None,
    });
    let state = state.unwrap();
    assert_eq!(
        (state.leader, state.leader_epoch, state.isr.as_slice()),
        (Some(B2), 1, &[B2, B3][..])
    );
}
