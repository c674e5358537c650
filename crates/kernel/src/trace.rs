//! The trace: what happened, in order, each entry with its causes. Nothing on the stage moves that is
//! not an entry here.

use crate::act::Act;
use crate::ids::{ConnId, EntryId, SeatId};
use crate::net::CloseWhy;
use crate::seq::Seq;
use crate::system::{Brief, System};
use crate::time::Time;
use borsh::BorshSerialize;

/// A small set of causes. More than four are cut: the first four are the ones named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Causes([EntryId; 4]);

impl Causes {
    /// No cause within the trace.
    pub const NONE: Causes = Causes([EntryId::NONE; 4]);

    /// One cause.
    #[must_use]
    pub fn one(id: EntryId) -> Causes {
        let mut causes = Causes::NONE;
        causes.0[0] = id;
        causes
    }

    /// These causes and one more; a known one or a fifth changes nothing.
    #[must_use]
    pub fn and(mut self, id: EntryId) -> Causes {
        if id == EntryId::NONE || self.0.contains(&id) {
            return self;
        }
        if let Some(slot) = self.0.iter_mut().find(|slot| **slot == EntryId::NONE) {
            *slot = id;
        }
        self
    }

    /// These causes and those, as far as there is room.
    #[must_use]
    pub fn and_all(self, more: Causes) -> Causes {
        more.iter().fold(self, Causes::and)
    }

    /// The causes, most direct first.
    pub fn iter(&self) -> impl Iterator<Item = EntryId> + '_ {
        self.0.iter().copied().filter(|id| *id != EntryId::NONE)
    }
}

/// One thing that happened.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Entry<S: System> {
    /// When.
    pub at: Time,
    /// Where.
    pub seat: SeatId,
    /// Why: the entries that this one follows from.
    pub causes: Causes,
    /// What.
    pub what: What<S>,
}

/// What can happen.
#[derive(Clone, Debug, BorshSerialize)]
pub enum What<S: System> {
    /// A packet was handed to the network. `due` is when it arrives if nothing comes between.
    Sent {
        /// Over which connection.
        conn: ConnId,
        /// To whom.
        to: SeatId,
        /// What it says.
        brief: Brief,
        /// Expected arrival.
        due: Time,
    },
    /// The process read a packet.
    Read {
        /// The entry that sent it.
        sent: EntryId,
    },
    /// A packet will never be read: the connection broke or its reader died.
    Vanished {
        /// The entry that sent it.
        sent: EntryId,
    },
    /// A connection that this process asked for stands.
    Opened(ConnId),
    /// A connection was refused.
    Refused(ConnId),
    /// A connection is over for this process.
    Closed(ConnId, CloseWhy),
    /// A timer fired.
    Fired(S::Timer),
    /// A sync came back.
    Synced(S::File),
    /// The operating system wrote pages back.
    WrittenBack(S::File),
    /// An order reached the process.
    Ordered(S::Order),
    /// Somebody acted on the world.
    Acted(Act<S>),
    /// The process is gone.
    Down(DownWhy),
    /// The process runs.
    Up,
    /// The process settled something.
    Note(S::Fact),
    /// A part of the process took a local message; the first cause is the entry during which it was posted.
    Local {
        /// Whose mailbox it came from.
        part: S::Part,
        /// What it says.
        brief: Brief,
    },
    /// A part of the process crashed, and the rest of the process goes on.
    PartDown {
        /// Which.
        part: S::Part,
        /// How many local messages were in its mailbox.
        lost: u32,
    },
    /// The send queue of a connection is short enough again for the process that asked to be told.
    Written(ConnId),
}

/// Why a process is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum DownWhy {
    /// It ended by itself or was asked to.
    Exited,
    /// It was killed.
    Crashed,
    /// Its host lost power.
    PoweredOff,
}

/// All entries so far, and a cursor: what lies beyond it is the recorded future.
#[derive(Clone, Debug)]
pub struct Trace<S: System> {
    entries: Seq<Entry<S>>,
    cursor: u32,
}

impl<S: System> Default for Trace<S> {
    fn default() -> Self {
        Trace {
            entries: Seq::new(),
            cursor: 0,
        }
    }
}

impl<S: System> Trace<S> {
    /// Adds an entry at the cursor. Within the recorded future it only moves the cursor: a
    /// deterministic world writes there what stands there already.
    pub fn push(&mut self, entry: Entry<S>) -> EntryId {
        let id = EntryId(self.cursor);
        if self.cursor as usize == self.entries.len() {
            self.entries.push_back(entry);
        } else {
            debug_assert_eq!(
                self.entries[self.cursor as usize].at, entry.at,
                "replay differs"
            );
        }
        self.cursor += 1;
        id
    }

    /// The entry with this id, if it was recorded.
    #[must_use]
    pub fn get(&self, id: EntryId) -> Option<&Entry<S>> {
        self.entries.get(id.0 as usize)
    }

    /// Number of entries before the cursor.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.cursor
    }

    /// Nothing has happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cursor == 0
    }

    /// Number of entries recorded, the future included.
    #[must_use]
    pub fn recorded(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// Entries with ids in `from..to`, as far as they were recorded.
    pub fn range(&self, from: u32, to: u32) -> impl Iterator<Item = (EntryId, &Entry<S>)> {
        let to = to.min(self.recorded());
        let from = from.min(to);
        (from..to)
            .zip(self.entries.range(from as usize..to as usize))
            .map(|(n, e)| (EntryId(n), e))
    }

    pub(crate) fn set_cursor(&mut self, cursor: u32) {
        self.cursor = cursor.min(self.recorded());
    }

    /// Forgets everything beyond the cursor.
    pub(crate) fn cut(&mut self) {
        self.entries.truncate(self.cursor as usize);
    }
}
