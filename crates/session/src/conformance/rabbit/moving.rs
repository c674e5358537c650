//! Moving a world: acts, events, time, and the account that is kept meanwhile.

use ackscope_kernel::world::Physics;
use ackscope_kernel::{Act, Recorder, SeatId, Span, Status, Time, Trace, World};
use ackscope_rabbitmq::system::{Rabbit, Settings};

use super::collect::Collector;
use super::times::MOST_EVENTS;

/// A world that is being run.
pub(super) struct Moving {
    pub(super) world: World<Rabbit>,
    trace: Trace<Rabbit>,
    pub(super) collected: Collector,
    events: u64,
}

impl Moving {
    /// An empty world.
    pub(super) fn new(seed: u64, settings: Settings) -> Moving {
        let collected = Collector {
            step: -1,
            ..Collector::default()
        };
        Moving {
            world: World::new(seed, settings, Physics::default()),
            trace: Trace::default(),
            collected,
            events: 0,
        }
    }

    fn absorb(&mut self, from: u32) {
        for (id, entry) in self.trace.range(from, self.trace.len()) {
            self.collected.record(id, entry, &self.world);
        }
    }

    /// Acts on the world at the present moment.
    pub(super) fn act(&mut self, act: Act<Rabbit>) {
        let from = self.trace.len();
        self.world.apply(act, &mut self.trace);
        self.absorb(from);
    }

    pub(super) fn now(&self) -> Time {
        self.world.now()
    }

    /// The model ran in a circle.
    pub(super) fn exhausted(&self) -> bool {
        self.events >= MOST_EVENTS
    }

    /// Runs event by event until `done` or until `limit`; returns whether it was done.
    pub(super) fn until(&mut self, limit: Time, done: impl Fn(&Self) -> bool) -> bool {
        loop {
            if done(self) {
                return true;
            }
            match self.world.next_due() {
                Some(due) if due <= limit && !self.exhausted() => {
                    let from = self.trace.len();
                    self.world.step(&mut self.trace);
                    self.events += 1;
                    self.absorb(from);
                }
                _ => {
                    if !self.exhausted() {
                        self.world.advance_clock(limit.max(self.now()));
                    }
                    return false;
                }
            }
        }
    }

    /// Lets this much time pass.
    pub(super) fn pass(&mut self, span: Span) {
        let limit = self.now() + span;
        self.until(limit, |_| false);
    }

    /// The seat of a node or client; names were checked before the run.
    pub(super) fn seat(&self, name: &str) -> SeatId {
        self.world.seat_named(name).unwrap_or(SeatId(u16::MAX))
    }

    pub(super) fn running(&self, seat: SeatId) -> bool {
        self.world.status(seat).0 == Status::Running
    }

    pub(super) fn down(&self, seat: SeatId) -> bool {
        self.world.status(seat).0 == Status::Down
    }
}
