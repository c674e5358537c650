//! One running system behind a plain interface. Generics end here: the page is compiled once.

use crate::command::{Act, Target, TokenFilter};
use crate::recipe::Recipe;
use crate::scenario::act::PlannedAct;
use crate::topology::{Setting, Topology};
use crate::view::{
    ActView, DiagramQuery, DiagramView, EventsQuery, EventsView, MessagesView, NodeView,
    ProgramField, SettingsView, Verdict, WhyView,
};
use ackscope_check::Assumed;
use ackscope_scene::drawable::{Drawable, Frame};
use ackscope_scene::pacing::Beat;
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
    /// Tokens that are near to each other become one.
    pub bundle: bool,
    /// The fault that *at risk* assumes.
    pub assumed: Assumed,
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
    /// The last beat before a moment.
    fn beat_before(&self, at_us: u64) -> Option<Beat>;
    /// The first known beat after a moment.
    fn beat_after(&self, at_us: u64) -> Option<Beat>;

    // ---- changing ----
    /// Acts here and now. Acts that lay ahead are done again at their moments; those that cannot be
    /// done any more are named in the answer.
    ///
    /// # Errors
    /// What the act names does not exist. Nothing is changed then.
    fn intervene(&mut self, act: &Act) -> Result<Vec<String>, String>;
    /// The same with an act as the text format writes it.
    ///
    /// # Errors
    /// As [`Run::intervene`].
    fn perform_planned(&mut self, act: &PlannedAct) -> Result<Vec<String>, String>;
    /// Sets a parameter here and now, or makes it a default again.
    ///
    /// # Errors
    /// In the product's words. Nothing is changed then.
    fn set(&mut self, setting: &Setting, text: Option<&str>) -> Result<Vec<String>, String>;
    /// The same run at the same moment, to go another way.
    fn fork(&self) -> Box<dyn Run>;
    /// Digest of the run up to the cursor, as 16 hex digits.
    fn digest(&self) -> String;
    /// The digest of the same run from the beginning to the same moment.
    fn repeated_digest(&self) -> String;
    /// A hash of the entry with this number, and its time: what branches are compared by.
    fn entry_hash(&self, entry: u32) -> Option<(u64, u64)>;
    /// All that is needed to repeat the run up to the cursor and beyond.
    fn recipe(&self) -> Recipe;
    /// What stands in the settings at the cursor.
    fn topology(&self) -> &Topology;
    /// The settings panel; only fields whose key or help has this text.
    fn settings(&self, search: &str, say: &dyn Fn(&Phrase) -> String) -> SettingsView;
    /// The program of a client.
    fn program(&self, client: &str) -> Vec<ProgramField>;

    // ---- looking ----
    /// The whole picture at the cursor.
    fn frame(&self, looking: &Looking) -> Frame;
    /// Only what moves between two events: tokens and timers.
    fn moving(&self, looking: &Looking) -> Vec<Drawable>;
    /// What went wrong so far; *at risk* under this fault.
    fn verdict(&self, assumed: Assumed) -> Verdict;
    /// Rows of the message table.
    fn messages(&self, looking: &Looking, first: u32, count: u32) -> MessagesView;
    /// The story of a message.
    fn why(&self, message: u64) -> Option<WhyView>;
    /// A node's state.
    fn node(&self, name: &str) -> Option<NodeView>;
    /// What [`Run::node`] said at the beat before the cursor's, to be compared with.
    fn node_before(&self, name: &str) -> Option<NodeView>;
    /// A part of the log. `say` makes text of a phrase, for the search.
    fn log(
        &self,
        looking: &Looking,
        query: &EventsQuery,
        say: &dyn Fn(&Phrase) -> String,
    ) -> EventsView;
    /// A part of the diagram.
    fn diagram(
        &self,
        looking: &Looking,
        query: &DiagramQuery,
        parting_us: Option<u64>,
    ) -> DiagramView;
    /// What can be done to something, now.
    fn acts_for(&self, target: &Target) -> Vec<ActView>;
    /// What the last interesting entry before the cursor says.
    fn sentence(&self) -> Option<Phrase>;
    /// The trace as plain lines of JSON, for tests and export: entry, time, node, kind, and for
    /// packets their receiver and message.
    fn export(&self, from: u32, to: u32) -> String;
}
