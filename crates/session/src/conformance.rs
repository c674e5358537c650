//! Replaying what real clusters did: cases recorded on Apache Kafka, run as steps in a virtual world,
//! and compared field by field. The form of the cases is described in tests/conformance/README.md.
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

/// Why cases of RabbitMQ are not run.
const NO_RABBITMQ: &str = "the model of RabbitMQ is not built yet";

/// Runs a case and compares.
#[must_use]
pub fn run_case(case: &Case, seed: u64) -> CaseResult {
    let kafka = match &case.body {
        Body::Kafka(kafka) => kafka,
        Body::Unknown(place, what) => return unknown(place, what),
        Body::Other if case.system == "rabbitmq" => {
            return CaseResult::Skip(NO_RABBITMQ.to_owned());
        }
        Body::Other => return unknown("system", &format!("unknown system `{}`", case.system)),
    };
    if let Some(reason) = skip::reason(kafka) {
        return CaseResult::Skip(reason);
    }
    let got = match play(kafka, &case.version, seed) {
        Ok(got) => got,
        Err(difference) => return CaseResult::Fail(difference),
    };
    let compared = match &kafka.must {
        Some(must) if !kafka.stable => compare(must, &got, Rule::Must),
        _ => compare(&kafka.observed, &got, Rule::Whole),
    };
    match compared {
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

fn unknown(place: &str, what: &str) -> CaseResult {
    CaseResult::Fail(Difference {
        field: place.to_owned(),
        expected: "what the driver knows".to_owned(),
        got: what.to_owned(),
    })
}
