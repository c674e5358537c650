//! What is sent when, sizes, memory and expiry.

use super::super::accumulator::{Accumulator, Append, Leaders};
use super::super::answers::Outcome;
use super::super::batch::ProducerBatch;
use super::*;
use crate::params::Acks;

#[test]
fn a_batch_that_was_never_sent_expires_without_consequences() {
    let mut p = producer(|params| params.delivery_timeout_ms = 1000);
    offer(&mut p, [1], Time(0));
    assert_eq!(p.expire(Time(999_999)), []);
    assert_eq!(p.expire(Time(1_000_000)).len(), 1);
    assert_eq!((p.settle_sequences(), p.pool.used()), (None, 0));
}

#[test]
fn with_one_request_in_flight_an_expired_batch_still_holds_the_next_one_back() {
    let mut p = producer(|params| {
        plain(params);
        params.max_in_flight_requests_per_connection = 1;
        params.delivery_timeout_ms = 1000;
    });
    offer(&mut p, [1], Time(0));
    let sent = send_all(&mut p, Time(0));
    offer(&mut p, [2], Time(10));
    assert_eq!(p.expire(Time(1_000_000)).len(), 1);
    assert_eq!(send_all(&mut p, Time(1_000_000)), []);
    answer(&mut p, &sent[0], Code::NetworkException, Time(1_000_001));
    assert_eq!(numbers(&send_all(&mut p, Time(1_000_001))), [2]);
}

#[test]
fn s37_a_batch_that_is_too_large_is_split_and_a_record_that_is_fails_alone() {
    let mut p = producer(|params| params.batch_size = 16_384);
    let mut log = Log::default();
    offer(&mut p, 1..=2, Time(0));
    p.append(TP, record(3, 5000), true, Time(0));
    offer(&mut p, [4], Time(0));
    let mut failed = Vec::new();
    for round in 0..20u64 {
        for sent in send_all(&mut p, Time(round)) {
            let error = match sent.batch.size {
                ..2000 => log.append(&sent.batch).0,
                _ => Code::MessageTooLarge,
            };
            if let Outcome::Failed(batch) = answer(&mut p, &sent, error, Time(round)) {
                failed.extend(batch.records().iter().map(|record| record.message.number));
            }
        }
    }
    assert_eq!(failed, [3]);
    run(&mut p, &mut log, Time(500_000));
    assert_eq!(log.numbers(), [1, 2, 4]);
    // The number of the failed batch went to nobody: a new epoch numbers from 0.
    assert_eq!(
        p.idempotence.identity.map(|identity| identity.epoch),
        Some(1)
    );
}

#[test]
fn records_wait_for_linger_unless_the_batch_is_full_or_somebody_is_in_a_hurry() {
    let lingering = || {
        let mut p = producer(|params| {
            params.batch_size = 140;
            params.linger_ms = 5;
        });
        offer(&mut p, [1], Time(0));
        p
    };
    let mut p = lingering();
    let ready = p.ready(&leaders(), false, Time(4_999));
    assert_eq!((ready.nodes.len(), ready.next), (0, Some(Time(5_000))));
    assert_eq!(p.ready(&leaders(), false, Time(5_000)).nodes.len(), 1);
    assert_eq!(
        p.ready(&leaders(), true, Time(0)).nodes.len(),
        1,
        "memory is short"
    );
    p.flushes = 1;
    assert_eq!(
        p.ready(&leaders(), false, Time(0)).nodes.len(),
        1,
        "flush()"
    );
    let mut p = lingering();
    p.closed = true;
    assert_eq!(
        p.ready(&leaders(), false, Time(0)).nodes.len(),
        1,
        "close()"
    );
    // The third record finds no room.
    let mut p = lingering();
    offer(&mut p, 2..=3, Time(0));
    assert_eq!(
        p.ready(&leaders(), false, Time(0)).nodes.len(),
        1,
        "the batch is full"
    );
}

#[test]
fn a_request_takes_one_batch_of_each_partition_up_to_its_size() {
    let mut p = producer(|params| params.max_request_size = 196);
    offer(&mut p, 1..=2, Time(0));
    for number in 3..=4 {
        p.append(OTHER, record(number, 30), true, Time(0));
    }
    // Each batch has 98 bytes: two fit.
    assert_eq!(numbers(&p.drain(B1, &leaders(), Time(0))), [1, 3]);
    p.config.max_request_size = 195;
    assert_eq!(p.drain(B1, &leaders(), Time(0)).len(), 1);
}

#[test]
fn without_a_leader_batches_wait_and_the_metadata_is_asked_for() {
    let mut p = producer(|_| {});
    offer(&mut p, [1], Time(0));
    let nobody: Leaders = [(
        TP,
        LeaderInfo {
            leader: None,
            epoch: 3,
        },
    )]
    .into();
    let ready = p.ready(&nobody, false, Time(0));
    assert!(ready.leaderless && ready.nodes.is_empty() && ready.next.is_none());
}

#[test]
fn recorded_case_buffer_full_four_buffers_and_no_fifth() {
    let mut p = producer(|params| {
        params.buffer_memory = 52_000;
        params.batch_size = 12_100;
    });
    let append = |p: &mut Accumulator, number| p.append(TP, record(number, 12_000), true, Time(0));
    for number in 2..=5 {
        assert!(matches!(
            append(&mut p, number),
            Append::Done { wake: true, .. }
        ));
    }
    assert_eq!(append(&mut p, 6), Append::NoMemory);
    let sent = send_all(&mut p, Time(0));
    answer(&mut p, &sent[0], Code::None, Time(10));
    assert!(matches!(append(&mut p, 6), Append::Done { .. }));
}

#[test]
fn giving_up_leaves_nothing_behind() {
    let mut p = producer(|_| {});
    offer(&mut p, 1..=2, Time(0));
    send_all(&mut p, Time(0));
    offer(&mut p, [3], Time(10));
    let upto = p.next_id();
    assert!(p.incomplete_below(upto));
    let given_up = p.abort();
    let numbers: Vec<_> = given_up
        .iter()
        .flat_map(ProducerBatch::records)
        .map(|r| r.message.number)
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(!p.incomplete_below(upto) && !p.has_undrained() && p.pool.used() == 0);
}

#[test]
fn acks_are_written_as_the_protocol_has_them() {
    for (acks, number) in [(Acks::Zero, 0), (Acks::One, 1), (Acks::All, -1)] {
        assert_eq!(producer(|params| params.acks = acks).config.acks, number);
    }
}
