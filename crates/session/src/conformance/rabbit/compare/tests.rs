use super::*;
use serde_json::{Value, json};

fn observed(value: Value) -> Observed {
    let observed: Observed = serde_json::from_value(value).unwrap();
    observed.unfolded()
}

fn field(expected: Value, got: Value, rule: Rule) -> Option<String> {
    let result = compare(&observed(expected), &observed(got), rule);
    result.err().map(|difference| difference.field)
}

#[test]
fn a_missing_death_means_that_there_must_be_none() {
    let plain = json!({"drained": [{"message": "m1", "queue": "q"}]});
    let death = json!([{"queue": "q", "reason": "expired", "count": 1}]);
    let dead = json!({"drained": [{"message": "m1", "queue": "q", "death": death}]});
    let differs = Some("drained[0].death".to_owned());
    assert_eq!(field(plain.clone(), dead.clone(), Rule::Whole), differs);
    assert_eq!(field(dead.clone(), plain, Rule::Whole), differs);
    assert_eq!(field(dead.clone(), dead, Rule::Whole), None);
}

#[test]
fn null_is_a_value_and_an_absent_key_is_not() {
    let with =
        |count: Value| json!({"deliveries": {"c": [{"message": "m", "delivery_count": count}]}});
    let differs = Some("deliveries.c[0].delivery_count".to_owned());
    assert_eq!(
        field(with(Value::Null), with(json!(1)), Rule::Whole),
        differs
    );
    let free = json!({"deliveries": {"c": [{"message": "m"}]}});
    assert_eq!(field(free, with(json!(1)), Rule::Whole), None);
}

#[test]
fn a_folded_drain_is_compared_group_by_group() {
    let wanted = json!({"drained": [
        {"message": "b1..b3", "queue": "q", "redelivered": false},
        {"message": "b4", "queue": "q", "redelivered": true},
    ]});
    let entry =
        |name: &str, again: bool| json!({"message": name, "queue": "q", "redelivered": again});
    let got = |list: Vec<Value>| json!({"drained": list});
    let mixed = got(vec![
        entry("b4", true),
        entry("b1", false),
        entry("b2", false),
        entry("b3", false),
    ]);
    assert_eq!(field(wanted.clone(), mixed, Rule::Whole), None);
    let turned = got(vec![
        entry("b2", false),
        entry("b1", false),
        entry("b3", false),
        entry("b4", true),
    ]);
    let place = "drained[queue q, redelivered false][0]".to_owned();
    assert_eq!(field(wanted, turned, Rule::Whole), Some(place));
}

#[test]
fn must_names_its_clients_only_and_takes_no_step() {
    let must = json!({
        "producer": {"p1": {"m1": "acked"}},
        "errors": [{"client": "p1", "code": 0, "kind": "connection-lost"}],
        "lost_at_least": ["m2"],
    });
    let got = json!({
        "producer": {"p1": {"m1": "acked", "m2": "nacked"}, "p2": {"x": "acked"}},
        "errors": [{"step": 4, "client": "p1", "code": 0, "kind": "connection-lost"}],
        "lost": ["m2", "m3"],
    });
    assert_eq!(field(must.clone(), got.clone(), Rule::Must), None);
    let other = json!({"errors": [{"client": "p1", "code": 0, "kind": "cancelled"}]});
    assert_eq!(
        field(other, got.clone(), Rule::Must),
        Some("errors".to_owned())
    );
    let whole = json!({"producer": {"p1": {"m1": "acked"}}});
    assert_eq!(
        field(whole, got, Rule::Whole),
        Some("producer.p1.m2".to_owned())
    );
}

#[test]
fn a_leader_is_one_of_those_among_whom_an_election_decided() {
    let state = |more: Value| {
        let mut entry = json!({"after_step": 3, "queue": "q", "state": "running"});
        entry
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"queue_state": [entry]})
    };
    let any = state(json!({"leader_any_of": ["n2", "n3"]}));
    let is = |leader: &str| state(json!({"leader": leader}));
    assert_eq!(field(any.clone(), is("n3"), Rule::Whole), None);
    let place = Some("queue_state[0].leader".to_owned());
    assert_eq!(field(any, is("n1"), Rule::Whole), place);
    assert_eq!(
        field(is("n2"), state(json!({"leader": null})), Rule::Whole),
        place
    );
}
