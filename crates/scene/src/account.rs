//! What the picture must know of the messages, asked of whoever keeps the account.

use ackscope_kernel::{MessageKey, SeatId};

/// What a message is to a reader of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regard {
    /// It was processed by its reader.
    pub consumed: bool,
    /// Processed more than once.
    pub duplicated: bool,
    /// The producer was told that it is safe, and the assumed fault would lose it now.
    pub at_risk: bool,
    /// Its last copies lie where nobody can read them now.
    pub stranded: bool,
    /// No copy can be read, or ever will be.
    pub lost: bool,
}

/// Counts of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages that its application offered.
    pub offered: u32,
    /// Of these, told to be safe or counted as sent.
    pub acked: u32,
    /// Of these, told to have failed.
    pub failed: u32,
    /// Messages that its application processed, as a consumer.
    pub processed: u32,
}

/// The account of a run's messages at one moment.
pub trait Account {
    /// What is known of a message.
    fn regard(&self, message: MessageKey) -> Regard;
    /// A client's counts.
    fn tally(&self, client: SeatId) -> Tally;
}
