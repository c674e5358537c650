//! Steps that act on nodes and the network, and steps that look at the cluster.

use std::collections::BTreeSet;

use ackscope_kafka::metadata::PartitionState;
use ackscope_kafka::records::{DiskRecord, FileName};
use ackscope_kafka::{Call, Order, Tp};
use ackscope_kernel::{Act, SeatId, Span};

use super::collect::Answer;
use super::driver::Run;
use super::observed::{LogEntry, LogRecord, OffsetsEntry, ReplicaEntry, StateEntry};
use super::step::Step;
use super::steps::or;
use crate::founding::{CONTROLLER, tp_name};

impl Run<'_> {
    /// A step that names no client but in the groups of a partition.
    pub(super) fn take_of_nodes(&mut self, step: &Step) {
        match step {
            Step::Kill { nodes } => {
                for node in nodes {
                    self.act(Act::Crash(self.seat(node)));
                }
                self.pass(self.times.kill);
            }
            Step::Stop { nodes, timeout_ms } => {
                for node in nodes {
                    let seat = self.seat(node);
                    let limit = self.now() + or(*timeout_ms, self.times.processes);
                    self.act(Act::Stop(seat));
                    self.until(limit, |run| run.down(seat));
                }
            }
            Step::Start { nodes, timeout_ms } => self.start(nodes, *timeout_ms),
            Step::Pause { node } => {
                self.act(Act::Freeze(self.seat(node)));
                self.pass(self.times.signal);
            }
            Step::Resume { node } => {
                self.act(Act::Thaw(self.seat(node)));
                self.pass(self.times.signal);
            }
            Step::Wipe { node } => self.wipe(node),
            Step::TruncateTail {
                node,
                topic,
                partition,
                end_offset,
            } => {
                let tp = self.tp(topic, *partition);
                self.truncate_tail(node, tp, *end_offset);
            }
            Step::Partition { groups, one_way } => self.partition(groups, *one_way),
            Step::Heal {} => {
                self.pass(self.times.heal);
                self.cuts.clear();
                self.act(Act::Heal);
            }
            Step::AwaitLeader {
                topic,
                partition,
                leader,
                node,
                timeout_ms,
            } => {
                let tp = self.tp(topic, *partition);
                let limit = self.now() + or(*timeout_ms, self.times.await_leader);
                self.watch(limit, |run| {
                    let Some(state) = run.state(tp, node.as_deref()) else {
                        return false;
                    };
                    let is = state.leader.map(|seat| run.world.name(seat));
                    match leader {
                        Some(wanted) => is == wanted.as_deref(),
                        None => is.is_some(),
                    }
                });
            }
            Step::AwaitIsr {
                topic,
                partition,
                isr,
                node,
                timeout_ms,
            } => {
                let tp = self.tp(topic, *partition);
                let wanted: BTreeSet<&str> = isr.iter().map(String::as_str).collect();
                let limit = self.now() + or(*timeout_ms, self.times.await_isr);
                self.watch(limit, |run| {
                    let state = run.state(tp, node.as_deref());
                    state.is_some_and(|state| {
                        let isr = state.isr.iter().map(|seat| run.world.name(*seat));
                        isr.collect::<BTreeSet<_>>() == wanted
                    })
                });
            }
            Step::Describe {
                topic,
                partition,
                node,
            } => self.describe(topic, *partition, node.as_deref()),
            Step::ReadAll {
                topic,
                partition,
                isolation,
                timeout_ms,
            } => self.read_all(topic, *partition, isolation.as_deref(), *timeout_ms),
            Step::DumpLog {
                node,
                topic,
                partition,
            } => self.dump_log(node, topic, *partition),
            Step::GroupOffsets { group, timeout_ms } => self.read_offsets(group, *timeout_ms),
            // Steps of clients are done elsewhere, and cases with administrative ones are skipped.
            _ => {}
        }
    }

    /// Starts brokers together and waits until each is unfenced and has opened its port.
    fn start(&mut self, nodes: &[String], timeout_ms: Option<i64>) {
        let seats: Vec<SeatId> = nodes.iter().map(|node| self.seat(node)).collect();
        for seat in &seats {
            self.act(Act::Start(*seat));
        }
        let limit = self.now() + or(timeout_ms, self.times.processes);
        self.until(limit, |run| {
            seats.iter().all(|seat| run.world.listens(*seat))
        });
    }

    /// The directories of the case's topics on a node. Checkpoint files lie beside them and stay.
    fn wipe(&mut self, node: &str) {
        let host = self.host(node);
        let own = |file: &FileName| match file {
            FileName::Log(tp) | FileName::LogStart(tp) => {
                tp.topic != ackscope_kafka::records::OFFSETS_TOPIC
            }
            _ => false,
        };
        let disk = self.world.disk(self.seat(node));
        let files: Vec<FileName> = disk.names().filter(|file| own(file)).cloned().collect();
        for file in files {
            self.act(Act::Remove(host, file));
        }
    }

    fn truncate_tail(&mut self, node: &str, tp: Tp, end: i64) {
        let file = FileName::Log(tp);
        let records = self.world.disk(self.seat(node)).read(&file);
        let below = |record: &&DiskRecord| match record {
            DiskRecord::Batch(batch) => batch.next <= end,
            _ => true,
        };
        let kept = records.map_or(0, |records| records.iter().take_while(below).count());
        let kept = u64::try_from(kept).unwrap_or(u64::MAX);
        self.act(Act::Truncate(self.host(node), file, kept));
    }

    fn partition(&mut self, groups: &[Vec<String>], one_way: bool) {
        for member in groups.iter().flatten() {
            if self.case.clients.contains_key(member) {
                self.make(member);
            }
        }
        self.pass(self.times.partition);
        for (at, from) in groups.iter().enumerate() {
            for to in groups.iter().skip(at + 1) {
                self.cut(from, to);
                if !one_way {
                    self.cut(to, from);
                }
            }
        }
    }

    fn cut(&mut self, from: &[String], to: &[String]) {
        let hosts = |names: &[String]| names.iter().map(|name| self.host(name)).collect();
        let act = Act::Cut(hosts(from), hosts(to));
        let pairs = from
            .iter()
            .flat_map(|a| to.iter().map(|b| (a.clone(), b.clone())));
        self.cuts.extend(pairs);
        self.act(act);
    }

    // ---- looking ----

    /// Brokers that run, are not frozen and not cut off from the controller.
    fn reachable(&self) -> Vec<SeatId> {
        let free = |broker: &&String| {
            let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
            !self.cuts.contains(&pair(broker, CONTROLLER))
                && !self.cuts.contains(&pair(CONTROLLER, broker))
        };
        let seats = self.brokers().filter(free).map(|broker| self.seat(broker));
        seats.filter(|seat| self.running(*seat)).collect()
    }

    /// What a broker says about a partition; without one, the answer with the highest leader epoch.
    fn state(&mut self, tp: Tp, node: Option<&str>) -> Option<PartitionState> {
        let brokers = match node {
            Some(node) => vec![self.seat(node)],
            None => self.reachable(),
        };
        if node.is_some() && !brokers.iter().all(|broker| self.running(*broker)) {
            return None;
        }
        let order = Order::Describe { tp, brokers };
        let answer = self.ask(order, self.times.ask, |answer| match answer {
            Answer::State(of, _) => *of == tp,
            Answer::Returned(call, error) => *call == Call::Describe && error.is_some(),
            _ => false,
        });
        match answer {
            Some(Answer::State(_, state)) => Some((*state).clone()),
            _ => None,
        }
    }

    fn describe(&mut self, topic: &str, partition: u16, node: Option<&str>) {
        let tp = self.tp(topic, partition);
        let limit = self.now() + self.times.ask;
        let mut found = None;
        self.watch(limit, |run| {
            found = run.state(tp, node);
            found.is_some()
        });
        let Some(state) = found else {
            self.admin_errors.push((self.step, "TIMEOUT"));
            return;
        };
        let name = |seat: &SeatId| self.world.name(*seat).to_owned();
        let entry = StateEntry {
            after_step: self.step,
            topic: topic.to_owned(),
            partition,
            leader: Some(state.leader.as_ref().map(name)),
            leader_any_of: None,
            leader_epoch: Some(state.leader_epoch),
            isr: Some(state.isr.iter().map(name).collect()),
            elr: Some(state.elr.iter().map(name).collect()),
            last_known_elr: Some(state.last_known_elr.iter().map(name).collect()),
            seen_from: None,
        };
        self.partition_state.push(entry);
    }

    fn read_all(
        &mut self,
        topic: &str,
        partition: u16,
        isolation: Option<&str>,
        timeout_ms: Option<i64>,
    ) {
        let tp = self.tp(topic, partition);
        let timeout = or(timeout_ms, self.times.ask);
        let order = Order::ReadAll { tp, timeout };
        let answer = self.ask(order, timeout + Span::secs(1), |answer| match answer {
            Answer::Log(of, ..) => *of == tp,
            Answer::Returned(call, error) => *call == Call::ReadAll && error.is_some(),
            _ => false,
        });
        if let Some(Answer::Log(_, start, end, records)) = answer {
            let records = records.iter().map(|(offset, key)| LogRecord {
                offset: Some(*offset),
                epoch: None,
                message: Some(self.name(*key)),
                marker: None,
            });
            let entry = LogEntry {
                after_step: self.step,
                topic: topic.to_owned(),
                partition,
                isolation: isolation.unwrap_or("read_uncommitted").to_owned(),
                start: Some(start),
                end: Some(end),
                records: Some(records.collect()),
            };
            self.log.push(entry);
        }
    }

    fn dump_log(&mut self, node: &str, topic: &str, partition: u16) {
        let tp = self.tp(topic, partition);
        let disk = self.world.disk(self.seat(node));
        let log = disk.read(&FileName::Log(tp));
        let batches = log.into_iter().flat_map(|records| records.iter());
        let batches = batches.filter_map(|record| match record {
            DiskRecord::Batch(batch) => Some(batch),
            _ => None,
        });
        let records = batches.flat_map(|batch| {
            let each = (batch.base..).zip(batch.records());
            each.map(|(offset, record)| LogRecord {
                offset: Some(offset),
                epoch: Some(batch.epoch),
                message: Some(self.name(record.message)),
                marker: None,
            })
        });
        let entry = ReplicaEntry {
            after_step: self.step,
            node: node.to_owned(),
            topic: topic.to_owned(),
            partition,
            records: Some(records.collect()),
        };
        self.replica_log.push(entry);
    }

    fn read_offsets(&mut self, group: &str, timeout_ms: Option<i64>) {
        let timeout = or(timeout_ms, self.times.ask);
        let Some(number) = self.world.settings().group_number(group) else {
            return;
        };
        let order = Order::GroupOffsets {
            group: number,
            timeout,
        };
        let answer = self.ask(order, timeout + Span::secs(1), |answer| match answer {
            Answer::Offsets(of, _) => **of == *group,
            Answer::Returned(call, error) => *call == Call::GroupOffsets && error.is_some(),
            _ => false,
        });
        if let Some(Answer::Offsets(_, offsets)) = answer {
            let each = offsets.into_iter();
            let offsets = each.map(|(tp, at)| (tp_name(self.world.settings(), tp), at));
            let entry = OffsetsEntry {
                after_step: self.step,
                group: group.to_owned(),
                offsets: Some(offsets.collect()),
            };
            self.group_offsets.push(entry);
        }
    }
}
