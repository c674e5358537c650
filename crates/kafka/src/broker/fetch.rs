//! Answering fetches of consumers and followers, and the purgatory of those that found nothing
//! (`ReplicaManager.fetchMessages`, `DelayedFetch`; reference 2.5).

use super::{Broker, log};
use crate::errors::Code;
use crate::messages::{Answer, FetchAsk, FetchPart, FetchResult};
use crate::mutant::Mutant;
use crate::records::Tp;
use crate::system::{Kafka, Timer};
use ackscope_kernel::{Causes, ConnId, EntryId, Env, SeatId, Span};
use borsh::BorshSerialize;

/// A fetch that waits for data.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Parked {
    pub(super) conn: ConnId,
    corr: u32,
    ask: FetchAsk,
    entry: EntryId,
}

fn failed(tp: Tp, error: Code) -> FetchResult {
    FetchResult {
        tp,
        error,
        high_watermark: -1,
        log_start: -1,
        diverging: None,
        leader: None,
        batches: Vec::new(),
    }
}

impl Broker {
    pub(super) fn fetch(
        &mut self,
        conn: ConnId,
        corr: u32,
        ask: FetchAsk,
        env: &mut Env<'_, Kafka>,
    ) {
        // The answer is read first, with the watermark as it is; only then the fetch is taken as proof
        // of what the follower has. It learns the new watermark one fetch later.
        let results = self.read_all(&ask, env);
        if let Some((follower, broker_epoch)) = ask.replica {
            for (part, result) in ask.parts.iter().zip(&results) {
                if result.error == Code::None && result.diverging.is_none() {
                    self.note_fetch(follower, broker_epoch, part, env);
                }
            }
        }
        let bytes: i64 = results
            .iter()
            .flat_map(|r| &r.batches)
            .map(|b| i64::from(b.size))
            .sum();
        let at_once = results
            .iter()
            .any(|r| r.error != Code::None || r.diverging.is_some());
        if at_once
            || ask.max_wait_ms <= 0
            || ask.parts.is_empty()
            || (bytes > 0 && bytes >= ask.min_bytes)
        {
            env.send(
                conn,
                crate::messages::Msg::Answer {
                    corr,
                    answer: Answer::Fetch(results),
                },
            );
            return;
        }
        env.read(conn, false);
        let id = self.park_number();
        env.arm_in(Timer::FetchPark(id), Span::ms(ask.max_wait_ms));
        self.fetches.insert(
            id,
            Parked {
                conn,
                corr,
                ask,
                entry: env.entry(),
            },
        );
    }

    fn read_all(&self, ask: &FetchAsk, env: &Env<'_, Kafka>) -> Vec<FetchResult> {
        let mut room = ask.max_bytes;
        ask.parts
            .iter()
            .map(|part| {
                let result = self.read_one(part, ask.replica, room, env);
                room -= result
                    .batches
                    .iter()
                    .map(|b| i64::from(b.size))
                    .sum::<i64>();
                result
            })
            .collect()
    }

    /// The checks of reference 2.5, in the product's order, then the read.
    fn read_one(
        &self,
        part: &FetchPart,
        follower: Option<(SeatId, i64)>,
        room: i64,
        env: &Env<'_, Kafka>,
    ) -> FetchResult {
        let tp = part.tp;
        let Some(replica) = self.replica(tp).filter(|r| r.known) else {
            let known = self.image.partitions.contains_key(&tp);
            return failed(
                tp,
                if known {
                    Code::NotLeaderOrFollower
                } else {
                    Code::UnknownTopicOrPartition
                },
            );
        };
        if part.leader_epoch >= 0 && !env.settings().planted(Mutant::ZombieAccepted) {
            if part.leader_epoch < replica.leader_epoch {
                return FetchResult {
                    leader: self.leader_info(tp),
                    ..failed(tp, Code::FencedLeaderEpoch)
                };
            }
            if part.leader_epoch > replica.leader_epoch {
                return failed(tp, Code::UnknownLeaderEpoch);
            }
        }
        let Some(lead) = &replica.lead else {
            return FetchResult {
                leader: self.leader_info(tp),
                ..failed(tp, Code::NotLeaderOrFollower)
            };
        };
        if let Some((seat, broker_epoch)) = follower {
            if !lead.remotes.contains_key(&seat) {
                return failed(tp, Code::UnknownLeaderEpoch);
            }
            // KIP-903: a follower of an older incarnation is not what the metadata says.
            if self
                .image
                .brokers
                .get(&seat)
                .is_some_and(|b| broker_epoch < b.epoch)
            {
                return failed(tp, Code::NotLeaderOrFollower);
            }
        }
        let mut result = FetchResult {
            high_watermark: replica.high_watermark,
            log_start: replica.start,
            ..failed(tp, Code::None)
        };
        if let Some(last) = part.last_epoch {
            match replica.epochs.end_of(last, replica.end) {
                None => return failed(tp, Code::OffsetOutOfRange),
                Some(_) if part.offset < replica.start => {
                    return failed(tp, Code::OffsetOutOfRange);
                }
                Some((epoch, end))
                    if (epoch < last || end < part.offset)
                        && !env.settings().planted(Mutant::KeepsDiverged) =>
                {
                    result.diverging = Some((epoch, end));
                    return result;
                }
                Some(_) => {}
            }
        }
        if part.offset < replica.start || part.offset > replica.end {
            return failed(tp, Code::OffsetOutOfRange);
        }
        let limit = if follower.is_some() {
            replica.end
        } else {
            replica.high_watermark
        };
        if part.offset < limit {
            result.batches = log::read(env.disk(), tp, part.offset, limit, room.max(0));
        }
        result
    }

    /// Records what a follower has, and what follows from it: ISR, watermark.
    fn note_fetch(
        &mut self,
        follower: SeatId,
        broker_epoch: i64,
        part: &FetchPart,
        env: &mut Env<'_, Kafka>,
    ) {
        let (now, entry) = (env.now(), env.entry());
        let Some(replica) = self.replica_mut(part.tp) else {
            return;
        };
        let end = replica.end;
        let Some(remote) = replica
            .lead
            .as_mut()
            .and_then(|lead| lead.remotes.get_mut(&follower))
        else {
            return;
        };
        let before = remote.end;
        remote.fetched(part.offset, end, now, broker_epoch, entry);
        self.maybe_expand(part.tp, follower, env);
        if before != Some(part.offset) {
            self.advance_watermark(part.tp, env);
        }
    }

    /// Fetches that wait for this partition: the log grew or its leadership changed (`grown`), or its
    /// watermark moved. A watermark alone does not wake a follower.
    pub(super) fn wake_fetches(&mut self, tp: Tp, grown: bool, env: &mut Env<'_, Kafka>) {
        if self.fetches.is_empty() {
            return;
        }
        let waiting: Vec<u32> = self
            .fetches
            .iter()
            .filter(|(_, p)| p.ask.replica.is_some() == grown || grown)
            .filter(|(_, p)| p.ask.parts.iter().any(|part| part.tp == tp))
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            let Some(parked) = self.fetches.get(&id) else {
                continue;
            };
            let results = self.read_all(&parked.ask, env);
            let bytes: i64 = results
                .iter()
                .flat_map(|r| &r.batches)
                .map(|b| i64::from(b.size))
                .sum();
            let ready = results
                .iter()
                .any(|r| r.error != Code::None || r.diverging.is_some());
            if ready || (bytes > 0 && bytes >= parked.ask.min_bytes) {
                self.answer_fetch(id, results, env);
            }
        }
    }

    /// The wait of a fetch is over: it is answered with what there is.
    pub(super) fn fetch_over(&mut self, id: u32, env: &mut Env<'_, Kafka>) {
        if let Some(parked) = self.fetches.get(&id) {
            let results = self.read_all(&parked.ask, env);
            self.answer_fetch(id, results, env);
        }
    }

    fn answer_fetch(&mut self, id: u32, results: Vec<FetchResult>, env: &mut Env<'_, Kafka>) {
        if let Some(parked) = self.fetches.remove(&id) {
            env.disarm(Timer::FetchPark(id));
            let causes = Causes::NONE.and(parked.entry);
            self.answer(
                parked.conn,
                parked.corr,
                Answer::Fetch(results),
                causes,
                env,
            );
        }
    }
}
