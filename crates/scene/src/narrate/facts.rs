//! Sentences for the decisions of Kafka's processes.

use super::{Line, Weight};
use crate::drawable::Tone;
use crate::names::Names;
use crate::phrase::Phrase;
use ackscope_kafka::records::OFFSETS_TOPIC;
use ackscope_kafka::{Call, Election, Fact, Order, PositionWhy, Tp};
use ackscope_kernel::{MessageKey, SeatId};
use std::sync::Arc;

pub(super) fn weight(fact: &Fact) -> Weight {
    let of_log = |tp: &Tp, weight: Weight| {
        if tp.topic == OFFSETS_TOPIC {
            Weight::Chatter
        } else {
            weight
        }
    };
    match fact {
        Fact::SendFailed { .. } | Fact::Forgotten { .. } | Fact::DuplicateDropped { .. } => {
            Weight::Turn
        }
        Fact::Truncated { tp, keys, .. } if keys.is_empty() => of_log(tp, Weight::Message),
        Fact::Truncated { tp, .. } | Fact::Elected { tp, .. } => of_log(tp, Weight::Turn),
        Fact::Fenced { .. } | Fact::Dropped { .. } | Fact::CallFailed { .. } => Weight::Turn,
        Fact::Offered(_)
        | Fact::Acked { .. }
        | Fact::Retrying { .. }
        | Fact::EpochBumped { .. } => Weight::Message,
        Fact::Appended { tp, .. }
        | Fact::ProduceRefused { tp, .. }
        | Fact::Deleted { tp, .. }
        | Fact::HighWatermark { tp, .. }
        | Fact::Leads { tp, .. }
        | Fact::Recovered { tp, .. }
        | Fact::IsrChanged { tp, .. }
        | Fact::Positioned { tp, .. }
        | Fact::Handed { tp, .. }
        | Fact::Processed { tp, .. }
        | Fact::Committed { tp, .. } => of_log(tp, Weight::Message),
        Fact::Unfenced { .. } | Fact::ShuttingDown { .. } => Weight::Message,
        Fact::EffectSuppressed { .. } | Fact::MemberGone { .. } => Weight::Message,
        Fact::CallReturned { .. } | Fact::Described { .. } => Weight::Background,
        _ => Weight::Chatter,
    }
}

fn first(keys: &Arc<[MessageKey]>) -> Option<MessageKey> {
    keys.first().copied()
}

fn of_pairs(names: &Names<'_>, pairs: &[(MessageKey, i64)]) -> String {
    names.messages(pairs.iter().map(|(key, _)| *key))
}

pub(super) fn narrate(names: &Names<'_>, seat: SeatId, fact: &Fact, weight: Weight) -> Line {
    let line = |key| Line::new(weight, key).with("node", names.seat(seat));
    let keys = |keys: &Arc<[MessageKey]>| names.messages(keys.iter().copied());
    let somebody =
        |leader: &Option<SeatId>| leader.map_or_else(|| "—".to_owned(), |seat| names.seat(seat));
    match fact {
        Fact::Offered(key) => line("fact-offered")
            .with("message", names.message(*key))
            .about(Some(*key)),
        Fact::Acked { keys: k, tp, base } if *base < 0 => line("fact-fired")
            .with("messages", keys(k))
            .with("partition", names.tp(*tp))
            .about(first(k)),
        Fact::Acked { keys: k, tp, base } => line("fact-acked")
            .with("messages", keys(k))
            .with("partition", names.tp(*tp))
            .with("offset", *base)
            .tone(Tone::Good)
            .about(first(k)),
        Fact::SendFailed { keys: k, error } => line("fact-send-failed")
            .with("messages", keys(k))
            .with("error", error.name())
            .tone(Tone::Bad)
            .about(first(k)),
        Fact::Retrying {
            keys: k,
            error,
            attempt,
        } => line("fact-retrying")
            .with("messages", keys(k))
            .with("error", error.name())
            .with("attempt", *attempt)
            .tone(Tone::Warn)
            .about(first(k)),
        Fact::EpochBumped { epoch } => line("fact-epoch-bumped")
            .with("epoch", i64::from(*epoch))
            .tone(Tone::Warn),
        Fact::Forgotten { keys: k } => line("fact-forgotten")
            .with("messages", keys(k))
            .tone(Tone::Bad)
            .about(first(k)),

        Fact::Appended {
            tp, base, keys: k, ..
        } if k.is_empty() => line("fact-appended-own")
            .with("partition", names.tp(*tp))
            .with("offset", *base),
        Fact::Appended {
            tp, base, keys: k, ..
        } => line("fact-appended")
            .with("messages", keys(k))
            .with("partition", names.tp(*tp))
            .with("offset", *base)
            .about(first(k)),
        Fact::DuplicateDropped { tp, base, keys: k } => line("fact-duplicate-dropped")
            .with("messages", keys(k))
            .with("partition", names.tp(*tp))
            .with("offset", *base)
            .tone(Tone::Good)
            .about(first(k)),
        Fact::ProduceRefused { tp, error, keys: k } => line("fact-produce-refused")
            .with("messages", keys(k))
            .with("partition", names.tp(*tp))
            .with("error", error.name())
            .tone(Tone::Warn)
            .about(first(k)),
        Fact::Parked { tp, next } => line("fact-parked")
            .with("partition", names.tp(*tp))
            .with("offset", *next),
        Fact::Truncated { tp, to, keys: k } if k.is_empty() => line("fact-truncated-none")
            .with("partition", names.tp(*tp))
            .with("offset", *to),
        Fact::Truncated { tp, to, keys: k } => line("fact-truncated")
            .with("messages", of_pairs(names, k))
            .with("partition", names.tp(*tp))
            .with("offset", *to)
            .tone(Tone::Bad)
            .about(k.first().map(|(key, _)| *key)),
        Fact::Deleted { tp, start, keys: k } => line("fact-deleted")
            .with("messages", of_pairs(names, k))
            .with("partition", names.tp(*tp))
            .with("offset", *start)
            .tone(Tone::Warn)
            .about(k.first().map(|(key, _)| *key)),
        Fact::HighWatermark { tp, to } => line("fact-high-watermark")
            .with("partition", names.tp(*tp))
            .with("offset", *to),
        Fact::Leads { tp, epoch, end } => line("fact-leads")
            .with("partition", names.tp(*tp))
            .with("epoch", *epoch)
            .with("offset", *end)
            .tone(Tone::Accent),
        Fact::Follows { tp, epoch, leader } => line("fact-follows")
            .with("partition", names.tp(*tp))
            .with("epoch", *epoch)
            .with("leader", somebody(leader)),
        Fact::IsrProposed { tp, isr } => line("fact-isr-proposed")
            .with("partition", names.tp(*tp))
            .with("isr", names.seats(isr)),
        Fact::Recovered { tp, end } => line("fact-recovered")
            .with("partition", names.tp(*tp))
            .with("offset", *end),

        Fact::Registered {
            broker,
            clean: true,
        } => line("fact-registered-clean").with("broker", names.seat(*broker)),
        Fact::Registered {
            broker,
            clean: false,
        } => line("fact-registered").with("broker", names.seat(*broker)),
        Fact::RegistrationRefused { broker } => line("fact-registration-refused")
            .with("broker", names.seat(*broker))
            .tone(Tone::Warn),
        Fact::Fenced { broker } => line("fact-fenced")
            .with("broker", names.seat(*broker))
            .tone(Tone::Warn),
        Fact::Unfenced { broker } => line("fact-unfenced")
            .with("broker", names.seat(*broker))
            .tone(Tone::Good),
        Fact::ShuttingDown { broker } => {
            line("fact-shutting-down").with("broker", names.seat(*broker))
        }
        Fact::IsrChanged { tp, isr, elr } => line("fact-isr-changed")
            .with("partition", names.tp(*tp))
            .with("isr", names.seats(isr))
            .with("elr", names.seats(elr)),
        Fact::Elected {
            tp, leader: None, ..
        } => line("fact-elected-nobody")
            .with("partition", names.tp(*tp))
            .tone(Tone::Bad),
        Fact::Elected {
            tp,
            leader,
            epoch,
            isr,
            how,
            ..
        } => {
            let (key, tone) = match how {
                Election::Clean => ("fact-elected-clean", Tone::Accent),
                Election::LastKnownLeader => ("fact-elected-last-known", Tone::Warn),
                Election::Unclean => ("fact-elected-unclean", Tone::Bad),
                Election::Nobody => ("fact-elected-nobody", Tone::Bad),
            };
            line(key)
                .with("partition", names.tp(*tp))
                .with("leader", somebody(leader))
                .with("epoch", *epoch)
                .with("isr", names.seats(isr))
                .tone(tone)
        }
        Fact::TopicCreated { topic } => {
            line("fact-topic-created").with("topic", names.topic(*topic))
        }

        Fact::Positioned { tp, offset, why } => {
            let key = match why {
                PositionWhy::Committed => "fact-positioned-committed",
                PositionWhy::Reset => "fact-positioned-reset",
                PositionWhy::Sought => "fact-positioned-sought",
                PositionWhy::Truncated => "fact-positioned-truncated",
            };
            let line = line(key)
                .with("partition", names.tp(*tp))
                .with("offset", *offset);
            if *why == PositionWhy::Truncated {
                line.tone(Tone::Warn)
            } else {
                line
            }
        }
        Fact::Handed { tp, from, to } => line("fact-handed")
            .with("partition", names.tp(*tp))
            .with("from", *from)
            .with("last", *to - 1),
        Fact::Processed { tp, records, .. } => line("fact-processed")
            .with("messages", of_pairs(names, records))
            .with("partition", names.tp(*tp))
            .tone(Tone::Good)
            .about(records.first().map(|(key, _)| *key)),
        Fact::Dropped { tp, records } => line("fact-dropped")
            .with("messages", of_pairs(names, records))
            .with("partition", names.tp(*tp))
            .tone(Tone::Bad)
            .about(records.first().map(|(key, _)| *key)),
        Fact::EffectSuppressed { message } => line("fact-effect-suppressed")
            .with("message", names.message(*message))
            .tone(Tone::Good)
            .about(Some(*message)),
        Fact::Committed {
            tp,
            group,
            to,
            passed,
            ..
        } => line("fact-committed")
            .with("group", names.reader(*group))
            .with("partition", names.tp(*tp))
            .with("offset", *to)
            .about(first(passed)),
        Fact::Assigned { tps, generation } => {
            let tps: Vec<String> = tps.iter().map(|tp| names.tp(*tp)).collect();
            let tps = if tps.is_empty() {
                "—".to_owned()
            } else {
                tps.join(", ")
            };
            line("fact-assigned")
                .with("partitions", tps)
                .with("generation", *generation)
        }
        Fact::CallFailed { call, error } => line("fact-call-failed")
            .with("call", call_name(*call))
            .with("error", error.name())
            .tone(Tone::Bad),
        Fact::CallReturned { call } => line("fact-call-returned").with("call", call_name(*call)),

        Fact::Coordinates { tp } => line("fact-coordinates").with("partition", names.tp(*tp)),
        Fact::MemberJoined { group, .. } => {
            line("fact-member-joined").with("group", group.to_string())
        }
        Fact::MemberGone {
            group,
            expired: true,
            ..
        } => line("fact-member-expired")
            .with("group", group.to_string())
            .tone(Tone::Warn),
        Fact::MemberGone { group, .. } => line("fact-member-left").with("group", group.to_string()),
        Fact::Generation { group, generation } => line("fact-generation")
            .with("group", group.to_string())
            .with("generation", *generation),
        Fact::OffsetStored { group, tp, offset } => line("fact-offset-stored")
            .with("group", group.to_string())
            .with("partition", names.tp(*tp))
            .with("offset", *offset),

        Fact::LogRead { tp, start, end, .. } => line("fact-log-read")
            .with("partition", names.tp(*tp))
            .with("from", *start)
            .with("offset", *end),
        Fact::OffsetsRead { group, .. } => {
            line("fact-offsets-read").with("group", group.to_string())
        }
        Fact::Described { tp, .. } => line("fact-described").with("partition", names.tp(*tp)),
    }
}

/// The method's name, as in Kafka's clients.
#[must_use]
pub fn call_name(call: Call) -> &'static str {
    match call {
        Call::Create => "new",
        Call::Send => "send()",
        Call::Flush => "flush()",
        Call::Poll => "poll()",
        Call::Commit => "commitSync()",
        Call::CommitAsync => "commitAsync()",
        Call::Seek => "seek()",
        Call::Close => "close()",
        Call::ReadAll => "read",
        Call::Describe => "describeTopics()",
        Call::GroupOffsets => "listConsumerGroupOffsets()",
    }
}

/// What an order calls; how many messages are sent is said.
pub(super) fn call_of(order: &Order) -> Phrase {
    match order {
        Order::CreateTopics(_) => Phrase::plain("createTopics()"),
        Order::Produce(produce) => Phrase::new("order-send").with(
            "count",
            i64::try_from(produce.messages.len()).unwrap_or(i64::MAX),
        ),
        Order::Flush => Phrase::plain("flush()"),
        Order::Close(_) => Phrase::plain("close()"),
        Order::Run(true) => Phrase::new("order-run"),
        Order::Run(false) => Phrase::new("order-pause"),
        Order::Poll { .. } => Phrase::plain("poll()"),
        Order::PollStart { .. } => Phrase::new("order-poll-start"),
        Order::PollStop => Phrase::new("order-poll-stop"),
        Order::Commit { .. } => Phrase::plain("commitSync()"),
        Order::CommitAsync => Phrase::plain("commitAsync()"),
        Order::Seek { .. } | Order::SeekToCommitted => Phrase::plain("seek()"),
        Order::ReadAll { .. } => Phrase::new("order-read-all"),
        Order::Describe { .. } => Phrase::plain("describeTopics()"),
        Order::GroupOffsets { .. } => Phrase::plain("listConsumerGroupOffsets()"),
    }
}
