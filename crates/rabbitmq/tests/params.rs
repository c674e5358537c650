//! The registry against the reference's table.

use std::collections::BTreeMap;

use ackscope_params::{Built, Overlay};
use ackscope_rabbitmq::params::{
    Credit, NODE_SCOPES, PROFILES, Params, PartitionHandling, SCOPES, V3_10, V4_0, V4_3, all_specs,
    is_of_node, profile, specs,
};

const TABLE: &str = include_str!("params-rabbitmq.tsv");

fn joined(words: &[&str]) -> String {
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join("|")
    }
}

#[test]
fn every_row_of_the_table_is_declared_with_every_column() {
    let mut lines = TABLE.lines();
    let header: Vec<_> = lines.next().unwrap().split('\t').collect();
    for (column, profile) in PROFILES.iter().enumerate() {
        assert_eq!(header[5 + column], format!("default_{}", profile.name()));
    }
    let table: BTreeMap<_, _> = lines
        .map(|line| {
            let cells: Vec<_> = line.split('\t').map(str::to_owned).collect();
            ((cells[0].clone(), cells[1].clone()), cells)
        })
        .collect();
    let mut declared = BTreeMap::new();
    for spec in all_specs() {
        let mut cells = vec![spec.scope.to_owned(), spec.key.to_owned()];
        cells.extend([
            joined(spec.aliases),
            spec.kind.text().to_owned(),
            spec.range.to_owned(),
        ]);
        cells.extend(spec.defaults.iter().map(|text| (*text).to_owned()));
        let live = if spec.live() { "yes" } else { "no" };
        let reason = if spec.live() { "-" } else { spec.reason };
        cells.extend([spec.applies, live, reason, spec.section].map(str::to_owned));
        let identity = (spec.scope.to_owned(), spec.key.to_owned());
        assert!(
            declared.insert(identity.clone(), cells).is_none(),
            "{identity:?} stands twice"
        );
    }
    assert_eq!(table.len(), TABLE.lines().count() - 1);
    for (identity, cells) in &table {
        assert_eq!(declared.get(identity), Some(cells), "{identity:?}");
    }
    assert_eq!(declared.len(), table.len());
}

#[test]
fn rows_stand_in_the_order_of_the_scopes() {
    let mut scopes: Vec<_> = all_specs().map(|spec| spec.scope).collect();
    scopes.dedup();
    assert_eq!(scopes, SCOPES);
}

#[test]
fn every_default_and_every_safer_value_can_be_read() {
    for spec in all_specs() {
        for profile in PROFILES {
            if let Some(default) = spec.default(profile) {
                let read = spec.read(profile, default);
                assert!(read.is_ok(), "{} {}: {read:?}", spec.scope, spec.key);
            }
        }
        let home = PROFILES
            .into_iter()
            .find(|profile| spec.default(*profile).is_some());
        assert!(
            home.is_some() || !spec.live(),
            "{} exists nowhere",
            spec.key
        );
        for safer in spec.safer {
            let home = home.unwrap();
            assert!(
                spec.read(home, safer).is_ok(),
                "{} {}: {safer}",
                spec.scope,
                spec.key
            );
        }
        assert_eq!(
            spec.built == Built::Inert,
            !spec.live(),
            "{} {}",
            spec.scope,
            spec.key
        );
        assert!(
            spec.affects.is_empty() != spec.live(),
            "{} {}",
            spec.scope,
            spec.key
        );
    }
}

#[test]
fn a_node_obeys_what_its_configuration_spells_out() {
    let overlay: Overlay = [
        ("net_ticktime", "6"),
        ("cluster_partition_handling", "pause_minority"),
        ("consumer_timeout", "5000"),
        ("credit_flow_default_credit", "0,0"),
        ("quorum_cluster_size", "5"),
        ("channel_max", "70000"),
        ("x-message-ttl", "5"),
        ("net_tick_time", "6"),
    ]
    .into_iter()
    .collect();
    let (params, refusals) = Params::resolve(V4_0, &overlay);
    assert_eq!(params.cluster.net_ticktime, 6);
    let pause = PartitionHandling::PauseMinority;
    assert_eq!(params.cluster.cluster_partition_handling, Some(pause));
    assert_eq!(params.node.consumer_timeout, 5000);
    let none = Credit {
        initial: 0,
        more_after: 0,
    };
    assert_eq!(params.classic.credit_flow_default_credit, none);
    assert_eq!(params.quorum.quorum_queue_initial_cluster_size, 5);
    assert_eq!(params.connection.channel_max, 2047);
    let refused: Vec<_> = refusals
        .iter()
        .map(|refusal| refusal.key.as_str())
        .collect();
    assert_eq!(refused, ["net_tick_time", "x-message-ttl", "channel_max"]);
    assert_eq!(refusals[0].nearest, Some("net_ticktime"));
}

#[test]
fn profiles_differ_where_the_versions_do() {
    let (old, new) = (Params::defaults(V3_10), Params::defaults(V4_3));
    assert_eq!(old.classic.classic_queue_default_version, 1);
    assert_eq!(new.classic.classic_queue_default_version, 2);
    assert_eq!(old.channel.max_message_size, 134_217_728);
    assert!(new.cluster.khepri_db && !Params::defaults(V4_0).cluster.khepri_db);
    assert_eq!(profile("4.3.6"), Some(V4_3));
    assert_eq!(profile("4.1"), Some(V4_0));
    assert_eq!(profile("3.10.8"), Some(V3_10));
    assert_eq!(profile("4.33"), None);
}

#[test]
fn every_row_of_a_node_has_one_home() {
    let mut keys = Vec::new();
    for scope in NODE_SCOPES {
        keys.extend(specs(scope).iter().filter(|s| is_of_node(s)).map(|s| s.key));
    }
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), all, "a key stands in two scopes of a node");
}
