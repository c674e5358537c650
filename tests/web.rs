//! The same seed and the same acts give the same digest on the host and in a browser: every scenario,
//! held against one list of digests on both sides.

use ackscope_session::scenario::{self, ALL, Overrides, Scenario};
use std::fmt::Write;

/// Id and digest of each scenario, one a line. When a rule changes on purpose, a failing host run prints
/// the new list.
const EXPECTED: &str = include_str!("digests.txt");

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn every_scenario_has_its_digest() {
    let mut digests = String::new();
    for (id, text) in ALL {
        let scenario = Scenario::parse(text).expect("a scenario of ours can be read");
        let played = scenario::run(&scenario, &Overrides::default()).expect("and played");
        writeln!(digests, "{id} {}", played.outcome.digest).expect("a string takes all");
    }
    assert_eq!(digests, EXPECTED, "the digests are now:\n{digests}");
}
