//! The session: what is shown, and the only place that decides what an intent does.

use crate::command::{Act, Assumed, Command, Effects, NewNode, Target};
use crate::kafka_run::{KafkaRun, is_of_surroundings, set_program, set_time};
use crate::permalink;
use crate::playback::{BUNDLE_ABOVE, EVENT_BUDGET, Playback, SPEEDS};
use crate::recipe::{Done, Recipe};
use crate::run::{Looking, Run};
use crate::scenario::act::{PlannedAct, Target as Whom};
use crate::scenario::{self, Overrides, Scenario};
use crate::text::{Language, Texts, clock};
use crate::topology::{Client, ClientRole, Consuming, Producing, Setting, Topic, Topology};
use crate::view::{
    ActView, BranchView, DiagramQuery, DiagramView, EventsQuery, EventsView, HeaderView,
    MessagesView, NodeView, ProgramField, ScenarioItem, SettingsView, TransportView, Verified,
    WhyView,
};
use ackscope_kernel::ENGINE_VERSION;
use ackscope_scene::drawable::{Drawable, Frame};
use ackscope_scene::phrase::Phrase;

/// The scenario that the page opens on.
pub const FIRST_SCENARIO: &str = "kafka-s02-acks-1-leader-crash";
/// A scenario comes to its point within this wall time.
const STORY_US: u64 = 7_500_000;
/// Events that a step forward or back may look through.
const EVENTS_PER_STEP: u64 = 400_000;
/// Branches that are kept; the oldest is forgotten first.
const MOST_BRANCHES: usize = 12;

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
    next_branch: u32,
    texts: Texts,
    said: Option<Phrase>,
    notices: Vec<Phrase>,
    verified: Verified,
    /// The scenario of the present run as its file gives it, with the run's seed.
    base: Option<Recipe>,
    /// Parts of the link that belong to the page.
    page: Vec<(String, String)>,
}

/// One way that the run went.
struct Branch {
    id: u32,
    title: Phrase,
    parted_us: Option<u64>,
    /// How far the reader has seen it.
    seen_us: u64,
    run: Box<dyn Run>,
}

impl Session {
    /// A session that begins with what the link says, or with the first scenario, playing. Texts are
    /// empty until catalogues arrive ([`Command::AddCatalogue`]).
    #[must_use]
    pub fn new(start: &Start) -> Self {
        Self::with_texts(start, Texts::new(Language::nearest(&start.language)))
    }

    /// A session that speaks the embedded catalogues: for tests and programs that fetch nothing.
    #[must_use]
    pub fn embedded(start: &Start) -> Self {
        Self::with_texts(start, Texts::embedded(Language::nearest(&start.language)))
    }

    fn with_texts(start: &Start, texts: Texts) -> Self {
        let mut playback = Playback::default();
        playback.reduced_motion = start.reduced_motion;
        let mut session = Session {
            looking: Looking {
                size: (826, 640),
                message: None,
                node: None,
                entry: None,
                filter: Default::default(),
                bundle: false,
                assumed: Assumed::default(),
            },
            playback,
            branches: Vec::new(),
            current: 0,
            next_branch: 0,
            texts,
            said: None,
            notices: Vec::new(),
            verified: Verified::No,
            base: None,
            page: Vec::new(),
        };
        session.open_link(&start.link);
        session
    }

    // ---- the doors in ----

    /// Lets wall time pass, in microseconds. At most 100 ms count, and model work is bounded; what
    /// could not be done comes with the next tick.
    pub fn tick(&mut self, wall_us: u64) -> Effects {
        let Some(branch) = self.branches.get_mut(self.current) else {
            return Effects::default();
        };
        let (entries, playing) = (branch.run.entries(), self.playback.playing);
        let moved = self.playback.tick(wall_us, branch.run.as_mut());
        branch.seen_us = branch.seen_us.max(branch.run.now_us());
        let revision = branch.run.entries() != entries;
        let transport = playing != self.playback.playing;
        let sentence = revision && self.new_sentence();
        Effects {
            moved,
            revision,
            transport,
            sentence,
            ..Effects::default()
        }
    }

    /// Does what is asked for.
    pub fn update(&mut self, command: Command) -> Effects {
        let transport = Effects {
            transport: true,
            ..Effects::default()
        };
        let selection = Effects {
            selection: true,
            ..Effects::default()
        };
        match command {
            Command::Play => self.play(true),
            Command::Pause => self.play(false),
            Command::TogglePlay => self.play(!self.playback.playing),
            Command::StepForward => self.step_forward(),
            Command::StepBack => self.step_back(),
            Command::ToStart => self.seek(0),
            Command::ToEnd => self.seek_end(),
            Command::SeekTime(at_us) => self.seek(at_us),
            Command::SeekEntry(entry) => {
                self.playback.playing = false;
                self.looking.entry = Some(entry);
                self.run_mut().seek_entry(entry);
                self.sought().and(selection)
            }
            Command::SetSpeed(permille) => {
                let (least, most) = (SPEEDS[0], SPEEDS[SPEEDS.len() - 1]);
                self.playback.speed_permille = permille.clamp(least, most);
                self.looking.bundle = self.playback.speed_permille > BUNDLE_ABOVE;
                transport
            }
            Command::SetPace(pace) => {
                self.playback.pace = pace;
                transport
            }
            Command::SetReducedMotion(on) => {
                self.playback.reduced_motion = on;
                transport
            }
            Command::Intervene(act) => self.intervene(&act),
            Command::Set {
                scope,
                instance,
                key,
                text,
            } => self.set(&scope, &instance, &key, Some(&text)),
            Command::Unset {
                scope,
                instance,
                key,
            } => self.set(&scope, &instance, &key, None),
            Command::SetFromStart {
                scope,
                instance,
                key,
                text,
            } => {
                let setting = Setting {
                    scope,
                    name: instance,
                    key,
                    value: text,
                };
                let title = setting_title(&setting, Some(&setting.value));
                self.found_again(title, |recipe| {
                    recipe.topology.set(setting);
                    Ok(())
                })
                .and(self.play(true))
            }
            Command::SetProgram { client, key, text } => {
                let title = Phrase::new("branch-program").with("node", client.as_str());
                self.found_again(title, |recipe| {
                    set_program(&mut recipe.topology, &client, &key, &text)
                })
            }
            Command::AddNode(what) => {
                let title = Phrase::new("branch-added");
                self.found_again(title, |recipe| {
                    add(recipe, what);
                    Ok(())
                })
            }
            Command::RemoveNode(name) => {
                let title = Phrase::new("branch-removed").with("node", name.as_str());
                self.found_again(title, |recipe| remove(recipe, &name))
            }
            Command::ChooseScenario(id) => {
                let notices = self.load(&id, None);
                self.notices = notices;
                self.play(true).and(all())
            }
            Command::ChooseSeed(seed) => self.choose_seed(seed),
            Command::Restart => self.seek(0).and(self.play(true)),
            Command::ChooseBranch(id) => self.choose_branch(id),
            Command::DropBranch(id) => self.drop_branch(id),
            Command::OpenLink(link) => {
                self.open_link(&link);
                all()
            }
            Command::Verify => {
                let (shown, repeated) = (self.run().digest(), self.run().repeated_digest());
                self.verified = if shown == repeated {
                    Verified::Same { digest: shown }
                } else {
                    Verified::Different { shown, repeated }
                };
                Effects {
                    revision: true,
                    ..Effects::default()
                }
            }
            Command::DismissNotices => {
                self.notices.clear();
                Effects {
                    revision: true,
                    ..Effects::default()
                }
            }
            Command::SelectMessage(message) => {
                self.looking.message = message;
                selection
            }
            Command::SelectNode(node) => {
                self.looking.node = node;
                selection
            }
            Command::SelectEntry(entry) => {
                self.looking.entry = entry;
                selection
            }
            Command::SetFilter(filter) => {
                self.looking.filter = filter;
                selection
            }
            Command::SetAssumed(assumed) => self.assume(assumed),
            Command::Resize { width, height } => {
                self.looking.size = (width.max(280), height.max(200));
                Effects {
                    revision: true,
                    ..Effects::default()
                }
            }
            Command::SetLanguage(tag) => {
                self.texts.speak(Language::nearest(&tag));
                Effects {
                    texts: true,
                    ..Effects::default()
                }
            }
            Command::AddCatalogue { language, text } => {
                self.texts.add(Language::nearest(&language), &text);
                Effects {
                    texts: true,
                    ..Effects::default()
                }
            }
        }
    }

    /// Does an act of the text format here and now.
    ///
    /// # Errors
    /// Why it cannot be done, in words; nothing is changed then.
    pub fn act_line(&mut self, line: &str) -> Result<Effects, String> {
        let act: PlannedAct = line
            .trim()
            .parse()
            .map_err(|problem: scenario::Problem| problem.to_string())?;
        // Tried on a copy first, so that the caller hears of it and not only the reader.
        self.run().fork().perform_planned(&act)?;
        Ok(self.change(Phrase::new("branch-act"), |run| run.perform_planned(&act)))
    }

    /// From now on *at risk* means another fault. The link says so, as it is part of what is shown.
    fn assume(&mut self, assumed: Assumed) -> Effects {
        self.looking.assumed = assumed;
        self.page.retain(|(key, _)| key != permalink::RISK);
        if assumed != Assumed::default() {
            let word = permalink::risk_word(assumed).to_owned();
            self.page.push((permalink::RISK.to_owned(), word));
        }
        Effects {
            revision: true,
            address: true,
            ..Effects::default()
        }
    }

    // ---- time ----

    /// Whether the scenario has come to its end and nothing was done since: then there is nothing to
    /// play but the same again.
    fn at_the_end(&self) -> bool {
        let now = self.run().now_us();
        let end = self.base.as_ref().map(|base| base.until_us);
        let recipe = self.run().recipe();
        end == Some(now) && recipe.acts.iter().all(|done| done.at_us < now)
    }

    fn play(&mut self, on: bool) -> Effects {
        if on && self.at_the_end() {
            self.seek(0);
            return self.play(true).and(all());
        }
        self.playback.playing = on;
        if on {
            let end = self.run().recipe().until_us;
            self.playback.stop_us = Some(end).filter(|end| *end > self.run().now_us());
        }
        Effects {
            transport: true,
            address: !on,
            ..Effects::default()
        }
    }

    fn seek(&mut self, at_us: u64) -> Effects {
        self.run_mut().seek(at_us);
        self.sought()
    }

    fn step_forward(&mut self) -> Effects {
        self.playback.playing = false;
        let run = self.run_mut();
        let now = run.now_us();
        if run.beat_after(now).is_none() {
            run.foresee(now, EVENTS_PER_STEP);
        }
        if let Some(beat) = run.beat_after(now) {
            run.advance(beat.at_us, EVENTS_PER_STEP);
        }
        self.sought()
    }

    fn step_back(&mut self) -> Effects {
        self.playback.playing = false;
        let run = self.run_mut();
        let now = run.now_us();
        // Between two beats the one behind is the step; on a beat it is the one before.
        let to = run.beat_before(now).map_or(0, |beat| beat.at_us);
        run.seek(to);
        self.sought()
    }

    fn seek_end(&mut self) -> Effects {
        self.playback.playing = false;
        let end = self
            .run()
            .recipe()
            .until_us
            .max(self.run().known_us().min(self.seen_us()));
        self.seek(end)
    }

    fn seen_us(&self) -> u64 {
        self.branches
            .get(self.current)
            .map_or(0, |branch| branch.seen_us)
    }

    /// After the cursor jumped.
    fn sought(&mut self) -> Effects {
        if let Some(branch) = self.branches.get_mut(self.current) {
            branch.seen_us = branch.seen_us.max(branch.run.now_us());
        }
        let sentence = self.new_sentence();
        Effects {
            revision: true,
            moved: true,
            transport: true,
            address: true,
            sentence,
            ..Effects::default()
        }
    }

    fn new_sentence(&mut self) -> bool {
        let said = self.run().sentence();
        let new = said != self.said;
        self.said = said;
        new
    }

    // ---- changing the run ----

    fn intervene(&mut self, act: &Act) -> Effects {
        let title = act_title(act);
        self.change(title, |run| run.intervene(act))
    }

    fn set(&mut self, scope: &str, instance: &str, key: &str, text: Option<&str>) -> Effects {
        let setting = Setting {
            scope: scope.to_owned(),
            name: instance.to_owned(),
            key: key.to_owned(),
            value: text.unwrap_or_default().to_owned(),
        };
        let title = setting_title(&setting, text);
        if is_of_surroundings(scope) {
            return self.found_again(title, |recipe| {
                set_time(&mut recipe.topology.times, scope, key, text)
            });
        }
        if self.run().now_us() == 0 {
            // Nothing has started yet: it is as if it had been so from the beginning.
            return self.found_again(title, |recipe| {
                match text {
                    Some(_) => recipe.topology.set(setting),
                    None => drop(recipe.topology.unset(scope, instance, key)),
                }
                Ok(())
            });
        }
        self.change(title, |run| run.set(&setting, text))
    }

    /// Changes the run at the cursor. Where the reader has seen its future, that stays as a branch.
    fn change(
        &mut self,
        title: Phrase,
        change: impl FnOnce(&mut dyn Run) -> Result<Vec<String>, String>,
    ) -> Effects {
        let Some(branch) = self.branches.get(self.current) else {
            return Effects::default();
        };
        let now = branch.run.now_us();
        let mut run = branch.run.fork();
        match change(run.as_mut()) {
            Err(problem) => self.notices = vec![Phrase::plain(problem)],
            Ok(problems) => {
                self.notices = problems.into_iter().map(Phrase::plain).collect();
                self.verified = Verified::No;
                if branch.seen_us > now {
                    self.add_branch(title, Some(now), run);
                } else if let Some(branch) = self.branches.get_mut(self.current) {
                    branch.run = run;
                }
            }
        }
        self.sought()
    }

    /// Repeats the run from its beginning with another recipe, up to the present moment.
    fn found_again(
        &mut self,
        title: Phrase,
        change: impl FnOnce(&mut Recipe) -> Result<(), String>,
    ) -> Effects {
        let mut recipe = self.run().recipe();
        let now = self.run().now_us();
        let opened = change(&mut recipe)
            .and_then(|()| KafkaRun::open(&recipe).map_err(|error| error.to_string()));
        match opened {
            Err(problem) => self.notices = vec![Phrase::plain(problem)],
            Ok((mut run, problems)) => {
                self.notices = problems.into_iter().map(Phrase::plain).collect();
                run.seek(now);
                self.verified = Verified::No;
                if self.seen_us() > 0 {
                    self.add_branch(title, Some(0), Box::new(run));
                } else if let Some(branch) = self.branches.get_mut(self.current) {
                    branch.run = Box::new(run);
                }
            }
        }
        self.sought()
    }

    fn choose_seed(&mut self, seed: u64) -> Effects {
        let unchanged = self
            .base
            .as_ref()
            .is_some_and(|base| self.run().recipe() == *base);
        if unchanged && let Some(id) = self.base.as_ref().map(|base| base.scenario.clone()) {
            self.notices = self.load(&id, Some(seed));
            return self.play(true).and(all());
        }
        let title = Phrase::new("branch-seed").with("seed", seed.to_string());
        self.found_again(title, |recipe| {
            recipe.seed = seed;
            Ok(())
        })
    }

    // ---- branches ----

    fn add_branch(&mut self, title: Phrase, parted_us: Option<u64>, run: Box<dyn Run>) {
        let seen_us = run.now_us();
        let id = self.next_branch;
        self.next_branch += 1;
        self.branches.push(Branch {
            id,
            title,
            parted_us,
            seen_us,
            run,
        });
        self.current = self.branches.len() - 1;
        if self.branches.len() > MOST_BRANCHES {
            self.branches.remove(0);
            self.current -= 1;
        }
    }

    fn choose_branch(&mut self, id: u32) -> Effects {
        let now = self.run().now_us();
        if let Some(place) = self.branches.iter().position(|branch| branch.id == id) {
            // One cursor for all branches.
            self.current = place;
            self.run_mut().seek(now);
            self.verified = Verified::No;
        }
        self.sought()
    }

    fn drop_branch(&mut self, id: u32) -> Effects {
        let place = self.branches.iter().position(|branch| branch.id == id);
        if let Some(place) = place.filter(|place| *place != self.current) {
            self.branches.remove(place);
            if place < self.current {
                self.current -= 1;
            }
        }
        Effects {
            revision: true,
            ..Effects::default()
        }
    }

    // ---- scenarios and links ----

    fn open_link(&mut self, link: &str) {
        let (link, problems) = permalink::read(link, &base);
        let mut notices: Vec<Phrase> = problems.into_iter().map(Phrase::plain).collect();
        self.page = link.page;
        self.looking.assumed = self
            .page_part(permalink::RISK)
            .and_then(permalink::risk_named)
            .unwrap_or_default();
        match link.recipe {
            None => {
                notices.extend(self.load(FIRST_SCENARIO, None));
                self.play(true);
            }
            Some(recipe) => {
                self.base = base(&recipe.scenario, Some(recipe.seed));
                notices.extend(self.open(&recipe));
                self.playback.playing = false;
                if let Some(at) = link.at_us {
                    self.run_mut().seek(at);
                }
                let digest = self.run().digest();
                if link.digest.is_some_and(|wanted| wanted != digest) {
                    notices.push(Phrase::new("notice-digest"));
                }
            }
        }
        self.notices = notices;
        self.sought();
    }

    /// Loads a scenario, with another seed if one is given.
    fn load(&mut self, id: &str, seed: Option<u64>) -> Vec<Phrase> {
        match base(id, seed) {
            Some(recipe) => {
                let notices = self.open(&recipe);
                if let Some(branch) = self.branches.get(self.current) {
                    self.playback
                        .tell_within(STORY_US, recipe.until_us, branch.run.as_ref());
                }
                self.base = Some(recipe);
                notices
            }
            None => {
                let mut notices = vec![Phrase::new("notice-no-scenario").with("scenario", id)];
                notices.extend(self.open(&laboratory()));
                self.base = None;
                notices
            }
        }
    }

    fn open(&mut self, recipe: &Recipe) -> Vec<Phrase> {
        let (run, problems) = match KafkaRun::open(recipe) {
            Ok(opened) => opened,
            Err(error) => match KafkaRun::open(&laboratory()) {
                Ok((run, _)) => (run, vec![error.to_string()]),
                // The laboratory is a constant that a test founds.
                Err(_) => return vec![Phrase::plain(error.to_string())],
            },
        };
        self.branches.clear();
        self.current = 0;
        self.looking.message = None;
        self.looking.entry = None;
        self.looking.node = None;
        self.verified = Verified::No;
        self.playback.tempo_permille = 1_000;
        self.add_branch(Phrase::new("branch-first"), None, Box::new(run));
        problems.into_iter().map(Phrase::plain).collect()
    }

    fn run(&self) -> &dyn Run {
        self.branches[self.current].run.as_ref()
    }

    fn run_mut(&mut self) -> &mut dyn Run {
        self.branches[self.current].run.as_mut()
    }

    /// The fragment of a link to what is shown, the digest included. It reads the whole run: ask after
    /// a pause and not for each frame.
    #[must_use]
    pub fn link(&self) -> String {
        let run = self.run();
        let mut link = permalink::write(
            &run.recipe(),
            self.base.as_ref(),
            run.now_us(),
            Some(&run.digest()),
        );
        for (key, value) in &self.page {
            link.push_str(&format!("&{key}={value}"));
        }
        link
    }

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

    // ---- panels ----

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

    /// All branches, the oldest first.
    #[must_use]
    pub fn branches(&self) -> Vec<BranchView> {
        let now = self.run().now_us();
        let view = |(place, branch): (usize, &Branch)| {
            let current = place == self.current;
            let mut there = if current {
                None
            } else {
                Some(branch.run.fork())
            };
            if let Some(run) = &mut there {
                run.seek(now.min(branch.run.known_us().max(branch.seen_us)));
            }
            BranchView {
                id: branch.id,
                title: branch.title.clone(),
                current,
                parted_us: branch.parted_us,
                differs_us: if current {
                    None
                } else {
                    self.parts_from(branch)
                },
                verdict: there.map_or_else(
                    || branch.run.verdict(self.looking.assumed),
                    |run| run.verdict(self.looking.assumed),
                ),
            }
        };
        self.branches.iter().enumerate().map(view).collect()
    }

    /// The first moment at which the shown run differs from a branch, as far as both are known.
    fn parts_from(&self, other: &Branch) -> Option<u64> {
        let (a, b) = (self.run(), other.run.as_ref());
        let mut entry = 0;
        loop {
            match (a.entry_hash(entry), b.entry_hash(entry)) {
                (Some(x), Some(y)) if x.0 == y.0 => entry += 1,
                (Some(x), Some(y)) => return Some(x.1.min(y.1)),
                _ => return None,
            }
        }
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

    /// The present language's tag.
    #[must_use]
    pub fn language(&self) -> &'static str {
        self.texts.language().tag()
    }
}

/// Everything is another one now.
fn all() -> Effects {
    Effects {
        revision: true,
        moved: true,
        transport: true,
        selection: true,
        address: true,
        sentence: true,
        texts: false,
    }
}

/// The recipe that a scenario's file gives.
fn base(id: &str, seed: Option<u64>) -> Option<Recipe> {
    let scenario = Scenario::parse(scenario::named(id)?).ok()?;
    scenario::run(
        &scenario,
        &Overrides {
            seed,
            ..Overrides::default()
        },
    )
    .ok()
    .map(|played| played.recipe)
}

/// A cluster without a story: what is opened where nothing else can be.
fn laboratory() -> Recipe {
    let topology = Topology {
        topics: vec![Topic {
            name: "orders".to_owned(),
            partitions: 1,
            replication_factor: 3,
            assignment: Vec::new(),
        }],
        clients: vec![
            Client {
                name: "p1".to_owned(),
                role: ClientRole::Producer(Producing {
                    stop_after: 10,
                    ..Producing::default()
                }),
            },
            Client {
                name: "c1".to_owned(),
                role: ClientRole::Consumer(Consuming {
                    subscribe: vec!["orders".to_owned()],
                    polls: true,
                    ..Consuming::default()
                }),
            },
        ],
        settings: vec![Setting {
            scope: "consumer".to_owned(),
            name: "c1".to_owned(),
            key: "group.id".to_owned(),
            value: "g1".to_owned(),
        }],
        ..Topology::default()
    };
    let started = topology
        .clients
        .iter()
        .map(|client| started(&client.name))
        .collect();
    Recipe {
        version: ENGINE_VERSION,
        scenario: String::new(),
        topology,
        seed: 1,
        acts: started,
        until_us: 30_000_000,
    }
}

/// A client that is started at time zero.
fn started(client: &str) -> Done {
    Done {
        at_us: 0,
        taken: 0,
        act: PlannedAct::Start(vec![Whom::Named(client.to_owned())]),
    }
}

/// Adds a node of a kind under the next free name.
fn add(recipe: &mut Recipe, what: NewNode) {
    let topology = &mut recipe.topology;
    let free = |letter: char, topology: &Topology| {
        let taken = |name: &String| topology.clients.iter().any(|client| client.name == *name);
        (1..)
            .map(|number| format!("{letter}{number}"))
            .find(|name| !taken(name))
            .unwrap_or_default()
    };
    let topic = topology
        .topics
        .first()
        .map(|topic| topic.name.clone())
        .unwrap_or_default();
    let client = match what {
        NewNode::Broker => {
            topology.brokers += 1;
            return;
        }
        NewNode::Producer => Client {
            name: free('p', topology),
            role: ClientRole::Producer(Producing {
                topic,
                stop_after: 10,
                ..Producing::default()
            }),
        },
        NewNode::Consumer => {
            let name = free('c', topology);
            topology.set(Setting {
                scope: "consumer".to_owned(),
                name: name.clone(),
                key: "group.id".to_owned(),
                value: format!("g-{name}"),
            });
            let role = ClientRole::Consumer(Consuming {
                subscribe: vec![topic],
                polls: true,
                ..Consuming::default()
            });
            Client { name, role }
        }
    };
    // It starts with the others, before anything else of that moment.
    let starts = |done: &Done| done.at_us == 0 && matches!(done.act, PlannedAct::Start(_));
    let place = recipe.acts.iter().take_while(|done| starts(done)).count();
    let taken = recipe
        .acts
        .get(place.saturating_sub(1))
        .map_or(0, |done| done.taken);
    recipe.acts.insert(
        place,
        Done {
            taken,
            ..started(&client.name)
        },
    );
    recipe.topology.clients.push(client);
}

/// Removes a client, with its settings and with what was done to it alone.
fn remove(recipe: &mut Recipe, name: &str) -> Result<(), String> {
    let topology = &mut recipe.topology;
    let before = topology.clients.len();
    topology.clients.retain(|client| client.name != name);
    if topology.clients.len() == before {
        return Err(format!("{name} is no client"));
    }
    topology.settings.retain(|setting| setting.name != name);
    recipe.acts.retain(|done| match &done.act {
        PlannedAct::Order(client, _) => client != name,
        PlannedAct::Start(whom)
        | PlannedAct::Stop(whom)
        | PlannedAct::Crash(whom)
        | PlannedAct::Freeze(whom)
        | PlannedAct::Thaw(whom)
        | PlannedAct::PowerOff(whom, _) => whom.as_slice() != [Whom::Named(name.to_owned())],
        _ => true,
    });
    Ok(())
}

fn setting_title(setting: &Setting, text: Option<&str>) -> Phrase {
    match text {
        Some(text) => Phrase::new("branch-set")
            .with("setting", setting.key.as_str())
            .with("value", text),
        None => Phrase::new("branch-unset").with("setting", setting.key.as_str()),
    }
}

/// What a branch is called that begins with an act.
fn act_title(act: &Act) -> Phrase {
    let with = |key: &'static str, node: &str| Phrase::new(key).with("node", node);
    match act {
        Act::Crash { node } => with("branch-crash", node),
        Act::Stop { node } => with("branch-stop", node),
        Act::Start { node } => with("branch-start", node),
        Act::Freeze { node } => with("branch-freeze", node),
        Act::PowerOff { node, .. } => with("branch-power-off", node),
        Act::Isolate { node } | Act::IsolateFromServers { node } => with("branch-isolate", node),
        Act::Produce { node, .. } => with("branch-produce", node),
        _ => Phrase::new("branch-act"),
    }
}

#[cfg(test)]
mod tests;
