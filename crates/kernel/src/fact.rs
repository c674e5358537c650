//! The few facts that every product must report about a message.

use crate::ids::{MessageKey, SeatId};
use borsh::BorshSerialize;

/// Where a copy of a message lies: a log or queue (`log`, numbered by the system) on a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Copy {
    /// The process whose disk or memory holds it.
    pub seat: SeatId,
    /// Which log or queue of that seat.
    pub log: u32,
    /// Its position there.
    pub offset: u64,
}

/// One line of the ledger: what a fact means for one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum LedgerLine {
    /// The application gave it to its client library.
    Offered(MessageKey),
    /// A copy now exists.
    Stored(MessageKey, Copy),
    /// A copy is gone. `by_rule` when a setting asked for it (retention, limit, expiry).
    Erased(MessageKey, Copy, bool),
    /// The producer was told that it is safe.
    Confirmed(MessageKey),
    /// The library counted it as sent without any promise (acks=0).
    Fired(MessageKey),
    /// The producer was told that it failed. `refused`: the broker said that it took no copy.
    Failed(MessageKey, bool),
    /// The producing process died before any answer reached its application.
    Forgotten(MessageKey),
    /// The application of reader group `u16` processed it.
    Processed(MessageKey, u16),
    /// Reader group `u16` recorded that it is past this message.
    Passed(MessageKey, u16),
}
