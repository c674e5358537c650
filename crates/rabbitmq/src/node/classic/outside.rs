//! The door of a classic queue to its node: what of [`Ctx`] it uses. Tests put a small one in its place.

use crate::facts::Fact;
use crate::ids::{Name, Part, Pid};
use crate::message::Message;
use crate::node::Live;
use crate::node::classic::{ClassicQueue, ClassicTimer, Spec};
use crate::node::ctx::Ctx;
use crate::node::image::{Image, MetaCommand};
use crate::node::policy;
use crate::records::{ClassicRecord, DiskRecord, FileName};
use crate::signal::{DownWhy, Signal, Token};
use crate::system::{PartTimer, Version};
use ackscope_kernel::{SeatId, Span, Time};
use std::sync::Arc;

/// What a classic queue may do.
pub(crate) trait Outside {
    fn me(&self) -> Pid;
    fn now(&self) -> Time;
    fn version(&self) -> Version;
    /// `classic_queue.default_version`.
    fn default_storage(&self) -> i64;
    fn draw(&self, meaning: [u64; 3], low: u64, high: u64) -> u64;
    fn image(&self) -> Arc<Image>;
    /// The name that the run has for this text.
    fn name(&self, text: &str) -> Option<Name>;
    /// The text of a name.
    fn text(&self, name: Name) -> Arc<str>;
    /// Whether this node has a link to that one.
    fn reaches(&self, node: SeatId) -> bool;
    /// The nodes that run, with their names.
    fn running(&self) -> Vec<(SeatId, Arc<str>)>;
    fn post(&mut self, to: Pid, signal: Signal);
    fn monitor(&mut self, target: Pid);
    fn arm_in(&mut self, timer: ClassicTimer, span: Span);
    fn disarm(&mut self, timer: ClassicTimer);
    fn is_armed(&self, timer: ClassicTimer) -> bool;
    fn write_meta(&mut self, command: MetaCommand, token: Token);
    fn note(&mut self, fact: Fact);
    /// Appends to a file of this queue; false when the disk is full.
    fn append(&mut self, file: FileName, record: ClassicRecord) -> bool;
    /// All records of a file.
    fn read(&self, file: FileName) -> Vec<ClassicRecord>;
    /// How many records of a file are on the disk for certain, and how many there are.
    fn extent(&self, file: FileName) -> (u64, u64);
    fn truncate(&mut self, file: FileName, len: u64);
    fn drop_front(&mut self, file: FileName, count: u64);
    fn remove(&mut self, file: FileName);
    fn sync(&mut self, file: FileName, token: u64);
    fn sync_now(&mut self, file: FileName);
    /// This part has ended.
    fn end(&mut self, why: DownWhy);
    /// This part lives again, as `queue`.
    fn restart(&mut self, queue: ClassicQueue);
    /// The merged settings of a queue, as this node's copy of the metadata has them.
    fn spec(&self, id: crate::ids::QueueId) -> Option<Spec>;
    /// Publishes inside the broker, without a confirm: to the exchange that the message names.
    fn publish(&mut self, message: Arc<Message>);
}

impl Outside for Ctx<'_, '_> {
    fn me(&self) -> Pid {
        self.me
    }

    fn now(&self) -> Time {
        self.env.now()
    }

    fn version(&self) -> Version {
        Ctx::version(self)
    }

    fn default_storage(&self) -> i64 {
        self.params().classic.classic_queue_default_version
    }

    fn draw(&self, meaning: [u64; 3], low: u64, high: u64) -> u64 {
        self.env.draw(meaning, low, high)
    }

    fn image(&self) -> Arc<Image> {
        self.image.clone()
    }

    fn name(&self, text: &str) -> Option<Name> {
        self.env.settings().named(text)
    }

    fn text(&self, name: Name) -> Arc<str> {
        Ctx::text(self, name)
    }

    fn reaches(&self, node: SeatId) -> bool {
        self.cluster.reaches(node)
    }

    fn running(&self) -> Vec<(SeatId, Arc<str>)> {
        let running = self.cluster.running.iter();
        running
            .map(|node| (*node, self.env.name_of(*node).into()))
            .collect()
    }

    fn post(&mut self, to: Pid, signal: Signal) {
        Ctx::post(self, to, signal);
    }

    fn monitor(&mut self, target: Pid) {
        Ctx::monitor(self, target);
    }

    fn arm_in(&mut self, timer: ClassicTimer, span: Span) {
        Ctx::arm_in(self, PartTimer::Classic(timer), span);
    }

    fn disarm(&mut self, timer: ClassicTimer) {
        Ctx::disarm(self, PartTimer::Classic(timer));
    }

    fn is_armed(&self, timer: ClassicTimer) -> bool {
        Ctx::is_armed(self, PartTimer::Classic(timer))
    }

    fn write_meta(&mut self, command: MetaCommand, token: Token) {
        Ctx::write_meta(self, command, token);
    }

    fn note(&mut self, fact: Fact) {
        self.env.note(fact);
    }

    fn append(&mut self, file: FileName, record: ClassicRecord) -> bool {
        self.env.append(&file, DiskRecord::Classic(record))
    }

    fn read(&self, file: FileName) -> Vec<ClassicRecord> {
        let Some(records) = self.env.disk().read(&file) else {
            return Vec::new();
        };
        records
            .iter()
            .filter_map(|record| match record {
                DiskRecord::Classic(record) => Some(record.clone()),
                _ => None,
            })
            .collect()
    }

    fn extent(&self, file: FileName) -> (u64, u64) {
        (self.env.disk().synced(&file), self.env.disk().len(&file))
    }

    fn truncate(&mut self, file: FileName, len: u64) {
        self.env.truncate(&file, len);
    }

    fn drop_front(&mut self, file: FileName, count: u64) {
        self.env.drop_front(&file, count);
    }

    fn remove(&mut self, file: FileName) {
        self.env.remove(&file);
    }

    fn sync(&mut self, file: FileName, token: u64) {
        self.env.sync(&file, token);
    }

    fn sync_now(&mut self, file: FileName) {
        self.env.sync_now(&file);
    }

    fn end(&mut self, why: DownWhy) {
        let part = self.me.part;
        Ctx::end(self, part, why);
    }

    fn restart(&mut self, queue: ClassicQueue) {
        let part: Part = self.me.part;
        Ctx::start(self, part, Live::Queue(Box::new(queue)));
    }

    fn spec(&self, id: crate::ids::QueueId) -> Option<Spec> {
        let record = self.image.queue(id)?;
        let policy = policy::of_queue(self.image, self.env.settings(), record);
        let mut spec = Spec::of(record, &policy);
        if Ctx::version(self) >= Version::V4_0 {
            spec.mirroring = None;
        }
        Some(spec)
    }

    fn publish(&mut self, message: Arc<Message>) {
        super::dead_letter::publish(message, self);
    }
}
