//! What a message's story says in Kafka's words, and which setting allowed its end (reference 7).

use crate::errors::Code;
use crate::facts::{ClientError, Election, Fact};
use crate::params::Acks;
use crate::records::Tp;
use crate::standing::image;
use crate::system::{AfterFailure, CommitPolicy, ConsumerProgram, Kafka, Role, Settings};
use ackscope_check::{Arg, Fate, Phrase, Row, Standing, Tell};
use ackscope_kernel::{Act, Entry, EntryId, MessageKey, SeatId, Trace, What, World};
use ackscope_params::Field;

impl Tell for Kafka {
    fn tell(world: &World<Self>, entry: &Entry<Self>, log: u32) -> Option<Phrase> {
        let What::Note(fact) = &entry.what else {
            return None;
        };
        let here = Tp::from_log_number(log);
        let at = |key| Phrase::new(key).text("place", Kafka::place(world, log));
        match fact {
            Fact::Elected {
                tp,
                leader: Some(leader),
                epoch,
                how,
                ..
            } if *tp == here => {
                let key = match how {
                    Election::Unclean => "story-elected-unclean",
                    Election::LastKnownLeader => "story-elected-last-known",
                    Election::Clean | Election::Nobody => "story-elected",
                };
                Some(at(key).node(*leader).number("epoch", *epoch))
            }
            Fact::Elected {
                tp, leader: None, ..
            } if *tp == here => Some(at("story-no-leader")),
            Fact::IsrChanged { tp, isr, .. } if *tp == here => {
                Some(at("story-isr").with("nodes", Arg::Seats(isr.clone())))
            }
            Fact::Fenced { broker } if Kafka::replicas(world, log).contains(broker) => {
                Some(Phrase::new("story-fenced").node(*broker))
            }
            _ => None,
        }
    }

    fn place(world: &World<Self>, log: u32) -> String {
        let tp = Tp::from_log_number(log);
        let topic = world.settings().topics.get(tp.topic as usize);
        topic.map_or_else(
            || tp.to_string(),
            |topic| format!("{}-{}", topic.name, tp.partition),
        )
    }

    fn reader(world: &World<Self>, reader: u16) -> String {
        if let Some(group) = world.settings().groups.get(reader as usize) {
            return group.to_string();
        }
        let seat = consumers(world, reader).next().map(|(seat, _)| seat);
        seat.map_or_else(|| reader.to_string(), |seat| world.name(seat).to_owned())
    }

    fn allowed(
        world: &World<Self>,
        trace: &Trace<Self>,
        key: MessageKey,
        row: &Row,
    ) -> Vec<Phrase> {
        let case = Case {
            world,
            trace,
            key,
            row,
            tp: Tp::from_log_number(row.log),
        };
        match row.fate {
            Fate::AtRisk
            | Fate::Stranded
            | Fate::VanishedAfterDelivery
            | Fate::LostBeforeAck
            | Fate::LostAfterAck => case.lost(),
            Fate::SkippedByConsumer => case.skipped(),
            Fate::DeliveredNTimes => case.repeated(),
            Fate::Phantom | Fate::ExpiredAtProducer => case.given_up(),
            Fate::Refused => case.refused(),
            Fate::DroppedByRule => case.removed(),
            _ => Vec::new(),
        }
    }
}

/// The consumers that are this reader.
fn consumers(
    world: &World<Kafka>,
    reader: u16,
) -> impl Iterator<Item = (SeatId, &ConsumerProgram)> {
    world
        .seats()
        .zip(&world.settings().roles)
        .filter_map(move |(seat, role)| match role {
            Role::Consumer(program) if program.reader == reader => Some((seat, program)),
            _ => None,
        })
}

/// A sentence about a setting with its present value.
fn setting(key: &'static str, name: &str, value: &impl Field) -> Phrase {
    Phrase::new(key)
        .text("setting", name)
        .text("value", value.to_value().to_string())
}

struct Case<'a> {
    world: &'a World<Kafka>,
    trace: &'a Trace<Kafka>,
    key: MessageKey,
    row: &'a Row,
    tp: Tp,
}

impl Case<'_> {
    fn settings(&self) -> &Settings {
        self.world.settings()
    }

    /// How leaders were chosen between the first copy and the end.
    fn elections(&self) -> Vec<Election> {
        let from = self
            .row
            .copies
            .first()
            .map_or(self.row.offered, |holding| holding.stored);
        let elected = self.trace.range(from.0, self.row.last.0.saturating_add(1));
        let how = elected.filter_map(|(_, entry)| match &entry.what {
            What::Note(Fact::Elected { tp, how, .. }) if *tp == self.tp => Some(*how),
            _ => None,
        });
        how.collect()
    }

    fn lost(&self) -> Vec<Phrase> {
        let mut reasons = Vec::new();
        let image = image(self.world);
        let topic = image.topics.get(&self.tp.topic);
        let elections = self.elections();
        let would_be = self.row.fate == Fate::AtRisk
            && topic.is_some_and(|p| p.unclean_leader_election_enable);
        if (elections.contains(&Election::Unclean) || would_be)
            && let Some(topic) = topic
        {
            let value = &topic.unclean_leader_election_enable;
            reasons.push(setting(
                "reason-unclean",
                "unclean.leader.election.enable",
                value,
            ));
        }
        let acks = self
            .settings()
            .producers
            .get(&self.key.origin)
            .map(|p| p.acks);
        match acks {
            Some(Acks::Zero) => reasons.push(setting("reason-acks-none", "acks", &Acks::Zero)),
            Some(Acks::One) => reasons.push(setting("reason-acks-one", "acks", &Acks::One)),
            Some(Acks::All) | None => {}
        }
        let replicas = image
            .partitions
            .get(&self.tp)
            .map_or(0, |state| state.replicas.len());
        if replicas == 1 {
            reasons.push(setting("reason-one-replica", "replication.factor", &1i64));
        }
        let told = self.row.confirmed != EntryId::NONE;
        let alone = told && self.row.holders_at(self.row.confirmed).len() < 2;
        if acks == Some(Acks::All)
            && alone
            && replicas > 1
            && let Some(topic) = topic
        {
            let value = &topic.min_insync_replicas;
            reasons.push(setting("reason-min-isr-one", "min.insync.replicas", value));
        }
        let power = self.row.copies.iter().any(|holding| {
            let by = self.trace.get(holding.erased).map(|entry| &entry.what);
            matches!(by, Some(What::Acted(Act::PowerOff(..) | Act::Truncate(..))))
        });
        if power && let Some(topic) = topic {
            reasons.push(setting(
                "reason-not-synced",
                "flush.messages",
                &topic.flush_messages,
            ));
        }
        if elections.contains(&Election::LastKnownLeader) {
            reasons.push(Phrase::new("reason-last-known-leader"));
        }
        reasons
    }

    fn skipped(&self) -> Vec<Phrase> {
        let mut reasons = Vec::new();
        let passed = self
            .row
            .reads
            .iter()
            .filter(|r| r.processed == 0 && r.passed != EntryId::NONE);
        for (seat, program) in passed.flat_map(|reading| consumers(self.world, reading.reader)) {
            let auto = self
                .settings()
                .consumers
                .get(&seat)
                .is_some_and(|p| p.enable_auto_commit);
            if program.hands_off {
                reasons.push(Phrase::new("reason-hand-off").node(seat));
            }
            if auto {
                reasons.push(setting("reason-auto-commit", "enable.auto.commit", &true).node(seat));
            } else if program.commit == CommitPolicy::SyncBefore {
                reasons.push(Phrase::new("reason-commit-before").node(seat));
            }
            if program.fails_at.is_some() {
                let key = match program.after_failure {
                    AfterFailure::Close => "reason-close-after-failure",
                    AfterFailure::Exit => "reason-exit-after-failure",
                    AfterFailure::Skip => "reason-skip-after-failure",
                };
                reasons.push(Phrase::new(key).node(seat));
            }
        }
        reasons
    }

    fn repeated(&self) -> Vec<Phrase> {
        let mut offsets: Vec<u64> = self
            .row
            .copies
            .iter()
            .map(|holding| holding.offset)
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        let producer = self.settings().producers.get(&self.key.origin);
        match producer {
            _ if offsets.len() < 2 => vec![Phrase::new("reason-read-again")],
            _ if self.row.attempts > 1 => vec![Phrase::new("reason-resent")],
            Some(producer) => {
                let value = &producer.enable_idempotence;
                vec![setting(
                    "reason-no-idempotence",
                    "enable.idempotence",
                    value,
                )]
            }
            None => Vec::new(),
        }
    }

    fn given_up(&self) -> Vec<Phrase> {
        if self.row.failed == EntryId::NONE {
            return vec![Phrase::new("reason-no-flush").node(self.key.origin)];
        }
        let Some(producer) = self.settings().producers.get(&self.key.origin) else {
            return Vec::new();
        };
        match self.error() {
            Some(ClientError::BufferExhausted) => {
                vec![setting(
                    "reason-max-block",
                    "max.block.ms",
                    &producer.max_block_ms,
                )]
            }
            _ if producer.retries == 0 => vec![setting("reason-no-retries", "retries", &0i64)],
            _ => {
                let value = &producer.delivery_timeout_ms;
                vec![setting(
                    "reason-delivery-timeout",
                    "delivery.timeout.ms",
                    value,
                )]
            }
        }
    }

    fn refused(&self) -> Vec<Phrase> {
        let image = image(self.world);
        let topic = image.topics.get(&self.tp_of_topic());
        let producer = self.settings().producers.get(&self.key.origin);
        match (self.error(), topic, producer) {
            (Some(ClientError::Code(Code::NotEnoughReplicas)), Some(topic), _) => {
                let value = &topic.min_insync_replicas;
                vec![setting(
                    "reason-min-isr-refuses",
                    "min.insync.replicas",
                    value,
                )]
            }
            (Some(ClientError::Code(Code::MessageTooLarge)), Some(topic), _) => {
                let value = &topic.max_message_bytes;
                vec![setting("reason-too-large", "max.message.bytes", value)]
            }
            (Some(ClientError::RecordTooLarge), _, Some(producer)) => {
                vec![setting(
                    "reason-too-large",
                    "max.request.size",
                    &producer.max_request_size,
                )]
            }
            (Some(ClientError::Code(Code::InvalidTimestamp)), Some(topic), _) => {
                let value = &topic.message_timestamp_after_max_ms;
                vec![setting(
                    "reason-timestamp",
                    "message.timestamp.after.max.ms",
                    value,
                )]
            }
            _ => Vec::new(),
        }
    }

    /// The topic of a message that was never stored: that of its producer's program.
    fn tp_of_topic(&self) -> u16 {
        match self.settings().roles.get(self.key.origin.0 as usize) {
            Some(Role::Producer(program)) if self.row.copies.is_empty() => program.topic,
            _ => self.tp.topic,
        }
    }

    fn removed(&self) -> Vec<Phrase> {
        let image = image(self.world);
        let Some(topic) = image.topics.get(&self.tp.topic) else {
            return Vec::new();
        };
        let mut reasons = Vec::new();
        let policy = topic.cleanup_policy.to_value().to_string();
        if policy.contains("compact") {
            reasons.push(setting(
                "reason-compaction",
                "cleanup.policy",
                &topic.cleanup_policy,
            ));
        }
        if policy.contains("delete") && topic.retention_ms >= 0 {
            reasons.push(setting(
                "reason-retention",
                "retention.ms",
                &topic.retention_ms,
            ));
        }
        if policy.contains("delete") && topic.retention_bytes >= 0 {
            reasons.push(setting(
                "reason-retention",
                "retention.bytes",
                &topic.retention_bytes,
            ));
        }
        reasons
    }

    /// With what send() failed.
    fn error(&self) -> Option<ClientError> {
        match &self.trace.get(self.row.failed)?.what {
            What::Note(Fact::SendFailed { error, .. }) => Some(*error),
            _ => None,
        }
    }
}
