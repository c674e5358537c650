//! Virtual time in whole microseconds.

use borsh::BorshSerialize;
use std::ops::{Add, Sub};

/// A moment of virtual time: microseconds since the world was founded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Time(pub u64);

/// A length of virtual time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Span(pub u64);

impl Time {
    /// A time later than any that a run reaches.
    pub const NEVER: Time = Time(u64::MAX);

    /// How long `earlier` lies back; zero when it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// Whole milliseconds; a negative number counts as zero.
    #[must_use]
    pub fn ms(ms: i64) -> Span {
        Span(u64::try_from(ms).unwrap_or(0).saturating_mul(1000))
    }

    /// Whole seconds.
    #[must_use]
    pub const fn secs(secs: u64) -> Span {
        Span(secs * 1_000_000)
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Time {
    type Output = Time;
    fn sub(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}
