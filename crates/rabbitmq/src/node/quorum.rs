//! Quorum queues (`rabbit_quorum_queue`, `rabbit_fifo*`; reference 1.6, 2.6, 2.7, 3.4 to 3.6).
//!
//! The [`fifo`] is the replicated machine; a [`member`] hosts it on a node, over Raft; the [`client`] is what a
//! channel keeps of the queue; [`ra`] is the node's table of members, which starts and deletes them;
//! [`dead_letter`] is the worker that republishes dead messages until they are confirmed.

pub mod client;
pub mod dead_letter;
pub mod fifo;
pub mod member;
pub mod ra;
pub mod spec;
pub mod wire;
