//! Who watches whom (Erlang's monitors), on the side of the watcher and of the watched.

use crate::ids::{Part, Pid};
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};

/// The watches that this node knows of: those of its own parts, and those of others over its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Watch {
    by_target: BTreeMap<Pid, BTreeSet<Pid>>,
}

impl Watch {
    /// `watcher` watches `target`.
    pub(crate) fn add(&mut self, watcher: Pid, target: Pid) {
        self.by_target.entry(target).or_default().insert(watcher);
    }

    /// It no longer does.
    pub(crate) fn remove(&mut self, watcher: Pid, target: Pid) {
        if let Some(watchers) = self.by_target.get_mut(&target) {
            watchers.remove(&watcher);
            if watchers.is_empty() {
                self.by_target.remove(&target);
            }
        }
    }

    /// A part of this node has ended: its watchers and by which pid they knew it. A watcher that has ended
    /// itself is forgotten.
    pub(crate) fn ended(&mut self, node: SeatId, part: Part) -> Vec<(Pid, Pid)> {
        let targets: Vec<Pid> = self
            .by_target
            .keys()
            .filter(|target| target.node == node && target.part == part)
            .copied()
            .collect();
        let gone = self.take(&targets);
        for watchers in self.by_target.values_mut() {
            watchers.retain(|watcher| watcher.node != node || watcher.part != part);
        }
        self.by_target.retain(|_, watchers| !watchers.is_empty());
        gone
    }

    /// The link to a node is gone: watches over its parts end with news, and its watches over ours silently.
    pub(crate) fn node_down(&mut self, node: SeatId) -> Vec<(Pid, Pid)> {
        let targets: Vec<Pid> = self
            .by_target
            .keys()
            .filter(|target| target.node == node)
            .copied()
            .collect();
        let gone = self.take(&targets);
        for watchers in self.by_target.values_mut() {
            watchers.retain(|watcher| watcher.node != node);
        }
        self.by_target.retain(|_, watchers| !watchers.is_empty());
        gone
    }

    fn take(&mut self, targets: &[Pid]) -> Vec<(Pid, Pid)> {
        let mut pairs = Vec::new();
        for target in targets {
            for watcher in self.by_target.remove(target).unwrap_or_default() {
                pairs.push((watcher, *target));
            }
        }
        pairs
    }
}
