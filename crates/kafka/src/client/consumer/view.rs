//! What can be seen of a consumer from outside.

use super::Consumer;
use super::member::MemberState;
use crate::records::Tp;
use ackscope_kernel::SeatId;

/// One assigned partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionView {
    /// Which one.
    pub tp: Tp,
    /// Next offset to hand out.
    pub position: Option<i64>,
    /// The group's offset, as far as this client knows.
    pub committed: Option<i64>,
    /// Offset after the last record that the application processed.
    pub processed: Option<i64>,
    /// Records fetched and not handed out.
    pub buffered: u32,
    /// High watermark of the last fetch.
    pub high_watermark: Option<i64>,
}

/// The member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Where it stands.
    pub state: MemberState,
    /// The id that the coordinator gave it.
    pub id: Option<u64>,
    /// Its generation, or -1.
    pub generation: i32,
    /// The coordinator that the client knows.
    pub coordinator: Option<SeatId>,
}

impl Consumer {
    /// The assigned partitions, in order.
    pub fn partitions(&self) -> impl Iterator<Item = PartitionView> + '_ {
        let known = |offset: i64| Some(offset).filter(|offset| *offset >= 0);
        self.parts.iter().map(move |(tp, part)| PartitionView {
            tp: *tp,
            position: part.position.map(|position| position.offset),
            committed: self.books.get(tp).and_then(|book| book.committed),
            processed: known(part.processed),
            buffered: part.buffered(),
            high_watermark: known(part.high_watermark),
        })
    }

    /// What the application believes to own: what assign() named, or what its rebalance listener was told.
    #[must_use]
    pub fn assigned(&self) -> Vec<Tp> {
        self.parts.keys().copied().collect()
    }

    /// Its membership; `None` for a consumer that did not subscribe.
    #[must_use]
    pub fn member(&self) -> Option<MemberView> {
        self.subscribed().then_some(MemberView {
            state: self.member.state,
            id: self.member.id,
            generation: self.member.generation,
            coordinator: self.link.coordinator(),
        })
    }

    /// How many records poll() handed out, over the life of the process.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.app.received
    }

    /// How many records the application processed, over the life of the process.
    #[must_use]
    pub fn processed(&self) -> u64 {
        self.app.processed
    }

    /// How many records were handed out and wait to be processed.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.app.batch.iter().map(|run| u64::from(run.len())).sum()
    }

    /// Whether an order is being carried out or waits. Polling in the background is no order.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.app.busy()
    }

    /// Whether close() is over, or the constructor threw.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.unmade || self.app.job == super::app::Job::Closed
    }
}
