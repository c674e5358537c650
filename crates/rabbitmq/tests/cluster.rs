//! Nodes that boot, lose sight of each other, pause, stop and come back.

use ackscope_kernel::world::Physics;
use ackscope_kernel::{Act, HostId, SeatId, Span, Time, Trace, What, World};
use ackscope_rabbitmq::facts::Fact;
use ackscope_rabbitmq::ids::{Name, Part};
use ackscope_rabbitmq::node::image::{AppliesTo, Policy};
use ackscope_rabbitmq::node::monitor::Phase;
use ackscope_rabbitmq::node::{Live, Node};
use ackscope_rabbitmq::params::Params;
use ackscope_rabbitmq::system::{
    Ctl, NodeSettings, Order, Pace, PartitionHandling, Rabbit, RabbitProcess, Role, Settings,
    Version,
};
use std::sync::Arc;

const N: [SeatId; 3] = [SeatId(0), SeatId(1), SeatId(2)];

struct Lab {
    world: World<Rabbit>,
    trace: Trace<Rabbit>,
}

impl Lab {
    /// Three nodes under Mnesia, all running.
    fn new(handling: PartitionHandling, seed: u64) -> Lab {
        Lab::with(Version::V3_10, handling, seed)
    }

    /// Three nodes under Khepri, all running.
    fn khepri(seed: u64) -> Lab {
        Lab::with(Version::V4_3, PartitionHandling::Ignore, seed)
    }

    fn with(version: Version, handling: PartitionHandling, seed: u64) -> Lab {
        let settings = Settings {
            version,
            roles: vec![Role::Node, Role::Node, Role::Node],
            names: vec!["".into()],
            node: Arc::new(NodeSettings {
                net_ticktime: Span::secs(6),
                khepri: version >= Version::V4_2,
                deny_transient_nonexcl: false,
                khepri_timeout: Span::secs(30),
                partition_handling: handling,
            }),
            params: Arc::new(Params::defaults(Version::V3_10.profile())),
            pace: Pace {
                boot_min: Span::secs(2),
                boot_max: Span::secs(3),
                stop: Span::secs(1),
                write: (Span(15), Span(40)),
            },
        };
        let mut world = World::new(seed, settings, Physics::default());
        let mut trace = Trace::default();
        for name in ["n1", "n2", "n3"] {
            let seat = world.add(name);
            world.apply(Act::Start(seat), &mut trace);
        }
        let mut lab = Lab { world, trace };
        lab.run(Span::secs(10));
        for node in N {
            assert_eq!(lab.sees(node), N.to_vec(), "node {node:?} after the boot");
        }
        lab
    }

    fn run(&mut self, span: Span) {
        let until = self.world.now() + span;
        while self.world.next_due().is_some_and(|due| due <= until) {
            self.world.step(&mut self.trace);
        }
        self.world.advance_clock(until);
    }

    fn act(&mut self, act: Act<Rabbit>) {
        self.world.apply(act, &mut self.trace);
    }

    fn node(&self, seat: SeatId) -> Option<&Node> {
        match self.world.process(seat).map(|process| &**process) {
            Some(RabbitProcess::Node(node)) => Some(node),
            _ => None,
        }
    }

    /// The nodes that this one holds for running.
    fn sees(&self, seat: SeatId) -> Vec<SeatId> {
        self.node(seat)
            .map(|node| node.cluster().running.iter().copied().collect())
            .unwrap_or_default()
    }

    fn phase(&self, seat: SeatId) -> Option<Phase> {
        match self.node(seat)?.part(Part::Monitor) {
            Some(Live::Monitor(monitor)) => Some(monitor.phase),
            _ => None,
        }
    }

    /// Cuts n1 off from the others.
    fn cut_n1(&mut self) {
        let host = |at: usize| -> HostId { self.world.host(N[at]) };
        let (one, rest) = (vec![host(0)], vec![host(1), host(2)]);
        self.act(Act::Cut(one.clone(), rest.clone()));
        self.act(Act::Cut(rest, one));
    }

    fn facts(&self, seat: SeatId) -> Vec<(Time, Fact)> {
        self.trace
            .range(0, self.trace.len())
            .map(|(_, entry)| entry)
            .filter(|entry| entry.seat == seat)
            .filter_map(|entry| match &entry.what {
                What::Note(fact) => Some((entry.at, fact.clone())),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn a_killed_node_is_missed_at_once_and_comes_back() {
    let mut lab = Lab::new(PartitionHandling::Ignore, 1);
    lab.act(Act::Crash(N[0]));
    lab.run(Span::ms(100));
    assert_eq!(lab.sees(N[1]), vec![N[1], N[2]]);
    assert_eq!(lab.sees(N[2]), vec![N[1], N[2]]);
    lab.act(Act::Start(N[0]));
    lab.run(Span::secs(6));
    for node in N {
        assert_eq!(lab.sees(node), N.to_vec());
    }
}

#[test]
fn a_cut_is_noticed_within_the_tick_time_and_a_quarter() {
    for seed in 1..=20 {
        let mut lab = Lab::new(PartitionHandling::Ignore, seed);
        lab.cut_n1();
        let cut = lab.world.now();
        lab.run(Span::secs(9));
        assert_eq!(lab.sees(N[0]), vec![N[0]]);
        assert_eq!(lab.sees(N[1]), vec![N[1], N[2]]);
        for (at, fact) in lab.facts(N[1]) {
            if matches!(fact, Fact::NodeDownSeen { .. }) && at > cut {
                let after = at.since(cut);
                assert!(after >= Span::ms(4_400), "seed {seed}: after {after:?}");
                assert!(after <= Span::ms(7_600), "seed {seed}: after {after:?}");
            }
        }
    }
}

#[test]
fn under_ignore_a_healed_partition_stays_until_a_side_restarts() {
    let mut lab = Lab::new(PartitionHandling::Ignore, 3);
    lab.cut_n1();
    lab.run(Span::secs(10));
    lab.act(Act::Heal);
    lab.run(Span::secs(10));
    assert_eq!(lab.sees(N[0]), vec![N[0]]);
    assert_eq!(lab.sees(N[1]), vec![N[1], N[2]]);
    let apart = lab.node(N[0]).map(|node| node.cluster().partitioned.len());
    assert_eq!(apart, Some(2));
    lab.act(Act::Crash(N[0]));
    lab.act(Act::Start(N[0]));
    lab.run(Span::secs(8));
    for node in N {
        assert_eq!(lab.sees(node), N.to_vec());
        let apart = lab.node(node).map(|node| node.cluster().partitioned.len());
        assert_eq!(apart, Some(0));
    }
}

#[test]
fn a_minority_pauses_and_comes_back() {
    let mut lab = Lab::new(PartitionHandling::PauseMinority, 4);
    lab.cut_n1();
    lab.run(Span::secs(12));
    assert_eq!(lab.phase(N[0]), Some(Phase::Paused));
    assert_eq!(lab.phase(N[1]), Some(Phase::Running));
    lab.act(Act::Heal);
    lab.run(Span::secs(12));
    for node in N {
        assert_eq!(lab.sees(node), N.to_vec());
    }
}

#[test]
fn autoheal_restarts_the_smaller_side() {
    let mut lab = Lab::new(PartitionHandling::Autoheal, 5);
    lab.cut_n1();
    lab.run(Span::secs(10));
    assert_eq!(lab.phase(N[0]), Some(Phase::Running));
    lab.act(Act::Heal);
    lab.run(Span::secs(15));
    for node in N {
        assert_eq!(lab.sees(node), N.to_vec());
    }
    let winners = lab
        .facts(N[0])
        .into_iter()
        .find_map(|(_, fact)| match fact {
            Fact::AutohealDecided { winners } => Some(winners),
            _ => None,
        });
    assert_eq!(winners, Some(vec![N[1], N[2]]));
}

#[test]
fn the_last_to_stop_has_to_start_first() {
    let mut lab = Lab::new(PartitionHandling::Ignore, 6);
    for node in [N[2], N[1], N[0]] {
        lab.act(Act::Stop(node));
        lab.run(Span::secs(3));
        assert!(lab.node(node).is_none(), "{node:?} has ended");
    }
    lab.act(Act::Start(N[1]));
    lab.act(Act::Start(N[2]));
    lab.run(Span::secs(30));
    assert_eq!(lab.phase(N[1]), Some(Phase::Waiting));
    assert_eq!(lab.phase(N[2]), Some(Phase::Waiting));
    lab.act(Act::Start(N[0]));
    lab.run(Span::secs(6));
    for node in N {
        assert_eq!(lab.sees(node), N.to_vec());
    }
}

#[test]
fn three_that_were_killed_at_once_come_up_together() {
    let mut lab = Lab::new(PartitionHandling::Ignore, 7);
    for node in N {
        lab.act(Act::Crash(node));
    }
    for node in N {
        lab.act(Act::Start(node));
    }
    lab.run(Span::secs(12));
    for node in N {
        assert_eq!(lab.sees(node), N.to_vec());
    }
}

#[test]
fn a_frozen_node_is_given_up_and_found_partitioned_when_it_thaws() {
    let mut lab = Lab::new(PartitionHandling::Ignore, 8);
    lab.act(Act::Freeze(N[0]));
    lab.run(Span::secs(10));
    assert_eq!(lab.sees(N[1]), vec![N[1], N[2]]);
    lab.act(Act::Thaw(N[0]));
    lab.run(Span::secs(5));
    let apart = lab.node(N[1]).map(|node| node.cluster().partitioned.len());
    assert_eq!(apart, Some(1));
}

#[test]
fn under_khepri_nodes_run_as_soon_as_a_majority_is_there() {
    for seed in 1..=10 {
        let mut lab = Lab::khepri(seed);
        for node in N {
            lab.act(Act::Crash(node));
        }
        lab.act(Act::Start(N[1]));
        lab.run(Span::secs(20));
        assert_eq!(lab.phase(N[1]), Some(Phase::Waiting), "seed {seed}: alone");
        lab.act(Act::Start(N[2]));
        lab.run(Span::secs(12));
        assert_eq!(lab.sees(N[1]), vec![N[1], N[2]], "seed {seed}");
        lab.act(Act::Start(N[0]));
        lab.run(Span::secs(8));
        for node in N {
            assert_eq!(lab.sees(node), N.to_vec(), "seed {seed}");
        }
    }
}

#[test]
fn under_khepri_a_healed_cut_leaves_no_trace() {
    for seed in 1..=10 {
        let mut lab = Lab::khepri(seed);
        lab.cut_n1();
        lab.run(Span::secs(10));
        assert_eq!(lab.sees(N[0]), vec![N[0]]);
        lab.act(Act::Heal);
        lab.run(Span::secs(6));
        for node in N {
            assert_eq!(lab.sees(node), N.to_vec(), "seed {seed}");
        }
    }
}

#[test]
fn under_khepri_a_policy_needs_a_majority() {
    for seed in 1..=10 {
        let mut lab = Lab::khepri(seed);
        lab.cut_n1();
        lab.run(Span::secs(20));
        let policy = |name: u16| Policy {
            name: Name(name),
            pattern: ".*".into(),
            applies_to: AppliesTo::All,
            priority: 0,
            definition: Arc::default(),
            operator: false,
        };
        lab.act(Act::Order(N[0], Order::Ctl(Ctl::SetPolicy(policy(1)))));
        lab.act(Act::Order(N[1], Order::Ctl(Ctl::SetPolicy(policy(2)))));
        lab.run(Span::secs(2));
        let policies = |lab: &Lab, node: SeatId| -> Vec<Name> {
            let image = lab.node(node).map(|node| node.image().clone());
            let policies = image.unwrap_or_default().policies;
            policies.keys().map(|(_, name)| *name).collect()
        };
        assert_eq!(policies(&lab, N[0]), vec![], "seed {seed}: the minority");
        assert_eq!(
            policies(&lab, N[1]),
            vec![Name(2)],
            "seed {seed}: the majority"
        );
        assert_eq!(
            policies(&lab, N[2]),
            vec![Name(2)],
            "seed {seed}: the majority"
        );
        lab.run(Span::secs(40));
        let answers = |node: SeatId| -> Vec<bool> {
            let facts = lab.facts(node).into_iter();
            facts
                .filter_map(|(_, fact)| match fact {
                    Fact::PolicySet { result, .. } => Some(result.is_ok()),
                    _ => None,
                })
                .collect()
        };
        assert_eq!(answers(N[0]), vec![false], "seed {seed}");
        assert_eq!(answers(N[1]), vec![true], "seed {seed}");
        lab.act(Act::Heal);
        lab.run(Span::secs(20));
        for node in N {
            assert!(policies(&lab, node).contains(&Name(2)), "seed {seed}");
            assert_eq!(policies(&lab, node), policies(&lab, N[2]), "seed {seed}");
        }
    }
}
