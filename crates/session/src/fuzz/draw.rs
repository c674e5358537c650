//! Draws of a random run. Each question has a topic of its own and a number within it, so that another
//! answer to one question does not change the others.

use ackscope_kernel::dice::{self, Purpose};

/// The questions of one topic, in order.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    seed: u64,
    topic: [u64; 2],
    asked: u64,
}

impl Dice {
    /// The questions of a topic; `number` tells several of a kind apart.
    pub(super) fn new(seed: u64, topic: u64, number: u64) -> Self {
        Dice {
            seed,
            topic: [topic, number],
            asked: 0,
        }
    }

    /// A number between two, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        let key = [self.topic[0], self.topic[1], self.asked];
        self.asked += 1;
        dice::within(dice::roll(self.seed, Purpose::Fuzz, &key), low, high)
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, share: u64) -> bool {
        self.between(1, 100) <= share
    }

    /// One of these, if there is any.
    pub(super) fn pick<T: Clone>(&mut self, among: &[T]) -> Option<T> {
        let last = u64::try_from(among.len()).ok()?.checked_sub(1)?;
        let at = usize::try_from(self.between(0, last)).ok()?;
        among.get(at).cloned()
    }

    /// One of these, each as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, among: &[(u64, T)], otherwise: T) -> T {
        let sum: u64 = among.iter().map(|(weight, _)| *weight).sum();
        let mut rest = self.between(1, sum.max(1));
        for (weight, item) in among {
            if rest <= *weight {
                return *item;
            }
            rest -= weight;
        }
        otherwise
    }

    /// A time between two in microseconds, small ones as often as large ones: the size is drawn first.
    pub(super) fn span_us(&mut self, low: u64, high: u64) -> u64 {
        let (mut top, mut steps) = (low.max(1), 0);
        while top < high {
            top = top.saturating_mul(2);
            steps += 1;
        }
        let step = self.between(0, steps);
        let from = low.max(1) << step.min(63);
        self.between(from.min(high), from.saturating_mul(2).min(high))
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn draws_stay_within_their_bounds_and_depend_on_the_topic() {
        let mut dice = Dice::new(1, 2, 3);
        for _ in 0..1000 {
            assert!((5..=9).contains(&dice.between(5, 9)));
            assert!((200..=40_000_000).contains(&dice.span_us(200, 40_000_000)));
        }
        assert_eq!(dice.pick::<u8>(&[]), None);
        let first = |topic| Dice::new(1, topic, 0).between(0, u64::MAX);
        assert_ne!(first(1), first(2));
        assert_eq!(first(1), first(1));
    }

    #[test]
    fn short_spans_are_drawn_as_often_as_long_ones() {
        let mut dice = Dice::new(7, 0, 0);
        let drawn: Vec<u64> = (0..1000).map(|_| dice.span_us(1_000, 1_024_000)).collect();
        let short = drawn.iter().filter(|us| **us < 32_000).count();
        assert!((350..650).contains(&short), "{short}");
    }
}
