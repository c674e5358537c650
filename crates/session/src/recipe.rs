//! All that is needed to repeat a run, and the way from acts by name to acts of the kernel.

use std::sync::Arc;

use ackscope_kafka::messages::kind;
use ackscope_kafka::metadata::Image;
use ackscope_kafka::system::{Change, ProduceOrder};
use ackscope_kafka::{Kafka, KafkaProcess, Order, Timer, Tp};
use ackscope_kernel::{Act, EntryId, HostId, Keep, MessageKey, SeatId, Span, Trace, What, World};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::founding::{self, tp_name, tp_named};
use crate::scenario::act::{
    ClientOrder, Kept, MessageName, Messages, PacketAct, PacketName, Place, PlannedAct, Target,
};
use crate::scenario::{Action, End, Scenario, Step, Timing};
use crate::topology::Topology;

/// A run that can be repeated: what it began with, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The engine's version: under another one the run may end differently.
    pub version: u32,
    /// The scenario that it came from; empty for none.
    pub scenario: String,
    /// What there was at the start.
    pub topology: Topology,
    /// Where everything random came from.
    pub seed: u64,
    /// What was done, in order; targets are names.
    pub acts: Vec<Done>,
    /// How far it went, in microseconds after time zero.
    pub until_us: u64,
}

/// An act and its moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Microseconds after time zero.
    pub at_us: u64,
    /// Events of that time that came before.
    pub taken: u32,
    /// What was done.
    pub act: PlannedAct,
}

/// An act that cannot be done: what it names is not there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{act}: {reason}")]
pub struct Unresolved {
    /// The act as text.
    pub act: String,
    /// What is missing.
    pub reason: String,
}

impl Recipe {
    /// The recipe as a scenario without conditions and expectations: playing it repeats the run.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        let id = if self.scenario.is_empty() {
            "recipe"
        } else {
            &self.scenario
        };
        let step = |done: &Done| Step {
            timing: Timing::At {
                at_us: done.at_us,
                taken: done.taken,
            },
            label: None,
            action: Action::Act(done.act.clone()),
        };
        Scenario {
            seed: self.seed,
            topology: self.topology.clone(),
            // Starts of clients are among the acts.
            by_hand: self
                .topology
                .clients
                .iter()
                .map(|client| client.name.clone())
                .collect(),
            steps: self.acts.iter().map(step).collect(),
            end: End::Run(self.until_us),
            ..Scenario::new(id)
        }
    }
}

/// The metadata of the active controller.
#[must_use]
pub fn image(world: &World<Kafka>) -> Option<&Image> {
    let process = world.process(world.settings().controller_seat())?;
    match &**process {
        KafkaProcess::Controller(controller) => Some(controller.image()),
        _ => None,
    }
}

/// What can be looked up by name in a world at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    world: &'a World<Kafka>,
}

type Found<T> = Result<T, String>;

impl<'a> Lookup<'a> {
    /// Looks in this world.
    #[must_use]
    pub fn new(world: &'a World<Kafka>) -> Self {
        Lookup { world }
    }

    /// A process by its name.
    ///
    /// # Errors
    /// There is none.
    pub fn seat(&self, name: &str) -> Result<SeatId, String> {
        self.world
            .seat_named(name)
            .ok_or_else(|| format!("there is no process {name}"))
    }

    /// A partition by its name.
    ///
    /// # Errors
    /// There is none.
    pub fn tp(&self, name: &str) -> Result<Tp, String> {
        tp_named(self.world.settings(), name).ok_or_else(|| format!("there is no partition {name}"))
    }

    /// The number of a group.
    ///
    /// # Errors
    /// There is none.
    pub fn group(&self, name: &str) -> Result<u16, String> {
        let number = self.world.settings().group_number(name);
        number.ok_or_else(|| format!("there is no group {name}"))
    }

    /// The leader of a partition, as the controller has it.
    ///
    /// # Errors
    /// There is none now.
    pub fn leader(&self, tp: Tp) -> Result<SeatId, String> {
        let state = image(self.world).and_then(|image| image.partitions.get(&tp));
        state
            .and_then(|state| state.leader)
            .ok_or_else(|| format!("{} has no leader now", tp_name(self.world.settings(), tp)))
    }

    /// Whoever is meant, now.
    ///
    /// # Errors
    /// Nobody is.
    pub fn targets(&self, target: &Target) -> Result<Vec<SeatId>, String> {
        let followers = |tp: &str| {
            let tp = self.tp(tp)?;
            let state = image(self.world).and_then(|image| image.partitions.get(&tp));
            let state = state.ok_or_else(|| "it does not exist yet".to_owned())?;
            let others = state
                .replicas
                .iter()
                .copied()
                .filter(|r| Some(*r) != state.leader);
            Ok::<_, String>(others.collect::<Vec<_>>())
        };
        match target {
            Target::Named(name) => Ok(vec![self.seat(name)?]),
            Target::LeaderOf(tp) => Ok(vec![self.leader(self.tp(tp)?)?]),
            Target::FollowersOf(tp) => followers(tp),
            Target::FollowerOf(tp) => {
                let first = followers(tp)?.into_iter().next();
                Ok(vec![first.ok_or_else(|| format!("{tp} has no follower"))?])
            }
            Target::CoordinatorOf(group) => {
                self.group(group)?;
                Ok(vec![
                    self.leader(self.world.settings().offsets_partition(group))?,
                ])
            }
            Target::Brokers => Ok(self.world.settings().broker_seats().collect()),
        }
    }

    /// The one who is meant.
    ///
    /// # Errors
    /// Nobody is, or several are.
    pub fn target(&self, target: &Target) -> Result<SeatId, String> {
        match self.targets(target)?.as_slice() {
            [one] => Ok(*one),
            _ => Err(format!("{target} is not one process")),
        }
    }

    /// A message's key.
    ///
    /// # Errors
    /// Its producer is not there or not named.
    pub fn message(&self, name: &MessageName) -> Result<MessageKey, String> {
        let origin = self.origin(name.producer.as_deref())?;
        Ok(MessageKey {
            origin,
            number: name.number,
        })
    }

    /// The keys of messages, in order.
    ///
    /// # Errors
    /// Their producer is not there or not named.
    pub fn messages(&self, all: &[Messages]) -> Result<Vec<MessageKey>, String> {
        let mut keys = Vec::new();
        for some in all {
            let origin = self.origin(some.producer.as_deref())?;
            keys.extend((some.first..=some.last).map(|number| MessageKey { origin, number }));
        }
        Ok(keys)
    }

    fn origin(&self, producer: Option<&str>) -> Found<SeatId> {
        match (producer, self.producers().as_slice()) {
            (Some(name), _) => self.seat(name),
            (None, [one]) => Ok(*one),
            (None, _) => Err("a message must be named with its producer".to_owned()),
        }
    }

    /// The seats of all producers.
    #[must_use]
    pub fn producers(&self) -> Vec<SeatId> {
        let roles = (0..).zip(&self.world.settings().roles);
        let producers = roles.filter(|(_, role)| matches!(role, ackscope_kafka::Role::Producer(_)));
        producers.map(|(at, _)| SeatId(at)).collect()
    }

    /// The name of a message: with its producer in front when there are several.
    #[must_use]
    pub fn name(&self, key: MessageKey) -> String {
        match self.producers().len() {
            0 | 1 => format!("m{}", key.number),
            _ => format!("{}.m{}", self.world.name(key.origin), key.number),
        }
    }

    fn hosts(&self, targets: &[Target]) -> Found<Vec<HostId>> {
        Ok(self
            .seats(targets)?
            .into_iter()
            .map(|seat| self.world.host(seat))
            .collect())
    }

    fn seats(&self, targets: &[Target]) -> Found<Vec<SeatId>> {
        let mut seats = Vec::new();
        for target in targets {
            seats.extend(self.targets(target)?);
        }
        seats.dedup();
        Ok(seats)
    }

    fn named(&self, targets: &[Target]) -> Found<Vec<Target>> {
        let name = |seat| Target::Named(self.world.name(seat).to_owned());
        Ok(self.seats(targets)?.into_iter().map(name).collect())
    }

    fn named_one(&self, target: &Target) -> Found<Target> {
        self.target(target)
            .map(|seat| Target::Named(self.world.name(seat).to_owned()))
    }

    /// The act with each target replaced by whoever is meant now.
    ///
    /// # Errors
    /// Somebody who is meant is not there.
    pub fn resolve(&self, act: &PlannedAct) -> Result<PlannedAct, Unresolved> {
        self.resolved(act).map_err(|reason| Unresolved {
            act: act.to_string(),
            reason,
        })
    }

    fn resolved(&self, act: &PlannedAct) -> Found<PlannedAct> {
        let groups = |groups: &[Vec<Target>]| {
            groups
                .iter()
                .map(|group| self.named(group))
                .collect::<Found<Vec<_>>>()
        };
        Ok(match act {
            PlannedAct::Crash(whom) => PlannedAct::Crash(self.named(whom)?),
            PlannedAct::Stop(whom) => PlannedAct::Stop(self.named(whom)?),
            PlannedAct::Start(whom) => PlannedAct::Start(self.named(whom)?),
            PlannedAct::Freeze(whom) => PlannedAct::Freeze(self.named(whom)?),
            PlannedAct::Thaw(whom) => PlannedAct::Thaw(self.named(whom)?),
            PlannedAct::PowerOff(whom, kept) => PlannedAct::PowerOff(self.named(whom)?, *kept),
            PlannedAct::Wipe(whom) => PlannedAct::Wipe(self.named(whom)?),
            PlannedAct::Cut {
                groups: all,
                one_way,
            } => PlannedAct::Cut {
                groups: groups(all)?,
                one_way: *one_way,
            },
            PlannedAct::Mend {
                groups: all,
                one_way,
            } => PlannedAct::Mend {
                groups: groups(all)?,
                one_way: *one_way,
            },
            PlannedAct::Slow { from, to, by_us } => PlannedAct::Slow {
                from: self.named_one(from)?,
                to: self.named_one(to)?,
                by_us: *by_us,
            },
            PlannedAct::Lose { from, to, ppm } => PlannedAct::Lose {
                from: self.named_one(from)?,
                to: self.named_one(to)?,
                ppm: *ppm,
            },
            PlannedAct::SlowDisk(whose, us) => PlannedAct::SlowDisk(self.named_one(whose)?, *us),
            PlannedAct::FillDisk(whose, full) => {
                PlannedAct::FillDisk(self.named_one(whose)?, *full)
            }
            PlannedAct::Fire(whose, timer) => {
                PlannedAct::Fire(self.named_one(whose)?, timer.clone())
            }
            PlannedAct::Heal
            | PlannedAct::Packet(..)
            | PlannedAct::Order(..)
            | PlannedAct::Set(_)
            | PlannedAct::Unset(_) => act.clone(),
        })
    }

    /// The act as the kernel does it, one after the other within one moment. `trace` holds the run
    /// since its entry number `zero`, for packets; `topology` holds the settings, and a `set` changes it.
    ///
    /// # Errors
    /// What the act names is not there, or Kafka refuses the value.
    pub fn kernel(
        &self,
        act: &PlannedAct,
        trace: &Trace<Kafka>,
        zero: u32,
        topology: &mut Topology,
    ) -> Result<Vec<Act<Kafka>>, Unresolved> {
        let done = self.kernel_acts(act, trace, zero, topology);
        done.map_err(|reason| Unresolved {
            act: act.to_string(),
            reason,
        })
    }

    fn kernel_acts(
        &self,
        act: &PlannedAct,
        trace: &Trace<Kafka>,
        zero: u32,
        topology: &mut Topology,
    ) -> Found<Vec<Act<Kafka>>> {
        let each = |whom: &[Target], make: fn(SeatId) -> Act<Kafka>| {
            Ok::<_, String>(self.seats(whom)?.into_iter().map(make).collect())
        };
        let host = |whose: &Target| Ok::<_, String>(self.world.host(self.target(whose)?));
        match act {
            PlannedAct::Crash(whom) => each(whom, Act::Crash),
            PlannedAct::Stop(whom) => each(whom, Act::Stop),
            PlannedAct::Start(whom) => each(whom, Act::Start),
            PlannedAct::Freeze(whom) => each(whom, Act::Freeze),
            PlannedAct::Thaw(whom) => each(whom, Act::Thaw),
            PlannedAct::PowerOff(whom, kept) => {
                let keep = match kept {
                    Kept::Synced => Keep::Synced,
                    Kept::Drawn => Keep::Drawn,
                    Kept::Records(more) => Keep::Records(*more),
                    Kept::All => Keep::All,
                };
                Ok(self
                    .hosts(whom)?
                    .into_iter()
                    .map(|host| Act::PowerOff(host, keep))
                    .collect())
            }
            PlannedAct::Wipe(whom) => Ok(self.hosts(whom)?.into_iter().map(Act::Wipe).collect()),
            PlannedAct::Cut { groups, one_way } => self.pairs(groups, *one_way, Act::Cut),
            PlannedAct::Mend { groups, one_way } => self.pairs(groups, *one_way, Act::Mend),
            PlannedAct::Heal => Ok(vec![Act::Heal]),
            PlannedAct::Slow { from, to, by_us } => {
                Ok(vec![Act::Slow(host(from)?, host(to)?, Span(*by_us))])
            }
            PlannedAct::Lose { from, to, ppm } => Ok(vec![Act::Lose(host(from)?, host(to)?, *ppm)]),
            PlannedAct::SlowDisk(whose, us) => Ok(vec![Act::SlowDisk(host(whose)?, Span(*us))]),
            PlannedAct::FillDisk(whose, full) => Ok(vec![Act::FillDisk(host(whose)?, *full)]),
            PlannedAct::Fire(whose, name) => {
                let timer = TIMERS.iter().find(|(known, _)| known == name);
                let timer = timer.ok_or_else(|| {
                    let known: Vec<_> = TIMERS.iter().map(|(name, _)| *name).collect();
                    format!("there is no timer {name}; there are: {}", known.join(", "))
                })?;
                Ok(vec![Act::Fire(self.target(whose)?, timer.1)])
            }
            PlannedAct::Packet(what, packet) => {
                let entry = self.packet(packet, trace, zero)?;
                Ok(vec![match what {
                    PacketAct::Hold => Act::Hold(entry),
                    PacketAct::Release => Act::Release(entry),
                    PacketAct::Drop => Act::Drop(entry),
                    PacketAct::Deliver => Act::Deliver(entry),
                }])
            }
            PlannedAct::Order(client, order) => {
                let seat = self.seat(client)?;
                Ok(vec![Act::Order(seat, self.order(seat, order)?)])
            }
            PlannedAct::Set(setting) => {
                topology.set(setting.clone());
                self.change(topology)
            }
            PlannedAct::Unset(setting) => {
                topology.unset(&setting.scope, &setting.name, &setting.key);
                self.change(topology)
            }
        }
    }

    fn change(&self, topology: &Topology) -> Found<Vec<Act<Kafka>>> {
        let (settings, refusals) = founding::settings(topology).map_err(|e| e.to_string())?;
        match refusals.first() {
            Some(refusal) => Err(refusal.to_string()),
            None => Ok(vec![Act::Change(Change::Replace(Arc::new(settings)))]),
        }
    }

    fn pairs(
        &self,
        groups: &[Vec<Target>],
        one_way: bool,
        make: fn(Vec<HostId>, Vec<HostId>) -> Act<Kafka>,
    ) -> Found<Vec<Act<Kafka>>> {
        let hosts: Vec<_> = groups
            .iter()
            .map(|group| self.hosts(group))
            .collect::<Found<_>>()?;
        let mut acts = Vec::new();
        for (at, from) in hosts.iter().enumerate() {
            for to in &hosts[at + 1..] {
                acts.push(make(from.clone(), to.clone()));
                if !one_way {
                    acts.push(make(to.clone(), from.clone()));
                }
            }
        }
        Ok(acts)
    }

    fn order(&self, me: SeatId, order: &ClientOrder) -> Found<Order> {
        Ok(match order {
            ClientOrder::Send {
                messages,
                to,
                size,
                pace_us,
                age_ms,
            } => {
                let (topic, partition) = match to {
                    Place::Topic(name) => {
                        let number = founding::topic_named(self.world.settings(), name);
                        (
                            number.ok_or_else(|| format!("there is no topic {name}"))?,
                            None,
                        )
                    }
                    Place::Partition(name) => {
                        let tp = self.tp(name)?;
                        (tp.topic, Some(tp.partition))
                    }
                };
                let mut keys = Vec::new();
                for some in messages {
                    let origin = match &some.producer {
                        Some(name) => self.seat(name)?,
                        None => me,
                    };
                    keys.extend(
                        (some.first..=some.last).map(|number| MessageKey { origin, number }),
                    );
                }
                Order::Produce(ProduceOrder {
                    topic,
                    partition,
                    messages: keys,
                    size: *size,
                    pace: Span(*pace_us),
                    timestamp_age_ms: *age_ms,
                    key: None,
                })
            }
            ClientOrder::Flush => Order::Flush,
            ClientOrder::Close(us) => Order::Close(Span(*us)),
            ClientOrder::Pause => Order::Run(false),
            ClientOrder::Resume => Order::Run(true),
            ClientOrder::Poll {
                count,
                within_us,
                process,
            } => Order::Poll {
                count: *count,
                timeout: Span(*within_us),
                process: *process,
            },
            ClientOrder::PollStart { sync } => Order::PollStart { sync: *sync },
            ClientOrder::PollStop => Order::PollStop,
            ClientOrder::Commit { offsets, within_us } => {
                let list = offsets
                    .iter()
                    .map(|(name, offset)| Ok((self.tp(name)?, *offset)));
                let list = list.collect::<Found<Vec<_>>>()?;
                let offsets = if list.is_empty() { None } else { Some(list) };
                Order::Commit {
                    offsets,
                    timeout: Span(*within_us),
                }
            }
            ClientOrder::CommitAsync => Order::CommitAsync,
            ClientOrder::Seek { partition, offset } => Order::Seek {
                tp: self.tp(partition)?,
                offset: *offset,
            },
            ClientOrder::SeekToCommitted => Order::SeekToCommitted,
            ClientOrder::Read {
                partition,
                within_us,
            } => Order::ReadAll {
                tp: self.tp(partition)?,
                timeout: Span(*within_us),
            },
            ClientOrder::Describe { partition, brokers } => Order::Describe {
                tp: self.tp(partition)?,
                brokers: brokers
                    .iter()
                    .map(|name| self.seat(name))
                    .collect::<Found<_>>()?,
            },
            ClientOrder::Offsets { group, within_us } => Order::GroupOffsets {
                group: self.group(group)?,
                timeout: Span(*within_us),
            },
        })
    }

    /// The entry that sent a packet.
    pub(crate) fn packet(
        &self,
        packet: &PacketName,
        trace: &Trace<Kafka>,
        zero: u32,
    ) -> Found<EntryId> {
        let number = (kind::METADATA..kind::ANSWER).find(|k| kind::name(*k) == packet.kind);
        let number = number.ok_or_else(|| format!("there is no request {}", packet.kind))?;
        let wanted = if packet.answer {
            number + kind::ANSWER
        } else {
            number
        };
        let (from, to) = (self.seat(&packet.from)?, self.seat(&packet.to)?);
        let about = packet
            .about
            .as_ref()
            .map(|name| self.message(name))
            .transpose()?;
        let fits = trace
            .range(zero, trace.len())
            .filter_map(|(id, entry)| match &entry.what {
                What::Sent {
                    to: reader, brief, ..
                } if entry.seat == from && *reader == to && brief.kind == wanted => about
                    .is_none_or(|key| carries(trace, id, key))
                    .then_some(id),
                _ => None,
            });
        let at = usize::try_from(packet.nth).unwrap_or(usize::MAX);
        let found = at
            .checked_sub(1)
            .and_then(|skip| fits.into_iter().nth(skip));
        found.ok_or_else(|| "no such packet has been sent".to_owned())
    }

    /// The name of a packet, for a recipe.
    #[must_use]
    pub fn packet_name(
        &self,
        trace: &Trace<Kafka>,
        zero: u32,
        sent: EntryId,
    ) -> Option<PacketName> {
        let entry = trace.get(sent)?;
        let What::Sent { to, brief, .. } = &entry.what else {
            return None;
        };
        let like = |(_, other): &(EntryId, &ackscope_kernel::Entry<Kafka>)| {
            let same = |t: &SeatId, b: &ackscope_kernel::Brief| t == to && b.kind == brief.kind;
            other.seat == entry.seat
                && matches!(&other.what, What::Sent { to, brief, .. } if same(to, brief))
        };
        let before = trace.range(zero, sent.0).filter(like).count();
        Some(PacketName {
            kind: kind::name(brief.kind).to_owned(),
            answer: brief.kind >= kind::ANSWER,
            nth: u32::try_from(before).ok()? + 1,
            from: self.world.name(entry.seat).to_owned(),
            to: self.world.name(*to).to_owned(),
            about: None,
        })
    }
}

/// Whether a packet carries a message, or answers one that does.
pub(crate) fn carries(trace: &Trace<Kafka>, sent: EntryId, key: MessageKey) -> bool {
    let Some(entry) = trace.get(sent) else {
        return false;
    };
    let What::Sent { brief, .. } = &entry.what else {
        return false;
    };
    if let Some(first) = brief.first {
        let number = first.number..first.number.saturating_add(brief.count);
        return first.origin == key.origin && number.contains(&key.number);
    }
    let asked = |cause: EntryId| match trace.get(cause).map(|entry| &entry.what) {
        Some(What::Read { sent }) => *sent != EntryId::NONE && carries(trace, *sent, key),
        _ => false,
    };
    brief.kind >= kind::ANSWER && entry.causes.iter().any(asked)
}

/// Timers that an act can fire, by name.
const TIMERS: [(&str, Timer); 18] = [
    ("session-scan", Timer::SessionScan),
    ("balance", Timer::Balance),
    ("unclean-scan", Timer::UncleanScan),
    ("register", Timer::Register),
    ("heartbeat", Timer::Heartbeat),
    ("publication", Timer::Publication),
    ("acceptors", Timer::Acceptors),
    ("controller-link", Timer::ControllerLink),
    ("lag-check", Timer::LagCheck),
    ("checkpoint", Timer::Checkpoint),
    ("retention", Timer::Retention),
    ("offset-expiry", Timer::OffsetExpiry),
    ("net", Timer::Net),
    ("library", Timer::Library),
    ("member-heartbeat", Timer::MemberHeartbeat),
    ("auto-commit", Timer::AutoCommit),
    ("application", Timer::Application),
    ("processing", Timer::Processing),
];
