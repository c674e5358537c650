//! From a world and a moment to a picture made of plain shapes.
//!
//! [`kafka::Scene`] makes a [`Frame`]: a flat list of shapes with stable keys and meanings, no colours.
//! [`layout`] says where nodes stand, [`narrate`] what an entry of the trace says in a sentence,
//! [`svg`] writes a frame as text, [`diagram`] the space-time diagram. Nothing is stored between two
//! frames: a picture follows from world, trace, account and the cursor alone.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod account;
pub mod diagram;
pub mod drawable;
pub mod geometry;
pub mod index;
pub mod kafka;
pub mod layout;
pub mod logs;
pub mod names;
pub mod narrate;
pub mod pacing;
pub mod phrase;
pub mod svg;

pub use account::{Account, Regard, Tally};
pub use ackscope_kernel::{SortedMap, SortedSet};
pub use drawable::{Drawable, Frame};
pub use phrase::{Arg, Phrase};
