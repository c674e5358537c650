//! What a node panel says of clients.

use crate::view::NodeLine;
use ackscope_kafka::client::consumer::Consumer;
use ackscope_kafka::client::producer::Producer;
use ackscope_kernel::Time;
use ackscope_scene::names::Names;
use ackscope_scene::phrase::Phrase;

fn line(label: &'static str, value: Phrase) -> NodeLine {
    NodeLine {
        label: Phrase::new(label),
        value,
    }
}

fn number(number: impl ToString) -> Phrase {
    Phrase::plain(number.to_string())
}

/// The producer: identity, memory, requests in flight, batches.
pub(super) fn of_producer(producer: &Producer, names: &Names<'_>, now: Time) -> Vec<NodeLine> {
    let mut lines = Vec::new();
    if let Some(identity) = producer.identity() {
        let value = Phrase::new("node-producer-identity")
            .with("id", identity.id)
            .with("epoch", i64::from(identity.epoch));
        lines.push(line("node-producer-id", value));
    }
    let (used, all) = producer.memory();
    lines.push(line("node-buffer", number(format!("{used} / {all}"))));
    if let Some(call) = producer.call() {
        lines.push(line(
            "node-call",
            number(ackscope_scene::narrate::call_name(call)),
        ));
    }
    for (broker, count, _) in producer.in_flight().filter(|(_, count, _)| *count > 0) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let value = Phrase::new("node-in-flight-to")
            .with("count", count)
            .with("node", names.seat(broker));
        lines.push(line("node-in-flight", value));
    }
    for batch in producer.batches(now) {
        let value = Phrase::new("node-batch-state")
            .with("partition", names.tp(batch.tp))
            .with("records", batch.records)
            .with("bytes", i64::try_from(batch.bytes).unwrap_or(i64::MAX))
            .with("attempts", batch.attempts);
        lines.push(line("node-batch", value));
    }
    lines
}

/// The consumer: membership, partitions, what waits.
pub(super) fn of_consumer(consumer: &Consumer, names: &Names<'_>) -> Vec<NodeLine> {
    let mut lines = Vec::new();
    if let Some(member) = consumer.member() {
        let coordinator = member
            .coordinator
            .map_or_else(|| "—".to_owned(), |seat| names.seat(seat));
        let value = Phrase::new("node-member-state")
            .with("generation", member.generation)
            .with("coordinator", coordinator);
        lines.push(line("node-member", value));
    }
    let known =
        |offset: Option<i64>| offset.map_or_else(|| "—".to_owned(), |offset| offset.to_string());
    for part in consumer.partitions() {
        let value = Phrase::new("node-owns-state")
            .with("partition", names.tp(part.tp))
            .with("position", known(part.position))
            .with("committed", known(part.committed))
            .with("processed", known(part.processed));
        lines.push(line("node-owns", value));
    }
    lines.push(line("node-waiting", number(consumer.waiting())));
    lines
}
