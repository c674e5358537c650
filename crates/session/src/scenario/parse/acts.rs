//! Acts.

use winnow::prelude::*;
use winnow::stream::Stream;
use winnow::token::take_till;

use super::tokens::{
    clock, expected, expected_at, is_partition, keyword, list, message, messages, must_sign, name,
    names, number, partition, peek, sign, takes, target, targets, word,
};
use crate::scenario::act::{ClientOrder, Kept, PacketAct, PacketName, Place, PlannedAct, Target};
use crate::topology::Setting;

const ACT: &str = "an act: crash, stop, start, freeze, thaw, power-off, wipe, cut, mend, heal, slow, \
    lose, slow-disk, fill-disk, free-disk, fire, hold, release, drop, deliver, set, unset, or a client \
    and what it is asked for";

/// Words with which an act begins: no client may be called like that.
pub(crate) const VERBS: [&str; 22] = [
    "crash",
    "stop",
    "start",
    "freeze",
    "thaw",
    "power-off",
    "wipe",
    "cut",
    "mend",
    "heal",
    "slow",
    "lose",
    "slow-disk",
    "fill-disk",
    "free-disk",
    "fire",
    "hold",
    "release",
    "drop",
    "deliver",
    "set",
    "unset",
];

/// An act.
pub(crate) fn act(input: &mut &str) -> ModalResult<PlannedAct> {
    let start = input.checkpoint();
    let verb = word(input, ACT)?;
    Ok(match verb {
        "crash" => PlannedAct::Crash(targets(input)?),
        "stop" => PlannedAct::Stop(targets(input)?),
        "start" => PlannedAct::Start(targets(input)?),
        "freeze" => PlannedAct::Freeze(targets(input)?),
        "thaw" => PlannedAct::Thaw(targets(input)?),
        "power-off" => {
            let whom = targets(input)?;
            let kept = if takes(input, "keep")? {
                kept(input)?
            } else {
                Kept::Synced
            };
            PlannedAct::PowerOff(whom, kept)
        }
        "wipe" => PlannedAct::Wipe(targets(input)?),
        "cut" => {
            let (groups, one_way) = groups(input)?;
            PlannedAct::Cut { groups, one_way }
        }
        "mend" => {
            let (groups, one_way) = groups(input)?;
            PlannedAct::Mend { groups, one_way }
        }
        "heal" => PlannedAct::Heal,
        "slow" => {
            let (from, to) = way(input)?;
            keyword(input, "by", "by, and how much longer a packet takes")?;
            PlannedAct::Slow {
                from,
                to,
                by_us: clock(input)?,
            }
        }
        "lose" => {
            let (from, to) = way(input)?;
            keyword(
                input,
                "ppm",
                "ppm, and how many packets of a million are lost",
            )?;
            PlannedAct::Lose {
                from,
                to,
                ppm: number(input, "packets of a million")?,
            }
        }
        "slow-disk" => {
            let whose = target(input)?;
            keyword(input, "by", "by, and how much longer a sync takes")?;
            PlannedAct::SlowDisk(whose, clock(input)?)
        }
        "fill-disk" => PlannedAct::FillDisk(target(input)?, true),
        "free-disk" => PlannedAct::FillDisk(target(input)?, false),
        "fire" => PlannedAct::Fire(target(input)?, name(input, "the name of a timer")?),
        "hold" => PlannedAct::Packet(PacketAct::Hold, packet(input)?),
        "release" => PlannedAct::Packet(PacketAct::Release, packet(input)?),
        "drop" => PlannedAct::Packet(PacketAct::Drop, packet(input)?),
        "deliver" => PlannedAct::Packet(PacketAct::Deliver, packet(input)?),
        "set" => PlannedAct::Set(setting(input)?),
        "unset" => PlannedAct::Unset(setting_place(input)?),
        client => match order(input)? {
            Some(order) => PlannedAct::Order(client.to_owned(), order),
            None => return expected_at(input, &start, ACT),
        },
    })
}

fn kept(input: &mut &str) -> ModalResult<Kept> {
    let start = input.checkpoint();
    match word(input, "synced, drawn, all, or a number of records")? {
        "synced" => Ok(Kept::Synced),
        "drawn" => Ok(Kept::Drawn),
        "all" => Ok(Kept::All),
        _ => {
            input.reset(&start);
            number(input, "synced, drawn, all, or a number of records").map(Kept::Records)
        }
    }
}

fn groups(input: &mut &str) -> ModalResult<(Vec<Vec<Target>>, bool)> {
    let mut groups = vec![targets(input)?];
    let one_way = sign(input, "->")?;
    if !one_way {
        must_sign(
            input,
            "|",
            "| (both ways) or -> (one way), and another group",
        )?;
    }
    groups.push(targets(input)?);
    while sign(input, if one_way { "->" } else { "|" })? {
        groups.push(targets(input)?);
    }
    Ok((groups, one_way))
}

fn way(input: &mut &str) -> ModalResult<(Target, Target)> {
    let from = target(input)?;
    must_sign(input, "->", "-> and who reads")?;
    Ok((from, target(input)?))
}

fn packet(input: &mut &str) -> ModalResult<PacketName> {
    let kind = name(
        input,
        "a request of Kafka's protocol such as Produce or ReplicaFetch",
    )?;
    let answer = takes(input, "answer")?;
    let nth = number(input, "which of them, counted from 1")?;
    let from = name(input, "who sends it")?;
    must_sign(input, "->", "-> and who reads it")?;
    let to = name(input, "who reads it")?;
    let about = if takes(input, "for")? {
        Some(message(input)?)
    } else {
        None
    };
    Ok(PacketName {
        kind,
        answer,
        nth,
        from,
        to,
        about,
    })
}

/// `producer p1 acks=1`, `topic min.insync.replicas=2`, `cluster …`.
pub(crate) fn setting(input: &mut &str) -> ModalResult<Setting> {
    let mut setting = setting_place(input)?;
    must_sign(input, "=", "= and the value")?;
    let value: &str = take_till(0.., |c| c == ';').parse_next(input)?;
    setting.value = value.trim().to_owned();
    Ok(setting)
}

/// The place of a setting, without a value.
pub(crate) fn setting_place(input: &mut &str) -> ModalResult<Setting> {
    let scope = name(
        input,
        "a scope: cluster, broker, topic, producer or consumer",
    )?;
    let first = name(input, "a key, or whose it is and the key")?;
    let second = if peek(input)?.is_empty() {
        None
    } else {
        Some(name(input, "a key")?)
    };
    let (name, key) = match second {
        Some(key) => (first, key),
        None => (String::new(), first),
    };
    Ok(Setting {
        scope,
        name,
        key,
        value: String::new(),
    })
}

/// A topic, or a partition of one.
pub(crate) fn place(input: &mut &str) -> ModalResult<Place> {
    if takes(input, "topic")? {
        return name(input, "a topic").map(Place::Topic);
    }
    let start = input.checkpoint();
    let word = word(input, "a partition such as orders-0, or topic and its name")?;
    if is_partition(word) {
        Ok(Place::Partition(word.to_owned()))
    } else {
        expected_at(
            input,
            &start,
            "a partition such as orders-0, or topic and its name",
        )
    }
}

fn within(input: &mut &str, default_us: u64) -> ModalResult<u64> {
    if takes(input, "within")? {
        clock(input)
    } else {
        Ok(default_us)
    }
}

/// What a client is asked for; nothing when no such word stands here.
fn order(input: &mut &str) -> ModalResult<Option<ClientOrder>> {
    let start = input.checkpoint();
    let verb = super::tokens::maybe_word(input)?.unwrap_or("");
    Ok(Some(match verb {
        "send" => {
            let messages = messages(input)?;
            keyword(input, "to", "to, and a partition or topic")?;
            let to = place(input)?;
            let (mut size, mut pace_us, mut age_ms) = (100, 0, 0);
            loop {
                match peek(input)? {
                    "size" => {
                        takes(input, "size")?;
                        size = number(input, "bytes")?;
                    }
                    "pace" => {
                        takes(input, "pace")?;
                        pace_us = clock(input)?;
                    }
                    "age-ms" => {
                        takes(input, "age-ms")?;
                        age_ms = number(input, "milliseconds, negative for the future")?;
                    }
                    "" => break,
                    _ => return expected("size, pace, age-ms, or the end of the line"),
                }
            }
            ClientOrder::Send {
                messages,
                to,
                size,
                pace_us,
                age_ms,
            }
        }
        "flush" => ClientOrder::Flush,
        "close" => ClientOrder::Close(within(input, 10_000_000)?),
        "pause" => ClientOrder::Pause,
        "resume" => ClientOrder::Resume,
        "poll" => {
            let count = number(input, "a number of records")?;
            let within_us = within(input, 10_000_000)?;
            let process = if takes(input, "process")? {
                Some(number(input, "a number of records")?)
            } else {
                None
            };
            ClientOrder::Poll {
                count,
                within_us,
                process,
            }
        }
        "poll-start" => ClientOrder::PollStart {
            sync: takes(input, "sync")?,
        },
        "poll-stop" => ClientOrder::PollStop,
        "commit" => {
            let offsets = match peek(input)? {
                "" | "within" => Vec::new(),
                _ => list(input, |input| {
                    let partition = partition(input)?;
                    must_sign(input, "=", "= and an offset")?;
                    Ok((partition, number(input, "an offset")?))
                })?,
            };
            ClientOrder::Commit {
                offsets,
                within_us: within(input, 60_000_000)?,
            }
        }
        "commit-async" => ClientOrder::CommitAsync,
        "seek" => {
            let partition = partition(input)?;
            keyword(input, "to", "to, and an offset")?;
            ClientOrder::Seek {
                partition,
                offset: number(input, "an offset")?,
            }
        }
        "seek-to-committed" => ClientOrder::SeekToCommitted,
        "read" => {
            let partition = partition(input)?;
            ClientOrder::Read {
                partition,
                within_us: within(input, 10_000_000)?,
            }
        }
        "describe" => {
            let partition = partition(input)?;
            let brokers = if takes(input, "at")? {
                names(input, "brokers")?
            } else {
                Vec::new()
            };
            ClientOrder::Describe { partition, brokers }
        }
        "offsets" => {
            let group = name(input, "a group")?;
            ClientOrder::Offsets {
                group,
                within_us: within(input, 10_000_000)?,
            }
        }
        _ => {
            input.reset(&start);
            return Ok(None);
        }
    }))
}
