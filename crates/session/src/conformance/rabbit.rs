//! Cases recorded on RabbitMQ.

pub(super) mod case;
mod collect;
mod compare;
mod driver;
mod moving;
mod nodes;
mod observed;
mod outcome;
mod setting;
mod skip;
mod step;
mod steps;
mod times;

pub use case::{
    AckMode, BindingSpec, ClientSpec, ExchangeSpec, Kind, Mode, PolicySpec, QueueSpec, RabbitCase,
    Variant,
};
pub use compare::compare;
pub use observed::{DeathEntry, Delivery, Observed, StateEntry};
pub use step::{Drain, DrainHow, How, Nodes, Publish, QueueWanted, Step};
pub use times::{Times, times};

use super::compare::{Difference, Rule};

/// Why a case is skipped, if it is.
pub(super) fn skipped(case: &RabbitCase) -> Option<String> {
    skip::reason(case)
}

/// What the simulator comes to in a case of RabbitMQ.
///
/// # Errors
/// What the driver does not know, or that the run does not end.
pub fn play(case: &RabbitCase, version: &str, seed: u64) -> Result<Observed, Difference> {
    let known = |(place, what): (String, String)| Difference {
        field: place,
        expected: "what the driver knows".to_owned(),
        got: what,
    };
    setting::check(case).map_err(known)?;
    let ready = setting::ready(case, version).map_err(known)?;
    let mut run = driver::Run::new(case, ready, seed);
    match run.play() {
        Ok(()) => Ok(run.observed()),
        Err(driver::Stuck::Endless) => Err(Difference {
            field: "events".to_owned(),
            expected: format!("at most {}", times::MOST_EVENTS),
            got: "more".to_owned(),
        }),
        Err(driver::Stuck::Cluster(said)) => Err(Difference {
            field: "cluster".to_owned(),
            expected: "all nodes running".to_owned(),
            got: said,
        }),
    }
}

/// Whether an outcome is what was recorded.
///
/// # Errors
/// The first difference.
pub fn judge(case: &RabbitCase, got: &Observed) -> Result<(), Difference> {
    match &case.must {
        Some(must) if !case.stable => compare(must, got, Rule::Must),
        _ => compare(&case.observed, got, Rule::Whole),
    }
}

/// Which of the recorded variants of an unstable case an outcome is, counted from 0.
#[must_use]
pub fn variant_of(case: &RabbitCase, got: &Observed) -> Option<usize> {
    let same = |variant: &Variant| compare(&variant.observed, got, Rule::Whole).is_ok();
    case.variants.iter().position(same)
}
