//! Opening a link, a scenario, a recipe; and writing the link to what is shown.

use super::{FIRST_SCENARIO, Session};
use crate::command::Effects;
use crate::kafka_run::KafkaRun;
use crate::permalink;
use crate::recipe::{Done, Recipe};
use crate::scenario::act::{PlannedAct, Target as Whom};
use crate::scenario::{self, Overrides, Scenario};
use crate::topology::{Client, ClientRole, Consuming, Producing, Setting, Topic, Topology};
use crate::view::Verified;
use ackscope_kernel::ENGINE_VERSION;
use ackscope_scene::phrase::Phrase;

/// A scenario comes to its point within this wall time.
const STORY_US: u64 = 7_500_000;

impl Session {
    pub(super) fn open_link(&mut self, link: &str) {
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
    pub(super) fn load(&mut self, id: &str, seed: Option<u64>) -> Vec<Phrase> {
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
        self.sought_cures = None;
        self.current = 0;
        self.looking.message = None;
        self.looking.entry = None;
        self.looking.node = None;
        self.verified = Verified::No;
        self.playback.tempo_permille = 1_000;
        self.add_branch(Phrase::new("branch-first"), None, Box::new(run));
        problems.into_iter().map(Phrase::plain).collect()
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
}

/// Everything is another one now.
pub(super) fn all() -> Effects {
    Effects {
        revision: true,
        moved: true,
        transport: true,
        selection: true,
        address: true,
        sentence: true,
        texts: false,
        cures: true,
    }
}

/// The recipe that a scenario's file gives.
pub(super) fn base(id: &str, seed: Option<u64>) -> Option<Recipe> {
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
pub(super) fn laboratory() -> Recipe {
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
pub(super) fn started(client: &str) -> Done {
    Done {
        at_us: 0,
        taken: 0,
        act: PlannedAct::Start(vec![Whom::Named(client.to_owned())]),
    }
}
