use ackscope_params::{Registry, properties};

use super::*;
use crate::params::{
    Acks, CleanupPolicy, GroupProtocol, IsolationLevel, OFFSETS_TOPIC, OffsetReset, TimestampType,
    V2_8, V3_9, V4_3, profile, specs,
};

fn settings(entries: &[(&str, &str, &str, &str)]) -> Settings {
    settings_of(V4_3, entries)
}

fn settings_of(profile: Profile, entries: &[(&str, &str, &str, &str)]) -> Settings {
    let mut settings = Settings::new(profile);
    for (scope, instance, key, text) in entries {
        settings
            .set(&Address::new(scope, instance, key), text)
            .unwrap();
    }
    settings
}

fn texts(settings: &Settings) -> Vec<String> {
    settings
        .check()
        .into_iter()
        .map(|refusal| refusal.text)
        .collect()
}

#[test]
fn defaults_follow_the_profile() {
    let new = Settings::new(V4_3);
    let p = new.producer("p1");
    assert_eq!((p.acks, p.idempotent, p.linger_ms), (Acks::All, true, 5));
    assert_eq!((p.retries, p.delivery_timeout_ms), (2_147_483_647, 120_000));
    let c = new.consumer("c1");
    assert_eq!(c.session_timeout_ms, 45_000);
    assert_eq!(c.auto_offset_reset, OffsetReset::Latest);
    assert_eq!(c.isolation_level, IsolationLevel::ReadUncommitted);
    assert_eq!(c.group_protocol, GroupProtocol::Classic);
    let t = new.topic("t");
    assert_eq!(
        (t.min_insync_replicas, t.replication_factor, t.partitions),
        (1, 1, 1)
    );
    assert_eq!(t.message_timestamp_after_max_ms, 3_600_000);
    assert_eq!(t.message_timestamp_type, TimestampType::CreateTime);
    assert_eq!((t.flush_messages, t.flush_ms), (i64::MAX, i64::MAX));
    assert_eq!(new.controller().broker_session_timeout_ms, 9_000);
    assert_eq!(new.coordinator().offsets_topic_num_partitions, 50);
    assert_eq!(new.broker("b1").replica_lag_time_max_ms, 30_000);
    assert!(new.elr && new.check().is_empty());

    let mid = Settings::new(V3_9);
    assert_eq!(mid.producer("p1").linger_ms, 0);
    assert!(mid.producer("p1").idempotent && !mid.elr);
    assert_eq!(mid.topic("t").message_timestamp_after_max_ms, i64::MAX);

    let old = Settings::new(V2_8);
    let p = old.producer("p1");
    assert_eq!((p.acks, p.idempotent), (Acks::One, false));
    assert_eq!(old.consumer("c1").session_timeout_ms, 10_000);
    assert_eq!(profile("4.3.1"), Some(V4_3));
    assert_eq!((profile("4"), profile("4.30")), (None, None));
}

#[test]
fn idempotence_goes_silently_unless_it_was_asked_for() {
    for (key, text) in [("retries", "0"), ("acks", "1"), ("acks", "0")] {
        let quiet = settings(&[("producer", "p1", key, text)]);
        assert!(!quiet.producer("p1").idempotent && quiet.check().is_empty());
        assert!(quiet.producer("p1").enable_idempotence);
        let loud = settings(&[
            ("producer", "p1", key, text),
            ("producer", "p1", "enable.idempotence", "true"),
        ]);
        let words = match key {
            "retries" => "Must set retries to non-zero when using the idempotent producer.",
            _ => {
                "Must set acks to all in order to use the idempotent producer. Otherwise we \
                 cannot guarantee idempotence."
            }
        };
        assert_eq!(texts(&loud), [words]);
        assert_eq!(loud.check()[0].scope, "producer p1");
    }
}

#[test]
fn more_than_five_in_flight() {
    let key = "max.in.flight.requests.per.connection";
    let six = [("producer", "p1", key, "6")];
    let words = "To use the idempotent producer, max.in.flight.requests.per.connection must be \
                 set to at most 5. Current value is 6.";
    assert_eq!(texts(&settings(&six)), [words]);
    // C3 looks at the wish: acks=1 would have switched idempotence off anyway.
    let mut also = settings(&six);
    also.set(&Address::new("producer", "p1", "acks"), "1")
        .unwrap();
    assert_eq!(texts(&also), [words]);
    also.set(
        &Address::new("producer", "p1", "enable.idempotence"),
        "false",
    )
    .unwrap();
    assert!(also.check().is_empty());

    // Before 4.0 it went silently, unless idempotence was asked for.
    let mut mid = settings_of(V3_9, &six);
    assert!(mid.check().is_empty() && !mid.producer("p1").idempotent);
    mid.set(
        &Address::new("producer", "p1", "enable.idempotence"),
        "true",
    )
    .unwrap();
    assert_eq!(
        texts(&mid),
        [format!(
            "Must set {key} to at most 5 when using the idempotent producer."
        )]
    );
    let mut old = settings_of(V2_8, &six);
    assert!(old.check().is_empty());
    old.set(
        &Address::new("producer", "p1", "enable.idempotence"),
        "true",
    )
    .unwrap();
    assert_eq!(
        texts(&old),
        [format!(
            "Must set {key} to at most 5 to use the idempotent producer."
        )]
    );
    assert_eq!(old.producer("p1").acks, Acks::All);
}

#[test]
fn transactions_need_idempotence() {
    let id = ("producer", "p1", "transactional.id", "tx1");
    assert!(settings(&[id]).check().is_empty());
    let words = "Cannot set a transactional.id without also enabling idempotence.";
    assert_eq!(
        texts(&settings(&[id, ("producer", "p1", "retries", "0")])),
        [words]
    );
    let off = settings(&[id, ("producer", "p1", "enable.idempotence", "false")]);
    assert_eq!(texts(&off), [words]);
    let old = settings_of(V2_8, &[id]);
    assert!(old.check().is_empty() && old.producer("p1").idempotent);
    let two_phase = settings(&[
        (
            "producer",
            "p1",
            "transaction.two.phase.commit.enable",
            "true",
        ),
        ("producer", "p1", "transaction.timeout.ms", "60000"),
    ]);
    assert_eq!(two_phase.check().len(), 1);
}

#[test]
fn delivery_timeout_covers_linger_and_request() {
    let long = ("producer", "p1", "request.timeout.ms", "130000");
    let raised = settings(&[long]);
    assert_eq!(raised.producer("p1").delivery_timeout_ms, 130_005);
    assert!(raised.check().is_empty());
    let refused = settings(&[long, ("producer", "p1", "delivery.timeout.ms", "120000")]);
    assert_eq!(
        texts(&refused),
        ["delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms"]
    );
    let huge = settings(&[("producer", "p1", "linger.ms", "9223372036854775807")]);
    assert_eq!(huge.producer("p1").delivery_timeout_ms, i64::from(i32::MAX));
    let edge = settings(&[
        ("producer", "p1", "delivery.timeout.ms", "30005"),
        ("producer", "p1", "reconnect.backoff.ms", "200"),
    ]);
    assert!(edge.check().is_empty());
    assert_eq!(edge.producer("p1").reconnect_backoff_max_ms, 200);
}

#[test]
fn consumers_without_a_group_commit_nothing() {
    let alone = Settings::new(V4_3);
    assert!(!alone.consumer("c1").enable_auto_commit);
    let insists = settings(&[("consumer", "c1", "enable.auto.commit", "true")]);
    assert_eq!(
        texts(&insists),
        ["enable.auto.commit cannot be set to true when default group id (null) is used."]
    );
    let grouped = settings(&[("consumer", "c1", "group.id", "g1")]);
    assert!(grouped.consumer("c1").enable_auto_commit && grouped.check().is_empty());
}

#[test]
fn consumer_protocols_and_their_keys() {
    let lame = settings(&[("consumer", "c1", "session.timeout.ms", "3000")]);
    assert_eq!(
        texts(&lame),
        ["Heartbeat must be set lower than the session timeout"]
    );
    let mixed = settings(&[
        ("consumer", "c1", "group.protocol", "consumer"),
        ("consumer", "c1", "session.timeout.ms", "6000"),
    ]);
    assert_eq!(
        texts(&mixed),
        ["session.timeout.ms cannot be set when group.protocol=CONSUMER"]
    );
    let remote = settings(&[("consumer", "c1", "group.remote.assignor", "uniform")]);
    assert_eq!(
        texts(&remote),
        ["group.remote.assignor cannot be set when group.protocol=CLASSIC"]
    );
    let aged = settings(&[("consumer", "c1", "auto.offset.reset", "by_duration:PT1H")]);
    assert_eq!(
        aged.consumer("c1").auto_offset_reset,
        OffsetReset::ByDuration(3_600_000)
    );
    let at = Address::new("consumer", "c1", "auto.offset.reset");
    assert!(Settings::new(V4_3).set(&at, "by_duration:-PT1H").is_err());
    let mut old = Settings::new(V3_9);
    old.set(&at, "by_duration:PT1H").unwrap();
    assert_eq!(old.check().len(), 1);
}

#[test]
fn brokers_and_coordinators_have_rules() {
    let broker = settings(&[("broker", "", "replica.lag.time.max.ms", "400")]);
    assert!(texts(&broker)[0].ends_with("to prevent frequent changes in ISR"));
    let one = settings(&[("broker", "b2", "replica.socket.timeout.ms", "100")]);
    assert_eq!(one.check()[0].scope, "broker b2");
    assert_eq!(one.broker("b2").replica_socket_timeout_ms, 100);
    assert_eq!(one.broker("b1").replica_socket_timeout_ms, 30_000);
    let key = "group.consumer.session.timeout.ms";
    let group = settings(&[("group-coordinator", "", key, "6000")]);
    let words = "group.consumer.session.timeout.ms must be greater than or equal to \
                 group.consumer.min.session.timeout.ms";
    assert_eq!(texts(&group), [words]);
    let lag = settings(&[
        ("topic", "t", "min.compaction.lag.ms", "10"),
        ("topic", "t", "max.compaction.lag.ms", "5"),
    ]);
    assert!(texts(&lag)[0].starts_with("conflict topic config setting min.compaction.lag.ms (10)"));
}

#[test]
fn eligible_leader_replicas_forbid_the_value_of_one_broker() {
    let at = Address::new("broker", "b1", "min.insync.replicas");
    let mut settings = Settings::new(V4_3);
    let refusal = settings.set(&at, "2").unwrap_err();
    assert_eq!(
        refusal.text,
        "Broker-level min.insync.replicas cannot be altered while ELR is enabled."
    );
    settings
        .set_cluster("feature eligible.leader.replicas.version", "0")
        .unwrap();
    assert!(!settings.elr);
    assert_eq!(
        settings.explicit(),
        [(Address::new("cluster-feature", "", ELR), "0")]
    );
    settings.set(&at, "2").unwrap();
    assert_eq!(settings.topic_on("b1", "t").min_insync_replicas, 2);
    assert_eq!(settings.topic_on("b2", "t").min_insync_replicas, 1);
    settings
        .unset(&Address::new("cluster-feature", "", "ELR"))
        .unwrap();
    assert!(settings.elr);
}

#[test]
fn topics_fall_back_to_their_broker() {
    let mut settings = settings(&[
        ("broker", "", "log.retention.hours", "2"),
        ("broker", "", "log.roll.hours", "3"),
        ("broker", "", "log.flush.scheduler.interval.ms", "7000"),
        ("broker", "", "log.cleaner.min.cleanable.ratio", "0.25"),
        ("topic", "u", "retention.ms", "1000"),
        ("topic", "", "min.insync.replicas", "2"),
        ("topic", "u", "cleanup.policy", "compact,delete"),
    ]);
    let (t, u) = (settings.topic("t"), settings.topic("u"));
    assert_eq!((t.retention_ms, u.retention_ms), (7_200_000, 1000));
    assert_eq!((t.segment_ms, t.flush_ms), (10_800_000, 7000));
    assert_eq!(t.min_cleanable_dirty_ratio.to_string(), "0.25");
    assert_eq!((t.min_insync_replicas, u.min_insync_replicas), (2, 2));
    assert_eq!(
        u.cleanup_policy,
        CleanupPolicy {
            delete: true,
            compact: true
        }
    );
    // The smaller unit wins, as in Kafka, and may be larger than the row's own type.
    settings
        .set(&Address::new("broker", "", "log.retention.minutes"), "1")
        .unwrap();
    assert_eq!(settings.topic("t").retention_ms, 60_000);
    settings
        .set(
            &Address::new("broker", "", "log.roll.ms"),
            "9223372036854775807",
        )
        .unwrap();
    assert_eq!(settings.topic("t").segment_ms, i64::MAX);
    settings
        .set(&Address::new("broker", "", "log.retention.ms"), "-5")
        .unwrap();
    assert_eq!(settings.topic("t").retention_ms, -1);
    assert!(settings.check().is_empty());
}

#[test]
fn the_offsets_topic_is_the_coordinators() {
    let mut settings = settings(&[
        ("group-coordinator", "", "offsets.topic.num.partitions", "3"),
        ("topic", "", "min.insync.replicas", "2"),
    ]);
    let offsets = settings.topic(OFFSETS_TOPIC);
    assert_eq!((offsets.partitions, offsets.replication_factor), (3, 3));
    assert_eq!(offsets.cleanup_policy, CleanupPolicy::COMPACT);
    assert_eq!(offsets.min_insync_replicas, 1);
    settings.set_cluster("min.insync.replicas", "2").unwrap();
    assert_eq!(settings.topic(OFFSETS_TOPIC).min_insync_replicas, 2);
}

#[test]
fn keys_of_the_cluster_find_their_scope() {
    let mut settings = Settings::new(V4_3);
    let keys = [
        ("broker.session.timeout.ms", "3000"),
        ("broker.heartbeat.interval.ms", "500"),
        ("replica.lag.time.max.ms", "5000"),
        ("group.initial.rebalance.delay.ms", "0"),
        ("offsets.topic.num.partitions", "3"),
        ("transaction.state.log.num.partitions", "3"),
        ("group.share.session.timeout.ms", "6000"),
        ("log.roll.ms", "5000"),
    ];
    for (key, text) in keys {
        settings.set_cluster(key, text).unwrap();
    }
    assert_eq!(settings.controller().broker_session_timeout_ms, 3000);
    assert_eq!(settings.broker("b1").broker_heartbeat_interval_ms, 500);
    assert_eq!(settings.coordinator().group_initial_rebalance_delay_ms, 0);
    assert_eq!(settings.topic("t").segment_ms, 5000);
    assert_eq!(settings.explicit().len(), keys.len());
    assert!(settings.check().is_empty());
    let refusal = settings
        .set_cluster("replica.lag.max.time.ms", "1")
        .unwrap_err();
    assert_eq!(refusal.nearest, Some("replica.lag.time.max.ms"));
    let refusal = settings.set_cluster("retention.ms", "1").unwrap_err();
    assert_eq!(refusal.nearest, Some("log.retention.ms"));
}

#[test]
fn refusals_name_place_key_and_reason() {
    let mut settings = Settings::new(V4_3);
    let cases = [
        (
            "producer",
            "p1",
            "ack",
            "1",
            "unknown key ack; the nearest known key is acks",
        ),
        (
            "producer",
            "p1",
            "acks",
            "2",
            "Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1",
        ),
        (
            "producer",
            "",
            "acks",
            "1",
            "acks: which producer is missing",
        ),
        (
            "topic",
            "t",
            "min.insync.replicas",
            "0",
            "Invalid value 0 for configuration min.insync.replicas: Value must be at least 1",
        ),
        (
            "topic",
            "t",
            "retention.ms",
            "soon",
            "Invalid value soon for configuration retention.ms: Not a number of type LONG",
        ),
        (
            "topic",
            "t",
            "segment.bytes",
            "100",
            "Invalid value 100 for configuration segment.bytes: Value must be at least 1048576",
        ),
        (
            "topic",
            "t",
            "message.timestamp.difference.max.ms",
            "1",
            "message.timestamp.difference.max.ms does not exist in version 4.3",
        ),
        (
            "consumer",
            "c1",
            "enable.auto.commit",
            "yes",
            "Invalid value yes for configuration enable.auto.commit: Expected value to be either true or false",
        ),
    ];
    for (scope, instance, key, text, words) in cases {
        let refusal = settings
            .set(&Address::new(scope, instance, key), text)
            .unwrap_err();
        assert_eq!(refusal.text, words);
        assert_eq!(refusal.value, text);
    }
    assert_eq!(settings, Settings::new(V4_3));
    let mut old = Settings::new(V3_9);
    old.set(&Address::new("topic", "t", "segment.bytes"), "100")
        .unwrap();
    assert!(settings.set(&Address::new("planet", "", "x"), "1").is_err());
}

#[test]
fn what_is_unset_was_never_set() {
    let mut settings = settings(&[("producer", "p1", "max.in.flight", "1")]);
    let producer = settings.producer("p1");
    assert_eq!(producer.max_in_flight_requests_per_connection, 1);
    let at = Address::new("producer", "p1", "max.in.flight.requests.per.connection");
    assert_eq!(settings.explicit(), [(at.clone(), "1")]);
    assert_eq!(settings.unset(&at).unwrap(), Some("1".to_owned()));
    assert_eq!(settings, Settings::new(V4_3));
}

#[test]
fn rows_show_what_is_in_force() {
    let settings = settings(&[
        ("producer", "p1", "acks", "1"),
        ("producer", "p1", "request.timeout.ms", "200000"),
        ("broker", "", "log.retention.ms", "5000"),
        ("cluster-feature", "", "transaction.version", "1"),
    ]);
    let row = |scope: &str, instance: &str, key: &str| {
        let rows = settings.rows(scope, instance);
        let row = rows.into_iter().find(|row| row.spec.key == key).unwrap();
        (row.text, row.explicit)
    };
    assert_eq!(row("producer", "p1", "acks"), ("1".to_owned(), true));
    assert_eq!(
        row("producer", "p1", "delivery.timeout.ms"),
        ("200005".to_owned(), false)
    );
    assert_eq!(
        row("topic", "t", "retention.ms"),
        ("5000".to_owned(), false)
    );
    assert_eq!(
        row("cluster-feature", "", "transaction.version"),
        ("1".to_owned(), true)
    );
    assert_eq!(row("cluster-feature", "", ELR), ("1".to_owned(), false));
    let broker = settings.rows("broker", "");
    let row = broker
        .iter()
        .find(|row| row.spec.key == "log.retention.hours")
        .unwrap();
    assert_eq!(
        (row.key, row.text.as_str(), row.explicit),
        ("log.retention.ms", "5000", true)
    );
    let differences = "message.timestamp.difference.max.ms";
    assert!(
        settings
            .rows("topic", "t")
            .iter()
            .all(|row| row.spec.key != differences)
    );
}

#[test]
fn files_are_read_with_their_lines_and_written_back() {
    let file = "# a producer\nacks = all\nretrys=3\nlinger.ms:ten\nmax.in.flight=1\n\nacks=1\nnonsense\nbatch.size=\\\n  100\n";
    let (overlay, refusals) = properties::read(file, "producer", specs("producer"), V4_3);
    let lines: Vec<_> = refusals.iter().map(|refusal| refusal.line).collect();
    assert_eq!(lines, [Some(3), Some(4), Some(7), Some(8)]);
    assert_eq!(refusals[0].nearest, Some("retries"));
    assert!(
        refusals[0]
            .to_string()
            .starts_with("line 3: producer: unknown key retrys")
    );
    let written = properties::write(&overlay);
    assert_eq!(
        written,
        "acks=1\nbatch.size=100\nmax.in.flight.requests.per.connection=1\n"
    );
    let (again, none) = properties::read(&written, "producer", specs("producer"), V4_3);
    assert_eq!((again, none), (overlay, Vec::new()));
}

#[test]
fn a_struct_gives_back_what_its_fields_hold() {
    for profile in [V4_3, V3_9, V2_8] {
        fn round<T: Registry + PartialEq + std::fmt::Debug>(profile: Profile) {
            let whole = T::defaults(profile);
            let mut copy = T::defaults(profile);
            for spec in T::specs() {
                if let Some(value) = whole.get(spec.key) {
                    assert!(copy.set(spec.key, &value), "{}", spec.key);
                }
            }
            assert_eq!(copy, whole);
        }
        round::<ProducerParams>(profile);
        round::<ConsumerParams>(profile);
        round::<TopicParams>(profile);
        round::<BrokerParams>(profile);
        round::<ControllerParams>(profile);
        round::<CoordinatorParams>(profile);
    }
}
