//! The files of a classic queue: an index of publishes and ends, and one for bodies that are too large for it
//! (`rabbit_classic_queue_index_v2`, `rabbit_queue_index`, `rabbit_msg_store`; reference 3.1, 3.2).
//!
//! A write gives the operating system everything that is buffered (S1 to S2). Storage version 2 never syncs but
//! when its node stops in order. Version 1 syncs its journal before it confirms, and up to 3.12 the bodies too.

use crate::ids::Part;
use crate::message::Message;
use crate::node::classic::outside::Outside;
use crate::node::classic::store::{Entry, Stage, Store};
use crate::records::{ClassicRecord, FileName};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bodies of at least this many bytes lie in the shared store (`queue_index_embed_msgs_below`).
pub const EMBED_BELOW: u32 = 4096;

/// How many entries of the index are buffered at most
/// (`classic_queue_index_v2_segment_entry_count`, 3.1).
pub(super) const BUFFERED: usize = 4096;

/// How many ends of messages are buffered at most.
pub(super) const BUFFERED_ACKS: usize = 2048;

/// A queue's files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Files {
    pub(crate) index: FileName,
    pub(crate) bodies: FileName,
}

impl Files {
    /// The files of the queue process or mirror that is this part.
    pub(crate) fn of(part: Part) -> Files {
        Files {
            index: FileName::Index(part),
            bodies: FileName::Bodies(part),
        }
    }
}

fn is_large(message: &Message) -> bool {
    message.size >= EMBED_BELOW
}

/// Writes what is buffered. The numbers of the publishes that are written now, and whether a body was.
pub(crate) fn write(store: &mut Store, files: Files, out: &mut dyn Outside) -> (Vec<u64>, bool) {
    let unwritten = std::mem::take(&mut store.unwritten);
    let mut written = Vec::with_capacity(unwritten.len());
    let mut bodies = false;
    for (seq, publish) in unwritten {
        let large = is_large(&publish.message);
        let body = !large || out.append(files.bodies, ClassicRecord::Body(seq));
        let record = ClassicRecord::Publish {
            seq,
            message: publish.message.clone(),
            expiry: publish.expiry,
            class: publish.class,
        };
        if body && out.append(files.index, record) {
            bodies |= large;
            store.mark_written(seq, publish.class);
            written.push(seq);
        } else {
            // The disk is full: it stays in the buffer.
            store.unwritten.insert(seq, publish);
        }
    }
    let acks = std::mem::take(&mut store.unwritten_acks);
    if !acks.is_empty() && !out.append(files.index, ClassicRecord::Ack(acks.clone())) {
        store.unwritten_acks = acks;
    }
    trim(store, files, out);
    (written, bodies)
}

/// Drops the part of the files that nobody needs: a front of messages whose ends are on the medium.
fn trim(store: &Store, files: Files, out: &mut dyn Outside) {
    let (synced, len) = out.extent(files.index);
    if len < 64 + 4 * (store.len() + store.unacked()) {
        return;
    }
    let records = out.read(files.index);
    let synced = usize::try_from(synced).unwrap_or(usize::MAX);
    let ended: BTreeSet<u64> = records
        .iter()
        .take(synced)
        .filter_map(|record| match record {
            ClassicRecord::Ack(seqs) => Some(seqs.iter().copied()),
            _ => None,
        })
        .flatten()
        .collect();
    let dead = |record: &ClassicRecord| match record {
        ClassicRecord::Publish { seq, .. } | ClassicRecord::Body(seq) => ended.contains(seq),
        ClassicRecord::Ack(_) | ClassicRecord::Clean { .. } => true,
    };
    let front = records.iter().take(synced).take_while(|r| dead(r)).count();
    let gone: BTreeSet<u64> = records
        .iter()
        .take(front)
        .filter_map(|record| match record {
            ClassicRecord::Publish { seq, .. } => Some(*seq),
            _ => None,
        })
        .collect();
    out.drop_front(files.index, front as u64);
    let bodies = out.read(files.bodies);
    let front = bodies
        .iter()
        .take_while(|record| matches!(record, ClassicRecord::Body(seq) if gone.contains(seq)))
        .count();
    out.drop_front(files.bodies, front as u64);
}

/// What a queue finds on its disk.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Recovered {
    pub(crate) store: Store,
    /// Its node was stopped in order.
    pub(crate) clean: bool,
}

/// Reads the files. After a clean stop the messages are as they were. After anything else every one counts as
/// delivered, because a delivery leaves no trace on the disk.
pub(crate) fn recover(files: Files, out: &mut dyn Outside) -> Recovered {
    let records = out.read(files.index);
    let bodies: BTreeSet<u64> = out
        .read(files.bodies)
        .iter()
        .filter_map(|record| match record {
            ClassicRecord::Body(seq) => Some(*seq),
            _ => None,
        })
        .collect();
    let (delivered, next, clean): (BTreeSet<u64>, u64, bool) = match records.last() {
        Some(ClassicRecord::Clean { delivered, next }) => {
            (delivered.iter().copied().collect(), *next, true)
        }
        _ => (BTreeSet::new(), 0, false),
    };
    if clean {
        out.truncate(files.index, records.len() as u64 - 1);
    }
    let mut found: std::collections::BTreeMap<u64, Entry> = std::collections::BTreeMap::new();
    let mut last = next;
    for record in records {
        match record {
            ClassicRecord::Publish {
                seq,
                message,
                expiry,
                class,
            } => {
                last = last.max(seq + 1);
                // An entry without its body is dropped.
                if !is_large(&message) || bodies.contains(&seq) {
                    let entry = Entry {
                        message,
                        expiry,
                        redelivered: !clean || delivered.contains(&seq),
                        stage: Stage::Written,
                        class,
                    };
                    found.insert(seq, entry);
                }
            }
            ClassicRecord::Ack(seqs) => {
                for seq in seqs {
                    found.remove(&seq);
                }
            }
            ClassicRecord::Body(_) | ClassicRecord::Clean { .. } => {}
        }
    }
    let mut store = Store::starting_at(last);
    for (seq, entry) in found {
        store.restore(seq, entry);
    }
    Recovered { store, clean }
}

/// Stops in order: everything is written and synced, with which messages were delivered.
pub(crate) fn close(store: &mut Store, files: Files, out: &mut dyn Outside) {
    write(store, files, out);
    let delivered = store
        .all()
        .filter(|(_, entry)| entry.redelivered && entry.stage == Stage::Written)
        .map(|(seq, _)| seq)
        .collect();
    let next = store.next();
    out.sync_now(files.bodies);
    if out.append(files.index, ClassicRecord::Clean { delivered, next }) {
        out.sync_now(files.index);
    }
}

/// Deletes the files.
pub(crate) fn remove(files: Files, out: &mut dyn Outside) {
    out.remove(files.index);
    out.remove(files.bodies);
}

/// An entry for a new message.
pub(crate) fn entry(
    message: Arc<Message>,
    expiry: Option<ackscope_kernel::Time>,
    kept: bool,
    class: u8,
) -> Entry {
    Entry {
        message,
        expiry,
        redelivered: false,
        stage: if kept {
            Stage::Buffered
        } else {
            Stage::Volatile
        },
        class,
    }
}
