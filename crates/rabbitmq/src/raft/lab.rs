//! A small world for Raft alone: members with disks, ordered links, and a stream of random events.

use super::{Boot, Delay, Entry, Index, Kind, Machine, Members, Meta, Out, Persisted, Place};
use super::{Role, Rpc, Server, Snapshot, Term};
use ackscope_kernel::dice::{self, Purpose};
use ackscope_kernel::{SeatId, Time};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Remembers all commands in order.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub(super) struct Tape(pub(super) Vec<u32>);

impl Machine for Tape {
    type Command = u32;
    type Effect = u32;

    fn apply(&mut self, _: Meta, command: &u32) -> Vec<u32> {
        self.0.push(*command);
        vec![*command]
    }
    fn place(_: &u32) -> Place {
        Place::Leader
    }
    fn became_leader(&self) -> Vec<u32> {
        Vec::new()
    }
    fn evaluated(&self) -> Vec<u32> {
        Vec::new()
    }
    fn tick(&self, _: Time) -> Vec<u32> {
        Vec::new()
    }
    fn installed(&self, _: SeatId) -> Vec<u32> {
        Vec::new()
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Disk {
    pub(super) persisted: Persisted,
    pub(super) snapshot: Option<Arc<Snapshot<Tape>>>,
    pub(super) entries: Vec<Arc<Entry<u32>>>,
    base: Index,
    synced: usize,
}

pub(super) struct Member {
    pub(super) server: Server<Tape>,
    /// Syncs under way: token, records of the file then.
    syncs: Vec<(u32, usize)>,
    pub(super) timer: Option<Delay>,
}

pub(super) struct Lab {
    pub(super) seed: u64,
    draws: u64,
    pub(super) now: Time,
    pub(super) members: BTreeMap<SeatId, Member>,
    pub(super) disks: BTreeMap<SeatId, Disk>,
    pub(super) all: Vec<SeatId>,
    links: BTreeMap<(SeatId, SeatId), VecDeque<Rpc<Tape>>>,
    pub(super) cut: BTreeSet<(SeatId, SeatId)>,
    pub(super) leaders: BTreeMap<Term, SeatId>,
    /// What was applied, by anybody.
    pub(super) truth: Vec<u32>,
    /// What a client was told is done.
    pub(super) done: BTreeSet<u32>,
    interval: Index,
}

impl Lab {
    pub(super) fn new(seed: u64, count: u16, interval: Index) -> Lab {
        let all: Vec<SeatId> = (1..=count).map(SeatId).collect();
        let mut lab = Lab {
            seed,
            draws: 0,
            now: Time(0),
            members: BTreeMap::new(),
            disks: BTreeMap::new(),
            all: all.clone(),
            links: BTreeMap::new(),
            cut: BTreeSet::new(),
            leaders: BTreeMap::new(),
            truth: Vec::new(),
            done: BTreeSet::new(),
            interval,
        };
        for id in all {
            lab.start(id, true);
        }
        lab
    }

    fn first(&self) -> Members {
        let voters = self.all.iter().take(5);
        voters.map(|id| (*id, Kind::Voter)).collect()
    }

    pub(super) fn draw(&mut self, below: u64) -> u64 {
        self.draws += 1;
        dice::within(
            dice::roll(self.seed, Purpose::Fuzz, &[self.draws]),
            0,
            below - 1,
        )
    }

    pub(super) fn start(&mut self, id: SeatId, fresh: bool) {
        let first = (self.first(), Tape::default());
        let boot = if fresh {
            Boot::Fresh(first.0, first.1)
        } else {
            let disk = self.disks.entry(id).or_default();
            disk.synced = disk.entries.len();
            Boot::Recovered {
                persisted: disk.persisted,
                snapshot: disk.snapshot.clone(),
                entries: disk.entries.clone(),
                first,
            }
        };
        let mut server = Server::new(id, boot, self.interval);
        for other in self.all.clone() {
            if other != id && self.broken(id, other) {
                server.node(other, false);
            }
        }
        let mut out = Vec::new();
        server.start(&mut out);
        self.members.insert(
            id,
            Member {
                server,
                syncs: Vec::new(),
                timer: None,
            },
        );
        for other in self.all.clone() {
            if other != id && !self.broken(id, other) {
                self.link_up(id, other);
            }
        }
        self.carry_out(id, out);
    }

    fn link_up(&mut self, a: SeatId, b: SeatId) {
        for (x, y) in [(a, b), (b, a)] {
            if let Some(member) = self.members.get_mut(&x) {
                member.server.node(y, true);
            }
        }
    }

    fn broken(&self, a: SeatId, b: SeatId) -> bool {
        self.cut.contains(&(a, b)) || !self.members.contains_key(&b)
    }

    /// A connection breaks: what was on its way is lost, both ends learn it.
    pub(super) fn break_link(&mut self, a: SeatId, b: SeatId) {
        for (x, y) in [(a, b), (b, a)] {
            self.links.remove(&(x, y));
            let mut out = Vec::new();
            if let Some(member) = self.members.get_mut(&x) {
                member.server.node(y, false);
                if member.server.leader() == Some(y) {
                    member.server.leader_down(false, &mut out);
                }
            }
            self.carry_out(x, out);
        }
    }

    pub(super) fn crash(&mut self, id: SeatId, power: bool) {
        if self.members.remove(&id).is_none() {
            return;
        }
        if power {
            let disk = self.disks.entry(id).or_default();
            let rest = (disk.entries.len() - disk.synced) as u64;
            let kept = self.draw(rest + 1);
            let disk = self.disks.entry(id).or_default();
            disk.entries
                .truncate(disk.synced + usize::try_from(kept).unwrap());
        }
        for other in self.all.clone() {
            if other != id {
                self.break_link(id, other);
            }
        }
    }

    pub(super) fn partition(&mut self, side: &BTreeSet<SeatId>) {
        for a in self.all.clone() {
            for b in self.all.clone() {
                if side.contains(&a) != side.contains(&b) && self.cut.insert((a, b)) {
                    self.break_link(a, b);
                }
            }
        }
    }

    pub(super) fn heal(&mut self) {
        for (a, b) in std::mem::take(&mut self.cut) {
            if self.members.contains_key(&a) && self.members.contains_key(&b) {
                self.link_up(a, b);
            }
        }
    }

    pub(super) fn with(
        &mut self,
        id: SeatId,
        run: impl FnOnce(&mut Server<Tape>, Time, &mut Vec<Out<Tape>>),
    ) {
        let now = self.now;
        let mut out = Vec::new();
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        run(&mut member.server, now, &mut out);
        member.server.settle(&mut out);
        self.carry_out(id, out);
    }

    fn carry_out(&mut self, id: SeatId, out: Vec<Out<Tape>>) {
        for one in out {
            let disk = self.disks.entry(id).or_default();
            match one {
                Out::Persist(persisted) => disk.persisted = persisted,
                Out::Append(_, entry) => disk.entries.push(entry),
                Out::Truncate(index, _) => {
                    let keep = usize::try_from(index - disk.base).unwrap();
                    disk.entries.truncate(keep);
                    disk.synced = disk.synced.min(keep);
                    // A sync under way does not cover what is written in their place.
                    if let Some(member) = self.members.get_mut(&id) {
                        for (_, len) in &mut member.syncs {
                            *len = (*len).min(keep);
                        }
                    }
                }
                Out::Sync(token) => {
                    let len = disk.entries.len();
                    if let Some(member) = self.members.get_mut(&id) {
                        member.syncs.push((token, len));
                    }
                }
                Out::Snapshot(snapshot, before, all) => {
                    assert_eq!(before, disk.base);
                    let count = usize::try_from(snapshot.index - before).unwrap();
                    let drop = if all { disk.entries.len() } else { count };
                    disk.entries.drain(..drop);
                    disk.synced = disk.synced.saturating_sub(drop);
                    disk.base = snapshot.index;
                    disk.snapshot = Some(snapshot);
                    if let Some(member) = self.members.get_mut(&id) {
                        for (_, len) in &mut member.syncs {
                            *len = len.saturating_sub(drop);
                        }
                    }
                }
                Out::Send(to, rpc) => {
                    if !self.broken(id, to) {
                        self.links.entry((id, to)).or_default().push_back(rpc);
                    }
                }
                Out::Arm(delay) => self.set_timer(id, Some(delay)),
                Out::Disarm => self.set_timer(id, None),
                Out::Leads(term) => {
                    let before = self.leaders.insert(term, id);
                    assert!(
                        before.is_none_or(|b| b == id),
                        "two leaders in term {term}, seed {}",
                        self.seed
                    );
                }
                Out::Effect(command) => {
                    self.done.insert(command);
                }
                Out::Applied(_) => self.compare(id),
                Out::Deleted => {
                    self.members.remove(&id);
                }
                Out::Broken => panic!("broken, seed {}", self.seed),
                Out::Installed(..) | Out::Follows(_) | Out::Deposed => {}
            }
        }
    }

    fn set_timer(&mut self, id: SeatId, timer: Option<Delay>) {
        if let Some(member) = self.members.get_mut(&id) {
            member.timer = timer;
        }
    }

    /// What one member applied and what all applied never contradict each other.
    fn compare(&mut self, id: SeatId) {
        let Some(member) = self.members.get(&id) else {
            return;
        };
        let tape = &member.server.machine().0;
        let common = tape.len().min(self.truth.len());
        assert_eq!(
            tape[..common],
            self.truth[..common],
            "committed entries changed, seed {}",
            self.seed
        );
        if tape.len() > self.truth.len() {
            self.truth.clone_from(tape);
        }
    }

    pub(super) fn leader(&self) -> Option<SeatId> {
        self.members
            .iter()
            .filter(|(_, m)| m.server.role() == Role::Leader)
            .max_by_key(|(_, m)| m.server.term())
            .map(|(id, _)| *id)
    }

    /// Delivers the first message of one link. False: there is none.
    pub(super) fn deliver(&mut self) -> bool {
        let ready: Vec<_> = self
            .links
            .iter()
            .filter(|(_, queue)| !queue.is_empty())
            .map(|(link, _)| *link)
            .collect();
        if ready.is_empty() {
            return false;
        }
        let pick = self.draw(ready.len() as u64);
        let (from, to) = ready[usize::try_from(pick).unwrap()];
        let rpc = self
            .links
            .get_mut(&(from, to))
            .and_then(VecDeque::pop_front);
        if let Some(rpc) = rpc {
            self.with(to, |server, now, out| server.receive(from, rpc, now, out));
        }
        true
    }

    /// Completes one sync.
    pub(super) fn sync(&mut self) -> bool {
        let ready: Vec<_> = self
            .members
            .iter()
            .filter(|(_, m)| !m.syncs.is_empty())
            .map(|(id, _)| *id)
            .collect();
        if ready.is_empty() {
            return false;
        }
        let pick = self.draw(ready.len() as u64);
        let id = ready[usize::try_from(pick).unwrap()];
        if let Some(member) = self.members.get_mut(&id) {
            let (token, len) = member.syncs.remove(0);
            let disk = self.disks.entry(id).or_default();
            disk.synced = disk.synced.max(len.min(disk.entries.len()));
            self.with(id, |server, _, out| server.synced(token, out));
        }
        true
    }

    pub(super) fn fire(&mut self, id: SeatId) {
        if let Some(member) = self.members.get_mut(&id)
            && member.timer.take().is_some()
        {
            self.with(id, |server, now, out| server.election_timeout(now, out));
        }
    }

    /// Everything heals; the world runs until nothing more happens and there is a leader.
    pub(super) fn calm(&mut self) {
        self.heal();
        for id in self.all.clone() {
            if !self.members.contains_key(&id) {
                self.start(id, false);
            }
        }
        for round in 0..2_000 {
            while self.deliver() || self.sync() {}
            if self.leader().is_some() {
                for id in self.all.clone() {
                    self.with(id, |server, now, out| server.tick(now, out));
                }
                if self.agreed() {
                    return;
                }
            }
            let pick = usize::try_from(self.draw(self.all.len() as u64)).unwrap();
            if round % 2 == 1 || self.leader().is_none() {
                self.fire(self.all[pick]);
            }
        }
        panic!("no agreement, seed {}: {}", self.seed, self.picture());
    }

    fn picture(&self) -> String {
        let one = |(id, m): (&SeatId, &Member)| {
            let s = &m.server;
            format!(
                "{} {:?} term {} last {:?} written {:?} commit {} applied {} timer {:?}; ",
                id.0,
                s.role(),
                s.term(),
                s.log().last(),
                s.log().written(),
                s.commit(),
                s.applied(),
                m.timer
            )
        };
        self.members.iter().map(one).collect()
    }

    fn agreed(&self) -> bool {
        let Some(leader) = self.leader() else {
            return false;
        };
        let members = self.members[&leader].server.members().clone();
        let idle = self.links.values().all(VecDeque::is_empty);
        idle && members.keys().all(|id| {
            self.members.get(id).is_some_and(|m| {
                m.server.applied() == self.members[&leader].server.log().last().0
                    && m.server.machine() == self.members[&leader].server.machine()
            })
        })
    }
}
