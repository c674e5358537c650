//! *What would have saved it*, for the page: searched in slices between frames, called off at will.

use super::Session;
use crate::command::Effects;
use crate::cures::{Candidate, Cures, Of, Price, SEEDS, WhyNot};
use crate::view::{ChangeView, CureView, CuresView};
use ackscope_kernel::{MessageKey, SeatId};
use ackscope_scene::drawable::message_parts;
use ackscope_scene::phrase::{Arg, Phrase};

/// Events of a slice: a few milliseconds, so that frames come on time.
const EVENTS_PER_SLICE: u64 = 3_000;

/// A search, and for what of the page.
pub(super) struct Sought {
    message: u64,
    branch: u32,
    stopped: bool,
    cures: Cures,
}

impl Session {
    /// Begins to search for what would have saved a message of the run that is shown.
    pub(super) fn find_cures(&mut self, message: u64) -> Effects {
        let (origin, number) = message_parts(message);
        let origin = SeatId(origin);
        let of = Of::Message(MessageKey { origin, number });
        self.sought_cures = self.branches.get(self.current).map(|branch| Sought {
            message,
            branch: branch.id,
            stopped: false,
            cures: Cures::new(&branch.run.recipe(), of),
        });
        news()
    }

    /// Leaves it at what was found so far.
    pub(super) fn stop_cures(&mut self) -> Effects {
        if let Some(sought) = &mut self.sought_cures {
            sought.stopped = !sought.cures.done();
        }
        news()
    }

    /// Goes on searching for a slice. Returns whether there is news.
    pub(super) fn search_on(&mut self) -> bool {
        match &mut self.sought_cures {
            Some(sought) if !sought.stopped && !sought.cures.done() => {
                sought.cures.work(EVENTS_PER_SLICE);
                true
            }
            _ => false,
        }
    }

    /// A search for cures is under way, so that frames are needed even when nothing moves.
    #[must_use]
    pub fn searches(&self) -> bool {
        let sought = self.sought_cures.as_ref();
        sought.is_some_and(|sought| !sought.stopped && !sought.cures.done())
    }

    /// Repeats the run with a cure that was found, and plays it.
    pub(super) fn try_cure(&mut self, place: usize) -> Effects {
        let found = self
            .sought_cures
            .as_ref()
            .map(|sought| sought.cures.found());
        let changes =
            found.and_then(|mut found| (place < found.len()).then(|| found.swap_remove(place).0));
        let Some(changes) = changes else {
            return Effects::default();
        };
        let changes: Vec<Candidate> = changes.into_iter().cloned().collect();
        let words = |change: &Candidate| format!("{}={}", change.key, change.value);
        let settings: Vec<String> = changes.iter().map(words).collect();
        let title = Phrase::new("branch-cure").with("settings", settings.join(", "));
        self.found_again(title, |recipe| {
            for change in &changes {
                change.apply(&mut recipe.topology);
                recipe.acts.retain(|done| !change.is_undone_by(&done.act));
            }
            Ok(())
        })
        .and(self.seek(0))
        .and(self.play(true))
    }

    /// What was found for a message of the run that is shown; nothing before anybody asked.
    #[must_use]
    pub fn cures(&self, message: u64) -> Option<CuresView> {
        let branch = self.branches.get(self.current)?.id;
        let sought = self.sought_cures.as_ref();
        let sought = sought.filter(|s| s.message == message && s.branch == branch)?;
        let cures = &sought.cures;
        let now = cures.present_price();
        let cure = |(changes, price): &(Vec<&Candidate>, Price)| CureView {
            changes: changes.iter().map(|change| change_view(change)).collect(),
            price: prices(*price, now),
        };
        let searching = !sought.stopped && !cures.done();
        let found: Vec<CureView> = cures.found().iter().map(cure).collect();
        Some(CuresView {
            searching,
            done: count(cures.progress().done),
            of: count(cures.progress().of),
            status: status(sought, found.len()),
            found,
            why_not: match searching {
                true => Vec::new(),
                false => cures.why_not().into_iter().map(reason).collect(),
            },
        })
    }
}

fn news() -> Effects {
    Effects {
        cures: true,
        ..Effects::default()
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Where the search stands, in a sentence.
fn status(sought: &Sought, found: usize) -> Phrase {
    let cures = &sought.cures;
    let (progress, seeds) = (cures.progress(), i64::try_from(SEEDS).unwrap_or(0));
    let so_far = |key: &'static str| {
        Phrase::new(key)
            .with("done", whole(progress.done))
            .with("of", whole(progress.of))
    };
    let harmed = |key: &'static str| {
        Phrase::new(key)
            .with("harmed", whole(cures.harmed()))
            .with("seeds", seeds)
    };
    match () {
        () if sought.stopped => so_far("cure-stopped"),
        () if !cures.done() && progress.pairs => so_far("cure-trying-pairs"),
        () if !cures.done() && progress.of > 0 => so_far("cure-trying"),
        () if !cures.done() => Phrase::new("cure-reading"),
        () if cures.harm().is_none() => Phrase::new("cure-nothing-to-cure"),
        () if found == 0 => harmed("cure-none"),
        () => harmed("cure-found"),
    }
}

fn change_view(change: &Candidate) -> ChangeView {
    ChangeView {
        scope: change.scope,
        names: change.names.join(", "),
        key: change.key,
        value: change.value,
        present: change.present.clone(),
    }
}

fn reason((why, count): (WhyNot, u32)) -> (u32, Phrase) {
    (count, Phrase::new(why.key()))
}

/// What it costs, beside what the present settings cost. What is the same is left out, but for the
/// latency.
fn prices(price: Price, now: Price) -> Vec<Phrase> {
    let mut all = vec![
        Phrase::new("cure-price-latency")
            .with("half", Arg::Time(price.p50_us))
            .with("most", Arg::Time(price.p99_us))
            .with("nowhalf", Arg::Time(now.p50_us))
            .with("nowmost", Arg::Time(now.p99_us)),
    ];
    if price.unavailable_us != now.unavailable_us {
        all.push(
            Phrase::new("cure-price-unavailable")
                .with("time", Arg::Time(price.unavailable_us))
                .with("now", Arg::Time(now.unavailable_us)),
        );
    }
    let mut number = |key: &'static str, value: u64, before: u64| {
        if value != before {
            let text =
                |thousandths: u64| format!("{}.{}", thousandths / 1_000, thousandths % 1_000 / 100);
            all.push(
                Phrase::new(key)
                    .with("count", text(value))
                    .with("now", text(before)),
            );
        }
    };
    number(
        "cure-price-throughput",
        price.confirmed_per_1000s,
        now.confirmed_per_1000s,
    );
    number(
        "cure-price-duplicated",
        price.duplicated_per_1000,
        now.duplicated_per_1000,
    );
    number(
        "cure-price-failed",
        price.failed_per_1000,
        now.failed_per_1000,
    );
    all
}
