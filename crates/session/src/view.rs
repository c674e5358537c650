//! Plain data for the panels. Texts are [`Phrase`]s; [`crate::session::Session::say`] makes words of
//! them. Times are microseconds of virtual time, entries are places in the trace, messages are numbers
//! as in [`ackscope_scene::drawable::message_id`].

use crate::command::{Act, Pace};
pub use ackscope_scene::diagram::{
    Arrow, BandKind, Bucket, DiagramQuery, DiagramView, Dot, Lane, LaneBand, Tick,
};
use ackscope_scene::drawable::{NodeState, Role, Tone};
use ackscope_scene::phrase::Phrase;

/// The top bar.
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderView {
    /// `kafka`.
    pub system: &'static str,
    /// `4.3`.
    pub profile: String,
    /// Id of the scenario that was loaded; a changed run still names it.
    pub scenario: Option<String>,
    /// The run differs from the scenario's file: acts or settings were changed.
    pub changed: bool,
    /// All scenarios: those of the course in its order, then the others.
    pub scenarios: Vec<ScenarioItem>,
    /// What went wrong so far.
    pub verdict: Verdict,
    /// What Verify said last, for the present run.
    pub verified: Verified,
    /// What could not be understood of a link or a file, each named.
    pub notices: Vec<Phrase>,
    /// The seed of all draws.
    pub seed: u64,
}

/// A scenario that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioItem {
    /// Its id: `kafka-s01-...`.
    pub id: String,
    /// Its title.
    pub title: Phrase,
    /// What it teaches, in a sentence or two.
    pub story: Phrase,
    /// Its place in the course, which leads from the commonest loss to a safe set-up.
    pub course: Option<u16>,
}

/// Counts at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Messages that the application offered.
    pub produced: u32,
    /// Fate *lost-after-ack*.
    pub lost_after_ack: u32,
    /// Fate *lost-before-ack*.
    pub lost_before_ack: u32,
    /// Fate *stranded*.
    pub stranded: u32,
    /// Fate *at-risk*.
    pub at_risk: u32,
    /// Fate *skipped-by-consumer*.
    pub skipped: u32,
    /// Messages processed more than once by the same reader.
    pub duplicated: u32,
    /// Pairs processed against the order of sending.
    pub reordered: u64,
    /// Virtual time in which some partition had no leader that takes requests.
    pub unavailable_us: u64,
}

/// What Verify said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Not asked.
    No,
    /// The repeated run has the same digest.
    Same {
        /// 16 hex digits.
        digest: String,
    },
    /// It has another: a fault of the engine.
    Different {
        /// Of the run shown.
        shown: String,
        /// Of the repeated one.
        repeated: String,
    },
}

/// The transport and the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct TransportView {
    /// Time runs.
    pub playing: bool,
    /// Paced or real.
    pub pace: Pace,
    /// In thousandths, as in [`crate::command::Command::SetSpeed`].
    pub speed_permille: u32,
    /// The speeds that the buttons and keys step through.
    pub speeds: &'static [u32],
    /// Virtual time at the cursor.
    pub now_us: u64,
    /// As shown: seconds and six digits in two groups, "1.322 418".
    pub clock: String,
    /// Events done up to the cursor.
    pub events: u64,
    /// Entries of the trace up to the cursor.
    pub entries: u32,
    /// The furthest moment that was computed.
    pub known_us: u64,
    /// Where the scenario ends, if it says so.
    pub end_us: Option<u64>,
    /// An idle gap that is being folded now: its beginning and end.
    pub fold: Option<(u64, u64)>,
    /// The scenario is at its end: to play is to play it again.
    pub plays_again: bool,
    /// There is something before the cursor.
    pub can_step_back: bool,
    /// There is something after it.
    pub can_step_forward: bool,
    /// The machine cannot keep up with the speed asked for.
    pub slower_than_asked: bool,
    /// The event budget of the run is used up.
    pub budget_reached: bool,
    /// Single tokens are not worth drawing at this speed: links show their load instead.
    pub bundle_all: bool,
}

/// The message table.
#[derive(Clone, Debug, PartialEq)]
pub struct MessagesView {
    /// Number of messages in all.
    pub total: u32,
    /// Index of the first row given.
    pub first: u32,
    /// The rows asked for.
    pub rows: Vec<MessageRow>,
    /// How many messages have each fate, from good to bad, zeros left out.
    pub counts: Vec<(&'static str, u32)>,
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    /// Its id.
    pub message: u64,
    /// Its name: `m6`, with the producer in front when there are several.
    pub name: String,
    /// Its fate, spelled as in the format: `lost-after-ack`.
    pub fate: &'static str,
    /// The fate's sign.
    pub glyph: &'static str,
    /// The fate's class.
    pub tone: Tone,
    /// Since when it is so.
    pub since_us: u64,
    /// The entry that made it so.
    pub entry: Option<u32>,
    /// Where it lies and what was answered: "offset 6 · acked".
    pub place: Phrase,
    /// How often it was processed, all readers together.
    pub deliveries: u32,
    /// It is the selected one.
    pub selected: bool,
}

/// The story of one message.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyView {
    /// The message.
    pub message: u64,
    /// Its name.
    pub name: String,
    /// Its fate.
    pub fate: &'static str,
    /// "Why m6 was lost".
    pub title: Phrase,
    /// What happened, in order.
    pub steps: Vec<WhyStep>,
    /// The settings that allowed it, worst first.
    pub settings: Vec<WhySetting>,
    /// Harm was done to it that other settings may have prevented.
    pub harmed: bool,
}

/// One step of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct WhyStep {
    /// Its entry; an absence has none.
    pub entry: Option<u32>,
    /// When.
    pub at_us: u64,
    /// What.
    pub sentence: Phrase,
    /// Its class; bad is where it went wrong.
    pub tone: Tone,
}

/// A setting that allowed a loss.
#[derive(Clone, Debug, PartialEq)]
pub struct WhySetting {
    /// What it allowed.
    pub sentence: Phrase,
    /// The key.
    pub key: String,
    /// The value in force.
    pub value: String,
}

/// What was found to save a message.
#[derive(Clone, Debug, PartialEq)]
pub struct CuresView {
    /// It is searched still.
    pub searching: bool,
    /// Changes tried in this round.
    pub done: u32,
    /// Changes of this round.
    pub of: u32,
    /// Where the search stands, or what came of it.
    pub status: Phrase,
    /// The cures so far, the cheapest first.
    pub found: Vec<CureView>,
    /// Why the others are none, and how many for each reason, once the search is over.
    pub why_not: Vec<(u32, Phrase)>,
}

/// A change, or two together, with which the same faults do no harm.
#[derive(Clone, Debug, PartialEq)]
pub struct CureView {
    /// What is changed.
    pub changes: Vec<ChangeView>,
    /// What it costs.
    pub price: Vec<Phrase>,
}

/// A parameter at another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeView {
    /// Its scope.
    pub scope: &'static str,
    /// Whose it is; empty for the cluster as a whole.
    pub names: String,
    /// Its key.
    pub key: &'static str,
    /// The value that saves.
    pub value: &'static str,
    /// The value in force.
    pub present: String,
}

/// The state of one node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeView {
    /// Its name.
    pub name: String,
    /// Number of its seat.
    pub seat: u32,
    /// What it is.
    pub role: Role,
    /// Whether it works.
    pub state: NodeState,
    /// Since when.
    pub since_us: u64,
    /// What there is to say about it.
    pub lines: Vec<NodeLine>,
    /// Its logs.
    pub logs: Vec<LogView>,
    /// Its armed timers, the next one first.
    pub timers: Vec<TimerView>,
    /// The program of a client.
    pub program: Vec<ProgramField>,
    /// It can be removed from the run.
    pub removable: bool,
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeLine {
    /// What.
    pub label: Phrase,
    /// Its value.
    pub value: Phrase,
}

/// A log on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogView {
    /// `orders-0`.
    pub name: String,
    /// It leads.
    pub leads: bool,
    /// Leader epoch.
    pub epoch: Option<i32>,
    /// First offset.
    pub start: i64,
    /// Offset after the last record.
    pub end: i64,
    /// High watermark, as this replica knows it.
    pub high_watermark: Option<i64>,
    /// Offset up to which all is synced.
    pub synced: i64,
    /// In-sync replicas as this node's image has them.
    pub isr: Vec<String>,
}

/// An armed timer.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerView {
    /// What for.
    pub label: Phrase,
    /// When it is due.
    pub due_us: u64,
    /// Periodic chatter.
    pub background: bool,
}

/// A field of a client's program.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramField {
    /// Its key for [`crate::command::Command::SetProgram`].
    pub key: &'static str,
    /// Its label.
    pub label: Phrase,
    /// Its value.
    pub value: String,
    /// How to edit it.
    pub kind: FieldKind,
    /// What the words of a choice are called, in their order.
    pub names: Vec<Phrase>,
}

/// How to edit a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// `true` or `false`.
    Toggle,
    /// One of these words.
    Choice(Vec<String>),
    /// A number within bounds.
    Number {
        /// The least.
        min: Option<i64>,
        /// The greatest.
        max: Option<i64>,
        /// `ms`, `bytes` or nothing.
        unit: &'static str,
    },
    /// Free text.
    Text,
}

/// Which rows of the log are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsQuery {
    /// Around this entry; the cursor if none.
    pub around: Option<u32>,
    /// Rows before it.
    pub before: u32,
    /// Rows after it.
    pub after: u32,
    /// Only entries whose sentence has this text (in the present language).
    pub text: String,
    /// Only entries of this node.
    pub node: Option<String>,
    /// Only entries about this message.
    pub message: Option<u64>,
    /// Periodic chatter too.
    pub background: bool,
}

/// A part of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct EventsView {
    /// Entries recorded in all.
    pub recorded: u32,
    /// The rows, in order.
    pub rows: Vec<EventRow>,
    /// There may be more that match before the first row.
    pub more_before: bool,
    /// There may be more that match after the last row.
    pub more_after: bool,
}

/// One entry of the trace.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// Its place in the trace.
    pub entry: u32,
    /// When.
    pub at_us: u64,
    /// Where.
    pub node: String,
    /// What.
    pub sentence: Phrase,
    /// Its class.
    pub tone: Tone,
    /// Periodic chatter.
    pub background: bool,
    /// The message it is about.
    pub message: Option<u64>,
    /// It is the last one before the cursor.
    pub current: bool,
    /// It lies after the cursor.
    pub future: bool,
    /// It is the selected one.
    pub selected: bool,
}

/// The settings panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsView {
    /// Groups in the order of the panel.
    pub groups: Vec<SettingGroup>,
    /// What the product refuses of the present settings as a whole.
    pub refusals: Vec<RefusalView>,
}

/// The settings of one place.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingGroup {
    /// Scope: `producer`.
    pub scope: String,
    /// Instance: `p1`; empty for all.
    pub instance: String,
    /// Its title.
    pub title: Phrase,
    /// How many fields differ from the default, hidden ones too.
    pub changed: u32,
    /// The fields that match the search.
    pub fields: Vec<SettingField>,
}

/// One parameter at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingField {
    /// Scope.
    pub scope: String,
    /// Instance.
    pub instance: String,
    /// The real key.
    pub key: &'static str,
    /// The value in force, as a file would have it.
    pub value: String,
    /// The profile's default.
    pub default: String,
    /// It was spelled out.
    pub explicit: bool,
    /// The value in force differs from the default.
    pub changed: bool,
    /// How to edit it.
    pub kind: FieldKind,
    /// What it does, in one sentence.
    pub help: Phrase,
    /// The present value opens a loss.
    pub warning: Option<Phrase>,
    /// The product refuses the present value: its own words.
    pub refusal: Option<String>,
    /// When a change takes effect.
    pub applies: Phrase,
    /// What was set last is not in force yet.
    pub pending: bool,
    /// The model obeys it; the others are listed with what they come with.
    pub obeyed: bool,
    /// The part it comes with, when it is not obeyed yet.
    pub comes_with: Option<&'static str>,
}

/// A refused value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalView {
    /// Whose: `producer p1`.
    pub place: String,
    /// The key.
    pub key: String,
    /// The product's words.
    pub text: String,
}

/// A branch.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchView {
    /// Its number.
    pub id: u32,
    /// What it is: "first", "with crash of b1 at 1.310 s".
    pub title: Phrase,
    /// It is shown.
    pub current: bool,
    /// Where it leaves the branch that it comes from.
    pub parted_us: Option<u64>,
    /// Where it first differs from the branch that is shown.
    pub differs_us: Option<u64>,
    /// What went wrong in it, at the same moment as the cursor's or at its end if that is earlier.
    pub verdict: Verdict,
}

/// Something that can be done, as a button or menu item.
#[derive(Clone, Debug, PartialEq)]
pub struct ActView {
    /// The act.
    pub act: Act,
    /// Its label.
    pub label: Phrase,
    /// What it does, in a sentence.
    pub hint: Phrase,
    /// It hurts.
    pub hot: bool,
    /// It belongs on the node itself, not only in its menu.
    pub primary: bool,
}
