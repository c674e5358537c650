//! The failure detector between nodes (aten): every poll interval it judges who is silent.
//!
//! aten sends ten heartbeats a second and asks at each poll whether the silence is longer than what it has
//! learned to expect. Here each poll asks the others half a second before and judges by who answered: the
//! same verdicts at the same polls, without the traffic (reference 1.10, 8).

use crate::node::ctx::Ctx;
use crate::node::host::POLL;
use crate::node::monitor::{Monitor, ToMonitor};
use crate::signal::Signal;
use crate::system::PartTimer;
use ackscope_kernel::{SeatId, Span};
use borsh::BorshSerialize;
use std::collections::BTreeSet;

/// How long an answer may take.
const PATIENCE: Span = Span(500_000);

/// What the detector of a node knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Detector {
    /// Asked, and not answered yet.
    asked: BTreeSet<SeatId>,
    /// Suspected.
    suspects: BTreeSet<SeatId>,
}

impl Detector {
    pub(super) fn start(ctx: &mut Ctx<'_, '_>) {
        let phase = ctx.env.draw([4, 0, 0], 1, POLL.0);
        ctx.arm_in(PartTimer::Probe, Span(phase));
    }

    pub(super) fn probe(&mut self, ctx: &mut Ctx<'_, '_>) {
        let me = ctx.node();
        let peers = ctx.cluster.connected.keys().copied();
        self.asked = peers.filter(|node| *node != me).collect();
        for node in self.asked.clone() {
            Monitor::say(node, ToMonitor::Probe, ctx);
        }
        ctx.arm_in(PartTimer::Probe, POLL);
        ctx.arm_in(PartTimer::Verdict, PATIENCE);
    }

    pub(super) fn alive(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        self.asked.remove(&node);
        if self.suspects.remove(&node) {
            ctx.tell_all(Signal::Trust { node });
        }
    }

    pub(super) fn verdict(&mut self, ctx: &mut Ctx<'_, '_>) {
        for node in std::mem::take(&mut self.asked) {
            if self.suspects.insert(node) {
                ctx.tell_all(Signal::Suspect { node });
            }
        }
    }

    /// The link to a node is gone: monitors tell of it, there is nothing left to suspect.
    pub(super) fn forget(&mut self, node: SeatId) {
        self.asked.remove(&node);
        self.suspects.remove(&node);
    }
}
