//! What a product provides: its processes, their messages, timers, orders, records and facts.

use crate::env::Env;
use crate::fact::LedgerLine;
use crate::ids::{ConnId, EntryId, MessageKey, SeatId};
use crate::net::CloseWhy;
use borsh::BorshSerialize;
use std::fmt::Debug;

/// A whole product. All associated types are plain values with a canonical encoding.
pub trait System: Sized + Clone + Debug + PartialEq + BorshSerialize + 'static {
    /// The state machine of one seat, whatever its role.
    type Process: Process<Self>;
    /// What travels over connections.
    type Message: Message;
    /// Names of the timers of a process.
    type Timer: Timer;
    /// What a workload or a person asks of a process.
    type Order: Clone + Debug + PartialEq + BorshSerialize;
    /// What a file consists of.
    type Record: Clone + Debug + BorshSerialize;
    /// Name of a file within the disk of a seat's host.
    type File: Clone + Debug + Ord + BorshSerialize;
    /// Names of the parts of a process: what can fail alone and has a mailbox of its own ([`Never`] where
    /// nothing is modelled that way).
    type Part: Clone + Debug + Ord + BorshSerialize;
    /// What parts of one process say to each other.
    type Local: Local;
    /// What the trace remembers of a process's decisions.
    type Fact: Fact;
    /// Every setting of the run.
    type Settings: Clone + Debug + BorshSerialize;
    /// A change of the settings while the world runs.
    type Change: Clone + Debug + PartialEq + BorshSerialize;

    /// The process of `env.me()` as it is right after its start, built from settings and disk.
    fn boot(env: &mut Env<'_, Self>) -> Self::Process;
    /// Applies a change. Every running process then receives [`Input::Reconfigured`].
    fn change(settings: &mut Self::Settings, change: &Self::Change);
}

/// A process: changes its state and acts on the world through `env` when it gets an input.
pub trait Process<S: System>: Clone + Debug + BorshSerialize {
    /// Takes one input. No clock, no dice, no I/O but through `env`.
    fn step(&mut self, input: Input<S>, env: &mut Env<'_, S>);
}

/// What a process can be told.
#[derive(Clone, Debug)]
pub enum Input<S: System> {
    /// A connection that this process opened stands.
    Opened(ConnId),
    /// Nobody listens there.
    Refused(ConnId),
    /// The connection is over; nothing more comes or goes.
    Closed(ConnId, CloseWhy),
    /// A message arrived. `from` is the peer's seat.
    Message {
        /// The connection it came over.
        conn: ConnId,
        /// The seat at the other end.
        from: SeatId,
        /// What was said.
        message: S::Message,
    },
    /// A timer that this process armed is due.
    Timer(S::Timer),
    /// All that the file held when the sync was asked for is on the disk.
    Synced(S::File, u64),
    /// A local message came out of the mailbox of one of this process's parts.
    Local {
        /// Whose mailbox.
        part: S::Part,
        /// The entry during which it was posted.
        posted: EntryId,
        /// What was said.
        message: S::Local,
    },
    /// A part of this process crashed. Its mailbox is empty already; what else it held is the process's to drop.
    PartCrashed(S::Part),
    /// At most as many bytes as [`Env::notify_written`] named wait in the send queue of this connection.
    Written(ConnId),
    /// A workload, a script or a person asks for something.
    Order(S::Order),
    /// A graceful stop is asked for (SIGTERM). The process ends by [`Env::exit`].
    Shutdown,
    /// Settings changed.
    Reconfigured,
}

/// A message between seats.
pub trait Message: Clone + Debug + BorshSerialize {
    /// What the trace and the stage show of it.
    fn brief(&self) -> Brief;
    /// Its size on the wire in bytes.
    fn size(&self) -> u32;
    /// What it is about: the key of the draws for its way. Not an ever-growing id.
    fn meaning(&self) -> [u64; 3];
}

/// A message between parts of one process.
pub trait Local: Clone + Debug + BorshSerialize {
    /// What the trace shows of it.
    fn brief(&self) -> Brief;
}

/// What does not exist: parts and local messages of a product that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Never {}

impl BorshSerialize for Never {
    fn serialize<W: borsh::io::Write>(&self, _: &mut W) -> borsh::io::Result<()> {
        match *self {}
    }
}

impl Local for Never {
    fn brief(&self) -> Brief {
        match *self {}
    }
}

/// The name of a timer within its process.
pub trait Timer: Clone + std::marker::Copy + Debug + Ord + BorshSerialize {
    /// Periodic chatter, of no interest to a reader.
    fn background(&self) -> bool;
}

/// A decision of a process, as the trace remembers it.
pub trait Fact: Clone + Debug + BorshSerialize {
    /// What it means for the messages it concerns.
    fn lines(&self, me: SeatId, line: &mut dyn FnMut(LedgerLine));
}

/// What the trace keeps of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Brief {
    /// The system's number for this kind of message; numbers below 8 are the kernel's.
    pub kind: u8,
    /// Periodic chatter, hidden by default.
    pub background: bool,
    /// The first application message it carries.
    pub first: Option<MessageKey>,
    /// How many application messages it carries.
    pub count: u32,
    /// What else a reader should see, by kind (an offset, an error code).
    pub detail: i64,
}

impl Brief {
    /// Asks for a connection.
    pub const SYN: u8 = 0;
    /// Accepts one.
    pub const SYN_ACK: u8 = 1;
    /// Ends a direction in order.
    pub const FIN: u8 = 2;
    /// Breaks a connection.
    pub const RST: u8 = 3;
    /// The first number that a system may use.
    pub const FIRST_OF_SYSTEM: u8 = 8;

    pub(crate) fn control(kind: u8) -> Brief {
        Brief {
            kind,
            background: true,
            first: None,
            count: 0,
            detail: 0,
        }
    }
}
