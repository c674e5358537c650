//! Identities. All are fixed-size, so that they encode alike on 32 and 64 bits.

use borsh::BorshSerialize;

/// A host: one machine with power, network and disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct HostId(pub u16);

/// A seat: one operating-system process on a host (a broker, a controller, a client).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct SeatId(pub u16);

/// A connection between two seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct ConnId(pub u32);

/// The place of an entry in the trace, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct EntryId(pub u32);

impl EntryId {
    /// No entry: the cause lies before the trace begins.
    pub const NONE: EntryId = EntryId(u32::MAX);
}

/// A message as the application knows it. Copies, retries and resends carry the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct MessageKey {
    /// The client that offered it first.
    pub origin: SeatId,
    /// Its number with that client, counted from one.
    pub number: u32,
}
