//! Constants of the driver: what a recording harness adds to the product's own times. None depends on
//! a case. Source: tests/conformance/README.md, "Constants for a driver" and "How a driver runs a case".

use ackscope_kernel::Span;

/// Times of a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Think time between two steps; the world goes on meanwhile.
    pub think: Span,
    /// A `kill` step, after the signal.
    pub kill: Span,
    /// A `partition` step; the cut comes at its end.
    pub partition: Span,
    /// A `heal` step; the cuts end at its end.
    pub heal: Span,
    /// `pause`, `resume`, `pause_client`, `resume_client`, after the signal.
    pub signal: Span,
    /// Time between two looks at a condition.
    pub look: Span,
    /// Time-out of `produce` and `await_acks`, unless the step has one.
    pub produce: Span,
    /// Time-out of `await_leader`.
    pub await_leader: Span,
    /// Time-out of `await_isr` and of conditions for which the page names none.
    pub await_isr: Span,
    /// Time-out of `start` and `stop`.
    pub processes: Span,
    /// Time-out of `read_all`, `group_offsets`, `describe` and `close_client`.
    pub ask: Span,
    /// Time-out of `commit`.
    pub commit: Span,
    /// How much longer than its own time-out a call may take until the step gives up.
    pub patience: Span,
}

/// The times of the recordings of Kafka 4.3.1.
pub const KAFKA: Times = Times {
    think: Span(100),
    kill: Span(18_000),
    partition: Span(7_000),
    heal: Span(17_000),
    signal: Span(1_000),
    look: Span(20_000),
    produce: Span::secs(15),
    await_leader: Span::secs(20),
    await_isr: Span::secs(30),
    processes: Span::secs(60),
    ask: Span::secs(10),
    commit: Span::secs(60),
    patience: Span::secs(130),
};

/// Events that a case may take. Recorded cases need a few hundred thousand at most; more than this
/// means that the model runs in a circle, and the case fails with that reason.
pub const MOST_EVENTS: u64 = 20_000_000;
