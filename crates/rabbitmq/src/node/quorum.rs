//! Quorum queues: the replicated machine, the member on a node, the channel's client, dead letters.

pub mod fifo;
