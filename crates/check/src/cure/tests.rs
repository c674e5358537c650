//! The rule on hand-made trials, and the order of the search.

use super::*;
use crate::toy::{A, B, BOSS, Order, act, confirmed_on, run};
use ackscope_kernel::{Act, MessageKey, SeatId};

fn search(candidates: usize, seeds: impl IntoIterator<Item = u64>) -> Search {
    Search::new(Harm::Lost, (0..candidates).collect(), seeds)
}

fn trial(confirmed: u32, lost: u32, latency: u64) -> Trial {
    Trial {
        offered: (1..=10)
            .map(|number| MessageKey {
                origin: SeatId(0),
                number,
            })
            .collect(),
        confirmed,
        lost,
        strikes: vec![Strike {
            role: "crash leader".into(),
            stage: "after ack".into(),
        }],
        latencies_us: vec![latency; confirmed as usize],
        span_us: 1_000_000,
        unavailable_us: 0,
        ..Trial::default()
    }
}

#[test]
fn a_refusal_is_no_cure_and_neither_is_another_fault() {
    let base = trial(8, 3, 100);
    assert_eq!(judge(&base, &trial(8, 0, 100), Harm::Lost), Ok(()));
    assert_eq!(
        judge(&base, &trial(7, 0, 100), Harm::Lost),
        Err(WhyNot::FewerConfirmed)
    );
    assert_eq!(
        judge(&base, &trial(10, 1, 100), Harm::Lost),
        Err(WhyNot::StillHarmed)
    );
    let missed = Trial {
        strikes: Vec::new(),
        ..trial(10, 0, 100)
    };
    assert_eq!(judge(&base, &missed, Harm::Lost), Err(WhyNot::OtherFault));
    let other = Trial {
        offered: Vec::new(),
        ..trial(10, 0, 100)
    };
    assert_eq!(judge(&base, &other, Harm::Lost), Err(WhyNot::OtherMessages));
}

#[test]
fn single_cures_are_ranked_by_price_and_pairs_are_not_tried() {
    let mut search = search(3, [1, 2]);
    search.finish(&mut |changes, _| match changes {
        [] => trial(8, 2, 100),
        [0] => trial(10, 0, 900),
        [2] => trial(9, 0, 300),
        _ => trial(8, 1, 100),
    });
    let cures = search.cures();
    assert_eq!(
        cures.iter().map(|c| c.changes.clone()).collect::<Vec<_>>(),
        [vec![2], vec![0]]
    );
    assert_eq!(cures[0].price.p99_us, 300);
    assert_eq!(search.judged()[1].failed, Some((1, WhyNot::StillHarmed)));
    assert_eq!(search.judged().len(), 3);
    assert_eq!(search.harmed(), 2);
}

#[test]
fn pairs_are_tried_when_no_single_change_cures() {
    let mut search = search(4, [1]);
    search.finish(&mut |changes, _| match changes {
        [1, 3] => trial(8, 0, 100),
        _ => trial(8, 2, 100),
    });
    assert_eq!(
        search
            .cures()
            .iter()
            .map(|c| c.changes.clone())
            .collect::<Vec<_>>(),
        [vec![1, 3]]
    );
    assert_eq!(search.judged().len(), 4 + 6, "each pair once");
}

#[test]
fn a_change_must_hold_at_every_seed_and_none_found_is_said() {
    let mut search = search(1, 1..=20);
    search.finish(&mut |changes, seed| match (changes, seed) {
        ([0], 1..=19) => trial(8, 0, 100),
        _ => trial(8, 2, 100),
    });
    assert!(search.done() && search.cures().is_empty());
    assert_eq!(search.judged()[0].failed, Some((20, WhyNot::StillHarmed)));
}

#[test]
fn without_a_loss_nothing_is_tried() {
    let mut search = search(5, [1, 2, 3]);
    let mut runs = 0;
    search.finish(&mut |_, _| {
        runs += 1;
        trial(8, 0, 100)
    });
    assert_eq!((runs, search.harmed()), (3, 0));
    assert!(search.judged().is_empty());
}

#[test]
fn percentiles_are_those_of_the_values() {
    let mut one = trial(0, 0, 0);
    one.latencies_us = (1..=100).rev().collect();
    one.confirmed = 100;
    let price = Price::of(&[one]);
    assert_eq!((price.p50_us, price.p95_us, price.p99_us), (50, 95, 99));
    assert_eq!(price.confirmed_per_1000s, 100_000);
    assert_eq!(Price::of(&[]), Price::default());
}

#[test]
fn a_trial_counts_what_the_ledger_knows() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A]);
    confirmed_on(&mut run, 2, &[A, B]);
    act(&mut run, Act::Order(BOSS, Order::Lead(Some(B))));
    let trial = Trial::of(run.ledger(), run.trace(), Vec::new());
    assert_eq!(
        (trial.offered.len(), trial.confirmed, trial.lost),
        (2, 2, 1)
    );
    assert_eq!(trial.latencies_us, [20_000_000, 30_000_000]);
    assert_eq!(trial.span_us, 60_000_000);
}

#[test]
fn two_values_of_one_parameter_are_no_pair() {
    let mut search = Search::new(Harm::Lost, vec![0, 0, 1], [1]);
    search.finish(&mut |_, _| trial(8, 2, 100));
    let tried: Vec<_> = search.judged().iter().map(|j| j.changes.clone()).collect();
    assert_eq!(tried, [vec![0], vec![1], vec![2], vec![0, 2], vec![1, 2]]);
    assert_eq!(search.progress(), (2, 2));
}

#[test]
fn each_harm_is_sought_by_itself_and_a_cure_loses_nothing_for_it() {
    let twice = Trial {
        duplicated: 3,
        ..trial(8, 0, 100)
    };
    let judged = |trial: Trial| judge(&twice, &trial, Harm::Duplicated);
    assert_eq!(judged(trial(8, 0, 100)), Ok(()));
    assert_eq!(judged(twice.clone()), Err(WhyNot::StillHarmed));
    assert_eq!(judged(trial(8, 1, 100)), Err(WhyNot::Loses));
    assert_eq!(judged(Trial::refused()), Err(WhyNot::Refused));
    let silent = Trial {
        delivered: 7,
        ..trial(8, 0, 100)
    };
    let read = Trial {
        delivered: 8,
        ..twice.clone()
    };
    assert_eq!(
        judge(&read, &silent, Harm::Duplicated),
        Err(WhyNot::FewerDelivered)
    );
    let more = Trial {
        strikes: [twice.strikes.clone(), twice.strikes.clone()].concat(),
        ..trial(8, 0, 100)
    };
    assert_eq!(judged(more), Ok(()), "a further fault makes nothing easier");
}

#[test]
fn a_search_goes_on_where_it_was_left() {
    let run = |changes: &[usize], _: u64| match changes {
        [1] => trial(8, 0, 100),
        _ => trial(8, 2, 100),
    };
    let mut whole = search(2, [1, 2]);
    whole.finish(&mut { run });
    let mut sliced = search(2, [1, 2]);
    let mut runs = 0;
    while let Some((changes, seed)) = sliced.wanted() {
        let trial = run(changes, seed);
        sliced.take(trial);
        runs += 1;
    }
    assert_eq!(runs, 2 + 1 + 2);
    assert_eq!(sliced.cures(), whole.cures());
    assert_eq!(sliced.progress(), (2, 2));
}
