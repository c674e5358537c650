//! The member of a stream on a node: writer, reader, and the server of the consumers on its node.

use super::coordinator::Command;
use super::log::Log;
use super::{Entry, Epoch, Offset, Retention, ToStream};
use crate::facts::Fact;
use crate::ids::{Name, Part, Pid, QueueId};
use crate::message::Value;
use crate::node::Actor;
use crate::node::ctx::Ctx;
use crate::node::queue_type::{ConsumeSpec, ToChannel};
use crate::signal::{Answer, DownWhy, Handed, Signal, Token};
use crate::system::PartTimer;
use ackscope_kernel::{SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a member is at present.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
enum Duty {
    /// It waits for the coordinator.
    Idle,
    /// It takes publishes.
    Writer {
        members: Vec<SeatId>,
        /// Readers that follow: the offset that each wants next.
        readers: BTreeMap<SeatId, Offset>,
        /// Publishes that wait to be committed: by offset, who hears of it.
        waiting: BTreeMap<Offset, (Pid, u64)>,
        /// The last publish taken from each publisher: its number and offset.
        known: BTreeMap<Pid, (u64, Offset)>,
        /// What was published in this step.
        batch: Vec<(Pid, u64, bool, Arc<crate::message::Message>)>,
    },
    /// It follows.
    Reader {
        leader: SeatId,
        /// The writer has said where the logs agree.
        attached: bool,
    },
}

/// A consumer on this node.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Consumer {
    /// The offset that comes next.
    next: Offset,
    /// How many more may be delivered.
    credit: u32,
}

/// A member of a stream.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Replica {
    queue: QueueId,
    epoch: Epoch,
    duty: Duty,
    log: Log,
    /// The offset behind the last committed entry, as far as is known here.
    committed: Offset,
    retention: Retention,
    consumers: BTreeMap<(Pid, Name), Consumer>,
}

/// How often a member that nobody told what to do asks again, and a reader tries to follow.
const AGAIN: Span = Span::secs(1);

impl Replica {
    /// A member as its node starts, or as the stream is declared.
    pub(crate) fn new(queue: QueueId, retention: Retention, ctx: &Ctx<'_, '_>) -> Replica {
        let log = Log::open(queue, ctx);
        Replica {
            queue,
            epoch: 0,
            duty: Duty::Idle,
            log,
            committed: 0,
            retention,
            consumers: BTreeMap::new(),
        }
    }

    /// The log, as panels and checks look at it.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The offset behind the last entry that this member knows to be committed.
    #[must_use]
    pub fn committed(&self) -> Offset {
        self.committed
    }

    /// The epoch, and whether this member writes in it.
    #[must_use]
    pub fn duty(&self) -> (Epoch, bool) {
        (self.epoch, matches!(self.duty, Duty::Writer { .. }))
    }

    /// The node that writes, as far as is known on `me`, the node of this member.
    #[must_use]
    pub fn leader(&self, me: SeatId) -> Option<SeatId> {
        match self.duty {
            Duty::Writer { .. } => Some(me),
            Duty::Reader { leader, .. } => Some(leader),
            Duty::Idle => None,
        }
    }

    fn ask_for_duty(&self, ctx: &mut Ctx<'_, '_>) {
        let node = ctx.node();
        self.ask(
            Command::Up {
                queue: self.queue,
                node,
            },
            ctx,
        );
        ctx.arm_in(PartTimer::StreamAgain, AGAIN);
    }

    fn ask(&self, command: Command, ctx: &mut Ctx<'_, '_>) {
        let coordinator = Pid::named(ctx.node(), Part::Coordinator);
        ctx.post(coordinator, Signal::Stream(ToStream::Ask(command)));
    }

    fn tell(&self, node: SeatId, what: ToStream, ctx: &mut Ctx<'_, '_>) {
        let to = Pid::named(node, Part::Replica(self.queue));
        ctx.post(to, Signal::Stream(what));
    }

    // ---- duties ----

    fn stop(&mut self, epoch: Epoch, ctx: &mut Ctx<'_, '_>) {
        if epoch < self.epoch {
            return;
        }
        self.epoch = epoch;
        self.flush(ctx);
        self.duty = Duty::Idle;
        let node = ctx.node();
        let tail = self.log.tail();
        self.ask(
            Command::Stopped {
                queue: self.queue,
                node,
                epoch,
                tail,
            },
            ctx,
        );
        ctx.arm_in(PartTimer::StreamAgain, AGAIN);
    }

    fn write(&mut self, epoch: Epoch, members: Vec<SeatId>, ctx: &mut Ctx<'_, '_>) {
        if epoch < self.epoch {
            return;
        }
        let already = epoch == self.epoch && matches!(self.duty, Duty::Writer { .. });
        if !already {
            self.epoch = epoch;
            let mut known = BTreeMap::new();
            for offset in self.log.first()..self.log.tail().next {
                let entry = self.log.get(offset, ctx);
                if let Some((publisher, seq)) = entry.and_then(|entry| entry.from) {
                    known.insert(publisher, (seq, offset));
                }
            }
            self.duty = Duty::Writer {
                members,
                readers: BTreeMap::new(),
                waiting: BTreeMap::new(),
                known,
                batch: Vec::new(),
            };
            ctx.env.note(Fact::StreamWriter {
                queue: self.queue,
                epoch,
            });
            self.commit(ctx);
        }
        ctx.disarm(PartTimer::StreamAgain);
        let node = ctx.node();
        self.ask(
            Command::Writes {
                queue: self.queue,
                node,
                epoch,
            },
            ctx,
        );
    }

    fn follow(&mut self, epoch: Epoch, leader: SeatId, ctx: &mut Ctx<'_, '_>) {
        if epoch < self.epoch {
            return;
        }
        let same = epoch == self.epoch
            && matches!(self.duty, Duty::Reader { leader: w, attached: true } if w == leader);
        if same {
            return;
        }
        self.epoch = epoch;
        self.duty = Duty::Reader {
            leader,
            attached: false,
        };
        self.attach(ctx);
    }

    fn attach(&mut self, ctx: &mut Ctx<'_, '_>) {
        if let Duty::Reader {
            leader,
            attached: false,
        } = self.duty
        {
            let attach = ToStream::Attach {
                epoch: self.epoch,
                ends: self.log.ends().to_vec(),
            };
            ctx.monitor(Pid::named(leader, Part::Replica(self.queue)));
            self.tell(leader, attach, ctx);
            ctx.arm_in(PartTimer::StreamAgain, AGAIN);
        }
    }

    // ---- the writer ----

    fn publish(
        &mut self,
        publisher: Pid,
        seq: u64,
        confirm: bool,
        message: Arc<crate::message::Message>,
        ctx: &mut Ctx<'_, '_>,
    ) {
        let Duty::Writer {
            known,
            waiting,
            batch,
            ..
        } = &mut self.duty
        else {
            // The channel sends it again when it learns of the new writer.
            return;
        };
        if let Some((last, offset)) = known.get(&publisher)
            && *last >= seq
        {
            // Taken before: a second copy is not stored (reference 3.7).
            if *offset < self.committed {
                confirm_to(self.queue, publisher, vec![seq], ctx);
            } else {
                waiting.insert(*offset, (publisher, seq));
            }
            return;
        }
        if batch.is_empty() {
            let me = ctx.me;
            ctx.post(me, Signal::Stream(ToStream::Flush));
        }
        batch.push((publisher, seq, confirm, message));
    }

    /// Writes what was published in this step as one chunk and sends it to the readers.
    fn flush(&mut self, ctx: &mut Ctx<'_, '_>) {
        let epoch = self.epoch;
        let Duty::Writer {
            known,
            waiting,
            batch,
            ..
        } = &mut self.duty
        else {
            return;
        };
        let batch = std::mem::take(batch);
        if batch.is_empty() {
            return;
        }
        let chunk = self.log.tail().next;
        let segment = self.log.segment_for_next(&self.retention);
        let at = ctx.env.now();
        let mut entries = Vec::new();
        for (publisher, seq, confirm, message) in batch {
            let offset = self.log.tail().next;
            let entry = Entry {
                offset,
                epoch,
                chunk,
                segment,
                at,
                from: confirm.then_some((publisher, seq)),
                message,
            };
            if !self.log.append(entry.clone(), ctx) {
                break;
            }
            entries.push(entry);
            known.insert(publisher, (seq, offset));
            if confirm {
                waiting.insert(offset, (publisher, seq));
            }
        }
        self.log.retain(&self.retention, ctx);
        self.commit(ctx);
        self.send_from(&entries, ctx);
    }

    fn send_from(&mut self, entries: &[Entry], ctx: &mut Ctx<'_, '_>) {
        let Duty::Writer { readers, .. } = &self.duty else {
            return;
        };
        let readers: Vec<SeatId> = readers.keys().copied().collect();
        for node in readers {
            let chunk = ToStream::Chunk {
                epoch: self.epoch,
                entries: entries.to_vec(),
                committed: self.committed,
            };
            self.tell(node, chunk, ctx);
        }
    }

    /// What a majority has, the writer included, is committed: publishers and consumers hear of it.
    fn commit(&mut self, ctx: &mut Ctx<'_, '_>) {
        let Duty::Writer {
            members,
            readers,
            waiting,
            ..
        } = &mut self.duty
        else {
            return;
        };
        let mut ends: Vec<Offset> = members
            .iter()
            .map(|node| {
                if *node == ctx.node() {
                    self.log.tail().next
                } else {
                    readers.get(node).copied().unwrap_or(0)
                }
            })
            .collect();
        ends.sort_unstable();
        let majority = ends.len().checked_sub(ends.len() / 2 + 1);
        let agreed = majority.and_then(|at| ends.get(at).copied()).unwrap_or(0);
        if agreed <= self.committed {
            return;
        }
        self.committed = agreed;
        let rest = waiting.split_off(&agreed);
        let settled = std::mem::replace(waiting, rest);
        let mut by_channel: BTreeMap<Pid, Vec<u64>> = BTreeMap::new();
        for (publisher, seq) in settled.into_values() {
            by_channel.entry(publisher).or_default().push(seq);
        }
        for (publisher, seqs) in by_channel {
            confirm_to(self.queue, publisher, seqs, ctx);
        }
        self.send_from(&[], ctx);
        self.serve_all(ctx);
    }

    fn attached(
        &mut self,
        from: SeatId,
        epoch: Epoch,
        ends: &[super::Tail],
        ctx: &mut Ctx<'_, '_>,
    ) {
        if epoch != self.epoch {
            return;
        }
        let Duty::Writer { readers, .. } = &mut self.duty else {
            return;
        };
        let next = self.log.agreement(ends).max(self.log.first());
        readers.insert(from, 0);
        ctx.monitor(Pid::named(from, Part::Replica(self.queue)));
        self.tell(from, ToStream::Truncate { epoch, next }, ctx);
        let entries: Vec<Entry> = (next..self.log.tail().next)
            .filter_map(|offset| self.log.get(offset, ctx).cloned())
            .collect();
        let chunk = ToStream::Chunk {
            epoch,
            entries,
            committed: self.committed,
        };
        self.tell(from, chunk, ctx);
    }

    // ---- the reader ----

    fn truncate(&mut self, from: SeatId, epoch: Epoch, next: Offset, ctx: &mut Ctx<'_, '_>) {
        match &mut self.duty {
            Duty::Reader { leader, attached } if *leader == from && epoch == self.epoch => {
                *attached = true;
            }
            _ => return,
        }
        ctx.disarm(PartTimer::StreamAgain);
        self.log.truncate(next, ctx);
        let node = ctx.node();
        let queue = self.queue;
        self.ask(Command::Follows { queue, node, epoch }, ctx);
    }

    fn chunk(
        &mut self,
        from: SeatId,
        epoch: Epoch,
        entries: Vec<Entry>,
        committed: Offset,
        ctx: &mut Ctx<'_, '_>,
    ) {
        let follows =
            matches!(self.duty, Duty::Reader { leader, attached: true } if leader == from);
        if !follows || epoch != self.epoch {
            return;
        }
        let new = !entries.is_empty();
        for entry in entries {
            let fits = self.log.ends().is_empty() || entry.offset == self.log.tail().next;
            if !fits || !self.log.append(entry, ctx) {
                break;
            }
        }
        self.log.retain(&self.retention, ctx);
        if new || self.committed == 0 {
            let next = self.log.tail().next;
            self.tell(from, ToStream::Acknowledge { epoch, next }, ctx);
        }
        let committed = committed.min(self.log.tail().next);
        if committed > self.committed {
            self.committed = committed;
            self.serve_all(ctx);
        }
    }

    // ---- consumers ----

    fn consume(&mut self, spec: &ConsumeSpec, ctx: &mut Ctx<'_, '_>) {
        let next = match spec.arguments.get("x-stream-offset") {
            None => self.committed,
            Some(Value::Str(word)) => match &**word {
                "first" => self.log.first(),
                "last" => self.log.last_chunk(self.committed, ctx),
                _ => self.committed,
            },
            Some(Value::Time(seconds)) => self
                .log
                .at_time(Time(seconds.saturating_mul(1_000_000)), ctx),
            Some(Value::Int(number)) => u64::try_from(*number).unwrap_or(0),
            Some(_) => self.committed,
        };
        // What does not exist any more, or not yet, is clamped to what does.
        let next = next.clamp(self.log.first(), self.committed.max(self.log.first()));
        let consumer = Consumer {
            next,
            credit: u32::from(spec.prefetch),
        };
        let at = (spec.channel, spec.tag);
        self.consumers.insert(at, consumer);
        ctx.monitor(spec.channel);
        self.answer(spec.channel, spec.token, ctx);
        self.serve(at, ctx);
    }

    fn answer(&self, channel: Pid, token: Token, ctx: &mut Ctx<'_, '_>) {
        let messages = self.committed.saturating_sub(self.log.first());
        let answer = Answer::Done {
            messages: u32::try_from(messages).unwrap_or(u32::MAX),
            consumers: u32::try_from(self.consumers.len()).unwrap_or(u32::MAX),
        };
        let said = ToChannel::Answer { token, answer };
        ctx.post(channel, Signal::Channel(said));
    }

    fn serve_all(&mut self, ctx: &mut Ctx<'_, '_>) {
        let all: Vec<(Pid, Name)> = self.consumers.keys().copied().collect();
        for at in all {
            self.serve(at, ctx);
        }
    }

    /// Delivers what is committed, as far as the consumer's credit reaches. A consumer whose place was deleted
    /// by retention jumps to the first entry that is left.
    fn serve(&mut self, at: (Pid, Name), ctx: &mut Ctx<'_, '_>) {
        let Some(consumer) = self.consumers.get_mut(&at) else {
            return;
        };
        consumer.next = consumer.next.max(self.log.first());
        let mut messages = Vec::new();
        while consumer.credit > 0 && consumer.next < self.committed {
            let Some(entry) = self.log.get(consumer.next, ctx) else {
                break;
            };
            let mut message = (*entry.message).clone();
            message.stream_offset = Some(entry.offset);
            messages.push(Handed {
                queue: self.queue,
                id: entry.offset,
                redelivered: false,
                message: Arc::new(message),
            });
            consumer.next += 1;
            consumer.credit -= 1;
        }
        if !messages.is_empty() {
            let deliver = ToChannel::Deliver {
                tag: at.1,
                ack_required: true,
                messages,
            };
            ctx.post(at.0, Signal::Channel(deliver));
        }
    }

    fn hear(&mut self, from: Pid, said: ToStream, ctx: &mut Ctx<'_, '_>) {
        match said {
            ToStream::Publish {
                publisher,
                seq,
                confirm,
                message,
            } => self.publish(publisher, seq, confirm, message, ctx),
            ToStream::Flush => self.flush(ctx),
            ToStream::Attach { epoch, ends } => self.attached(from.node, epoch, &ends, ctx),
            ToStream::Truncate { epoch, next } => self.truncate(from.node, epoch, next, ctx),
            ToStream::Chunk {
                epoch,
                entries,
                committed,
            } => self.chunk(from.node, epoch, entries, committed, ctx),
            ToStream::Acknowledge { epoch, next } => {
                if epoch == self.epoch
                    && let Duty::Writer { readers, .. } = &mut self.duty
                    && let Some(known) = readers.get_mut(&from.node)
                {
                    *known = next;
                    self.commit(ctx);
                }
            }
            ToStream::Consume(spec) => self.consume(&spec, ctx),
            ToStream::Credit { tag, count } => {
                let at = (from, tag);
                if let Some(consumer) = self.consumers.get_mut(&at) {
                    consumer.credit += count;
                }
                self.serve(at, ctx);
            }
            ToStream::Cancel { tag, token } => {
                self.consumers.remove(&(from, tag));
                self.answer(from, token, ctx);
            }
            ToStream::Stat { token } => self.answer(from, token, ctx),
            ToStream::Stop { epoch } => self.stop(epoch, ctx),
            ToStream::Write { epoch, members } => self.write(epoch, members, ctx),
            ToStream::Follow { epoch, leader } => self.follow(epoch, leader, ctx),
            ToStream::Delete => {
                self.log.delete(ctx);
                let consumers = std::mem::take(&mut self.consumers);
                for (channel, tag) in consumers.into_keys() {
                    let queue = self.queue;
                    let said = ToChannel::CancelConsumer { tag, queue };
                    ctx.post(channel, Signal::Channel(said));
                }
                let part = ctx.me.part;
                ctx.end(part, DownWhy::Normal);
            }
            ToStream::Ask(_) | ToStream::Raft(_) => {}
        }
    }

    fn down(&mut self, pid: Pid, ctx: &mut Ctx<'_, '_>) {
        self.consumers.retain(|(channel, _), _| *channel != pid);
        if pid.part != ctx.me.part {
            return;
        }
        match &mut self.duty {
            Duty::Writer { readers, .. } => {
                readers.remove(&pid.node);
            }
            Duty::Reader { leader, attached } if *leader == pid.node => {
                *attached = false;
                ctx.arm_in(PartTimer::StreamAgain, AGAIN);
            }
            Duty::Reader { .. } | Duty::Idle => {}
        }
    }
}

fn confirm_to(queue: QueueId, publisher: Pid, seqs: Vec<u64>, ctx: &mut Ctx<'_, '_>) {
    let settled = ToChannel::Settled { queue, seqs };
    ctx.post(publisher, Signal::Channel(settled));
}

impl Actor for Replica {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Stream(said) => self.hear(from, said, ctx),
            Signal::Down { pid, .. } => self.down(pid, ctx),
            Signal::AppStarted => self.ask_for_duty(ctx),
            _ => {}
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        if kind == PartTimer::StreamAgain {
            match &self.duty {
                Duty::Idle => self.ask_for_duty(ctx),
                Duty::Reader { attached, .. } if !attached => {
                    self.ask_for_duty(ctx);
                    self.attach(ctx);
                }
                Duty::Reader { .. } | Duty::Writer { .. } => {}
            }
        }
    }
}
