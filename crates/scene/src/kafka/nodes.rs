//! The boxes of nodes: title, badges, lines.

use super::{Scene, controller_image, leader, partitions_on, replica, seat, shown_partitions};
use crate::drawable::{Badge, Drawable, Node, NodeState, Role, Tone};
use crate::layout::{LayoutRequest, NodeRequest, Placed};
use crate::logs::LogFile;
use crate::phrase::Phrase;
use ackscope_kafka::system::Role as Seated;
use ackscope_kafka::{Kafka, KafkaProcess, Tp};
use ackscope_kernel::world::Status;
use ackscope_kernel::{SeatId, World};

/// What must find room on a stage of this size.
#[must_use]
pub fn layout_request(world: &World<Kafka>, width: u32, height: u32) -> LayoutRequest {
    let mut nodes = Vec::new();
    for id in world.seats() {
        let role = role_of(world, id);
        let strips = if role == Role::Broker {
            partitions_on(world, id).len()
        } else {
            0
        };
        // Who only looks stands on the stage while it looks.
        if role == Role::Observer && world.status(id).0 == Status::Down {
            continue;
        }
        nodes.push(NodeRequest {
            seat: seat(id),
            role,
            lines: match role {
                Role::Broker => 1,
                Role::Controller => {
                    u32::try_from(shown_partitions(world).len().clamp(1, 2)).unwrap_or(2)
                }
                // Clients are narrow: their badges stand in a line of their own.
                Role::Producer | Role::Consumer | Role::Observer => 3,
            },
            strips: u32::try_from(strips).unwrap_or(0),
            buttons: matches!(role, Role::Producer | Role::Consumer),
        });
    }
    LayoutRequest {
        width,
        height,
        nodes,
    }
}

/// What a seat is.
#[must_use]
pub fn role_of(world: &World<Kafka>, id: SeatId) -> Role {
    match world.settings().roles.get(usize::from(id.0)) {
        Some(Seated::Controller) => Role::Controller,
        Some(Seated::Broker) => Role::Broker,
        Some(Seated::Producer(_)) => Role::Producer,
        Some(Seated::Consumer(_)) => Role::Consumer,
        Some(Seated::Observer) | None => Role::Observer,
    }
}

/// Whether a seat works, and since when.
#[must_use]
pub fn state_of(world: &World<Kafka>, id: SeatId) -> (NodeState, u64) {
    let (status, since) = world.status(id);
    let state = match status {
        Status::Running => NodeState::Running,
        Status::Frozen => NodeState::Frozen,
        Status::Down if world.powered(world.host(id)) => NodeState::Down,
        Status::Down => NodeState::Off,
    };
    (state, since.0)
}

impl Scene<'_> {
    pub(super) fn nodes(&self, out: &mut Vec<Drawable>) {
        for placed in &self.layout.nodes {
            let Ok(id) = u16::try_from(placed.seat) else {
                continue;
            };
            out.push(Drawable::Node(self.node(placed, SeatId(id))));
        }
    }

    fn node(&self, placed: &Placed, id: SeatId) -> Node {
        let (state, since) = state_of(self.world, id);
        let name = self.world.name(id);
        let (badges, lines) = match placed.role {
            Role::Controller => self.of_controller(),
            Role::Broker => self.of_broker(id, state),
            Role::Producer => self.of_producer(id),
            Role::Consumer | Role::Observer => self.of_consumer(id),
        };
        let mut all = Vec::new();
        let since_us = self.since_zero(since);
        match state {
            NodeState::Running => {}
            NodeState::Frozen => {
                all.push(badge(
                    Phrase::new("stage-frozen").with("at", crate::Arg::Time(since_us)),
                    Tone::Warn,
                ));
            }
            // A client that was not started yet is nothing to worry about.
            NodeState::Down
                if since <= self.zero_us
                    && !matches!(placed.role, Role::Broker | Role::Controller) =>
            {
                all.push(badge(Phrase::new("stage-not-started"), Tone::Plain));
            }
            NodeState::Down => {
                all.push(badge(
                    Phrase::new("stage-down").with("at", crate::Arg::Time(since_us)),
                    Tone::Bad,
                ));
            }
            NodeState::Off => {
                all.push(badge(
                    Phrase::new("stage-off").with("at", crate::Arg::Time(since_us)),
                    Tone::Bad,
                ));
            }
        }
        all.extend(badges);
        Node {
            key: name.to_owned(),
            seat: placed.seat,
            role: placed.role,
            rect: placed.rect,
            title: title(placed.role, name),
            state,
            since_us,
            leads: placed.role == Role::Broker
                && state == NodeState::Running
                && partitions_on(self.world, id)
                    .iter()
                    .any(|tp| leader(self.world, *tp).0 == Some(id)),
            selected: self.node == Some(placed.seat),
            badges: all,
            badges_below: matches!(
                placed.role,
                Role::Producer | Role::Consumer | Role::Observer
            ),
            lines,
            buttons: placed.buttons,
        }
    }

    fn of_controller(&self) -> (Vec<Badge>, Vec<Phrase>) {
        let Some(image) = controller_image(self.world) else {
            return Default::default();
        };
        let names = self.names();
        let fenced: Vec<SeatId> = image
            .brokers
            .iter()
            .filter(|(_, reg)| reg.fenced)
            .map(|(broker, _)| *broker)
            .collect();
        let mut badges = Vec::new();
        if !fenced.is_empty() {
            let text = Phrase::new("stage-fenced").with("nodes", names.seats(&fenced));
            badges.push(badge(text, Tone::Warn));
        }
        let tps = shown_partitions(self.world);
        let lines = tps.iter().filter_map(|tp| {
            let state = image.partitions.get(tp)?;
            Some(
                Phrase::new("stage-isr")
                    .with("partition", names.tp(*tp))
                    .with("isr", names.seats(&state.isr))
                    .with("elr", names.seats(&state.elr)),
            )
        });
        let mut lines: Vec<Phrase> = lines.collect();
        if lines.len() > 2 {
            let more = i64::try_from(lines.len() - 1).unwrap_or(0);
            lines.truncate(1);
            lines.push(Phrase::new("stage-more-partitions").with("count", more));
        }
        (badges, lines)
    }

    fn of_broker(&self, id: SeatId, state: NodeState) -> (Vec<Badge>, Vec<Phrase>) {
        let tps = partitions_on(self.world, id);
        let up = matches!(state, NodeState::Running | NodeState::Frozen);
        let mut badges = Vec::new();
        let image = controller_image(self.world);
        let states: Vec<_> = tps
            .iter()
            .filter_map(|tp| image?.partitions.get(tp))
            .collect();
        let led = states
            .iter()
            .filter(|state| state.leader == Some(id))
            .count();
        let in_isr = states
            .iter()
            .filter(|state| state.isr.contains(&id))
            .count();
        if led > 0 {
            let text = match states.len() {
                1 => Phrase::new("stage-leader"),
                all => Phrase::new("stage-leads")
                    .with("count", number(led))
                    .with("of", number(all)),
            };
            badges.push(badge(text, Tone::Accent));
        } else if up && !states.is_empty() {
            badges.push(badge(Phrase::new("stage-follower"), Tone::Plain));
        }
        if in_isr > 0 {
            badges.push(badge(Phrase::plain("ISR"), Tone::Plain));
        } else if states.iter().any(|state| state.elr.contains(&id)) {
            badges.push(badge(Phrase::plain("ELR"), Tone::Warn));
        }
        if image
            .and_then(|image| image.brokers.get(&id))
            .is_some_and(|reg| reg.fenced)
            && up
        {
            badges.push(badge(Phrase::new("stage-is-fenced"), Tone::Warn));
        }
        (badges, vec![self.broker_line(id, &tps, up)])
    }

    /// "epoch 6 · page cache 2 records, synced to 4".
    fn broker_line(&self, id: SeatId, tps: &[Tp], up: bool) -> Phrase {
        let mut unsynced = 0;
        let mut synced_end = None;
        for tp in tps {
            if let Some(log) = LogFile::open(self.world, id, *tp) {
                unsynced += log.end() - log.synced_end();
                synced_end = Some(log.synced_end());
            }
        }
        let epoch = match tps {
            [tp] if up => replica(self.world, id, *tp).map(|replica| replica.leader_epoch()),
            _ => None,
        };
        match (tps.len(), epoch.filter(|epoch| *epoch >= 0)) {
            (1, Some(epoch)) => Phrase::new("stage-broker-epoch")
                .with("epoch", epoch)
                .with("unsynced", unsynced)
                .with("synced", synced_end.unwrap_or(0)),
            (1, None) => Phrase::new("stage-broker-one")
                .with("unsynced", unsynced)
                .with("synced", synced_end.unwrap_or(0)),
            _ => Phrase::new("stage-broker-all").with("unsynced", unsynced),
        }
    }

    fn of_producer(&self, id: SeatId) -> (Vec<Badge>, Vec<Phrase>) {
        let tally = self.account.tally(id);
        let waiting = tally.offered.saturating_sub(tally.acked + tally.failed);
        let mut badges = Vec::new();
        if tally.failed > 0 {
            badges.push(badge(
                Phrase::new("stage-failed").with("count", tally.failed),
                Tone::Bad,
            ));
        }
        let lines = vec![
            Phrase::new("stage-waiting").with("count", waiting),
            Phrase::new("stage-acked").with("count", tally.acked),
        ];
        (badges, lines)
    }

    fn of_consumer(&self, id: SeatId) -> (Vec<Badge>, Vec<Phrase>) {
        let tally = self.account.tally(id);
        let settings = self.world.settings();
        let group = match settings.roles.get(usize::from(id.0)) {
            Some(Seated::Consumer(program)) => program
                .group
                .and_then(|g| settings.groups.get(usize::from(g))),
            _ => None,
        };
        let group = match group {
            Some(group) => Phrase::new("stage-group").with("group", group.to_string()),
            None => Phrase::new("stage-no-group"),
        };
        let process = self.world.process(id).map(|process| &**process);
        let Some(KafkaProcess::Consumer(consumer)) = process else {
            return (
                Vec::new(),
                vec![
                    group,
                    Phrase::new("stage-processed").with("count", tally.processed),
                ],
            );
        };
        let badges = vec![badge(group, Tone::Plain)];
        let known = |offset: Option<i64>| {
            offset.map_or_else(|| "—".to_owned(), |offset| offset.to_string())
        };
        let parts: Vec<_> = consumer.partitions().collect();
        match parts.as_slice() {
            [] => (
                badges,
                vec![
                    Phrase::new("stage-owns-nothing"),
                    Phrase::new("stage-processed").with("count", tally.processed),
                ],
            ),
            [part] => {
                let position = Phrase::new("stage-position").with("offset", known(part.position));
                (
                    badges,
                    vec![
                        position,
                        Phrase::new("stage-committed").with("offset", known(part.committed)),
                    ],
                )
            }
            all => {
                let owns = Phrase::new("stage-owns").with("count", number(all.len()));
                (
                    badges,
                    vec![
                        owns,
                        Phrase::new("stage-processed").with("count", tally.processed),
                    ],
                )
            }
        }
    }
}

/// A node's title.
#[must_use]
pub fn title(role: Role, name: &str) -> Phrase {
    let key = match role {
        Role::Controller => "stage-title-controller",
        Role::Broker => "stage-title-broker",
        Role::Producer => "stage-title-producer",
        Role::Consumer => "stage-title-consumer",
        Role::Observer => "stage-title-observer",
    };
    Phrase::new(key).with("name", name)
}

fn badge(text: Phrase, tone: Tone) -> Badge {
    Badge { text, tone }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
