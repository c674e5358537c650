//! From wall time to virtual time.
//!
//! *Real* time is virtual time times the speed. *Paced* time gives each beat its moment: what moves is
//! slowed down until a hop of a fraction of a millisecond can be watched, what is idle is folded.
//! Everything is integer arithmetic, so that the same deltas give the same picture everywhere.

use crate::command::Pace;
use crate::run::{Foresight, Run};
use ackscope_scene::pacing::{Beat, Stretch};

/// The longest wall time that one tick counts; a hidden tab makes no leap.
pub const LONGEST_TICK_US: u64 = 100_000;
/// Model events that one tick may cost: a few milliseconds.
pub const EVENTS_PER_TICK: u64 = 4_000;
/// Events of a run after which it stops by itself.
pub const EVENT_BUDGET: u64 = 5_000_000;
/// Above this speed in thousandths single tokens are not drawn.
pub const BUNDLE_ABOVE: u32 = 4_000;
/// Speeds that keys and buttons step through, in thousandths.
pub const SPEEDS: &[u32] = &[
    1, 5, 10, 50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000,
];

/// A moment at which nothing happens.
fn still(at_us: u64) -> Beat {
    Beat {
        at_us,
        moving_until_us: at_us,
        turn: false,
        routine: 0,
    }
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
    /// How much faster than usual paced time passes, in thousandths, so that a long story is told in time.
    pub tempo_permille: u32,
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
            tempo_permille: 1_000,
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

    /// Chooses the tempo so that the last turning point before `end_us` comes within `within_us` of
    /// wall time; never slower than usual, and never more than three times as fast.
    pub fn tell_within(&mut self, within_us: u64, end_us: u64, run: &dyn Run) {
        let (mut at, mut total, mut turn) = (0, 0, 0);
        while let Some(next) = run.beat_after(at).filter(|next| next.at_us <= end_us) {
            let here = run.beat_before(at + 1).unwrap_or(still(at));
            total += Stretch::between(here, next).screen();
            if next.turn {
                turn = total;
            }
            at = next.at_us;
        }
        let wanted = turn.saturating_mul(1_000) / within_us.max(1);
        self.tempo_permille = u32::try_from(wanted)
            .unwrap_or(u32::MAX)
            .clamp(1_000, 3_000);
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
        let mut left =
            wall * u64::from(self.speed_permille) * u64::from(self.tempo_permille) / 1_000_000;
        // Each round passes one beat. A tick that would pass very many goes on in the next one.
        for _ in 0..400 {
            let now = run.now_us();
            let Some(stretch) = self.stretch(now, stop, run) else {
                return;
            };
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
        let a = run.beat_before(now + 1).unwrap_or(still(now));
        let known = run.beat_after(now);
        let b = match known.map_or_else(|| run.foresee(now, EVENTS_PER_TICK), |_| Foresight::Known)
        {
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
                still(stop)
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
        Stretch::between(a, b)
            .fold()
            .filter(|(from, to)| *from <= now && now < *to)
    }
}
