//! How Kafka is shown: nodes with their roles, logs as strips of cells, watermarks, links.

mod nodes;
mod strips;
mod timers;
mod tokens;

pub use nodes::{layout_request, role_of, state_of, title};
pub use timers::{Running, running, timer_label};
pub use tokens::kind_of;

use crate::account::Account;
use crate::drawable::{Drawable, Frame, Link, TokenKind};
use crate::layout::Layout;
use crate::names::Names;
use ackscope_kafka::broker::Replica;
use ackscope_kafka::metadata::Image;
use ackscope_kafka::records::OFFSETS_TOPIC;
use ackscope_kafka::{Kafka, KafkaProcess, Tp};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{SeatId, Trace, World};

/// All that a picture is made of.
pub struct Scene<'a> {
    /// The world at the cursor.
    pub world: &'a World<Kafka>,
    /// The trace up to there.
    pub trace: &'a Trace<Kafka>,
    /// What became of the messages.
    pub account: &'a dyn Account,
    /// Where the nodes stand.
    pub layout: &'a Layout,
    /// Time zero of the run; times in the picture count from it.
    pub zero_us: u64,
    /// The selected message, as [`crate::drawable::message_id`].
    pub message: Option<u64>,
    /// The selected node.
    pub node: Option<u32>,
    /// Which kinds of token are shown; the second argument says that it is periodic chatter.
    pub shows: &'a dyn Fn(TokenKind, bool) -> bool,
    /// Tokens too near to each other become one.
    pub bundle: bool,
}

impl<'a> Scene<'a> {
    /// The whole picture.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let mut drawables = Vec::new();
        self.links(&mut drawables);
        self.nodes(&mut drawables);
        self.strips(&mut drawables);
        drawables.extend(self.moving());
        Frame {
            at_us: self.since_zero(self.world.now().0),
            width: self.layout.width,
            height: self.layout.height,
            drawables,
        }
    }

    /// Only what moves between two events: tokens and timers.
    #[must_use]
    pub fn moving(&self) -> Vec<Drawable> {
        let mut drawables = Vec::new();
        self.timers(&mut drawables);
        self.tokens(&mut drawables);
        drawables
    }

    fn since_zero(&self, at: u64) -> u64 {
        at.saturating_sub(self.zero_us)
    }

    fn names(&self) -> Names<'a> {
        Names::of(self.world)
    }

    /// Links that exist: where a connection stands, or something is wrong with the way.
    fn links(&self, out: &mut Vec<Drawable>) {
        let mut loads: SortedMap<(SeatId, SeatId), u32> = SortedMap::new();
        let pair = |a: SeatId, b: SeatId| if a < b { (a, b) } else { (b, a) };
        for (a, b) in self.world.connections() {
            loads.entry(pair(a, b)).or_default();
        }
        for flight in self.world.flights() {
            *loads.entry(pair(flight.from, flight.to)).or_default() += 1;
        }
        let mut wrong = SortedMap::new();
        for ((from, to), link) in self.world.links() {
            wrong.insert((from, to), link);
            let seat_on = |host| {
                self.world
                    .seats()
                    .find(|seat| self.world.host(*seat) == host)
            };
            if let (Some(a), Some(b)) = (seat_on(from), seat_on(to)) {
                loads.entry(pair(a, b)).or_default();
            }
        }
        for ((a, b), load) in loads {
            let Some(curve) = self.layout.way(seat(a), seat(b)) else {
                continue;
            };
            let at = |x: SeatId, y: SeatId| wrong.get(&(self.world.host(x), self.world.host(y)));
            let (there, back) = (at(a, b), at(b, a));
            let slow = |link: &&ackscope_kernel::world::Link| link.slow.0 > 0 || link.loss_ppm > 0;
            out.push(Drawable::Link(Link {
                key: format!("{}>{}", self.world.name(a), self.world.name(b)),
                from: seat(a),
                to: seat(b),
                curve,
                cut_there: there.is_some_and(|link| link.cut),
                cut_back: back.is_some_and(|link| link.cut),
                slow: there.filter(slow).or_else(|| back.filter(slow)).is_some(),
                load,
            }));
        }
    }
}

/// A seat's number as the picture has it.
fn seat(id: SeatId) -> u32 {
    u32::from(id.0)
}

/// The partitions that the picture shows, in order: all but those of Kafka's own topics.
pub fn shown_partitions(world: &World<Kafka>) -> Vec<Tp> {
    let mut tps = Vec::new();
    for (topic, def) in (0..).zip(&world.settings().topics) {
        if topic != OFFSETS_TOPIC {
            tps.extend(
                (0..)
                    .zip(&def.assignment)
                    .map(|(partition, _)| Tp { topic, partition }),
            );
        }
    }
    tps
}

/// The partitions of which a seat keeps a replica: as assigned, or by what lies on its disk.
#[must_use]
pub fn partitions_on(world: &World<Kafka>, broker: SeatId) -> Vec<Tp> {
    let settings = world.settings();
    shown_partitions(world)
        .into_iter()
        .filter(|tp| {
            let def = settings.topics.get(usize::from(tp.topic));
            def.and_then(|def| def.assignment.get(usize::from(tp.partition)))
                .is_some_and(|replicas| replicas.contains(&broker))
        })
        .collect()
}

/// The metadata as the controller has it, while it runs.
#[must_use]
pub fn controller_image(world: &World<Kafka>) -> Option<&Image> {
    match world
        .process(world.settings().controller_seat())
        .map(|process| &**process)
    {
        Some(KafkaProcess::Controller(controller)) => Some(controller.image()),
        _ => None,
    }
}

/// A replica in the memory of a running broker.
#[must_use]
pub fn replica(world: &World<Kafka>, broker: SeatId, tp: Tp) -> Option<&Replica> {
    match world.process(broker).map(|process| &**process) {
        Some(KafkaProcess::Broker(broker)) => broker.replica(tp),
        _ => None,
    }
}

/// The broker that leads a partition by the controller's decision, and its epoch.
#[must_use]
pub fn leader(world: &World<Kafka>, tp: Tp) -> (Option<SeatId>, Option<i32>) {
    match controller_image(world).and_then(|image| image.partitions.get(&tp)) {
        Some(state) => (state.leader, Some(state.leader_epoch)),
        None => (None, None),
    }
}
