//! Constants of the driver for RabbitMQ: what the recording harness adds to the product's own times. One set
//! for each version; none depends on a case. Source: tests/conformance/README.md, "How a driver runs a case".

use ackscope_kernel::Span;
use ackscope_rabbitmq::system::{Pace, Version};

/// Times of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// How long the nodes have been up when the topology is declared ("for minutes").
    pub up: Span,
    /// From the answer to the last declaration to step 0.
    pub age: Span,
    /// Think time between two steps; the world goes on meanwhile.
    pub think: Span,
    /// From the signal until a killed process's connections end. It runs no more meanwhile.
    pub dying: Span,
    /// A `kill` step, after the signal.
    pub kill: Span,
    /// A `partition` step; the cut comes at its end.
    pub partition: Span,
    /// A `heal` step; the cuts end at its end.
    pub heal: Span,
    /// Steps that last next to nothing: `pause`, `resume`, `alarm`.
    pub brief: Span,
    /// Time between two looks at a condition of nodes or queues.
    pub look: Span,
    /// Until a process that exited while booting is started again, and how often.
    pub again: (Span, u32),
    /// Time-out of a connection.
    pub connect: Span,
    /// Time-out of calls for which the page names no other.
    pub call: Span,
    /// Time-out of `declare`.
    pub declare: Span,
    /// Time-out of `close_client`.
    pub close: Span,
    /// Time-out of `await_confirms`, `await_deliveries` and `await_published`, unless the step has one.
    pub wait: Span,
    /// Time-out of `start` and `stop`, and of `await_healed`.
    pub processes: Span,
    /// Time-out of the cluster's becoming whole, and of the leaders after it.
    pub settle: Span,
    /// Time-out of `await_partitioned`.
    pub partitioned: Span,
    /// Time-out of `await_queue` and `snapshot`.
    pub ask: Span,
    /// Time-out of each answer of a `drain`, its pause before the next try, and its tries.
    pub drain: (Span, Span, u32),
    /// A drain by basic.consume ends after this long without a message.
    pub silence: Span,
    /// Shortest and longest start and the stop of a node, and a client's writing of a message.
    pub pace: Pace,
}

pub(super) use super::super::times::MOST_EVENTS;

const fn ms(ms: u64) -> Span {
    Span(ms * 1000)
}

/// The times of the recordings of a version.
#[must_use]
pub fn times(version: Version) -> Times {
    let (kill, boot, stop, write) = match version {
        Version::V3_10 | Version::V3_13 => (30, (3_500, 7_500), 1_150, (7, 35)),
        Version::V4_0 => (30, (2_400, 4_500), 1_110, (12, 53)),
        Version::V4_2 | Version::V4_3 => (16, (2_500, 4_000), 140, (15, 48)),
    };
    Times {
        up: Span::secs(60),
        age: ms(100),
        think: Span(100),
        dying: ms(8),
        kill: ms(kill),
        partition: ms(8),
        heal: ms(15),
        brief: ms(1),
        look: ms(50),
        again: (Span::secs(1), 4),
        connect: Span::secs(8),
        call: Span::secs(10),
        declare: Span::secs(20),
        close: Span::secs(3),
        wait: Span::secs(10),
        processes: Span::secs(60),
        settle: Span::secs(15),
        partitioned: Span::secs(20),
        ask: Span::secs(10),
        drain: (Span::secs(12), Span::secs(2), 6),
        silence: ms(1_500),
        pace: Pace {
            boot_min: ms(boot.0),
            boot_max: ms(boot.1),
            stop: ms(stop),
            write: (Span(write.0), Span(write.1)),
        },
    }
}
