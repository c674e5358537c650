//! The messages of a classic queue in memory, and what of them is not written yet (`rabbit_variable_queue`;
//! reference 3.1, 3.3).
//!
//! Every message has a number of its own; ready messages lie in the order of their class (the highest
//! `x-max-priority` class first) and number. A requeued message takes its old place by that.

use crate::message::Message;
use ackscope_kernel::Time;
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far a message has come on its way to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Stage {
    /// It is not kept: it is transient, or the queue is.
    Volatile,
    /// In memory and buffers only (S1).
    Buffered,
    /// Given to the operating system by a write (S2), and later on the medium (S3).
    Written,
}

/// A message of a queue.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Entry {
    /// The message.
    pub message: Arc<Message>,
    /// When it expires.
    pub expiry: Option<Time>,
    /// Delivered before, or perhaps.
    pub redelivered: bool,
    /// How safe it is.
    pub stage: Stage,
    /// Its class of priority.
    pub class: u8,
}

/// The place of a ready message: the higher class first, then the older.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub(crate) struct Place {
    below: u8,
    seq: u64,
}

impl Place {
    fn of(class: u8, seq: u64) -> Place {
        Place {
            below: u8::MAX - class,
            seq,
        }
    }
}

/// A publish that is not written yet.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(crate) struct Unwritten {
    pub(crate) message: Arc<Message>,
    pub(crate) expiry: Option<Time>,
    pub(crate) class: u8,
}

/// The messages.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Store {
    next: u64,
    ready: BTreeMap<Place, Entry>,
    ready_bytes: u64,
    unacked: BTreeMap<u64, Entry>,
    /// Publishes that are not written yet: the index buffer.
    pub(crate) unwritten: BTreeMap<u64, Unwritten>,
    /// Written messages that are gone since the last write.
    pub(crate) unwritten_acks: Vec<u64>,
}

fn bytes(entry: &Entry) -> u64 {
    u64::from(entry.message.size)
}

impl Store {
    /// A store whose first message gets number `next`.
    #[must_use]
    pub fn starting_at(next: u64) -> Store {
        Store {
            next,
            ..Store::default()
        }
    }

    /// Ready messages.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.ready.len() as u64
    }

    /// No message is ready.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    /// Bytes of the ready messages' bodies.
    #[must_use]
    pub fn ready_bytes(&self) -> u64 {
        self.ready_bytes
    }

    /// Delivered messages that are not settled.
    #[must_use]
    pub fn unacked(&self) -> u64 {
        self.unacked.len() as u64
    }

    /// The number of the next message.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Whether something waits to be written.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.unwritten.is_empty() || !self.unwritten_acks.is_empty()
    }

    fn number(&mut self, entry: &Entry) -> u64 {
        let seq = self.next;
        self.next += 1;
        self.buffer(seq, entry);
        seq
    }

    /// What is kept has to be written.
    fn buffer(&mut self, seq: u64, entry: &Entry) {
        if entry.stage == Stage::Buffered {
            let write = Unwritten {
                message: entry.message.clone(),
                expiry: entry.expiry,
                class: entry.class,
            };
            self.unwritten.insert(seq, write);
        }
    }

    /// The number of a message that is never stored.
    pub fn pass(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Puts a new message behind those of its class.
    pub fn push(&mut self, entry: Entry) -> u64 {
        let seq = self.number(&entry);
        self.make_ready(seq, entry);
        seq
    }

    /// A new message that is handed out at once and has to be settled.
    pub fn push_delivered(&mut self, mut entry: Entry) -> u64 {
        let seq = self.number(&entry);
        entry.redelivered = true;
        self.unacked.insert(seq, entry);
        seq
    }

    /// A recovered message, by its old number.
    pub fn restore(&mut self, seq: u64, entry: Entry) {
        self.next = self.next.max(seq + 1);
        self.make_ready(seq, entry);
    }

    /// A message with a number that its master gave it.
    pub fn put(&mut self, seq: u64, entry: Entry) {
        self.next = self.next.max(seq + 1);
        self.buffer(seq, &entry);
        self.make_ready(seq, entry);
    }

    /// A ready message is gone.
    pub fn remove(&mut self, class: u8, seq: u64) -> Option<Entry> {
        let entry = self.ready.remove(&Place::of(class, seq))?;
        self.ready_bytes = self.ready_bytes.saturating_sub(bytes(&entry));
        self.forget(seq, &entry);
        Some(entry)
    }

    /// From now on everything counts as delivered before.
    pub fn mark_delivered(&mut self) {
        for entry in self.ready.values_mut() {
            entry.redelivered = true;
        }
    }

    fn make_ready(&mut self, seq: u64, entry: Entry) {
        self.ready_bytes += bytes(&entry);
        self.ready.insert(Place::of(entry.class, seq), entry);
    }

    /// The message at the head.
    #[must_use]
    pub fn head(&self) -> Option<&Entry> {
        self.ready.first_key_value().map(|(_, entry)| entry)
    }

    /// Takes the message at the head to hand it out: its number, and the message as it was before. It stays,
    /// unacked, if it has to be settled.
    pub fn take(&mut self, ack_required: bool) -> Option<(u64, Entry)> {
        let (place, entry) = self.ready.pop_first()?;
        self.ready_bytes = self.ready_bytes.saturating_sub(bytes(&entry));
        if ack_required {
            let mut held = entry.clone();
            held.redelivered = true;
            self.unacked.insert(place.seq, held);
        } else {
            self.forget(place.seq, &entry);
        }
        Some((place.seq, entry))
    }

    /// A message is gone: its write is not needed any more, or its end has to be written.
    fn forget(&mut self, seq: u64, entry: &Entry) {
        if self.unwritten.remove(&seq).is_none() && entry.stage == Stage::Written {
            self.unwritten_acks.push(seq);
        }
    }

    /// An unacked message.
    #[must_use]
    pub fn held(&self, seq: u64) -> Option<&Entry> {
        self.unacked.get(&seq)
    }

    /// Settles an unacked message.
    pub fn ack(&mut self, seq: u64) -> Option<Entry> {
        let entry = self.unacked.remove(&seq)?;
        self.forget(seq, &entry);
        Some(entry)
    }

    /// Puts an unacked message back to its old place.
    pub fn requeue(&mut self, seq: u64) -> bool {
        match self.unacked.remove(&seq) {
            Some(entry) => {
                self.make_ready(seq, entry);
                true
            }
            None => false,
        }
    }

    /// This publish is written now.
    pub(crate) fn mark_written(&mut self, seq: u64, class: u8) {
        let held = self.unacked.get_mut(&seq);
        if let Some(entry) = held.or_else(|| self.ready.get_mut(&Place::of(class, seq))) {
            entry.stage = Stage::Written;
        }
    }

    /// Everything: ready, then unacked, with its number.
    pub fn all(&self) -> impl Iterator<Item = (u64, &Entry)> {
        let ready = self.ready.iter().map(|(place, entry)| (place.seq, entry));
        ready.chain(self.unacked.iter().map(|(seq, entry)| (*seq, entry)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::classic::lab::message;

    fn entry(number: u32, class: u8) -> Entry {
        Entry {
            message: Arc::new(message(number)),
            expiry: None,
            redelivered: false,
            stage: Stage::Buffered,
            class,
        }
    }

    fn order(store: &Store) -> Vec<u32> {
        let ready = store.ready.values();
        ready.map(|entry| entry.message.key.number).collect()
    }

    #[test]
    fn a_requeued_message_takes_its_old_place() {
        let mut store = Store::default();
        for number in 1..=4 {
            store.push(entry(number, 0));
        }
        let taken: Vec<u64> = (0..3)
            .filter_map(|_| store.take(true))
            .map(|t| t.0)
            .collect();
        assert!(store.requeue(taken[2]));
        assert!(store.requeue(taken[0]));
        assert_eq!(order(&store), [1, 3, 4]);
        let (_, first) = store.take(true).unwrap();
        assert!(first.redelivered);
        assert_eq!(store.unacked(), 2);
    }

    #[test]
    fn the_higher_class_goes_first_and_bytes_are_counted() {
        let mut store = Store::default();
        for (number, class) in [(1, 0), (2, 5), (3, 0), (4, 5)] {
            store.push(entry(number, class));
        }
        assert_eq!(order(&store), [2, 4, 1, 3]);
        let each = u64::from(message(1).size);
        assert_eq!(store.ready_bytes(), 4 * each);
        store.take(false);
        assert_eq!(store.ready_bytes(), 3 * each);
    }

    #[test]
    fn what_is_gone_before_its_write_is_never_written() {
        let mut store = Store::default();
        let first = store.push(entry(1, 0));
        store.push(entry(2, 0));
        store.take(true);
        store.ack(first);
        assert_eq!(store.unwritten.len(), 1);
        assert!(store.unwritten_acks.is_empty());
        let seqs: Vec<u64> = store.unwritten.keys().copied().collect();
        store.unwritten.clear();
        store.mark_written(seqs[0], 0);
        store.take(false);
        assert_eq!(store.unwritten_acks, seqs);
    }
}
