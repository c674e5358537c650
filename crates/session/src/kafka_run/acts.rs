//! From an intent to an act by name, and what can be done to something now.

use super::KafkaRun;
use crate::command::{Act, Keep, Target as On};
use crate::recipe::Lookup;
use crate::scenario::act::{ClientOrder, Kept, Messages, PacketAct, Place, PlannedAct, Target};
use crate::topology::ClientRole;
use crate::view::ActView;
use ackscope_kernel::world::Status;
use ackscope_kernel::{EntryId, FlightState, SeatId};
use ackscope_scene::drawable::Role;
use ackscope_scene::kafka::role_of;
use ackscope_scene::phrase::Phrase;

/// By how much a slow link and a slow disk are slower, when a menu makes them so.
const SLOW_US: u64 = 50_000;
/// Which share of packets a bad link loses, when a menu makes it so.
const LOSE_PPM: u32 = 200_000;

fn named(node: &str) -> Vec<Target> {
    vec![Target::Named(node.to_owned())]
}

impl KafkaRun {
    /// The act by name, as recipes write it.
    ///
    /// # Errors
    /// The packet is not in flight any more, or the node is no producer.
    pub(super) fn planned(&self, act: &Act) -> Result<PlannedAct, String> {
        let world = self.history.world();
        let one = |node: &str| Target::Named(node.to_owned());
        let groups = |from: &[String], to: &[String]| {
            vec![
                from.iter().map(|node| one(node)).collect(),
                to.iter().map(|node| one(node)).collect(),
            ]
        };
        let rest = |node: &str, servers: bool| -> Vec<String> {
            let server =
                |seat: &SeatId| matches!(role_of(world, *seat), Role::Broker | Role::Controller);
            world
                .seats()
                .filter(|seat| world.name(*seat) != node && (!servers || server(seat)))
                .map(|seat| world.name(seat).to_owned())
                .collect()
        };
        Ok(match act {
            Act::Crash { node } => PlannedAct::Crash(named(node)),
            Act::Stop { node } => PlannedAct::Stop(named(node)),
            Act::Start { node } => PlannedAct::Start(named(node)),
            Act::Freeze { node } => PlannedAct::Freeze(named(node)),
            Act::Thaw { node } => PlannedAct::Thaw(named(node)),
            Act::PowerOff { node, keep } => PlannedAct::PowerOff(
                named(node),
                match keep {
                    Keep::Synced => Kept::Synced,
                    Keep::Drawn => Kept::Drawn,
                    Keep::Records(more) => Kept::Records(*more),
                    Keep::All => Kept::All,
                },
            ),
            Act::Wipe { node } => PlannedAct::Wipe(named(node)),
            Act::Cut { from, to, both } => PlannedAct::Cut {
                groups: groups(from, to),
                one_way: !both,
            },
            Act::Mend { from, to, both } => PlannedAct::Mend {
                groups: groups(from, to),
                one_way: !both,
            },
            Act::Isolate { node } => PlannedAct::Cut {
                groups: groups(std::slice::from_ref(node), &rest(node, false)),
                one_way: false,
            },
            Act::IsolateFromServers { node } => PlannedAct::Cut {
                groups: groups(std::slice::from_ref(node), &rest(node, true)),
                one_way: false,
            },
            Act::Heal => PlannedAct::Heal,
            Act::Slow { from, to, by_us } => PlannedAct::Slow {
                from: one(from),
                to: one(to),
                by_us: *by_us,
            },
            Act::Lose { from, to, ppm } => PlannedAct::Lose {
                from: one(from),
                to: one(to),
                ppm: *ppm,
            },
            Act::SlowDisk { node, by_us } => PlannedAct::SlowDisk(one(node), *by_us),
            Act::FillDisk { node, full } => PlannedAct::FillDisk(one(node), *full),
            Act::Hold { entry } => self.packet(PacketAct::Hold, *entry)?,
            Act::Release { entry } => self.packet(PacketAct::Release, *entry)?,
            Act::Drop { entry } => self.packet(PacketAct::Drop, *entry)?,
            Act::Deliver { entry } => self.packet(PacketAct::Deliver, *entry)?,
            Act::Produce { node, count } => self.produce(node, *count)?,
            Act::RunProgram { node, on: true } => {
                PlannedAct::Order(node.clone(), ClientOrder::Resume)
            }
            Act::RunProgram { node, on: false } => {
                PlannedAct::Order(node.clone(), ClientOrder::Pause)
            }
        })
    }

    fn packet(&self, what: PacketAct, entry: u32) -> Result<PlannedAct, String> {
        let lookup = Lookup::new(self.history.world());
        let name = lookup.packet_name(self.history.trace(), self.zero_entry, EntryId(entry));
        name.map(|name| PlannedAct::Packet(what, name))
            .ok_or_else(|| format!("event {entry} sent no packet"))
    }

    /// The next messages of a producer, to the topic of its program.
    fn produce(&self, node: &str, count: u32) -> Result<PlannedAct, String> {
        let client = self
            .topology
            .clients
            .iter()
            .find(|client| client.name == node);
        let Some(ClientRole::Producer(program)) = client.map(|client| &client.role) else {
            return Err(format!("{node} is no producer"));
        };
        let seat = self.history.world().seat_named(node);
        let used = self
            .history
            .ledger()
            .rows()
            .filter(|(key, _)| Some(key.origin) == seat);
        // The program itself numbers up to its end: what a person sends comes after that.
        let used = used
            .map(|(key, _)| key.number)
            .max()
            .unwrap_or(0)
            .max(program.stop_after);
        let topic = match self
            .topology
            .topics
            .iter()
            .find(|topic| program.topic.is_empty() || topic.name == program.topic)
        {
            Some(topic) => topic.name.clone(),
            None => return Err(format!("there is no topic {}", program.topic)),
        };
        let to = match program.partition {
            Some(partition) => Place::Partition(format!("{topic}-{partition}")),
            None => Place::Topic(topic),
        };
        let messages = vec![Messages {
            producer: Some(node.to_owned()),
            first: used + 1,
            last: used + count.max(1),
        }];
        let order = ClientOrder::Send {
            messages,
            to,
            size: program.size,
            pace_us: 0,
            age_ms: 0,
        };
        Ok(PlannedAct::Order(node.to_owned(), order))
    }

    pub(super) fn acts_view(&self, target: &On) -> Vec<ActView> {
        match target {
            On::Node(name) => self.acts_on_node(name),
            On::Link(a, b) => self.acts_on_link(a, b),
            On::Token(entry) => self.acts_on_packet(*entry),
        }
    }

    fn acts_on_node(&self, name: &str) -> Vec<ActView> {
        let world = self.history.world();
        let Some(seat) = world.seat_named(name) else {
            return Vec::new();
        };
        let node = name.to_owned();
        let (role, (status, _)) = (role_of(world, seat), world.status(seat));
        let host = world.host(seat);
        let mut acts = Vec::new();
        let mut offer = |act: Act, key: &'static str, hot: bool, primary: bool| {
            acts.push(view(act, key, hot, primary));
        };
        match status {
            Status::Running => {
                offer(Act::Crash { node: node.clone() }, "do-crash", true, true);
                if role == Role::Producer {
                    offer(
                        Act::Produce {
                            node: node.clone(),
                            count: 1,
                        },
                        "do-send",
                        false,
                        true,
                    );
                    offer(
                        Act::Produce {
                            node: node.clone(),
                            count: 10,
                        },
                        "do-send-ten",
                        false,
                        false,
                    );
                }
                if let Some(runs) = self.program_runs(name) {
                    let key = if runs { "do-pause" } else { "do-run" };
                    offer(
                        Act::RunProgram {
                            node: node.clone(),
                            on: !runs,
                        },
                        key,
                        false,
                        false,
                    );
                }
                offer(Act::Freeze { node: node.clone() }, "do-freeze", true, false);
                offer(Act::Stop { node: node.clone() }, "do-stop", false, false);
            }
            Status::Frozen => {
                offer(Act::Thaw { node: node.clone() }, "do-thaw", false, true);
                offer(Act::Crash { node: node.clone() }, "do-crash", true, false);
            }
            Status::Down => offer(Act::Start { node: node.clone() }, "do-start", false, true),
        }
        if world.powered(host) {
            offer(
                Act::PowerOff {
                    node: node.clone(),
                    keep: Keep::Synced,
                },
                "do-power-off",
                true,
                false,
            );
            offer(
                Act::PowerOff {
                    node: node.clone(),
                    keep: Keep::Drawn,
                },
                "do-power-off-drawn",
                true,
                false,
            );
        }
        if status == Status::Down && role == Role::Broker {
            offer(Act::Wipe { node: node.clone() }, "do-wipe", true, false);
        }
        let cut = world
            .links()
            .any(|((from, to), link)| link.cut && (from == host || to == host));
        offer(
            Act::Isolate { node: node.clone() },
            "do-isolate",
            true,
            status != Status::Down && role == Role::Broker,
        );
        if role == Role::Broker {
            offer(
                Act::IsolateFromServers { node: node.clone() },
                "do-isolate-servers",
                true,
                false,
            );
            let slow = self.disk_is_slow(name);
            offer(
                Act::SlowDisk {
                    node: node.clone(),
                    by_us: if slow { 0 } else { SLOW_US },
                },
                if slow { "do-fast-disk" } else { "do-slow-disk" },
                !slow,
                false,
            );
            let full = world.disk(seat).full;
            let key = if full {
                "do-empty-disk"
            } else {
                "do-fill-disk"
            };
            offer(
                Act::FillDisk {
                    node: node.clone(),
                    full: !full,
                },
                key,
                !full,
                false,
            );
        }
        if cut {
            offer(Act::Heal, "do-heal", false, true);
        }
        acts
    }

    /// The last act before the cursor of which `read` makes something.
    fn last_done<T>(&self, read: impl Fn(&PlannedAct) -> Option<T>) -> Option<T> {
        let here = self.history.world().moment();
        self.done
            .iter()
            .rev()
            .filter(|done| (self.time(done.at_us), done.taken) < (here.at, here.taken))
            .find_map(|done| read(&done.act))
    }

    fn disk_is_slow(&self, node: &str) -> bool {
        self.last_done(|act| match act {
            PlannedAct::SlowDisk(Target::Named(name), by_us) if name == node => Some(*by_us > 0),
            _ => None,
        })
        .unwrap_or(false)
    }

    /// Whether the loop of a client's application goes on by itself; none for one that has no loop.
    fn program_runs(&self, node: &str) -> Option<bool> {
        let client = self
            .topology
            .clients
            .iter()
            .find(|client| client.name == node)?;
        let loops = match &client.role {
            ClientRole::Producer(program) => program.stop_after > 0,
            ClientRole::Consumer(program) => program.polls,
        };
        let switched = self.last_done(|act| match act {
            PlannedAct::Order(name, ClientOrder::Pause) if name == node => Some(false),
            PlannedAct::Order(name, ClientOrder::Resume) if name == node => Some(true),
            // A process that was started anew has forgotten the switch.
            PlannedAct::Start(whom) if whom.contains(&Target::Named(node.to_owned())) => {
                Some(loops)
            }
            _ => None,
        });
        loops.then(|| switched.unwrap_or(true))
    }

    fn acts_on_link(&self, a: &str, b: &str) -> Vec<ActView> {
        let world = self.history.world();
        let (Some(x), Some(y)) = (world.seat_named(a), world.seat_named(b)) else {
            return Vec::new();
        };
        let (x, y) = (world.host(x), world.host(y));
        let links: Vec<_> = world.links().collect();
        let of = |from, to| {
            links
                .iter()
                .find(|(pair, _)| *pair == (from, to))
                .map(|(_, link)| *link)
                .unwrap_or_default()
        };
        let (there, back) = (of(x, y), of(y, x));
        let (from, to) = (vec![a.to_owned()], vec![b.to_owned()]);
        let mut acts = Vec::new();
        if !(there.cut && back.cut) {
            acts.push(view(
                Act::Cut {
                    from: from.clone(),
                    to: to.clone(),
                    both: true,
                },
                "do-cut",
                true,
                true,
            ));
        }
        if !there.cut {
            let act = Act::Cut {
                from: from.clone(),
                to: to.clone(),
                both: false,
            };
            acts.push(with_ends(view(act, "do-cut-one-way", true, false), a, b));
        }
        if !back.cut {
            let act = Act::Cut {
                from: to.clone(),
                to: from.clone(),
                both: false,
            };
            acts.push(with_ends(view(act, "do-cut-one-way", true, false), b, a));
        }
        if there.cut || back.cut {
            acts.push(view(
                Act::Mend {
                    from,
                    to,
                    both: true,
                },
                "do-mend",
                false,
                true,
            ));
        }
        for (from, to, link) in [(a, b, there), (b, a, back)] {
            let ends = (from.to_owned(), to.to_owned());
            let slow = |by_us| Act::Slow {
                from: ends.0.clone(),
                to: ends.1.clone(),
                by_us,
            };
            let lose = |ppm| Act::Lose {
                from: ends.0.clone(),
                to: ends.1.clone(),
                ppm,
            };
            let (act, key, hot) = if link.slow.0 == 0 {
                (slow(SLOW_US), "do-slow", true)
            } else {
                (slow(0), "do-fast", false)
            };
            acts.push(with_ends(view(act, key, hot, false), from, to));
            let (act, key, hot) = if link.loss_ppm == 0 {
                (lose(LOSE_PPM), "do-lose", true)
            } else {
                (lose(0), "do-lose-no-more", false)
            };
            acts.push(with_ends(view(act, key, hot, false), from, to));
        }
        acts
    }

    fn acts_on_packet(&self, entry: u32) -> Vec<ActView> {
        let Some(flight) = self
            .history
            .world()
            .flights()
            .find(|flight| flight.sent_by.0 == entry)
        else {
            return Vec::new();
        };
        match flight.state {
            // Its reader has it; nothing on the way can be done to it any more.
            FlightState::Unread => Vec::new(),
            FlightState::Held => vec![
                view(Act::Release { entry }, "do-release", false, true),
                view(Act::Deliver { entry }, "do-deliver", false, false),
                view(Act::Drop { entry }, "do-drop", true, false),
            ],
            FlightState::Flying | FlightState::Stuck => vec![
                view(Act::Hold { entry }, "do-hold", true, true),
                view(Act::Deliver { entry }, "do-deliver", false, false),
                view(Act::Drop { entry }, "do-drop", true, false),
            ],
        }
    }
}

fn view(act: Act, key: &'static str, hot: bool, primary: bool) -> ActView {
    ActView {
        act,
        label: Phrase::new(key),
        hint: Phrase::new(format!("{key}-hint")),
        hot,
        primary,
    }
}

fn with_ends(mut view: ActView, from: &str, to: &str) -> ActView {
    view.label = view.label.with("from", from).with("to", to);
    view
}
