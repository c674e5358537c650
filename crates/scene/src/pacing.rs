//! Paced time: how long each stretch between two interesting moments takes on the screen.

/// A moment at which something interesting happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// When, in microseconds of virtual time.
    pub at_us: u64,
    /// Messages are on their way until then.
    pub moving_until_us: u64,
    /// A turning point: a fault, an election, a loss.
    pub turn: bool,
    /// How many beats of routine lie behind; a turning point takes most of it away. What comes again and
    /// again has been understood, and passes faster.
    pub routine: u32,
}

/// Wall microseconds for a microsecond in which messages move: a hop of 0.4 ms takes 0.56 s.
const MOVING_FACTOR: u64 = 1_400;
/// The most that an unbroken stretch of movement takes.
const MOVING_MAX_US: u64 = 700_000;
/// Wall microseconds for a microsecond in which nothing moves but chatter.
const IDLE_FACTOR: u64 = 150;
/// The most that an idle gap takes that is not folded.
const IDLE_MAX_US: u64 = 150_000;
/// An idle gap longer than this is folded, and marked as such.
pub const FOLD_US: u64 = 10_000;
/// A gap longer than this takes its whole time on the screen, however often it comes.
const LONG_US: u64 = 1_000_000;
/// What a folded gap takes.
const FOLDED_US: u64 = 400_000;
/// How long the picture stands after a turning point.
const HOLD_US: u64 = 600_000;
/// So many beats have their whole time.
const FRESH: u64 = 4;
/// After this many more everything takes half the time, after twice as many a third.
const ROUTINE: u64 = 8;
/// Routine never passes faster than this many times.
const ROUTINE_MOST: u64 = 8;

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
        let (moved, idled) = (
            moving_end_us - a.at_us,
            b.at_us.max(a.at_us) - moving_end_us,
        );
        let quick = |us: u64| {
            us * ROUTINE
                / (ROUTINE + u64::from(a.routine).saturating_sub(FRESH)).min(ROUTINE * ROUTINE_MOST)
        };
        let idle = match idled {
            0..=FOLD_US => quick(idled.saturating_mul(IDLE_FACTOR).min(IDLE_MAX_US)),
            // A pause between two messages is routine, a long time in which nothing happens is a statement.
            _ if idled <= LONG_US => quick(FOLDED_US),
            _ => FOLDED_US,
        };
        Stretch {
            begin_us: a.at_us,
            end_us: b.at_us.max(a.at_us),
            moving_end_us,
            hold: if a.turn { HOLD_US } else { 0 },
            moving: quick(moved.saturating_mul(MOVING_FACTOR).min(MOVING_MAX_US)),
            idle,
        }
    }

    /// Its length on the screen in wall microseconds at ordinary speed.
    #[must_use]
    pub fn screen(&self) -> u64 {
        self.hold + self.moving + self.idle
    }

    /// How long the picture stands at its begin before time goes on.
    #[must_use]
    pub fn hold(&self) -> u64 {
        self.hold
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
        self.moving_end_us
            + scale(
                (screen - self.moving).min(self.idle),
                self.end_us - self.moving_end_us,
                self.idle,
            )
    }

    /// The place on the screen of a moment: where it is reached first, behind the hold.
    #[must_use]
    pub fn screen_at(&self, at_us: u64) -> u64 {
        if at_us <= self.begin_us {
            return 0;
        }
        if at_us <= self.moving_end_us {
            return self.hold
                + scale(
                    at_us - self.begin_us,
                    self.moving,
                    self.moving_end_us - self.begin_us,
                );
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

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(at_us: u64, moving_until_us: u64, weight: u8) -> Beat {
        Beat {
            at_us,
            moving_until_us,
            turn: weight >= 3,
            routine: 0,
        }
    }

    #[test]
    fn a_hop_can_be_watched_and_a_gap_is_folded() {
        let hop = Stretch::between(beat(1_000, 1_400, 2), beat(1_400, 1_400, 2));
        assert!(
            (500_000..=700_000).contains(&hop.screen()),
            "{}",
            hop.screen()
        );
        assert_eq!(hop.fold(), None);
        let gap = Stretch::between(beat(1_400, 1_400, 2), beat(9_001_400, 9_001_400, 2));
        assert_eq!(gap.screen(), FOLDED_US);
        assert_eq!(gap.fold(), Some((1_400, 9_001_400)));
    }

    #[test]
    fn a_turning_point_stands_before_time_goes_on() {
        let stretch = Stretch::between(beat(1_000, 1_000, 3), beat(1_400, 1_400, 2));
        assert_eq!(stretch.time_at(HOLD_US / 2), 1_000);
        assert!(stretch.time_at(HOLD_US + 60_000) > 1_000);
    }

    #[test]
    fn routine_passes_faster_and_never_in_no_time() {
        let mut last = u64::MAX;
        for routine in [0, 8, 16, 64, 1_000_000] {
            let a = Beat {
                routine,
                ..beat(1_000, 1_400, 2)
            };
            let screen = Stretch::between(a, beat(1_400, 1_400, 2)).screen();
            assert!(
                screen <= last && screen >= 560_000 / ROUTINE_MOST,
                "{routine}: {screen}"
            );
            last = screen;
        }
    }

    #[test]
    fn paced_time_is_monotone_and_reversible() {
        let moments = [
            (0, 300, 2),
            (250, 900, 1),
            (300, 900, 3),
            (900, 900, 2),
            (50_000, 50_000, 3),
            (50_010, 50_400, 2),
            (51_000, 51_000, 1),
        ];
        for pair in moments.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let stretch = Stretch::between(beat(a.0, a.1, a.2), beat(b.0, b.1, b.2));
            let mut last = stretch.begin_us;
            for step in 0..=1_000 {
                let screen = stretch.screen() * step / 1_000;
                let at = stretch.time_at(screen);
                assert!(
                    at >= last && at <= stretch.end_us,
                    "{stretch:?} at {screen}"
                );
                last = at;
            }
            assert_eq!(
                stretch.time_at(stretch.screen()),
                stretch.end_us,
                "{stretch:?}"
            );
            for at in a.0..=b.0.min(a.0 + 2_000) {
                let there = stretch.time_at(stretch.screen_at(at));
                assert!(
                    there.abs_diff(at) <= 1 + (b.0 - a.0) / 1_000,
                    "{stretch:?}: {at} became {there}"
                );
            }
        }
    }
}
