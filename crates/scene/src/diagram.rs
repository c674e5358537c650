//! The space-time diagram: a lane for each node, packets as slanted arrows, times of failure as bands.
//! It is the scrubber as well, so its axis says which moment lies at a pixel.

use crate::drawable::{Role, TokenKind, Tone, message_id};
use crate::index::{Index, Mark, SpanKind};
use crate::kafka::{kind_of, role_of, title};
use crate::names::Names;
use crate::narrate::{Weight, narrate};
use crate::pacing::Stretch;
use crate::phrase::{Arg, Phrase};
use ackscope_kafka::Kafka;
use ackscope_kernel::{EntryId, SeatId, Trace, What, World};

/// Which part of the space-time diagram is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiagramQuery {
    /// Width for the time axis in CSS pixels, labels not included.
    pub width: u32,
    /// Height of a lane.
    pub lane_height: u32,
    /// Begin and end of the part; nothing: the whole run as far as it is known.
    pub range_us: Option<(u64, u64)>,
    /// Fold idle gaps, as paced time does.
    pub folded: bool,
}

/// A part of the space-time diagram.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiagramView {
    /// First moment shown.
    pub from_us: u64,
    /// Last moment shown.
    pub to_us: u64,
    /// Height of it all.
    pub height: f32,
    /// One lane a node, in the order from top to bottom.
    pub lanes: Vec<Lane>,
    /// Packets.
    pub arrows: Vec<Arrow>,
    /// Times in which a node did not work.
    pub bands: Vec<LaneBand>,
    /// Where packets are too many to be told apart: density instead of arrows.
    pub buckets: Vec<Bucket>,
    /// What happened at a node: appends, elections, acts.
    pub dots: Vec<Dot>,
    /// Labels of the axis.
    pub ticks: Vec<Tick>,
    /// Where a gap is folded, in pixels.
    pub folds: Vec<f32>,
    /// Where the cursor is, in pixels.
    pub cursor_x: f32,
    /// Where the shown branch leaves the one it is compared with.
    pub parting_x: Option<f32>,
    /// The axis: pixel and time at which its slope changes, in order.
    pub axis: Vec<(f32, u64)>,
}

impl DiagramView {
    /// The moment at a pixel of the axis: what dragging seeks.
    #[must_use]
    pub fn time_at(&self, x: f32) -> u64 {
        let (Some(first), Some(last)) = (self.axis.first(), self.axis.last()) else {
            return self.from_us;
        };
        if x <= first.0 {
            return first.1;
        }
        for pair in self.axis.windows(2) {
            let ((x0, t0), (x1, t1)) = (pair[0], pair[1]);
            if x <= x1 {
                let share = if x1 > x0 {
                    f64::from((x - x0) / (x1 - x0))
                } else {
                    1.0
                };
                return t0 + ((t1 - t0) as f64 * share) as u64;
            }
        }
        last.1
    }
}

/// One node's line.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The node.
    pub node: String,
    /// Its name as shown.
    pub title: Phrase,
    /// Height of its line.
    pub y: f32,
}

/// A packet from lane to lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// The entry that sent it.
    pub entry: u32,
    /// What it is.
    pub kind: TokenKind,
    /// Begin.
    pub from: (f32, f32),
    /// End; where it was lost it ends short.
    pub to: (f32, f32),
    /// It never arrived, or is still on its way at the end of what is known.
    pub lost: bool,
    /// Label at its begin, where there is room.
    pub label: Option<String>,
    /// The message it carries.
    pub message: Option<u64>,
    /// It carries the selected message.
    pub selected: bool,
}

/// What kind of band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandKind {
    /// The process was gone.
    Down,
    /// It was frozen.
    Frozen,
    /// It led the partition of the selected message, or the first one.
    Leads,
}

/// A time in which a node was in a state.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneBand {
    /// Its lane.
    pub lane: u32,
    /// From.
    pub x0: f32,
    /// To.
    pub x1: f32,
    /// Which state.
    pub kind: BandKind,
    /// Its label.
    pub label: Phrase,
}

/// How much happened on a lane in a few pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Its lane.
    pub lane: u32,
    /// Left edge.
    pub x: f32,
    /// Width.
    pub w: f32,
    /// Entries in it.
    pub count: u32,
}

/// Something that happened at a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// Its entry.
    pub entry: u32,
    /// Its lane.
    pub lane: u32,
    /// Where.
    pub x: f32,
    /// Its class.
    pub tone: Tone,
}

/// A label of the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub x: f32,
    /// "1.24 s".
    pub label: String,
}

/// More arrows than this in the part that is shown become buckets.
const MOST_ARROWS: usize = 1_500;
/// More stretches than this are not folded.
const MOST_STRETCHES: usize = 3_000;
/// Pixels of a bucket.
const BUCKET: f32 = 4.0;
/// Least pixels between two labels of the axis.
const TICK_ROOM: f32 = 84.0;

/// All that a diagram is made of.
pub struct Chart<'a> {
    /// Any world of the run: names and roles.
    pub world: &'a World<Kafka>,
    /// The trace with what is known of the future.
    pub trace: &'a Trace<Kafka>,
    /// Its index.
    pub index: &'a Index,
    /// Time zero of the run; the diagram's times count from it.
    pub zero_us: u64,
    /// The furthest moment known.
    pub known_us: u64,
    /// The selected message.
    pub message: Option<u64>,
    /// Which kinds are shown.
    pub shows: &'a dyn Fn(TokenKind, bool) -> bool,
    /// Where the run parts from the one it is compared with.
    pub parting_us: Option<u64>,
}

impl Chart<'_> {
    /// The part that is asked for. Times in the query and in the answer count from time zero.
    #[must_use]
    pub fn view(&self, query: &DiagramQuery) -> DiagramView {
        let known = self.known_us.saturating_sub(self.zero_us);
        let (from, to) = query.range_us.unwrap_or((0, known));
        let to = to.max(from + 1);
        let (axis, folds) = self.axis(query, from, to);
        let order = self.lanes();
        let lane_height = query.lane_height as f32;
        let y_of = |lane: usize| lane as f32 * lane_height + lane_height / 2.0 + 8.0;
        let names = Names::of(self.world);
        let lanes = order.iter().enumerate().map(|(lane, seat)| Lane {
            node: names.seat(*seat),
            title: title(role_of(self.world, *seat), self.world.name(*seat)),
            y: y_of(lane),
        });
        let mut view = DiagramView {
            from_us: from,
            to_us: to,
            height: order.len() as f32 * lane_height + 34.0,
            lanes: lanes.collect(),
            ticks: ticks(&axis, query.width as f32),
            folds,
            cursor_x: x_of(&axis, self.world.now().0.saturating_sub(self.zero_us)),
            parting_x: self
                .parting_us
                .map(|at| at.saturating_sub(self.zero_us))
                .filter(|at| (from..=to).contains(at))
                .map(|at| x_of(&axis, at)),
            axis,
            ..DiagramView::default()
        };
        self.bands(&order, &mut view);
        self.packets(&order, &y_of, &mut view);
        view
    }

    fn lanes(&self) -> Vec<SeatId> {
        let place = |seat: &SeatId| match role_of(self.world, *seat) {
            Role::Producer => 0,
            Role::Broker => 1,
            Role::Consumer => 2,
            Role::Controller => 3,
            Role::Observer => 4,
        };
        let mut seats: Vec<SeatId> = self.world.seats().filter(|seat| place(seat) < 4).collect();
        seats.sort_by_key(|seat| (place(seat), *seat));
        seats
    }

    /// Pixels and times at which the slope changes, and where a gap is folded.
    fn axis(&self, query: &DiagramQuery, from: u64, to: u64) -> (Vec<(f32, u64)>, Vec<f32>) {
        let width = query.width as f32;
        let plain = (vec![(0.0, from), (width, to)], Vec::new());
        if !query.folded {
            return plain;
        }
        let (zero, mut last) = (self.zero_us, None);
        let mut stretches = Vec::new();
        for beat in self.index.beats_in(zero + from, zero + to) {
            if let Some(last) = last.replace(*beat) {
                stretches.push(Stretch::between(last, *beat));
            }
        }
        // Holding still takes room on the screen, but none on an axis of time.
        let length = |stretch: &Stretch| (stretch.screen() - stretch.hold()) as f64;
        let total: f64 = stretches.iter().map(length).sum();
        let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else {
            return plain;
        };
        if total < 1.0 || stretches.len() > MOST_STRETCHES {
            return plain;
        }
        // What lies before the first and after the last beat is a fold of its own.
        let edge = (width * 0.02).min(16.0);
        let scale = f64::from(width - 2.0 * edge) / total;
        let (mut axis, mut folds) = (vec![(0.0, from), (edge, first.begin_us - zero)], Vec::new());
        let mut x = f64::from(edge);
        for stretch in &stretches {
            let begin = x;
            if let Some((fold_from, _)) = stretch.fold() {
                let moved = (stretch.screen_at(fold_from).saturating_sub(stretch.hold())) as f64;
                axis.push(((x + moved * scale) as f32, fold_from.max(zero) - zero));
                folds.push(((x + moved * scale + begin + length(stretch) * scale) / 2.0) as f32);
            }
            x = begin + length(stretch) * scale;
            axis.push((x as f32, stretch.end_us - zero));
        }
        axis.push((width, to.max(last.end_us - zero)));
        (axis, folds)
    }

    fn bands(&self, order: &[SeatId], view: &mut DiagramView) {
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

    fn packets(&self, order: &[SeatId], y_of: &dyn Fn(usize) -> f32, view: &mut DiagramView) {
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

/// The pixel of a moment.
fn x_of(axis: &[(f32, u64)], at: u64) -> f32 {
    let after = axis.partition_point(|(_, time)| *time <= at);
    match (
        after.checked_sub(1).and_then(|before| axis.get(before)),
        axis.get(after),
    ) {
        (Some((x0, t0)), Some((x1, t1))) => {
            x0 + (x1 - x0) * ((at - t0) as f64 / (t1 - t0) as f64) as f32
        }
        (Some((x, _)), None) | (None, Some((x, _))) => *x,
        (None, None) => 0.0,
    }
}

/// Labels where there is room: at round times on an even axis, at its corners on a folded one.
fn ticks(axis: &[(f32, u64)], width: f32) -> Vec<Tick> {
    let (Some(first), Some(last)) = (axis.first(), axis.last()) else {
        return Vec::new();
    };
    let label = |at: u64, step: u64| {
        let places = match step {
            1_000_000.. => 0,
            100_000.. => 1,
            10_000.. => 2,
            1_000.. => 3,
            100.. => 4,
            _ => 6,
        };
        let fraction = format!("{:06}", at % 1_000_000);
        match &fraction[..places] {
            "" => format!("{} s", at / 1_000_000),
            fraction => format!("{}.{fraction} s", at / 1_000_000),
        }
    };
    let mut ticks = Vec::new();
    if axis.len() == 2 {
        let wanted = ((last.1 - first.1) as f64 / f64::from(width / TICK_ROOM).max(1.0)) as u64;
        let mut step = 1;
        for factor in [2, 5, 10].into_iter().cycle() {
            if step >= wanted.max(1) {
                break;
            }
            let power = 10u64.pow(step.ilog10());
            step = power * factor;
        }
        let mut at = first.1.next_multiple_of(step);
        while at <= last.1 {
            ticks.push(Tick {
                x: x_of(axis, at),
                label: label(at, step),
            });
            at += step;
        }
        return ticks;
    }
    let mut free = 0.0;
    for (x, at) in axis {
        if *x >= free && *x + TICK_ROOM * 0.6 <= width {
            ticks.push(Tick {
                x: *x,
                label: label(*at, 1_000),
            });
            free = x + TICK_ROOM;
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_can_be_read_both_ways() {
        let axis = vec![
            (0.0, 0),
            (100.0, 1_000),
            (120.0, 9_000_000),
            (300.0, 9_002_000),
        ];
        let view = DiagramView {
            axis: axis.clone(),
            ..DiagramView::default()
        };
        for at in [0, 500, 1_000, 5_000_000, 9_000_000, 9_001_234, 9_002_000] {
            let there = view.time_at(x_of(&axis, at));
            assert!(
                there.abs_diff(at) <= 2 + at / 1_000_000,
                "{at} became {there}"
            );
        }
        assert_eq!(view.time_at(-5.0), 0);
        assert_eq!(view.time_at(400.0), 9_002_000);
    }

    #[test]
    fn ticks_stand_at_round_times_apart_from_each_other() {
        let ticks = ticks(&[(0.0, 1_190_000), (744.0, 1_350_000)], 744.0);
        assert_eq!(
            ticks
                .iter()
                .map(|tick| tick.label.as_str())
                .collect::<Vec<_>>()[..2],
            ["1.20 s", "1.22 s"]
        );
        assert!(ticks.windows(2).all(|pair| pair[1].x - pair[0].x > 60.0));
    }
}
