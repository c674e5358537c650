//! Views of messages, stories, nodes and the log.

use super::KafkaRun;
use super::account::{fate_under, totals_under};
use crate::run::Looking;
use crate::view::{
    EventRow, EventsQuery, EventsView, LogView, MessageRow, MessagesView, NodeLine, NodeView,
    TimerView, Verdict, WhySetting, WhyStep, WhyView,
};
use ackscope_check::{Arg as CheckArg, Assumed, Fate, Phrase as CheckPhrase, Row, explain};
use ackscope_kafka::messages::kind;
use ackscope_kafka::metadata::Image;
use ackscope_kafka::{Kafka, KafkaProcess, Tp};
use ackscope_kernel::{Entry, EntryId, MessageKey, SeatId, Time, Trace, What, World};
use ackscope_scene::drawable::{Role, Tone, message_id, message_parts};
use ackscope_scene::index::Mark;
use ackscope_scene::kafka::{
    controller_image, leader, partitions_on, replica, role_of, running, shown_partitions, state_of,
};
use ackscope_scene::logs::LogFile;
use ackscope_scene::names::Names;
use ackscope_scene::narrate::{Weight, narrate, weight};
use ackscope_scene::phrase::{Arg, Phrase};

/// Entries that one query of the log looks at, so that a search in a long run ends.
const LOOKED_AT: usize = 50_000;

pub(super) fn tone_of(fate: Fate) -> Tone {
    match fate {
        Fate::Delivered | Fate::Confirmed => Tone::Good,
        Fate::InFlight | Fate::StoredUnconfirmed | Fate::DeadLettered => Tone::Plain,
        Fate::LostAfterAck
        | Fate::LostBeforeAck
        | Fate::VanishedAfterDelivery
        | Fate::SkippedByConsumer => Tone::Bad,
        _ => Tone::Warn,
    }
}

fn key_of(message: u64) -> MessageKey {
    let (origin, number) = message_parts(message);
    MessageKey {
        origin: SeatId(origin),
        number,
    }
}

fn known(entry: EntryId) -> bool {
    entry != EntryId::NONE
}

impl KafkaRun {
    pub(super) fn verdict_view(&self, assumed: Assumed) -> Verdict {
        let ledger = self.history.ledger();
        let verdict = ledger.verdict();
        let totals = totals_under(ledger, self.history.world(), assumed);
        let count = |fate| totals.get(&fate).copied().unwrap_or(0);
        Verdict {
            produced: ledger.offered(),
            lost_after_ack: verdict.lost_after_ack,
            lost_before_ack: count(Fate::LostBeforeAck),
            stranded: count(Fate::Stranded),
            at_risk: count(Fate::AtRisk),
            skipped: count(Fate::SkippedByConsumer),
            duplicated: verdict.duplicated,
            reordered: verdict.reordered,
            unavailable_us: verdict.unavailable_us,
        }
    }

    pub(super) fn messages_view(&self, looking: &Looking, first: u32, count: u32) -> MessagesView {
        let (ledger, world) = (self.history.ledger(), self.history.world());
        let names = Names::of(world);
        let skip = usize::try_from(first).unwrap_or(usize::MAX);
        let take = usize::try_from(count).unwrap_or(usize::MAX);
        let row = |(key, row): (MessageKey, &Row)| {
            let fate = fate_under(ledger, world, looking.assumed, key, row);
            MessageRow {
                message: message_id(key.origin.0, key.number),
                name: names.message(key),
                fate: fate.name(),
                glyph: fate.glyph(),
                tone: tone_of(fate),
                since_us: self.since_zero(row.since),
                entry: known(row.last).then_some(row.last.0),
                place: place_of(row),
                deliveries: row.deliveries,
                selected: looking.message == Some(message_id(key.origin.0, key.number)),
            }
        };
        MessagesView {
            total: ledger.offered(),
            first,
            rows: ledger.rows().skip(skip).take(take).map(row).collect(),
            counts: totals_under(ledger, world, looking.assumed)
                .into_iter()
                .map(|(fate, count)| (fate.name(), count))
                .collect(),
        }
    }

    /// A phrase of the ledger's stories with names in place of numbers.
    fn told(&self, phrase: &CheckPhrase) -> Phrase {
        let names = Names::of(self.history.world());
        let mut told = Phrase::new(phrase.key);
        for (name, arg) in &phrase.args {
            let arg = match arg {
                CheckArg::Number(number) => Arg::Number(*number),
                CheckArg::Micros(us) => Arg::Time(*us),
                CheckArg::Text(text) => Arg::Text(text.clone()),
                CheckArg::Message(key) => Arg::Text(names.message(*key)),
                CheckArg::Seat(seat) => Arg::Text(names.seat(*seat)),
                CheckArg::Seats(seats) => Arg::Text(names.seats(seats)),
            };
            told = told.with(name, arg);
        }
        told
    }

    pub(super) fn why_view(&self, message: u64) -> Option<WhyView> {
        let (world, trace, ledger) = (
            self.history.world(),
            self.history.trace(),
            self.history.ledger(),
        );
        let key = key_of(message);
        let story = explain(world, trace, ledger, key)?;
        let name = Names::of(world).message(key);
        let ended = ledger.row(key).map_or(EntryId::NONE, |row| row.last);
        let bad = tone_of(story.fate) == Tone::Bad;
        let step = |sentence: &ackscope_check::Sentence| WhyStep {
            entry: Some(sentence.entry.0),
            at_us: self.since_zero(sentence.at),
            sentence: self.told(&sentence.phrase),
            tone: if bad && sentence.entry >= ended {
                Tone::Bad
            } else {
                trace
                    .get(sentence.entry)
                    .map_or(Tone::Plain, |entry| narrate(world, trace, entry).tone)
            },
        };
        let setting = |phrase: &CheckPhrase| {
            let text = |wanted: &str| {
                phrase.args.iter().find_map(|(name, arg)| match arg {
                    CheckArg::Text(text) if *name == wanted => Some(text.clone()),
                    CheckArg::Number(number) if *name == wanted => Some(number.to_string()),
                    _ => None,
                })
            };
            WhySetting {
                sentence: self.told(phrase),
                key: text("setting").unwrap_or_default(),
                value: text("value").unwrap_or_default(),
            }
        };
        Some(WhyView {
            message,
            title: Phrase::new("why-title")
                .with("message", name.as_str())
                .with("fate", Phrase::new(format!("fate-{}", story.fate.name()))),
            name,
            fate: story.fate.name(),
            steps: story.sentences.iter().map(step).collect(),
            settings: story.allowed.iter().map(setting).collect(),
            harmed: ledger.row(key).is_some_and(|row| {
                let overtaken = ledger.verdict().reordered > 0 && row.deliveries > 0;
                ackscope_check::Harm::of(row).is_some() || overtaken
            }),
        })
    }

    pub(super) fn node_view(&self, name: &str) -> Option<NodeView> {
        let world = self.history.world();
        let seat = world.seat_named(name)?;
        let (state, since) = state_of(world, seat);
        let mut timers: Vec<TimerView> = running(world)
            .into_iter()
            .filter(|timer| timer.seat == seat)
            .map(|timer| TimerView {
                label: timer.label,
                due_us: self.since_zero(timer.due),
                background: timer.background,
            })
            .collect();
        timers.sort_by_key(|timer| timer.due_us);
        Some(NodeView {
            name: name.to_owned(),
            seat: u32::from(seat.0),
            role: role_of(world, seat),
            state,
            since_us: self.since_zero(Time(since)),
            lines: self.lines(seat),
            logs: self.logs(seat),
            timers,
            program: super::programs::fields(&self.topology, name),
            removable: self
                .topology
                .clients
                .iter()
                .any(|client| client.name == name),
        })
    }

    fn lines(&self, seat: SeatId) -> Vec<NodeLine> {
        let world = self.history.world();
        let names = Names::of(world);
        let mut lines = Vec::new();
        let mut line = |key: &'static str, value: Phrase| {
            lines.push(NodeLine {
                label: Phrase::new(key),
                value,
            })
        };
        let number = |number: i64| Phrase::plain(number.to_string());
        match world.process(seat).map(|process| &**process) {
            Some(KafkaProcess::Controller(controller)) => {
                let image = controller.image();
                line("node-metadata-offset", number(image.offset));
                for (broker, registration) in &image.brokers {
                    let state = if registration.shutting_down {
                        "node-broker-shutting-down"
                    } else if registration.fenced {
                        "node-broker-fenced"
                    } else {
                        "node-broker-active"
                    };
                    let value = Phrase::new(state)
                        .with("broker", names.seat(*broker))
                        .with("epoch", registration.epoch);
                    line("node-broker", value);
                }
                for tp in shown_partitions(world) {
                    if let Some(state) = partition(image, &names, tp) {
                        line("node-partition", state);
                    }
                }
            }
            Some(KafkaProcess::Broker(broker)) => {
                line(
                    "node-serves",
                    Phrase::new(if broker.serves() {
                        "node-yes"
                    } else {
                        "node-no"
                    }),
                );
                if let Some(epoch) = broker.epoch() {
                    line("node-broker-epoch", number(epoch));
                }
                line("node-metadata-offset", number(broker.image().offset));
                line(
                    "node-parked-produces",
                    number(i64::try_from(broker.parked_produces()).unwrap_or(i64::MAX)),
                );
                for tp in partitions_on(world, seat) {
                    // What this broker believes may be old: it is what it acts by.
                    if let Some(state) = partition(broker.image(), &names, tp) {
                        line("node-partition", state);
                    }
                }
            }
            Some(
                KafkaProcess::Producer(_) | KafkaProcess::Consumer(_) | KafkaProcess::Observer(_),
            )
            | None => {}
        }
        match world.process(seat).map(|process| &**process) {
            Some(KafkaProcess::Producer(producer)) => {
                lines.extend(super::clients::of_producer(producer, &names, world.now()));
            }
            Some(KafkaProcess::Consumer(consumer)) => {
                lines.extend(super::clients::of_consumer(consumer, &names))
            }
            _ => {}
        }
        let mut line = |key: &'static str, value: Phrase| {
            lines.push(NodeLine {
                label: Phrase::new(key),
                value,
            })
        };
        if matches!(role_of(world, seat), Role::Producer | Role::Consumer) {
            let accounts = super::Accounts::of(self.history.ledger(), world, Assumed::default());
            let tally = ackscope_scene::Account::tally(&accounts, seat);
            if role_of(world, seat) == Role::Producer {
                line("node-offered", number(tally.offered.into()));
                line("node-acked", number(tally.acked.into()));
                line("node-failed", number(tally.failed.into()));
            } else {
                line("node-processed", number(tally.processed.into()));
            }
        }
        line("node-incarnation", number(world.incarnation(seat).into()));
        lines
    }

    fn logs(&self, seat: SeatId) -> Vec<LogView> {
        let world = self.history.world();
        let names = Names::of(world);
        partitions_on(world, seat)
            .into_iter()
            .filter_map(|tp| {
                let log = LogFile::open(world, seat, tp);
                let own = replica(world, seat, tp);
                let (start, end) = match (own, log) {
                    (Some(own), _) => (own.log_start(), own.end()),
                    (None, Some(log)) => (log.start(), log.end()),
                    (None, None) => return None,
                };
                let isr = controller_image(world)
                    .and_then(|image| image.partitions.get(&tp))
                    .map(|state| &state.isr);
                Some(LogView {
                    name: names.tp(tp),
                    leads: leader(world, tp).0 == Some(seat),
                    epoch: own
                        .map(|own| own.leader_epoch())
                        .filter(|epoch| *epoch >= 0),
                    start,
                    end,
                    high_watermark: own.map(|own| own.high_watermark()),
                    synced: log.map_or(start, |log| log.synced_end()),
                    isr: isr
                        .into_iter()
                        .flatten()
                        .map(|seat| names.seat(*seat))
                        .collect(),
                })
            })
            .collect()
    }

    pub(super) fn log_view(
        &self,
        looking: &Looking,
        query: &EventsQuery,
        say: &dyn Fn(&Phrase) -> String,
    ) -> EventsView {
        let (world, trace) = (self.history.world(), self.history.trace());
        let cursor = trace.len();
        let around = query
            .around
            .unwrap_or(cursor)
            .clamp(self.zero_entry, trace.recorded());
        let node = query.node.as_ref().map(|name| world.seat_named(name));
        let text = query.text.to_lowercase();
        let row = |id: EntryId| {
            let entry = trace.get(id)?;
            if node.is_some_and(|node| node != Some(entry.seat)) {
                return None;
            }
            let line = narrate(world, trace, entry);
            let message = line.message.map(|key| message_id(key.origin.0, key.number));
            let other = query.message.is_some() && query.message != message;
            if other || (!text.is_empty() && !say(&line.sentence).to_lowercase().contains(&text)) {
                return None;
            }
            Some(EventRow {
                entry: id.0,
                at_us: self.since_zero(entry.at),
                node: world.name(entry.seat).to_owned(),
                sentence: line.sentence,
                tone: line.tone,
                background: line.weight == Weight::Background,
                message,
                current: false,
                future: id.0 >= cursor,
                selected: looking.entry == Some(id.0),
            })
        };
        let before = usize::try_from(query.before).unwrap_or(0);
        let after = usize::try_from(query.after).unwrap_or(0);
        let (mut rows, more_before, later, more_after) = if query.background {
            let earlier = (self.zero_entry..around).rev().map(EntryId);
            let (rows, more_before) = some(earlier, before, &row);
            let (later, more_after) = some((around..trace.recorded()).map(EntryId), after, &row);
            (rows, more_before, later, more_after)
        } else {
            let marks = self.index.marks();
            let (first, middle) = (
                self.index.place_of(self.zero_entry),
                self.index.place_of(around),
            );
            let id = |mark: &Mark| EntryId(mark.entry);
            let earlier = marks.get(first..middle).unwrap_or(&[]).iter().rev().map(id);
            let (rows, more_before) = some(earlier, before, &row);
            let (later, more_after) = some(
                marks.get(middle..).unwrap_or(&[]).iter().map(id),
                after,
                &row,
            );
            (rows, more_before, later, more_after)
        };
        rows.reverse();
        rows.extend(later);
        if let Some(last) = rows.iter_mut().rev().find(|row| !row.future) {
            last.current = true;
        }
        EventsView {
            recorded: trace.recorded() - self.zero_entry,
            rows,
            more_before,
            more_after,
        }
    }
}

/// The first rows that match, and whether there may be more.
fn some(
    ids: impl Iterator<Item = EntryId>,
    wanted: usize,
    row: &dyn Fn(EntryId) -> Option<EventRow>,
) -> (Vec<EventRow>, bool) {
    let mut rows = Vec::new();
    for (looked_at, id) in ids.enumerate() {
        if rows.len() == wanted || looked_at == LOOKED_AT {
            return (rows, true);
        }
        rows.extend(row(id));
    }
    (rows, false)
}

fn partition(image: &Image, names: &Names<'_>, tp: Tp) -> Option<Phrase> {
    let state = image.partitions.get(&tp)?;
    let somebody = state
        .leader
        .map_or_else(|| "—".to_owned(), |seat| names.seat(seat));
    Some(
        Phrase::new("node-partition-state")
            .with("partition", names.tp(tp))
            .with("leader", somebody)
            .with("epoch", state.leader_epoch)
            .with("isr", names.seats(&state.isr))
            .with("elr", names.seats(&state.elr)),
    )
}

/// Where a message lies and what its producer knows: "offset 6 · acked".
fn place_of(row: &Row) -> Phrase {
    let told = match () {
        () if known(row.confirmed) => "message-acked",
        () if known(row.fired) => "message-fired",
        () if known(row.failed) => "message-failed",
        () if known(row.forgotten) => "message-forgotten",
        () => "message-no-answer",
    };
    let copy = row
        .copies
        .iter()
        .rev()
        .find(|holding| holding.lives())
        .or_else(|| row.copies.last());
    match copy {
        Some(copy) => Phrase::new("message-at")
            .with("offset", i64::try_from(copy.offset).unwrap_or(i64::MAX))
            .with("told", Phrase::new(told)),
        None => Phrase::new(told),
    }
}

/// One entry as a line of JSON.
pub(super) fn entry_json(
    world: &World<Kafka>,
    trace: &Trace<Kafka>,
    id: EntryId,
    entry: &Entry<Kafka>,
    zero: Time,
) -> String {
    let mut json = serde_json::json!({
        "id": id.0,
        "at_us": entry.at.0.saturating_sub(zero.0),
        "node": world.name(entry.seat),
        "causes": entry.causes.iter().map(|cause| cause.0).collect::<Vec<_>>(),
        "background": weight(trace, entry) == Weight::Background,
    });
    let (what, more) = match &entry.what {
        What::Sent { to, brief, due, .. } => (
            "sent",
            serde_json::json!({
                "to": world.name(*to),
                "packet": kind::name(brief.kind),
                "answer": brief.kind & kind::ANSWER != 0,
                "due_us": due.0.saturating_sub(zero.0),
                "message": brief.first.map(|key| Names::of(world).message(key)),
            }),
        ),
        What::Read { sent } => ("read", serde_json::json!({ "sent": sent.0 })),
        What::Vanished { sent } => ("vanished", serde_json::json!({ "sent": sent.0 })),
        What::Opened(_) => ("opened", serde_json::Value::Null),
        What::Refused(_) => ("refused", serde_json::Value::Null),
        What::Closed(..) => ("closed", serde_json::Value::Null),
        What::Fired(_) => ("fired", serde_json::Value::Null),
        What::Synced(_) => ("synced", serde_json::Value::Null),
        What::WrittenBack(_) => ("written-back", serde_json::Value::Null),
        What::Written(_) => ("written", serde_json::Value::Null),
        What::Local { part, .. } | What::PartDown { part, .. } => match *part {},
        What::Ordered(_) => ("ordered", serde_json::Value::Null),
        What::Acted(_) => ("acted", serde_json::Value::Null),
        What::Down(_) => ("down", serde_json::Value::Null),
        What::Up => ("up", serde_json::Value::Null),
        What::Note(_) => (
            "note",
            serde_json::json!({ "key": narrate(world, trace, entry).sentence.key }),
        ),
    };
    json["what"] = what.into();
    if let (Some(json), serde_json::Value::Object(more)) = (json.as_object_mut(), more) {
        json.extend(more);
    }
    json.to_string()
}
