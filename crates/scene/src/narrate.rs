//! What an entry of the trace says: one sentence for the log, the stage and screen readers.

mod acts;
mod facts;

pub use facts::call_name;

use crate::drawable::Tone;
use crate::names::Names;
use crate::phrase::{Arg, Phrase};
use ackscope_kafka::Kafka;
use ackscope_kafka::messages::kind;
use ackscope_kernel::{Brief, CloseWhy, DownWhy, Entry, MessageKey, Trace, What, World};

/// How much an entry matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Periodic chatter, hidden by default.
    Background,
    /// The machinery: metadata, connections, group membership.
    Chatter,
    /// About a message or a log.
    Message,
    /// A turning point: a fault, an election, a loss.
    Turn,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The sentence.
    pub sentence: Phrase,
    /// Its class.
    pub tone: Tone,
    /// How much it matters.
    pub weight: Weight,
    /// A message that it is about.
    pub message: Option<MessageKey>,
}

impl Line {
    fn new(weight: Weight, key: &'static str) -> Line {
        Line {
            sentence: Phrase::new(key),
            tone: Tone::Plain,
            weight,
            message: None,
        }
    }

    fn with(mut self, name: &'static str, arg: impl Into<Arg>) -> Line {
        self.sentence = self.sentence.with(name, arg);
        self
    }

    fn tone(mut self, tone: Tone) -> Line {
        self.tone = tone;
        self
    }

    fn about(mut self, message: Option<MessageKey>) -> Line {
        self.message = message;
        self
    }
}

/// How much an entry matters, without making its sentence: cheap enough for every entry of a run.
#[must_use]
pub fn weight(trace: &Trace<Kafka>, entry: &Entry<Kafka>) -> Weight {
    match &entry.what {
        What::Sent { brief, .. } => weight_of_packet(brief),
        What::Read { sent } | What::Vanished { sent } => {
            match trace.get(*sent).map(|entry| &entry.what) {
                Some(What::Sent { brief, .. }) => weight_of_packet(brief),
                _ => Weight::Background,
            }
        }
        What::Opened(_)
        | What::Fired(_)
        | What::Synced(_)
        | What::WrittenBack(_)
        | What::Written(_) => Weight::Background,
        What::Local { part, .. } | What::PartDown { part, .. } => match *part {},
        What::Refused(_) | What::Closed(..) | What::Ordered(_) => Weight::Chatter,
        What::Acted(act) => acts::weight(act),
        What::Down(_) => Weight::Turn,
        What::Up => Weight::Message,
        What::Note(fact) => facts::weight(fact),
    }
}

/// How much a packet matters.
#[must_use]
pub fn weight_of_packet(brief: &Brief) -> Weight {
    if brief.background {
        return Weight::Background;
    }
    match brief.kind & !kind::ANSWER {
        kind::PRODUCE | kind::OFFSET_COMMIT => Weight::Message,
        _ if brief.count > 0 => Weight::Message,
        _ => Weight::Chatter,
    }
}

/// What an entry says. The world only gives the names, so that of any moment will do.
#[must_use]
pub fn narrate(world: &World<Kafka>, trace: &Trace<Kafka>, entry: &Entry<Kafka>) -> Line {
    let names = Names::of(world);
    let weight = weight(trace, entry);
    let node = names.seat(entry.seat);
    let line = |key| Line::new(weight, key).with("node", node.clone());
    match &entry.what {
        What::Sent { to, brief, .. } => {
            packet(&names, line("narr-sent"), brief, "narr-sent-messages")
                .with("to", names.seat(*to))
        }
        What::Read { sent } => with_packet(
            &names,
            trace,
            *sent,
            line("narr-read"),
            "narr-read-messages",
        ),
        What::Vanished { sent } => {
            let line = with_packet(
                &names,
                trace,
                *sent,
                line("narr-vanished"),
                "narr-vanished-messages",
            );
            if line.message.is_some() {
                line.tone(Tone::Warn)
            } else {
                line
            }
        }
        What::Opened(_) => line("narr-opened"),
        What::Refused(_) => line("narr-refused"),
        What::Closed(_, why) => line(match why {
            CloseWhy::Fin => "narr-closed-fin",
            CloseWhy::Rst => "narr-closed-rst",
            CloseWhy::GaveUp => "narr-closed-gave-up",
        }),
        What::Fired(timer) => {
            line("narr-fired").with("timer", Phrase::new(crate::kafka::timer_label(*timer)))
        }
        What::Synced(file) => line("narr-synced").with("file", file_name(&names, file)),
        What::WrittenBack(file) => line("narr-written-back").with("file", file_name(&names, file)),
        What::Ordered(order) => line("narr-ordered").with("call", facts::call_of(order)),
        What::Acted(act) => acts::narrate(&names, act, weight),
        What::Down(why) => line(match why {
            DownWhy::Exited => "narr-exited",
            DownWhy::Crashed => "narr-crashed",
            DownWhy::PoweredOff => "narr-powered-off",
        })
        .tone(if *why == DownWhy::Exited {
            Tone::Warn
        } else {
            Tone::Bad
        }),
        What::Up => line("narr-up"),
        What::Written(_) => line("narr-written"),
        What::Local { part, .. } | What::PartDown { part, .. } => match *part {},
        What::Note(fact) => facts::narrate(&names, entry.seat, fact, weight),
    }
}

fn with_packet(
    names: &Names<'_>,
    trace: &Trace<Kafka>,
    sent: ackscope_kernel::EntryId,
    line: Line,
    with_messages: &'static str,
) -> Line {
    match trace.get(sent) {
        Some(Entry {
            seat,
            what: What::Sent { brief, .. },
            ..
        }) => packet(names, line, brief, with_messages).with("from", names.seat(*seat)),
        _ => line.with("packet", "—").with("from", "—"),
    }
}

/// Adds what a packet is. One that carries messages names them.
fn packet(names: &Names<'_>, mut line: Line, brief: &Brief, with_messages: &'static str) -> Line {
    line.message = brief.first;
    let error = if brief.kind & kind::ANSWER != 0 && brief.detail > 0 {
        error_name(brief.detail)
    } else {
        None
    };
    let name = kind::name(brief.kind);
    let name = match (brief.kind & kind::ANSWER != 0, error) {
        (true, Some(error)) => Phrase::new("packet-error")
            .with("name", name)
            .with("error", error),
        (true, None) => Phrase::new("packet-answer").with("name", name),
        (false, _) => Phrase::plain(name),
    };
    if let Some(first) = brief.first {
        line.sentence.key = with_messages.into();
        let more = i64::from(brief.count) - 1;
        line = line
            .with("message", names.message(first))
            .with("more", more);
    }
    if error.is_some() {
        line.tone = Tone::Warn;
    }
    line.with("packet", name)
}

fn error_name(code: i64) -> Option<&'static str> {
    ackscope_kafka::Code::from_number(code).map(ackscope_kafka::Code::name)
}

fn file_name(names: &Names<'_>, file: &ackscope_kafka::records::FileName) -> String {
    use ackscope_kafka::records::FileName;
    match file {
        FileName::Log(tp) => names.tp(*tp),
        FileName::LogStart(tp) => format!("log-start-offset-checkpoint {}", names.tp(*tp)),
        FileName::HighWatermark(tp) => format!("replication-offset-checkpoint {}", names.tp(*tp)),
        FileName::CleanShutdown => ".kafka_cleanshutdown".to_owned(),
        FileName::Metadata => "__cluster_metadata-0".to_owned(),
        FileName::Sink => "sink".to_owned(),
    }
}
