//! What a process sees of a connection, row by row of the table in the engine's design.

mod toy;

use ackscope_kernel::{Act, CloseWhy, EntryId, HostId, Keep, Span, What};
use toy::{A, B, Bench, Do, Saw};

fn both(bench: &mut Bench, cut: bool) {
    let (a, b) = (vec![HostId(0)], vec![HostId(1)]);
    for (from, to) in [(a.clone(), b.clone()), (b, a)] {
        bench.act(if cut {
            Act::Cut(from, to)
        } else {
            Act::Mend(from, to)
        });
    }
}

#[test]
fn messages_arrive_in_order() {
    let mut bench = Bench::connected(1);
    for n in 0..20 {
        bench.order(A, Do::Send(n, 100));
    }
    bench.run_ms(10);
    assert_eq!(bench.saw_only(A), [Saw::Opened]);
    assert_eq!(bench.saw_only(B), (0..20).map(Saw::Got).collect::<Vec<_>>());
}

#[test]
fn a_dead_process_with_nothing_unread_sends_fin_and_what_it_wrote_is_read_first() {
    let mut bench = Bench::connected(2);
    bench.order(A, Do::Send(1, 100));
    bench.act(Act::Crash(A));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(B), [Saw::Got(1), Saw::Closed(CloseWhy::Fin)]);
}

#[test]
fn a_dead_process_with_unread_bytes_sends_rst() {
    let mut bench = Bench::connected(3);
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(10);
    bench.order(B, Do::Read(false));
    bench.order(A, Do::Send(2, 100));
    bench.run_ms(10);
    bench.act(Act::Crash(B));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(B), [Saw::Got(1)]);
    assert_eq!(bench.saw_only(A), [Saw::Opened, Saw::Closed(CloseWhy::Rst)]);
}

#[test]
fn after_rst_bytes_already_accepted_are_discarded() {
    let mut bench = Bench::connected(4);
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(10);
    bench.order(B, Do::Read(false));
    bench.order(A, Do::Send(2, 100));
    // What B sends to A makes A's buffer hold unread bytes when A dies.
    bench.order(A, Do::Read(false));
    bench.order(B, Do::Send(7, 100));
    bench.run_ms(10);
    bench.act(Act::Crash(A));
    bench.run_ms(10);
    bench.order(B, Do::Read(true));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(B), [Saw::Got(1), Saw::Closed(CloseWhy::Rst)]);
}

#[test]
fn what_was_sent_into_a_cut_arrives_at_a_retransmission_after_the_heal() {
    let mut bench = Bench::connected(5);
    both(&mut bench, true);
    let sent = bench.now();
    bench.order(A, Do::Send(1, 100));
    bench.order(A, Do::Send(2, 100));
    bench.run_ms(1000);
    both(&mut bench, false);
    assert_eq!(bench.saw_only(B), []);
    bench.run_ms(620);
    assert_eq!(
        bench.saw_only(B),
        [],
        "the next retransmission is 1.632 s after the first try"
    );
    bench.run_ms(20);
    assert_eq!(bench.saw_only(B), [Saw::Got(1), Saw::Got(2)]);
    assert!(bench.saw(B)[0].0 >= sent.0 + 1_632_000);
}

#[test]
fn a_cut_of_one_direction_leaves_the_other() {
    let mut bench = Bench::connected(6);
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(10);
    bench.act(Act::Cut(vec![HostId(0)], vec![HostId(1)]));
    bench.order(A, Do::Send(2, 100));
    bench.order(B, Do::Send(3, 100));
    bench.run_ms(100);
    assert_eq!(bench.saw_only(B), [Saw::Got(1)]);
    assert_eq!(bench.saw_only(A), [Saw::Opened, Saw::Got(3)]);
}

#[test]
fn a_connection_into_silence_is_given_up_in_the_end() {
    let mut bench = Bench::connected(7);
    both(&mut bench, true);
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(923_000);
    assert_eq!(bench.saw_only(A), [Saw::Opened]);
    bench.run_ms(2_000);
    assert_eq!(
        bench.saw_only(A),
        [Saw::Opened, Saw::Closed(CloseWhy::GaveUp)]
    );
}

#[test]
fn a_host_without_power_is_silent_and_answers_rst_when_it_is_back() {
    let mut bench = Bench::connected(8);
    bench.act(Act::PowerOff(HostId(1), Keep::Synced));
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(1000);
    assert_eq!(bench.saw_only(A), [Saw::Opened]);
    bench.act(Act::Start(B));
    bench.run_ms(1000);
    assert_eq!(bench.saw_only(A), [Saw::Opened, Saw::Closed(CloseWhy::Rst)]);
    assert_eq!(
        bench.saw_only(B),
        [],
        "the new process never sees the old bytes"
    );
}

#[test]
fn a_frozen_process_is_connected_to_and_reads_on_thawing() {
    let mut bench = Bench::started(9);
    bench.order(B, Do::Arm(5, 20_000));
    bench.act(Act::Freeze(B));
    bench.order(A, Do::Open(B));
    bench.run_ms(10);
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(100);
    assert_eq!(bench.saw_only(A), [Saw::Opened]);
    assert_eq!(bench.saw_only(B), []);
    bench.act(Act::Thaw(B));
    bench.run_ms(1);
    let mut saw = bench.saw_only(B);
    saw.sort_by_key(|s| matches!(s, Saw::Tick(_)));
    assert_eq!(
        saw,
        [Saw::Got(1), Saw::Tick(5)],
        "bytes are read and the overdue timer fires"
    );
}

#[test]
fn a_frozen_process_learns_of_a_reset_on_thawing() {
    let mut bench = Bench::connected(10);
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(10);
    bench.order(A, Do::Read(false));
    bench.order(B, Do::Send(2, 100));
    bench.run_ms(10);
    bench.act(Act::Freeze(B));
    bench.act(Act::Crash(A));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(B), [Saw::Got(1)]);
    bench.act(Act::Thaw(B));
    bench.run_ms(1);
    assert_eq!(bench.saw_only(B), [Saw::Got(1), Saw::Closed(CloseWhy::Rst)]);
}

#[test]
fn a_closed_port_refuses_and_leaves_standing_connections_alone() {
    let mut bench = Bench::connected(13);
    bench.order(B, Do::Listen(false));
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(B), [Saw::Got(1)]);
    bench.order(A, Do::Open(B));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(A), [Saw::Opened, Saw::Refused]);
    bench.order(B, Do::Listen(true));
    bench.order(A, Do::Open(B));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(A), [Saw::Opened, Saw::Refused, Saw::Opened]);
    // The next process of the seat begins with an open port.
    bench.order(B, Do::Listen(false));
    bench.act(Act::Crash(B));
    bench.act(Act::Start(B));
    bench.order(A, Do::Open(B));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(A).last(), Some(&Saw::Opened));
}

#[test]
fn connecting_is_refused_by_a_dead_process_and_hears_nothing_from_a_silent_host() {
    let mut bench = Bench::started(11);
    bench.act(Act::Crash(B));
    bench.order(A, Do::Open(B));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(A), [Saw::Refused]);
    bench.act(Act::PowerOff(HostId(1), Keep::All));
    bench.order(A, Do::Open(B));
    bench.run_ms(10_000);
    assert_eq!(bench.saw_only(A), [Saw::Refused]);
}

#[test]
fn a_lost_segment_costs_a_retransmission_and_everything_behind_it_waits() {
    let mut bench = Bench::connected(12);
    bench.act(Act::Lose(HostId(0), HostId(1), 500_000));
    let sent = bench.now();
    for n in 0..10 {
        bench.order(A, Do::Send(n, 100));
    }
    bench.run_ms(20_000);
    let saw = bench.saw(B);
    assert_eq!(
        saw.iter().map(|(_, s)| s.clone()).collect::<Vec<_>>(),
        (0..10).map(Saw::Got).collect::<Vec<_>>()
    );
    assert!(
        saw.iter().any(|(at, _)| *at > sent.0 + 200_000),
        "some of ten were lost once"
    );
}

fn sent_by(bench: &Bench, number: i64) -> EntryId {
    let trace = bench.history.trace();
    let sent = |what: &What<toy::Toy>| matches!(what, What::Sent { brief, .. } if brief.kind == 8 && brief.detail == number);
    trace
        .range(0, trace.len())
        .find(|(_, e)| sent(&e.what))
        .map_or(EntryId::NONE, |(id, _)| id)
}

#[test]
fn holding_a_message_holds_what_is_behind_it() {
    let mut bench = Bench::connected(13);
    bench.order(A, Do::Send(1, 100));
    bench.order(A, Do::Send(2, 100));
    let first = sent_by(&bench, 1);
    bench.act(Act::Hold(first));
    bench.run_ms(100);
    assert_eq!(bench.saw_only(B), []);
    bench.act(Act::Release(first));
    bench.run_ms(1);
    assert_eq!(bench.saw_only(B), [Saw::Got(1), Saw::Got(2)]);
}

#[test]
fn dropping_a_message_breaks_its_connection() {
    let mut bench = Bench::connected(14);
    bench.order(A, Do::Send(1, 100));
    let sent = sent_by(&bench, 1);
    bench.act(Act::Drop(sent));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(A), [Saw::Opened, Saw::Closed(CloseWhy::Rst)]);
    assert_eq!(bench.saw_only(B), [Saw::Closed(CloseWhy::Rst)]);
}

#[test]
fn delivering_a_message_moves_it_and_what_is_before_it() {
    let mut bench = Bench::connected(15);
    bench.act(Act::Slow(HostId(0), HostId(1), Span::secs(5)));
    bench.order(A, Do::Send(1, 100));
    bench.order(A, Do::Send(2, 100));
    let second = sent_by(&bench, 2);
    bench.act(Act::Deliver(second));
    bench.run_ms(1);
    assert_eq!(bench.saw_only(B), [Saw::Got(1), Saw::Got(2)]);
}

#[test]
fn a_reader_that_does_not_read_stalls_the_sender_at_its_window() {
    let mut bench = Bench::connected(16);
    bench.order(A, Do::Send(0, 100));
    bench.run_ms(10);
    bench.order(B, Do::Read(false));
    for n in 1..=4 {
        bench.order(A, Do::Send(n, 100_000));
    }
    bench.run_ms(100);
    let waiting = bench.history.world().flights().count();
    assert_eq!(waiting, 4);
    let unread = bench
        .history
        .world()
        .flights()
        .filter(|f| f.state == ackscope_kernel::FlightState::Unread)
        .count();
    assert_eq!(unread, 2, "256 KiB hold two of them");
    bench.order(B, Do::Read(true));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(B), (0..=4).map(Saw::Got).collect::<Vec<_>>());
}

#[test]
fn bytes_written_before_close_still_arrive_and_an_answer_to_a_closed_end_is_reset() {
    let mut bench = Bench::connected(17);
    bench.order(A, Do::Send(1, 100));
    bench.order(A, Do::Close);
    bench.order(B, Do::Read(true));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(B), [Saw::Got(1), Saw::Closed(CloseWhy::Fin)]);
}

fn written(bench: &Bench) -> Vec<u64> {
    let queued = |saw| match saw {
        Saw::Written(queued) => Some(queued),
        _ => None,
    };
    bench.saw_only(A).into_iter().filter_map(queued).collect()
}

#[test]
fn the_notice_of_a_send_queue_waits_until_the_reader_makes_room() {
    let mut bench = Bench::connected(18);
    bench.order(A, Do::Send(0, 100));
    bench.run_ms(10);
    bench.order(B, Do::Read(false));
    for n in 1..=5 {
        bench.order(A, Do::Send(n, 100_000));
    }
    bench.order(A, Do::Notify(200_000));
    bench.run_ms(100);
    assert_eq!(
        written(&bench),
        [0; 0],
        "three of five wait behind a full window"
    );
    bench.order(B, Do::Read(true));
    bench.run_ms(100);
    assert_eq!(written(&bench).len(), 1, "one notice for one request");
    assert!(written(&bench)[0] <= 200_000);
}

#[test]
fn the_notice_of_a_send_queue_does_not_cross_a_cut_and_comes_after_the_mend() {
    let mut bench = Bench::connected(19);
    bench.order(A, Do::Send(1, 100));
    bench.order(A, Do::Notify(0));
    bench.act(Act::Cut(vec![HostId(1)], vec![HostId(0)]));
    bench.run_ms(100);
    assert_eq!(bench.saw_only(B), [Saw::Got(1)]);
    assert_eq!(
        written(&bench),
        [0; 0],
        "the word of the peer is behind the cut"
    );
    bench.act(Act::Mend(vec![HostId(1)], vec![HostId(0)]));
    bench.run_ms(100);
    assert_eq!(written(&bench), [0]);
}

#[test]
fn a_frozen_sender_hears_of_its_send_queue_when_it_is_thawed() {
    let mut bench = Bench::connected(20);
    bench.order(A, Do::Send(1, 100));
    bench.order(A, Do::Notify(0));
    bench.act(Act::Freeze(A));
    bench.run_ms(100);
    assert_eq!(written(&bench), [0; 0]);
    bench.act(Act::Thaw(A));
    bench.run_ms(1);
    assert_eq!(written(&bench), [0]);
}

#[test]
fn a_connection_that_is_broken_on_purpose_takes_what_was_not_read() {
    let mut bench = Bench::connected(16);
    bench.order(A, Do::Send(1, 100));
    bench.run_ms(10);
    bench.order(B, Do::Read(false));
    bench.order(A, Do::Send(2, 100));
    bench.order(A, Do::Abort);
    bench.run_ms(10);
    bench.order(B, Do::Read(true));
    bench.run_ms(10);
    assert_eq!(bench.saw_only(B), [Saw::Got(1), Saw::Closed(CloseWhy::Rst)]);
    assert_eq!(bench.saw_only(A), [Saw::Opened]);
}
