//! Who was hit, by role: the leader of a partition, one of its followers, or a process by its name. A
//! role has another holder in another run.

use ackscope_kafka::Kafka;
use ackscope_kafka::Tp;
use ackscope_kafka::metadata::Image;
use ackscope_kernel::World;

use crate::founding::tp_name;
use crate::recipe::image;
use crate::scenario::act::{PlannedAct, Target};

/// What a process was when it was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It led this partition.
    Leader(Tp),
    /// It was a replica of it: the n-th in assignment order, the leader left out.
    Follower(Tp, usize),
    /// Whatever it was, it is meant by its name.
    Itself,
}

impl Role {
    /// The role of a process in view of partitions, the most important first: the first that it led or
    /// followed decides.
    pub(super) fn of(name: &str, world: &World<Kafka>, image: &Image, partitions: &[Tp]) -> Role {
        let Some(seat) = world.seat_named(name) else {
            return Role::Itself;
        };
        for tp in partitions {
            let Some(state) = image.partitions.get(tp) else {
                continue;
            };
            if state.leader == Some(seat) {
                return Role::Leader(*tp);
            }
            let others = state.replicas.iter().filter(|r| Some(**r) != state.leader);
            if state.leader.is_some()
                && let Some(at) = others.into_iter().position(|replica| *replica == seat)
            {
                return Role::Follower(*tp, at);
            }
        }
        Role::Itself
    }

    /// Who has the role now; nobody while the partition has no leader.
    pub(super) fn holder(self, name: &str, world: &World<Kafka>) -> Option<String> {
        let (tp, at) = match self {
            Role::Itself => return Some(name.to_owned()),
            Role::Leader(tp) => (tp, None),
            Role::Follower(tp, at) => (tp, Some(at)),
        };
        let state = image(world)?.partitions.get(&tp)?;
        let leader = state.leader?;
        let seat = match at {
            None => leader,
            Some(at) => {
                let mut others = state.replicas.iter().filter(|replica| **replica != leader);
                *others.nth(at)?
            }
        };
        Some(world.name(seat).to_owned())
    }

    /// Its words.
    pub(super) fn text(self, name: &str, world: &World<Kafka>) -> String {
        let of = |tp| tp_name(world.settings(), tp);
        match self {
            Role::Leader(tp) => format!("leader of {}", of(tp)),
            Role::Follower(tp, at) => format!("follower {} of {}", at + 1, of(tp)),
            Role::Itself => name.to_owned(),
        }
    }
}

/// The same act on others: `other` says for each name whom it stands for.
pub(super) fn renamed(act: &PlannedAct, other: &mut dyn FnMut(&str) -> String) -> PlannedAct {
    let mut one = |target: &Target| match target {
        Target::Named(name) => Target::Named(other(name)),
        role => role.clone(),
    };
    let mut act = act.clone();
    match &mut act {
        PlannedAct::Crash(whom)
        | PlannedAct::Stop(whom)
        | PlannedAct::Start(whom)
        | PlannedAct::Freeze(whom)
        | PlannedAct::Thaw(whom)
        | PlannedAct::PowerOff(whom, _)
        | PlannedAct::Wipe(whom) => whom.iter_mut().for_each(|target| *target = one(target)),
        PlannedAct::Cut { groups, .. } | PlannedAct::Mend { groups, .. } => {
            let all = groups.iter_mut().flatten();
            all.for_each(|target| *target = one(target));
        }
        PlannedAct::Slow { from, to, .. } | PlannedAct::Lose { from, to, .. } => {
            *from = one(from);
            *to = one(to);
        }
        PlannedAct::SlowDisk(whose, _)
        | PlannedAct::FillDisk(whose, _)
        | PlannedAct::Fire(whose, _) => *whose = one(whose),
        PlannedAct::Packet(_, packet) => {
            packet.from = other(&packet.from);
            packet.to = other(&packet.to);
        }
        PlannedAct::Heal | PlannedAct::Order(..) | PlannedAct::Set(_) | PlannedAct::Unset(_) => {}
    }
    act
}

/// The names in an act, each once, in order.
pub(super) fn names(act: &PlannedAct) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    renamed(act, &mut |name| {
        if !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
        name.to_owned()
    });
    all
}

/// What an act does to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Work for a client, a setting, or something else that goes by the clock.
    Timed,
    /// A fault.
    Strike,
    /// The end of one.
    Recovery,
}

impl Sort {
    pub(super) fn of(act: &PlannedAct) -> Sort {
        use crate::scenario::act::PacketAct;
        match act {
            PlannedAct::Order(..) | PlannedAct::Set(_) | PlannedAct::Unset(_) => Sort::Timed,
            PlannedAct::Start(_)
            | PlannedAct::Thaw(_)
            | PlannedAct::Mend { .. }
            | PlannedAct::Heal
            | PlannedAct::Slow { by_us: 0, .. }
            | PlannedAct::Lose { ppm: 0, .. }
            | PlannedAct::SlowDisk(_, 0)
            | PlannedAct::FillDisk(_, false)
            | PlannedAct::Packet(PacketAct::Release, _) => Sort::Recovery,
            _ => Sort::Strike,
        }
    }
}
