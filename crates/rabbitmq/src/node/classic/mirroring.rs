//! Which nodes a classic queue is mirrored to, and what happens when its master goes (policy keys `ha-*` up to
//! 3.13; reference 1.12).

use crate::message::{Table, Value};
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::sync::Arc;

/// `ha-mode` with `ha-params`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum HaMode {
    /// All nodes.
    All,
    /// So many copies, the master's included.
    Exactly(u32),
    /// These nodes.
    Nodes(Vec<Arc<str>>),
}

/// How a queue is mirrored.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Mirroring {
    /// Where to.
    pub mode: HaMode,
    /// `ha-sync-mode` is automatic: a new mirror gets the old messages, too.
    pub automatic: bool,
    /// `ha-promote-on-shutdown` is always: a stop in order of the master's node promotes any mirror.
    pub on_shutdown: bool,
    /// `ha-promote-on-failure` is always: anything else promotes any mirror.
    pub on_failure: bool,
}

impl Mirroring {
    /// What a policy says.
    #[must_use]
    pub fn of(policy: &Table) -> Option<Mirroring> {
        let word = |key: &str| match policy.get(key) {
            Some(Value::Str(word)) => Some(&**word),
            _ => None,
        };
        let mode = match (word("ha-mode")?, policy.get("ha-params")) {
            ("all", _) => HaMode::All,
            ("exactly", Some(Value::Int(count))) => {
                HaMode::Exactly(u32::try_from(*count).unwrap_or(1))
            }
            ("nodes", Some(Value::List(nodes))) => {
                let names = nodes.iter().filter_map(|node| match node {
                    Value::Str(name) => Some(name.clone()),
                    _ => None,
                });
                HaMode::Nodes(names.collect())
            }
            _ => return None,
        };
        Some(Mirroring {
            mode,
            automatic: word("ha-sync-mode") == Some("automatic"),
            on_shutdown: word("ha-promote-on-shutdown") == Some("always"),
            on_failure: word("ha-promote-on-failure") != Some("when-synced"),
        })
    }

    /// The running nodes, by seat and name, that should have a mirror, given the master's node and those that
    /// have one already.
    #[must_use]
    pub fn wanted(
        &self,
        master: SeatId,
        have: &[SeatId],
        running: &[(SeatId, Arc<str>)],
    ) -> Vec<SeatId> {
        let others = running.iter().filter(|(node, _)| *node != master);
        match &self.mode {
            HaMode::All => others.map(|(node, _)| *node).collect(),
            HaMode::Nodes(names) => others
                .filter(|(_, name)| {
                    // A node's full name has its host behind it.
                    names.iter().any(|wanted| {
                        wanted == name || wanted.split('@').any(|part| part == &**name)
                    })
                })
                .map(|(node, _)| *node)
                .collect(),
            HaMode::Exactly(count) => {
                let count = usize::try_from(count.saturating_sub(1)).unwrap_or(0);
                let mut wanted: Vec<SeatId> = others.map(|(node, _)| *node).collect();
                // Those that have one keep it.
                wanted.sort_by_key(|node| !have.contains(node));
                wanted.truncate(count);
                wanted
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(pairs: &[(&str, Value)]) -> Table {
        pairs
            .iter()
            .map(|(key, value)| (Arc::from(*key), value.clone()))
            .collect()
    }

    fn nodes() -> Vec<(SeatId, Arc<str>)> {
        ["n1", "n2", "n3"]
            .iter()
            .zip(0..)
            .map(|(name, at)| (SeatId(at), Arc::from(*name)))
            .collect()
    }

    #[test]
    fn the_defaults_promote_on_failure_and_not_on_shutdown() {
        let all = Mirroring::of(&policy(&[("ha-mode", Value::Str("all".into()))])).unwrap();
        assert!(all.on_failure && !all.on_shutdown && !all.automatic);
        assert_eq!(all.wanted(SeatId(0), &[], &nodes()), [SeatId(1), SeatId(2)]);
        assert_eq!(Mirroring::of(&Table::new()), None);
    }

    #[test]
    fn exactly_keeps_the_mirrors_that_are_there() {
        let mode = [
            ("ha-mode", Value::Str("exactly".into())),
            ("ha-params", Value::Int(2)),
        ];
        let exactly = Mirroring::of(&policy(&mode)).unwrap();
        assert_eq!(exactly.wanted(SeatId(0), &[], &nodes()), [SeatId(1)]);
        assert_eq!(
            exactly.wanted(SeatId(0), &[SeatId(2)], &nodes()),
            [SeatId(2)]
        );
    }

    #[test]
    fn nodes_are_named() {
        let list = Value::List(vec![
            Value::Str("rabbit@n3".into()),
            Value::Str("n1".into()),
        ]);
        let mode = [("ha-mode", Value::Str("nodes".into())), ("ha-params", list)];
        let named = Mirroring::of(&policy(&mode)).unwrap();
        assert_eq!(named.wanted(SeatId(0), &[], &nodes()), [SeatId(2)]);
    }
}
