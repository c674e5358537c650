//! Commit and apply; snapshots.

use super::{Index, Kind, Machine, Meta, Out, Place, Role, Server, Snapshot, What};
use std::sync::Arc;

impl<M: Machine> Server<M> {
    /// The highest index that is synced on a majority of the voters: commits it if its entry is of this term,
    /// and applies.
    pub(super) fn evaluate_quorum(&mut self, out: &mut Vec<Out<M>>) {
        if !matches!(self.role, Role::Leader | Role::HandingOver) {
            return;
        }
        let mut synced: Vec<Index> = Vec::new();
        for (id, kind) in self.members() {
            if *kind != Kind::Voter {
                continue;
            }
            synced.push(if *id == self.me {
                self.log.written().0
            } else {
                self.peers.get(id).map_or(0, |peer| peer.matched)
            });
        }
        synced.sort_unstable();
        let Some(agreed) = synced
            .len()
            .checked_sub(synced.len() / 2 + 1)
            .and_then(|place| synced.get(place).copied())
        else {
            return;
        };
        if agreed > self.commit && self.log.term(agreed) == Some(self.persisted.term) {
            self.commit = agreed;
            self.apply_committed(out);
            if self.role == Role::Leader {
                for effect in self.machine.evaluated() {
                    self.act(effect, out);
                }
            }
        }
    }

    /// Applies what is committed and here.
    pub(super) fn apply_committed(&mut self, out: &mut Vec<Out<M>>) {
        let upto = self.commit.min(self.log.last().0);
        if upto <= self.applied {
            return;
        }
        while self.applied < upto {
            let index = self.applied + 1;
            let Some(entry) = self.log.get(index).map(Arc::clone) else {
                break;
            };
            self.applied = index;
            match &entry.what {
                What::Noop => {
                    if entry.term == self.persisted.term {
                        self.change_permitted = true;
                    }
                }
                What::User(command) => {
                    let meta = Meta {
                        index,
                        term: entry.term,
                        at: entry.at,
                    };
                    for effect in self.machine.apply(meta, command) {
                        self.act(effect, out);
                    }
                }
                What::Members(_) => self.change_permitted = true,
                What::Delete => {
                    if self.role == Role::Leader {
                        // The others learn of it before this member is gone.
                        self.pipeline(out);
                    }
                    out.push(Out::Deleted);
                }
            }
        }
        out.push(Out::Applied(self.applied));
        self.snapshot_if_due(out);
    }

    /// Applies at a start: what comes of it was done before.
    pub(super) fn apply_quietly(&mut self, upto: Index) {
        while self.applied < upto {
            let index = self.applied + 1;
            let Some(entry) = self.log.get(index).map(Arc::clone) else {
                break;
            };
            self.applied = index;
            if let What::User(command) = &entry.what {
                let meta = Meta {
                    index,
                    term: entry.term,
                    at: entry.at,
                };
                self.machine.apply(meta, command);
            }
        }
    }

    /// Passes an effect on if it is this member that carries it out.
    pub(super) fn act(&self, effect: M::Effect, out: &mut Vec<Out<M>>) {
        let leads = matches!(self.role, Role::Leader | Role::HandingOver);
        let mine = match M::place(&effect) {
            Place::Each => true,
            Place::Leader => leads,
            Place::Near(node) if node == self.me => leads || self.votes(),
            Place::Near(node) => leads && self.members().get(&node) != Some(&Kind::Voter),
        };
        if mine {
            out.push(Out::Effect(effect));
        }
    }

    fn snapshot_if_due(&mut self, out: &mut Vec<Out<M>>) {
        let base = self.log.base().0;
        if self.applied < base + self.interval {
            return;
        }
        let Some(term) = self.log.term(self.applied) else {
            return;
        };
        let at = self.applied;
        let mut members = self.configs[0].1.clone();
        for (index, config) in &self.configs {
            if *index <= at {
                members.clone_from(config);
            }
        }
        self.configs.retain(|(index, _)| *index > at);
        self.configs.insert(0, (at, members.clone()));
        let snapshot = Arc::new(Snapshot {
            index: at,
            term,
            members,
            machine: self.machine.clone(),
        });
        self.log.release((at, term), false);
        self.snapshot = Some(Arc::clone(&snapshot));
        out.push(Out::Snapshot(snapshot, base, false));
    }
}
