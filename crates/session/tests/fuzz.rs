//! Random runs keep what safe settings promise, find the losses of unsafe ones, and catch planted
//! mistakes. Larger numbers of seeds are for the command line (`ackscope-cli fuzz`).

use ackscope_kafka::{Mutant, goals};
use ackscope_session::fuzz::{
    Fuzz, HEALED, Kind, LOST_WITH_ACKS_1, LOST_WITH_ACKS_ALL, Run, Tally,
};
use ackscope_session::scenario::{self, Overrides, Scenario};

const SAFE: Fuzz = Fuzz {
    kind: Kind::Safe,
    mutant: None,
};
const UNSAFE: Fuzz = Fuzz {
    kind: Kind::Unsafe,
    mutant: None,
};
/// Each mutant is caught by one of so many safe seeds.
const SEEDS_PER_MUTANT: u64 = 60;

fn tally(fuzz: &Fuzz, seeds: u64) -> Tally {
    let mut tally = Tally::new(fuzz);
    for seed in 1..=seeds {
        let run = fuzz.run(seed);
        assert!(run.broken.is_empty(), "seed {seed}: {:?}", run.broken);
        tally.add(&run, Vec::new());
    }
    tally
}

#[test]
fn safe_settings_lose_nothing_and_every_goal_is_reached() {
    let tally = tally(&SAFE, 100);
    assert_eq!(tally.report().lost, 0);
    for goal in ["confirmed-50", "leader-changed"] {
        assert!(tally.coverage().at_least(goal, 90), "{goal}");
    }
    assert!(tally.coverage().at_least(HEALED, 100));
    for goal in goals::SOMETIMES {
        assert!(tally.coverage().at_least(goal, 10), "{goal}");
    }
}

#[test]
fn unsafe_settings_lose_with_acks_1_and_outside_the_limits_with_acks_all() {
    let tally = tally(&UNSAFE, 60);
    let report = tally.report();
    assert!(report.lost > 0);
    for goal in [LOST_WITH_ACKS_1, LOST_WITH_ACKS_ALL] {
        assert!(report.coverage[goal] > 0, "{goal}");
    }
}

fn caught(mutant: Mutant) -> Option<(Fuzz, Run)> {
    let fuzz = Fuzz {
        mutant: Some(mutant),
        ..SAFE
    };
    let mut runs = (1..=SEEDS_PER_MUTANT).map(|seed| fuzz.run(seed));
    let run = runs.find(|run| !run.broken.is_empty())?;
    Some((fuzz, run))
}

#[test]
fn every_planted_mistake_is_caught() {
    let missed: Vec<_> = Mutant::ALL
        .into_iter()
        .filter(|mutant| caught(*mutant).is_none())
        .collect();
    assert_eq!(missed, []);
}

#[test]
fn a_mistake_shows_as_what_it_is() {
    let rule = |mutant| caught(mutant).map(|(_, run)| run.broken[0].rule);
    assert_eq!(
        rule(Mutant::ForgetsDuplicates),
        Some("idempotent-writes-once")
    );
    assert_eq!(rule(Mutant::ElectsUnclean), Some("no-unclean-election"));
    assert_eq!(
        rule(Mutant::EarlyAck),
        Some("in-sync-replicas-have-all-confirmed")
    );
}

#[test]
fn a_run_is_repeated_by_its_scenario() {
    for seed in [3, 17, 40] {
        for fuzz in [SAFE, UNSAFE] {
            let run = fuzz.run(seed);
            let text = run.recipe.scenario().to_string();
            let scenario = Scenario::parse(&text).unwrap_or_else(|problems| {
                panic!("{problems:?}\n{text}");
            });
            let played = scenario::run(&scenario, &Overrides::default()).unwrap();
            assert_eq!(played.outcome.undone, Vec::<String>::new());
            assert_eq!(played.outcome.digest, format!("{:016x}", run.digest));
        }
    }
}

#[test]
fn a_violation_is_shrunk_to_a_scenario_that_can_be_read() {
    let (fuzz, run) = caught(Mutant::TruncatesToWatermark).unwrap();
    let violations = fuzz.violations(&run);
    let text = &violations[0].scenario;
    let scenario = Scenario::parse(text).unwrap();
    assert!(scenario.steps.len() < run.recipe.acts.len());
    assert!(text.contains("truncates-to-watermark"));
}
