//! Acts: everything that a person, a script or a scenario may do to the world.

use crate::ids::{EntryId, HostId, SeatId};
use crate::system::System;
use crate::time::Span;
use borsh::BorshSerialize;

/// What a power loss leaves of the bytes that were written and not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Keep {
    /// Nothing: only what is synced.
    Synced,
    /// A drawn part of it, per file.
    Drawn,
    /// This many records more than what is synced, per file.
    Records(u32),
    /// All of it: the write-back happened to be complete.
    All,
}

/// An act. The kernel applies it between two events.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Act<S: System> {
    /// SIGKILL: the process is gone, what it wrote to files stays.
    Crash(SeatId),
    /// SIGTERM: the process is asked to end in order.
    Stop(SeatId),
    /// Starts a process that is down, on a host that has power again if it had none.
    Start(SeatId),
    /// SIGSTOP, or a long pause of the garbage collector.
    Freeze(SeatId),
    /// Ends a freeze.
    Thaw(SeatId),
    /// The host loses power: its processes vanish without a word.
    PowerOff(HostId, Keep),
    /// The disk of a host is replaced by an empty one. Its processes must be down.
    Wipe(HostId),
    /// One file of a host is cut to this many records, as data that never reached the disk is missing
    /// after a power loss. The host's processes must be down.
    Truncate(HostId, S::File, u64),
    /// One file of a host is deleted. The host's processes must be down.
    Remove(HostId, S::File),
    /// Packets from the first hosts to the second vanish.
    Cut(Vec<HostId>, Vec<HostId>),
    /// Ends the cut from the first hosts to the second.
    Mend(Vec<HostId>, Vec<HostId>),
    /// Ends all cuts.
    Heal,
    /// Each packet from the first host to the second takes this much longer.
    Slow(HostId, HostId, Span),
    /// This share of the packets from the first host to the second is lost and retransmitted
    /// (parts per million).
    Lose(HostId, HostId, u32),
    /// Each sync on this host takes this much longer.
    SlowDisk(HostId, Span),
    /// No space is left on this host's disk, or there is again.
    FillDisk(HostId, bool),
    /// A timer of this process is due now.
    Fire(SeatId, S::Timer),
    /// Keeps a packet in flight (by the entry that sent it), and what is behind it on its connection.
    Hold(EntryId),
    /// Lets it go on.
    Release(EntryId),
    /// Breaks its connection at this packet.
    Drop(EntryId),
    /// It arrives at once, and what is before it on its connection.
    Deliver(EntryId),
    /// Asks a process for something.
    Order(SeatId, S::Order),
    /// Changes a setting.
    Change(S::Change),
    /// A new process on a new host. The world gives it the next free number.
    Add(String),
    /// A part of a running process crashes alone: its mailbox is emptied and the process is told.
    CrashPart(SeatId, S::Part),
}
