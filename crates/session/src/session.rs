//! The session: what is shown, and the only place that decides what an intent does.

mod change;
mod cures;
mod look;
mod nodes;
mod opening;
mod time;

use crate::command::{Assumed, Command, Effects};
use crate::kafka_run::set_program;
use crate::playback::{BUNDLE_ABOVE, Playback, SPEEDS};
use crate::recipe::Recipe;
use crate::run::{Looking, Run};
use crate::text::{Language, Texts};
use crate::topology::Setting;
use crate::view::Verified;
use ackscope_scene::phrase::Phrase;
use change::setting_title;
use nodes::{add, remove};
use opening::all;

/// The scenario that the page opens on.
pub const FIRST_SCENARIO: &str = "kafka-s02-acks-1-leader-crash";

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
    /// The search for cures that was asked for last.
    sought_cures: Option<cures::Sought>,
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
            sought_cures: None,
        };
        session.open_link(&start.link);
        session
    }

    /// Lets wall time pass, in microseconds. At most 100 ms count, and model work is bounded; what
    /// could not be done comes with the next tick.
    pub fn tick(&mut self, wall_us: u64) -> Effects {
        let cures = self.search_on();
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
            cures,
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
            Command::FindCures(message) => self.find_cures(message),
            Command::StopCures => self.stop_cures(),
            Command::TryCure(place) => self.try_cure(place),
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

    fn run(&self) -> &dyn Run {
        self.branches[self.current].run.as_ref()
    }

    fn run_mut(&mut self) -> &mut dyn Run {
        self.branches[self.current].run.as_mut()
    }
}

#[cfg(test)]
mod tests;
