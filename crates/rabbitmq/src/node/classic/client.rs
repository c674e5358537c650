//! What a channel knows of a classic queue that it uses (`rabbit_classic_queue`; reference 2.3, 4.7).
//!
//! A publish is settled when the queue's process has confirmed it, and every mirror that it was sent to as well.
//! A process that goes down takes the promise with it: what it owes is refused, unless the queue was deleted.

use super::ToQueue;
use crate::ids::{Name, Pid, QueueId};
use crate::node::ctx::Ctx;
use crate::node::image::QueueRecord;
use crate::node::queue_type::{
    Action, ChannelPrefetch, ConsumeSpec, Delivery, QueueOps, ToChannel,
};
use crate::signal::{DownWhy, Settle, Signal, Token};
use crate::system::Version;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many publishes may be on their way to a process (`credit_flow_default_credit`).
const CREDIT: u32 = 400;

/// The number of a call that nobody waits for.
const NOBODY: Token = 0;

/// A publish that is not settled.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
struct Open {
    /// The processes that owe an answer.
    pending: BTreeSet<Pid>,
    /// Some process has confirmed it.
    confirmed: bool,
}

/// What a channel's state for a classic queue does outside: tests put something small in the place of [`Ctx`].
pub(crate) trait Around {
    fn record(&self, queue: QueueId) -> Option<QueueRecord>;
    fn post(&mut self, to: Pid, signal: ToQueue);
    fn monitor(&mut self, target: Pid);
}

impl Around for Ctx<'_, '_> {
    fn record(&self, queue: QueueId) -> Option<QueueRecord> {
        self.image.queue(queue).cloned()
    }

    fn post(&mut self, to: Pid, signal: ToQueue) {
        Ctx::post(self, to, Signal::Queue(signal));
    }

    fn monitor(&mut self, target: Pid) {
        Ctx::monitor(self, target);
    }
}

/// A channel's state for a classic queue.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct ClassicClient {
    queue: QueueId,
    /// The process that was last talked to as the queue, or its master.
    pid: Pid,
    watched: BTreeSet<Pid>,
    open: BTreeMap<u64, Open>,
    /// Calls under way, and who is to answer.
    calls: BTreeMap<Token, Pid>,
    /// Publishes that may still be sent to each process.
    credit: BTreeMap<Pid, u32>,
    /// Consumers of a mirrored queue: they go over to the next master.
    consumers: BTreeMap<Name, ConsumeSpec>,
    /// The master is gone, and its consumers have not gone over yet.
    orphaned: bool,
}

impl ClassicClient {
    /// A fresh state.
    #[must_use]
    pub fn new(record: &QueueRecord) -> ClassicClient {
        ClassicClient {
            queue: record.id,
            pid: record.pid,
            watched: BTreeSet::new(),
            open: BTreeMap::new(),
            calls: BTreeMap::new(),
            credit: BTreeMap::new(),
            consumers: BTreeMap::new(),
            orphaned: false,
        }
    }

    fn watch(&mut self, pid: Pid, around: &mut dyn Around) {
        if self.watched.insert(pid) {
            around.monitor(pid);
        }
    }

    /// The process to talk to, as the metadata say it now.
    fn find(&mut self, around: &mut dyn Around) -> Option<Pid> {
        let record = around.record(self.queue)?;
        self.pid = record.pid;
        self.watch(record.pid, around);
        Some(record.pid)
    }

    fn call(&mut self, token: Token, signal: ToQueue, around: &mut dyn Around) -> Vec<Action> {
        match self.find(around) {
            Some(pid) => {
                self.calls.insert(token, pid);
                around.post(pid, signal);
                Vec::new()
            }
            None => vec![Action::CallDown {
                token,
                why: DownWhy::Noproc,
            }],
        }
    }

    pub(super) fn publish(&mut self, delivery: Delivery, around: &mut dyn Around) -> Vec<Action> {
        let Some(record) = around.record(self.queue) else {
            // It was deleted since it was routed to: a deleted queue counts as settled.
            let seqs = delivery.seq.into_iter().collect();
            return vec![Action::Settled(seqs)];
        };
        self.pid = record.pid;
        let mirrors = record.mirrors.iter().map(|(pid, _)| *pid);
        let pids: BTreeSet<Pid> = std::iter::once(record.pid).chain(mirrors).collect();
        let mut blocks = false;
        for pid in &pids {
            self.watch(*pid, around);
            around.post(*pid, ToQueue::Deliver(delivery.clone()));
            let credit = self.credit.entry(*pid).or_insert(CREDIT);
            *credit = credit.saturating_sub(1);
            blocks |= *credit == 0;
        }
        if let Some(seq) = delivery.seq {
            let open = Open {
                pending: pids,
                confirmed: false,
            };
            self.open.insert(seq, open);
        }
        if blocks {
            vec![Action::Block]
        } else {
            Vec::new()
        }
    }

    fn credited(&mut self, from: Pid, more: u32) -> Vec<Action> {
        let credit = self.credit.entry(from).or_insert(CREDIT);
        let was_out = *credit == 0;
        *credit = credit.saturating_add(more).min(CREDIT);
        if was_out && self.credit.values().all(|credit| *credit > 0) {
            vec![Action::Unblock]
        } else {
            Vec::new()
        }
    }

    /// A process has confirmed these. Those that nobody else owes are settled.
    fn settled(&mut self, from: Pid, seqs: &[u64]) -> Vec<Action> {
        let mut settled = Vec::new();
        for seq in seqs {
            if let Some(open) = self.open.get_mut(seq) {
                open.pending.remove(&from);
                open.confirmed = true;
                if open.pending.is_empty() {
                    self.open.remove(seq);
                    settled.push(*seq);
                }
            }
        }
        some(Action::Settled, settled)
    }

    fn rejected(&mut self, seqs: &[u64]) -> Vec<Action> {
        let refused = seqs
            .iter()
            .copied()
            .filter(|seq| self.open.remove(seq).is_some());
        let refused = refused.collect();
        some(Action::Rejected, refused)
    }

    pub(super) fn heard(
        &mut self,
        from: Pid,
        said: ToChannel,
        around: &mut dyn Around,
    ) -> Vec<Action> {
        match said {
            ToChannel::Settled { seqs, .. } => self.settled(from, &seqs),
            ToChannel::Rejected { seqs, .. } => self.rejected(&seqs),
            ToChannel::Credit { more, .. } => self.credited(from, more),
            ToChannel::Deliver {
                tag,
                ack_required,
                messages,
            } => {
                let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
                around.post(from, ToQueue::Sent(count));
                vec![Action::Deliver {
                    tag,
                    ack_required,
                    messages,
                }]
            }
            ToChannel::Answer { token, answer } => {
                self.calls.remove(&token);
                vec![Action::Answer { token, answer }]
            }
            ToChannel::Got { token, got } => {
                self.calls.remove(&token);
                vec![Action::Got { token, got }]
            }
            ToChannel::CancelConsumer { tag, .. } => {
                self.consumers.remove(&tag);
                vec![Action::Cancelled { tag }]
            }
            _ => Vec::new(),
        }
    }

    /// What the process owed when it went down.
    fn owed(&mut self, pid: Pid, why: DownWhy) -> Vec<Action> {
        let mut settled = Vec::new();
        let mut refused = Vec::new();
        // A node that stops in order, or a mirror that leaves, says nothing about what others hold; anything else
        // leaves it open whether the message will ever be everywhere.
        let abnormal = !matches!(why, DownWhy::Normal | DownWhy::Shutdown);
        self.open.retain(|seq, open| {
            if !open.pending.remove(&pid) {
                return true;
            }
            if abnormal || (open.pending.is_empty() && !open.confirmed) {
                refused.push(*seq);
                return false;
            }
            if open.pending.is_empty() {
                settled.push(*seq);
                return false;
            }
            true
        });
        let mut actions = some(Action::Settled, settled);
        actions.extend(some(Action::Rejected, refused));
        actions
    }

    pub(super) fn gone(&mut self, pid: Pid, why: DownWhy, around: &mut dyn Around) -> Vec<Action> {
        if !self.watched.remove(&pid) {
            return Vec::new();
        }
        let mut actions = Vec::new();
        if self.credit.remove(&pid) == Some(0) && self.credit.values().all(|credit| *credit > 0) {
            actions.push(Action::Unblock);
        }
        let calls: Vec<Token> = self
            .calls
            .iter()
            .filter(|(_, to)| **to == pid)
            .map(|(token, _)| *token)
            .collect();
        if pid == self.pid && why == DownWhy::Normal {
            // It was deleted.
            actions.extend(
                calls
                    .into_iter()
                    .map(|token| Action::CallDown { token, why }),
            );
            actions.push(Action::Gone);
            return actions;
        }
        actions.extend(self.owed(pid, why));
        if pid == self.pid {
            let mirrored = around
                .record(self.queue)
                .is_some_and(|record| !record.mirrors.is_empty());
            if mirrored && !self.consumers.is_empty() {
                self.orphaned = true;
                actions.extend(self.go_over(around));
            } else if !self.orphaned {
                self.consumers.clear();
                actions.push(Action::QueueDown);
            }
        }
        for token in calls {
            self.calls.remove(&token);
            actions.push(Action::CallDown { token, why });
        }
        actions
    }

    /// Consumers of a mirrored queue go over to the new master, without a word to the client.
    pub(super) fn go_over(&mut self, around: &mut dyn Around) -> Vec<Action> {
        if !self.orphaned {
            return Vec::new();
        }
        let Some(record) = around.record(self.queue) else {
            self.orphaned = false;
            self.consumers.clear();
            return vec![Action::QueueDown];
        };
        if record.pid == self.pid {
            return Vec::new();
        }
        self.orphaned = false;
        self.pid = record.pid;
        self.watch(record.pid, around);
        for spec in self.consumers.values() {
            let spec = ConsumeSpec {
                token: NOBODY,
                ..spec.clone()
            };
            around.post(record.pid, ToQueue::Consume(spec));
        }
        Vec::new()
    }

    pub(super) fn subscribe(&mut self, spec: ConsumeSpec, around: &mut dyn Around) -> Vec<Action> {
        self.consumers.insert(spec.tag, spec.clone());
        self.call(spec.token, ToQueue::Consume(spec), around)
    }
}

/// Gives a publish to the processes of a queue without waiting for anything.
pub(crate) fn deliver_untracked(record: &QueueRecord, delivery: &Delivery, ctx: &mut Ctx<'_, '_>) {
    let away = !ctx.cluster.running.contains(&record.pid.node);
    if ctx.version() <= Version::V3_10 && record.mirrors.is_empty() && away {
        // It is out of the table that is routed by.
        return;
    }
    let mirrors = record.mirrors.iter().map(|(pid, _)| *pid);
    for pid in std::iter::once(record.pid).chain(mirrors) {
        Around::post(ctx, pid, ToQueue::Deliver(delivery.clone()));
    }
}

fn some(action: fn(Vec<u64>) -> Action, seqs: Vec<u64>) -> Vec<Action> {
    if seqs.is_empty() {
        Vec::new()
    } else {
        vec![action(seqs)]
    }
}

impl QueueOps for ClassicClient {
    fn deliver(&mut self, delivery: Delivery, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.publish(delivery, ctx)
    }

    fn consume(&mut self, spec: ConsumeSpec, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.subscribe(spec, ctx)
    }

    fn cancel(&mut self, tag: Name, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.consumers.remove(&tag);
        self.call(token, ToQueue::Cancel { tag, token }, ctx)
    }

    fn settle(
        &mut self,
        _tag: Option<Name>,
        how: Settle,
        ids: &[u64],
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        let ids = ids.to_vec();
        Around::post(ctx, self.pid, ToQueue::Settle { ids, how });
        Vec::new()
    }

    fn get(&mut self, no_ack: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.call(token, ToQueue::Get { no_ack, token }, ctx)
    }

    fn stat(&mut self, _renew: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.call(token, ToQueue::Stat { token }, ctx)
    }

    fn purge(&mut self, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.call(token, ToQueue::Purge { token }, ctx)
    }

    fn delete(
        &mut self,
        if_unused: bool,
        if_empty: bool,
        token: Token,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        let delete = ToQueue::Delete {
            if_unused,
            if_empty,
            token,
        };
        self.call(token, delete, ctx)
    }

    fn prefetch(&mut self, limit: ChannelPrefetch, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        if let Some(pid) = self.find(ctx) {
            Around::post(ctx, pid, ToQueue::Prefetch(limit));
        }
        Vec::new()
    }

    fn hear(&mut self, from: Pid, said: ToChannel, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.heard(from, said, ctx)
    }

    fn down(&mut self, pid: Pid, why: DownWhy, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.gone(pid, why, ctx)
    }

    fn image_changed(&mut self, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.go_over(ctx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::classic::lab::{QUEUE, channel, message, record};
    use crate::node::image::QueueRecord;
    use std::sync::Arc;

    /// The metadata and what was posted.
    struct World {
        record: Option<QueueRecord>,
        posted: Vec<(Pid, ToQueue)>,
        watched: Vec<Pid>,
    }

    impl Around for World {
        fn record(&self, _queue: QueueId) -> Option<QueueRecord> {
            self.record.clone()
        }
        fn post(&mut self, to: Pid, signal: ToQueue) {
            self.posted.push((to, signal));
        }
        fn monitor(&mut self, target: Pid) {
            self.watched.push(target);
        }
    }

    fn start(mirrors: &[Pid]) -> (ClassicClient, World) {
        let mut record = record(&[]);
        record.mirrors = mirrors.iter().map(|pid| (*pid, true)).collect();
        let client = ClassicClient::new(&record);
        let world = World {
            record: Some(record),
            posted: Vec::new(),
            watched: Vec::new(),
        };
        (client, world)
    }

    fn publish(client: &mut ClassicClient, world: &mut World, seq: u64) -> Vec<Action> {
        let delivery = Delivery {
            message: Arc::new(message(1)),
            seq: Some(seq),
            sender: channel(9),
            mandatory: false,
        };
        client.publish(delivery, world)
    }

    fn settled(seqs: &[u64]) -> ToChannel {
        ToChannel::Settled {
            queue: QUEUE,
            seqs: seqs.to_vec(),
        }
    }

    #[test]
    fn what_a_dead_process_owes_is_refused_and_what_a_deleted_queue_owes_is_not() {
        for why in [
            DownWhy::NoConnection,
            DownWhy::Noproc,
            DownWhy::Crashed,
            DownWhy::Shutdown,
        ] {
            let (mut client, mut world) = start(&[]);
            let pid = client.pid;
            publish(&mut client, &mut world, 1);
            publish(&mut client, &mut world, 2);
            assert_eq!(
                client.heard(pid, settled(&[1]), &mut world),
                [Action::Settled(vec![1])]
            );
            let actions = client.gone(pid, why, &mut world);
            assert_eq!(
                actions,
                [Action::Rejected(vec![2]), Action::QueueDown],
                "{why:?}"
            );
            // The next publish watches again.
            publish(&mut client, &mut world, 3);
            assert_eq!(world.watched, [pid, pid]);
        }
        let (mut client, mut world) = start(&[]);
        publish(&mut client, &mut world, 1);
        let pid = client.pid;
        assert_eq!(
            client.gone(pid, DownWhy::Normal, &mut world),
            [Action::Gone]
        );
        world.record = None;
        assert_eq!(
            publish(&mut client, &mut world, 2),
            [Action::Settled(vec![2])]
        );
    }

    #[test]
    fn a_call_to_a_dead_process_comes_back() {
        let (mut client, mut world) = start(&[]);
        let pid = client.pid;
        assert!(
            client
                .call(5, ToQueue::Stat { token: 5 }, &mut world)
                .is_empty()
        );
        let actions = client.gone(pid, DownWhy::Noproc, &mut world);
        let token = 5;
        let why = DownWhy::Noproc;
        assert_eq!(
            actions,
            [Action::QueueDown, Action::CallDown { token, why }]
        );
        // Another queue's process is none of its business.
        assert!(client.gone(channel(3), why, &mut world).is_empty());
    }

    #[test]
    fn a_publish_to_a_mirrored_queue_is_settled_by_all() {
        let (one, two) = (channel(5), channel(6));
        let (mut client, mut world) = start(&[one, two]);
        let master = client.pid;
        for seq in 1..=3 {
            publish(&mut client, &mut world, seq);
        }
        assert_eq!(world.posted.len(), 9);
        assert!(
            client
                .heard(master, settled(&[1, 2]), &mut world)
                .is_empty()
        );
        assert!(client.heard(one, settled(&[1]), &mut world).is_empty());
        assert_eq!(
            client.heard(two, settled(&[1]), &mut world),
            [Action::Settled(vec![1])]
        );
        assert!(client.heard(two, settled(&[2]), &mut world).is_empty());
        // A mirror whose node stops in order owes nothing; one that cannot be reached leaves it open.
        let actions = client.gone(one, DownWhy::Shutdown, &mut world);
        assert_eq!(actions, [Action::Settled(vec![2])]);
        let actions = client.gone(two, DownWhy::NoConnection, &mut world);
        assert_eq!(actions, [Action::Rejected(vec![3])]);
    }

    #[test]
    fn consumers_of_a_mirrored_queue_go_over_to_the_next_master() {
        let mirror = channel(5);
        let (mut client, mut world) = start(&[mirror]);
        let master = client.pid;
        let spec = ConsumeSpec {
            channel: channel(1),
            tag: Name(1),
            no_ack: false,
            exclusive: false,
            prefetch: 0,
            arguments: Arc::default(),
            cancel_notify: true,
            token: 4,
        };
        client.subscribe(spec, &mut world);
        client.calls.clear();
        world.posted.clear();
        assert!(
            client
                .gone(master, DownWhy::NoConnection, &mut world)
                .is_empty()
        );
        assert!(world.posted.is_empty());
        if let Some(record) = &mut world.record {
            record.pid = mirror;
            record.mirrors.clear();
        }
        assert!(client.go_over(&mut world).is_empty());
        assert!(matches!(&world.posted[..], [(to, ToQueue::Consume(_))] if *to == mirror));
    }

    #[test]
    fn a_queue_that_does_not_keep_up_blocks_the_channel() {
        let (mut client, mut world) = start(&[]);
        let pid = client.pid;
        let mut blocked = 0;
        for seq in 1..=400 {
            blocked += publish(&mut client, &mut world, seq).len();
        }
        assert_eq!(blocked, 1);
        let more = ToChannel::Credit {
            queue: QUEUE,
            more: 200,
        };
        assert_eq!(client.heard(pid, more, &mut world), [Action::Unblock]);
    }
}
