//! One running system behind a plain interface. Generics end here: the page is compiled once.

use crate::command::{Act, Target, TokenFilter};
use crate::view::{
    ActView, DiagramQuery, DiagramView, EventsQuery, EventsView, MessagesView, NodeView, Verdict, WhyView,
};
use ackscope_scene::drawable::{Drawable, Frame};
use ackscope_scene::phrase::Phrase;

/// What is looked at; it changes nothing in the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looking {
    /// Size of the stage in CSS pixels.
    pub size: (u32, u32),
    /// Selected message.
    pub message: Option<u64>,
    /// Selected node.
    pub node: Option<String>,
    /// Selected entry.
    pub entry: Option<u32>,
    /// Tokens that are shown.
    pub filter: TokenFilter,
}

/// A beat of the run: a moment at which something interesting happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// When.
    pub at_us: u64,
    /// Something interesting is on its way until then.
    pub moving_until_us: u64,
    /// How much it matters: 1 for chatter, 2 for messages, 3 for turning points.
    pub weight: u8,
}

/// What looking ahead found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foresight {
    /// A beat is known.
    Known,
    /// None yet; more may come.
    Searching,
    /// For minutes nothing but chatter comes.
    Nothing,
}

/// A run at a moment, with what is known of its future.
pub trait Run {
    // ---- moving ----
    /// Virtual time at the cursor.
    fn now_us(&self) -> u64;
    /// Events done up to the cursor.
    fn events(&self) -> u64;
    /// The furthest moment that was computed.
    fn known_us(&self) -> u64;
    /// Number of entries before the cursor.
    fn entries(&self) -> u32;
    /// Runs on until `to_us`, at most `events` events; returns whether it got there.
    fn advance(&mut self, to_us: u64, events: u64) -> bool;
    /// Goes to a moment, forward or back.
    fn seek(&mut self, at_us: u64);
    /// Goes to the first moment at which the entry is in the trace.
    fn seek_entry(&mut self, entry: u32);
    /// Computes ahead of what is known, at most `events` events, until a beat after `after_us` is
    /// known; the cursor stays.
    fn foresee(&mut self, after_us: u64, events: u64) -> Foresight;
    /// The beats in a range of time, as far as they are known.
    fn beats(&self, from_us: u64, to_us: u64) -> Vec<Beat>;
    /// The last beat before a moment.
    fn beat_before(&self, at_us: u64) -> Option<Beat>;
    /// The first known beat after a moment.
    fn beat_after(&self, at_us: u64) -> Option<Beat>;

    // ---- changing ----
    /// Acts here and now; what lay in the future is forgotten. A node or packet that is not there is
    /// named in the error.
    ///
    /// # Errors
    /// What the act names does not exist.
    fn intervene(&mut self, act: &Act) -> Result<(), Phrase>;
    /// The same run at the same moment, to go another way.
    fn fork(&self) -> Box<dyn Run>;
    /// Digest of the run up to the cursor, as 16 hex digits.
    fn digest(&self) -> String;
    /// The digest of the same run from the beginning to the same moment.
    fn repeated_digest(&self) -> String;
    /// The first moment at which two runs differ, as far as both are known.
    fn parts_from(&self, other: &dyn Run) -> Option<u64>;
    /// For [`Run::parts_from`]: a hash of the entry with this number, and its time.
    fn entry_hash(&self, entry: u32) -> Option<(u64, u64)>;

    // ---- looking ----
    /// The whole picture at the cursor.
    fn frame(&self, looking: &Looking) -> Frame;
    /// Only what moves between two events: tokens and timers.
    fn moving(&self, looking: &Looking) -> Vec<Drawable>;
    /// What went wrong so far.
    fn verdict(&self) -> Verdict;
    /// Rows of the message table.
    fn messages(&self, looking: &Looking, first: u32, count: u32) -> MessagesView;
    /// The story of a message.
    fn why(&self, message: u64) -> Option<WhyView>;
    /// A node's state.
    fn node(&self, name: &str) -> Option<NodeView>;
    /// A part of the log. `say` makes text of a phrase, for the search.
    fn log(&self, looking: &Looking, query: &EventsQuery, say: &dyn Fn(&Phrase) -> String) -> EventsView;
    /// A part of the diagram.
    fn diagram(&self, looking: &Looking, query: &DiagramQuery) -> DiagramView;
    /// What can be done to something, now.
    fn acts_for(&self, target: &Target) -> Vec<ActView>;
    /// What the last interesting entry before the cursor says.
    fn sentence(&self) -> Option<Phrase>;
    /// The trace as plain lines of JSON, for tests and export: entry, time, node, kind, and for
    /// packets their receiver and message.
    fn export(&self, from: u32, to: u32) -> String;
}
