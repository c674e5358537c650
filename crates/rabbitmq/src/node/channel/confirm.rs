//! Publisher confirms (`rabbit_confirms`, `send_confirms_and_nacks`; reference 2.3).

use super::{Channel, Mode, Phase};
use crate::amqp::Method;
use crate::ids::QueueId;
use crate::node::args::precondition;
use crate::node::ctx::Ctx;
use crate::reply::Reply;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};

/// Publishes that wait for their queues, and what can be told to the client.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub(super) struct Confirms {
    /// The number of the last publish.
    last: u64,
    /// For each open publish the queues that have not settled it.
    open: BTreeMap<u64, BTreeSet<QueueId>>,
    confirmed: Vec<u64>,
    rejected: Vec<u64>,
}

impl Confirms {
    /// The number of the next publish, from 1.
    pub(super) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// A publish was routed to these queues; to none: it is confirmed at once.
    pub(super) fn expect(&mut self, seq: u64, queues: BTreeSet<QueueId>) {
        if queues.is_empty() {
            self.confirmed.push(seq);
        } else {
            self.open.insert(seq, queues);
        }
    }

    /// A queue settled these; those that no other queue owes are confirmed.
    pub(super) fn settle(&mut self, queue: QueueId, seqs: &[u64]) {
        for seq in seqs {
            if let Some(queues) = self.open.get_mut(seq) {
                queues.remove(&queue);
                if queues.is_empty() {
                    self.open.remove(seq);
                    self.confirmed.push(*seq);
                }
            }
        }
    }

    /// One queue refuses these: that is enough, whatever the others say later. Says whether there was any.
    pub(super) fn reject(&mut self, seqs: &[u64]) -> bool {
        let before = self.rejected.len();
        let open = &mut self.open;
        let refused = seqs.iter().filter(|seq| open.remove(seq).is_some());
        self.rejected.extend(refused.copied());
        self.rejected.len() > before
    }

    /// A deleted queue owes nothing any more.
    pub(super) fn queue_deleted(&mut self, queue: QueueId) {
        let owed = self.open.iter().filter(|(_, qs)| qs.contains(&queue));
        let owed: Vec<u64> = owed.map(|(seq, _)| *seq).collect();
        self.settle(queue, &owed);
    }

    pub(super) fn open(&self) -> u64 {
        u64::try_from(self.open.len()).unwrap_or(u64::MAX)
    }

    /// Nothing is waited for; what was confirmed and refused is forgotten (a transaction counts as a whole).
    pub(super) fn complete(&mut self) -> bool {
        if !self.open.is_empty() {
            return false;
        }
        self.confirmed.clear();
        self.rejected.clear();
        true
    }

    /// The frames to send: (number, multiple, ack). Acks come first. Numbers below everything that is still open or
    /// of the other kind are covered by one frame, the others get one each (`coalesce_and_send`).
    pub(super) fn frames(&mut self) -> Vec<(u64, bool, bool)> {
        let mut acks = std::mem::take(&mut self.confirmed);
        let mut nacks = std::mem::take(&mut self.rejected);
        acks.sort_unstable();
        nacks.sort_unstable();
        let mut frames = Vec::new();
        if let [seq] = acks[..] {
            frames.push((seq, false, true));
        } else {
            self.coalesce(&acks, &nacks, true, &mut frames);
        }
        self.coalesce(&nacks, &acks, false, &mut frames);
        frames
    }

    fn coalesce(
        &self,
        seqs: &[u64],
        others: &[u64],
        ack: bool,
        frames: &mut Vec<(u64, bool, bool)>,
    ) {
        let open = self.open.keys().next().copied();
        let cutoff = [open, others.first().copied()];
        let cutoff = cutoff.into_iter().flatten().min().unwrap_or(u64::MAX);
        let below = seqs.partition_point(|seq| *seq < cutoff);
        let (together, alone) = seqs.split_at(below);
        frames.extend(together.last().map(|seq| (*seq, true, ack)));
        frames.extend(alone.iter().map(|seq| (*seq, false, ack)));
    }
}

impl Channel {
    pub(super) fn confirm_select(&mut self, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        if matches!(self.mode, Mode::Tx(_)) {
            return Err(precondition("cannot switch from tx to confirm mode"));
        }
        self.mode = Mode::Confirm;
        self.write(Method::ConfirmSelectOk, ctx);
        Ok(())
    }

    /// Sends what can be said of publishes. A node that is about to pause in a minority says nothing
    /// (`pause_partition_guard`).
    pub(super) fn flush(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.phase == Phase::Over || crate::node::partition::must_pause(ctx) {
            return;
        }
        if matches!(self.mode, Mode::Tx(_)) {
            self.maybe_complete_tx(ctx);
            return;
        }
        for (delivery_tag, multiple, ack) in self.confirms.frames() {
            let method = if ack {
                Method::Ack {
                    delivery_tag,
                    multiple,
                }
            } else {
                Method::Nack {
                    delivery_tag,
                    multiple,
                    requeue: false,
                }
            };
            self.send(method, ctx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Name;

    fn queue(name: u16) -> QueueId {
        let (name, birth) = (Name(name), 0);
        QueueId { name, birth }
    }

    fn open(confirms: &mut Confirms, count: u64, queues: &[u16]) {
        for _ in 0..count {
            let seq = confirms.number();
            confirms.expect(seq, queues.iter().map(|q| queue(*q)).collect());
        }
    }

    #[test]
    fn acks_below_the_smallest_open_number_are_one_frame() {
        let mut confirms = Confirms::default();
        open(&mut confirms, 6, &[1]);
        confirms.settle(queue(1), &[6, 1, 2, 4]);
        assert_eq!(
            confirms.frames(),
            [(2, true, true), (4, false, true), (6, false, true)]
        );
        confirms.settle(queue(1), &[5]);
        assert_eq!(confirms.frames(), [(5, false, true)]);
        confirms.settle(queue(1), &[3]);
        assert_eq!(confirms.frames(), [(3, false, true)]);
        assert_eq!(confirms.frames(), []);
    }

    #[test]
    fn all_at_once_is_one_frame_up_to_the_last() {
        let mut confirms = Confirms::default();
        open(&mut confirms, 3, &[1]);
        confirms.settle(queue(1), &[1, 2, 3]);
        assert_eq!(confirms.frames(), [(3, true, true)]);
    }

    #[test]
    fn a_refusal_cuts_and_counts_once() {
        let mut confirms = Confirms::default();
        open(&mut confirms, 4, &[1, 2]);
        confirms.settle(queue(1), &[1, 2, 3, 4]);
        assert_eq!(confirms.frames(), []);
        assert!(confirms.reject(&[2]));
        assert!(!confirms.reject(&[2]));
        confirms.settle(queue(2), &[1, 2, 3]);
        assert_eq!(
            confirms.frames(),
            [(1, true, true), (3, false, true), (2, false, false)]
        );
        assert_eq!(confirms.open(), 1);
    }

    #[test]
    fn no_queue_and_a_deleted_queue_are_an_ack() {
        let mut confirms = Confirms::default();
        open(&mut confirms, 1, &[]);
        assert_eq!(confirms.frames(), [(1, false, true)]);
        open(&mut confirms, 1, &[1, 2]);
        confirms.queue_deleted(queue(1));
        assert_eq!(confirms.frames(), []);
        confirms.queue_deleted(queue(2));
        assert_eq!(confirms.frames(), [(2, false, true)]);
    }
}
