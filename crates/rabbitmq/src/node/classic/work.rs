//! What a queue process does at the end of a step and when it is idle: deliveries and confirms leave, and buffers
//! are written (reference 3.1).
//!
//! Storage version 2: while confirms wait, a write comes when the mailbox is empty, which is at once. Without
//! them there is no such timer; the process writes when it has been idle for long enough to hibernate.
//! Version 1: an idle time of 200 ms is enough, and every write is synced.

use super::disk::{self, Files};
use super::outside::Outside;
use super::{AWAKE_MIN, ClassicQueue, ClassicTimer, Phase, Syncing};
use crate::ids::Pid;
use crate::node::queue_type::ToChannel;
use crate::signal::Signal;
use crate::system::Version;
use ackscope_kernel::Span;

/// How long version 1 has to be idle before it writes without being waited for (`SYNC_INTERVAL`).
const JOURNAL_IDLE: Span = Span(200_000);

/// Entries of the journal before it is written anyway (`queue_index_max_journal_entries`).
const JOURNAL_ENTRIES: usize = 32_768;

/// How often a process that idles wishes to be woken at most (`DESIRED_HIBERNATE`).
const DESIRED_SLEEP: Span = Span(10_000_000);

/// The time in which the process gets to the end of its mailbox: the least and the most.
const MAILBOX: (u64, u64) = (200, 1_500);

impl ClassicQueue {
    /// Something happens: if the process had fallen asleep meanwhile, it decides how long it stays awake now
    /// (`gen_server2`: adjust_timeout_state).
    pub(super) fn touch(&mut self, out: &mut dyn Outside) {
        let now = out.now();
        let quiet = now.since(self.active_at);
        if quiet >= self.awake && self.works() {
            let base = if quiet > AWAKE_MIN + DESIRED_SLEEP {
                AWAKE_MIN.0.max(self.awake.0 / 2)
            } else {
                self.awake.0
            };
            self.wakes += 1;
            let meaning = [self.meaning(), u64::from(self.wakes), 1];
            // Half a minute is more than any idle time that matters; it keeps the doubling in bounds.
            let base = base.min(15_000_000);
            self.awake = Span(base + out.draw(meaning, 1, base));
        }
        self.active_at = now;
    }

    fn works(&self) -> bool {
        matches!(self.phase, Phase::Live | Phase::Mirror)
    }

    /// The key of this queue's draws.
    fn meaning(&self) -> u64 {
        u64::from(self.id.birth) << 16 | u64::from(self.id.name.0)
    }

    /// How long it has to be idle before it writes what nobody waits for.
    fn idle_after(&self) -> Span {
        if self.journal {
            JOURNAL_IDLE
        } else {
            self.awake
        }
    }

    /// The end of a step.
    pub(super) fn finish(&mut self, out: &mut dyn Outside) {
        if self.doomed && self.works() {
            self.crash(out);
            return;
        }
        for outgoing in std::mem::take(&mut self.outgoing) {
            let deliver = ToChannel::Deliver {
                tag: outgoing.who.1,
                ack_required: outgoing.ack_required,
                messages: outgoing.messages,
            };
            out.post(outgoing.who.0, Signal::Channel(deliver));
        }
        for (sender, seqs) in std::mem::take(&mut self.confirmed) {
            let settled = ToChannel::Settled {
                queue: self.id,
                seqs,
            };
            out.post(sender, Signal::Channel(settled));
        }
        if !self.works() {
            return;
        }
        let publishes = self.store.unwritten.len();
        let acks = self.store.unwritten_acks.len();
        let full = if self.journal {
            publishes + acks >= JOURNAL_ENTRIES
        } else {
            publishes >= disk::BUFFERED || acks >= disk::BUFFERED_ACKS
        };
        if full {
            let (_, _) = disk::write(&mut self.store, Files::of(out.me().part), out);
        }
        if !self.awaiting.is_empty() && !out.is_armed(ClassicTimer::Flush) {
            let key = [self.meaning(), self.store.next(), 2];
            let span = out.draw(key, MAILBOX.0, MAILBOX.1);
            out.arm_in(ClassicTimer::Flush, Span(span));
        }
        if self.store.is_dirty() && !out.is_armed(ClassicTimer::Idle) {
            out.arm_in(ClassicTimer::Idle, self.idle_after());
        }
    }

    /// It may have been idle for long enough.
    pub(super) fn idle(&mut self, out: &mut dyn Outside) {
        let quiet = out.now().since(self.active_at);
        let needed = self.idle_after();
        if quiet >= needed {
            self.flush(out);
        } else {
            out.arm_in(ClassicTimer::Idle, Span(needed.0 - quiet.0));
        }
    }

    /// Writes everything that is buffered. Version 2 confirms at once, version 1 when it is synced.
    pub(super) fn flush(&mut self, out: &mut dyn Outside) {
        let files = Files::of(out.me().part);
        let dirty = self.store.is_dirty();
        let (_, bodies) = disk::write(&mut self.store, files, out);
        let unwritten = &self.store.unwritten;
        let mut confirms: Vec<(Pid, u64)> = Vec::new();
        self.awaiting.retain(|seq, confirm| {
            let waits = unwritten.contains_key(seq);
            if !waits {
                confirms.push(*confirm);
            }
            waits
        });
        if !self.journal {
            for (sender, seq) in confirms {
                self.confirm(sender, seq);
            }
            return;
        }
        if !dirty && confirms.is_empty() {
            return;
        }
        self.syncs += 1;
        out.sync(files.index, self.syncs * 2);
        // Bodies in the shared store are synced before a confirm up to 3.12.
        let both = bodies && out.version() <= Version::V3_10;
        if both {
            out.sync(files.bodies, self.syncs * 2 + 1);
        }
        let files = 1 + u8::from(both);
        self.syncing.insert(self.syncs, Syncing { files, confirms });
    }

    /// A sync of the journal, or of bodies, is done.
    pub(super) fn journal_synced(&mut self, token: u64, _out: &mut dyn Outside) {
        let number = token / 2;
        let Some(syncing) = self.syncing.get_mut(&number) else {
            return;
        };
        syncing.files = syncing.files.saturating_sub(1);
        if syncing.files == 0
            && let Some(done) = self.syncing.remove(&number)
        {
            for (sender, seq) in done.confirms {
                self.confirm(sender, seq);
            }
        }
    }
}
