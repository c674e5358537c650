//! From a case to the world that it begins with.

use std::collections::BTreeMap;
use std::sync::Arc;

use ackscope_kernel::SeatId;
use ackscope_params::Overlay;
use ackscope_rabbitmq::amqp::Capabilities;
use ackscope_rabbitmq::client::{Channeling, Connecting, Program};
use ackscope_rabbitmq::ids::Name;
use ackscope_rabbitmq::message::{Table, Value};
use ackscope_rabbitmq::params::{self, ChannelMode, Params};
use ackscope_rabbitmq::system::{NodeSettings, Role, Settings, Version};
use serde_json::Value as Json;

use super::super::case::property;
use super::case::{Kind, Mode, RabbitCase};
use super::step::Step;
use super::times::{Times, times};
use ackscope_kernel::Span;

/// The client that declares the topology.
pub(super) const SETUP: &str = "setup";
/// The client that reads queues empty.
pub(super) const DRAIN: &str = "drain";

/// What the world does not know: where, and what.
pub(super) type Unknown = (String, String);

/// The settings of a run, its seats by name in order, and the driver's times.
pub(super) struct Ready {
    pub(super) settings: Settings,
    pub(super) seats: Vec<String>,
    pub(super) times: Times,
    pub(super) names: Names,
}

/// Texts and their numbers in the run.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<Arc<str>>);

impl Names {
    fn new() -> Names {
        Names(vec!["".into()])
    }

    fn add(&mut self, text: &str) {
        if !self.0.iter().any(|known| &**known == text) {
            self.0.push(text.into());
        }
    }

    /// The number of a text. All texts of a case were added before its run.
    pub(super) fn of(&self, text: &str) -> Name {
        let at = self.0.iter().position(|known| &**known == text);
        Name(u16::try_from(at.unwrap_or(0)).unwrap_or(0))
    }

    /// The text of a number.
    pub(super) fn text(&self, name: Name) -> &str {
        self.0.get(usize::from(name.0)).map_or("", |text| text)
    }
}

/// The world's settings.
///
/// # Errors
/// What in the case the world does not know: where, and what.
pub(super) fn ready(case: &RabbitCase, version: &str) -> Result<Ready, Unknown> {
    let Some(profile) = params::profile(version) else {
        return Err(("version".to_owned(), format!("unknown version `{version}`")));
    };
    let version = Version::of(profile);
    let times = times(version);
    let params = params_of(case, profile)?;
    let nodes = &case.cluster.nodes;
    let seat = |name: &str| {
        let at = nodes.iter().position(|node| node == name)?;
        u16::try_from(at).ok().map(SeatId)
    };
    let mut roles = vec![Role::Node; nodes.len()];
    let mut seats = nodes.clone();
    for (name, client) in &case.clients {
        let channel = Channeling {
            mode: match client.mode {
                Mode::None => ChannelMode::None,
                Mode::Confirm => ChannelMode::Confirm,
                Mode::Tx => ChannelMode::Tx,
            },
            prefetch: match (client.kind, client.prefetch) {
                (_, 0) => None,
                (Kind::Producer | Kind::Consumer, prefetch) => Some(prefetch),
            },
            global: false,
        };
        let home = seat(&client.node);
        roles.push(client_role(
            home,
            channel,
            client.heartbeat,
            client.cancel_notify,
            &times,
        ));
        seats.push(name.clone());
    }
    for own in [SETUP, DRAIN] {
        if seats.iter().any(|name| name == own) {
            let what = format!("the name `{own}` belongs to the driver");
            return Err(("clients".to_owned(), what));
        }
        roles.push(client_role(None, Channeling::default(), 0, true, &times));
        seats.push(own.to_owned());
    }
    let names = names_of(case)?;
    let settings = Settings {
        version,
        roles,
        names: names.0.clone(),
        node: Arc::new(NodeSettings::of(&params, seat)),
        params: Arc::new(params),
        pace: times.pace,
    };
    Ok(Ready {
        settings,
        seats,
        times,
        names,
    })
}

fn client_role(
    home: Option<SeatId>,
    channel: Channeling,
    heartbeat: i64,
    cancel_notify: bool,
    times: &Times,
) -> Role {
    Role::Client(Arc::new(Program {
        nodes: home.into_iter().collect(),
        connection: Connecting {
            heartbeat: Span::ms(heartbeat.saturating_mul(1000)),
            capabilities: Capabilities {
                cancel_notify,
                blocked: true,
            },
            limit: times.connect,
            ..Connecting::default()
        },
        channel,
        ..Program::default()
    }))
}

/// What the nodes obey. A setting that the parameter tables know is accepted.
fn params_of(case: &RabbitCase, profile: ackscope_params::Profile) -> Result<Params, Unknown> {
    let settings = case.cluster.settings.iter();
    let overlay: Overlay = settings
        .map(|(key, value)| (key, property(value)))
        .collect();
    let (params, refusals) = Params::resolve(profile, &overlay);
    match refusals.first() {
        None => Ok(params),
        Some(refusal) => {
            let place = format!("cluster.settings.{}", refusal.key);
            Err((place, refusal.text.clone()))
        }
    }
}

/// Every text of a case that names something in the world.
fn names_of(case: &RabbitCase) -> Result<Names, Unknown> {
    let mut names = Names::new();
    for exchange in &case.exchanges {
        names.add(&exchange.name);
        add_arguments(&mut names, &exchange.arguments);
    }
    for queue in &case.queues {
        names.add(&queue.name);
        add_arguments(&mut names, &queue.arguments);
    }
    for binding in &case.bindings {
        names.add(&binding.exchange);
        names.add(&binding.queue);
    }
    for policy in &case.policies {
        names.add(&policy.name);
        add_arguments(&mut names, &policy.definition);
    }
    case.clients.keys().for_each(|client| names.add(client));
    for step in &case.steps {
        match step {
            Step::Publish(publish) => {
                names.add(&publish.exchange);
                names.add(&publish.routing_key);
            }
            Step::Declare { queue, .. } => {
                names.add(&queue.name);
                add_arguments(&mut names, &queue.arguments);
            }
            Step::Consume { queue, .. }
            | Step::DeclarePassive { queue, .. }
            | Step::DeleteQueue { queue, .. }
            | Step::AwaitQueue { queue, .. }
            | Step::Snapshot { queue, .. } => names.add(queue),
            Step::Drain(drain) => names.add(&drain.queue),
            Step::SetPolicy { policy } => {
                names.add(&policy.name);
                add_arguments(&mut names, &policy.definition);
            }
            _ => {}
        }
    }
    if u16::try_from(names.0.len()).is_err() {
        return Err(("names".to_owned(), "more than 65535 names".to_owned()));
    }
    Ok(names)
}

/// Arguments name exchanges and queues by their texts.
fn add_arguments(names: &mut Names, arguments: &BTreeMap<String, Json>) {
    for value in arguments.values() {
        if let Json::String(text) = value {
            names.add(text);
        }
    }
}

/// A table as AMQP has it.
///
/// # Errors
/// A value of a kind that no argument has.
pub(super) fn table(arguments: &BTreeMap<String, Json>) -> Result<Arc<Table>, String> {
    let entries = arguments.iter();
    let entries = entries.map(|(key, value)| Ok((key.as_str().into(), amqp(value)?)));
    entries.collect::<Result<Table, String>>().map(Arc::new)
}

fn amqp(value: &Json) -> Result<Value, String> {
    Ok(match value {
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => return Err(format!("no whole number: {number}")),
        },
        Json::String(text) => Value::Str(text.as_str().into()),
        Json::Array(list) => Value::List(list.iter().map(amqp).collect::<Result<_, _>>()?),
        Json::Null | Json::Object(_) => return Err(format!("no value of a table: {value}")),
    })
}

/// Checks that steps name only what is there, and that every table can be said in AMQP.
///
/// # Errors
/// Where something unknown is named, and what.
pub(super) fn check(case: &RabbitCase) -> Result<(), Unknown> {
    let nodes = &case.cluster.nodes;
    for (at, node) in (1..).zip(nodes) {
        if *node != format!("n{at}") {
            let what = format!("unknown node `{node}`");
            return Err(("cluster.nodes".to_owned(), what));
        }
    }
    let known = |place: &str, node: &str| match nodes.iter().any(|known| known == node) {
        true => Ok(()),
        false => Err((place.to_owned(), format!("unknown node `{node}`"))),
    };
    let table_of = |place: &str, arguments: &BTreeMap<String, Json>| {
        let made = table(arguments).map(drop);
        made.map_err(|what| (place.to_owned(), what))
    };
    for (name, client) in &case.clients {
        known(&format!("clients.{name}.node"), &client.node)?;
    }
    for (at, queue) in case.queues.iter().enumerate() {
        let place = format!("queues[{at}]");
        queue.home.iter().try_for_each(|home| known(&place, home))?;
        table_of(&place, &queue.arguments)?;
    }
    for (at, exchange) in case.exchanges.iter().enumerate() {
        table_of(&format!("exchanges[{at}]"), &exchange.arguments)?;
    }
    for (at, binding) in case.bindings.iter().enumerate() {
        table_of(&format!("bindings[{at}]"), &binding.arguments)?;
    }
    for (at, step) in case.steps.iter().enumerate() {
        let place = format!("steps[{at}]");
        for client in step.clients() {
            if !case.clients.contains_key(client) {
                return Err((place, format!("unknown client `{client}`")));
            }
        }
        step.nodes()
            .iter()
            .try_for_each(|node| known(&place, node))?;
        match step {
            Step::Publish(publish) => table_of(&place, &publish.headers)?,
            Step::Consume { arguments, .. } => table_of(&place, arguments)?,
            Step::Declare { queue, .. } => table_of(&place, &queue.arguments)?,
            Step::SetPolicy { policy } => {
                table_of(&place, &policy.definition)?;
                applies_to(&policy.apply_to).map_err(|what| (place, what))?;
            }
            _ => {}
        }
    }
    for (at, policy) in case.policies.iter().enumerate() {
        let place = format!("policies[{at}]");
        table_of(&place, &policy.definition)?;
        applies_to(&policy.apply_to).map_err(|what| (place, what))?;
    }
    Ok(())
}

/// The word of `apply_to`.
pub(super) fn applies_to(word: &str) -> Result<ackscope_rabbitmq::node::image::AppliesTo, String> {
    use ackscope_rabbitmq::node::image::AppliesTo;
    Ok(match word {
        "all" => AppliesTo::All,
        "queues" => AppliesTo::Queues,
        "classic_queues" => AppliesTo::ClassicQueues,
        "quorum_queues" => AppliesTo::QuorumQueues,
        "streams" => AppliesTo::Streams,
        "exchanges" => AppliesTo::Exchanges,
        other => return Err(format!("unknown word of apply_to: `{other}`")),
    })
}
