//! What page and command line read of the session. Nothing here changes it.

use super::Session;
use crate::command::Target;
use crate::playback::{EVENT_BUDGET, SPEEDS};
use crate::recipe::Recipe;
use crate::run::Looking;
use crate::scenario;
use crate::text::clock;
use crate::view::{
    ActView, DiagramQuery, DiagramView, EventsQuery, EventsView, HeaderView, MessagesView,
    NodeView, ProgramField, ScenarioItem, SettingsView, TransportView, WhyView,
};
use ackscope_scene::drawable::{Drawable, Frame};
use ackscope_scene::phrase::Phrase;

impl Session {
    /// A part of the link that belongs to the page: `ui`, `lang`, `theme`.
    #[must_use]
    pub fn page_part(&self, key: &str) -> Option<&str> {
        self.page
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.as_str())
    }

    /// All that repeats the run: for export, and for the command line.
    #[must_use]
    pub fn recipe(&self) -> Recipe {
        self.run().recipe()
    }

    /// Digest of the run up to the cursor, 16 hex digits. It reads the whole run.
    #[must_use]
    pub fn digest(&self) -> String {
        self.run().digest()
    }

    /// Entries `from..to` of the trace up to the cursor, one line of JSON each.
    #[must_use]
    pub fn export(&self, from: u32, to: u32) -> String {
        self.run().export(from, to)
    }

    /// The whole picture at the cursor.
    #[must_use]
    pub fn frame(&self) -> Frame {
        self.run().frame(&self.looking)
    }

    /// Only what moves between two events: tokens and timer arcs. Cheap enough for each frame.
    #[must_use]
    pub fn moving(&self) -> Vec<Drawable> {
        self.run().moving(&self.looking)
    }

    /// The picture as SVG text.
    #[must_use]
    pub fn svg(&self, style: &str) -> String {
        ackscope_scene::svg::svg(&self.frame(), style, &|phrase| self.texts.say(phrase))
    }

    /// What just happened, in a sentence: for the bottom of the stage and the live region.
    #[must_use]
    pub fn sentence(&self) -> Option<Phrase> {
        self.said.clone()
    }

    /// What can be done to a node, link or packet, now. What is not possible is absent.
    #[must_use]
    pub fn acts_for(&self, target: &Target) -> Vec<ActView> {
        self.run().acts_for(target)
    }

    /// What is selected and how the stage is shown.
    #[must_use]
    pub fn looking(&self) -> &Looking {
        &self.looking
    }

    /// The top bar.
    #[must_use]
    pub fn header(&self) -> HeaderView {
        let run = self.run();
        let recipe = run.recipe();
        let item = |(id, text): &(&str, &str)| ScenarioItem {
            id: (*id).to_owned(),
            title: Phrase::new(format!("scenario-{id}-title")),
            story: Phrase::new(format!("scenario-{id}-story")),
            course: scenario::course(text),
        };
        let mut scenarios: Vec<ScenarioItem> = scenario::ALL.iter().map(item).collect();
        scenarios.sort_by_key(|item| item.course.unwrap_or(u16::MAX));
        HeaderView {
            system: "kafka",
            profile: recipe.topology.profile.clone(),
            scenario: Some(recipe.scenario.clone()).filter(|id| !id.is_empty()),
            changed: self.base.as_ref().is_some_and(|base| {
                base.topology != recipe.topology
                    || base.acts != recipe.acts
                    || base.seed != recipe.seed
            }),
            scenarios,
            verdict: run.verdict(self.looking.assumed),
            verified: self.verified.clone(),
            notices: self.notices.clone(),
            seed: recipe.seed,
        }
    }

    /// The transport and the clock. Cheap enough for each frame.
    #[must_use]
    pub fn transport(&self) -> TransportView {
        let run = self.run();
        let now_us = run.now_us();
        TransportView {
            playing: self.playback.playing,
            pace: self.playback.pace,
            speed_permille: self.playback.speed_permille,
            speeds: SPEEDS,
            now_us,
            clock: clock(now_us),
            events: run.events(),
            entries: run.entries(),
            known_us: run.known_us(),
            end_us: self.playback.stop_us,
            fold: self.playback.fold(run),
            plays_again: self.at_the_end(),
            can_step_back: now_us > 0,
            can_step_forward: run.events() < EVENT_BUDGET,
            slower_than_asked: self.playback.slow,
            budget_reached: run.events() >= EVENT_BUDGET,
            bundle_all: self.looking.bundle,
        }
    }

    /// Rows `first..first + count` of the message table.
    #[must_use]
    pub fn messages(&self, first: u32, count: u32) -> MessagesView {
        self.run().messages(&self.looking, first, count)
    }

    /// The story of a message.
    #[must_use]
    pub fn why(&self, message: u64) -> Option<WhyView> {
        self.run().why(message)
    }

    /// The state of a node.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<NodeView> {
        self.run().node(name)
    }

    /// The state of a node at the beat before the cursor's, to be compared with. It replays a little:
    /// ask when the cursor stands.
    #[must_use]
    pub fn node_before(&self, name: &str) -> Option<NodeView> {
        self.run().node_before(name)
    }

    /// The program of a client.
    #[must_use]
    pub fn program(&self, client: &str) -> Vec<ProgramField> {
        self.run().program(client)
    }

    /// A part of the log.
    #[must_use]
    pub fn events(&self, query: &EventsQuery) -> EventsView {
        self.run()
            .log(&self.looking, query, &|phrase| self.texts.say(phrase))
    }

    /// Every parameter field of every place; with a search only those whose key or help has the text.
    #[must_use]
    pub fn settings(&self, search: &str) -> SettingsView {
        self.run()
            .settings(search, &|phrase| self.texts.say(phrase))
    }

    /// A part of the space-time diagram. Where several branches are kept, it marks where the shown one
    /// parts from the one that it came from.
    #[must_use]
    pub fn diagram(&self, query: &DiagramQuery) -> DiagramView {
        let other = self
            .current
            .checked_sub(1)
            .and_then(|place| self.branches.get(place));
        let parting = other.and_then(|other| self.parts_from(other));
        self.run().diagram(&self.looking, query, parting)
    }

    /// The phrase in the present language.
    #[must_use]
    pub fn say(&self, phrase: &Phrase) -> String {
        self.texts.say(phrase)
    }

    /// A label of the page by its key, without arguments.
    #[must_use]
    pub fn text(&self, key: &'static str) -> String {
        self.texts.say(&Phrase::new(key))
    }

    /// The present language's tag.
    #[must_use]
    pub fn language(&self) -> &'static str {
        self.texts.language().tag()
    }
}
