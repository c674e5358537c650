//! A channel's state for one stream (`rabbit_stream_queue`).
//!
//! Publishes with confirms are kept until they are committed and sent again, under the same numbers, to a new
//! writer, which knows duplicates by them. Without confirms nothing is kept (reference 3.7).

use super::{Epoch, ToStream};
use crate::ids::{Name, Part, Pid, QueueId};
use crate::message::{Message, Value};
use crate::node::ctx::Ctx;
use crate::node::image::QueueRecord;
use crate::node::queue_type::{Action, ConsumeSpec, Delivery, QueueOps, ToChannel};
use crate::reply::{Code, Reply};
use crate::signal::{Answer, DownWhy, Settle, Signal, Token};
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// More publishes than this on their way to one stream, and the channel reads no more
/// (`stream_messages_soft_limit`).
const SOFT_LIMIT: usize = 256;

/// The state.
#[derive(Clone, Debug, BorshSerialize)]
pub struct StreamClient {
    queue: QueueId,
    /// The node that writes, as far as is known here, and its epoch.
    leader: (SeatId, Epoch),
    /// The number of the last publish.
    last: u64,
    /// Publishes that are not committed yet: by this state's number, the channel's number and the message.
    pending: BTreeMap<u64, (u64, Arc<Message>)>,
    blocked: bool,
    /// Calls that the replica has not answered.
    calls: BTreeSet<Token>,
}

impl StreamClient {
    /// A fresh state.
    #[must_use]
    pub fn new(record: &QueueRecord) -> StreamClient {
        StreamClient {
            queue: record.id,
            leader: (record.pid.node, record.epoch),
            last: 0,
            pending: BTreeMap::new(),
            blocked: false,
            calls: BTreeSet::new(),
        }
    }

    fn words(&self, kind: &str, ctx: &Ctx<'_, '_>) -> String {
        let name = ctx.env.settings().name(self.queue.name);
        format!("{kind} '{name}' in vhost '/'")
    }

    fn refuse(token: Token, code: Code, text: String) -> Vec<Action> {
        let answer = Answer::Refused(Reply::new(code, text));
        vec![Action::Answer { token, answer }]
    }

    fn send(&self, seq: u64, confirm: bool, message: Arc<Message>, ctx: &mut Ctx<'_, '_>) {
        let publisher = ctx.me;
        let to = Pid::named(self.leader.0, Part::Replica(self.queue));
        let publish = ToStream::Publish {
            publisher,
            seq,
            confirm,
            message,
        };
        ctx.post(to, Signal::Stream(publish));
    }

    /// The replica on the channel's node.
    fn local(&self, ctx: &Ctx<'_, '_>) -> Pid {
        ctx.local(Part::Replica(self.queue))
    }

    fn call(
        &mut self,
        to: Pid,
        what: ToStream,
        token: Token,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        self.calls.insert(token);
        ctx.monitor(to);
        ctx.post(to, Signal::Stream(what));
        Vec::new()
    }
}

/// Whether this is an offset that a consumer may ask for.
fn is_offset(value: &Value) -> bool {
    match value {
        Value::Str(word) => matches!(&**word, "first" | "last" | "next"),
        Value::Int(number) => *number >= 0,
        Value::Time(_) => true,
        Value::Bool(_) | Value::List(_) => false,
    }
}

impl QueueOps for StreamClient {
    fn deliver(&mut self, delivery: Delivery, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.last += 1;
        let seq = self.last;
        let confirm = delivery.seq.is_some();
        if let Some(channel_seq) = delivery.seq {
            let kept = (channel_seq, delivery.message.clone());
            self.pending.insert(seq, kept);
        }
        self.send(seq, confirm, delivery.message, ctx);
        if !self.blocked && self.pending.len() > SOFT_LIMIT {
            self.blocked = true;
            return vec![Action::Block];
        }
        Vec::new()
    }

    fn consume(&mut self, spec: ConsumeSpec, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let token = spec.token;
        let stream = self.words("stream", ctx);
        if spec.no_ack {
            let text = format!("automatic acknowledgement not supported by {stream}");
            return Self::refuse(token, Code::NotImplemented, text);
        }
        if spec.prefetch == 0 {
            let text = format!("consumer prefetch count is not set for {stream}");
            return Self::refuse(token, Code::PreconditionFailed, text);
        }
        let offset = spec.arguments.get("x-stream-offset");
        if offset.is_some_and(|offset| !is_offset(offset)) {
            let queue = self.words("queue", ctx);
            let text = format!("failed consuming from {queue}: invalid_stream_offset_arg");
            return Self::refuse(token, Code::PreconditionFailed, text);
        }
        let record = ctx.image.queue(self.queue);
        if record.is_none_or(|record| !record.members.contains(&ctx.node())) {
            let text = format!("{stream} does not have a running replica on the local node");
            return Self::refuse(token, Code::PreconditionFailed, text);
        }
        let to = self.local(ctx);
        self.call(to, ToStream::Consume(Box::new(spec)), token, ctx)
    }

    fn cancel(&mut self, tag: Name, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let to = self.local(ctx);
        self.call(to, ToStream::Cancel { tag, token }, token, ctx)
    }

    fn settle(
        &mut self,
        tag: Option<Name>,
        _how: Settle,
        ids: &[u64],
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        // Whatever the consumer says of a delivery only gives it credit for another.
        if let Some(tag) = tag {
            let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let to = self.local(ctx);
            ctx.post(to, Signal::Stream(ToStream::Credit { tag, count }));
        }
        Vec::new()
    }

    fn get(&mut self, _no_ack: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let queue = self.words("queue", ctx);
        let text = format!("basic.get not supported by stream queues {queue}");
        Self::refuse(token, Code::NotImplemented, text)
    }

    fn stat(&mut self, _renew: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let to = Pid::named(self.leader.0, Part::Replica(self.queue));
        self.call(to, ToStream::Stat { token }, token, ctx)
    }

    fn purge(&mut self, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let queue = self.words("queue", ctx);
        let text = format!("queue.purge not supported by stream queues {queue}");
        Self::refuse(token, Code::NotImplemented, text)
    }

    fn delete(
        &mut self,
        _if_unused: bool,
        _if_empty: bool,
        token: Token,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        // Both flags are ignored (reference 1.4). The coordinator forgets the stream when its record is gone.
        let image = ctx.image.clone();
        if let Some(record) = image.queue(self.queue) {
            for node in &record.members {
                let to = Pid::named(*node, Part::Replica(self.queue));
                ctx.post(to, Signal::Stream(ToStream::Delete));
            }
        }
        let (messages, consumers) = (0, 0);
        let answer = Answer::Done {
            messages,
            consumers,
        };
        vec![Action::Answer { token, answer }]
    }

    fn hear(&mut self, _from: Pid, said: ToChannel, _ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        match said {
            ToChannel::Settled { seqs, .. } => {
                let settled = seqs.iter().filter_map(|seq| self.pending.remove(seq));
                let settled: Vec<u64> = settled.map(|(channel_seq, _)| channel_seq).collect();
                let mut actions = vec![Action::Settled(settled)];
                if self.blocked && self.pending.len() < SOFT_LIMIT {
                    self.blocked = false;
                    actions.push(Action::Unblock);
                }
                actions
            }
            ToChannel::Deliver {
                tag,
                ack_required,
                messages,
            } => vec![Action::Deliver {
                tag,
                ack_required,
                messages,
            }],
            ToChannel::Answer { token, answer } if self.calls.remove(&token) => {
                vec![Action::Answer { token, answer }]
            }
            ToChannel::CancelConsumer { tag, .. } => vec![Action::Cancelled { tag }],
            _ => Vec::new(),
        }
    }

    fn down(&mut self, pid: Pid, why: DownWhy, _ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        if pid.part != Part::Replica(self.queue) {
            return Vec::new();
        }
        let calls = std::mem::take(&mut self.calls);
        let down = |token| Action::CallDown { token, why };
        calls.into_iter().map(down).collect()
    }

    fn image_changed(&mut self, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let image = ctx.image.clone();
        let Some(record) = image.queue(self.queue) else {
            return vec![Action::Gone];
        };
        let leader = (record.pid.node, record.epoch);
        if leader != self.leader {
            // A new writer: what is not committed is sent again, in order.
            self.leader = leader;
            for (seq, (_, message)) in self.pending.clone() {
                self.send(seq, true, message, ctx);
            }
        }
        Vec::new()
    }
}
