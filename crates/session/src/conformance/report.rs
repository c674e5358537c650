//! Results as lines of text or JSON.

use serde_json::{Value, json};

use super::{Body, Case, CaseResult, Difference, judge, run_case, skipped, variants};

/// The results of one case with several seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Seeds {
    /// How many seeds there were.
    pub of: u64,
    /// The seeds with which it failed, and the first difference of each.
    pub failed: Vec<(u64, Difference)>,
    /// For an unstable case: which recorded variants were reached, and how many there are.
    pub variants: Option<(Vec<usize>, usize)>,
}

/// The result of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// `VERSION/ID`.
    pub case: String,
    /// The system.
    pub system: String,
    /// How it ended; with several seeds the first failure.
    pub result: CaseResult,
    /// With several seeds, more about it.
    pub seeds: Option<Seeds>,
}

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Everything agreed.
    pub passed: u32,
    /// Something differed.
    pub failed: u32,
    /// Not run.
    pub skipped: u32,
}

impl Report {
    /// Runs a case with one seed.
    #[must_use]
    pub fn of(case: &Case, seed: u64) -> Report {
        Report {
            case: case.name(),
            system: case.system.clone(),
            result: run_case(case, seed),
            seeds: None,
        }
    }

    /// Runs a case with the seeds 1 to `seeds`.
    #[must_use]
    pub fn of_seeds(case: &Case, seeds: u64) -> Report {
        let known = matches!(case.body, Body::Kafka(_) | Body::Rabbit(_));
        if !known || skipped(case).is_some() {
            return Report::of(case, 1);
        }
        let (mut failed, mut reached) = (Vec::new(), Vec::new());
        for seed in 1..=seeds {
            let judged = judge(case, seed);
            let variant = judged.as_ref().ok().and_then(|judged| judged.variant);
            reached.extend(variant.filter(|variant| !reached.contains(variant)));
            if let Err(difference) = judged.and_then(|judged| judged.verdict) {
                failed.push((seed, difference));
            }
        }
        reached.sort_unstable();
        Report {
            case: case.name(),
            system: case.system.clone(),
            result: match failed.first() {
                Some((_, difference)) => CaseResult::Fail(difference.clone()),
                None => CaseResult::Ok,
            },
            seeds: Some(Seeds {
                of: seeds,
                failed,
                variants: variants(case).map(|count| (reached, count)),
            }),
        }
    }

    /// The line of this case.
    #[must_use]
    pub fn line(&self) -> String {
        let name = &self.case;
        let mut line = match &self.result {
            CaseResult::Ok => format!("ok {name}"),
            CaseResult::Fail(d) => {
                format!(
                    "FAIL {name}: {}: expected {} got {}",
                    d.field, d.expected, d.got
                )
            }
            CaseResult::Skip(reason) => format!("skip {name}: {reason}"),
        };
        if let Some(seeds) = &self.seeds {
            let passed = seeds.of - seeds.failed.len() as u64;
            line.push_str(&format!(" ({passed} of {} seeds", seeds.of));
            if !seeds.failed.is_empty() {
                let failed: Vec<String> = seeds.failed.iter().map(|(s, _)| s.to_string()).collect();
                line.push_str(&format!("; failed: {}", failed.join(" ")));
            }
            line.push(')');
            if let Some((reached, of)) = &seeds.variants {
                let reached: Vec<String> = reached.iter().map(|v| (v + 1).to_string()).collect();
                let reached = if reached.is_empty() {
                    "none".to_owned()
                } else {
                    reached.join(" ")
                };
                line.push_str(&format!(" variants reached: {reached} of {of}"));
            }
        }
        line
    }

    /// The same as a JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut value = json!({"case": self.case, "system": self.system});
        match &self.result {
            CaseResult::Ok => value["result"] = json!("ok"),
            CaseResult::Fail(difference) => {
                value["result"] = json!("FAIL");
                value["field"] = json!(difference.field);
                value["expected"] = json!(difference.expected);
                value["got"] = json!(difference.got);
            }
            CaseResult::Skip(reason) => {
                value["result"] = json!("skip");
                value["reason"] = json!(reason);
            }
        }
        if let Some(seeds) = &self.seeds {
            value["seeds"] = json!(seeds.of);
            value["passed"] = json!(seeds.of - seeds.failed.len() as u64);
            let failed: Vec<u64> = seeds.failed.iter().map(|(seed, _)| *seed).collect();
            value["failed_seeds"] = json!(failed);
            if let Some((reached, of)) = &seeds.variants {
                value["variants"] = json!(of);
                value["variants_reached"] =
                    json!(reached.iter().map(|v| v + 1).collect::<Vec<_>>());
            }
        }
        value
    }
}

impl Totals {
    /// Counts a result.
    pub fn count(&mut self, result: &CaseResult) {
        match result {
            CaseResult::Ok => self.passed += 1,
            CaseResult::Fail(_) => self.failed += 1,
            CaseResult::Skip(_) => self.skipped += 1,
        }
    }

    /// The last line.
    #[must_use]
    pub fn line(&self) -> String {
        let Totals {
            passed,
            failed,
            skipped,
        } = self;
        format!("{passed} passed, {failed} failed, {skipped} skipped")
    }

    /// The same as a JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({"passed": self.passed, "failed": self.failed, "skipped": self.skipped})
    }
}
