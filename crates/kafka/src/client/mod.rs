//! Client processes: a library (network client, producer or consumer) and the application on it.

pub mod consumer;
pub mod net;
pub mod observer;
pub mod producer;
