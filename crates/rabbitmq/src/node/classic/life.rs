//! Beginning, end and crash of a queue process (reference 3.2, 5.2).

use super::disk::{self, Files};
use super::outside::Outside;
use super::{ClassicQueue, Phase, Stage, ToQueue};
use crate::facts::GoneWhy;
use crate::ids::Pid;
use crate::node::image::{MetaCommand, MetaError, QueueRecord, QueueState};
use crate::reply::{Code, Reply};
use crate::signal::{Answer, DownWhy, Signal, Token};
use ackscope_kernel::Span;

/// So many crashes within [`CRASH_WINDOW`] and the supervisor gives up (`rabbit_amqqueue_sup`).
const CRASHES: usize = 5;

/// The time in which crashes are counted.
const CRASH_WINDOW: Span = Span(10_000_000);

/// The token of the write that deletes the queue's record.
const DELETE: Token = 1;

/// The token of the write that says where the queue's process is.
pub(super) const HERE: Token = 2;

impl ClassicQueue {
    /// Begins to work: settings, what the disk has, and the record in the metadata.
    pub(super) fn begin(&mut self, out: &mut dyn Outside) {
        let me = out.me();
        let image = out.image();
        let (Some(spec), Some(record)) = (out.spec(self.id), image.queue(self.id)) else {
            self.phase = Phase::Ended;
            out.end(DownWhy::Normal);
            return;
        };
        self.spec = spec;
        let version = self.spec.storage.unwrap_or_else(|| out.default_storage());
        self.journal = version == 1 && out.version() < crate::system::Version::V4_0;
        self.active_at = out.now();
        let own = record.pid.node == me.node && record.pid.part == me.part;
        if !own || self.deposed {
            let record = record.clone();
            self.begin_as_mirror(&record, out);
            return;
        }
        self.phase = Phase::Live;
        let earlier = record.pid.node == me.node && record.pid.creation < me.creation;
        if !self.spec.durable && earlier {
            // A transient queue does not outlive the process of its node.
            self.delete(None, out);
            return;
        }
        if let Some(owner) = self.spec.exclusive {
            out.monitor(owner);
        }
        if self.spec.durable {
            self.store = disk::recover(Files::of(me.part), out).store;
        }
        for (mirror, _) in &record.mirrors {
            // Mirrors of an earlier start start anew.
            out.post(*mirror, Signal::Queue(ToQueue::Leave));
        }
        self.say_where(out);
        self.look_after_mirrors(out);
        self.drop_head(out);
        self.drop_expired(out);
        self.renew(out);
    }

    /// The record names this process, as living, and its mirrors.
    fn say_where(&self, out: &mut dyn Outside) {
        let me = out.me();
        let image = out.image();
        let differs = |record: &QueueRecord| {
            record.pid != me
                || record.state != QueueState::Live
                || record.mirrors != self.group.mirrors()
        };
        if image.queue(self.id).is_some_and(differs) {
            self.write_record(out);
        }
    }

    /// The node begins to stop: the record says so for the others.
    pub(super) fn stopping(&self, out: &mut dyn Outside) {
        if self.phase == Phase::Live {
            self.warn_mirrors(out);
            if self.spec.durable {
                self.mark(QueueState::Stopped, out);
            }
        }
    }

    fn mark(&self, state: QueueState, out: &mut dyn Outside) {
        if let Some(record) = out.image().queue(self.id) {
            let record = QueueRecord {
                state,
                ..record.clone()
            };
            out.write_meta(MetaCommand::UpdateQueue(Box::new(record)), 0);
        }
    }

    /// queue.delete.
    pub(super) fn delete_asked(
        &mut self,
        from: Pid,
        (if_unused, if_empty): (bool, bool),
        token: Token,
        out: &mut dyn Outside,
    ) {
        let complaint = if if_empty && !self.store.is_empty() {
            "not empty"
        } else if if_unused && self.consumers.count() > 0 {
            "in use"
        } else {
            self.delete(Some((from, token)), out);
            return;
        };
        let queue = out.text(self.id.name);
        let text = format!("queue '{queue}' in vhost '/' {complaint}");
        let reply = Reply::new(Code::PreconditionFailed, text);
        Self::answer(from, token, Answer::Refused(reply), out);
    }

    /// Throws the messages away, then has its record deleted. Nothing is dead-lettered.
    pub(super) fn delete(&mut self, reply: Option<(Pid, Token)>, out: &mut dyn Outside) {
        let messages = u32::try_from(self.store.len()).unwrap_or(u32::MAX);
        let gone: Vec<_> = self
            .store
            .all()
            .map(|(seq, entry)| (seq, entry.message.clone()))
            .collect();
        for (seq, message) in gone {
            self.note_gone(&message, seq, GoneWhy::QueueGone, out);
        }
        for (mirror, _) in self.group.mirrors().to_vec() {
            out.post(mirror, Signal::Queue(ToQueue::Leave));
        }
        self.store = super::Store::default();
        self.awaiting.clear();
        disk::remove(Files::of(out.me().part), out);
        self.phase = Phase::Deleting { reply, messages };
        out.write_meta(MetaCommand::DeleteQueue(self.id), DELETE);
    }

    /// The metadata store has answered.
    pub(super) fn meta_done(
        &mut self,
        token: Token,
        result: Result<(), MetaError>,
        out: &mut dyn Outside,
    ) {
        if token == HERE && result == Err(MetaError::Timeout) && self.phase == Phase::Live {
            // Nobody finds it before this is known.
            self.say_where(out);
        }
        let Phase::Deleting { reply, messages } = self.phase else {
            return;
        };
        if token != DELETE {
            return;
        }
        if let Some((to, token)) = reply {
            let answer = if result == Err(MetaError::Timeout) {
                Answer::Refused(Reply::new(
                    Code::InternalError,
                    "The operation to delete the queue from the metadata store timed out",
                ))
            } else {
                Answer::Done {
                    messages,
                    consumers: 0,
                }
            };
            Self::answer(to, token, answer, out);
        }
        self.phase = Phase::Ended;
        out.end(DownWhy::Normal);
    }

    /// The node stops in order: everything is written and synced.
    pub(super) fn stop(&mut self, out: &mut dyn Outside) {
        if self.phase == Phase::Mirror {
            self.phase = Phase::Ended;
            out.end(DownWhy::Shutdown);
            return;
        }
        if self.phase != Phase::Live {
            return;
        }
        let me = out.me();
        let lost: Vec<_> = self
            .store
            .all()
            .filter(|(_, entry)| entry.stage == Stage::Volatile)
            .map(|(seq, entry)| (seq, entry.message.clone()))
            .collect();
        for (seq, message) in lost {
            self.note_gone(&message, seq, GoneWhy::Transient, out);
        }
        if self.spec.durable {
            disk::close(&mut self.store, Files::of(me.part), out);
        }
        self.phase = Phase::Ended;
        out.end(DownWhy::Shutdown);
    }

    /// The process dies alone. What was in its memory only is gone; its supervisor starts it again, unless it
    /// died too often lately.
    pub(super) fn crash(&mut self, out: &mut dyn Outside) {
        let lost: Vec<_> = self
            .store
            .all()
            .filter(|(_, entry)| entry.stage != Stage::Written)
            .map(|(seq, entry)| (seq, entry.message.clone()))
            .collect();
        for (seq, message) in lost {
            self.note_gone(&message, seq, GoneWhy::Memory, out);
        }
        // A mirror takes over, if the policy lets it; otherwise the queue waits for its own restart.
        let any = self.spec.mirroring.as_ref().is_some_and(|m| m.on_failure);
        let mirrors = self.group.mirrors();
        let deposed = self.deposed
            || mirrors
                .iter()
                .any(|(pid, synced)| out.reaches(pid.node) && (any || *synced));
        let now = out.now();
        let mut crashes = std::mem::take(&mut self.crashes);
        crashes.retain(|at| now.since(*at) <= CRASH_WINDOW);
        crashes.push(now);
        self.phase = Phase::Ended;
        for timer in super::ClassicTimer::ALL {
            out.disarm(timer);
        }
        out.end(DownWhy::Crashed);
        if crashes.len() > CRASHES {
            self.mark(QueueState::Crashed, out);
            return;
        }
        let mut queue = ClassicQueue::new(self.id);
        queue.crashes = crashes;
        queue.deposed = deposed;
        out.restart(queue);
    }

    /// A watched part is no more.
    pub(super) fn down(&mut self, pid: Pid, why: DownWhy, out: &mut dyn Outside) {
        if self.phase == Phase::Mirror {
            self.master_down(pid, why, out);
            self.finish(out);
            return;
        }
        if self.phase != Phase::Live {
            return;
        }
        if self.mirror_down(pid, out) {
            // A mirror.
        } else if self.spec.exclusive == Some(pid) {
            self.delete(None, out);
        } else {
            self.channel_down(pid, out);
        }
        self.finish(out);
    }

    /// A policy may have changed.
    pub(super) fn image_changed(&mut self, out: &mut dyn Outside) {
        if self.phase == Phase::Mirror {
            if let Some(spec) = out.spec(self.id) {
                self.spec = spec;
            }
            self.look_for_master(out);
            self.finish(out);
            return;
        }
        if self.phase != Phase::Live {
            return;
        }
        let Some(spec) = out.spec(self.id).filter(|spec| *spec != self.spec) else {
            return;
        };
        self.spec = spec;
        self.look_after_mirrors(out);
        self.drop_head(out);
        self.renew(out);
        self.finish(out);
    }
}
