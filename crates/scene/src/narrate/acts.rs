//! Sentences for acts: what a person or a scenario did.

use super::facts::call_of;
use super::{Line, Weight};
use crate::drawable::Tone;
use crate::names::Names;
use crate::phrase::{Arg, Phrase};
use ackscope_kafka::Kafka;
use ackscope_kernel::{Act, EntryId, Keep};

/// Orders are everyday life; what takes something away is a turning point.
pub(super) fn weight(act: &Act<Kafka>) -> Weight {
    match act {
        Act::Order(..) => Weight::Chatter,
        Act::Crash(_) | Act::Freeze(_) | Act::PowerOff(..) | Act::Wipe(_) | Act::Cut(..) => {
            Weight::Turn
        }
        Act::FillDisk(_, true) | Act::Drop(_) | Act::Change(_) => Weight::Turn,
        Act::Truncate(..) | Act::Remove(..) => Weight::Turn,
        _ => Weight::Message,
    }
}

pub(super) fn narrate(names: &Names<'_>, act: &Act<Kafka>, weight: Weight) -> Line {
    let line = |key| Line::new(weight, key);
    let packet = |key, entry: &EntryId| Line::new(weight, key).with("entry", entry.0);
    match act {
        // The sentence about the process follows right after; the act only names who wanted it.
        Act::Crash(seat) => line("act-crash-done")
            .with("node", names.seat(*seat))
            .tone(Tone::Bad),
        Act::Stop(seat) => line("act-stop-done")
            .with("node", names.seat(*seat))
            .tone(Tone::Warn),
        Act::Start(seat) => line("act-start-done").with("node", names.seat(*seat)),
        Act::Freeze(seat) => line("act-freeze-done")
            .with("node", names.seat(*seat))
            .tone(Tone::Bad),
        Act::Thaw(seat) => line("act-thaw-done").with("node", names.seat(*seat)),
        Act::PowerOff(host, keep) => line("act-power-off-done")
            .with("node", names.hosts(&[*host]))
            .with("keep", Phrase::new(keep_key(*keep)))
            .tone(Tone::Bad),
        Act::Wipe(host) => line("act-wipe-done")
            .with("node", names.hosts(&[*host]))
            .tone(Tone::Bad),
        Act::Truncate(host, file, keep) => line("act-truncate-done")
            .with("node", names.hosts(&[*host]))
            .with("file", super::file_name(names, file))
            .with("count", i64::try_from(*keep).unwrap_or(i64::MAX))
            .tone(Tone::Bad),
        Act::Remove(host, file) => line("act-remove-done")
            .with("node", names.hosts(&[*host]))
            .with("file", super::file_name(names, file))
            .tone(Tone::Bad),
        Act::Cut(from, to) => line("act-cut-done")
            .with("from", names.hosts(from))
            .with("to", names.hosts(to))
            .tone(Tone::Bad),
        Act::Mend(from, to) => line("act-mend-done")
            .with("from", names.hosts(from))
            .with("to", names.hosts(to)),
        Act::Heal => line("act-heal-done"),
        Act::Slow(from, to, by) => line("act-slow-done")
            .with("from", names.hosts(&[*from]))
            .with("to", names.hosts(&[*to]))
            .with("by", Arg::Time(by.0))
            .tone(Tone::Warn),
        Act::Lose(from, to, ppm) => line("act-lose-done")
            .with("from", names.hosts(&[*from]))
            .with("to", names.hosts(&[*to]))
            .with("percent", percent(*ppm))
            .tone(Tone::Warn),
        Act::SlowDisk(host, by) => line("act-slow-disk-done")
            .with("node", names.hosts(&[*host]))
            .with("by", Arg::Time(by.0))
            .tone(Tone::Warn),
        Act::FillDisk(host, true) => line("act-fill-disk-done")
            .with("node", names.hosts(&[*host]))
            .tone(Tone::Bad),
        Act::FillDisk(host, false) => {
            line("act-empty-disk-done").with("node", names.hosts(&[*host]))
        }
        Act::Fire(seat, timer) => line("act-fire-done")
            .with("node", names.seat(*seat))
            .with("timer", Phrase::new(crate::kafka::timer_label(*timer))),
        Act::Hold(entry) => packet("act-hold-done", entry).tone(Tone::Warn),
        Act::Release(entry) => packet("act-release-done", entry),
        Act::Drop(entry) => packet("act-drop-done", entry).tone(Tone::Bad),
        Act::Deliver(entry) => packet("act-deliver-done", entry),
        Act::Order(seat, order) => line("act-order-done")
            .with("node", names.seat(*seat))
            .with("call", call_of(order)),
        Act::Change(_) => line("act-change-done"),
        Act::CrashPart(_, part) => match *part {},
        Act::Add(name) => line("act-add-done").with("node", name.as_str()),
    }
}

/// The key of what a power loss leaves.
fn keep_key(keep: Keep) -> &'static str {
    match keep {
        Keep::Synced => "keep-synced",
        Keep::Drawn => "keep-drawn",
        Keep::Records(_) => "keep-records",
        Keep::All => "keep-all",
    }
}

/// Parts per million as percent, with as many places as it needs.
fn percent(ppm: u32) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
