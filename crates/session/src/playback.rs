//! From wall time to virtual time.
//!
//! *Real* time is virtual time times the speed. *Paced* time gives each beat its moment: what moves is
//! slowed down until a hop of a fraction of a millisecond can be watched, what is idle is folded.
//! Everything is integer arithmetic, so that the same deltas give the same picture everywhere.

use crate::command::Pace;
use crate::run::{Beat, Foresight, Run};

/// The longest wall time that one tick counts; a hidden tab makes no leap.
pub const LONGEST_TICK_US: u64 = 100_000;
/// Model events that one tick may cost: a few milliseconds.
pub const EVENTS_PER_TICK: u64 = 4_000;
/// Events of a run after which it stops by itself.
pub const EVENT_BUDGET: u64 = 5_000_000;
/// Above this speed in thousandths single tokens are not drawn.
pub const BUNDLE_ABOVE: u32 = 4_000;
/// Speeds that keys and buttons step through, in thousandths.
pub const SPEEDS: &[u32] =
    &[1, 5, 10, 50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000];

/// Wall microseconds for a microsecond in which messages move: a hop of 0.4 ms takes 0.6 s.
const MOVING_FACTOR: u64 = 1_500;
/// The most that an unbroken stretch of movement takes.
const MOVING_MAX_US: u64 = 700_000;
/// Wall microseconds for a microsecond in which only chatter moves.
const IDLE_FACTOR: u64 = 300;
/// The most that an idle gap takes.
const IDLE_MAX_US: u64 = 400_000;
/// An idle gap longer than this is marked as folded.
pub const FOLD_US: u64 = 5_000;
/// How long the picture stands after a turning point.
const HOLD_US: u64 = 600_000;

/// The way from one beat to the next, in both times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The beat at which it begins.
    pub begin_us: u64,
    /// The beat at which it ends.
    pub end_us: u64,
    /// Until then messages move.
    moving_end_us: u64,
    hold: u64,
    moving: u64,
    idle: u64,
}

impl Stretch {
    /// The stretch between two beats that follow each other.
    #[must_use]
    pub fn between(a: Beat, b: Beat) -> Self {
        let moving_end_us = a.moving_until_us.clamp(a.at_us, b.at_us.max(a.at_us));
        let (moved, idled) = (moving_end_us - a.at_us, b.at_us.max(a.at_us) - moving_end_us);
        Stretch {
            begin_us: a.at_us,
            end_us: b.at_us.max(a.at_us),
            moving_end_us,
            hold: if a.weight >= 3 { HOLD_US } else { 0 },
            moving: moved.saturating_mul(MOVING_FACTOR).min(MOVING_MAX_US),
            idle: idled.saturating_mul(IDLE_FACTOR).min(IDLE_MAX_US),
        }
    }

    /// Its length on the screen in wall microseconds at ordinary speed.
    #[must_use]
    pub fn screen(&self) -> u64 {
        self.hold + self.moving + self.idle
    }

    /// The idle part, when it is long enough to be marked as folded.
    #[must_use]
    pub fn fold(&self) -> Option<(u64, u64)> {
        (self.end_us - self.moving_end_us > FOLD_US).then_some((self.moving_end_us, self.end_us))
    }

    /// Virtual time at a place on the screen, counted from the stretch's begin.
    #[must_use]
    pub fn time_at(&self, screen: u64) -> u64 {
        let screen = screen.saturating_sub(self.hold);
        if screen < self.moving {
            return self.begin_us + scale(screen, self.moving_end_us - self.begin_us, self.moving);
        }
        self.moving_end_us + scale((screen - self.moving).min(self.idle), self.end_us - self.moving_end_us, self.idle)
    }

    /// The place on the screen of a moment: where it is reached first, behind the hold.
    #[must_use]
    pub fn screen_at(&self, at_us: u64) -> u64 {
        if at_us <= self.begin_us {
            return 0;
        }
        if at_us <= self.moving_end_us {
            return self.hold + scale(at_us - self.begin_us, self.moving, self.moving_end_us - self.begin_us);
        }
        let at = at_us.min(self.end_us) - self.moving_end_us;
        self.hold + self.moving + scale(at, self.idle, self.end_us - self.moving_end_us)
    }
}

/// `part * to / from`, without overflow.
fn scale(part: u64, to: u64, from: u64) -> u64 {
    if from == 0 {
        return to;
    }
    u64::try_from(u128::from(part) * u128::from(to) / u128::from(from)).unwrap_or(u64::MAX)
}

/// Whether and how time runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playback {
    /// Time runs.
    pub playing: bool,
    /// Paced or real.
    pub pace: Pace,
    /// In thousandths.
    pub speed_permille: u32,
    /// Tokens step from end to end: paced time then jumps from beat to beat.
    pub reduced_motion: bool,
    /// Where it stops by itself; a later `play` goes on without an end.
    pub stop_us: Option<u64>,
    /// The last tick could not do all that was asked for.
    pub slow: bool,
    /// Screen time since the last beat (paced).
    progress: u64,
    /// The moment for which `progress` holds; a seek makes it void.
    progress_at: u64,
    /// Thousandths of a virtual microsecond left over (real).
    rest: u64,
}

impl Default for Playback {
    fn default() -> Self {
        Playback {
            playing: false,
            pace: Pace::Paced,
            speed_permille: 1_000,
            reduced_motion: false,
            stop_us: None,
            slow: false,
            progress: 0,
            progress_at: u64::MAX,
            rest: 0,
        }
    }
}

impl Playback {
    /// Lets `wall_us` of wall time pass. Returns whether virtual time moved.
    pub fn tick(&mut self, wall_us: u64, run: &mut dyn Run) -> bool {
        self.slow = false;
        if !self.playing {
            return false;
        }
        let wall = wall_us.min(LONGEST_TICK_US);
        let before = run.now_us();
        let stop = self.stop_us.filter(|stop| *stop > before);
        match self.pace {
            Pace::Real => self.real(wall, stop, run),
            Pace::Paced => self.paced(wall, stop, run),
        }
        if stop.is_some_and(|stop| run.now_us() >= stop) {
            self.playing = false;
            self.stop_us = None;
        }
        if run.events() >= EVENT_BUDGET {
            self.playing = false;
        }
        run.now_us() != before
    }

    fn real(&mut self, wall: u64, stop: Option<u64>, run: &mut dyn Run) {
        let thousandths = wall * u64::from(self.speed_permille) + self.rest;
        self.rest = thousandths % 1_000;
        let mut to = run.now_us().saturating_add(thousandths / 1_000);
        if let Some(stop) = stop {
            to = to.min(stop);
        }
        self.slow = !run.advance(to, EVENTS_PER_TICK);
    }

    fn paced(&mut self, wall: u64, stop: Option<u64>, run: &mut dyn Run) {
        let mut left = wall * u64::from(self.speed_permille) / 1_000;
        // Each round passes one beat. A tick that would pass very many goes on in the next one.
        for _ in 0..400 {
            let now = run.now_us();
            let Some(stretch) = self.stretch(now, stop, run) else { return };
            if self.progress_at != now {
                self.progress = stretch.screen_at(now);
            }
            let rest = stretch.screen().saturating_sub(self.progress);
            if left < rest {
                self.progress += left;
                let at = stretch.time_at(self.progress);
                if !self.reduced_motion {
                    self.slow = !run.advance(at, EVENTS_PER_TICK);
                }
                self.progress_at = run.now_us();
                return;
            }
            left -= rest;
            self.progress = 0;
            self.slow = !run.advance(stretch.end_us, EVENTS_PER_TICK);
            self.progress_at = run.now_us();
            if self.slow || stop.is_some_and(|stop| run.now_us() >= stop) {
                return;
            }
        }
    }

    /// The stretch in which `now` lies. None: nothing is known to come (then playing ends), or it must
    /// be looked for further in the next tick.
    fn stretch(&mut self, now: u64, stop: Option<u64>, run: &mut dyn Run) -> Option<Stretch> {
        let a = run.beat_before(now + 1).unwrap_or(Beat { at_us: now, moving_until_us: now, weight: 1 });
        let known = run.beat_after(now);
        let b = match known.map_or_else(|| run.foresee(now, EVENTS_PER_TICK), |_| Foresight::Known) {
            Foresight::Known => known.or_else(|| run.beat_after(now))?,
            Foresight::Searching => {
                self.slow = true;
                return None;
            }
            Foresight::Nothing => {
                let Some(stop) = stop else {
                    self.playing = false;
                    return None;
                };
                Beat { at_us: stop, moving_until_us: stop, weight: 1 }
            }
        };
        let b = match stop {
            Some(stop) if stop < b.at_us => Beat { at_us: stop, ..b },
            _ => b,
        };
        Some(Stretch::between(a, b))
    }

    /// The idle gap that is being folded at this moment.
    #[must_use]
    pub fn fold(&self, run: &dyn Run) -> Option<(u64, u64)> {
        if self.pace == Pace::Real {
            return None;
        }
        let now = run.now_us();
        let (a, b) = (run.beat_before(now + 1)?, run.beat_after(now)?);
        Stretch::between(a, b).fold().filter(|(from, to)| *from <= now && now < *to)
    }
}
