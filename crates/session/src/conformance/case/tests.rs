use super::*;
use serde_json::json;

pub(super) fn case() -> Value {
    json!({
        "id": "x", "system": "kafka", "version": "4.3.1", "title": "", "teaches": "", "notes": "",
        "evidence": "recorded", "repeats": 2, "stable": true,
        "cluster": {"nodes": ["ctl", "b1"], "settings": {"broker.session.timeout.ms": 3000}},
        "topics": [{"name": "t", "partitions": 1, "replication_factor": 1, "assignment": [["b1"]], "config": {}}],
        "clients": {"p1": {"kind": "producer", "settings": {"acks": "1"}}},
        "steps": [{"do": "wait", "ms": 1}],
        "observed": {"producer": {}, "deliveries": {}, "log": [], "errors": [], "lost": ["b1..b3"]},
    })
}

fn unknown(value: Value) -> (String, String) {
    match Case::read(&value.to_string()).unwrap().body {
        Body::Unknown(place, what) => (place, what),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_case_is_read_whole() {
    let case = Case::read(&case().to_string()).unwrap();
    assert_eq!(case.name(), "4.3.1/x");
    let Body::Kafka(kafka) = case.body else {
        panic!("not read");
    };
    assert_eq!(kafka.steps, [Step::Wait { ms: 1 }]);
    let lost: Vec<_> = kafka.observed.lost.unwrap().into_iter().collect();
    assert_eq!(lost, ["b1", "b2", "b3"]);
    assert_eq!(property(&kafka.clients["p1"].settings["acks"]), "1");
}

#[test]
fn what_is_unknown_is_named_with_its_place() {
    let mut value = case();
    value["steps"][0]["hours"] = json!(1);
    let (place, what) = unknown(value);
    assert_eq!(place, "steps[0]");
    assert!(what.contains("`hours`"), "{what}");

    let mut value = case();
    value["clients"]["p1"]["colour"] = json!("red");
    assert_eq!(unknown(value).0, "clients.p1");

    let mut value = case();
    value["observed"]["smell"] = json!([]);
    assert_eq!(unknown(value).0, "observed");

    let mut value = case();
    value["weather"] = json!("fine");
    assert_eq!(unknown(value).0, "weather");
}

#[test]
fn a_file_that_names_no_case_is_unreadable() {
    assert!(matches!(Case::read("{"), Err(Unreadable::Json(_))));
    assert_eq!(Case::read("[]"), Err(Unreadable::Key("id")));
    let mut value = case();
    value["version"] = json!(4);
    assert_eq!(
        Case::read(&value.to_string()),
        Err(Unreadable::Key("version"))
    );
}

#[test]
fn cases_stand_in_the_order_of_their_versions() {
    let named = |version: &str, id: &str| Case {
        id: id.into(),
        system: "rabbitmq".into(),
        version: version.into(),
        body: Body::Other,
    };
    let mut cases = [
        named("4.0.5", "a"),
        named("3.10.8", "b"),
        named("3.9.1", "c"),
    ];
    cases.sort_by(|a, b| a.order().cmp(&b.order()));
    assert_eq!(cases.map(|case| case.id), ["c", "b", "a"]);
}
