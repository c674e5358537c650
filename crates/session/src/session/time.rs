//! The clock of the session: playing, stepping, seeking.

use super::Session;
use super::opening::all;
use crate::command::Effects;

/// Events that a step forward or back may look through.
const EVENTS_PER_STEP: u64 = 400_000;

impl Session {
    /// Whether the scenario has come to its end and nothing was done since: then there is nothing to
    /// play but the same again.
    pub(super) fn at_the_end(&self) -> bool {
        let now = self.run().now_us();
        let end = self.base.as_ref().map(|base| base.until_us);
        let recipe = self.run().recipe();
        end == Some(now) && recipe.acts.iter().all(|done| done.at_us < now)
    }

    pub(super) fn play(&mut self, on: bool) -> Effects {
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

    pub(super) fn seek(&mut self, at_us: u64) -> Effects {
        self.run_mut().seek(at_us);
        self.sought()
    }

    pub(super) fn step_forward(&mut self) -> Effects {
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

    pub(super) fn step_back(&mut self) -> Effects {
        self.playback.playing = false;
        let run = self.run_mut();
        let now = run.now_us();
        // Between two beats the one behind is the step; on a beat it is the one before.
        let to = run.beat_before(now).map_or(0, |beat| beat.at_us);
        run.seek(to);
        self.sought()
    }

    pub(super) fn seek_end(&mut self) -> Effects {
        self.playback.playing = false;
        let end = self
            .run()
            .recipe()
            .until_us
            .max(self.run().known_us().min(self.seen_us()));
        self.seek(end)
    }

    pub(super) fn seen_us(&self) -> u64 {
        self.branches
            .get(self.current)
            .map_or(0, |branch| branch.seen_us)
    }

    /// After the cursor jumped.
    pub(super) fn sought(&mut self) -> Effects {
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

    pub(super) fn new_sentence(&mut self) -> bool {
        let said = self.run().sentence();
        let new = said != self.said;
        self.said = said;
        new
    }
}
