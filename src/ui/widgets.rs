//! Small parts without a meaning of their own.

pub mod popover;
pub mod segments;
pub mod value;
