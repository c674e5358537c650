//! The log of a replica: its file, where its epochs end, its segments.

use super::{Entry, Epoch, Offset, Retention, Tail, copy_of};
use crate::facts::{Fact, GoneWhy};
use crate::ids::QueueId;
use crate::node::ctx::Ctx;
use crate::records::{DiskRecord, FileName};
use ackscope_kernel::Time;
use borsh::BorshSerialize;

/// What is kept in memory about the file.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Log {
    queue: QueueId,
    /// The offset of the first entry kept.
    first: Offset,
    /// Where each epoch ends, oldest first; one entry per epoch.
    ends: Vec<Tail>,
    /// Segments, oldest first: number, first offset, bytes, time of the last entry.
    segments: Vec<Segment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
struct Segment {
    number: u32,
    first: Offset,
    bytes: u64,
    last_at: Time,
}

/// At most so many chunks per segment; each chunk here counts as one entry at least
/// (reference 1.7).
const SEGMENT_ENTRIES: u64 = 256_000;

impl Log {
    /// The log as the file says.
    pub(super) fn open(queue: QueueId, ctx: &Ctx<'_, '_>) -> Log {
        let mut log = Log {
            queue,
            first: 0,
            ends: Vec::new(),
            segments: Vec::new(),
        };
        let mut any = false;
        if let Some(file) = ctx.env.disk().read(&FileName::Stream(queue)) {
            for record in file.iter() {
                if let DiskRecord::StreamEntry(entry) = record {
                    if !any {
                        log.first = entry.offset;
                        any = true;
                    }
                    log.note(entry);
                }
            }
        }
        log
    }

    fn note(&mut self, entry: &Entry) {
        let next = entry.offset + 1;
        match self.ends.last_mut() {
            Some(end) if end.epoch == entry.epoch => end.next = next,
            _ => self.ends.push(Tail {
                epoch: entry.epoch,
                next,
            }),
        }
        let bytes = u64::from(entry.message.size);
        match self.segments.last_mut() {
            Some(segment) if segment.number == entry.segment => {
                segment.bytes += bytes;
                segment.last_at = entry.at;
            }
            _ => self.segments.push(Segment {
                number: entry.segment,
                first: entry.offset,
                bytes,
                last_at: entry.at,
            }),
        }
    }

    /// The end.
    #[must_use]
    pub fn tail(&self) -> Tail {
        self.ends.last().copied().unwrap_or(Tail {
            epoch: 0,
            next: self.first,
        })
    }

    /// The offset of the first entry kept.
    #[must_use]
    pub fn first(&self) -> Offset {
        self.first
    }

    /// Where each epoch ends.
    #[must_use]
    pub fn ends(&self) -> &[Tail] {
        &self.ends
    }

    /// The segment that an entry written now belongs to.
    pub(super) fn segment_for_next(&self, retention: &Retention) -> u32 {
        match self.segments.last() {
            None => 0,
            Some(last) => {
                let entries = self.tail().next - last.first;
                let full = last.bytes >= retention.segment_bytes || entries >= SEGMENT_ENTRIES;
                last.number + u32::from(full)
            }
        }
    }

    /// Appends an entry. Returns false when the disk is full.
    pub(super) fn append(&mut self, entry: Entry, ctx: &mut Ctx<'_, '_>) -> bool {
        let copy = copy_of(ctx.node(), self.queue, entry.offset);
        let key = entry.message.key;
        let file = FileName::Stream(self.queue);
        if !ctx
            .env
            .append(&file, DiskRecord::StreamEntry(entry.clone()))
        {
            return false;
        }
        if self.ends.is_empty() {
            self.first = entry.offset;
        }
        self.note(&entry);
        ctx.env.note(Fact::Stored {
            key,
            queue: self.queue,
            copy,
            written: true,
        });
        true
    }

    /// The entry at an offset.
    pub(super) fn get<'c>(&self, offset: Offset, ctx: &'c Ctx<'_, '_>) -> Option<&'c Entry> {
        let place = usize::try_from(offset.checked_sub(self.first)?).ok()?;
        let file = ctx.env.disk().read(&FileName::Stream(self.queue))?;
        match file.get(place) {
            Some(DiskRecord::StreamEntry(entry)) => Some(entry),
            _ => None,
        }
    }

    /// Forgets everything from `next` on: it was never committed.
    pub(super) fn truncate(&mut self, next: Offset, ctx: &mut Ctx<'_, '_>) {
        let end = self.tail().next;
        for offset in next.max(self.first)..end {
            self.gone(offset, GoneWhy::Truncated, ctx);
        }
        if next < end {
            let keep = next.saturating_sub(self.first);
            ctx.env.truncate(&FileName::Stream(self.queue), keep);
            *self = Log::open(self.queue, ctx);
        }
    }

    fn gone(&self, offset: Offset, why: GoneWhy, ctx: &mut Ctx<'_, '_>) {
        if let Some(entry) = self.get(offset, ctx) {
            let key = entry.message.key;
            let copy = copy_of(ctx.node(), self.queue, offset);
            ctx.env.note(Fact::Gone {
                key,
                queue: self.queue,
                copy,
                why,
            });
        }
    }

    /// Deletes whole segments from the front while a limit is exceeded; the last one stays.
    pub(super) fn retain(&mut self, retention: &Retention, ctx: &mut Ctx<'_, '_>) {
        let now = ctx.env.now();
        while self.segments.len() > 1 {
            let total: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
            let oldest = self.segments[0];
            let too_big = retention.max_bytes.is_some_and(|max| total > max);
            let too_old = retention
                .max_age
                .is_some_and(|max| now.since(oldest.last_at).0 > max);
            if !too_big && !too_old {
                return;
            }
            let upto = self.segments[1].first;
            for offset in self.first..upto {
                self.gone(offset, GoneWhy::Retention, ctx);
            }
            ctx.env
                .drop_front(&FileName::Stream(self.queue), upto - self.first);
            self.first = upto;
            self.segments.remove(0);
            self.ends.retain(|end| end.next > upto);
        }
    }

    /// Deletes the log.
    pub(super) fn delete(&mut self, ctx: &mut Ctx<'_, '_>) {
        for offset in self.first..self.tail().next {
            self.gone(offset, GoneWhy::QueueGone, ctx);
        }
        ctx.env.remove(&FileName::Stream(self.queue));
    }

    /// The first offset of the last chunk (`x-stream-offset: last`).
    pub(super) fn last_chunk(&self, below: Offset, ctx: &Ctx<'_, '_>) -> Offset {
        let last = below.checked_sub(1).and_then(|last| self.get(last, ctx));
        last.map_or(self.first, |entry| entry.chunk)
    }

    /// The first offset of the chunk that a moment lies in (`x-stream-offset` as a timestamp): earlier entries
    /// of that chunk come along.
    pub(super) fn at_time(&self, at: Time, ctx: &Ctx<'_, '_>) -> Offset {
        let end = self.tail().next;
        let mut offsets = self.first..end;
        let found = offsets.find_map(|offset| {
            self.get(offset, ctx)
                .filter(|entry| entry.at >= at)
                .map(|entry| entry.chunk)
        });
        found.unwrap_or(end)
    }

    /// How far this log agrees with one whose epochs end like this: the newest epoch that both have, and the
    /// lesser of its two ends.
    #[must_use]
    pub fn agreement(&self, theirs: &[Tail]) -> Offset {
        for end in theirs.iter().rev() {
            let ours = self.ends.iter().find(|own| own.epoch == end.epoch);
            if let Some(ours) = ours {
                return ours.next.min(end.next);
            }
        }
        self.first
    }

    /// The epoch of the last entry below an offset.
    #[must_use]
    pub fn epoch_below(&self, next: Offset) -> Epoch {
        let end = self.ends.iter().find(|end| end.next >= next);
        end.map_or(0, |end| end.epoch)
    }
}
