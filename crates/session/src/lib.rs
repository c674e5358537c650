//! Intents, playback, recipes, scenarios: what the page and the command line share.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod conformance;
pub mod founding;
pub mod fuzz;
pub mod recipe;
pub mod scenario;
pub mod topology;

pub use ackscope_kafka as kafka;
