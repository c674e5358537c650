//! From a world and a moment to a picture made of plain shapes.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod drawable;
pub mod geometry;
pub mod layout;
pub mod phrase;

pub use drawable::{Drawable, Frame};
pub use phrase::{Arg, Phrase};
