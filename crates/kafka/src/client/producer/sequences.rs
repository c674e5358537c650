//! Idempotence of a producer without transactions (`TransactionManager`, `TxnPartitionMap`; KIP-98,
//! KIP-360; reference 3.6): the producer id, and per partition which sequence number comes next.

use super::batch::{Identity, ProducerBatch, Stamp};
use crate::records::{Tp, increment_sequence};
use ackscope_kernel::SortedSet;
use borsh::BorshSerialize;
use std::collections::VecDeque;

/// What the process knows of its producer id.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Idempotence {
    /// The producer id and epoch, once a broker gave one.
    pub(super) identity: Option<Identity>,
    /// The epoch is to be raised, and these partitions number from 0 again.
    bump: SortedSet<Tp>,
}

impl Idempotence {
    /// Wants a higher epoch, because of this partition.
    pub(super) fn want_bump(&mut self, tp: Tp) {
        self.bump.insert(tp);
    }

    /// Raises the epoch if that is wanted, and says which partitions are to be numbered anew. A producer
    /// id whose epochs are used up is given up.
    pub(super) fn bump(&mut self) -> Option<SortedSet<Tp>> {
        if self.bump.is_empty() {
            return None;
        }
        self.identity = self.identity.and_then(|identity| {
            let epoch = identity.epoch.checked_add(1)?;
            Some(Identity { epoch, ..identity })
        });
        Some(std::mem::take(&mut self.bump))
    }
}

/// The numbers of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Sequences {
    /// The producer id and epoch that the numbers belong to.
    pub(super) identity: Option<Identity>,
    /// The number of the next new record.
    pub(super) next: i32,
    /// The greatest number that was acknowledged, if any.
    last_acked: Option<i32>,
    /// A batch that had been sent expired, and nobody knows whether it was written: the number after it.
    pub(super) unresolved: Option<i32>,
}

impl Sequences {
    /// Whether this number follows the last acknowledged one.
    pub(super) fn is_next(&self, sequence: i32) -> bool {
        sequence.wrapping_sub(self.last_acked.unwrap_or(-1)) == 1
    }

    /// A batch that ends with this number was acknowledged.
    pub(super) fn acked(&mut self, last: i32) {
        self.last_acked = self.last_acked.max(Some(last));
    }

    /// A sent batch that ends with this number has expired.
    pub(super) fn expired(&mut self, last: i32) {
        self.unresolved = self.unresolved.max(Some(last.wrapping_add(1)));
    }

    /// Takes the place for a new batch.
    pub(super) fn stamp(&mut self, identity: Identity, count: i32) -> Stamp {
        let stamp = Stamp {
            identity,
            sequence: self.next,
        };
        self.next = increment_sequence(self.next, count);
        stamp
    }

    /// Whether a batch that the broker found out of order is sent again as it is, or because of a hole
    /// in the broker's log under a new epoch (`TransactionManager.canRetry`).
    pub(super) fn out_of_order(&self, batch: &ProducerBatch) -> OutOfOrder {
        let Some(stamp) = batch.stamp else {
            return OutOfOrder::Wait;
        };
        match self.unresolved {
            // An earlier batch is still being retried, or the number was rewritten meanwhile.
            None if batch.rewritten || !self.is_next(stamp.sequence) => OutOfOrder::Wait,
            None => OutOfOrder::Hole,
            Some(after) if after == stamp.sequence => OutOfOrder::Hole,
            Some(_) => OutOfOrder::Wait,
        }
    }
}

/// What OUT_OF_ORDER_SEQUENCE_NUMBER means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutOfOrder {
    /// The batch comes too early.
    Wait,
    /// Records before it are missing at the broker.
    Hole,
}

/// The batches of a partition that have a number and no outcome: in flight, or waiting for a retry.
pub(super) fn tracked<'a>(
    queue: &'a VecDeque<ProducerBatch>,
    flying: &'a VecDeque<ProducerBatch>,
) -> impl Iterator<Item = Stamp> + 'a {
    let flying = flying.iter().filter(|batch| !batch.done);
    flying.chain(queue).filter_map(|batch| batch.stamp)
}

/// Numbers all batches without an outcome from 0 on, in their order, under a new identity
/// (`TxnPartitionEntry.startSequencesAtBeginning`). Without one they will be numbered when they are sent.
pub(super) fn start_at_beginning(
    sequences: &mut Sequences,
    queue: &mut VecDeque<ProducerBatch>,
    flying: &mut VecDeque<ProducerBatch>,
    identity: Option<Identity>,
) {
    let flying = flying.iter_mut().filter(|batch| !batch.done);
    let mut numbered: Vec<_> = flying.chain(queue).filter(|b| b.stamp.is_some()).collect();
    numbered.sort_by_key(|batch| batch.stamp);
    let mut next = 0;
    for batch in numbered {
        match identity {
            Some(identity) => batch.rewrite(Stamp {
                identity,
                sequence: next,
            }),
            None => batch.stamp = None,
        }
        next = increment_sequence(next, batch.count());
    }
    *sequences = Sequences {
        identity,
        next: if identity.is_some() { next } else { 0 },
        last_acked: None,
        unresolved: sequences.unresolved,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_raised_until_it_is_used_up() {
        let tp = Tp {
            topic: 1,
            partition: 0,
        };
        let mut idempotence = Idempotence {
            identity: Some(Identity {
                id: 7,
                epoch: i16::MAX - 1,
            }),
            ..Default::default()
        };
        assert_eq!(idempotence.bump(), None);
        idempotence.want_bump(tp);
        assert_eq!(idempotence.bump(), Some(SortedSet::from([tp])));
        assert_eq!(
            idempotence.identity,
            Some(Identity {
                id: 7,
                epoch: i16::MAX
            })
        );
        idempotence.want_bump(tp);
        assert!(idempotence.bump().is_some());
        assert_eq!(idempotence.identity, None);
    }

    #[test]
    fn the_first_number_follows_nothing() {
        let mut sequences = Sequences::default();
        assert!(sequences.is_next(0) && !sequences.is_next(5));
        sequences.acked(9);
        sequences.acked(4);
        assert!(sequences.is_next(10) && !sequences.is_next(5));
    }
}
