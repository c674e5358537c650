//! A run that can be sought, stepped and forked: marks every few thousand events, replay in between.

use crate::act::Act;
use crate::digest;
use crate::ids::EntryId;
use crate::system::System;
use crate::time::Time;
use crate::trace::{Entry, Trace};
use crate::world::{Moment, World};

/// What watches the entries of a run and keeps its own account (the ledger).
pub trait Recorder<S: System>: Clone {
    /// One entry was written.
    fn record(&mut self, id: EntryId, entry: &Entry<S>, world: &World<S>);
}

impl<S: System> Recorder<S> for () {
    fn record(&mut self, _: EntryId, _: &Entry<S>, _: &World<S>) {}
}

/// Two accounts of one run.
impl<S: System, A: Recorder<S>, B: Recorder<S>> Recorder<S> for (A, B) {
    fn record(&mut self, id: EntryId, entry: &Entry<S>, world: &World<S>) {
        self.0.record(id, entry, world);
        self.1.record(id, entry, world);
    }
}

#[derive(Clone, Debug)]
struct Mark<S: System, L> {
    world: World<S>,
    ledger: L,
    entries: u32,
    events: u64,
    acts: usize,
}

/// Events between two marks: a seek replays fewer than this.
const EVENTS_PER_MARK: u64 = 4096;

/// A run: its world at the cursor, its trace, its acts.
#[derive(Clone, Debug)]
pub struct History<S: System, L> {
    world: World<S>,
    ledger: L,
    trace: Trace<S>,
    acts: Vec<(Moment, Act<S>)>,
    next_act: usize,
    events: u64,
    marks: Vec<Mark<S, L>>,
    end: Moment,
    /// Where looking ahead stopped.
    front: Option<Mark<S, L>>,
}

impl<S: System, L: Recorder<S>> History<S, L> {
    /// A run that begins with this world, to which `acts` (in the order of their moments) will be done.
    #[must_use]
    pub fn new(world: World<S>, ledger: L, acts: Vec<(Moment, Act<S>)>) -> Self {
        Self::continued(world, Trace::default(), ledger, acts)
    }

    /// A run that goes on from the end of `trace`, the trace of what made this world what it is. The
    /// ledger sees the entries after it, and no seek leads before it.
    #[must_use]
    pub fn continued(
        world: World<S>,
        trace: Trace<S>,
        ledger: L,
        acts: Vec<(Moment, Act<S>)>,
    ) -> Self {
        let end = world.moment();
        let mut history = History {
            world,
            ledger,
            trace,
            acts,
            next_act: 0,
            events: 0,
            marks: Vec::new(),
            end,
            front: None,
        };
        history.marks.push(history.mark());
        history
    }

    /// The world at the cursor.
    #[must_use]
    pub fn world(&self) -> &World<S> {
        &self.world
    }

    /// The account at the cursor.
    #[must_use]
    pub fn ledger(&self) -> &L {
        &self.ledger
    }

    /// The trace; its cursor is the history's.
    #[must_use]
    pub fn trace(&self) -> &Trace<S> {
        &self.trace
    }

    /// All acts, done or still to be done.
    #[must_use]
    pub fn acts(&self) -> &[(Moment, Act<S>)] {
        &self.acts
    }

    /// Events done up to the cursor.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The furthest moment that was computed.
    #[must_use]
    pub fn end(&self) -> Moment {
        self.end
    }

    /// Number of marks kept, and the world of each, for measuring.
    pub fn marked(&self) -> impl Iterator<Item = &World<S>> {
        self.marks.iter().map(|mark| &mark.world)
    }

    /// Keeps the first mark alone: less memory, and every seek back replays from the beginning.
    pub fn forget_marks(&mut self) {
        self.marks.truncate(1);
    }

    fn mark(&self) -> Mark<S, L> {
        Mark {
            world: self.world.clone(),
            ledger: self.ledger.clone(),
            entries: self.trace.len(),
            events: self.events,
            acts: self.next_act,
        }
    }

    fn absorb(&mut self, from: u32) {
        for (id, entry) in self.trace.range(from, self.trace.len()) {
            self.ledger.record(id, entry, &self.world);
        }
        self.events += 1;
        if self.events.is_multiple_of(EVENTS_PER_MARK)
            && self
                .marks
                .last()
                .is_none_or(|mark| mark.events < self.events)
        {
            self.marks.push(self.mark());
        }
        self.end = self.end.max(self.world.moment());
    }

    /// Does the next act or event, if it is due at `limit` or before. An act's moment decides whether
    /// it comes before the events of its time or between them.
    pub fn step_until(&mut self, limit: Time) -> bool {
        let due = self.world.next_due();
        if let Some((moment, act)) = self.acts.get(self.next_act)
            && moment.at <= limit
            && due.is_none_or(|due| {
                due > moment.at || (due == moment.at && self.world.taken_at(due) >= moment.taken)
            })
        {
            let from = self.trace.len();
            self.world.advance_clock(moment.at);
            let act = act.clone();
            self.next_act += 1;
            self.world.apply(act, &mut self.trace);
            self.absorb(from);
            return true;
        }
        match due {
            Some(due) if due <= limit => {
                let from = self.trace.len();
                self.world.step(&mut self.trace);
                self.absorb(from);
                true
            }
            _ => false,
        }
    }

    /// Runs until `to`, both its acts and its events included, and sets the clock there.
    pub fn advance(&mut self, to: Time) {
        while self.step_until(to) {}
        self.world.advance_clock(to);
        self.end = self.end.max(self.world.moment());
    }

    /// Goes to the latest mark at which `fits` still holds, if that is nearer to the goal than the
    /// cursor. `back`: the goal lies before the cursor. Marks are in the order of the run, and `fits`
    /// holds up to one of them.
    fn jump(&mut self, back: bool, fits: impl Fn(&Mark<S, L>) -> bool) {
        let index = self.marks.partition_point(fits).saturating_sub(1);
        if back || self.marks[index].events > self.events {
            let mark = self.marks[index].clone();
            self.restore(mark);
        }
    }

    fn restore(&mut self, mark: Mark<S, L>) {
        self.world = mark.world;
        self.ledger = mark.ledger;
        self.events = mark.events;
        self.next_act = mark.acts;
        self.trace.set_cursor(mark.entries);
    }

    /// Computes at most `events` events beyond what is known, until `stop` says that it is enough, and
    /// comes back: the trace then holds more of the future, and all else is as before. Returns whether
    /// there was something left to compute.
    pub fn foresee(&mut self, events: u64, mut stop: impl FnMut(&Trace<S>) -> bool) -> bool {
        let here = self.mark();
        if let Some(front) = self.front.take()
            && front.events > self.events
        {
            self.restore(front);
        }
        let mut more = true;
        for _ in 0..events {
            more = self.step_until(Time::NEVER);
            if !more || stop(&self.trace) {
                break;
            }
        }
        self.front = Some(self.mark());
        self.restore(here);
        more
    }

    /// Goes to `at`, forward or back; afterwards all that happened until then, and nothing later, has.
    pub fn seek(&mut self, at: Time) {
        self.jump(at < self.world.now(), |mark| mark.world.now() <= at);
        self.advance(at);
    }

    /// Goes to the moment at which `events` events were done.
    pub fn seek_events(&mut self, events: u64) {
        self.jump(events < self.events, |mark| mark.events <= events);
        while self.events < events && self.step_until(Time::NEVER) {}
    }

    /// Goes to the event that wrote entry `id`: the first moment at which it is in the trace.
    pub fn seek_entry(&mut self, id: EntryId) {
        self.jump(id.0 < self.trace.len(), |mark| mark.entries <= id.0);
        while self.trace.len() <= id.0 && self.step_until(Time::NEVER) {}
    }

    /// Acts here and now. What lay in the future is forgotten; clone the history first to keep it.
    /// Returns the moment of the act.
    pub fn intervene(&mut self, act: Act<S>) -> Moment {
        self.trace.cut();
        self.front = None;
        self.acts.truncate(self.next_act);
        let events = self.events;
        self.marks.retain(|mark| mark.events <= events);
        let moment = self.world.moment();
        self.end = moment;
        self.acts.push((moment, act.clone()));
        self.next_act += 1;
        let from = self.trace.len();
        self.world.apply(act, &mut self.trace);
        self.absorb(from);
        moment
    }

    /// Plans an act that lies ahead, among those already planned.
    pub fn plan(&mut self, moment: Moment, act: Act<S>) {
        let place =
            self.acts[self.next_act..].partition_point(|(m, _)| *m <= moment) + self.next_act;
        self.trace.cut();
        self.front = None;
        let events = self.events;
        self.marks.retain(|mark| mark.events <= events);
        self.end = self.world.moment();
        self.acts.insert(place, (moment, act));
    }

    /// Digest of the run up to the cursor.
    #[must_use]
    pub fn digest(&self) -> u64 {
        digest::of_run(&self.world, &self.trace)
    }
}
