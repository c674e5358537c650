//! What became of each message, and why.
//!
//! The checks stand outside the processes: they read the trace's facts and the world, never a
//! process's opinion of itself.
//!
//! - [`Ledger`] is a [`ackscope_kernel::Recorder`] with one [`Row`] per message. `History<S, Ledger<S>>`
//!   keeps it exact under seek and fork. `ledger.fate(key)` needs no world: what depends on election
//!   rules is judged again whenever an entry changes who leads or who is up.
//!   [`Ledger::fate_under`] asks with another assumed fault and needs the world.
//! - [`Standing`] is what a product must answer for that: who leads a log, who would lead next, what
//!   lies on a disk.
//! - [`explain`] tells a message's [`Story`] as [`Phrase`]s; [`Tell`] gives the product's sentences.
//! - [`Search`] looks for settings that would have saved the messages, by running.
//! - [`goals`] holds the promises that random runs must keep.
//!
//! Left out: fates that need transactions, dead-letter destinations or returned messages
//! (`rolled-back`, `dead-lettered`, `returned`) exist by name, and no fact leads to them yet.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod cure;
pub mod fate;
mod fired;
pub mod goals;
mod judge;
pub mod ledger;
pub mod phrase;
pub mod row;
pub mod standing;
#[cfg(test)]
mod toy;
pub mod why;

pub use cure::{Cure, Harm, Judgement, Price, Search, Strike, Trial, WhyNot};
pub use fate::Fate;
pub use goals::{Coverage, Violation};
pub use ledger::{Ledger, Verdict};
pub use phrase::{Arg, Phrase};
pub use row::{Holding, Reading, Row};
pub use standing::{Assumed, Shift, Stand, Standing};
pub use why::{Sentence, Story, Tell, explain};
