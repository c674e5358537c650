//! Which cases need something that the model leaves out. Decided from the text of a case alone.

use std::collections::BTreeMap;

use ackscope_kafka::LEFT_OUT;

use super::case::{KafkaCase, Kind, property};
use super::step::Step;
use crate::founding::CONTROLLER;

/// Why a case is skipped, if it is: what it needs, and what the model says about that.
#[must_use]
pub(super) fn reason(case: &KafkaCase) -> Option<String> {
    let feature = needs(case)?;
    // What is not in the list has been built: the case runs.
    let (_, why) = LEFT_OUT.iter().find(|(name, _)| *name == feature)?;
    Some(format!("{feature}: {why}"))
}

fn needs(case: &KafkaCase) -> Option<&'static str> {
    let setting = |key: &'static str| {
        case.clients
            .values()
            .filter_map(move |client| client.settings.get(key).map(property))
    };
    if setting("transactional.id").next().is_some() {
        return Some("transactions");
    }
    let share = |client: &super::case::ClientSpec| client.kind == Kind::ShareConsumer;
    if case.clients.values().any(share) {
        return Some("share groups");
    }
    if setting("group.protocol").any(|protocol| protocol.eq_ignore_ascii_case("consumer")) {
        return Some("group.protocol=consumer");
    }
    if let Some(feature) = case.steps.iter().find_map(of_step) {
        return Some(feature);
    }
    let mut subscribed: BTreeMap<String, u32> = BTreeMap::new();
    for client in case.clients.values() {
        if let (false, Some(group)) = (client.subscribe.is_empty(), client.settings.get("group.id"))
        {
            *subscribed.entry(property(group)).or_default() += 1;
        }
    }
    subscribed
        .values()
        .any(|members| *members > 1)
        .then_some("rebalance")
}

/// Reading with `isolation: read_committed` needs nothing by itself: without a transaction the last
/// stable offset is the high watermark.
fn of_step(step: &Step) -> Option<&'static str> {
    if step.nodes().iter().any(|node| node == CONTROLLER) {
        return Some("controller failure");
    }
    match step {
        Step::InitTxn { .. }
        | Step::BeginTxn { .. }
        | Step::CommitTxn { .. }
        | Step::AbortTxn { .. }
        | Step::SendOffsets { .. } => Some("transactions"),
        Step::ShareAck { .. } | Step::ShareCommit { .. } => Some("share groups"),
        Step::AlterConfig { .. }
        | Step::Elect { .. }
        | Step::Reassign { .. }
        | Step::CreatePartitions { .. }
        | Step::DeleteRecords { .. }
        | Step::DeleteTopic { .. }
        | Step::DeleteGroupOffsets { .. } => Some("administration"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::{Body, Case};
    use super::*;
    use serde_json::{Value, json};

    fn reason_of(clients: Value, steps: Value) -> Option<String> {
        let case = json!({
            "id": "x", "system": "kafka", "version": "4.3.1", "stable": true,
            "cluster": {"nodes": ["ctl", "b1", "b2", "b3"]},
            "topics": [], "clients": clients, "steps": steps, "observed": {},
        });
        match Case::read(&case.to_string()).unwrap().body {
            Body::Kafka(case) => reason(&case),
            other => panic!("{other:?}"),
        }
    }

    fn starts(reason: Option<String>, feature: &str) -> bool {
        reason.is_some_and(|reason| reason.starts_with(feature))
    }

    #[test]
    fn what_a_client_is_decides() {
        let one = |client: Value| reason_of(json!({"c": client}), json!([]));
        assert_eq!(one(json!({"kind": "producer"})), None);
        let share = one(json!({"kind": "share_consumer"}));
        assert!(starts(share, "share groups"));
        let tx = one(json!({"kind": "producer", "settings": {"transactional.id": "tx1"}}));
        assert!(starts(tx, "transactions"));
        let new = one(json!({"kind": "consumer", "settings": {"group.protocol": "consumer"}}));
        assert!(starts(new, "group.protocol"));
        let classic = one(json!({"kind": "consumer", "settings": {"group.protocol": "classic"}}));
        assert_eq!(classic, None);
    }

    #[test]
    fn two_members_need_a_rebalance_and_two_that_assign_do_not() {
        let consumer = |more: Value| {
            let mut client = json!({"kind": "consumer", "settings": {"group.id": "g"}});
            client
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            client
        };
        let subscribed = consumer(json!({"subscribe": ["t"]}));
        let assigned = consumer(json!({"assign": [["t", 0]]}));
        let both = |a: &Value, b: &Value| reason_of(json!({"a": a, "b": b}), json!([]));
        assert!(starts(both(&subscribed, &subscribed), "rebalance"));
        assert_eq!(both(&subscribed, &assigned), None);
        assert_eq!(both(&assigned, &assigned), None);
    }

    #[test]
    fn a_controller_may_be_cut_off_but_not_die() {
        let one = |step: Value| reason_of(json!({}), json!([step]));
        let cut = json!({"do": "partition", "groups": [["ctl"], ["b1"]]});
        assert_eq!(one(cut), None);
        for step in [
            json!({"do": "kill", "nodes": ["b1", "ctl"]}),
            json!({"do": "stop", "nodes": ["ctl"]}),
            json!({"do": "start", "nodes": ["ctl"]}),
            json!({"do": "pause", "node": "ctl"}),
        ] {
            assert!(starts(one(step), "controller failure"));
        }
        let elect = json!({"do": "elect", "type": "preferred", "topic": "t", "partition": 0});
        assert!(starts(one(elect), "administration"));
    }

    #[test]
    fn reading_committed_records_alone_is_no_transaction() {
        let step =
            json!({"do": "read_all", "topic": "t", "partition": 0, "isolation": "read_committed"});
        assert_eq!(reason_of(json!({}), json!([step])), None);
    }
}
