//! The machine's view of the range column of the parameter tables.
//!
//! The column is written for people: remarks stand in round brackets, units and conditions on other
//! parameters follow the numbers. What is understood here: `>=N`, `A..B`, `any int`, `a|b|c`,
//! `>N`, `only N`, `..., or -1`, and a remark `(3.9 and 2.8: >=14)` that gives some profiles another minimum.
//! Everything else is a condition that the product's rules check.

use crate::spec::{Kind, Profile};

/// Bounds and words that a text must keep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The least number.
    pub min: Option<i64>,
    /// The greatest number.
    pub max: Option<i64>,
    /// A single number outside the bounds that is allowed as well, such as -1 for "the default".
    pub also: Option<i64>,
    /// The words or numbers that are allowed; empty when the range names none.
    pub choices: Vec<&'static str>,
    /// Other words than the choices are allowed as well (class names, for example).
    pub open: bool,
}

impl Range {
    /// Reads a range of the table for one kind of value in one profile.
    pub fn parse(kind: Kind, text: &'static str, profile: Profile) -> Range {
        let (body, remark) = match text.split_once('(') {
            Some((body, remark)) => (body.trim(), remark),
            None => (text.trim(), ""),
        };
        let mut range = match kind {
            Kind::Bool => Range {
                choices: match leading_word(body, "only ") {
                    Some("true") => vec!["true"],
                    Some("false") => vec!["false"],
                    _ => vec!["true", "false"],
                },
                ..Range::default()
            },
            Kind::Enum => Range::words(kind, text),
            Kind::List => Range::words(kind, body),
            Kind::Str | Kind::Age => Range::default(),
            Kind::Int | Kind::Long | Kind::DurationMs | Kind::Bytes => Range::numbers(body),
        };
        if let Some(min) = special_minimum(remark, profile) {
            range.min = Some(min);
        }
        if kind == Kind::Int && range.choices.is_empty() {
            range.min = range.min.or(Some(i64::from(i32::MIN)));
            range.max = range.max.or(Some(i64::from(i32::MAX)));
        }
        range
    }

    /// Whether a number keeps the bounds.
    pub fn holds(&self, number: i64) -> bool {
        let above = self.min.is_none_or(|min| number >= min);
        let below = self.max.is_none_or(|max| number <= max);
        (above && below) || self.also == Some(number)
    }

    /// The choice that a word is; choices such as `by_duration:ISO-8601 duration` stand for
    /// everything that begins with the part before the colon.
    pub fn choice(&self, word: &str) -> Option<&'static str> {
        self.choices
            .iter()
            .copied()
            .find(|choice| match choice.split_once(':') {
                Some((head, _)) => word.split_once(':').is_some_and(|(start, _)| start == head),
                None => *choice == word,
            })
    }

    fn numbers(body: &'static str) -> Range {
        let mut range = Range::default();
        let also = body
            .split_once(", or ")
            .and_then(|(_, rest)| leading_number(rest));
        if body.contains("negative = unlimited") {
            // Every number is one: the negative ones mean the same.
        } else if let Some(rest) = body.strip_prefix(">=") {
            range.min = leading_number(rest);
        } else if let Some(rest) = body.strip_prefix('>') {
            range.min = leading_number(rest).map(|number| number.saturating_add(1));
        } else if let Some(rest) = body.strip_prefix("only ") {
            range.min = leading_number(rest);
            range.max = range.min;
        } else if body.starts_with("any int") {
            range.min = Some(i64::from(i32::MIN));
            range.max = Some(i64::from(i32::MAX));
        } else if body.contains('|') {
            range.choices = body.split('|').map(str::trim).collect();
        } else if let Some((low, high)) = body.split_once("..")
            && let Some(min) = leading_number(low)
            && !high.ends_with("by default")
        {
            range.min = Some(min);
            range.max = leading_number(high);
        }
        Range { also, ..range }
    }

    /// Words with remarks between or after them: `a|b (x)|c (y); which of two counts`.
    fn words(kind: Kind, text: &'static str) -> Range {
        let body = text.split_once([',', ';']).map_or(text, |(words, _)| words);
        if !body.contains('|') {
            return Range {
                open: true,
                ..Range::default()
            };
        }
        let bare = |word: &'static str| word.split_once('(').map_or(word, |(word, _)| word);
        let (described, choices): (Vec<_>, Vec<_>) = body
            .split('|')
            .map(|word| bare(word).trim())
            .partition(|word| kind == Kind::List && word.contains(' '));
        Range {
            open: !described.is_empty(),
            choices,
            ..Range::default()
        }
    }
}

/// A remark such as `3.9 and 2.8: >=14)`: the minimum of the profiles that it names.
fn special_minimum(remark: &str, profile: Profile) -> Option<i64> {
    let (names, rest) = remark.split_once(": >=")?;
    let named = names
        .split(" and ")
        .any(|name| name.rsplit(' ').next() == Some(profile.name()));
    named.then(|| leading_number(rest)).flatten()
}

/// The word that follows a beginning.
fn leading_word<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(beginning)?;
    rest.split(|c: char| !c.is_alphanumeric()).next()
}

fn leading_number(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    text[..text.len() - digits.len() + length].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Profile = Profile::new("4.3", 0);
    const OLD: Profile = Profile::new("3.9", 1);

    fn bounds(kind: Kind, text: &'static str) -> (Option<i64>, Option<i64>) {
        let range = Range::parse(kind, text, NEW);
        (range.min, range.max)
    }

    #[test]
    fn numbers_and_remarks() {
        assert_eq!(
            bounds(Kind::Bytes, ">=0 (0 disables batching)"),
            (Some(0), None)
        );
        assert_eq!(bounds(Kind::DurationMs, "any long"), (None, None));
        let int = (Some(i64::from(i32::MIN)), Some(i64::from(i32::MAX)));
        assert_eq!(
            bounds(Kind::DurationMs, "any int (below session.timeout.ms)"),
            int
        );
        assert_eq!(bounds(Kind::Long, ">=1 seconds"), (Some(1), None));
        assert_eq!(
            bounds(Kind::DurationMs, "1000..3600000, between the keys").1,
            Some(3_600_000)
        );
        assert_eq!(
            bounds(Kind::DurationMs, "45000..60000 by default"),
            (None, None)
        );
        assert_eq!(
            bounds(Kind::DurationMs, "between the min and max keys"),
            (None, None)
        );
    }

    #[test]
    fn a_profile_may_have_its_own_minimum() {
        let text = ">=1048576 (3.9 and 2.8: >=14)";
        assert_eq!(Range::parse(Kind::Bytes, text, NEW).min, Some(1_048_576));
        assert_eq!(Range::parse(Kind::Bytes, text, OLD).min, Some(14));
        let text = ">=-1 (-1 = adaptive; 3.9: >=0 and only with the new coordinator)";
        assert_eq!(Range::parse(Kind::DurationMs, text, NEW).min, Some(-1));
        assert_eq!(Range::parse(Kind::DurationMs, text, OLD).min, Some(0));
    }

    #[test]
    fn one_number_outside_the_bounds() {
        let text = "1..number of usable brokers, or -1 for the broker default; later fixed";
        let range = Range::parse(Kind::Int, text, NEW);
        assert!(range.holds(1) && range.holds(-1) && !range.holds(0));
    }

    #[test]
    fn one_value_only_and_numbers_above() {
        assert_eq!(bounds(Kind::Int, "only 0"), (Some(0), Some(0)));
        assert_eq!(bounds(Kind::Bytes, ">0 (none = by size only)").0, Some(1));
        let text = ">=0, negative = unlimited; the smaller counts";
        assert!(Range::parse(Kind::Int, text, NEW).holds(-1));
        let only = Range::parse(Kind::Bool, "only true works (false is refused)", NEW);
        assert_eq!(only.choices, ["true"]);
    }

    #[test]
    fn words_with_remarks_between() {
        let text = "direct|hash (plugin)|local (since 4.0)";
        let range = Range::parse(Kind::Enum, text, NEW);
        assert_eq!(range.choices, ["direct", "hash", "local"]);
        let text = "drop|reject (classic only); classic: argument wins, quorum: policy wins";
        assert_eq!(
            Range::parse(Kind::Enum, text, NEW).choices,
            ["drop", "reject"]
        );
    }

    #[test]
    fn words() {
        let acks = Range::parse(
            Kind::Enum,
            "all|-1|0|1 (all and -1 are the same value)",
            NEW,
        );
        assert_eq!(acks.choices, ["all", "-1", "0", "1"]);
        let reset = Range::parse(
            Kind::Enum,
            "earliest|none|by_duration:ISO-8601 duration",
            NEW,
        );
        assert!(
            reset.choice("by_duration:PT1H").is_some() && reset.choice("by_duration").is_none()
        );
        let policy = Range::parse(Kind::List, "delete|compact, one or both", NEW);
        assert!(!policy.open && policy.choices == ["delete", "compact"]);
        assert!(Range::parse(Kind::List, "uniform|range|custom class, first is it", NEW).open);
        assert!(Range::parse(Kind::List, "paths (none = log.dir)", NEW).open);
    }
}
