//! Which messages an application has offered on somebody's order, so that it knows a resend.

use ackscope_kernel::SortedMap;
use ackscope_kernel::{MessageKey, SeatId};
use borsh::BorshSerialize;

/// A set of messages. Numbers in a row cost one entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Numbers {
    /// First number of a run to its last, by client.
    runs: SortedMap<(SeatId, u32), u32>,
    /// How often a message was offered again.
    again: SortedMap<MessageKey, u16>,
}

impl Numbers {
    /// The end of the run that the message lies in.
    fn run(&self, key: MessageKey) -> Option<((SeatId, u32), u32)> {
        let (start, end) = self.runs.range(..=(key.origin, key.number)).next_back()?;
        (start.0 == key.origin && *end >= key.number).then_some((*start, *end))
    }

    /// The last number in a row from this message on, if it is in the set.
    pub(super) fn last_in_row(&self, key: MessageKey) -> Option<u32> {
        self.run(key).map(|(_, end)| end)
    }

    /// Adds a message.
    pub(super) fn insert(&mut self, key: MessageKey) {
        if self.run(key).is_some() {
            return;
        }
        let before = key
            .number
            .checked_sub(1)
            .map(|number| MessageKey { number, ..key });
        let start = before
            .and_then(|before| self.run(before))
            .map_or(key.number, |run| run.0.1);
        let after = key.number.checked_add(1).map(|number| (key.origin, number));
        let end = after
            .and_then(|after| self.runs.remove(&after))
            .unwrap_or(key.number);
        self.runs.insert((key.origin, start), end);
    }

    /// Counts one more resend of a message; 1 for the first.
    pub(super) fn count_again(&mut self, key: MessageKey) -> u16 {
        let count = self.again.entry(key).or_insert(0);
        *count = count.saturating_add(1);
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_row_are_one_entry() {
        let key = |number| MessageKey {
            origin: SeatId(3),
            number,
        };
        let mut numbers = Numbers::default();
        for number in [1, 2, 5, 4, 3, 9, 4] {
            numbers.insert(key(number));
        }
        assert_eq!(numbers.runs.len(), 2);
        assert_eq!(numbers.last_in_row(key(2)), Some(5));
        assert_eq!(numbers.last_in_row(key(6)), None);
        assert_eq!(numbers.last_in_row(key(9)), Some(9));
        assert_eq!(
            numbers.last_in_row(MessageKey {
                origin: SeatId(2),
                number: 2
            }),
            None
        );
        assert_eq!(
            (numbers.count_again(key(1)), numbers.count_again(key(1))),
            (1, 2)
        );
    }
}
