//! Folded names such as `b1..b300`, and patterns of ids.

/// The longest run of names that one fold may stand for; a longer one is taken as a plain name.
const LONGEST: u64 = 1_000_000;

/// The names that a name stands for: itself, or both ends of a fold and all between.
#[must_use]
pub(super) fn expand(name: &str) -> Vec<String> {
    match fold(name) {
        Some((prefix, from, to)) => (from..=to).map(|n| format!("{prefix}{n}")).collect(),
        None => vec![name.to_owned()],
    }
}

/// Whether a name is a fold.
#[must_use]
pub(super) fn is_fold(name: &str) -> bool {
    fold(name).is_some()
}

fn fold(name: &str) -> Option<(&str, u64, u64)> {
    let (first, last) = name.split_once("..")?;
    let prefix = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let from: u64 = first[prefix.len()..].parse().ok()?;
    let to: u64 = last.strip_prefix(prefix)?.parse().ok()?;
    (from <= to && to - from < LONGEST).then_some((prefix, from, to))
}

/// Whether a text fits a pattern in which `*` stands for any run of characters and `?` for one.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last star turns out not to fit.
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_holds_both_ends() {
        assert_eq!(expand("b9..b11"), ["b9", "b10", "b11"]);
        assert_eq!(expand("b7..b7"), ["b7"]);
        assert_eq!(expand("m1"), ["m1"]);
    }

    #[test]
    fn what_is_no_fold_stays_a_name() {
        for name in ["a1..b2", "a3..a1", "a..a", "1..", "..", "x1..x99999999999"] {
            assert_eq!(expand(name), [name]);
            assert!(!is_fold(name));
        }
    }

    #[test]
    fn patterns_fit_whole_texts() {
        assert!(fits("acks-*", "acks-1-leader"));
        assert!(fits("*-leader*", "acks-1-leader-killed"));
        assert!(fits("4.3.1/*-wipe?", "4.3.1/follower-wiped"));
        assert!(fits("*a*b*", "xaaybb"));
        assert!(!fits("acks", "acks-1"));
        assert!(!fits("*-b", "a-b-c"));
        assert!(!fits("?", ""));
    }
}
