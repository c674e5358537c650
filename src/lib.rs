//! The page of AckScope: signals, browser services, components. No rule of a product is written here;
//! what is shown comes from [`ackscope_session`].

#![forbid(unsafe_code)]

pub mod boot;
pub mod desk;
pub mod edge;
pub mod light;
pub mod ui;

pub use boot::start;
