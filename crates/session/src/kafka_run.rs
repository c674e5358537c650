//! A Kafka run: a history of the kernel with its ledger, its index, and the recipe that repeats it.
//! Here the generics end; moments are counted from time zero of the run, before which no seek leads.

mod account;
mod acts;
mod clients;
mod panels;
mod programs;
mod settings;

pub use programs::set_program;
pub use settings::{is_of_surroundings, set_time};

use crate::command::{Act, Target};
use crate::founding::{self, Founded, TopologyError};
use crate::recipe::{Done, Lookup, Recipe};
use crate::run::{Foresight, Looking, Run};
use crate::scenario::act::PlannedAct;
use crate::topology::{Setting, Topology};
use crate::view::{
    ActView, DiagramQuery, DiagramView, EventsQuery, EventsView, MessagesView, NodeView,
    ProgramField, SettingsView, Verdict, WhyView,
};
use account::Accounts;
use ackscope_check::{Assumed, Ledger};
use ackscope_kafka::Kafka;
use ackscope_kernel::{ENGINE_VERSION, EntryId, History, Moment, Time};
use ackscope_scene::diagram::Chart;
use ackscope_scene::drawable::{Drawable, Frame, TokenKind};
use ackscope_scene::index::Index;
use ackscope_scene::kafka::{Scene, layout_request};
use ackscope_scene::layout::{Layout, LayoutRequest};
use ackscope_scene::narrate::{Weight, narrate};
use ackscope_scene::pacing::Beat;
use ackscope_scene::phrase::Phrase;
use std::cell::RefCell;
use std::fmt::Write as _;

/// Looking ahead ends where for this long nothing but chatter comes.
const HORIZON_US: u64 = 300_000_000;

/// A run of Kafka.
#[derive(Clone)]
pub struct KafkaRun {
    scenario: String,
    /// What the run was founded with.
    founded: Topology,
    /// What stands in the settings at the cursor.
    topology: Topology,
    seed: u64,
    zero: Time,
    /// First entry after time zero.
    zero_entry: u32,
    history: History<Kafka, Ledger<Kafka>>,
    index: Index,
    done: Vec<Done>,
    until_us: u64,
    layout: RefCell<Option<(LayoutRequest, Layout)>>,
}

impl KafkaRun {
    /// Founds the world of a recipe and does its acts; the cursor stands at time zero, and the recipe's
    /// whole time is known. Acts that cannot be done are named beside the run.
    ///
    /// # Errors
    /// The topology contradicts itself.
    pub fn open(recipe: &Recipe) -> Result<(Self, Vec<String>), TopologyError> {
        let Founded {
            world,
            trace,
            zero,
            refusals,
        } = founding::found(&recipe.topology, recipe.seed)?;
        let zero_entry = trace.len();
        let mut run = KafkaRun {
            scenario: recipe.scenario.clone(),
            founded: recipe.topology.clone(),
            topology: recipe.topology.clone(),
            seed: recipe.seed,
            zero,
            zero_entry,
            history: History::continued(world, trace, Ledger::default(), Vec::new()),
            index: Index::default(),
            done: Vec::new(),
            until_us: recipe.until_us,
            layout: RefCell::new(None),
        };
        let mut notices: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        notices.extend(run.play(&recipe.acts));
        run.history.advance(run.time(recipe.until_us));
        run.seek(0);
        run.reindex();
        Ok((run, notices))
    }

    fn time(&self, since_zero: u64) -> Time {
        Time(self.zero.0.saturating_add(since_zero))
    }

    fn since_zero(&self, at: Time) -> u64 {
        at.0.saturating_sub(self.zero.0)
    }

    fn reindex(&mut self) {
        self.index
            .extend(self.history.world(), self.history.trace());
    }

    /// Does acts at their moments, which lie at the cursor or after it.
    fn play(&mut self, acts: &[Done]) -> Vec<String> {
        let mut problems = Vec::new();
        for done in acts {
            let moment = Moment {
                at: self.time(done.at_us),
                taken: done.taken,
            };
            self.go_before(moment);
            if let Err(problem) = self.perform(&done.act, moment) {
                problems.push(problem);
            }
        }
        problems
    }

    /// Goes to the place right before a moment, with everything done that comes before it.
    fn go_before(&mut self, moment: Moment) {
        while let Some(due) = self.history.world().next_due() {
            let world = self.history.world();
            if due > moment.at || (due == moment.at && world.taken_at(due) >= moment.taken) {
                break;
            }
            self.history.step_until(due);
        }
    }

    /// Does an act whose moment is the next thing, and writes it into the recipe.
    fn perform(&mut self, act: &PlannedAct, moment: Moment) -> Result<(), String> {
        let mut topology = self.topology.clone();
        let lookup = Lookup::new(self.history.world());
        let resolved = lookup.resolve(act).map_err(|problem| problem.to_string())?;
        let acts = lookup
            .kernel(
                &resolved,
                self.history.trace(),
                self.zero_entry,
                &mut topology,
            )
            .map_err(|problem| problem.to_string())?;
        for (act, later) in acts.into_iter().zip(0..) {
            if self.history.world().now() == moment.at {
                // What was planned for later is forgotten by this; whoever inserts an act does it again.
                self.history.intervene(act);
            } else {
                self.history.plan(
                    Moment {
                        at: moment.at,
                        taken: moment.taken + later,
                    },
                    act,
                );
                self.history.step_until(moment.at);
            }
        }
        self.topology = topology;
        let at_us = self.since_zero(moment.at);
        self.done.push(Done {
            at_us,
            taken: moment.taken,
            act: resolved,
        });
        Ok(())
    }

    /// Does an act at the cursor and all later ones again, and comes back.
    fn insert(&mut self, act: &PlannedAct) -> Result<Vec<String>, String> {
        let moment = self.history.world().moment();
        let here = (self.since_zero(moment.at), moment.taken);
        let mut next = self.clone();
        let split = next
            .done
            .partition_point(|done| (done.at_us, done.taken) < here);
        let later = next.done.split_off(split);
        next.topology = next.topology_at(&next.done);
        let end = next.history.end();
        next.perform(act, moment)?;
        let events = next.history.events();
        next.index = Index::default();
        let problems = next.play(&later);
        next.history
            .advance(end.at.min(next.time(next.until_us)).max(moment.at));
        next.history.seek_events(events);
        next.topology = next.topology_at(next.done.get(..=split).unwrap_or(&next.done));
        next.reindex();
        *self = next;
        Ok(problems)
    }

    /// The settings after these acts.
    fn topology_at(&self, done: &[Done]) -> Topology {
        let mut topology = self.founded.clone();
        for done in done {
            match &done.act {
                PlannedAct::Set(setting) => topology.set(setting.clone()),
                PlannedAct::Unset(setting) => {
                    topology.unset(&setting.scope, &setting.name, &setting.key);
                }
                _ => {}
            }
        }
        topology
    }

    /// After a seek the settings are those of the cursor.
    fn settle(&mut self) {
        let moment = self.history.world().moment();
        let here = (self.since_zero(moment.at), moment.taken);
        let split = self
            .done
            .partition_point(|done| (done.at_us, done.taken) < here);
        self.topology = self.topology_at(self.done.get(..split).unwrap_or(&[]));
        self.reindex();
    }

    fn layout(&self, size: (u32, u32)) -> Layout {
        let request = layout_request(self.history.world(), size.0, size.1);
        let mut kept = self.layout.borrow_mut();
        match &*kept {
            Some((of, layout)) if *of == request => layout.clone(),
            _ => {
                let layout = Layout::of(&request);
                *kept = Some((request, layout.clone()));
                layout
            }
        }
    }

    fn scene<T>(&self, looking: &Looking, draw: impl FnOnce(&Scene<'_>) -> T) -> T {
        let layout = self.layout(looking.size);
        let accounts = Accounts::of(self.history.ledger(), self.history.world(), looking.assumed);
        let shows = |kind: TokenKind, background: bool| looking.shows(kind, background);
        let world = self.history.world();
        draw(&Scene {
            world,
            trace: self.history.trace(),
            account: &accounts,
            layout: &layout,
            zero_us: self.zero.0,
            message: looking.message,
            node: looking
                .node
                .as_ref()
                .and_then(|name| world.seat_named(name))
                .map(|seat| u32::from(seat.0)),
            shows: &shows,
            bundle: looking.bundle,
        })
    }
}

impl Looking {
    /// Whether the filter lets a kind of token through.
    #[must_use]
    pub fn shows(&self, kind: TokenKind, background: bool) -> bool {
        let filter = &self.filter;
        (!background || filter.background || (kind == TokenKind::Connection && filter.connections))
            && match kind {
                TokenKind::Records | TokenKind::Ack | TokenKind::Refusal => filter.records,
                TokenKind::ReplicaFetch | TokenKind::ReplicaData => filter.replication,
                TokenKind::Fetch | TokenKind::Data | TokenKind::Commit => filter.reading,
                TokenKind::Heartbeat | TokenKind::Control | TokenKind::Group => filter.control,
                TokenKind::Connection => filter.connections,
            }
    }
}

impl Run for KafkaRun {
    fn now_us(&self) -> u64 {
        self.since_zero(self.history.world().now())
    }

    fn events(&self) -> u64 {
        self.history.events()
    }

    fn known_us(&self) -> u64 {
        self.since_zero(self.history.end().at)
    }

    fn entries(&self) -> u32 {
        self.history.trace().len()
    }

    fn advance(&mut self, to_us: u64, events: u64) -> bool {
        let to = self.time(to_us);
        let acts = self.topology_changes();
        let mut left = events;
        while left > 0 && self.history.step_until(to) {
            left -= 1;
        }
        let there = left > 0;
        if there {
            self.history.advance(to);
        }
        if acts {
            self.settle();
        } else {
            self.reindex();
        }
        self.until_us = self.until_us.max(self.now_us());
        there
    }

    fn seek(&mut self, at_us: u64) {
        self.history.seek(self.time(at_us));
        self.settle();
        self.until_us = self.until_us.max(self.now_us());
    }

    fn seek_entry(&mut self, entry: u32) {
        if entry >= self.zero_entry && entry < self.history.trace().recorded() {
            self.history.seek_entry(EntryId(entry));
            self.settle();
        }
    }

    fn foresee(&mut self, after_us: u64, events: u64) -> Foresight {
        let after = self.time(after_us);
        if self.index.beat_after(after.0).is_some() {
            return Foresight::Known;
        }
        let from = self.history.trace().recorded();
        let mut seen = from;
        let mut found = false;
        let mut far = false;
        let more = self.history.foresee(events, |trace| {
            for (_, entry) in trace.range(seen, trace.len()) {
                let weight = ackscope_scene::narrate::weight(trace, entry);
                found |= weight >= Weight::Message && entry.at > after;
                far |= entry.at.0 > after.0.saturating_add(HORIZON_US);
            }
            seen = seen.max(trace.len());
            found || far
        });
        self.reindex();
        match () {
            () if found => Foresight::Known,
            () if !more || far || self.known_us() > after_us.saturating_add(HORIZON_US) => {
                Foresight::Nothing
            }
            () => Foresight::Searching,
        }
    }

    fn beat_before(&self, at_us: u64) -> Option<Beat> {
        let beat = self.index.beat_before(self.time(at_us).0)?;
        (beat.at_us >= self.zero.0).then(|| self.rebased(beat))
    }

    fn beat_after(&self, at_us: u64) -> Option<Beat> {
        self.index
            .beat_after(self.time(at_us).0)
            .map(|beat| self.rebased(beat))
    }

    fn intervene(&mut self, act: &Act) -> Result<Vec<String>, String> {
        let planned = self.planned(act)?;
        self.insert(&planned)
    }

    fn perform_planned(&mut self, act: &PlannedAct) -> Result<Vec<String>, String> {
        self.insert(act)
    }

    fn set(&mut self, setting: &Setting, text: Option<&str>) -> Result<Vec<String>, String> {
        let setting = Setting {
            value: text.unwrap_or_default().to_owned(),
            ..setting.clone()
        };
        self.insert(&if text.is_some() {
            PlannedAct::Set(setting)
        } else {
            PlannedAct::Unset(setting)
        })
    }

    fn fork(&self) -> Box<dyn Run> {
        Box::new(self.clone())
    }

    fn digest(&self) -> String {
        format!("{:016x}", self.history.digest())
    }

    fn repeated_digest(&self) -> String {
        match KafkaRun::open(&self.recipe()) {
            Ok((mut again, _)) => {
                again.history.seek_events(self.history.events());
                again.history.advance(self.history.world().now());
                again.digest()
            }
            Err(error) => error.to_string(),
        }
    }

    fn entry_hash(&self, entry: u32) -> Option<(u64, u64)> {
        let found = self.history.trace().get(EntryId(entry))?;
        Some((
            ackscope_kernel::digest::of(found),
            self.since_zero(found.at),
        ))
    }

    fn recipe(&self) -> Recipe {
        Recipe {
            version: ENGINE_VERSION,
            scenario: self.scenario.clone(),
            topology: self.founded.clone(),
            seed: self.seed,
            acts: self.done.clone(),
            until_us: self.until_us,
        }
    }

    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn frame(&self, looking: &Looking) -> Frame {
        self.scene(looking, |scene| scene.frame())
    }

    fn moving(&self, looking: &Looking) -> Vec<Drawable> {
        self.scene(looking, |scene| scene.moving())
    }

    fn verdict(&self, assumed: Assumed) -> Verdict {
        self.verdict_view(assumed)
    }

    fn messages(&self, looking: &Looking, first: u32, count: u32) -> MessagesView {
        self.messages_view(looking, first, count)
    }

    fn why(&self, message: u64) -> Option<WhyView> {
        self.why_view(message)
    }

    fn node(&self, name: &str) -> Option<NodeView> {
        self.node_view(name)
    }

    fn node_before(&self, name: &str) -> Option<NodeView> {
        let beat = self.index.beat_before(self.history.world().now().0)?;
        let mut then = self.clone();
        then.seek(self.since_zero(Time(beat.at_us)));
        then.node_view(name)
    }

    fn log(
        &self,
        looking: &Looking,
        query: &EventsQuery,
        say: &dyn Fn(&Phrase) -> String,
    ) -> EventsView {
        self.log_view(looking, query, say)
    }

    fn diagram(
        &self,
        looking: &Looking,
        query: &DiagramQuery,
        parting_us: Option<u64>,
    ) -> DiagramView {
        let shows = |kind: TokenKind, background: bool| looking.shows(kind, background);
        let chart = Chart {
            world: self.history.world(),
            trace: self.history.trace(),
            index: &self.index,
            zero_us: self.zero.0,
            known_us: self.history.end().at.0,
            message: looking.message,
            shows: &shows,
            parting_us: parting_us.map(|at| self.time(at).0),
        };
        chart.view(query)
    }

    fn acts_for(&self, target: &Target) -> Vec<ActView> {
        self.acts_view(target)
    }

    fn sentence(&self) -> Option<Phrase> {
        let trace = self.history.trace();
        let last = self
            .index
            .last_before(trace.len(), Weight::Message)
            .filter(|entry| entry.0 >= self.zero_entry)?;
        trace
            .get(last)
            .map(|entry| narrate(self.history.world(), trace, entry).sentence)
    }

    fn settings(&self, search: &str, say: &dyn Fn(&Phrase) -> String) -> SettingsView {
        self.settings_view(search, say)
    }

    fn program(&self, client: &str) -> Vec<ProgramField> {
        programs::fields(&self.topology, client)
    }

    fn export(&self, from: u32, to: u32) -> String {
        let (world, trace) = (self.history.world(), self.history.trace());
        let mut out = String::new();
        for (id, entry) in trace.range(from.max(self.zero_entry), to.min(trace.len())) {
            let _ = writeln!(
                out,
                "{}",
                panels::entry_json(world, trace, id, entry, self.zero)
            );
        }
        out
    }
}

impl KafkaRun {
    fn rebased(&self, beat: Beat) -> Beat {
        Beat {
            at_us: beat.at_us - self.zero.0,
            moving_until_us: beat.moving_until_us.saturating_sub(self.zero.0),
            ..beat
        }
    }

    /// Whether any act changes settings, so that they may differ after a step.
    fn topology_changes(&self) -> bool {
        self.done
            .iter()
            .any(|done| matches!(done.act, PlannedAct::Set(_) | PlannedAct::Unset(_)))
    }
}
