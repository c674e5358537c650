//! Field types with a few values, spelled as Kafka spells them.

use ackscope_params::{Field, Value, choices};
use borsh::BorshSerialize;

choices! {
    /// Which replicas must have a batch before the producer is answered.
    pub enum Acks {
        /// None: success is reported as soon as the batch is written to the socket.
        Zero = "0",
        /// The leader.
        One = "1",
        /// Every replica that is in sync at that moment.
        All = "all" | "-1",
    }
}

choices! {
    /// The group protocol of a consumer.
    pub enum GroupProtocol {
        /// JoinGroup and SyncGroup, the assignment made by a member.
        Classic = "classic",
        /// KIP-848, the assignment made by the coordinator.
        Consumer = "consumer",
    }
}

choices! {
    /// Which records of transactions a consumer sees.
    pub enum IsolationLevel {
        /// All up to the high watermark.
        ReadUncommitted = "read_uncommitted",
        /// Only those of committed transactions, up to the last stable offset.
        ReadCommitted = "read_committed",
    }
}

choices! {
    /// Whose clock a record's timestamp is.
    pub enum TimestampType {
        /// The producer's.
        CreateTime = "CreateTime",
        /// The leader's, at the append.
        LogAppendTime = "LogAppendTime",
    }
}

/// Where a consumer starts without a usable offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub enum OffsetReset {
    /// At the start of the log.
    Earliest,
    /// At the high watermark of the moment of the reset.
    Latest,
    /// Nowhere: poll() fails.
    None,
    /// At the first record that is not older than this many milliseconds (KIP-1106).
    ByDuration(i64),
}

impl Field for OffsetReset {
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Choice(text) = value else {
            return None;
        };
        match text.as_str() {
            "earliest" => Some(Self::Earliest),
            "latest" => Some(Self::Latest),
            "none" => Some(Self::None),
            text => iso_duration_ms(text.strip_prefix("by_duration:")?).map(Self::ByDuration),
        }
    }

    fn to_value(&self) -> Value {
        Value::Choice(match self {
            Self::Earliest => "earliest".to_owned(),
            Self::Latest => "latest".to_owned(),
            Self::None => "none".to_owned(),
            Self::ByDuration(ms) if ms % 1000 == 0 => format!("by_duration:PT{}S", ms / 1000),
            Self::ByDuration(ms) => format!("by_duration:PT{}.{:03}S", ms / 1000, ms % 1000),
        })
    }
}

/// Reads `PnDTnHnMn.nS` as Java's `Duration.parse` does; negative ones are refused, as the consumer
/// refuses them, and less than a millisecond is cut off.
fn iso_duration_ms(text: &str) -> Option<i64> {
    let rest = text.strip_prefix(['P', 'p'])?;
    let (days, time) = match rest.split_once(['T', 't']) {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (rest, ""),
    };
    let units = [
        (days, &[('D', 86_400_000)][..]),
        (time, &[('H', 3_600_000), ('M', 60_000)][..]),
    ];
    let mut total: i64 = 0;
    let mut parts = 0;
    let mut left = "";
    for (text, units) in units {
        left = text;
        for (unit, ms) in units {
            if let Some((number, rest)) = left.split_once([*unit, unit.to_ascii_lowercase()]) {
                total = total.checked_add(whole(number)?.checked_mul(*ms)?)?;
                parts += 1;
                left = rest;
            }
        }
        if *units == [('D', 86_400_000)] && !left.is_empty() {
            return None;
        }
    }
    if !left.is_empty() {
        let seconds = left.strip_suffix(['S', 's'])?;
        let (whole_seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let milliseconds = whole(&format!("{fraction:0<3}")[..3])?;
        total = total.checked_add(whole(whole_seconds)?.checked_mul(1000)? + milliseconds)?;
        parts += 1;
    }
    (parts > 0).then_some(total)
}

/// A number without a sign: `parse` alone would take `+5`.
fn whole(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// What happens to old segments: one of the two, both, or (since 4.0 an empty list) neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct CleanupPolicy {
    /// Retention deletes whole segments.
    pub delete: bool,
    /// The cleaner keeps the latest record of each key.
    pub compact: bool,
}

impl CleanupPolicy {
    /// Only deletion, the default.
    pub const DELETE: Self = Self {
        delete: true,
        compact: false,
    };
    /// Only compaction, as for `__consumer_offsets`.
    pub const COMPACT: Self = Self {
        delete: false,
        compact: true,
    };
}

impl Field for CleanupPolicy {
    fn from_value(value: &Value) -> Option<Self> {
        let Value::List(words) = value else {
            return None;
        };
        let has = |word: &str| words.iter().any(|given| given == word);
        Some(Self {
            delete: has("delete"),
            compact: has("compact"),
        })
    }

    fn to_value(&self) -> Value {
        let words = [("compact", self.compact), ("delete", self.delete)];
        Value::List(
            words
                .iter()
                .filter(|word| word.1)
                .map(|word| word.0.to_owned())
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_java() {
        let cases = [
            ("PT1H", 3_600_000),
            ("P2D", 172_800_000),
            ("P1DT2H3M4.5S", 93_784_500),
            ("PT0.25S", 250),
            ("pt15m", 900_000),
        ];
        for (text, ms) in cases {
            assert_eq!(iso_duration_ms(text), Some(ms), "{text}");
        }
        for wrong in [
            "", "P", "PT", "1H", "PT-1H", "-PT1H", "P1", "PT1", "P1H", "PT+1H", "P1D2H",
        ] {
            assert_eq!(iso_duration_ms(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn both_policies_and_both_spellings() {
        let both = Value::List(vec!["compact".to_owned(), "delete".to_owned()]);
        let policy = CleanupPolicy::from_value(&both).unwrap();
        assert_eq!(
            policy,
            CleanupPolicy {
                delete: true,
                compact: true
            }
        );
        assert_eq!(policy.to_value(), both);
        assert_eq!(
            Acks::from_value(&Value::Choice("-1".to_owned())),
            Some(Acks::All)
        );
        let reset = OffsetReset::ByDuration(1500);
        assert_eq!(OffsetReset::from_value(&reset.to_value()), Some(reset));
    }
}
