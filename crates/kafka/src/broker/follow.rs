//! Fetching from leaders: one fetcher for each leader broker, appending, truncating by epoch
//! (`AbstractFetcherThread`, `ReplicaFetcherThread`; reference 2.5, 2.10).

use super::Broker;
use super::replica::Replica;
use crate::errors::Code;
use crate::messages::{Ask, FetchAsk, FetchPart, FetchResult, Msg, OffsetSpec};
use crate::records::{Batch, Tp};
use crate::system::{Kafka, Timer};
use ackscope_kernel::{ConnId, Env, SeatId, Span, Time};
use borsh::BorshSerialize;

/// Correlation ids of the questions where a leader's log ends and begins; fetches count from one.
const LATEST: u32 = u32::MAX;
const EARLIEST: u32 = u32::MAX - 1;

/// socket.connection.setup.timeout.ms: an attempt to connect ends after this (`BrokerBlockingSender`
/// uses the `NetworkClient` of the clients).
const SETUP_TIMEOUT: Span = Span::secs(10);

/// The fetcher of one leader broker.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Fetcher {
    state: State,
    next_corr: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
enum State {
    /// No connection; none is tried before this time.
    Idle(Time),
    Connecting(ConnId, Time),
    /// Connected, nothing asked.
    Ready(ConnId),
    /// A fetch is under way: its correlation id, what it asked for, since when.
    Waiting(ConnId, u32, Vec<FetchPart>, Time),
}

impl Replica {
    /// Takes the divergence that a leader reported (reference 2.10). Returns where to truncate to.
    fn truncation_point(&self, epoch: i32, end: i64) -> i64 {
        match self.epochs.end_of(epoch, self.end) {
            Some((mine, my_end)) if mine == epoch => my_end.min(end),
            Some((_, my_end)) => my_end,
            None => end.min(self.end),
        }
    }
}

impl Broker {
    /// Every fetcher that has something to fetch and waits for nothing fetches.
    pub(super) fn start_fetchers(&mut self, env: &mut Env<'_, Kafka>) {
        let leaders: ackscope_kernel::SortedSet<SeatId> = self
            .replicas
            .values()
            .filter(|r| r.known && !r.is_leader())
            .filter_map(|r| r.leader)
            .collect();
        for leader in leaders {
            self.fetchers.entry(leader).or_insert(Fetcher {
                state: State::Idle(Time(0)),
                next_corr: 1,
            });
            self.run_fetcher(leader, env);
        }
    }

    fn parts_for(&self, leader: SeatId, now: Time) -> (Vec<FetchPart>, Option<Time>) {
        let mut parts = Vec::new();
        let mut later: Option<Time> = None;
        for (tp, replica) in &self.replicas {
            if replica.leader != Some(leader)
                || replica.is_leader()
                || !replica.known
                || replica.fetch_halted
            {
                continue;
            }
            // The next fetch announces the log end, so it comes after the sync that a setting asks for.
            if self.sync_pending(*tp, replica.end) {
                continue;
            }
            if replica.fetch_not_before > now {
                later = Some(later.map_or(replica.fetch_not_before, |t| {
                    t.min(replica.fetch_not_before)
                }));
                continue;
            }
            parts.push(FetchPart {
                tp: *tp,
                offset: replica.end,
                last_epoch: replica.epochs.latest(),
                leader_epoch: replica.leader_epoch,
            });
        }
        (parts, later)
    }

    fn run_fetcher(&mut self, leader: SeatId, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        let (parts, later) = self.parts_for(leader, now);
        let epoch = self.epoch;
        let me = env.me();
        let Some(fetcher) = self.fetchers.get_mut(&leader) else {
            return;
        };
        match fetcher.state {
            _ if parts.is_empty() => {
                if let Some(later) = later {
                    env.arm(Timer::Fetcher(leader), later);
                }
            }
            State::Idle(not_before) if now < not_before => {
                env.arm(Timer::Fetcher(leader), not_before)
            }
            State::Idle(_) => {
                fetcher.state = State::Connecting(env.open(leader), now);
                env.arm_in(Timer::Fetcher(leader), SETUP_TIMEOUT);
            }
            State::Ready(conn) => {
                let params = env.settings().brokers.get(&me);
                let wait = params.map_or(500, |p| p.replica_fetch_wait_max_ms);
                let ask = FetchAsk {
                    replica: Some((me, epoch)),
                    max_wait_ms: wait,
                    min_bytes: params.map_or(1, |p| p.replica_fetch_min_bytes),
                    max_bytes: params.map_or(10_485_760, |p| p.replica_fetch_response_max_bytes),
                    parts: parts.clone(),
                };
                let corr = fetcher.next_corr;
                fetcher.next_corr += 1;
                fetcher.state = State::Waiting(conn, corr, parts, now);
                env.send(
                    conn,
                    Msg::Ask {
                        corr,
                        ask: Ask::Fetch(ask),
                    },
                );
                let timeout = Self::socket_timeout(env);
                env.arm_in(Timer::Fetcher(leader), timeout);
            }
            // A pause of a partition may have taken the place of the time-out.
            State::Connecting(_, since) => env.arm(Timer::Fetcher(leader), since + SETUP_TIMEOUT),
            State::Waiting(_, _, _, since) => {
                let timeout = Self::socket_timeout(env);
                env.arm(Timer::Fetcher(leader), since + timeout);
            }
        }
    }

    fn socket_timeout(env: &Env<'_, Kafka>) -> Span {
        let params = env.settings().brokers.get(&env.me());
        Span::ms(params.map_or(30_000, |p| p.replica_socket_timeout_ms))
    }

    pub(super) fn fetcher_due(&mut self, leader: SeatId, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        let timeout = Self::socket_timeout(env);
        let over = match self.fetchers.get(&leader).map(|f| &f.state) {
            Some(State::Waiting(conn, _, _, since)) if now.since(*since) >= timeout => Some(*conn),
            // The leader's host answered nothing, or it lost power before its answer came through.
            Some(State::Connecting(conn, since)) if now.since(*since) >= SETUP_TIMEOUT => {
                Some(*conn)
            }
            _ => None,
        };
        if let Some(conn) = over {
            env.close(conn);
            self.fetcher_closed(conn, env);
        }
        self.run_fetcher(leader, env);
    }

    pub(super) fn fetcher_opened(&mut self, conn: ConnId, env: &mut Env<'_, Kafka>) {
        let mut opened = None;
        for (leader, fetcher) in &mut self.fetchers {
            if matches!(fetcher.state, State::Connecting(c, _) if c == conn) {
                fetcher.state = State::Ready(conn);
                opened = Some(*leader);
            }
        }
        if let Some(leader) = opened {
            self.run_fetcher(leader, env);
        }
    }

    /// A connection to a leader broke: its partitions pause (replica.fetch.backoff.ms).
    pub(super) fn fetcher_closed(&mut self, conn: ConnId, env: &mut Env<'_, Kafka>) {
        let backoff = Span::ms(
            env.settings()
                .brokers
                .get(&env.me())
                .map_or(1000, |p| p.replica_fetch_backoff_ms),
        );
        let again = env.now() + backoff;
        let mut closed = None;
        for (leader, fetcher) in &mut self.fetchers {
            let mine = match fetcher.state {
                State::Connecting(c, _) | State::Ready(c) | State::Waiting(c, ..) => c == conn,
                State::Idle(_) => false,
            };
            if mine {
                fetcher.state = State::Idle(again);
                closed = Some(*leader);
            }
        }
        if let Some(leader) = closed {
            self.run_fetcher(leader, env);
        }
    }

    pub(super) fn fetched(
        &mut self,
        conn: ConnId,
        corr: u32,
        results: Vec<FetchResult>,
        env: &mut Env<'_, Kafka>,
    ) {
        let found =
            self.fetchers
                .iter_mut()
                .find_map(|(leader, fetcher)| match &mut fetcher.state {
                    State::Waiting(c, n, parts, _) if *c == conn && *n == corr => {
                        let parts = std::mem::take(parts);
                        fetcher.state = State::Ready(conn);
                        Some((*leader, parts))
                    }
                    _ => None,
                });
        let Some((leader, parts)) = found else { return };
        env.disarm(Timer::Fetcher(leader));
        for (part, result) in parts.iter().zip(results) {
            self.take_result(leader, part, result, env);
        }
        self.run_fetcher(leader, env);
    }

    fn take_result(
        &mut self,
        leader: SeatId,
        part: &FetchPart,
        result: FetchResult,
        env: &mut Env<'_, Kafka>,
    ) {
        let backoff = Span::ms(
            env.settings()
                .brokers
                .get(&env.me())
                .map_or(1000, |p| p.replica_fetch_backoff_ms),
        );
        let now = env.now();
        let Some(replica) = self.replica_mut(part.tp) else {
            return;
        };
        // The partition may have got another leader, epoch or end while the fetch was under way.
        let same = replica.leader == Some(leader)
            && replica.leader_epoch == part.leader_epoch
            && !replica.is_leader();
        if !same || replica.end != part.offset {
            return;
        }
        match result.error {
            Code::None => {}
            Code::OffsetOutOfRange => return self.out_of_range(leader, part.tp, env),
            Code::FencedLeaderEpoch => {
                // This follower's metadata is behind: it waits for news.
                replica.fetch_halted = true;
                return;
            }
            _ => {
                replica.fetch_not_before = now + backoff;
                return;
            }
        }
        if let Some((epoch, end)) = result.diverging {
            let point = replica.truncation_point(epoch, end);
            replica.truncate(point, env);
            return;
        }
        if result.log_start > replica.start && result.log_start <= replica.end {
            replica.delete_before(result.log_start, env);
        }
        self.append_fetched(part, &result.batches, env);
        if let Some(replica) = self.replica_mut(part.tp) {
            // The watermark of the leader, as far as this log reaches (reference 2.5).
            replica.high_watermark = result.high_watermark.clamp(replica.start, replica.end);
        }
    }

    fn append_fetched(
        &mut self,
        part: &FetchPart,
        batches: &[std::sync::Arc<Batch>],
        env: &mut Env<'_, Kafka>,
    ) {
        for batch in batches {
            let Some(replica) = self.replica_mut(part.tp) else {
                return;
            };
            // KAFKA-18723: nothing of a later epoch than the one the fetch was made in.
            if batch.epoch > part.leader_epoch {
                break;
            }
            if batch.base < replica.end {
                continue;
            }
            if !replica.append(Batch::clone(batch), env) {
                env.exit();
                return;
            }
        }
        if !batches.is_empty() {
            self.flush_if_due(part.tp, env);
        }
    }

    /// `handleOutOfRangeError`: the leader's log is elsewhere. Where it ends and begins is asked for with
    /// ListOffsets; the answers cut this log or let it begin anew.
    fn out_of_range(&mut self, leader: SeatId, tp: Tp, env: &mut Env<'_, Kafka>) {
        let Some(conn) = self.fetchers.get(&leader).and_then(|f| match f.state {
            State::Ready(conn) => Some(conn),
            _ => None,
        }) else {
            return;
        };
        let backoff = Span::ms(
            env.settings()
                .brokers
                .get(&env.me())
                .map_or(1000, |p| p.replica_fetch_backoff_ms),
        );
        let now = env.now();
        let Some(replica) = self.replica_mut(tp) else {
            return;
        };
        replica.fetch_not_before = now + backoff;
        let leader_epoch = replica.leader_epoch;
        for (corr, spec) in [
            (LATEST, OffsetSpec::Latest),
            (EARLIEST, OffsetSpec::Earliest),
        ] {
            let ask = Ask::ListOffsets {
                tp,
                spec,
                leader_epoch,
            };
            env.send(conn, Msg::Ask { corr, ask });
        }
    }

    /// The leader told where its log begins or ends.
    pub(super) fn leader_offsets(
        &mut self,
        tp: Tp,
        offset: i64,
        corr: u32,
        env: &mut Env<'_, Kafka>,
    ) {
        let earliest = corr == EARLIEST;
        let Some(replica) = self.replica_mut(tp) else {
            return;
        };
        if replica.is_leader() {
            return;
        }
        if earliest && replica.end < offset {
            replica.restart_at(offset, env);
        } else if !earliest && offset < replica.end {
            replica.truncate(offset, env);
        } else {
            // Nothing to mend here: the pause after the error stands.
            return;
        }
        if let Some(replica) = self.replica_mut(tp) {
            replica.fetch_not_before = Time(0);
        }
        self.start_fetchers(env);
    }
}
