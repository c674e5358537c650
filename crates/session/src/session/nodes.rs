//! Nodes that are added to a recipe or taken out of it.

use super::opening::started;
use crate::command::NewNode;
use crate::recipe::{Done, Recipe};
use crate::scenario::act::{PlannedAct, Target as Whom};
use crate::topology::{Client, ClientRole, Consuming, Producing, Setting, Topology};

/// Adds a node of a kind under the next free name.
pub(super) fn add(recipe: &mut Recipe, what: NewNode) {
    let topology = &mut recipe.topology;
    let free = |letter: char, topology: &Topology| {
        let taken = |name: &String| topology.clients.iter().any(|client| client.name == *name);
        (1..)
            .map(|number| format!("{letter}{number}"))
            .find(|name| !taken(name))
            .unwrap_or_default()
    };
    let topic = topology
        .topics
        .first()
        .map(|topic| topic.name.clone())
        .unwrap_or_default();
    let client = match what {
        NewNode::Broker => {
            topology.brokers += 1;
            return;
        }
        NewNode::Producer => Client {
            name: free('p', topology),
            role: ClientRole::Producer(Producing {
                topic,
                stop_after: 10,
                ..Producing::default()
            }),
        },
        NewNode::Consumer => {
            let name = free('c', topology);
            topology.set(Setting {
                scope: "consumer".to_owned(),
                name: name.clone(),
                key: "group.id".to_owned(),
                value: format!("g-{name}"),
            });
            let role = ClientRole::Consumer(Consuming {
                subscribe: vec![topic],
                polls: true,
                ..Consuming::default()
            });
            Client { name, role }
        }
    };
    // It starts with the others, before anything else of that moment.
    let starts = |done: &Done| done.at_us == 0 && matches!(done.act, PlannedAct::Start(_));
    let place = recipe.acts.iter().take_while(|done| starts(done)).count();
    let taken = recipe
        .acts
        .get(place.saturating_sub(1))
        .map_or(0, |done| done.taken);
    recipe.acts.insert(
        place,
        Done {
            taken,
            ..started(&client.name)
        },
    );
    recipe.topology.clients.push(client);
}

/// Removes a client, with its settings and with what was done to it alone.
pub(super) fn remove(recipe: &mut Recipe, name: &str) -> Result<(), String> {
    let topology = &mut recipe.topology;
    let before = topology.clients.len();
    topology.clients.retain(|client| client.name != name);
    if topology.clients.len() == before {
        return Err(format!("{name} is no client"));
    }
    topology.settings.retain(|setting| setting.name != name);
    recipe.acts.retain(|done| match &done.act {
        PlannedAct::Order(client, _) => client != name,
        PlannedAct::Start(whom)
        | PlannedAct::Stop(whom)
        | PlannedAct::Crash(whom)
        | PlannedAct::Freeze(whom)
        | PlannedAct::Thaw(whom)
        | PlannedAct::PowerOff(whom, _) => whom.as_slice() != [Whom::Named(name.to_owned())],
        _ => true,
    });
    Ok(())
}
