//! A classic group and its members (`ClassicGroup`, `ClassicGroupMember`): state without decisions.

use super::work::Reply;
use crate::errors::Code;
use crate::messages::JoinAsk;
use crate::records::{GroupMemberRecord, GroupRecord, Tp};
use ackscope_kernel::digest;
use ackscope_kernel::{SortedMap, SortedSet};
use borsh::BorshSerialize;
use std::sync::Arc;

/// The state of a group (`ClassicGroupState`). Kafka's fifth state, Dead, marks objects that threads
/// may still hold after their group was dropped; here a dropped group is gone at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum State {
    /// No members.
    Empty,
    /// Members are called to join again.
    PreparingRebalance,
    /// The leader computes the assignment.
    CompletingRebalance,
    /// All is assigned.
    Stable,
}

/// What the group's one timer stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Wait {
    /// It is not armed.
    Nothing,
    /// An empty group waits for more members (group.initial.rebalance.delay.ms).
    Initial { delay_ms: i64, remaining_ms: i64 },
    /// Members may join again for this long (the rebalance time-out).
    Join,
    /// Members may ask for their assignment for this long (the rebalance time-out).
    Sync,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Member {
    pub(super) id: u64,
    pub(super) instance: Option<Arc<str>>,
    pub(super) session_ms: i64,
    pub(super) rebalance_ms: i64,
    /// In ascending order.
    pub(super) topics: Vec<u16>,
    pub(super) assignment: Vec<Tp>,
    /// It has not been in a generation yet, so it knows no id to send heartbeats with.
    pub(super) is_new: bool,
    pub(super) awaiting_join: Option<Reply>,
    pub(super) awaiting_sync: Option<Reply>,
}

impl Member {
    pub(super) fn new(id: u64, ask: &JoinAsk) -> Self {
        Member {
            id,
            instance: ask.instance.clone(),
            session_ms: ask.session_ms,
            rebalance_ms: ask.rebalance_ms,
            topics: sorted(&ask.topics),
            assignment: Vec::new(),
            is_new: true,
            awaiting_join: None,
            awaiting_sync: None,
        }
    }

    /// Takes over what a later JoinGroup says.
    pub(super) fn update(&mut self, ask: &JoinAsk, reply: Reply) {
        self.session_ms = ask.session_ms;
        self.rebalance_ms = ask.rebalance_ms;
        self.topics = sorted(&ask.topics);
        self.awaiting_join = Some(reply);
    }

    /// A member that waits for the coordinator need not send heartbeats (`hasSatisfiedHeartbeat`);
    /// a new one is expired even so, for its client may be gone without a trace.
    pub(super) fn satisfied(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }

    pub(super) fn closed(&mut self, conn: ackscope_kernel::ConnId) {
        for reply in [&mut self.awaiting_join, &mut self.awaiting_sync]
            .into_iter()
            .flatten()
        {
            reply.closed(conn);
        }
    }
}

/// A classic group. With `consumer` false it only keeps offsets (a "simple" group).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Group {
    pub(super) name: Arc<str>,
    /// Its number in the keys of timers and draws.
    pub(super) key: u64,
    pub(super) state: State,
    pub(super) previous: State,
    pub(super) state_ms: Option<i64>,
    pub(super) consumer: bool,
    pub(super) generation: i32,
    pub(super) leader: Option<u64>,
    pub(super) members: SortedMap<u64, Member>,
    /// Ids that were given with MEMBER_ID_REQUIRED and have not come back.
    pub(super) pending: SortedSet<u64>,
    /// Members of this generation that have not asked for their assignment.
    pub(super) unsynced: SortedSet<u64>,
    /// Somebody joined during the initial delay, which extends it.
    pub(super) new_member_added: bool,
    /// Topics of this generation's members; `None` while nobody knows.
    pub(super) subscribed: Option<SortedSet<u16>>,
    pub(super) wait: Wait,
}

impl Group {
    /// A group that has nothing, as it is made by the first join or the first commit.
    pub(super) fn new(name: &Arc<str>, now_ms: i64) -> Self {
        Group {
            name: Arc::clone(name),
            key: digest::of(name),
            state: State::Empty,
            previous: State::Empty,
            state_ms: Some(now_ms),
            consumer: false,
            generation: 0,
            leader: None,
            members: SortedMap::new(),
            pending: SortedSet::new(),
            unsynced: SortedSet::new(),
            new_member_added: false,
            subscribed: None,
            wait: Wait::Nothing,
        }
    }

    /// As a record of the log has it (`GroupMetadataManager.replay` of a `GroupMetadataValue`):
    /// whatever phase a rebalance was in, a record with members is a stable generation.
    pub(super) fn from_record(record: &GroupRecord) -> Self {
        let members: SortedMap<u64, Member> = record
            .members
            .iter()
            .map(|m| (m.id, member_of(m)))
            .collect();
        let state = if members.is_empty() {
            State::Empty
        } else {
            State::Stable
        };
        let mut group = Group {
            state,
            previous: state,
            state_ms: record.state_ms,
            consumer: record.consumer,
            generation: record.generation,
            leader: record.leader,
            members,
            ..Group::new(&record.group, 0)
        };
        group.subscribed = group.subscriptions();
        group
    }

    /// The record of the present generation with these assignments.
    pub(super) fn record(&self, assignment: &SortedMap<u64, Vec<Tp>>) -> GroupRecord {
        let member = |m: &Member| GroupMemberRecord {
            id: m.id,
            instance: m.instance.clone(),
            session_ms: m.session_ms,
            rebalance_ms: m.rebalance_ms,
            topics: m.topics.clone(),
            assignment: assignment.get(&m.id).cloned().unwrap_or_default(),
        };
        GroupRecord {
            group: Arc::clone(&self.name),
            deleted: false,
            consumer: self.consumer,
            generation: self.generation,
            leader: self.leader,
            state_ms: self.state_ms,
            members: self.members.values().map(member).collect(),
        }
    }

    /// The record that makes a new group known, before it has a generation.
    pub(super) fn first_record(&self) -> GroupRecord {
        GroupRecord {
            consumer: false,
            leader: None,
            members: Vec::new(),
            ..self.record(&SortedMap::new())
        }
    }

    /// The tombstone of a group.
    pub(super) fn tombstone(name: &Arc<str>) -> GroupRecord {
        GroupRecord {
            group: Arc::clone(name),
            deleted: true,
            consumer: false,
            generation: -1,
            leader: None,
            state_ms: None,
            members: Vec::new(),
        }
    }

    pub(super) fn transition(&mut self, to: State, now_ms: i64) {
        self.previous = self.state;
        self.state = to;
        self.state_ms = Some(now_ms);
    }

    /// The member that has this group.instance.id.
    pub(super) fn member_of_instance(&self, instance: &str) -> Option<u64> {
        self.members
            .values()
            .find(|m| m.instance.as_deref() == Some(instance))
            .map(|m| m.id)
    }

    /// Whether a request may speak for this member (`validateMember`); 0 stands for no id.
    pub(super) fn validate(&self, member: u64, instance: Option<&str>) -> Result<(), Code> {
        if let Some(instance) = instance {
            match self.member_of_instance(instance) {
                None => return Err(Code::UnknownMemberId),
                Some(owner) if owner != member => return Err(Code::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.members.contains_key(&member) {
            Ok(())
        } else {
            Err(Code::UnknownMemberId)
        }
    }

    pub(super) fn add(&mut self, member: Member) {
        self.consumer = true;
        self.leader = self.leader.or(Some(member.id));
        self.pending.remove(&member.id);
        self.members.insert(member.id, member);
    }

    /// Removes a member or a pending id. A leader that goes is followed by any other member.
    pub(super) fn remove(&mut self, id: u64) -> Option<Member> {
        let removed = self.members.remove(&id);
        if self.leader == Some(id) {
            self.leader = self.members.keys().next().copied();
        }
        self.pending.remove(&id);
        self.unsynced.remove(&id);
        removed
    }

    pub(super) fn all_joined(&self) -> bool {
        self.pending.is_empty() && self.members.values().all(|m| m.awaiting_join.is_some())
    }

    /// Makes sure that the leader has joined again (`maybeElectNewJoinedLeader`). Returns false when
    /// there is no leader, or nobody has joined who could be it.
    pub(super) fn elect_leader(&mut self) -> bool {
        let joined = |m: &&Member| m.awaiting_join.is_some();
        let Some(leader) = self.leader else {
            return false;
        };
        if self.members.get(&leader).as_ref().is_some_and(joined) {
            return true;
        }
        match self.members.values().find(joined) {
            Some(member) => {
                self.leader = Some(member.id);
                true
            }
            None => false,
        }
    }

    /// The longest that any member may take to join again.
    pub(super) fn rebalance_ms(&self) -> i64 {
        self.members
            .values()
            .map(|m| m.rebalance_ms)
            .max()
            .unwrap_or(0)
    }

    /// Topics of all members (`computeSubscribedTopics`).
    pub(super) fn subscriptions(&self) -> Option<SortedSet<u16>> {
        self.consumer.then(|| {
            self.members
                .values()
                .flat_map(|m| m.topics.iter().copied())
                .collect()
        })
    }

    /// Offsets of such a topic do not expire (`isSubscribedToTopic`).
    pub(super) fn subscribes(&self, topic: u16) -> bool {
        self.subscribed
            .as_ref()
            .map_or(self.consumer, |topics| topics.contains(&topic))
    }

    /// For the leader's answer: all members and what they subscribe to.
    pub(super) fn roster(&self) -> Vec<(u64, Vec<u16>)> {
        self.members
            .values()
            .map(|m| (m.id, m.topics.clone()))
            .collect()
    }

    /// What each member owns.
    pub(super) fn assignment(&self) -> SortedMap<u64, Vec<Tp>> {
        self.members
            .values()
            .map(|m| (m.id, m.assignment.clone()))
            .collect()
    }
}

/// Subscriptions are compared as sets.
pub(super) fn sorted(topics: &[u16]) -> Vec<u16> {
    let set: SortedSet<u16> = topics.iter().copied().collect();
    set.into_iter().collect()
}

fn member_of(record: &GroupMemberRecord) -> Member {
    Member {
        id: record.id,
        instance: record.instance.clone(),
        session_ms: record.session_ms,
        rebalance_ms: record.rebalance_ms,
        topics: record.topics.clone(),
        assignment: record.assignment.clone(),
        is_new: false,
        awaiting_join: None,
        awaiting_sync: None,
    }
}
