//! What the ledger must ask a product: who leads a log, who would lead next, what lies where.

use ackscope_kernel::{Copy, MessageKey, SeatId, System, World};
use borsh::BorshSerialize;
use std::fmt::Debug;

/// The fault that *at risk* assumes; the reader's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub enum Assumed {
    /// The process that leads is killed; its disk stays as it is.
    #[default]
    LeaderCrash,
    /// The host that leads loses power, and with it what is not synced.
    LeaderPowerLoss,
    /// All hosts lose power at once.
    AllPowerLoss,
}

/// What an entry changes about the standing of logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Nothing.
    None,
    /// That of one log.
    Log(u32),
    /// That of any log.
    All,
}

/// How the copies of a message stand in one log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// A copy lies where the product, by its own present decisions, serves the log from. A leader that
    /// just died serves until the product has noticed.
    pub served: bool,
    /// Nobody leads the log: nothing can be read, and nothing is decided about what is in it.
    pub leaderless: bool,
    /// How many copies lie on seats that lead or could, now or when they return, by the product's rules.
    pub electable: u32,
}

/// The election rules of a product, as far as a fate depends on them.
pub trait Standing: System {
    /// What the fates of one log's messages depend on besides their copies. Small: the ledger keeps it
    /// per log and judges again when it differs.
    type View: Clone + Debug + PartialEq + BorshSerialize;

    /// The logs (numbered as in [`Copy::log`]) that hold messages of applications.
    fn logs(world: &World<Self>) -> Vec<u32>;
    /// How a log stands now.
    fn view(world: &World<Self>, log: u32) -> Self::View;
    /// Whether a fact may change a view. Crashes, starts and acts are known to do so.
    fn shift(fact: &Self::Fact) -> Shift;
    /// How these copies, all of one log, stand.
    fn stand(view: &Self::View, copies: impl Iterator<Item = Copy> + Clone) -> Stand;
    /// Whether the assumed fault would lose a message with these copies, each with whether it is synced.
    fn risky(
        view: &Self::View,
        fault: Assumed,
        copies: impl Iterator<Item = (Copy, bool)> + Clone,
    ) -> bool;
    /// Whether a probe with the present settings would be taken and answered.
    fn available(view: &Self::View) -> bool;
    /// The readers (groups, or consumers without one) that are meant to process this log, in order.
    fn readers(world: &World<Self>, log: u32) -> Vec<u16>;
    /// The seats that are meant to hold a copy, in the product's order.
    fn replicas(world: &World<Self>, log: u32) -> Vec<SeatId>;
    /// All copies that lie on this seat now, on its disk or in its memory.
    fn copies_on(world: &World<Self>, seat: SeatId) -> Vec<(MessageKey, Copy)>;
    /// Whether a power loss would keep this copy for certain.
    fn synced(world: &World<Self>, copy: Copy) -> bool;
}
