//! The accumulator and the sequence rules against a log that checks sequences as a broker does
//! (reference 3.6), without world, network or clock.

use super::accumulator::{Accumulator, Append, Leaders};
use super::answers::Outcome;
use super::batch::Identity;
use super::config::Config;
use super::drain::Drained;
use crate::errors::Code;
use crate::messages::LeaderInfo;
use crate::params::{ProducerParams, V4_3};
use crate::records::{Batch, Record, Tp};
use ackscope_kernel::{MessageKey, SeatId, Span, Time};
use ackscope_params::Registry;
use std::sync::Arc;

const TP: Tp = Tp {
    topic: 1,
    partition: 0,
};
const OTHER: Tp = Tp {
    topic: 1,
    partition: 1,
};
const B1: SeatId = SeatId(1);

mod sending;

pub(super) fn record(number: u32, size: u32) -> Record {
    let message = MessageKey {
        origin: SeatId(9),
        number,
    };
    Record {
        message,
        attempt: 0,
        size,
        timestamp_ms: 0,
        key: None,
    }
}

/// A partition's log with the producer state of its leader.
#[derive(Default)]
struct Log {
    batches: Vec<Arc<Batch>>,
    next: i64,
    /// Producer epoch and last sequence number; `None`: nothing is known of the producer.
    state: Option<(i16, i32)>,
}

impl Log {
    /// Answers a produce request as a leader does.
    fn append(&mut self, batch: &Arc<Batch>) -> (Code, i64) {
        let (epoch, sequence) = (batch.producer_epoch, batch.sequence);
        if sequence >= 0 {
            let copy = |b: &&Arc<Batch>| (b.producer_epoch, b.sequence) == (epoch, sequence);
            if self.batches.iter().rev().take(5).any(|b| copy(&b)) {
                return (Code::None, 0);
            }
            match self.state {
                Some((known, _)) if epoch < known => return (Code::InvalidProducerEpoch, -1),
                Some((known, _)) if epoch > known && sequence != 0 => {
                    return (Code::OutOfOrderSequenceNumber, -1);
                }
                Some((known, last)) if epoch == known && sequence != last + 1 => {
                    return (Code::OutOfOrderSequenceNumber, -1);
                }
                _ => {}
            }
            self.state = Some((epoch, batch.last_sequence()));
        }
        let base = self.next;
        self.next += i64::from(batch.count());
        self.batches.push(batch.clone());
        (Code::None, base)
    }

    fn numbers(&self) -> Vec<u32> {
        let records = self.batches.iter().flat_map(|batch| batch.records());
        records.map(|record| record.message.number).collect()
    }
}

/// A producer whose batches hold one of the records below each, unless the test says otherwise. (With
/// batch.size=1 two very short records would still share one: the buffer has room for the largest
/// possible framing of the first.)
fn producer(change: impl FnOnce(&mut ProducerParams)) -> Accumulator {
    let mut params = ProducerParams::defaults(V4_3);
    params.idempotent = true;
    params.batch_size = 1;
    params.linger_ms = 0;
    change(&mut params);
    let mut accumulator = Accumulator::new(Config::new(&params));
    if params.idempotent {
        accumulator.idempotence.identity = Some(Identity { id: 7, epoch: 0 });
    }
    accumulator
}

fn plain(params: &mut ProducerParams) {
    params.idempotent = false;
}

fn leaders() -> Leaders {
    let info = LeaderInfo {
        leader: Some(B1),
        epoch: 0,
    };
    [(TP, info), (OTHER, info)].into()
}

fn offer(accumulator: &mut Accumulator, numbers: impl IntoIterator<Item = u32>, now: Time) {
    for number in numbers {
        let appended = accumulator.append(TP, record(number, 30), true, now);
        assert!(matches!(appended, Append::Done { .. }));
    }
}

/// Sends requests until nothing more may go out.
fn send_all(accumulator: &mut Accumulator, now: Time) -> Vec<Drained> {
    let mut sent = Vec::new();
    loop {
        let ready = accumulator.ready(&leaders(), false, now);
        let drained: Vec<_> = ready
            .nodes
            .into_iter()
            .flat_map(|node| accumulator.drain(node, &leaders(), now))
            .collect();
        if drained.is_empty() {
            return sent;
        }
        sent.extend(drained);
    }
}

fn answer(accumulator: &mut Accumulator, sent: &Drained, error: Code, now: Time) -> Outcome {
    let outcome = accumulator.answer((sent.tp, sent.id), error, now, |_, _| Span(100_000));
    accumulator.settle_sequences();
    outcome
}

fn numbers(sent: &[Drained]) -> Vec<u32> {
    let records = sent.iter().flat_map(|sent| sent.batch.records());
    records.map(|record| record.message.number).collect()
}

/// Sends and answers until nothing is left; an error of the log is an answer, too.
fn run(accumulator: &mut Accumulator, log: &mut Log, mut now: Time) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for _ in 0..100 {
        for sent in send_all(accumulator, now) {
            let (error, _) = log.append(&sent.batch);
            outcomes.push(answer(accumulator, &sent, error, now));
        }
        if !accumulator.has_undrained() {
            break;
        }
        now = now + Span(200_000);
    }
    outcomes
}

fn acked(outcomes: &[Outcome]) -> Vec<u32> {
    let batches = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Acked(batch) => Some(batch),
        _ => None,
    });
    batches
        .flat_map(|batch| batch.records())
        .map(|record| record.message.number)
        .collect()
}

#[test]
fn s28_without_idempotence_a_refused_batch_comes_after_the_next_ones() {
    let mut p = producer(plain);
    let mut log = Log::default();
    offer(&mut p, 1..=3, Time(0));
    let sent = send_all(&mut p, Time(0));
    assert_eq!(numbers(&sent), [1, 2, 3]);
    answer(&mut p, &sent[0], Code::NotEnoughReplicas, Time(10));
    for sent in &sent[1..] {
        log.append(&sent.batch);
        answer(&mut p, sent, Code::None, Time(10));
    }
    assert_eq!(send_all(&mut p, Time(10)), [], "the back-off is not over");
    run(&mut p, &mut log, Time(100_010));
    assert_eq!(log.numbers(), [2, 3, 1]);
}

#[test]
fn s29_without_idempotence_a_broken_connection_turns_the_order_round() {
    let mut p = producer(plain);
    let mut log = Log::default();
    offer(&mut p, 1..=3, Time(0));
    for sent in send_all(&mut p, Time(0)) {
        answer(&mut p, &sent, Code::NetworkException, Time(10));
    }
    run(&mut p, &mut log, Time(200_000));
    assert_eq!(log.numbers(), [3, 2, 1]);
}

#[test]
fn s30_one_request_in_flight_keeps_the_order() {
    let mut p = producer(|params| {
        plain(params);
        params.max_in_flight_requests_per_connection = 1;
    });
    let mut log = Log::default();
    offer(&mut p, 1..=3, Time(0));
    let sent = send_all(&mut p, Time(0));
    assert_eq!(numbers(&sent), [1]);
    answer(&mut p, &sent[0], Code::NetworkException, Time(10));
    run(&mut p, &mut log, Time(200_000));
    assert_eq!(log.numbers(), [1, 2, 3]);
}

#[test]
fn s26_s27_a_lost_answer_makes_a_copy_only_without_idempotence() {
    for (change, copies) in [(plain as fn(&mut ProducerParams), 2), (|_| {}, 1)] {
        let mut p = producer(change);
        let mut log = Log::default();
        offer(&mut p, [1], Time(0));
        for sent in send_all(&mut p, Time(0)) {
            log.append(&sent.batch);
            answer(&mut p, &sent, Code::NetworkException, Time(10));
        }
        let outcomes = run(&mut p, &mut log, Time(200_000));
        assert_eq!(acked(&outcomes), [1]);
        assert_eq!(log.numbers().len(), copies);
    }
}

#[test]
fn t5_a_pipeline_with_known_state_is_retried_in_order_one_at_a_time() {
    let mut p = producer(|_| {});
    let mut log = Log::default();
    offer(&mut p, [1], Time(0));
    run(&mut p, &mut log, Time(0));
    offer(&mut p, 2..=4, Time(10));
    let sent = send_all(&mut p, Time(10));
    assert_eq!(numbers(&sent), [2, 3, 4]);
    answer(&mut p, &sent[0], Code::NotEnoughReplicas, Time(20));
    for sent in &sent[1..] {
        let (error, _) = log.append(&sent.batch);
        assert_eq!(error, Code::OutOfOrderSequenceNumber);
        answer(&mut p, sent, error, Time(20));
    }
    let again = send_all(&mut p, Time(200_000));
    assert_eq!(
        numbers(&again),
        [2],
        "only the first in the sequence goes out"
    );
    // A new record waits behind the retries.
    offer(&mut p, [5], Time(200_000));
    assert_eq!(send_all(&mut p, Time(200_001)), []);
    log.append(&again[0].batch);
    answer(&mut p, &again[0], Code::None, Time(200_002));
    run(&mut p, &mut log, Time(400_000));
    assert_eq!(log.numbers(), [1, 2, 3, 4, 5]);
    assert_eq!(p.idempotence.identity, Some(Identity { id: 7, epoch: 0 }));
}

#[test]
fn t6_s83_a_first_batch_that_was_overtaken_never_gets_in() {
    let mut p = producer(|params| params.delivery_timeout_ms = 1000);
    let mut log = Log::default();
    offer(&mut p, 1..=2, Time(0));
    let sent = send_all(&mut p, Time(0));
    answer(&mut p, &sent[0], Code::NotLeaderOrFollower, Time(10));
    // Nothing is known of the producer, so its second batch is accepted.
    assert_eq!(log.append(&sent[1].batch).0, Code::None);
    answer(&mut p, &sent[1], Code::None, Time(10));
    let mut now = Time(0);
    let expired = loop {
        now = now + Span(125_000);
        let expired = p.expire(now);
        if !expired.is_empty() {
            break expired;
        }
        for sent in send_all(&mut p, now) {
            let (error, _) = log.append(&sent.batch);
            assert_eq!(error, Code::OutOfOrderSequenceNumber);
            assert!(matches!(
                answer(&mut p, &sent, error, now),
                Outcome::Again(..)
            ));
        }
    };
    assert_eq!(now, Time(1_000_000));
    assert_eq!(expired[0].1.records()[0].message.number, 1);
    // The batch after it was acknowledged, so the client believes that the first was written.
    assert_eq!(p.settle_sequences(), None);
    offer(&mut p, [3], now);
    run(&mut p, &mut log, now);
    assert_eq!(log.numbers(), [2, 3]);
}

#[test]
fn s24_a_hole_in_the_log_is_healed_by_a_new_epoch() {
    let mut p = producer(|_| {});
    let mut log = Log::default();
    for number in 1..=3 {
        offer(&mut p, [number], Time(0));
        run(&mut p, &mut log, Time(0));
    }
    // An unclean election: the new leader knows the first record only.
    log.batches.truncate(1);
    log.next = 1;
    log.state = Some((0, 0));
    offer(&mut p, 4..=6, Time(10));
    let sent = send_all(&mut p, Time(10));
    for sent in &sent {
        let (error, _) = log.append(&sent.batch);
        assert_eq!(error, Code::OutOfOrderSequenceNumber);
        assert!(matches!(
            answer(&mut p, sent, error, Time(20)),
            Outcome::Again(..)
        ));
    }
    let outcomes = run(&mut p, &mut log, Time(200_000));
    assert_eq!(acked(&outcomes), [4, 5, 6]);
    assert_eq!(log.numbers(), [1, 4, 5, 6]);
    assert_eq!(p.idempotence.identity, Some(Identity { id: 7, epoch: 1 }));
    let sequences: Vec<_> = log
        .batches
        .iter()
        .map(|b| (b.producer_epoch, b.sequence))
        .collect();
    assert_eq!(sequences, [(0, 0), (1, 0), (1, 1), (1, 2)]);
}

#[test]
fn s33_expiry_of_a_sent_batch_bumps_the_epoch_before_anything_new_goes_out() {
    let mut p = producer(|params| params.delivery_timeout_ms = 1000);
    let mut log = Log::default();
    offer(&mut p, [1], Time(0));
    run(&mut p, &mut log, Time(0));
    offer(&mut p, [2], Time(10));
    let sent = send_all(&mut p, Time(10));
    // It was written, but the answer never came.
    log.append(&sent[0].batch);
    answer(&mut p, &sent[0], Code::RequestTimedOut, Time(500_000));
    let again = send_all(&mut p, Time(600_000));
    assert_eq!(numbers(&again), [2]);
    offer(&mut p, [3], Time(700_000));
    assert_eq!(p.next_expiry(), Some(Time(1_000_010)));
    let expired = p.expire(Time(1_000_010));
    assert_eq!(expired.len(), 1);
    assert_eq!(p.settle_sequences(), Some(1));
    let outcomes = run(&mut p, &mut log, Time(1_000_020));
    assert_eq!(acked(&outcomes), [3]);
    assert_eq!(log.numbers(), [1, 2, 3]);
    assert_eq!(log.batches[2].producer_epoch, 1);
    // The late answer changes nothing but gives the memory back.
    assert!(p.pool.used() > 0);
    assert_eq!(
        answer(&mut p, &again[0], Code::None, Time(2_000_000)),
        Outcome::Nothing
    );
    assert_eq!(p.pool.used(), 0);
}

#[test]
fn an_expired_batch_was_written_if_a_later_one_was_acknowledged() {
    let mut p = producer(|params| params.delivery_timeout_ms = 1000);
    let mut log = Log::default();
    offer(&mut p, [1], Time(0));
    let first = send_all(&mut p, Time(0));
    log.append(&first[0].batch);
    answer(&mut p, &first[0], Code::NetworkException, Time(10));
    let again = send_all(&mut p, Time(500_000));
    offer(&mut p, [2], Time(500_000));
    let second = send_all(&mut p, Time(500_000));
    assert_eq!((numbers(&again), numbers(&second)), (vec![1], vec![2]));
    assert_eq!(p.expire(Time(1_000_000)).len(), 1);
    offer(&mut p, [3], Time(1_000_000));
    assert_eq!(p.settle_sequences(), None);
    assert_eq!(
        send_all(&mut p, Time(1_000_000)),
        [],
        "the second batch tells what became of it"
    );
    answer(
        &mut p,
        &second[0],
        log.append(&second[0].batch).0,
        Time(1_000_010),
    );
    run(&mut p, &mut log, Time(1_000_010));
    assert_eq!(log.numbers(), [1, 2, 3]);
    assert_eq!(
        p.idempotence.identity.map(|identity| identity.epoch),
        Some(0)
    );
}

#[test]
fn s32_without_retries_the_first_error_is_final() {
    let mut p = producer(|params| {
        plain(params);
        params.retries = 0;
    });
    offer(&mut p, [1], Time(0));
    let sent = send_all(&mut p, Time(0));
    let outcome = answer(&mut p, &sent[0], Code::NetworkException, Time(10));
    assert!(matches!(outcome, Outcome::Failed(_)));
    assert_eq!(p.pool.used(), 0);
}
