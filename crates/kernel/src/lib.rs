//! A deterministic world: hosts with disks, processes on them, connections between them, faults.
//!
//! The kernel knows no product. A product implements [`System`]: its processes are functions from
//! (state, input, [`Env`]) to effects. The kernel decides what happens next ([`World::step`]), draws
//! every random number ([`dice`]), owns connections ([`net`]) and files ([`disk`]), and writes an
//! append-only [`Trace`] in which each entry names its causes.
//!
//! Invariants: no wall clock, no floating point in state, ordered maps only, fixed-size integers.
//! The same seed and the same acts give the same trace, byte for byte, on every machine.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod act;
pub mod dice;
pub mod digest;
pub mod disk;
pub mod env;
pub mod fact;
pub mod history;
pub mod ids;
pub mod net;
pub mod seq;
pub mod sorted;
pub mod system;
pub mod time;
pub mod trace;
pub mod world;

pub use act::{Act, Keep};
pub use disk::Disk;
pub use env::Env;
pub use fact::{Copy, LedgerLine};
pub use history::{History, Recorder};
pub use ids::{ConnId, EntryId, HostId, MessageKey, SeatId};
pub use net::{CloseWhy, Flight, FlightState};
pub use seq::Seq;
pub use sorted::{SortedMap, SortedSet};
pub use system::{Brief, Fact, Input, Local, Message, Never, Process, System, Timer};
pub use time::{Span, Time};
pub use trace::{Causes, DownWhy, Entry, Trace, What};
pub use world::{Moment, Status, World};

/// Version of the engine's rules and encoding. A digest is only comparable within one version.
pub const ENGINE_VERSION: u32 = 1;
