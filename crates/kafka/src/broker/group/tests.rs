//! The coordinator driven by hand: a test plays the broker (log, high watermark, clock) and clients.

mod failover;
mod membership;
mod offsets;
mod replicated;

use super::{Coordinator, Effect, Host};
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::{Answer, Ask, JoinAsk};
use crate::params::{CoordinatorParams, V4_3};
use crate::records::{Batch, Payload, Tp};
use crate::system::Timer;
use ackscope_kernel::SortedMap;
use ackscope_kernel::{ConnId, EntryId, Span, Time, dice};
use ackscope_params::Registry;
use std::sync::Arc;

const OFFSETS: Tp = Tp {
    topic: 0,
    partition: 0,
};
const ELSEWHERE: Tp = Tp {
    topic: 0,
    partition: 1,
};
const T0: Tp = Tp {
    topic: 1,
    partition: 0,
};
const T1: Tp = Tp {
    topic: 1,
    partition: 1,
};
const SECOND: i64 = 1000;

/// Clock, timers and trace of a broker.
struct Desk {
    now: Time,
    incarnation: u32,
    params: CoordinatorParams,
    timers: SortedMap<Timer, Time>,
    facts: Vec<Fact>,
}

impl Host for Desk {
    fn now(&self) -> Time {
        self.now
    }
    fn entry(&self) -> EntryId {
        EntryId(7)
    }
    fn incarnation(&self) -> u32 {
        self.incarnation
    }
    fn params(&self) -> &CoordinatorParams {
        &self.params
    }
    fn partition_of(&self, group: &str) -> Tp {
        if group == "elsewhere" {
            ELSEWHERE
        } else {
            OFFSETS
        }
    }
    fn draw(&self, meaning: [u64; 3]) -> u64 {
        dice::roll(1, dice::Purpose::Process, &meaning)
    }
    fn arm(&mut self, timer: Timer, after: Span) {
        self.timers.insert(timer, self.now + Span(after.0.max(1)));
    }
    fn disarm(&mut self, timer: Timer) {
        self.timers.remove(&timer);
    }
    fn note(&mut self, fact: Fact, _: EntryId) {
        self.facts.push(fact);
    }
}

/// A broker with the offsets partition.
struct Rig {
    coordinator: Coordinator,
    desk: Desk,
    log: Vec<Batch>,
    /// How far the log is replicated; `None`: always to its end.
    stuck_at: Option<i64>,
    /// Every append fails with this.
    broken: Option<Code>,
    answers: SortedMap<u32, Answer>,
    corr: u32,
}

impl Rig {
    /// A broker that was just elected, with an empty log.
    fn new() -> Self {
        let desk = Desk {
            now: Time(1_000_000),
            incarnation: 0,
            params: CoordinatorParams::defaults(V4_3),
            timers: SortedMap::new(),
            facts: Vec::new(),
        };
        let mut rig = Rig {
            coordinator: Coordinator::default(),
            desk,
            log: Vec::new(),
            stuck_at: None,
            broken: None,
            answers: SortedMap::new(),
            corr: 0,
        };
        rig.elect(1);
        rig
    }

    /// One that does not wait for more members.
    fn without_delay() -> Self {
        let mut rig = Rig::new();
        rig.desk.params.group_initial_rebalance_delay_ms = 0;
        rig
    }

    fn elect(&mut self, epoch: i32) {
        self.coordinator
            .elected(OFFSETS, epoch, self.log.iter(), &mut self.desk);
        self.replicate();
    }

    /// Another broker takes over with the first `kept` batches of the log.
    fn failover(&mut self, kept: usize) {
        let effects = self.coordinator.resigned(OFFSETS, &mut self.desk);
        self.execute(effects);
        assert_eq!(
            self.desk.timers,
            SortedMap::new(),
            "a broker that resigned has no timers"
        );
        self.log.truncate(kept);
        self.coordinator = Coordinator::default();
        self.desk.incarnation += 1;
        self.stuck_at = None;
        self.elect(5);
    }

    fn end(&self) -> i64 {
        self.log.last().map_or(0, |batch| batch.next)
    }

    fn replicate(&mut self) {
        let hw = self.stuck_at.unwrap_or(self.end());
        let effects = self.coordinator.high_watermark(OFFSETS, hw, &mut self.desk);
        self.execute(effects);
    }

    /// The followers catch up and stay.
    fn heal(&mut self) {
        self.stuck_at = None;
        self.replicate();
    }

    /// The followers fetch nothing from now on.
    fn stall(&mut self) {
        self.stuck_at = Some(self.end());
    }

    fn execute(&mut self, effects: Vec<Effect>) {
        let mut grown = false;
        for effect in effects {
            match effect {
                Effect::Answer { corr, answer, .. } => {
                    assert!(
                        self.answers.insert(corr, answer).is_none(),
                        "request {corr} is answered twice"
                    );
                }
                Effect::Append {
                    tp,
                    payload,
                    ticket,
                } => {
                    assert_eq!(tp, OFFSETS);
                    if let Some(error) = self.broken {
                        let effects = self
                            .coordinator
                            .append_failed(ticket, error, &mut self.desk);
                        self.execute(effects);
                    } else {
                        let next = self.append(payload);
                        self.coordinator.appended(ticket, next);
                        grown = true;
                    }
                }
            }
        }
        if grown && self.stuck_at.is_none() {
            self.replicate();
        }
    }

    fn append(&mut self, payload: Payload) -> i64 {
        let records = match &payload {
            Payload::Offsets(offsets) => offsets.len() as i64,
            _ => 1,
        };
        let base = self.end();
        self.log.push(Batch {
            base,
            next: base + records,
            epoch: 1,
            producer_id: -1,
            producer_epoch: -1,
            sequence: -1,
            max_timestamp_ms: 0,
            size: 100,
            rolls: false,
            payload,
        });
        base + records
    }

    /// Sends a request over a connection; returns its number.
    fn send_over(&mut self, conn: u32, ask: &Ask) -> u32 {
        self.corr += 1;
        let corr = self.corr;
        let effects = self
            .coordinator
            .asked(ConnId(conn), corr, ask, &mut self.desk);
        self.execute(effects);
        corr
    }

    fn send(&mut self, ask: &Ask) -> u32 {
        self.send_over(1, ask)
    }

    /// Sends a request that is answered at once.
    fn ask(&mut self, ask: &Ask) -> Answer {
        let corr = self.send(ask);
        self.answer_of(corr)
            .unwrap_or_else(|| panic!("{ask:?} waits"))
    }

    fn answer_of(&mut self, corr: u32) -> Option<Answer> {
        self.answers.remove(&corr)
    }

    /// Lets time pass; timers fire in their order.
    fn run_for(&mut self, ms: i64) {
        let until = self.desk.now + Span::ms(ms);
        loop {
            let due = self
                .desk
                .timers
                .iter()
                .map(|(timer, at)| (*at, *timer))
                .min();
            let Some((at, timer)) = due.filter(|(at, _)| *at <= until) else {
                break;
            };
            self.desk.now = self.desk.now.max(at);
            self.desk.timers.remove(&timer);
            let effects = self.coordinator.timer(timer, &mut self.desk);
            self.execute(effects);
        }
        self.desk.now = until;
    }

    /// Time passes while these members send heartbeats every 3 s.
    fn run_alive(&mut self, ms: i64, members: &[(u64, i32)]) {
        for _ in 0..ms / (3 * SECOND) {
            self.run_for(3 * SECOND);
            for (member, generation) in members {
                self.send(&heartbeat(*member, *generation));
            }
        }
    }

    /// A dynamic member asks for an id.
    fn new_id(&mut self) -> u64 {
        match self.ask(&join(None)) {
            Answer::JoinGroup {
                error: Code::MemberIdRequired,
                member,
                ..
            } => member,
            other => panic!("{other:?}"),
        }
    }

    /// A group with one dynamic member that owns T0: its id.
    fn one_member(&mut self) -> u64 {
        let member = self.new_id();
        let corr = self.send(&join(Some(member)));
        self.run_for(self.desk.params.group_initial_rebalance_delay_ms + 1);
        let joined = self.answer_of(corr).expect("the delay is over");
        assert_eq!(joined, won(member, 1, &[member]));
        assert_eq!(
            self.ask(&sync(member, 1, vec![(member, vec![T0])])),
            synced(&[T0])
        );
        member
    }

    /// A group of two dynamic members; the first leads.
    fn two_members(&mut self) -> (u64, u64) {
        let (a, b) = (self.new_id(), self.new_id());
        let joins = [self.send(&join(Some(a))), self.send(&join(Some(b)))];
        self.run_for(20 * SECOND);
        assert_eq!(self.answer_of(joins[0]), Some(won(a, 1, &[a, b])));
        assert_eq!(self.answer_of(joins[1]), Some(joined(b, 1, a)));
        let follower = self.send(&sync(b, 1, Vec::new()));
        assert_eq!(
            self.ask(&sync(a, 1, vec![(a, vec![T0]), (b, vec![T1])])),
            synced(&[T0])
        );
        assert_eq!(self.answer_of(follower), Some(synced(&[T1])));
        (a, b)
    }

    /// What an administrator sees.
    fn offsets(&mut self) -> Vec<(Tp, i64)> {
        match self.ask(&Ask::OffsetFetch {
            group: group(),
            tps: Vec::new(),
        }) {
            Answer::OffsetFetch {
                error: Code::None,
                offsets,
            } => offsets
                .iter()
                .filter_map(|o| o.offset.map(|offset| (o.tp, offset)))
                .collect(),
            other => panic!("{other:?}"),
        }
    }
}

fn group() -> Arc<str> {
    "g".into()
}

fn join_ask(member: Option<u64>, instance: Option<&str>) -> JoinAsk {
    JoinAsk {
        group: group(),
        member,
        instance: instance.map(Into::into),
        session_ms: 45 * SECOND,
        rebalance_ms: 300 * SECOND,
        topics: vec![1],
    }
}

fn join(member: Option<u64>) -> Ask {
    Ask::JoinGroup(join_ask(member, None))
}

fn join_static(member: Option<u64>, instance: &str) -> Ask {
    Ask::JoinGroup(join_ask(member, Some(instance)))
}

fn sync(member: u64, generation: i32, assignment: Vec<(u64, Vec<Tp>)>) -> Ask {
    Ask::SyncGroup {
        group: group(),
        member,
        instance: None,
        generation,
        assignment,
    }
}

fn heartbeat(member: u64, generation: i32) -> Ask {
    Ask::GroupHeartbeat {
        group: group(),
        member,
        instance: None,
        generation,
    }
}

fn heartbeat_static(member: u64, generation: i32, instance: &str) -> Ask {
    Ask::GroupHeartbeat {
        group: group(),
        member,
        instance: Some(instance.into()),
        generation,
    }
}

fn leave(member: u64) -> Ask {
    Ask::LeaveGroup {
        group: group(),
        member,
    }
}

fn commit(member: Option<(u64, i32)>, offset: i64) -> Ask {
    Ask::OffsetCommit {
        group: group(),
        member,
        instance: None,
        offsets: vec![(T0, offset, Some(4))],
    }
}

fn fetch() -> Ask {
    Ask::OffsetFetch {
        group: group(),
        tps: vec![T0],
    }
}

fn won(member: u64, generation: i32, members: &[u64]) -> Answer {
    let mut members: Vec<(u64, Vec<u16>)> = members.iter().map(|id| (*id, vec![1])).collect();
    members.sort();
    Answer::JoinGroup {
        error: Code::None,
        member,
        generation,
        leader: member,
        members,
    }
}

fn joined(member: u64, generation: i32, leader: u64) -> Answer {
    Answer::JoinGroup {
        error: Code::None,
        member,
        generation,
        leader,
        members: Vec::new(),
    }
}

fn join_failed(member: u64, error: Code) -> Answer {
    Answer::JoinGroup {
        error,
        member,
        generation: -1,
        leader: 0,
        members: Vec::new(),
    }
}

fn synced(assignment: &[Tp]) -> Answer {
    Answer::SyncGroup {
        error: Code::None,
        assignment: assignment.to_vec(),
    }
}

fn sync_failed(error: Code) -> Answer {
    Answer::SyncGroup {
        error,
        assignment: Vec::new(),
    }
}

fn committed(code: Code) -> Answer {
    Answer::OffsetCommit(vec![(T0, code)])
}

fn beat(code: Code) -> Answer {
    Answer::GroupHeartbeat(code)
}

/// The offset and leader epoch in the answer to [`fetch`].
fn fetched(answer: Answer) -> (Code, Option<i64>, Option<i32>) {
    match answer {
        Answer::OffsetFetch { error, offsets } => {
            let first = offsets.first();
            (
                error,
                first.and_then(|o| o.offset),
                first.and_then(|o| o.leader_epoch),
            )
        }
        other => panic!("{other:?}"),
    }
}
