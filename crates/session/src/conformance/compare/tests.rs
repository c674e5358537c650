use super::*;
use serde_json::{Value, json};

fn observed(value: Value) -> Observed {
    serde_json::from_value::<Observed>(value)
        .unwrap()
        .unfolded()
}

fn differs(expected: Value, got: Value, rule: Rule) -> Option<String> {
    let difference = compare(&observed(expected), &observed(got), rule).err()?;
    Some(difference.field)
}

#[test]
fn outcomes_are_compared_by_the_keys_that_are_there() {
    let got =
        || json!({"producer": {"p1": {"m1": {"outcome": "acked", "offset": 4, "partition": 0}}}});
    let with = |outcome: Value| json!({"producer": {"p1": {"m1": outcome}}});
    let whole = |expected| differs(expected, got(), Rule::Whole);
    assert_eq!(whole(with(json!({"outcome": "acked"}))), None);
    assert_eq!(whole(with(json!({"outcome": "acked", "offset": 4}))), None);
    let field = Some("producer.p1.m1".to_owned());
    assert_eq!(whole(with(json!({"outcome": "acked", "offset": 3}))), field);
    assert_eq!(whole(with(json!({"outcome": "unconfirmed"}))), field);
    // A message too many matters in a stable case only.
    assert_eq!(whole(json!({"producer": {"p1": {}}})), field);
    assert_eq!(differs(json!({"producer": {}}), got(), Rule::Must), None);
    let missing = json!({"producer": {"p1": {"m2": {"outcome": "acked"}}}});
    let field = Some("producer.p1.m2".to_owned());
    assert_eq!(differs(missing, got(), Rule::Must), field);
}

#[test]
fn folded_names_stand_for_all_of_them() {
    let expected = json!({
        "producer": {"p1": {"b1..b3": {"outcome": "acked"}}},
        "log": [{"after_step": 1, "topic": "t", "partition": 0, "isolation": "read_uncommitted",
                 "records": [{"message": "b1..b2"}, {"message": "b3"}]}],
        "lost": ["b1..b2"],
    });
    let got = |last: &str| {
        json!({
            "producer": {"p1": {"b1": {"outcome": "acked", "offset": 0},
                                "b2": {"outcome": "acked", "offset": 1},
                                "b3": {"outcome": "acked", "offset": 2}}},
            "log": [{"after_step": 1, "topic": "t", "partition": 0, "isolation": "read_uncommitted",
                     "start": 0, "end": 3,
                     "records": [{"offset": 0, "message": "b1"}, {"offset": 1, "message": "b2"},
                                 {"offset": 2, "message": last}]}],
            "lost": ["b1", "b2"],
        })
    };
    assert_eq!(differs(expected.clone(), got("b3"), Rule::Whole), None);
    let field = Some("log[0].records[2].message".to_owned());
    assert_eq!(differs(expected, got("b4"), Rule::Whole), field);
}

#[test]
fn deliveries_are_compared_in_order_and_to_the_end() {
    let list = |messages: &[&str]| {
        let all: Vec<Value> = messages.iter().map(|m| json!({"message": m})).collect();
        json!({"deliveries": {"c1": all}})
    };
    let whole = |expected, got| differs(expected, got, Rule::Whole);
    assert_eq!(whole(list(&["a", "b"]), list(&["a", "b"])), None);
    let second = Some("deliveries.c1[1].message".to_owned());
    assert_eq!(whole(list(&["a", "b"]), list(&["a", "c"])), second);
    let second = Some("deliveries.c1[1]".to_owned());
    assert_eq!(whole(list(&["a", "b"]), list(&["a"])), second);
    assert_eq!(whole(list(&["a"]), list(&["a", "b"])), second);
    let first = Some("deliveries.c1[0]".to_owned());
    assert_eq!(whole(json!({"deliveries": {}}), list(&["a"])), first);
    assert_eq!(
        differs(json!({"deliveries": {}}), list(&["a"]), Rule::Must),
        None
    );
}

#[test]
fn errors_are_a_multiset_with_steps_where_they_are_given() {
    let error = |step: Option<u32>, client: &str, code: &str| {
        let mut error = json!({"client": client, "code": code});
        if let Some(step) = step {
            error["step"] = json!(step);
        }
        error
    };
    let list = |errors: Vec<Value>| json!({"errors": errors});
    let got = || {
        list(vec![
            error(Some(3), "c1", "TIMEOUT"),
            error(Some(5), "c1", "TIMEOUT"),
        ])
    };
    let whole = |expected| differs(expected, got(), Rule::Whole);
    let field = Some("errors".to_owned());
    let two = list(vec![
        error(None, "c1", "TIMEOUT"),
        error(Some(3), "c1", "TIMEOUT"),
    ]);
    assert_eq!(whole(two), None);
    let late = list(vec![
        error(None, "c1", "TIMEOUT"),
        error(Some(4), "c1", "TIMEOUT"),
    ]);
    assert_eq!(whole(late.clone()), field);
    assert_eq!(differs(late, got(), Rule::Must), None);
    assert_eq!(whole(list(vec![error(None, "c1", "TIMEOUT")])), field);
    let some = json!({"errors_at_least": [error(None, "c1", "TIMEOUT")]});
    assert_eq!(differs(some, got(), Rule::Must), None);
    let other = json!({"errors_at_least": [error(None, "c2", "TIMEOUT")]});
    assert_eq!(
        differs(other, got(), Rule::Must),
        Some("errors_at_least".into())
    );
}

#[test]
fn states_are_compared_as_sets_and_null_is_a_value() {
    let state = |leader: Value, isr: Value| {
        json!({"partition_state": [{"after_step": 2, "topic": "t", "partition": 0, "leader": leader,
               "leader_epoch": 1, "isr": isr, "elr": [], "seen_from": "b1"}]})
    };
    let got = || state(json!("b2"), json!(["b2", "b3"]));
    let whole = |expected| differs(expected, got(), Rule::Whole);
    assert_eq!(whole(state(json!("b2"), json!(["b3", "b2"]))), None);
    let leader = Some("partition_state[0].leader".to_owned());
    assert_eq!(whole(state(Value::Null, json!(["b2", "b3"]))), leader);
    let mut any = state(Value::Null, json!(["b2", "b3"]));
    let entry = &mut any["partition_state"][0];
    entry.as_object_mut().unwrap().remove("leader");
    entry["leader_any_of"] = json!(["b1", "b3"]);
    assert_eq!(whole(any.clone()), leader);
    any["partition_state"][0]["leader_any_of"] = json!(["b1", "b2"]);
    assert_eq!(whole(any), None);
    assert_eq!(
        whole(json!({"partition_state": []})),
        Some("partition_state".into())
    );
    assert_eq!(whole(json!({})), None);
}

#[test]
fn sets_are_equal_or_at_least_there() {
    let got = || json!({"lost": ["a", "b"], "duplicated": []});
    let must = |expected| differs(expected, got(), Rule::Must);
    assert_eq!(must(json!({"lost": ["b", "a"]})), None);
    assert_eq!(must(json!({"lost": ["a"]})), Some("lost".into()));
    assert_eq!(must(json!({"lost_at_least": ["a"]})), None);
    assert_eq!(
        must(json!({"lost_at_least": ["c"]})),
        Some("lost_at_least".into())
    );
    assert_eq!(
        must(json!({"duplicated": ["a"]})),
        Some("duplicated".into())
    );
}
