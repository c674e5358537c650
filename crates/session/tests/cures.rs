//! *What would have saved it*: found by running, in scenarios and in random runs that are in no file.

use ackscope_check::{Harm, WhyNot};
use ackscope_session::cures::{Cures, Of, SEEDS};
use ackscope_session::fuzz::{Fuzz, Kind};
use ackscope_session::recipe::Recipe;
use ackscope_session::scenario::{self, Overrides, Scenario};

const UNSAFE: Fuzz = Fuzz {
    kind: Kind::Unsafe,
    mutant: None,
};

fn recipe(id: &str) -> Recipe {
    let scenario = Scenario::parse(scenario::named(id).unwrap()).unwrap();
    let played = scenario::run(&scenario, &Overrides::default()).unwrap();
    played.recipe
}

/// The cures as `key=value`, the cheapest first.
fn found(cures: &Cures) -> Vec<Vec<String>> {
    let text =
        |change: &&ackscope_session::cures::Candidate| format!("{}={}", change.key, change.value);
    let all = cures.found();
    let of = |changes: &Vec<_>| changes.iter().map(text).collect();
    all.iter().map(|(changes, _)| of(changes)).collect()
}

fn searched(recipe: &Recipe, of: Of) -> Cures {
    let mut cures = Cures::new(recipe, of);
    cures.finish();
    cures
}

#[test]
fn scenarios_have_the_cures_that_their_stories_tell_of() {
    let known = [
        (
            "kafka-s01-acks-0-leader-crash",
            Harm::Lost,
            &["acks=all"][..],
        ),
        ("kafka-s02-acks-1-leader-crash", Harm::Lost, &["acks=all"]),
        (
            "kafka-s07-unclean-election",
            Harm::Lost,
            &[
                "unclean.leader.election.enable=false",
                "min.insync.replicas=2",
            ],
        ),
        (
            "kafka-s10-all-power-loss",
            Harm::Lost,
            &["flush.messages=1"],
        ),
        (
            "kafka-s17-one-replica-power-loss",
            Harm::Lost,
            &["replication.factor=3", "flush.messages=1"],
        ),
        (
            "kafka-s26-lost-answer",
            Harm::Duplicated,
            &["enable.idempotence=true"],
        ),
        (
            "kafka-s28-reorder",
            Harm::Reordered,
            &[
                "enable.idempotence=true",
                "max.in.flight.requests.per.connection=1",
            ],
        ),
        ("kafka-s32-retries-0", Harm::Failed, &["retries=2147483647"]),
        (
            "kafka-s40-auto-commit-hand-off",
            Harm::Lost,
            &["enable.auto.commit=false"],
        ),
        (
            "kafka-s44-crash-before-commit",
            Harm::Duplicated,
            &["max.poll.records=1"],
        ),
    ];
    for (id, harm, wanted) in known {
        let cures = searched(&recipe(id), Of::Worst);
        assert_eq!(cures.harm(), Some(harm), "{id}");
        assert_eq!(cures.harmed(), SEEDS as usize, "{id}");
        let found = found(&cures);
        let found: Vec<&str> = found.iter().flatten().map(String::as_str).collect();
        assert_eq!(found, wanted, "{id}");
    }
}

#[test]
fn a_cure_has_its_price() {
    let cures = searched(&recipe("kafka-s06-isr-shrunk-power-loss"), Of::Worst);
    let (present, all) = (cures.present_price(), cures.found());
    let price = |key: &str| {
        let cure = all.iter().find(|(changes, _)| changes[0].key == key);
        cure.unwrap_or_else(|| panic!("{key} is a cure")).1
    };
    // The one makes each write wait for the disk, the other some of them for the in-sync replicas.
    assert!(price("flush.messages").p50_us > present.p50_us);
    assert!(price("min.insync.replicas").p99_us > 100 * price("flush.messages").p99_us);
    assert!(price("min.insync.replicas").unavailable_us > present.unavailable_us);
    let twice = searched(&recipe("kafka-s40-auto-commit-hand-off"), Of::Worst);
    assert_eq!(twice.present_price().duplicated_per_1000, 0);
    assert!(twice.found()[0].1.duplicated_per_1000 >= 1_000);
}

#[test]
fn none_found_is_said_after_every_change_and_every_pair_was_tried() {
    let cures = searched(&recipe("kafka-s41-auto-commit-synchronous"), Of::Worst);
    assert_eq!(cures.harm(), Some(Harm::Duplicated));
    assert!(cures.done() && cures.found().is_empty());
    let progress = cures.progress();
    assert!(progress.pairs && progress.done == progress.of);
    let tried: u32 = cures.why_not().values().sum();
    assert!(tried as usize > progress.of, "single changes, then pairs");
    // Reading nothing is no cure of reading twice, and neither is another fault.
    assert!(cures.why_not().contains_key(&WhyNot::StillHarmed));
}

#[test]
fn without_a_harm_there_is_nothing_to_cure() {
    let cures = searched(&recipe("kafka-s03-happy-path"), Of::Worst);
    assert!(cures.done());
    assert_eq!((cures.harm(), cures.found().len()), (None, 0));
}

#[test]
fn slices_find_what_one_go_finds_and_never_take_more_than_they_may() {
    let recipe = recipe("kafka-s02-acks-1-leader-crash");
    let mut sliced = Cures::new(&recipe, Of::Worst);
    let mut slices = 0;
    while sliced.work(500) {
        slices += 1;
    }
    assert!(slices > 100, "{slices}");
    assert_eq!(found(&sliced), found(&searched(&recipe, Of::Worst)));
}

/// Random runs of which nobody knows beforehand what would have saved them.
#[test]
fn cures_of_random_runs_are_found_and_hold_when_the_run_is_repeated() {
    let (mut cured, mut acks) = (0, 0);
    for seed in 1..=20 {
        let run = UNSAFE.run(seed);
        if run.lost == 0 {
            continue;
        }
        let mut cures = Cures::new(&run.recipe, Of::Harm(Harm::Lost));
        // Pairs of changes take minutes here; the runs in which a single one helps are enough.
        while !cures.progress().pairs && cures.work(u64::MAX) {}
        if cures.found().is_empty() {
            continue;
        }
        assert_eq!(cures.harm(), Some(Harm::Lost));
        cured += 1;
        for (changes, _) in cures.found() {
            acks += u32::from(changes.iter().any(|change| change.key == "acks"));
            // The recipe itself, with its own moments and names, knows nothing of roles and stages.
            let mut recipe = run.recipe.clone();
            changes
                .iter()
                .for_each(|change| change.apply(&mut recipe.topology));
            let played = scenario::run(&recipe.scenario(), &Overrides::default()).unwrap();
            let gone = [
                "lost-after-ack",
                "lost-before-ack",
                "stranded",
                "vanished-after-delivery",
            ];
            let totals = &played.outcome.totals;
            let lost: Vec<_> = gone
                .iter()
                .filter(|fate| totals.contains_key(**fate))
                .collect();
            assert!(
                lost.is_empty(),
                "seed {seed}: {:?} {totals:?}",
                found(&cures)
            );
        }
    }
    assert!(cured >= 5, "{cured} runs were cured");
    assert!(acks >= 3, "acks=all saved {acks} of them");
}
