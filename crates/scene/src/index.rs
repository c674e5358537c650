//! What a panel needs to find in a long trace without walking it: interesting entries by time, where a
//! packet ended, when nodes were down, beats. Built as the trace grows.

use crate::kafka::shown_partitions;
use crate::narrate::{self, Weight};
use crate::pacing::Beat;
use ackscope_kafka::{Fact, Kafka};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{Act, Entry, EntryId, SeatId, Trace, What, World};

/// An interesting entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at_us: u64,
    /// Its place in the trace.
    pub entry: u32,
    /// Where.
    pub seat: SeatId,
    /// How much it matters; never background.
    pub weight: Weight,
    /// It sends a packet.
    pub sent: bool,
}

/// What a node was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// Its process did not exist.
    Down,
    /// It was frozen.
    Frozen,
    /// It led the first partition, by the controller's decision.
    Leads,
}

/// A time in which a node was something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which node.
    pub seat: SeatId,
    /// Since when.
    pub from_us: u64,
    /// Until when; none if it is so at the end of what is known.
    pub to_us: Option<u64>,
    /// What it was.
    pub kind: SpanKind,
}

/// The index of a trace.
#[derive(Clone, Debug, Default)]
pub struct Index {
    upto: u32,
    marks: Vec<Mark>,
    /// The entry that read a packet or said that it vanished, by the entry that sent it.
    ends: SortedMap<u32, u32>,
    spans: Vec<Span>,
    beats: Vec<Beat>,
}

impl Index {
    /// Takes in what the trace holds beyond what was seen. After a cut of the trace start anew.
    pub fn extend(&mut self, world: &World<Kafka>, trace: &Trace<Kafka>) {
        if self.upto == trace.recorded() {
            return;
        }
        if self.upto == 0 {
            for seat in world.seats() {
                self.spans.push(Span {
                    seat,
                    from_us: 0,
                    to_us: None,
                    kind: SpanKind::Down,
                });
            }
        }
        let first = shown_partitions(world).first().copied();
        for (id, entry) in trace.range(self.upto, trace.recorded()) {
            self.span(entry, first);
            let weight = narrate::weight(trace, entry);
            if weight == Weight::Background {
                continue;
            }
            let sent = matches!(entry.what, What::Sent { .. });
            self.marks.push(Mark {
                at_us: entry.at.0,
                entry: id.0,
                seat: entry.seat,
                weight,
                sent,
            });
            if let What::Read { sent } | What::Vanished { sent } = entry.what {
                self.ends.insert(sent.0, id.0);
            }
            self.beat(entry, weight);
        }
        self.upto = trace.recorded();
    }

    fn beat(&mut self, entry: &Entry<Kafka>, weight: Weight) {
        if weight < Weight::Message {
            return;
        }
        let at_us = entry.at.0;
        let earlier = self.beats.last().map_or(0, |beat| beat.moving_until_us);
        let moving_until_us = match entry.what {
            What::Sent { due, .. } => earlier.max(due.0),
            _ => earlier.max(at_us),
        };
        let turn = weight == Weight::Turn;
        match self.beats.last_mut() {
            Some(last) if last.at_us == at_us => {
                last.moving_until_us = moving_until_us;
                last.turn |= turn;
                if turn {
                    last.routine /= 4;
                }
            }
            last => {
                let before = last.map_or(0, |last| last.routine);
                // After a turning point the same things mean something else, yet they are not new.
                let routine = if turn {
                    before / 4
                } else {
                    before.saturating_add(1)
                };
                self.beats.push(Beat {
                    at_us,
                    moving_until_us,
                    turn,
                    routine,
                });
            }
        }
    }

    fn span(&mut self, entry: &Entry<Kafka>, first: Option<ackscope_kafka::Tp>) {
        let at = entry.at.0;
        match &entry.what {
            What::Down(_) => {
                self.close(entry.seat, SpanKind::Frozen, at);
                self.spans.push(Span {
                    seat: entry.seat,
                    from_us: at,
                    to_us: None,
                    kind: SpanKind::Down,
                });
            }
            What::Up => self.close(entry.seat, SpanKind::Down, at),
            What::Acted(Act::Freeze(seat)) => {
                self.spans.push(Span {
                    seat: *seat,
                    from_us: at,
                    to_us: None,
                    kind: SpanKind::Frozen,
                });
            }
            What::Acted(Act::Thaw(seat)) => self.close(*seat, SpanKind::Frozen, at),
            What::Note(Fact::Elected { tp, leader, .. }) if Some(*tp) == first => {
                for span in &mut self.spans {
                    if span.kind == SpanKind::Leads && span.to_us.is_none() {
                        span.to_us = Some(at);
                    }
                }
                if let Some(seat) = *leader {
                    self.spans.push(Span {
                        seat,
                        from_us: at,
                        to_us: None,
                        kind: SpanKind::Leads,
                    });
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, seat: SeatId, kind: SpanKind, at: u64) {
        let open =
            |span: &&mut Span| span.seat == seat && span.kind == kind && span.to_us.is_none();
        if let Some(span) = self.spans.iter_mut().rev().find(open) {
            span.to_us = Some(at);
        }
    }

    /// Interesting entries of a range of time, in order; both ends belong to it.
    #[must_use]
    pub fn marks_in(&self, from_us: u64, to_us: u64) -> &[Mark] {
        let from = self.marks.partition_point(|mark| mark.at_us < from_us);
        let to = self.marks.partition_point(|mark| mark.at_us <= to_us);
        self.marks.get(from..to).unwrap_or(&[])
    }

    /// All interesting entries, in order.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Place among [`Index::marks`] of the first interesting entry that is not before `entry`.
    #[must_use]
    pub fn place_of(&self, entry: u32) -> usize {
        self.marks.partition_point(|mark| mark.entry < entry)
    }

    /// The entry that ended the way of a packet that is no chatter.
    #[must_use]
    pub fn end_of(&self, sent: u32) -> Option<u32> {
        self.ends.get(&sent).copied()
    }

    /// Times in which nodes were down or frozen, or led.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Beats of a range of time; both ends belong to it.
    #[must_use]
    pub fn beats_in(&self, from_us: u64, to_us: u64) -> &[Beat] {
        let from = self.beats.partition_point(|beat| beat.at_us < from_us);
        let to = self.beats.partition_point(|beat| beat.at_us <= to_us);
        self.beats.get(from..to).unwrap_or(&[])
    }

    /// The last beat before a moment.
    #[must_use]
    pub fn beat_before(&self, at_us: u64) -> Option<Beat> {
        let after = self.beats.partition_point(|beat| beat.at_us < at_us);
        after
            .checked_sub(1)
            .and_then(|before| self.beats.get(before))
            .copied()
    }

    /// The first beat after a moment.
    #[must_use]
    pub fn beat_after(&self, at_us: u64) -> Option<Beat> {
        self.beats
            .get(self.beats.partition_point(|beat| beat.at_us <= at_us))
            .copied()
    }

    /// The last entry of at least this weight before an entry.
    #[must_use]
    pub fn last_before(&self, entry: u32, least: Weight) -> Option<EntryId> {
        let before = self.marks.get(..self.place_of(entry))?;
        before
            .iter()
            .rev()
            .take(512)
            .find(|mark| mark.weight >= least)
            .map(|mark| EntryId(mark.entry))
    }
}
