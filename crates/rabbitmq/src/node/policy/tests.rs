use super::*;
use crate::node::image::MetaCommand;
use crate::system::lab;
use std::sync::Arc;

#[test]
fn patterns() {
    for (pattern, text, matches) in [
        ("", "q", true),
        (".*", "q", true),
        ("q", "aqb", true),
        ("^q$", "q", true),
        ("^q$", "q1", false),
        ("^q", "q1", true),
        ("q$", "1q", true),
        ("^q.+$", "q", false),
        ("^q1?$", "q", true),
        ("^amq\\.gen", "amq.gen-1", true),
        ("^amq\\.gen", "amqxgen-1", false),
        ("^a$|^b$", "b", true),
        ("^a$|^b$", "ab", false),
    ] {
        assert_eq!(
            pattern_matches(pattern, text),
            matches,
            "{pattern} and {text}"
        );
    }
}

fn policy(name: u16, operator: bool, priority: i64, pairs: &[(&str, i64)]) -> MetaCommand {
    let definition = pairs.iter().map(|(k, v)| ((*k).into(), Value::Int(*v)));
    MetaCommand::PutPolicy(Policy {
        name: Name(name),
        pattern: ".*".into(),
        applies_to: AppliesTo::Queues,
        priority,
        definition: Arc::new(definition.collect()),
        operator,
    })
}

#[test]
fn one_policy_of_each_kind_applies_and_the_smaller_number_counts() {
    let settings = lab::settings(&["q", "p1", "p2", "p3"]);
    let mut queue = lab::queue(Name(1));
    queue.arguments = Arc::new([("x-max-length".into(), Value::Int(7))].into());
    let mut image = Image::default();
    for command in [
        policy(2, false, 0, &[("max-length", 1), ("message-ttl", 9)]),
        policy(3, false, 5, &[("max-length", 9), ("delivery-limit", -1)]),
        policy(4, true, 0, &[("expires", 5), ("delivery-limit", 4)]),
    ] {
        image.apply(&command).expect("policies can be set");
    }
    let effective = Effective::of(&image, &settings, &queue);
    assert_eq!(effective.smaller("max-length"), Some(7));
    assert_eq!(
        effective.smaller("message-ttl"),
        None,
        "not of the lower policy"
    );
    assert_eq!(effective.smaller("expires"), Some(5));
    assert_eq!(effective.delivery_limit(), Some(4));
    assert_eq!(effective.policy_first("max-length"), Some(&Value::Int(9)));
    assert_eq!(effective.argument_first("max-length"), Some(&Value::Int(7)));
}
