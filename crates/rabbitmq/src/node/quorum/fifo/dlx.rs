//! Dead letters: dropped, republished once, or kept until all targets have confirmed (`rabbit_fifo_dlx`,
//! reference 3.6).

use super::{Effect, Fifo, Msg, Run};
use crate::facts::GoneWhy;
use crate::ids::Pid;
use crate::message::DeathReason;
use ackscope_kernel::Seq;
use borsh::BorshSerialize;
use std::collections::BTreeMap;

/// What the worker asks for.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum DlxOp {
    /// It begins; at most so many at a time. What an earlier worker held goes back.
    Checkout(Pid, u32),
    /// All targets have confirmed these.
    Settle(Vec<u64>),
}

/// Messages kept until they are dead-lettered.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Dlx {
    waiting: Seq<(DeathReason, Msg)>,
    worker: Option<Pid>,
    prefetch: u32,
    next: u64,
    out: BTreeMap<u64, (DeathReason, Msg)>,
}

impl Dlx {
    /// How many.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.waiting.len() as u64 + self.out.len() as u64
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them.
    pub fn messages(&self) -> impl Iterator<Item = &Msg> {
        let waiting = self.waiting.iter().map(|(_, msg)| msg);
        waiting.chain(self.out.values().map(|(_, msg)| msg))
    }

    /// Number and bytes.
    pub(super) fn stat(&self) -> (u64, u64) {
        (self.len(), self.messages().map(Msg::size).sum())
    }

    pub(super) fn worker(&self) -> Option<Pid> {
        self.worker
    }

    pub(super) fn purge(&mut self) -> Vec<Msg> {
        let all = self.messages().cloned().collect();
        self.waiting = Seq::new();
        self.out.clear();
        all
    }
}

impl Fifo {
    /// These die.
    pub(super) fn die(&mut self, msgs: Vec<Msg>, reason: DeathReason, run: &mut Run) {
        if msgs.is_empty() {
            return;
        }
        if self.config.dead_letters.at_least_once() && reason != DeathReason::MaxLen {
            for msg in msgs {
                self.dlx.waiting.push_back((reason, msg));
            }
            return;
        }
        let why = match reason {
            DeathReason::Rejected => GoneWhy::Rejected,
            DeathReason::Expired => GoneWhy::Expired,
            DeathReason::MaxLen => GoneWhy::MaxLen,
            DeathReason::DeliveryLimit => GoneWhy::DeliveryLimit,
        };
        if matches!(self.config.dead_letters, super::DeadLetters::AtMostOnce(..)) {
            run.fx.push(Effect::DeadLetter(reason, msgs.clone()));
        }
        for msg in msgs {
            run.fx.push(Effect::Gone(msg, why));
        }
    }

    pub(super) fn dlx_apply(&mut self, op: &DlxOp, run: &mut Run) {
        if !self.config.dead_letters.at_least_once() {
            return;
        }
        match op {
            DlxOp::Checkout(pid, prefetch) => {
                // What the last worker had comes first again.
                let held = std::mem::take(&mut self.dlx.out);
                let waiting = std::mem::take(&mut self.dlx.waiting);
                self.dlx.waiting = held.into_values().collect();
                self.dlx.waiting.append(waiting);
                self.dlx.worker = Some(*pid);
                self.dlx.prefetch = *prefetch;
                self.dlx.next = 0;
            }
            DlxOp::Settle(ids) => {
                for id in ids {
                    if let Some((_, msg)) = self.dlx.out.remove(id) {
                        run.fx.push(Effect::Gone(msg, GoneWhy::Settled));
                    }
                }
            }
        }
    }

    /// Gives the worker what it may have.
    pub(super) fn dlx_checkout(&mut self, run: &mut Run) {
        let Some(worker) = self.dlx.worker else {
            return;
        };
        if !self.config.dead_letters.at_least_once() {
            return;
        }
        let mut given = Vec::new();
        while self.dlx.out.len() < usize::try_from(self.dlx.prefetch).unwrap_or(usize::MAX)
            && let Some((reason, msg)) = self.dlx.waiting.pop_front()
        {
            let id = self.dlx.next;
            self.dlx.next += 1;
            self.dlx.out.insert(id, (reason, msg.clone()));
            given.push((id, reason, msg));
        }
        if !given.is_empty() {
            run.fx.push(Effect::DlxDeliver(worker, given));
        }
    }
}
