//! The smallest pieces: words, numbers, times, names. Each takes the spaces behind it.

use winnow::ascii::space0;
use winnow::combinator::opt;
use winnow::error::{ContextError, ErrMode, StrContext, StrContextValue};
use winnow::prelude::*;
use winnow::stream::Stream;
use winnow::token::{literal, take_while};

use crate::scenario::act::{MessageName, Messages, Target};
use crate::scenario::text::UNITS;

/// Fails here for good, and says what would have been right.
pub(crate) fn expected<T>(what: &'static str) -> ModalResult<T> {
    let mut error = ContextError::new();
    error.push(StrContext::Expected(StrContextValue::Description(what)));
    Err(ErrMode::Cut(error))
}

/// Goes back to `start` and fails there.
pub(crate) fn expected_at<'i, T>(
    input: &mut &'i str,
    start: &<&'i str as Stream>::Checkpoint,
    what: &'static str,
) -> ModalResult<T> {
    input.reset(start);
    expected(what)
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

/// A word, if one stands here.
pub(crate) fn maybe_word<'i>(input: &mut &'i str) -> ModalResult<Option<&'i str>> {
    let word: Option<&'i str> = opt(take_while(1.., in_word)).parse_next(input)?;
    space0.parse_next(input)?;
    Ok(word)
}

/// A word.
pub(crate) fn word<'i>(input: &mut &'i str, what: &'static str) -> ModalResult<&'i str> {
    match maybe_word(input)? {
        Some(word) => Ok(word),
        None => expected(what),
    }
}

/// The next word without taking it; empty when none stands here.
pub(crate) fn peek<'i>(input: &mut &'i str) -> ModalResult<&'i str> {
    let start = input.checkpoint();
    let word = maybe_word(input)?;
    input.reset(&start);
    Ok(word.unwrap_or(""))
}

/// Takes this word if it stands here.
pub(crate) fn takes(input: &mut &str, keyword: &str) -> ModalResult<bool> {
    let found = peek(input)? == keyword;
    if found {
        maybe_word(input)?;
    }
    Ok(found)
}

/// This word and no other.
pub(crate) fn keyword(input: &mut &str, word: &str, what: &'static str) -> ModalResult<()> {
    if takes(input, word)? {
        Ok(())
    } else {
        expected(what)
    }
}

/// A sign such as `=`, if it stands here.
pub(crate) fn sign(input: &mut &str, sign: &str) -> ModalResult<bool> {
    let found = opt(literal(sign)).parse_next(input)?.is_some();
    space0.parse_next(input)?;
    Ok(found)
}

/// This sign.
pub(crate) fn must_sign(input: &mut &str, s: &str, what: &'static str) -> ModalResult<()> {
    if sign(input, s)? {
        Ok(())
    } else {
        expected(what)
    }
}

/// A whole number.
pub(crate) fn number<T: std::str::FromStr>(input: &mut &str, what: &'static str) -> ModalResult<T> {
    let start = input.checkpoint();
    match maybe_word(input)?.map(str::parse) {
        Some(Ok(number)) => Ok(number),
        _ => expected_at(input, &start, what),
    }
}

/// A time such as `3s`, `1.5s`, `250us`, in microseconds.
pub(crate) fn clock(input: &mut &str) -> ModalResult<u64> {
    let start = input.checkpoint();
    match maybe_word(input)?.and_then(time_of) {
        Some(us) => Ok(us),
        None => expected_at(input, &start, "a time such as 3s, 1.5s, 20ms or 250us"),
    }
}

/// Two times, `7s..9500ms`.
pub(crate) fn clocks(input: &mut &str) -> ModalResult<(u64, u64)> {
    let start = input.checkpoint();
    let both = maybe_word(input)?.and_then(|word| word.split_once(".."));
    let both = both.and_then(|(low, high)| Some((time_of(low)?, time_of(high)?)));
    match both.filter(|(low, high)| low <= high) {
        Some(both) => Ok(both),
        None => expected_at(
            input,
            &start,
            "two times, the shorter one first, such as 7s..9.5s",
        ),
    }
}

/// The microseconds of `1.5s`; nothing when a part of a microsecond would be lost.
fn time_of(word: &str) -> Option<u64> {
    let digits = word.find(|c: char| c.is_ascii_alphabetic())?;
    let (amount, unit) = word.split_at(digits);
    let scale = UNITS.iter().find(|(name, _)| *name == unit)?.1;
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    if whole.is_empty()
        || !whole
            .bytes()
            .chain(part.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let mut us = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    let mut place = scale;
    for digit in part.bytes() {
        if place % 10 != 0 && digit != b'0' {
            return None;
        }
        place /= 10;
        us = us.checked_add(u64::from(digit - b'0') * place)?;
    }
    Some(us)
}

fn message_of(word: &str) -> Option<MessageName> {
    let (producer, number) = match word.rsplit_once('.') {
        Some((producer, number)) => (Some(producer.to_owned()), number),
        None => (None, word),
    };
    let number = number_of(number)?;
    producer
        .as_deref()
        .is_none_or(|p| !p.is_empty())
        .then_some(MessageName { producer, number })
}

fn number_of(word: &str) -> Option<u32> {
    let digits = word.strip_prefix('m')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|_| plain)
}

fn messages_of(word: &str) -> Option<Messages> {
    let (first, last) = match word.split_once("..") {
        Some((first, last)) => (first, Some(number_of(last)?)),
        None => (word, None),
    };
    let MessageName { producer, number } = message_of(first)?;
    let last = last.unwrap_or(number);
    (number <= last).then_some(Messages {
        producer,
        first: number,
        last,
    })
}

/// Whether the word names messages: no client may be called like that.
pub(crate) fn names_messages(word: &str) -> bool {
    messages_of(word).is_some()
}

/// `m3` or `p1.m3`.
pub(crate) fn message(input: &mut &str) -> ModalResult<MessageName> {
    let start = input.checkpoint();
    match maybe_word(input)?.and_then(message_of) {
        Some(message) => Ok(message),
        None => expected_at(input, &start, "a message such as m3 or p1.m3"),
    }
}

/// `m1..m5,m7`.
pub(crate) fn messages(input: &mut &str) -> ModalResult<Vec<Messages>> {
    let one = |input: &mut &str| {
        let start = input.checkpoint();
        match maybe_word(input)?.and_then(messages_of) {
            Some(messages) => Ok(messages),
            None => expected_at(input, &start, "messages such as m3, m1..m5 or p1.m3"),
        }
    };
    list(input, one)
}

/// `none`, or messages.
pub(crate) fn messages_or_none(input: &mut &str) -> ModalResult<Vec<Messages>> {
    if takes(input, "none")? {
        Ok(Vec::new())
    } else {
        messages(input)
    }
}

/// One or more, with commas between them.
pub(crate) fn list<T>(
    input: &mut &str,
    mut one: impl FnMut(&mut &str) -> ModalResult<T>,
) -> ModalResult<Vec<T>> {
    let mut all = vec![one(input)?];
    while sign(input, ",")? {
        all.push(one(input)?);
    }
    Ok(all)
}

/// A name.
pub(crate) fn name(input: &mut &str, what: &'static str) -> ModalResult<String> {
    word(input, what).map(str::to_owned)
}

/// Names with commas between them.
pub(crate) fn names(input: &mut &str, what: &'static str) -> ModalResult<Vec<String>> {
    list(input, |input| name(input, what))
}

/// `none`, or names.
pub(crate) fn names_or_none(input: &mut &str, what: &'static str) -> ModalResult<Vec<String>> {
    if takes(input, "none")? {
        Ok(Vec::new())
    } else {
        names(input, what)
    }
}

/// A partition such as `orders-0`.
pub(crate) fn partition(input: &mut &str) -> ModalResult<String> {
    let start = input.checkpoint();
    let partition = maybe_word(input)?.filter(|word| is_partition(word));
    match partition {
        Some(partition) => Ok(partition.to_owned()),
        None => expected_at(input, &start, "a partition such as orders-0"),
    }
}

/// Whether the word ends with a partition's number.
pub(crate) fn is_partition(word: &str) -> bool {
    word.rsplit_once('-').is_some_and(|(topic, number)| {
        !topic.is_empty() && number.parse::<u16>().is_ok_and(|n| n.to_string() == number)
    })
}

const TARGET: &str =
    "a process: its name, leader of P, follower of P, followers of P, coordinator of G, or brokers";

/// Who is meant.
pub(crate) fn target(input: &mut &str) -> ModalResult<Target> {
    let word = word(input, TARGET)?;
    let role = matches!(word, "leader" | "follower" | "followers" | "coordinator");
    if word == "brokers" {
        return Ok(Target::Brokers);
    }
    if !role {
        return Ok(Target::Named(word.to_owned()));
    }
    keyword(input, "of", "of")?;
    Ok(match word {
        "leader" => Target::LeaderOf(partition(input)?),
        "follower" => Target::FollowerOf(partition(input)?),
        "followers" => Target::FollowersOf(partition(input)?),
        _ => Target::CoordinatorOf(name(input, "a group")?),
    })
}

/// Several, with commas between them.
pub(crate) fn targets(input: &mut &str) -> ModalResult<Vec<Target>> {
    list(input, target)
}

/// The word of a table.
pub(crate) fn choice<T: Copy>(
    input: &mut &str,
    words: &[(&str, T)],
    what: &'static str,
) -> ModalResult<T> {
    let start = input.checkpoint();
    let word = maybe_word(input)?.unwrap_or("");
    match words.iter().find(|(w, _)| *w == word) {
        Some((_, value)) => Ok(*value),
        None => expected_at(input, &start, what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact() {
        assert_eq!(time_of("3s"), Some(3_000_000));
        assert_eq!(time_of("1.5s"), Some(1_500_000));
        assert_eq!(time_of("0.25ms"), Some(250));
        assert_eq!(time_of("2min"), Some(120_000_000));
        for wrong in [
            "3",
            "s",
            "1.5us",
            "-1s",
            "1e3s",
            ".5s",
            "3 s",
            "99999999999999d",
        ] {
            assert_eq!(time_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn messages_have_one_spelling() {
        assert!(names_messages("m1..m5") && names_messages("p1.m3..m4"));
        for wrong in ["m0", "m01", "m5..m1", "m", ".m3", "p1.3", "m1..5"] {
            assert!(!names_messages(wrong), "{wrong}");
        }
    }
}
