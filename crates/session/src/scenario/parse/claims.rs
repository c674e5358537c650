//! Claims and expectations.

use winnow::prelude::*;
use winnow::stream::Stream;

use super::tokens::{
    choice, clocks, expected, expected_at, is_partition, keyword, message, messages,
    messages_or_none, must_sign, name, names_messages, names_or_none, number, partition, peek,
    sign, takes, target, word,
};
use crate::scenario::claim::{
    BROKER_EVENTS, Claim, ELECTIONS, Event, Expectation, FATES, LIVENESS, MESSAGE_EVENTS, Quantity,
    RELATIONS, Relation, What, Within,
};

const CLAIM: &str = "a claim: messages and a fate, all and a fate, leader, isr, elr, log, order of, \
    a number (lost, duplicated, offered, acked, reordered, number of, deliveries of, effects of, offset of, epoch, \
    leo, hw, committed, count of), quiet, or who and what happened";
const FATE: &str = "a fate: in-flight, delivered, delivered-n-times, dead-lettered, \
    stored-unconfirmed, confirmed, at-risk, returned, refused, expired-at-producer, rolled-back, \
    dropped-by-rule, skipped-by-consumer, phantom, vanished-after-delivery, stranded, lost-before-ack \
    or lost-after-ack";
const EVENT: &str = "what happened: offered, confirmed, failed, retried, forgot, appended, acked, \
    truncated, deleted, refused, deduplicated, processed, dropped, passed, suppressed, fenced, unfenced, \
    registered, registration-refused, shutting-down, leads, threw, assigned, repositioned, up, frozen or down";

/// Words with which a claim begins: no process may be called like that.
pub(crate) const WORDS: [&str; 22] = [
    "all",
    "leader",
    "isr",
    "elr",
    "log",
    "order",
    "quiet",
    "lost",
    "duplicated",
    "offered",
    "acked",
    "reordered",
    "number",
    "deliveries",
    "effects",
    "offset",
    "epoch",
    "leo",
    "hw",
    "committed",
    "count",
    "not",
];

/// An expectation: the rest of the line after `expect`.
pub(crate) fn expectation(input: &mut &str) -> ModalResult<Expectation> {
    let not = takes(input, "not")?;
    let claim = claim(input)?;
    let mut within = None;
    if matches!(claim, Claim::Happened(_)) && takes(input, "within")? {
        let (from_us, to_us) = clocks(input)?;
        keyword(input, "of", "of, and the label of a step")?;
        within = Some(Within {
            from_us,
            to_us,
            of: name(input, "the label of a step")?,
        });
    }
    let mut because = None;
    if takes(input, "because")? {
        because = Some(name(input, "the id of a reason")?);
    }
    Ok(Expectation {
        not,
        claim,
        within,
        because,
    })
}

/// A claim.
pub(crate) fn claim(input: &mut &str) -> ModalResult<Claim> {
    let start = input.checkpoint();
    let first = word(input, CLAIM)?;
    // `leader of orders-0 fenced` is about a process, `leader orders-0 = b2` about a partition.
    let of = peek(input)? == "of";
    match first {
        "all" => {
            return Ok(Claim::Fate {
                messages: Vec::new(),
                fate: fate(input)?,
            });
        }
        "quiet" => return Ok(Claim::Quiet),
        "leader" if !of => {
            let partition = equals(input)?;
            let is = name(input, "a broker, or none")?;
            return Ok(Claim::Leader {
                partition,
                is: Some(is).filter(|name| name != "none"),
            });
        }
        "isr" => {
            let partition = equals(input)?;
            return Ok(Claim::Isr {
                partition,
                is: names_or_none(input, "brokers, or none")?,
            });
        }
        "elr" => {
            let partition = equals(input)?;
            return Ok(Claim::Elr {
                partition,
                is: names_or_none(input, "brokers, or none")?,
            });
        }
        "log" => {
            let partition = partition(input)?;
            keyword(input, "at", "at, and a broker")?;
            let at = name(input, "a broker")?;
            must_sign(input, "=", "= and messages")?;
            return Ok(Claim::Log {
                partition,
                at,
                is: messages_or_none(input)?,
            });
        }
        "order" => {
            keyword(input, "of", "of, and a consumer")?;
            let consumer = name(input, "a consumer")?;
            must_sign(input, "=", "= and messages")?;
            return Ok(Claim::Order {
                consumer,
                is: messages_or_none(input)?,
            });
        }
        word if names_messages(word) => {
            input.reset(&start);
            return Ok(Claim::Fate {
                messages: messages(input)?,
                fate: fate(input)?,
            });
        }
        _ => {}
    }
    if let Some(of) = quantity(input, first)? {
        let relation = relation(input)?;
        return Ok(Claim::Number {
            of,
            relation,
            value: number(input, "a number")?,
        });
    }
    input.reset(&start);
    if LIVENESS.iter().any(|(word, _)| second_word_is(input, word)) {
        let who = target(input)?;
        return Ok(Claim::Process {
            who,
            is: choice(input, &LIVENESS, "up, frozen or down")?,
        });
    }
    event(input).map(Claim::Happened)
}

/// Whether this word follows a target.
fn second_word_is(input: &mut &str, wanted: &str) -> bool {
    let start = input.checkpoint();
    let found = target(input).is_ok() && peek(input).is_ok_and(|word| word == wanted);
    input.reset(&start);
    found
}

fn equals(input: &mut &str) -> ModalResult<String> {
    let partition = partition(input)?;
    must_sign(input, "=", "=")?;
    Ok(partition)
}

fn fate(input: &mut &str) -> ModalResult<String> {
    let start = input.checkpoint();
    let word = word(input, FATE)?;
    if FATES.contains(&word) {
        Ok(word.to_owned())
    } else {
        expected_at(input, &start, FATE)
    }
}

fn relation(input: &mut &str) -> ModalResult<Relation> {
    for (text, relation) in RELATIONS {
        if sign(input, text)? {
            return Ok(relation);
        }
    }
    expected("=, !=, <, <=, > or >=")
}

fn quantity(input: &mut &str, first: &str) -> ModalResult<Option<Quantity>> {
    let of = |input: &mut &str| keyword(input, "of", "of");
    Ok(Some(match first {
        "lost" => Quantity::Lost,
        "duplicated" => Quantity::Duplicated,
        "offered" => Quantity::Offered,
        "acked" => Quantity::Acked,
        "reordered" => Quantity::Reordered,
        "number" => {
            of(input)?;
            Quantity::Fate(fate(input)?)
        }
        "deliveries" => {
            of(input)?;
            Quantity::Deliveries(message(input)?)
        }
        "effects" => {
            of(input)?;
            Quantity::Effects(message(input)?)
        }
        "offset" => {
            of(input)?;
            Quantity::Offset(message(input)?)
        }
        "epoch" => Quantity::Epoch(partition(input)?),
        "leo" => {
            let partition = partition(input)?;
            keyword(input, "at", "at, and a broker")?;
            Quantity::Leo {
                partition,
                at: name(input, "a broker")?,
            }
        }
        "hw" => {
            let partition = partition(input)?;
            let at = if takes(input, "at")? {
                Some(name(input, "a broker")?)
            } else {
                None
            };
            Quantity::Hw { partition, at }
        }
        "committed" => {
            let partition = partition(input)?;
            keyword(input, "by", "by, and a group")?;
            Quantity::Committed {
                partition,
                group: name(input, "a group")?,
            }
        }
        "count" => {
            of(input)?;
            must_sign(input, "(", "( and what happened")?;
            let event = event(input)?;
            must_sign(input, ")", ")")?;
            Quantity::Count(Box::new(event))
        }
        _ => return Ok(None),
    }))
}

fn event(input: &mut &str) -> ModalResult<Event> {
    let nobody = takes(input, "nobody")?;
    let who = if nobody || takes(input, "anybody")? {
        None
    } else {
        Some(target(input)?)
    };
    let start = input.checkpoint();
    let verb = word(input, EVENT)?;
    let listed = MESSAGE_EVENTS
        .iter()
        .find(|(word, _)| *word == verb)
        .map(|(_, event)| *event);
    let decided = BROKER_EVENTS
        .iter()
        .find(|(word, _)| *word == verb)
        .map(|(_, event)| *event);
    let what = match (verb, listed, decided) {
        // Only an election can concern nobody.
        (verb, ..) if nobody && verb != "leads" => return expected_at(input, &start, "leads"),
        (_, Some(event), _) => What::Message(event, maybe_message(input)?),
        (_, _, Some(event)) => What::Broker(event),
        ("failed", ..) => {
            let message = maybe_message(input)?;
            let error = if takes(input, "with")? {
                Some(name(input, "an error")?)
            } else {
                None
            };
            What::Failed(message, error)
        }
        ("leads", ..) if who.is_some() || nobody => {
            let partition = partition(input)?;
            let how = if takes(input, "by")? {
                Some(choice(
                    input,
                    &ELECTIONS,
                    "clean, last-known-leader or unclean",
                )?)
            } else {
                None
            };
            What::Leads { partition, how }
        }
        ("threw", ..) => What::Threw(name(input, "an exception such as COMMIT_FAILED")?),
        ("assigned", ..) => What::Assigned,
        ("repositioned", ..) => What::Repositioned,
        _ => return expected_at(input, &start, EVENT),
    };
    let since = if takes(input, "since")? {
        Some(name(input, "the label of a step")?)
    } else {
        None
    };
    Ok(Event { who, what, since })
}

fn maybe_message(input: &mut &str) -> ModalResult<Option<crate::scenario::act::MessageName>> {
    let next = peek(input)?;
    let named = names_messages(next) && !next.contains("..") && !is_partition(next);
    if named {
        message(input).map(Some)
    } else {
        Ok(None)
    }
}
