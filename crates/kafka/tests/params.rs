//! The registry against the reference's table, and the help texts against the registry.

use ackscope_kernel::{SortedMap, SortedSet};

use ackscope_kafka::params::{PROFILES, SCOPES, all_specs};
use ackscope_params::Built;

const TABLE: &str = include_str!("params-kafka.tsv");
const HELP: [(&str, &str); 2] = [
    ("en", include_str!("../../../locales/en/params.ftl")),
    ("zh-CN", include_str!("../../../locales/zh-CN/params.ftl")),
];

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
    let table: SortedMap<_, _> = lines
        .map(|line| {
            let cells: Vec<_> = line.split('\t').map(str::to_owned).collect();
            ((cells[0].clone(), cells[1].clone()), cells)
        })
        .collect();
    let mut declared = SortedMap::new();
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
            .find(|profile| spec.default(*profile).is_some())
            .unwrap();
        for safer in spec.safer {
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
fn every_live_parameter_has_its_help_in_both_languages() {
    let wanted: SortedSet<String> = all_specs()
        .filter(|spec| spec.live())
        .map(|spec| format!("param-{}-{}", spec.scope, spec.key.replace('.', "-")))
        .collect();
    let mut warnings = Vec::new();
    for (language, text) in HELP {
        let messages: SortedMap<_, _> = text
            .lines()
            .filter_map(|line| line.split_once(" = "))
            .collect();
        let warned: SortedSet<_> = messages
            .keys()
            .filter_map(|key| key.strip_suffix("-warn"))
            .collect();
        let plain: SortedSet<_> = messages
            .keys()
            .filter(|key| !key.ends_with("-warn"))
            .map(|k| k.to_string())
            .collect();
        assert_eq!(plain, wanted, "{language}");
        assert!(warned.iter().all(|key| wanted.contains(*key)), "{language}");
        let lines = text
            .lines()
            .filter(|line| line.starts_with("param-"))
            .count();
        assert_eq!(messages.len(), lines, "{language}: a message stands twice");
        warnings.push(warned);
    }
    assert_eq!(warnings[0], warnings[1]);
}
