//! One line, one statement.

use winnow::prelude::*;
use winnow::stream::Stream;

use super::acts::{act, setting, setting_place};
use super::claims::{claim, expectation};
use super::things::{self, Made};
use super::tokens::{
    clock, expected, expected_at, keyword, must_sign, name, number, peek, sign, takes, targets,
    word,
};
use crate::scenario::act::PlannedAct;
use crate::scenario::check::Names;
use crate::scenario::claim::Expectation;
use crate::scenario::{Action, Alteration, End, Key, Scenario, Step, Timing};
use crate::topology::{Client, ClientRole, Consuming, Producing, Setting, Times, Topic};

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    Id(String),
    Profile(String),
    Seed(u64),
    Course(u16),
    Brokers(u16),
    Times(Times),
    Topic(Topic),
    Producer(Made<Producing>),
    Consumer(Made<Consuming>),
    Group(String),
    Set(Setting),
    Step(Step),
    End(End),
    Expect(Expectation),
    Key(Key),
    Breaks(Vec<Alteration>),
    Choose(PlannedAct),
}

const STATEMENT: &str = "scenario, system, seed, course, brokers, times, topic, producer, consumer, \
    group, set, at, when, every, run, until, expect, key, breaks-when or choose";

/// A statement.
pub(super) fn statement(input: &mut &str) -> ModalResult<Statement> {
    let start = input.checkpoint();
    Ok(match word(input, STATEMENT)? {
        "scenario" => Statement::Id(name(input, "an id such as kafka-s02-acks-1-leader-crash")?),
        "system" => Statement::Profile(things::system(input)?),
        "seed" => Statement::Seed(number(input, "a number")?),
        "course" => Statement::Course(number(input, "its place in the course")?),
        "brokers" => Statement::Brokers(number(input, "1 to 5")?),
        "times" => Statement::Times(things::times(input)?),
        "topic" => Statement::Topic(things::topic(input)?),
        "producer" => Statement::Producer(things::producer(input)?),
        "consumer" => Statement::Consumer(things::consumer(input)?),
        "group" => Statement::Group(name(input, "a group")?),
        "set" => Statement::Set(setting(input)?),
        "at" | "when" | "every" => {
            input.reset(&start);
            Statement::Step(step(input)?)
        }
        "run" => Statement::End(End::Run(clock(input)?)),
        "until" => {
            keyword(input, "quiet", "quiet or, and a time")?;
            keyword(input, "or", "or, and a time")?;
            Statement::End(End::Quiet(clock(input)?))
        }
        "expect" => Statement::Expect(expectation(input)?),
        "key" => Statement::Key(key(input)?),
        "breaks-when" => {
            let mut all = vec![alteration(input)?];
            while sign(input, ";")? {
                all.push(alteration(input)?);
            }
            Statement::Breaks(all)
        }
        "choose" => Statement::Choose(act(input)?),
        _ => return expected_at(input, &start, STATEMENT),
    })
}

const KEY: &str =
    "set and a setting, step and a label, or program, a client and one of its options";

fn key(input: &mut &str) -> ModalResult<Key> {
    let start = input.checkpoint();
    Ok(match word(input, KEY)? {
        "set" => Key::Setting(setting_place(input)?),
        "step" => Key::Step(name(input, "the label of a step")?),
        "program" => Key::Program {
            client: name(input, "a client")?,
            option: name(input, "an option of its line, such as hands-off")?,
        },
        _ => return expected_at(input, &start, KEY),
    })
}

fn alteration(input: &mut &str) -> ModalResult<Alteration> {
    match peek(input)? {
        "set" => {
            takes(input, "set")?;
            setting(input).map(Alteration::Set)
        }
        "without" => {
            takes(input, "without")?;
            name(input, "the label of a step").map(Alteration::Without)
        }
        "at" | "when" | "every" => step(input).map(|step| Alteration::Step(Box::new(step))),
        _ => expected("set, without, at, when or every"),
    }
}

/// `at 3s [label]: crash b1`.
fn step(input: &mut &str) -> ModalResult<Step> {
    let timing = match word(input, "at, when or every")? {
        "at" => {
            let at_us = clock(input)?;
            let taken = if sign(input, "+")? {
                number(input, "a number of events")?
            } else {
                0
            };
            Timing::At { at_us, taken }
        }
        "when" => {
            let claim = claim(input)?;
            let after_us = if takes(input, "after")? {
                clock(input)?
            } else {
                0
            };
            Timing::When { claim, after_us }
        }
        "every" => {
            let start = input.checkpoint();
            let every_us = clock(input)?;
            if every_us == 0 {
                return expected_at(input, &start, "a time longer than nothing");
            }
            keyword(input, "from", "from, and the first time")?;
            let from_us = clock(input)?;
            keyword(input, "until", "until, and the last time")?;
            Timing::Every {
                every_us,
                from_us,
                until_us: clock(input)?,
            }
        }
        _ => return expected("at, when or every"),
    };
    let mut label = None;
    if sign(input, "[")? {
        label = Some(name(input, "a label")?);
        must_sign(input, "]", "]")?;
    }
    must_sign(input, ":", "a colon, and what is done")?;
    let action = match peek(input)? {
        "expect" => {
            takes(input, "expect")?;
            Action::Expect(expectation(input)?)
        }
        "roll" => {
            takes(input, "roll")?;
            let whom = targets(input)?;
            keyword(input, "down", "down, and how long each stays down")?;
            let down_us = clock(input)?;
            keyword(input, "until", "until, and what is waited for between two")?;
            Action::Roll {
                whom,
                down_us,
                until: claim(input)?,
            }
        }
        "supervise" => {
            takes(input, "supervise")?;
            let whom = targets(input)?;
            keyword(input, "after", "after, and how long after a death")?;
            Action::Supervise {
                whom,
                after_us: clock(input)?,
            }
        }
        _ => Action::Act(act(input)?),
    };
    Ok(Step {
        timing,
        label,
        action,
    })
}

impl Statement {
    /// Puts it into the scenario.
    pub(super) fn put(self, scenario: &mut Scenario) -> Result<(), String> {
        let topology = &mut scenario.topology;
        match self {
            Statement::Id(id) => scenario.id = id,
            Statement::Profile(profile) => topology.profile = profile,
            Statement::Seed(seed) => scenario.seed = seed,
            Statement::Course(place) => scenario.course = Some(place),
            Statement::Brokers(brokers) => topology.brokers = brokers,
            Statement::Times(times) => topology.times = times,
            Statement::Topic(topic) => topology.topics.push(topic),
            Statement::Producer(made) => {
                let role = ClientRole::Producer(made.program);
                put_client(scenario, made.name, role, made.by_hand, None);
            }
            Statement::Consumer(made) => {
                let role = ClientRole::Consumer(made.program);
                put_client(scenario, made.name, role, made.by_hand, made.group);
            }
            Statement::Group(group) => topology.groups.push(group),
            Statement::Set(setting) => {
                if topology
                    .setting(&setting.scope, &setting.name, &setting.key)
                    .is_some()
                {
                    return Err(format!("{} is set twice", setting.key));
                }
                topology.set(setting);
            }
            Statement::Step(step) => scenario.steps.push(step),
            Statement::End(end) => scenario.end = end,
            Statement::Expect(expectation) => scenario.expectations.push(expectation),
            Statement::Key(key) => scenario.keys.push(key),
            Statement::Breaks(changes) => scenario.breaks_when.push(changes),
            Statement::Choose(act) => scenario.choices.push(act),
        }
        Ok(())
    }

    /// Names in it that nothing has, each with a sentence.
    pub(super) fn unknown_names(&self, names: &Names) -> Vec<(String, String)> {
        let mut unknown = Vec::new();
        match self {
            Statement::Step(step) => names.in_step(step, &mut unknown),
            Statement::Expect(expectation) => names.in_expectation(expectation, &mut unknown),
            Statement::Key(Key::Program { client, option }) => {
                names.program_option(client, option, &mut unknown);
            }
            Statement::Key(Key::Step(label)) => names.label(label, &mut unknown),
            Statement::Key(Key::Setting(setting)) => names.spelled_out(setting, &mut unknown),
            Statement::Breaks(changes) => {
                for change in changes {
                    match change {
                        Alteration::Set(_) => {}
                        Alteration::Step(step) => names.in_step(step, &mut unknown),
                        Alteration::Without(label) => names.label(label, &mut unknown),
                    }
                }
            }
            Statement::Choose(act) => names.in_act(act, &mut unknown),
            Statement::Set(setting) => names.of_setting(setting, &mut unknown),
            Statement::Producer(made) => names.new_client(&made.name, &mut unknown),
            Statement::Consumer(made) => names.new_client(&made.name, &mut unknown),
            _ => {}
        }
        unknown
    }
}

fn put_client(
    scenario: &mut Scenario,
    name: String,
    role: ClientRole,
    by_hand: bool,
    group: Option<String>,
) {
    if by_hand {
        scenario.by_hand.push(name.clone());
    }
    if let Some(group) = group {
        scenario.topology.set(Setting {
            scope: "consumer".to_owned(),
            name: name.clone(),
            key: "group.id".to_owned(),
            value: group,
        });
    }
    scenario.topology.clients.push(Client { name, role });
}
