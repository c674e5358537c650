//! The space-time diagram: a lane for each node, packets as slanted arrows, times of failure as bands.
//! It is the scrubber as well, so its axis says which moment lies at a pixel.

mod axis;
mod rows;

use crate::drawable::{Role, TokenKind, Tone};
use crate::index::Index;
use crate::kafka::{role_of, title};
use crate::names::Names;
use crate::phrase::Phrase;
use ackscope_kafka::Kafka;
use ackscope_kernel::{SeatId, Trace, World};
use axis::{ticks, x_of};

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
}
