//! What stands in the rows: bands, packets, and counts where there are too many packets.

use super::axis::x_of;
use super::{Arrow, BandKind, Bucket, Chart, DiagramView, Dot, LaneBand};
use crate::drawable::{TokenKind, Tone, message_id};
use crate::index::{Mark, SpanKind};
use crate::kafka::kind_of;
use crate::names::Names;
use crate::narrate::{Weight, narrate};
use crate::phrase::{Arg, Phrase};
use ackscope_kernel::{EntryId, SeatId, What};

/// More arrows than this in the part that is shown become buckets.
const MOST_ARROWS: usize = 1_500;

/// Pixels of a bucket.
const BUCKET: f32 = 4.0;

impl Chart<'_> {
    pub(super) fn bands(&self, order: &[SeatId], view: &mut DiagramView) {
        for span in self.index.spans() {
            let (from, to) = (
                span.from_us.saturating_sub(self.zero_us),
                span.to_us.unwrap_or(self.known_us),
            );
            let to = to.saturating_sub(self.zero_us);
            let Some(lane) = order.iter().position(|seat| *seat == span.seat) else {
                continue;
            };
            if to <= view.from_us || from >= view.to_us || to == from {
                continue;
            }
            let (kind, key) = match span.kind {
                SpanKind::Down => (BandKind::Down, "band-down"),
                SpanKind::Frozen => (BandKind::Frozen, "band-frozen"),
                SpanKind::Leads => (BandKind::Leads, "band-leads"),
            };
            view.bands.push(LaneBand {
                lane: u32::try_from(lane).unwrap_or(0),
                x0: x_of(&view.axis, from.max(view.from_us)),
                x1: x_of(&view.axis, to.min(view.to_us)),
                kind,
                label: Phrase::new(key).with("at", Arg::Time(from)),
            });
        }
    }

    pub(super) fn packets(
        &self,
        order: &[SeatId],
        y_of: &dyn Fn(usize) -> f32,
        view: &mut DiagramView,
    ) {
        let (from, to) = (self.zero_us + view.from_us, self.zero_us + view.to_us);
        let marks = self.index.marks_in(from, to);
        let lane_of = |seat: SeatId| order.iter().position(|lane| *lane == seat);
        let sent = marks.iter().filter(|mark| mark.sent).count();
        if sent > MOST_ARROWS {
            view.buckets = self.buckets(marks, &lane_of, view);
        }
        let mut label_after = vec![f32::MIN; order.len()];
        for mark in marks {
            let Some(lane) = lane_of(mark.seat) else {
                continue;
            };
            let x = x_of(&view.axis, mark.at_us - self.zero_us);
            if !mark.sent {
                if mark.weight == Weight::Turn {
                    let tone = self
                        .trace
                        .get(EntryId(mark.entry))
                        .map(|entry| narrate(self.world, self.trace, entry).tone);
                    let tone = tone.unwrap_or(Tone::Plain);
                    view.dots.push(Dot {
                        entry: mark.entry,
                        lane: u32::try_from(lane).unwrap_or(0),
                        x,
                        tone,
                    });
                }
                continue;
            }
            if sent > MOST_ARROWS {
                continue;
            }
            if let Some(mut arrow) = self.arrow(mark, (x, y_of(lane)), &lane_of, y_of, &view.axis) {
                // Labels stand where they do not run into each other.
                if arrow.label.is_some() && label_after[lane] > x {
                    arrow.label = None;
                } else if arrow.label.is_some() {
                    label_after[lane] = x + 30.0;
                }
                view.arrows.push(arrow);
            }
        }
    }

    fn arrow(
        &self,
        mark: &Mark,
        start: (f32, f32),
        lane_of: &dyn Fn(SeatId) -> Option<usize>,
        y_of: &dyn Fn(usize) -> f32,
        axis: &[(f32, u64)],
    ) -> Option<Arrow> {
        let What::Sent { to, brief, due, .. } = &self.trace.get(EntryId(mark.entry))?.what else {
            return None;
        };
        let mut kind = kind_of(brief);
        if kind == TokenKind::Data && self.world.settings().brokers.contains_key(to) {
            kind = TokenKind::ReplicaData;
        }
        if !(self.shows)(kind, brief.background) {
            return None;
        }
        let end = self
            .index
            .end_of(mark.entry)
            .and_then(|id| self.trace.get(EntryId(id)));
        let lost = end.is_some_and(|entry| matches!(entry.what, What::Vanished { .. }));
        let at = end.map_or(due.0.min(self.known_us), |entry| entry.at.0);
        let y = y_of(lane_of(*to)?);
        let x = x_of(axis, at.saturating_sub(self.zero_us));
        let target = if lost {
            (start.0 + (x - start.0) * 0.8, start.1 + (y - start.1) * 0.8)
        } else {
            (x, y)
        };
        let message = brief.first.map(|key| message_id(key.origin.0, key.number));
        let label = match kind {
            TokenKind::Records => brief.first.map(|key| Names::of(self.world).message(key)),
            _ => None,
        };
        Some(Arrow {
            entry: mark.entry,
            kind,
            from: start,
            to: target,
            lost,
            label,
            message,
            selected: message.is_some() && message == self.message,
        })
    }

    fn buckets(
        &self,
        marks: &[Mark],
        lane_of: &dyn Fn(SeatId) -> Option<usize>,
        view: &DiagramView,
    ) -> Vec<Bucket> {
        let mut counts = ackscope_kernel::SortedMap::new();
        for mark in marks {
            let Some(lane) = lane_of(mark.seat) else {
                continue;
            };
            let x = x_of(&view.axis, mark.at_us.saturating_sub(self.zero_us));
            *counts.entry((lane, (x / BUCKET) as u32)).or_insert(0u32) += 1;
        }
        let bucket = |((lane, place), count)| Bucket {
            lane: u32::try_from(lane).unwrap_or(0),
            x: place as f32 * BUCKET,
            w: BUCKET,
            count,
        };
        counts.into_iter().map(bucket).collect()
    }
}
