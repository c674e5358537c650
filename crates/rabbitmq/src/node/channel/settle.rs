//! Acknowledgements (reference 4.1, 4.2): basic.ack, nack, reject, recover.

use super::{Channel, Mode};
use crate::amqp::Method;
use crate::ids::{Name, QueueId};
use crate::node::args::precondition;
use crate::node::ctx::Ctx;
use crate::reply::{Code, Reply};
use crate::signal::Settle;
use ackscope_kernel::Time;
use borsh::BorshSerialize;
use std::collections::BTreeMap;

/// A delivery that waits for its acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Unacked {
    pub(super) queue: QueueId,
    /// The consumer; none for basic.get.
    pub(super) consumer: Option<Name>,
    /// The queue's number of the delivery.
    pub(super) id: u64,
    /// When it was delivered.
    pub(super) at: Time,
}

impl Channel {
    pub(super) fn ack(
        &mut self,
        tag: u64,
        multiple: bool,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        self.settle_tags(tag, multiple, Settle::Ack, ctx)
    }

    pub(super) fn nack(
        &mut self,
        tag: u64,
        multiple: bool,
        requeue: bool,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        self.settle_tags(tag, multiple, Settle::Nack(requeue), ctx)
    }

    pub(super) fn reject(
        &mut self,
        tag: u64,
        requeue: bool,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        self.settle_tags(tag, false, Settle::Reject(requeue), ctx)
    }

    /// Everything that is unacked goes back, without regard to a transaction.
    pub(super) fn recover(&mut self, requeue: bool, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        if !requeue {
            return Err(Reply::error(Code::NotImplemented, "requeue=false"));
        }
        let all: Vec<_> = std::mem::take(&mut self.unacked).into_iter().collect();
        self.settle_all(Settle::Nack(true), &all, ctx);
        self.write(Method::RecoverOk, ctx);
        Ok(())
    }

    fn settle_tags(
        &mut self,
        tag: u64,
        multiple: bool,
        how: Settle,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        let deliveries = collect(&mut self.unacked, tag, multiple)?;
        if let Mode::Tx(tx) = &mut self.mode {
            tx.settle(how, deliveries);
        } else {
            self.settle_all(how, &deliveries, ctx);
        }
        Ok(())
    }

    /// Tells the queues, each in ascending order of the deliveries, consumer by consumer.
    pub(super) fn settle_all(
        &mut self,
        how: Settle,
        deliveries: &[(u64, Unacked)],
        ctx: &mut Ctx<'_, '_>,
    ) {
        let mut per_queue: BTreeMap<(QueueId, Option<Name>), Vec<u64>> = BTreeMap::new();
        for (_, unacked) in deliveries {
            let ids = per_queue.entry((unacked.queue, unacked.consumer));
            ids.or_default().push(unacked.id);
        }
        for ((queue, consumer), ids) in per_queue {
            if let Some(client) = self.queues.get_mut(&queue) {
                let actions = client.ops().settle(consumer, how, &ids, ctx);
                self.do_actions(queue, actions, ctx);
            }
        }
    }
}

/// Takes the deliveries that a tag stands for: itself; with `multiple` all up to it, and 0 is all there are
/// (`collect_acks`).
fn collect(
    unacked: &mut BTreeMap<u64, Unacked>,
    tag: u64,
    multiple: bool,
) -> Result<Vec<(u64, Unacked)>, Reply> {
    if tag == 0 && multiple {
        return Ok(std::mem::take(unacked).into_iter().collect());
    }
    if !unacked.contains_key(&tag) {
        return Err(precondition(format!("unknown delivery tag {tag}")));
    }
    if multiple {
        let rest = unacked.split_off(&(tag + 1));
        return Ok(std::mem::replace(unacked, rest).into_iter().collect());
    }
    Ok(unacked.remove_entry(&tag).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unacked(tags: &[u64]) -> BTreeMap<u64, Unacked> {
        let queue = QueueId {
            name: Name(1),
            birth: 0,
        };
        let one = |tag: &u64| {
            let unacked = Unacked {
                queue,
                consumer: None,
                id: tag * 10,
                at: Time(0),
            };
            (*tag, unacked)
        };
        tags.iter().map(one).collect()
    }

    fn tags(taken: &Result<Vec<(u64, Unacked)>, Reply>) -> Result<Vec<u64>, String> {
        match taken {
            Ok(taken) => Ok(taken.iter().map(|(tag, _)| *tag).collect()),
            Err(reply) => Err(reply.text.to_string()),
        }
    }

    #[test]
    fn a_tag_is_taken_once() {
        let mut open = unacked(&[1, 2, 4]);
        assert_eq!(tags(&collect(&mut open, 2, false)), Ok(vec![2]));
        let unknown = Err("PRECONDITION_FAILED - unknown delivery tag 2".into());
        assert_eq!(tags(&collect(&mut open, 2, false)), unknown);
        assert_eq!(tags(&collect(&mut open, 2, true)), unknown);
        assert_eq!(tags(&collect(&mut open, 4, true)), Ok(vec![1, 4]));
        assert!(open.is_empty());
    }

    #[test]
    fn nought_and_multiple_is_everything_and_nought_alone_is_no_tag() {
        let mut open = unacked(&[3, 5]);
        assert!(collect(&mut open, 0, false).is_err());
        assert_eq!(tags(&collect(&mut open, 0, true)), Ok(vec![3, 5]));
        assert_eq!(tags(&collect(&mut open, 0, true)), Ok(vec![]));
    }
}
