//! The session: what is shown, and the only place that decides what an intent does.

use crate::command::{Act, Command, Effects, Pace, Target};
use crate::playback::{BUNDLE_ABOVE, EVENT_BUDGET, Playback, SPEEDS};
use crate::run::{Foresight, Looking, Run};
use crate::view::{
    ActView, BranchView, DiagramQuery, DiagramView, EventsQuery, EventsView, HeaderView, MessagesView,
    NodeView, SettingsView, TransportView, WhyView,
};
use ackscope_scene::drawable::{Drawable, Frame};
use ackscope_scene::phrase::Phrase;

/// How a session begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// `en` or `zh-CN`; anything else is read as the nearest of the two.
    pub language: String,
    /// The fragment of the address, without `#`. Empty: the first scenario, playing.
    pub link: String,
    /// The reader prefers reduced motion.
    pub reduced_motion: bool,
}

/// One shown run, its branches, and how it is looked at. Two doors in, [`Session::update`] and
/// [`Session::tick`]; everything else only reads.
pub struct Session {
    looking: Looking,
    playback: Playback,
    branches: Vec<Branch>,
    current: usize,
    texts: crate::text::Texts,
    said: Option<Phrase>,
}

/// One way that the run went.
struct Branch {
    id: u32,
    title: Phrase,
    parted_us: Option<u64>,
    run: Box<dyn Run>,
}

impl Session {
    /// Lets wall time pass, in microseconds. At most 100 ms count, and model work is bounded; what
    /// could not be done comes with the next tick.
    pub fn tick(&mut self, wall_us: u64) -> Effects {
        let run = &mut self.branches[self.current].run;
        let (entries, playing) = (run.entries(), self.playback.playing);
        let moved = self.playback.tick(wall_us, run.as_mut());
        let revision = run.entries() != entries;
        let mut effects = Effects { moved, revision, ..Effects::default() };
        effects.transport = playing != self.playback.playing;
        if revision {
            let said = run.sentence();
            effects.sentence = said != self.said;
            self.said = said;
        }
        effects
    }

    fn run(&self) -> &dyn Run {
        self.branches[self.current].run.as_ref()
    }

    // ---- the stage ----

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

    /// What just happened, in a sentence: for the bottom of the stage and the live region.
    #[must_use]
    pub fn sentence(&self) -> Option<Phrase> {
        self.run().sentence()
    }

    // ---- panels ----

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

    /// A part of the log.
    #[must_use]
    pub fn events(&self, query: &EventsQuery) -> EventsView {
        self.run().log(&self.looking, query, &|phrase| self.texts.say(phrase))
    }

    /// A part of the space-time diagram.
    #[must_use]
    pub fn diagram(&self, query: &DiagramQuery) -> DiagramView {
        self.run().diagram(&self.looking, query)
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

    // ---- words ----

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
}
