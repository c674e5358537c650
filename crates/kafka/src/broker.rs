//! A broker: replicas of partitions, the requests that wait in its purgatories, its link to the
//! controller, its fetchers. Which handler gets which input is decided here; rules live in the modules.

mod clean;
mod epochs;
mod fetch;
mod follow;
pub mod group;
mod isr;
mod lifecycle;
mod log;
mod produce;
mod producers;
mod queries;
mod replica;
mod retention;
mod roles;

pub use replica::{Lead, Remote, Replica};

use crate::messages::{Answer, Ask, Msg};
use crate::metadata::Image;
use crate::records::{FileName, Tp};
use crate::system::{Kafka, Timer};
use ackscope_kernel::{Causes, ConnId, EntryId, Env, Input, SeatId};
use ackscope_kernel::{SortedMap, SortedSet};
use borsh::BorshSerialize;
use std::sync::Arc;

/// The broker process.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Broker {
    /// The metadata as far as this broker has replayed it.
    image: Arc<Image>,
    link: lifecycle::Link,
    stage: lifecycle::Stage,
    /// Epoch of this registration, once the controller gave it.
    epoch: i64,
    replicas: SortedMap<Tp, Arc<Replica>>,
    fetchers: SortedMap<SeatId, follow::Fetcher>,
    produces: SortedMap<u32, produce::Parked>,
    fetches: SortedMap<u32, fetch::Parked>,
    next_park: u32,
    coordinator: group::Coordinator,
    /// Producer ids that may still be given out: next, end.
    producer_ids: (i64, i64),
    asked_for_ids: bool,
    /// Partitions whose watermark moved in this step, and whose log grew; settled at its end.
    moved: SortedSet<Tp>,
    grown: SortedSet<Tp>,
}

impl Broker {
    /// Reads the logs on disk; registration comes after the time that a JVM needs to start.
    pub fn boot(env: &mut Env<'_, Kafka>) -> Self {
        let tps: Vec<Tp> = env
            .disk()
            .names()
            .filter_map(|name| {
                if let FileName::Log(tp) = name {
                    Some(*tp)
                } else {
                    None
                }
            })
            .collect();
        let replicas = tps
            .into_iter()
            .map(|tp| (tp, Arc::new(Replica::recover(tp, env))))
            .collect();
        let mut broker = Broker {
            image: Arc::default(),
            link: lifecycle::Link::new(env),
            stage: lifecycle::Stage::Starting,
            epoch: -1,
            replicas,
            fetchers: SortedMap::new(),
            produces: SortedMap::new(),
            fetches: SortedMap::new(),
            next_park: 0,
            coordinator: group::Coordinator::default(),
            producer_ids: (0, 0),
            asked_for_ids: false,
            moved: SortedSet::new(),
            grown: SortedSet::new(),
        };
        broker.begin(env);
        broker
    }

    /// The metadata as this broker knows it.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// All replicas of this broker.
    pub fn replicas(&self) -> impl Iterator<Item = (Tp, &Replica)> {
        self.replicas.iter().map(|(tp, replica)| (*tp, &**replica))
    }

    /// One replica.
    #[must_use]
    pub fn replica(&self, tp: Tp) -> Option<&Replica> {
        self.replicas.get(&tp).map(|replica| &**replica)
    }

    /// Produce requests that wait for the in-sync replicas.
    #[must_use]
    pub fn parked_produces(&self) -> usize {
        self.produces.len()
    }

    /// The broker serves clients and other brokers.
    #[must_use]
    pub fn serves(&self) -> bool {
        self.stage == lifecycle::Stage::Serving || self.stage == lifecycle::Stage::ShuttingDown
    }

    /// The broker's registration, once it has one.
    #[must_use]
    pub fn epoch(&self) -> Option<i64> {
        (self.epoch >= 0).then_some(self.epoch)
    }

    fn replica_mut(&mut self, tp: Tp) -> Option<&mut Replica> {
        self.replicas.get_mut(&tp).map(Arc::make_mut)
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        if self.stage == lifecycle::Stage::Stopping && !matches!(input, Input::Timer(Timer::Exit)) {
            return;
        }
        match input {
            Input::Message {
                conn,
                from,
                message: Msg::Ask { corr, ask },
            } => {
                // The port of a starting broker is closed, so whoever asks asks one that serves.
                self.asked(conn, corr, from, ask, env);
            }
            Input::Message {
                conn,
                message: Msg::Answer { corr, answer },
                ..
            } => {
                self.answered(conn, corr, answer, env);
            }
            Input::Opened(conn) => self.opened(conn, env),
            Input::Refused(conn) | Input::Closed(conn, _) => self.closed(conn, env),
            Input::Timer(timer) => self.timer(timer, env),
            Input::Synced(FileName::Log(tp), token) => self.synced(tp, token, env),
            Input::Synced(..) | Input::Order(_) | Input::Reconfigured | Input::Written(_) => {}
            Input::Local { part, .. } | Input::PartCrashed(part) => match part {},
            Input::Shutdown => self.shut_down(env),
        }
        self.settle(env);
    }

    fn asked(&mut self, conn: ConnId, corr: u32, from: SeatId, ask: Ask, env: &mut Env<'_, Kafka>) {
        match ask {
            Ask::Produce {
                acks,
                timeout_ms,
                batches,
            } => {
                self.produce(conn, corr, acks, timeout_ms, batches, env);
            }
            Ask::Fetch(fetch) => self.fetch(conn, corr, fetch, env),
            Ask::JoinGroup(_)
            | Ask::SyncGroup { .. }
            | Ask::GroupHeartbeat { .. }
            | Ask::LeaveGroup { .. }
            | Ask::OffsetCommit { .. }
            | Ask::OffsetFetch { .. } => {
                // One request at a time per connection (SocketServer mutes the channel).
                env.read(conn, false);
                let effects = self.coordinator.asked(conn, corr, &ask, env);
                self.carry_out(effects, env);
            }
            other => {
                if let Some(answer) = self.query(from, other, env) {
                    env.send(conn, Msg::Answer { corr, answer });
                }
            }
        }
    }

    fn answered(&mut self, conn: ConnId, corr: u32, answer: Answer, env: &mut Env<'_, Kafka>) {
        match answer {
            Answer::Fetch(results) => self.fetched(conn, corr, results, env),
            Answer::ListOffsets {
                tp,
                error: crate::errors::Code::None,
                offset,
                ..
            } => {
                self.leader_offsets(tp, offset, corr, env);
            }
            other => self.controller_answered(conn, corr, other, env),
        }
    }

    fn opened(&mut self, conn: ConnId, env: &mut Env<'_, Kafka>) {
        self.controller_opened(conn, env);
        self.fetcher_opened(conn, env);
    }

    fn closed(&mut self, conn: ConnId, env: &mut Env<'_, Kafka>) {
        env.close(conn);
        self.controller_closed(conn, env);
        self.fetcher_closed(conn, env);
        self.coordinator.closed(conn);
        for id in self
            .fetches
            .iter()
            .filter(|(_, p)| p.conn == conn)
            .map(|(id, _)| *id)
            .collect::<Vec<_>>()
        {
            self.fetches.remove(&id);
            env.disarm(Timer::FetchPark(id));
        }
    }

    fn timer(&mut self, timer: Timer, env: &mut Env<'_, Kafka>) {
        match timer {
            Timer::Register
            | Timer::Heartbeat
            | Timer::Publication
            | Timer::Acceptors
            | Timer::ControllerLink
            | Timer::Exit => {
                self.lifecycle_timer(timer, env);
            }
            Timer::LagCheck => self.check_lag(env),
            Timer::Checkpoint => self.checkpoint(env),
            Timer::Retention => self.retain(env),
            Timer::Clean => self.clean(env),
            Timer::Fetcher(leader) => self.fetcher_due(leader, env),
            Timer::FetchPark(id) => self.fetch_over(id, env),
            Timer::ProducePark(id) => self.produce_over(id, env),
            Timer::AlterRetry(tp) => self.ask_for_isr(tp, env),
            Timer::Rebalance(_)
            | Timer::MemberSession(..)
            | Timer::CommitPark(_)
            | Timer::OffsetExpiry
            | Timer::CoordinatorFlush(_) => {
                let effects = self.coordinator.timer(timer, env);
                self.carry_out(effects, env);
            }
            _ => {}
        }
    }

    /// Answers a request and reads the next one of its connection.
    fn answer(
        &mut self,
        conn: ConnId,
        corr: u32,
        answer: Answer,
        causes: Causes,
        env: &mut Env<'_, Kafka>,
    ) {
        env.send_because(conn, Msg::Answer { corr, answer }, causes);
        env.read(conn, true);
    }

    /// Executes what the coordinator asks for.
    fn carry_out(&mut self, effects: Vec<group::Effect>, env: &mut Env<'_, Kafka>) {
        for effect in effects {
            match effect {
                group::Effect::Answer { conn, corr, answer } => {
                    self.answer(conn, corr, answer, Causes::NONE, env);
                }
                group::Effect::Append {
                    tp,
                    payload,
                    ticket,
                } => match self.append_internal(tp, payload, env) {
                    Ok(next) => self.coordinator.appended(ticket, next),
                    Err(error) => {
                        let more = self.coordinator.append_failed(ticket, error, env);
                        self.carry_out(more, env);
                    }
                },
            }
        }
    }

    /// Whatever waited for a longer log or a higher watermark is looked at again, until nothing moves.
    fn settle(&mut self, env: &mut Env<'_, Kafka>) {
        while let Some(tp) = self.grown.pop_first() {
            self.wake_fetches(tp, true, env);
        }
        while let Some(tp) = self.moved.pop_first() {
            self.wake_produces(tp, env);
            self.wake_fetches(tp, false, env);
            if let Some(watermark) = self
                .replica(tp)
                .filter(|r| r.is_leader())
                .map(|r| r.high_watermark)
            {
                let effects = self.coordinator.high_watermark(tp, watermark, env);
                self.carry_out(effects, env);
            }
            while let Some(tp) = self.grown.pop_first() {
                self.wake_fetches(tp, true, env);
            }
        }
    }

    /// A number for something that waits.
    fn park_number(&mut self) -> u32 {
        self.next_park = self.next_park.wrapping_add(1);
        self.next_park
    }

    /// The entry of the last fetch of each follower: why the watermark stands where it stands.
    fn fetch_causes(&self, tp: Tp) -> Causes {
        let remotes = self
            .replica(tp)
            .and_then(|r| r.lead.as_ref())
            .map(|lead| &lead.remotes);
        remotes
            .into_iter()
            .flatten()
            .map(|(_, r)| r.entry)
            .filter(|e| *e != EntryId::NONE)
            .fold(Causes::NONE, Causes::and)
    }
}
