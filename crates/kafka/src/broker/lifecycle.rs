//! From start to stop: registration, heartbeats, replaying the metadata log, controlled shutdown
//! (`BrokerLifecycleManager`, `NodeToControllerChannelManager`, `KafkaRaftClient` as an observer;
//! reference 2.11).

use super::Broker;
use crate::errors::Code;
use crate::messages::{Answer, Ask, Msg};
use crate::records::{DiskRecord, FileName, Tp};
use crate::system::{Kafka, Timer};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{ConnId, Env, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::sync::Arc;

/// How far a broker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Stage {
    /// The process starts; the controller does not know this incarnation yet.
    Starting,
    /// Registered, and replaying metadata up to its own registration.
    CatchingUp,
    /// It has caught up and loads its logs and managers; from the first publication on it follows.
    Recovering,
    /// Ready; it waits to be unfenced. Its port is closed until then.
    Ready,
    /// It follows, leads and answers.
    Serving,
    /// It asked for its controlled shutdown and still serves.
    ShuttingDown,
    /// Its files are closed; the process ends.
    Stopping,
}

/// What was asked of the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
enum Asked {
    Register,
    Heartbeat,
    Alter(Tp),
    ProducerIds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
enum State {
    Idle,
    Connecting(ConnId),
    Ready(ConnId),
}

/// The two connections to the controller: one for requests, one for the metadata log.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Link {
    controller: SeatId,
    requests: State,
    metadata: State,
    pending: SortedMap<u32, Asked>,
    /// A metadata fetch is under way since then.
    fetching: Option<Time>,
    next_corr: u32,
    heartbeat_waits: bool,
    /// The controller has answered to the wish to shut down once.
    shutdown_heard: bool,
    registering_since: Time,
}

/// Pause before the controller is connected to again (reconnect.backoff.ms of the broker's clients).
const RECONNECT: Span = Span(50_000);
/// A metadata fetch without answer is given up (controller.quorum.request.timeout.ms).
const METADATA_TIMEOUT: Span = Span(2_000_000);
/// AlterPartition is asked again after this (`AlterPartitionManager`; reference 2.8).
pub(super) const ALTER_RETRY: Span = Span(50_000);
/// A refused registration is tried again with a back-off of 100 to 1000 ms (`ExponentialBackoff` of
/// `BrokerLifecycleManager`: 100 ms, doubling, jitter 2 %).
const REGISTER_RETRY: Span = Span(1_000_000);
/// A broker that is not caught up says so this often.
const CATCH_UP: Span = Span(10_000);
/// From having caught up to being ready: reading logs, starting managers, the first publication of the
/// metadata. Recorded starts whose registration was not refused took 1.1 to 3 s as a whole.
const FIRST_PUBLICATION: Span = Span(500_000);
/// From being unfenced to an open port: the acceptors are bound and started after that
/// (`SocketServer.enableRequestProcessing`). Everybody else knows of the new leader sooner, so a follower
/// that connects at once is refused and pauses for replica.fetch.backoff.ms: in 102 recorded starts nobody
/// joined an ISR within 163 ms.
const ACCEPTORS: Span = Span(20_000);
/// The first answer to a wish to shut down is followed by a heartbeat this soon.
const SHUTDOWN_POLL: Span = Span(50_000);
/// How long a controlled shutdown may take before the broker stops without it.
const SHUTDOWN_LIMIT: Span = Span::secs(300);

impl Link {
    pub(super) fn new(env: &Env<'_, Kafka>) -> Self {
        Link {
            controller: env.settings().controller_seat(),
            requests: State::Idle,
            metadata: State::Idle,
            pending: SortedMap::new(),
            fetching: None,
            next_corr: 1,
            heartbeat_waits: false,
            shutdown_heard: false,
            registering_since: env.now(),
        }
    }
}

impl Broker {
    /// Arms the timers of a new process.
    pub(super) fn begin(&mut self, env: &mut Env<'_, Kafka>) {
        // The acceptors are started last (`BrokerServer.startup`).
        env.listen(false);
        let start = env.settings().pace.broker_start;
        env.arm_in(Timer::Register, start);
        self.arm_checks(env);
    }

    fn arm_checks(&mut self, env: &mut Env<'_, Kafka>) {
        let Some(params) = env.settings().brokers.get(&env.me()) else {
            return;
        };
        let checkpoint = Span::ms(params.replica_high_watermark_checkpoint_interval_ms);
        let retention = Span::ms(params.log_initial_task_delay_ms);
        let clean = params
            .log_cleaner_enable
            .then(|| Span::ms(params.log_cleaner_backoff_ms));
        let lag = self.lag_interval(env);
        // The phases of the periodic checks come from the seed: brokers do not start at the same instant.
        let phase = |n: u64, span: Span| {
            Span(env.draw([20 + n, u64::from(env.incarnation()), 0], 1, span.0.max(1)))
        };
        let (first_lag, first_checkpoint) = (phase(0, lag), phase(1, checkpoint));
        env.arm_in(Timer::LagCheck, first_lag);
        env.arm_in(Timer::Checkpoint, first_checkpoint);
        env.arm_in(Timer::Retention, retention);
        if let Some(clean) = clean {
            env.arm_in(Timer::Clean, clean);
        }
    }

    pub(super) fn lifecycle_timer(&mut self, timer: Timer, env: &mut Env<'_, Kafka>) {
        match timer {
            Timer::Register => {
                self.connect(env);
                self.register(env);
            }
            Timer::Heartbeat => self.heartbeat(env),
            Timer::Publication => {
                self.stage = Stage::Ready;
                self.take_roles(env);
                // `setReadyToUnfence` does not wait for the next heartbeat.
                self.heartbeat(env);
            }
            Timer::Acceptors => env.listen(true),
            Timer::ControllerLink => {
                self.give_up_metadata(env);
                self.connect(env);
                if let Some(since) = self.link.fetching {
                    env.arm(Timer::ControllerLink, since + METADATA_TIMEOUT);
                }
            }
            Timer::Exit => self.exit(env),
            _ => {}
        }
    }

    // ---- the two connections ----

    fn connect(&mut self, env: &mut Env<'_, Kafka>) {
        let controller = self.link.controller;
        if self.link.requests == State::Idle {
            self.link.requests = State::Connecting(env.open(controller));
        }
        if self.link.metadata == State::Idle {
            self.link.metadata = State::Connecting(env.open(controller));
        }
    }

    pub(super) fn controller_opened(&mut self, conn: ConnId, env: &mut Env<'_, Kafka>) {
        if self.link.requests == State::Connecting(conn) {
            self.link.requests = State::Ready(conn);
            match self.stage {
                Stage::Starting => self.register(env),
                _ => self.heartbeat(env),
            }
            self.repeat_isr_requests(env);
        }
        if self.link.metadata == State::Connecting(conn) {
            self.link.metadata = State::Ready(conn);
            self.fetch_metadata(env);
        }
    }

    pub(super) fn controller_closed(&mut self, conn: ConnId, env: &mut Env<'_, Kafka>) {
        let is =
            |state: State| matches!(state, State::Ready(c) | State::Connecting(c) if c == conn);
        if is(self.link.requests) {
            self.link.requests = State::Idle;
            self.link.heartbeat_waits = false;
            for asked in std::mem::take(&mut self.link.pending).into_values() {
                match asked {
                    Asked::Alter(tp) => self.isr_request_failed(tp, env),
                    Asked::ProducerIds => self.asked_for_ids = false,
                    Asked::Register | Asked::Heartbeat => {}
                }
            }
            env.arm_in(Timer::ControllerLink, RECONNECT);
        }
        if is(self.link.metadata) {
            self.link.metadata = State::Idle;
            self.link.fetching = None;
            env.arm_in(Timer::ControllerLink, RECONNECT);
        }
    }

    fn ask_controller(&mut self, ask: Ask, asked: Asked, env: &mut Env<'_, Kafka>) -> bool {
        let State::Ready(conn) = self.link.requests else {
            return false;
        };
        let corr = self.link.next_corr;
        self.link.next_corr += 1;
        self.link.pending.insert(corr, asked);
        env.send(conn, Msg::Ask { corr, ask });
        true
    }

    /// Asks the controller for an ISR change. Returns whether the request could be written.
    pub(super) fn send_alter(&mut self, tp: Tp, ask: Ask, env: &mut Env<'_, Kafka>) -> bool {
        self.ask_controller(ask, Asked::Alter(tp), env)
    }

    /// Asks for a block of producer ids, unless that is under way.
    pub(super) fn want_producer_ids(&mut self, env: &mut Env<'_, Kafka>) {
        if !self.asked_for_ids {
            self.asked_for_ids =
                self.ask_controller(Ask::AllocateProducerIds, Asked::ProducerIds, env);
        }
    }

    pub(super) fn controller_answered(
        &mut self,
        conn: ConnId,
        corr: u32,
        answer: Answer,
        env: &mut Env<'_, Kafka>,
    ) {
        if let Answer::MetadataFetch { from, batches } = answer {
            if self.link.metadata == State::Ready(conn) {
                self.link.fetching = None;
                self.replay(from, &batches, env);
                self.fetch_metadata(env);
            }
            return;
        }
        if self.link.requests != State::Ready(conn) || self.link.pending.remove(&corr).is_none() {
            return;
        }
        match answer {
            Answer::Register { error, epoch } => self.registered(error, epoch, env),
            Answer::BrokerHeartbeat {
                error,
                fenced,
                should_shut_down,
            } => {
                self.heartbeat_answered(error, fenced, should_shut_down, env);
            }
            Answer::AlterPartition { tp, error, state } => self.isr_answered(tp, error, state, env),
            Answer::ProducerIds { first, count } => {
                self.asked_for_ids = false;
                self.producer_ids = (first, first + count);
            }
            _ => {}
        }
    }

    // ---- metadata ----

    fn fetch_metadata(&mut self, env: &mut Env<'_, Kafka>) {
        if let State::Ready(conn) = self.link.metadata
            && self.link.fetching.is_none()
        {
            let corr = self.link.next_corr;
            self.link.next_corr += 1;
            self.link.fetching = Some(env.now());
            env.send(
                conn,
                Msg::Ask {
                    corr,
                    ask: Ask::MetadataFetch {
                        offset: self.image.offset,
                    },
                },
            );
            // The same timer brings back a broken connection for requests, and that comes first.
            if self.link.requests != State::Idle || env.armed(Timer::ControllerLink).is_none() {
                env.arm_in(Timer::ControllerLink, METADATA_TIMEOUT);
            }
        }
    }

    /// A fetch that stayed without answer ends with its connection.
    fn give_up_metadata(&mut self, env: &mut Env<'_, Kafka>) {
        let over = self
            .link
            .fetching
            .is_some_and(|since| env.now().since(since) >= METADATA_TIMEOUT);
        let conn = match self.link.metadata {
            State::Ready(conn) if over => Some(conn),
            // A connection attempt into silence is repeated by the operating system; it stays.
            _ => None,
        };
        if let Some(conn) = conn {
            env.close(conn);
            self.link.metadata = State::Idle;
            self.link.fetching = None;
        }
    }

    fn replay(
        &mut self,
        from: i64,
        batches: &[Arc<[crate::metadata::MetaRecord]>],
        env: &mut Env<'_, Kafka>,
    ) {
        if batches.is_empty() || from > self.image.offset {
            return;
        }
        let known = usize::try_from(self.image.offset - from).unwrap_or(0);
        let image = Arc::make_mut(&mut self.image);
        for batch in batches.iter().skip(known) {
            image.apply(batch);
        }
        self.caught_up(env);
        if self.has_roles() {
            self.take_roles(env);
        }
    }

    // ---- registration and heartbeats ----

    fn register(&mut self, env: &mut Env<'_, Kafka>) {
        if self.stage != Stage::Starting
            || self.link.pending.values().any(|a| *a == Asked::Register)
        {
            return;
        }
        if env.armed(Timer::Register).is_some() {
            return;
        }
        let limit = env
            .settings()
            .brokers
            .get(&env.me())
            .map_or(60_000, |p| p.initial_broker_registration_timeout_ms);
        if env.now().since(self.link.registering_since)
            > Span::ms(limit) + env.settings().pace.broker_start
        {
            // initial.broker.registration.timeout.ms is over: the broker gives up and exits.
            env.exit();
            return;
        }
        let clean_epoch = match env
            .disk()
            .read(&FileName::CleanShutdown)
            .and_then(|f| f.front())
        {
            Some(DiskRecord::CleanShutdown(epoch)) => Some(*epoch),
            _ => None,
        };
        let ask = Ask::Register {
            incarnation: env.incarnation(),
            clean_epoch,
        };
        self.ask_controller(ask, Asked::Register, env);
    }

    fn registered(&mut self, error: Code, epoch: i64, env: &mut Env<'_, Kafka>) {
        if error == Code::None {
            self.epoch = epoch;
            self.stage = Stage::CatchingUp;
            // From here on a death is unclean again (`CleanShutdownFileHandler.delete`).
            env.remove(&FileName::CleanShutdown);
            self.caught_up(env);
            self.heartbeat(env);
        } else {
            env.arm_in(Timer::Register, REGISTER_RETRY);
        }
    }

    /// The metadata reaches up to this registration: the broker can load what it is to hold.
    fn caught_up(&mut self, env: &mut Env<'_, Kafka>) {
        if self.stage == Stage::CatchingUp && self.image.offset > self.epoch {
            self.stage = Stage::Recovering;
            env.arm_in(Timer::Publication, FIRST_PUBLICATION);
        }
    }

    /// It has published its metadata: it follows and, once unfenced, leads.
    fn has_roles(&self) -> bool {
        matches!(
            self.stage,
            Stage::Ready | Stage::Serving | Stage::ShuttingDown
        )
    }

    fn heartbeat_interval(env: &Env<'_, Kafka>) -> Span {
        Span::ms(
            env.settings()
                .brokers
                .get(&env.me())
                .map_or(2000, |p| p.broker_heartbeat_interval_ms),
        )
    }

    fn heartbeat(&mut self, env: &mut Env<'_, Kafka>) {
        if matches!(self.stage, Stage::Starting | Stage::Stopping) {
            return;
        }
        if self.link.requests == State::Idle && env.armed(Timer::ControllerLink).is_none() {
            env.arm_in(Timer::ControllerLink, RECONNECT);
        }
        if !self.link.heartbeat_waits {
            let ask = Ask::BrokerHeartbeat {
                epoch: self.epoch,
                offset: self.image.offset,
                want_fence: matches!(self.stage, Stage::CatchingUp | Stage::Recovering),
                want_shutdown: self.stage == Stage::ShuttingDown,
            };
            self.link.heartbeat_waits = self.ask_controller(ask, Asked::Heartbeat, env);
        }
        if env.armed(Timer::Heartbeat).is_none() {
            let interval = Self::heartbeat_interval(env);
            env.arm_in(Timer::Heartbeat, interval);
        }
    }

    fn heartbeat_answered(
        &mut self,
        error: Code,
        fenced: bool,
        should_shut_down: bool,
        env: &mut Env<'_, Kafka>,
    ) {
        self.link.heartbeat_waits = false;
        if error == Code::StaleBrokerEpoch {
            // Another incarnation registered, or the controller lost this one: the broker cannot go on.
            return;
        }
        match self.stage {
            Stage::ShuttingDown if should_shut_down => self.stop_serving(env),
            Stage::ShuttingDown => {
                let wait = if self.link.shutdown_heard {
                    Self::heartbeat_interval(env)
                } else {
                    SHUTDOWN_POLL
                };
                self.link.shutdown_heard = true;
                env.arm_in(Timer::Heartbeat, wait);
            }
            Stage::CatchingUp => env.arm_in(Timer::Heartbeat, CATCH_UP),
            _ => {
                if self.stage == Stage::Ready && !fenced {
                    self.stage = Stage::Serving;
                    env.arm_in(Timer::Acceptors, ACCEPTORS);
                }
                let interval = Self::heartbeat_interval(env);
                env.arm_in(Timer::Heartbeat, interval);
            }
        }
    }

    // ---- shutdown ----

    /// SIGTERM: ask the controller to move leaderships away, and stop when it says so.
    pub(super) fn shut_down(&mut self, env: &mut Env<'_, Kafka>) {
        let controlled = env
            .settings()
            .brokers
            .get(&env.me())
            .is_none_or(|p| p.controlled_shutdown_enable);
        match self.stage {
            Stage::Starting | Stage::CatchingUp | Stage::Recovering | Stage::Ready => env.exit(),
            Stage::Serving if controlled => {
                self.stage = Stage::ShuttingDown;
                env.arm_in(Timer::Exit, SHUTDOWN_LIMIT);
                env.disarm(Timer::Heartbeat);
                self.heartbeat(env);
            }
            Stage::Serving => self.stop_serving(env),
            Stage::ShuttingDown | Stage::Stopping => {}
        }
    }

    /// Connections are closed, logs flushed and synced, checkpoints and the clean-shutdown file written.
    fn stop_serving(&mut self, env: &mut Env<'_, Kafka>) {
        self.stage = Stage::Stopping;
        env.listen(false);
        let tps: Vec<Tp> = self.replicas.keys().copied().collect();
        for tp in tps {
            env.sync_now(&FileName::Log(tp));
        }
        self.checkpoint(env);
        env.replace(
            &FileName::CleanShutdown,
            vec![DiskRecord::CleanShutdown(self.epoch)],
        );
        let wait = env.settings().pace.broker_stop;
        env.arm_in(Timer::Exit, wait);
    }

    fn exit(&mut self, env: &mut Env<'_, Kafka>) {
        if self.stage != Stage::Stopping {
            self.stop_serving(env);
        }
        env.exit();
    }
}
