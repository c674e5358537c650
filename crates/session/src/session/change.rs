//! Changing the run: here and now, or from its beginning. What the reader has seen stays as a branch.

use super::opening::all;
use super::{Branch, Session};
use crate::command::{Act, Assumed, Effects};
use crate::kafka_run::{KafkaRun, is_of_surroundings, set_time};
use crate::permalink;
use crate::recipe::Recipe;
use crate::run::Run;
use crate::scenario;
use crate::scenario::act::PlannedAct;
use crate::topology::Setting;
use crate::view::{BranchView, Verified};
use ackscope_scene::phrase::Phrase;

/// Branches that are kept; the oldest is forgotten first.
const MOST_BRANCHES: usize = 12;

impl Session {
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
    pub(super) fn assume(&mut self, assumed: Assumed) -> Effects {
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

    pub(super) fn intervene(&mut self, act: &Act) -> Effects {
        let title = act_title(act);
        self.change(title, |run| run.intervene(act))
    }

    pub(super) fn set(
        &mut self,
        scope: &str,
        instance: &str,
        key: &str,
        text: Option<&str>,
    ) -> Effects {
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
                    // It is another run now: what was found about it is out of date.
                    self.sought_cures = None;
                    branch.run = run;
                }
            }
        }
        self.sought()
    }

    /// Repeats the run from its beginning with another recipe, up to the present moment.
    pub(super) fn found_again(
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
                    self.sought_cures = None;
                    branch.run = Box::new(run);
                }
            }
        }
        self.sought()
    }

    pub(super) fn choose_seed(&mut self, seed: u64) -> Effects {
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

    pub(super) fn add_branch(&mut self, title: Phrase, parted_us: Option<u64>, run: Box<dyn Run>) {
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

    pub(super) fn choose_branch(&mut self, id: u32) -> Effects {
        let now = self.run().now_us();
        if let Some(place) = self.branches.iter().position(|branch| branch.id == id) {
            // One cursor for all branches.
            self.current = place;
            self.run_mut().seek(now);
            self.verified = Verified::No;
        }
        self.sought()
    }

    pub(super) fn drop_branch(&mut self, id: u32) -> Effects {
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
    pub(super) fn parts_from(&self, other: &Branch) -> Option<u64> {
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
}

pub(super) fn setting_title(setting: &Setting, text: Option<&str>) -> Phrase {
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
