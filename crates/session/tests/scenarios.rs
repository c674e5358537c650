//! Every scenario that comes with AckScope: it holds, each of its keys is needed, each of its
//! `breaks-when` breaks it, its recipe repeats it, and both languages tell it.

use ackscope_kernel::Time;
use ackscope_session::founding;
use ackscope_session::recipe::Recipe;
use ackscope_session::scenario::{self, ALL, Alteration, Overrides, Played, Scenario};

fn all() -> impl Iterator<Item = Scenario> {
    ALL.iter().map(|(id, text)| {
        let scenario =
            Scenario::parse(text).unwrap_or_else(|problems| panic!("{id}: {problems:#?}"));
        assert_eq!(scenario.id, *id, "a file is named like its scenario");
        scenario
    })
}

fn play(scenario: &Scenario) -> Played {
    let played = scenario::run(scenario, &Overrides::default());
    played.unwrap_or_else(|error| panic!("{}: {error}", scenario.id))
}

fn assert_holds(scenario: &Scenario, seed: u64) {
    let overrides = Overrides {
        seed: Some(seed),
        ..Overrides::default()
    };
    let outcome = scenario::run(scenario, &overrides).unwrap().outcome;
    let wrong: Vec<_> = outcome
        .expectations
        .iter()
        .filter(|checked| !checked.ok)
        .collect();
    assert!(
        outcome.ok(),
        "{} at seed {seed}: {wrong:#?} {:#?}",
        scenario.id,
        outcome.undone
    );
    assert!(!outcome.messages.is_empty(), "{}", scenario.id);
}

#[test]
fn each_holds_at_its_own_seed() {
    all().for_each(|scenario| assert_holds(&scenario, scenario.seed));
}

#[test]
fn each_holds_at_other_seeds() {
    for scenario in all() {
        (2..=10).for_each(|seed| assert_holds(&scenario, seed));
    }
}

#[test]
fn each_key_is_needed_and_each_break_breaks() {
    let mut idle = Vec::new();
    for scenario in all() {
        let mut changes = 0;
        for key in &scenario.keys {
            changes += 1;
            if !play(&scenario.without(key)).outcome.failed() {
                idle.push(format!("{}: key {key}", scenario.id));
            }
        }
        for alterations in &scenario.breaks_when {
            changes += 1;
            if !play(&scenario.with(alterations)).outcome.failed() {
                let text: Vec<_> = alterations.iter().map(Alteration::to_string).collect();
                idle.push(format!("{}: breaks-when {}", scenario.id, text.join("; ")));
            }
        }
        if changes == 0 {
            idle.push(format!("{} names neither a key nor a break", scenario.id));
        }
    }
    assert!(idle.is_empty(), "these change nothing: {idle:#?}");
}

#[test]
fn a_recipe_repeats_its_run() {
    for scenario in all() {
        let played = play(&scenario);
        let json = serde_json::to_string(&played.recipe).unwrap();
        let recipe: Recipe = serde_json::from_str(&json).unwrap();
        assert_eq!(recipe, played.recipe);
        let again = play(&recipe.scenario());
        assert_eq!(
            again.outcome.digest, played.outcome.digest,
            "{}",
            scenario.id
        );
        assert_eq!(
            again.outcome.messages, played.outcome.messages,
            "{}",
            scenario.id
        );
    }
}

#[test]
fn a_seek_changes_nothing() {
    for scenario in all() {
        let Played {
            mut history,
            outcome,
            ..
        } = play(&scenario);
        let (zero, end) = (founding::ZERO, history.world().now());
        for share in [1, 3, 2] {
            let at = Time(zero.0 + (end.0 - zero.0) * share / 4);
            history.seek(at);
            assert_eq!(history.world().now(), at);
            history.seek(end);
            assert_eq!(
                format!("{:016x}", history.digest()),
                outcome.digest,
                "{}",
                scenario.id
            );
        }
    }
}

#[test]
fn files_are_written_as_they_are_read() {
    for scenario in all() {
        assert_eq!(Scenario::parse(&scenario.to_string()).unwrap(), scenario);
    }
}

#[test]
fn both_languages_tell_each() {
    let english = include_str!("../../../locales/en/scenarios.ftl");
    let chinese = include_str!("../../../locales/zh-CN/scenarios.ftl");
    let keys = |text: &str| {
        let entries = text.lines().filter_map(|line| line.split_once(" = "));
        entries.map(|(key, _)| key.to_owned()).collect::<Vec<_>>()
    };
    let wanted: Vec<String> = ALL
        .iter()
        .flat_map(|(id, _)| ["title", "story"].map(|part| format!("scenario-{id}-{part}")))
        .collect();
    let sorted = |mut keys: Vec<String>| {
        keys.sort();
        keys
    };
    assert_eq!(sorted(keys(english)), sorted(wanted.clone()));
    assert_eq!(sorted(keys(chinese)), sorted(wanted));
}

#[test]
fn the_course_has_no_gap() {
    let mut places: Vec<_> = all().filter_map(|scenario| scenario.course).collect();
    places.sort_unstable();
    let wanted: Vec<u16> = (1..).take(places.len()).collect();
    assert_eq!(places, wanted);
}
