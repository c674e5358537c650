//! Timers that a reader waits for, as arcs that run down.

use super::{Scene, seat};
use crate::drawable::{Drawable, Role, TimerArc};
use crate::geometry::Point;
use crate::phrase::Phrase;
use ackscope_kafka::{Kafka, KafkaProcess, Timer};
use ackscope_kernel::{SeatId, Span, Time, World};
use std::collections::BTreeMap;

/// A timer with its whole length.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// Whose node shows it.
    pub seat: SeatId,
    /// Its key within the node.
    pub key: String,
    /// What for.
    pub label: Phrase,
    /// When it is due.
    pub due: Time,
    /// How long it runs when it is armed anew, where that is known.
    pub whole: Option<Span>,
    /// Periodic chatter.
    pub background: bool,
}

/// All timers of a world that have a meaning for a reader.
#[must_use]
pub fn running(world: &World<Kafka>) -> Vec<Running> {
    let settings = world.settings();
    let mut all = Vec::new();
    // How long the controller still trusts a broker of which it hears nothing.
    let session = Span::ms(settings.controller.broker_session_timeout_ms);
    if let Some(KafkaProcess::Controller(controller)) = world.process(settings.controller_seat()).map(|p| &**p) {
        for broker in settings.broker_seats() {
            let active = controller.image().active(broker);
            if let Some(due) = controller.session_end(broker, session).filter(|due| active && *due > world.now()) {
                all.push(Running {
                    seat: broker,
                    key: "session".to_owned(),
                    label: Phrase::new("timer-session").with("node", world.name(broker)),
                    due,
                    whole: Some(session),
                    background: false,
                });
            }
        }
    }
    for (owner, timer, due) in world.timers() {
        let (label, whole, background) = known(world, owner, timer);
        all.push(Running { seat: owner, key: format!("{timer:?}"), label: Phrase::new(label), due, whole, background });
    }
    all
}

/// What a timer is for, and its whole length where a setting says it.
fn known(world: &World<Kafka>, owner: SeatId, timer: Timer) -> (&'static str, Option<Span>, bool) {
    let settings = world.settings();
    let broker = settings.brokers.get(&owner);
    let consumer = settings.consumers.get(&owner);
    match timer {
        Timer::SessionScan => ("timer-session-scan", None, true),
        Timer::Balance => ("timer-balance", None, true),
        Timer::UncleanScan => ("timer-unclean-scan", None, true),
        Timer::MetadataPark(_) => ("timer-metadata-park", None, true),
        Timer::Register => ("timer-register", None, false),
        Timer::Heartbeat => {
            ("timer-heartbeat", broker.map(|p| Span::ms(p.broker_heartbeat_interval_ms)), true)
        }
        Timer::ControllerLink => ("timer-controller-link", None, true),
        Timer::LagCheck => ("timer-lag-check", None, true),
        Timer::Checkpoint => ("timer-checkpoint", None, true),
        Timer::Retention => ("timer-retention", None, true),
        Timer::Fetcher(_) => ("timer-fetcher", None, true),
        Timer::FetchPark(_) => ("timer-fetch-park", None, true),
        Timer::ProducePark(_) => {
            let longest = settings.producers.values().map(|p| p.request_timeout_ms).max();
            ("timer-produce-park", longest.map(Span::ms), false)
        }
        Timer::AlterRetry(_) => ("timer-alter-retry", None, true),
        Timer::Exit => ("timer-exit", None, false),
        Timer::Rebalance(_) => ("timer-rebalance", None, false),
        Timer::MemberSession(..) => {
            let longest = settings.consumers.values().map(|p| p.session_timeout_ms).max();
            ("timer-member-session", longest.map(Span::ms), false)
        }
        Timer::CommitPark(_) => ("timer-commit-park", None, true),
        Timer::OffsetExpiry => ("timer-offset-expiry", None, true),
        Timer::Net => ("timer-net", None, true),
        Timer::Library => ("timer-library", None, true),
        Timer::MemberHeartbeat => {
            ("timer-member-heartbeat", consumer.map(|p| Span::ms(p.heartbeat_interval_ms)), true)
        }
        Timer::AutoCommit => ("timer-auto-commit", consumer.map(|p| Span::ms(p.auto_commit_interval_ms)), false),
        Timer::Application => ("timer-application", None, true),
        Timer::Processing => ("timer-processing", None, true),
        Timer::OrderDeadline => ("timer-order-deadline", None, true),
    }
}

impl Scene<'_> {
    /// The arcs: timers whose whole length is known and that are no chatter.
    pub(super) fn timers(&self, out: &mut Vec<Drawable>) {
        let now = self.world.now();
        let mut shown: BTreeMap<SeatId, u16> = BTreeMap::new();
        for timer in running(self.world) {
            let Some(whole) = timer.whole.filter(|whole| whole.0 > 0 && !timer.background) else { continue };
            let Some(placed) = self.layout.node(seat(timer.seat)) else { continue };
            let place = shown.entry(timer.seat).or_default();
            *place += 1;
            if *place > 3 {
                continue;
            }
            // On the lower edge of the box, where neither text nor cells are.
            let inset = if placed.role == Role::Broker { 16.0 } else { 14.0 };
            let x = placed.rect.right() - inset - f32::from(*place - 1) * 20.0;
            let left_us = timer.due.since(now).0;
            out.push(Drawable::Timer(TimerArc {
                key: format!("{}/{}", self.world.name(timer.seat), timer.key),
                seat: seat(timer.seat),
                center: Point::new(x, placed.rect.bottom()),
                radius: 7.0,
                left: ((left_us as f64 / whole.0 as f64) as f32).clamp(0.0, 1.0),
                left_us,
                label: timer.label,
            }));
        }
    }
}
