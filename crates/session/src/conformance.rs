//! Replaying what real clusters did: cases recorded on Apache Kafka and RabbitMQ, run as steps in a
//! virtual world, and compared field by field. The form of the cases is described in tests/conformance/README.md.
//!
//! Texts come in and results go out; files are read by whoever calls.

mod case;
mod collect;
mod compare;
mod driver;
mod key;
mod nodes;
mod observed;
mod outcome;
pub mod rabbit;
mod range;
mod report;
mod setting;
mod skip;
mod step;
mod steps;
mod times;

pub use case::{Body, Case, ClientSpec, Cluster, KafkaCase, Kind, TopicSpec, Unreadable, Variant};
pub use compare::{Difference, Rule, compare};
pub use observed::{
    AssignmentEntry, Delivery, ErrorEntry, LogEntry, LogRecord, Observed, OffsetsEntry, Outcome,
    ReplicaEntry, StateEntry,
};
pub use range::fits;
pub use report::{Report, Seeds, Totals};
pub use step::{Commit, Generate, Place, Produce, Step};
pub use times::{KAFKA, MOST_EVENTS, Times};

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseResult {
    /// Everything that is compared agrees.
    Ok,
    /// Something differs, or the driver does not know it.
    Fail(Difference),
    /// The case needs a feature that is left out.
    Skip(String),
}

/// What came of one run of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether it is what was recorded.
    pub verdict: Result<(), Difference>,
    /// For an unstable case: which of the recorded variants it is, counted from 0.
    pub variant: Option<usize>,
}

/// Why a case is not run, if it is not: a feature that is left out.
#[must_use]
pub fn skipped(case: &Case) -> Option<String> {
    match &case.body {
        Body::Kafka(kafka) => skip::reason(kafka),
        Body::Rabbit(rabbit) => rabbit::skipped(rabbit),
        Body::Unknown(..) | Body::Other => None,
    }
}

/// Runs a case that is not skipped, and compares.
///
/// # Errors
/// What the driver does not know, or that the run does not end.
pub fn judge(case: &Case, seed: u64) -> Result<Judged, Difference> {
    match &case.body {
        Body::Kafka(kafka) => {
            let got = play(kafka, &case.version, seed)?;
            let verdict = match &kafka.must {
                Some(must) if !kafka.stable => compare(must, &got, Rule::Must),
                _ => compare(&kafka.observed, &got, Rule::Whole),
            };
            let variant = variant_of(kafka, &got);
            Ok(Judged { verdict, variant })
        }
        Body::Rabbit(rabbit) => {
            let got = rabbit::play(rabbit, &case.version, seed)?;
            let verdict = rabbit::judge(rabbit, &got);
            let variant = rabbit::variant_of(rabbit, &got);
            Ok(Judged { verdict, variant })
        }
        Body::Unknown(place, what) => Err(unknown(place, what)),
        Body::Other => Err(unknown(
            "system",
            &format!("unknown system `{}`", case.system),
        )),
    }
}

/// How many variants an unstable case has; nothing for a stable one.
#[must_use]
pub fn variants(case: &Case) -> Option<usize> {
    match &case.body {
        Body::Kafka(kafka) if !kafka.stable => Some(kafka.variants.len()),
        Body::Rabbit(rabbit) if !rabbit.stable => Some(rabbit.variants.len()),
        _ => None,
    }
}

/// Runs a case and compares.
#[must_use]
pub fn run_case(case: &Case, seed: u64) -> CaseResult {
    if let Some(reason) = skipped(case) {
        return CaseResult::Skip(reason);
    }
    match judge(case, seed).and_then(|judged| judged.verdict) {
        Ok(()) => CaseResult::Ok,
        Err(difference) => CaseResult::Fail(difference),
    }
}

/// What the simulator comes to in a case of Kafka.
///
/// # Errors
/// What the driver does not know, or that the run does not end.
pub fn play(case: &KafkaCase, version: &str, seed: u64) -> Result<Observed, Difference> {
    let known = |(place, what): (String, String)| Difference {
        field: place,
        expected: "what the driver knows".to_owned(),
        got: what,
    };
    setting::check_names(case).map_err(known)?;
    let ready = setting::build(case, version, seed).map_err(known)?;
    let mut run = driver::Run::new(case, ready, KAFKA);
    match run.play() {
        Ok(()) => Ok(run.observed()),
        Err(driver::Endless) => Err(Difference {
            field: "events".to_owned(),
            expected: format!("at most {MOST_EVENTS}"),
            got: "more".to_owned(),
        }),
    }
}

/// Which of the recorded variants of an unstable case an outcome is, counted from 0.
#[must_use]
pub fn variant_of(case: &KafkaCase, got: &Observed) -> Option<usize> {
    let same = |variant: &Variant| compare(&variant.observed, got, Rule::Whole).is_ok();
    case.variants.iter().position(same)
}

fn unknown(place: &str, what: &str) -> Difference {
    Difference {
        field: place.to_owned(),
        expected: "what the driver knows".to_owned(),
        got: what.to_owned(),
    }
}
