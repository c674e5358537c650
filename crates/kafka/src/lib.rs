//! Kafka's brokers, controller, producers and consumers as deterministic state machines.
//!
//! What is modelled follows Apache Kafka 4.3 in KRaft mode; each rule names its source. The unit of the
//! log is the record batch; replicas keep real batches in files of the kernel's disks.
//!
//! Left out, by name (see [`LEFT_OUT`]).

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod broker;
pub mod client;
pub mod controller;
pub mod errors;
pub mod facts;
pub mod goals;
pub mod messages;
pub mod metadata;
pub mod mutant;
pub mod params;
pub mod records;
pub mod standing;
pub mod system;
pub mod tell;

pub use errors::Code;
pub use facts::{Call, ClientError, Election, Fact, PositionWhy};
pub use messages::Msg;
pub use mutant::Mutant;
pub use records::{Batch, Record, Tp};
pub use system::{Kafka, KafkaProcess, Order, Role, Settings, Timer};

/// Features that the model leaves out, with the reason. Conformance cases that need one are skipped.
pub const LEFT_OUT: &[(&str, &str)] = &[
    (
        "transactions",
        "transactional producers and read_committed are not built yet",
    ),
    ("share groups", "KafkaShareConsumer is not built yet"),
    (
        "group.protocol=consumer",
        "the KIP-848 protocol is not built yet",
    ),
    (
        "rebalance",
        "a group has one live member; rebalances between live members are not built yet",
    ),
    (
        "controller failure",
        "one controller that is always up; the quorum is not built yet",
    ),
    (
        "administration",
        "elect, reassign, alter_config, create_partitions and deletions are not built yet",
    ),
];
