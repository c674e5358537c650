//! Intents, playback, recipes, scenarios: what the page and the command line share.
//!
//! A page holds one [`Session`]. It has two doors in, [`Session::update`] and [`Session::tick`], and
//! two out: [`Effects`] and the views.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod command;
pub mod conformance;
pub mod cures;
pub mod founding;
pub mod fuzz;
pub mod kafka_run;
pub mod model;
pub mod permalink;
pub mod playback;
pub mod recipe;
pub mod run;
pub mod scenario;
pub mod session;
pub mod text;
pub mod topology;
pub mod view;

pub use ackscope_kafka as kafka;
pub use ackscope_scene as scene;
pub use command::{Act, Command, Effects, Pace};
pub use session::Session;
