//! How times and lists are written.

use std::fmt;

/// Units of time, the largest first, in microseconds.
pub(crate) const UNITS: [(&str, u64); 6] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("min", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// A time in microseconds, written in the largest unit in which it is a whole number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(pub(crate) u64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = |(_, unit): &&(&str, u64)| self.0.is_multiple_of(*unit);
        match UNITS.iter().find(whole) {
            Some((name, unit)) if self.0 > 0 => write!(f, "{}{name}", self.0 / unit),
            _ => write!(f, "{}s", self.0),
        }
    }
}

/// Items with commas between them.
pub(crate) fn join<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_without_loss() {
        let written = |us| Clock(us).to_string();
        assert_eq!(written(0), "0s");
        assert_eq!(written(1), "1us");
        assert_eq!(written(1_500_000), "1500ms");
        assert_eq!(written(90_000_000), "90s");
        assert_eq!(written(120_000_000), "2min");
    }
}
