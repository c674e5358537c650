//! All that is needed to repeat a run, and the way from acts by name to acts of the kernel.

mod orders;
mod packets;
mod resolve;

pub(crate) use packets::carries;

use ackscope_kafka::metadata::Image;
use ackscope_kafka::{Kafka, KafkaProcess, Tp};
use ackscope_kernel::{MessageKey, SeatId, World};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::founding::{tp_name, tp_named};
use crate::scenario::act::{MessageName, Messages, PlannedAct, Target};
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
}

impl Lookup<'_> {
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
}
