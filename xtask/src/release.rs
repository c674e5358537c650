//! Checks that need speed: they go through the command line, built once with optimisations.

use crate::steps::Step;

pub(crate) fn release_checks() -> Vec<Step> {
    vec![]
}
