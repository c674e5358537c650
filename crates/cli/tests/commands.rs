//! The command line as others call it: exit codes, JSON, errors that name their place.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn cli(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ackscope-cli"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn scenario(id: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../session/scenarios");
    folder
        .join(format!("{id}.scn"))
        .to_string_lossy()
        .into_owned()
}

/// A file with this text that lives as long as the test.
fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn run_prints_the_fields_that_others_read() {
    let output = cli(&["run", &scenario("kafka-s02-acks-1-leader-crash"), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let digest = json["digest"].as_str().unwrap();
    assert!(digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(json["events"].as_u64().unwrap() > 1000);
    assert_eq!(json["virtual_us"], 30_000_000);
    assert_eq!(json["totals"]["lost-after-ack"], 1);
    let m6 = &json["messages"][5];
    assert_eq!(
        (m6["id"].as_str(), m6["fate"].as_str()),
        (Some("m6"), Some("lost-after-ack"))
    );
    assert!(m6["since_us"].as_u64().unwrap() > 12_000_000);
    assert_eq!(m6["deliveries"], 0);
    let keys: Vec<_> = json["expectations"][0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(keys, ["ok", "text"]);
    assert!(
        json["expectations"]
            .as_array()
            .unwrap()
            .iter()
            .all(|e| e["ok"] == true)
    );
}

#[test]
fn messages_of_several_producers_are_named_with_them() {
    let output = cli(&["run", &scenario("kafka-s07-unclean-election"), "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["messages"][0]["id"], "p1.m1");
}

#[test]
fn another_seed_is_another_run() {
    let digest = |seed: &str| {
        let file = scenario("kafka-s03-happy-path");
        let output = cli(&["run", &file, "--json", "--seed", seed]);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        json["digest"].as_str().unwrap().to_owned()
    };
    assert_eq!(digest("3"), digest("3"));
    assert_ne!(digest("3"), digest("4"));
}

#[test]
fn a_failed_expectation_is_1_and_says_what_was_found() {
    let path = scenario("kafka-s03-happy-path");
    let wrong = std::fs::read_to_string(&path).unwrap() + "\nexpect m3 lost-after-ack\n";
    let output = cli(&["run", &file("wrong.scn", &wrong)]);
    assert_eq!(output.status.code(), Some(1));
    let out = text(&output.stdout);
    assert!(
        out.contains("FAIL     m3 lost-after-ack: found m3 is delivered"),
        "{out}"
    );
}

#[test]
fn a_bad_file_is_2_and_each_problem_has_its_place() {
    let bad = "ackscope 1\nscenario bad\ntopic t partitions 1 replicas 3\nat 3s: crush b1\nat 4s: crash b7\n";
    let path = file("bad.scn", bad);
    let output = cli(&["run", &path]);
    assert_eq!(output.status.code(), Some(2));
    let errors = text(&output.stderr);
    assert!(
        errors.contains(&format!("{path}: line 4, column 8: expected an act")),
        "{errors}"
    );
    assert!(
        errors.contains(&format!(
            "{path}: line 5, column 14: there is no process b7"
        )),
        "{errors}"
    );
    let missing = cli(&["run", "no-such-file.scn"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).starts_with("no-such-file.scn: "));
}

#[test]
fn what_is_not_executed_yet_is_said() {
    let unbuilt =
        "ackscope 1\nscenario unbuilt\ntopic t partitions 1 replicas 3\nchoose heal\nrun 1s\n";
    let output = cli(&["run", &file("unbuilt.scn", unbuilt)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("not executed yet: choose heal"));
}

#[test]
fn verify_repeats_a_run_and_its_recipe() {
    let output = cli(&["verify", &scenario("kafka-s02-acks-1-leader-crash")]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("the same, byte for byte"));
}

#[test]
fn params_are_the_table() {
    let output = cli(&["params", "--system", "kafka", "--profile", "4.3", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = json.as_array().unwrap();
    let acks = rows.iter().find(|row| row["key"] == "acks").unwrap();
    let keys = [
        "scope", "key", "aliases", "type", "default", "range", "applies", "live", "reason",
    ];
    assert_eq!(acks.as_object().unwrap().len(), keys.len());
    assert!(keys.iter().all(|key| acks[key].is_string()));
    assert_eq!(acks["default"], "all");
    assert!(rows.iter().all(|row| row["default"] != "-"));
    let older = cli(&["params", "--system", "kafka", "--profile", "2.8", "--json"]);
    let older: Value = serde_json::from_slice(&older.stdout).unwrap();
    assert!(older.as_array().unwrap().len() < rows.len());
    assert_eq!(
        cli(&["params", "--system", "kafka", "--profile", "9"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn params_of_rabbitmq_are_the_table_in_every_profile() {
    const TABLE: &str = include_str!("../../rabbitmq/tests/params-rabbitmq.tsv");
    let header: Vec<&str> = TABLE.lines().next().unwrap().split('\t').collect();
    for profile in ["4.3", "4.2", "4.0", "3.13", "3.10"] {
        let output = cli(&[
            "params",
            "--system",
            "rabbitmq",
            "--profile",
            profile,
            "--json",
        ]);
        assert_eq!(output.status.code(), Some(0));
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let default = format!("default_{profile}");
        let column = |name: &str| header.iter().position(|head| *head == name).unwrap();
        let named = |rows: Vec<Value>| -> BTreeMap<String, Value> {
            let name = |row: &Value| format!("{} {}", row["scope"], row["key"]);
            rows.into_iter().map(|row| (name(&row), row)).collect()
        };
        let wanted: Vec<Value> = TABLE
            .lines()
            .skip(1)
            .map(|line| line.split('\t').collect::<Vec<_>>())
            .filter(|cells| cells[column(&default)] != "-")
            .map(|cells| {
                serde_json::json!({
                    "scope": cells[0], "key": cells[1], "aliases": cells[2], "type": cells[3],
                    "range": cells[4], "default": cells[column(&default)],
                    "applies": cells[column("applies")], "live": cells[column("live")],
                    "reason": cells[column("reason")],
                })
            })
            .collect();
        let (count, wanted) = (wanted.len(), named(wanted));
        let Value::Array(rows) = json else {
            panic!("no array");
        };
        assert_eq!((rows.len(), wanted.len()), (count, count), "{profile}");
        let rows = named(rows);
        for (name, row) in &wanted {
            assert_eq!(rows.get(name), Some(row), "{profile}");
        }
    }
}

#[test]
fn help_names_every_command() {
    let output = cli(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    for command in ["run", "verify", "params", "conformance"] {
        assert!(text(&output.stdout).contains(command));
        assert_eq!(cli(&[command, "--help"]).status.code(), Some(0));
    }
    assert_eq!(cli(&[]).status.code(), Some(2));
}

#[test]
fn run_finds_what_would_have_saved_the_messages() {
    let file = scenario("kafka-s02-acks-1-leader-crash");
    let output = cli(&["run", &file, "--cures", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["totals"]["lost-after-ack"], 1);
    let lost = &json["cures"][0];
    assert_eq!(
        (lost["harm"].as_str(), &lost["harmed"]),
        (Some("lost"), &Value::from(20))
    );
    let change = &lost["found"][0]["changes"][0];
    assert_eq!(
        (change["key"].as_str(), change["value"].as_str()),
        (Some("acks"), Some("all"))
    );
    assert!(lost["found"][0]["price"]["p50_us"].as_u64() > lost["present"]["p50_us"].as_u64());

    let said = text(&cli(&["run", &scenario("kafka-s03-happy-path"), "--cures"]).stdout);
    assert!(said.contains("nothing was lost"), "{said}");
    let none = text(
        &cli(&[
            "run",
            &scenario("kafka-s41-auto-commit-synchronous"),
            "--cures",
        ])
        .stdout,
    );
    assert!(none.contains("none found"), "{none}");
}
