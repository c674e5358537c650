//! What a process may do: the only door from a state machine to the world.

use crate::dice::{self, Purpose};
use crate::disk::Disk;
use crate::ids::{ConnId, EntryId, HostId, SeatId};
use crate::net;
use crate::system::System;
use crate::time::{Span, Time};
use crate::trace::{Causes, Entry, Trace, What};
use crate::world::Core;
use std::sync::Arc;

/// The effects of one step, applied as they are asked for.
pub struct Env<'a, S: System> {
    pub(crate) core: &'a mut Core<S>,
    pub(crate) trace: &'a mut Trace<S>,
    pub(crate) me: SeatId,
    pub(crate) entry: EntryId,
    pub(crate) exit: bool,
}

impl<S: System> Env<'_, S> {
    /// The seat of this process.
    #[must_use]
    pub fn me(&self) -> SeatId {
        self.me
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Time {
        self.core.now
    }

    /// The settings of the run.
    #[must_use]
    pub fn settings(&self) -> &S::Settings {
        &self.core.settings
    }

    /// The entry of the input that is being handled. A process may keep it to name it as a cause later.
    #[must_use]
    pub fn entry(&self) -> EntryId {
        self.entry
    }

    /// How often this seat was started before.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.core.seats[self.me.0 as usize].incarnation
    }

    /// The name of a seat.
    #[must_use]
    pub fn name_of(&self, seat: SeatId) -> &str {
        &self.core.seats[seat.0 as usize].name
    }

    /// The seat with this name.
    #[must_use]
    pub fn seat_named(&self, name: &str) -> Option<SeatId> {
        self.core.seat_named(name)
    }

    fn host(&self) -> HostId {
        self.core.seats[self.me.0 as usize].host
    }

    /// The disk of this process's host.
    #[must_use]
    pub fn disk(&self) -> &Disk<S> {
        &self.core.hosts[self.host().0 as usize].disk
    }

    fn disk_mut(&mut self) -> &mut Disk<S> {
        let host = self.host();
        Arc::make_mut(&mut self.core.hosts[host.0 as usize].disk)
    }

    /// Appends a record to a file. Returns false, and changes nothing, when the disk is full.
    #[must_use]
    pub fn append(&mut self, file: &S::File, record: S::Record) -> bool {
        if self.disk().full {
            return false;
        }
        self.disk_mut().append(file, record);
        let host = self.host();
        self.core.schedule_write_back(host, file);
        true
    }

    /// Keeps the first `len` records of a file.
    pub fn truncate(&mut self, file: &S::File, len: u64) {
        if self.disk().len(file) > len {
            self.disk_mut().truncate(file, len);
        }
    }

    /// Deletes the first `count` records of a file.
    pub fn drop_front(&mut self, file: &S::File, count: u64) {
        self.disk_mut().drop_front(file, count);
    }

    /// Puts these records in the place of the first `count` of a file, durably.
    pub fn replace_front(&mut self, file: &S::File, count: u64, records: Vec<S::Record>) {
        self.disk_mut().replace_front(file, count, records);
    }

    /// Replaces the whole content of a small file, durably.
    pub fn replace(&mut self, file: &S::File, records: Vec<S::Record>) {
        self.disk_mut().replace(file, records);
    }

    /// Deletes a file.
    pub fn remove(&mut self, file: &S::File) {
        self.disk_mut().remove(file);
    }

    /// Asks for a sync of the file; [`crate::Input::Synced`] follows with `token`.
    pub fn sync(&mut self, file: &S::File, token: u64) {
        self.core.schedule_sync(self.me, file, token);
    }

    /// Syncs the file within this step, as an fsync in the calling thread does.
    pub fn sync_now(&mut self, file: &S::File) {
        let len = self.disk().len(file);
        if self.disk().synced(file) < len {
            self.disk_mut().mark_synced(file, len);
        }
    }

    /// Opens or closes the port of this process: while it is closed, connections are refused as if no
    /// process were there. Those that stand are not touched. A new process begins with an open port.
    pub fn listen(&mut self, on: bool) {
        self.core.seats[self.me.0 as usize].listens = on;
    }

    /// Asks for a connection.
    pub fn open(&mut self, to: SeatId) -> ConnId {
        self.core
            .open(self.me, to, Causes::one(self.entry), self.trace)
    }

    /// Sends a message. On a connection that is over it goes nowhere.
    pub fn send(&mut self, conn: ConnId, message: S::Message) -> EntryId {
        self.send_because(conn, message, Causes::NONE)
    }

    /// Sends a message that has more causes than the present input.
    pub fn send_because(&mut self, conn: ConnId, message: S::Message, more: Causes) -> EntryId {
        let causes = more.iter().fold(Causes::one(self.entry), Causes::and);
        self.core.send(self.me, conn, message, causes, self.trace)
    }

    /// Closes a connection in order: what was sent goes out, then a FIN.
    pub fn close(&mut self, conn: ConnId) {
        self.core
            .close(self.me, conn, Causes::one(self.entry), self.trace);
    }

    /// Breaks a connection (SO_LINGER 0 and close): an RST goes out, and what the peer has not read is gone.
    pub fn abort(&mut self, conn: ConnId) {
        self.core
            .abort(self.me, conn, Causes::one(self.entry), self.trace);
    }

    /// Bytes that this process wrote to a connection and that the peer's host has not taken.
    #[must_use]
    pub fn backlog(&self, conn: ConnId) -> u64 {
        self.core.backlog(self.me, conn)
    }

    /// Stops or resumes reading from a connection.
    pub fn read(&mut self, conn: ConnId, on: bool) {
        self.core.set_reading(self.me, conn, on);
    }

    /// Whether a write on this connection would return at once: [`Env::backlog`] is below [`net::SEND_BUFFER`]. The
    /// kernel takes what is sent in any case; a process that would block there asks before it sends, and
    /// goes on with [`Env::notify_written`].
    #[must_use]
    pub fn has_room(&self, conn: ConnId) -> bool {
        self.backlog(conn) < net::SEND_BUFFER
    }

    /// Asks for one [`crate::Input::Written`] as soon as at most `at_most` bytes wait in the send queue of
    /// this connection, as the sender's operating system learns it. Asking again replaces the number.
    pub fn notify_written(&mut self, conn: ConnId, at_most: u64) {
        self.core.notify_written(self.me, conn, at_most);
    }

    /// Posts a local message to a part of this process. It is taken out of the mailbox a microsecond later, as
    /// [`crate::Input::Local`], in the order of posting.
    pub fn post(&mut self, part: S::Part, message: S::Local) {
        self.core.post(self.me, part, self.entry, message);
    }

    /// Empties the mailbox of a part that ended. Returns how many messages were in it.
    pub fn empty_mailbox(&mut self, part: &S::Part) -> u32 {
        self.core.empty_mailbox(self.me, part)
    }

    /// How many local messages wait in the mailbox of a part.
    #[must_use]
    pub fn waiting(&self, part: &S::Part) -> u32 {
        self.core.waiting(self.me, part)
    }

    /// Arms a timer, or moves it when it is armed already.
    pub fn arm(&mut self, timer: S::Timer, at: Time) {
        self.core.arm(self.me, timer, at);
    }

    /// Arms a timer that is due after `span`.
    pub fn arm_in(&mut self, timer: S::Timer, span: Span) {
        let at = self.core.now + span;
        self.core.arm(self.me, timer, at);
    }

    /// Forgets a timer.
    pub fn disarm(&mut self, timer: S::Timer) {
        self.core.disarm(self.me, timer);
    }

    /// When the timer is due, if it is armed.
    #[must_use]
    pub fn armed(&self, timer: S::Timer) -> Option<Time> {
        self.core.armed(self.me, timer)
    }

    /// A number between `low` and `high`, drawn for this seat and this meaning.
    #[must_use]
    pub fn draw(&self, meaning: [u64; 3], low: u64, high: u64) -> u64 {
        let key = [u64::from(self.me.0), meaning[0], meaning[1], meaning[2]];
        dice::within(
            dice::roll(self.core.seed, Purpose::Process, &key),
            low,
            high,
        )
    }

    /// Writes a decision into the trace.
    pub fn note(&mut self, fact: S::Fact) -> EntryId {
        self.note_because(fact, Causes::NONE)
    }

    /// Writes a decision that has more causes than the present input.
    pub fn note_because(&mut self, fact: S::Fact, more: Causes) -> EntryId {
        let causes = more.iter().fold(Causes::one(self.entry), Causes::and);
        let entry = Entry {
            at: self.core.now,
            seat: self.me,
            causes,
            what: What::Note(fact),
        };
        self.trace.push(entry)
    }

    /// Ends this process when the step is over.
    pub fn exit(&mut self) {
        self.exit = true;
    }
}
