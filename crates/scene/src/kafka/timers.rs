//! Timers that a reader waits for, as arcs that run down.

use super::{Scene, seat};
use crate::drawable::{Drawable, Role, TimerArc};
use crate::geometry::Point;
use crate::phrase::Phrase;
use ackscope_kafka::{Kafka, KafkaProcess, Timer};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{SeatId, Span, Time, World};

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
    if let Some(KafkaProcess::Controller(controller)) =
        world.process(settings.controller_seat()).map(|p| &**p)
    {
        for broker in settings.broker_seats() {
            let active = controller.image().active(broker);
            if let Some(due) = controller
                .session_end(broker, session)
                .filter(|due| active && *due > world.now())
            {
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
        let (whole, background) = known(world, owner, timer);
        let (key, label) = (format!("{timer:?}"), Phrase::new(timer_label(timer)));
        all.push(Running {
            seat: owner,
            key,
            label,
            due,
            whole,
            background,
        });
    }
    all
}

/// The key of what a timer is for.
#[must_use]
pub fn timer_label(timer: Timer) -> &'static str {
    match timer {
        Timer::SessionScan => "timer-session-scan",
        Timer::Balance => "timer-balance",
        Timer::UncleanScan => "timer-unclean-scan",
        Timer::MetadataPark(_) => "timer-metadata-park",
        Timer::Register => "timer-register",
        Timer::Heartbeat => "timer-heartbeat",
        Timer::Publication => "timer-publication",
        Timer::Acceptors => "timer-acceptors",
        Timer::ControllerLink => "timer-controller-link",
        Timer::LagCheck => "timer-lag-check",
        Timer::Checkpoint => "timer-checkpoint",
        Timer::Retention => "timer-retention",
        Timer::Clean => "timer-clean",
        Timer::Fetcher(_) => "timer-fetcher",
        Timer::FetchPark(_) => "timer-fetch-park",
        Timer::ProducePark(_) => "timer-produce-park",
        Timer::AlterRetry(_) => "timer-alter-retry",
        Timer::Exit => "timer-exit",
        Timer::Rebalance(_) => "timer-rebalance",
        Timer::MemberSession(..) => "timer-member-session",
        Timer::CommitPark(_) => "timer-commit-park",
        Timer::CoordinatorFlush(_) => "timer-coordinator-flush",
        Timer::OffsetExpiry => "timer-offset-expiry",
        Timer::Net => "timer-net",
        Timer::Library => "timer-library",
        Timer::MemberHeartbeat => "timer-member-heartbeat",
        Timer::AutoCommit => "timer-auto-commit",
        Timer::Application => "timer-application",
        Timer::Processing => "timer-processing",
        Timer::OrderDeadline => "timer-order-deadline",
    }
}

/// The whole length of a timer where a setting says it, and whether it is chatter.
fn known(world: &World<Kafka>, owner: SeatId, timer: Timer) -> (Option<Span>, bool) {
    let settings = world.settings();
    let consumer = settings.consumers.get(&owner);
    match timer {
        Timer::Heartbeat => {
            let broker = settings.brokers.get(&owner);
            (
                broker.map(|p| Span::ms(p.broker_heartbeat_interval_ms)),
                true,
            )
        }
        Timer::ProducePark(_) => {
            let longest = settings
                .producers
                .values()
                .map(|p| p.request_timeout_ms)
                .max();
            (longest.map(Span::ms), false)
        }
        Timer::MemberSession(..) => {
            let longest = settings
                .consumers
                .values()
                .map(|p| p.session_timeout_ms)
                .max();
            (longest.map(Span::ms), false)
        }
        Timer::MemberHeartbeat => (consumer.map(|p| Span::ms(p.heartbeat_interval_ms)), true),
        Timer::AutoCommit => (consumer.map(|p| Span::ms(p.auto_commit_interval_ms)), false),
        Timer::Register | Timer::Exit | Timer::Rebalance(_) => (None, false),
        _ => (None, true),
    }
}

impl Scene<'_> {
    /// The arcs: timers whose whole length is known and that are no chatter.
    pub(super) fn timers(&self, out: &mut Vec<Drawable>) {
        let now = self.world.now();
        let mut shown: SortedMap<SeatId, u16> = SortedMap::new();
        for timer in running(self.world) {
            let Some(whole) = timer.whole.filter(|whole| whole.0 > 0 && !timer.background) else {
                continue;
            };
            let Some(placed) = self.layout.node(seat(timer.seat)) else {
                continue;
            };
            let place = shown.entry(timer.seat).or_default();
            *place += 1;
            if *place > 3 {
                continue;
            }
            // On the lower edge of the box, where neither text nor cells are.
            let inset = if placed.role == Role::Broker {
                16.0
            } else {
                14.0
            };
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
