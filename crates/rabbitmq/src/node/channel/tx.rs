//! Transactions (reference 2.4, 13.2).

use super::publish::Routed;
use super::settle::Unacked;
use super::{Channel, Mode};
use crate::amqp::Method;
use crate::node::args::precondition;
use crate::node::ctx::Ctx;
use crate::reply::Reply;
use crate::signal::Settle;
use borsh::BorshSerialize;

/// How far a transaction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
enum Progress {
    /// Publishes and acks are gathered.
    #[default]
    Open,
    /// Waits for the queues to take all publishes.
    Committing,
    /// The same, and one of them was refused.
    Failed,
}

/// The transaction of a channel in tx mode.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub(super) struct Tx {
    progress: Progress,
    publishes: Vec<Routed>,
    acks: Vec<(Settle, Vec<(u64, Unacked)>)>,
}

impl Tx {
    pub(super) fn publish(&mut self, routed: Routed) {
        self.publishes.push(routed);
    }

    pub(super) fn settle(&mut self, how: Settle, deliveries: Vec<(u64, Unacked)>) {
        self.acks.push((how, deliveries));
    }

    /// A queue refused a publish. Said of a commit under way it fails the commit; said before, while the
    /// publishes are still being handed out, it is forgotten when that is done (4.3.6: a full quorum queue
    /// refuses within the hand-out, the commit is confirmed, and the message is lost; reference 13.2).
    pub(super) fn refused(&mut self) {
        if self.progress == Progress::Committing {
            self.progress = Progress::Failed;
        }
    }
}

impl Channel {
    pub(super) fn is_committing(&self) -> bool {
        matches!(&self.mode, Mode::Tx(tx) if tx.progress != Progress::Open)
    }

    pub(super) fn tx_select(&mut self, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        match self.mode {
            Mode::Confirm => return Err(precondition("cannot switch from confirm to tx mode")),
            Mode::Plain => self.mode = Mode::Tx(Tx::default()),
            Mode::Tx(_) => {}
        }
        self.write(Method::TxSelectOk, ctx);
        Ok(())
    }

    fn transaction(&mut self) -> Result<&mut Tx, Reply> {
        match &mut self.mode {
            Mode::Tx(tx) => Ok(tx),
            _ => Err(precondition("channel is not transactional")),
        }
    }

    /// Hands out the publishes, then applies the acks whether or not the publishes will be taken, then waits.
    pub(super) fn tx_commit(&mut self, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        let tx = self.transaction()?;
        let publishes = std::mem::take(&mut tx.publishes);
        let acks = std::mem::take(&mut tx.acks);
        for routed in publishes {
            self.hand_out(routed, ctx);
        }
        for (how, deliveries) in acks {
            self.settle_all(how, &deliveries, ctx);
        }
        self.transaction()?.progress = Progress::Committing;
        self.flush(ctx);
        Ok(())
    }

    /// Publishes and acks are forgotten; the deliveries that were acked are unacked again, and not requeued.
    pub(super) fn tx_rollback(&mut self, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        let tx = self.transaction()?;
        tx.publishes.clear();
        let acks = std::mem::take(&mut tx.acks);
        for (_, deliveries) in acks {
            self.unacked.extend(deliveries);
        }
        self.write(Method::TxRollbackOk, ctx);
        Ok(())
    }

    pub(super) fn maybe_complete_tx(&mut self, ctx: &mut Ctx<'_, '_>) {
        let Mode::Tx(tx) = &mut self.mode else {
            return;
        };
        let failed = match tx.progress {
            Progress::Open => return,
            Progress::Committing => false,
            Progress::Failed => true,
        };
        if !self.confirms.complete() {
            return;
        }
        *tx = Tx::default();
        if failed {
            self.fail(precondition("partial tx completion"), ctx);
        } else {
            self.send(Method::TxCommitOk, ctx);
        }
    }
}
