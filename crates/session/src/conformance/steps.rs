//! What each step does.

use ackscope_kafka::system::ProduceOrder;
use ackscope_kafka::{Call, Order};
use ackscope_kernel::{Act, Span};

use super::driver::Run;
use super::key::hash_of_key;
use super::observed::AssignmentEntry;
use super::step::{Commit, Produce, Step};
use crate::founding::tp_name;

impl Run<'_> {
    /// Does a step. It returns when the page says that it returns.
    pub(super) fn take(&mut self, step: &Step) {
        let mut ready = true;
        for client in step.clients() {
            ready &= self.make(client);
        }
        match step {
            Step::Connect { .. } => {}
            Step::Wait { ms } => self.pass(Span::ms(*ms)),
            Step::AwaitAcks {
                client,
                count,
                timeout_ms,
            } => {
                let seat = self.seat(client);
                let limit = self.now() + or(*timeout_ms, self.times.produce);
                self.watch(limit, |run| match count {
                    Some(count) => run.collected.settled(seat) as u64 >= *count,
                    None => run.collected.open(seat) == 0,
                });
            }
            Step::AwaitDeliveries {
                client,
                count,
                timeout_ms,
            } => {
                let seat = self.seat(client);
                let limit = self.now() + or(*timeout_ms, self.times.await_isr);
                self.watch(limit, |run| {
                    let processed = run.collected.deliveries.get(&seat);
                    processed.map_or(0, Vec::len) as u64 >= *count
                });
            }
            Step::AwaitAssignment {
                client,
                partitions,
                timeout_ms,
            } => {
                let wanted = partitions.iter().cloned().collect();
                let limit = self.now() + or(*timeout_ms, self.times.await_isr);
                self.watch(limit, |run| run.assigned(client) == wanted);
            }
            Step::Assignments { clients } => {
                for client in clients {
                    let entry = AssignmentEntry {
                        after_step: self.step,
                        client: client.clone(),
                        partitions: Some(self.assigned(client)),
                    };
                    self.assignments.push(entry);
                }
            }
            Step::KillClient { client } => self.act(Act::Crash(self.seat(client))),
            Step::PauseClient { client } => self.signal(Act::Freeze(self.seat(client))),
            Step::ResumeClient { client } => self.signal(Act::Thaw(self.seat(client))),
            _ if !ready => {}
            Step::Produce(produce) => self.produce(produce),
            Step::Flush { client, timeout_ms } => {
                let limit = or(*timeout_ms, self.times.patience);
                self.call(client, Order::Flush, Call::Flush, limit);
            }
            Step::CloseClient { client, timeout_ms } => {
                let limit = or(*timeout_ms, self.times.ask);
                let patience = limit + self.times.patience;
                self.call(client, Order::Close(limit), Call::Close, patience);
            }
            Step::Poll {
                client,
                count,
                timeout_ms,
                process,
            } => {
                let timeout = Span::ms(*timeout_ms);
                let order = Order::Poll {
                    count: *count,
                    timeout,
                    process: *process,
                };
                let patience = timeout + self.times.patience;
                self.call(client, order, Call::Poll, patience);
            }
            Step::PollStart { client, commit } => {
                let sync = *commit == Some(Commit::Sync);
                self.order(self.seat(client), Order::PollStart { sync });
            }
            Step::PollStop { client } => {
                self.call(client, Order::PollStop, Call::Poll, self.times.patience);
            }
            Step::Commit {
                client,
                offsets,
                timeout_ms,
            } => {
                let timeout = or(*timeout_ms, self.times.commit);
                let offsets = offsets.as_ref().map(|places| {
                    let each = places.iter();
                    each.map(|p| (self.tp(&p.topic, p.partition), p.offset))
                        .collect()
                });
                let order = Order::Commit { offsets, timeout };
                let patience = timeout + self.times.patience;
                self.call(client, order, Call::Commit, patience);
            }
            Step::CommitAsync { client } => {
                self.order(self.seat(client), Order::CommitAsync);
            }
            Step::Seek {
                client,
                topic,
                partition,
                offset,
            } => {
                let tp = self.tp(topic, *partition);
                let offset = *offset;
                self.order(self.seat(client), Order::Seek { tp, offset });
            }
            Step::SeekToCommitted { client } => {
                let patience = self.times.patience;
                self.call(client, Order::SeekToCommitted, Call::Seek, patience);
            }
            other => self.take_of_nodes(other),
        }
    }

    fn signal(&mut self, act: Act<ackscope_kafka::Kafka>) {
        self.act(act);
        self.pass(self.times.signal);
    }

    /// The partitions that a consumer owns, as it was told.
    fn assigned(&self, client: &str) -> std::collections::BTreeSet<String> {
        let owned = self.collected.assigned.get(&self.seat(client));
        let owned = owned.into_iter().flatten();
        owned
            .map(|tp| tp_name(self.world.settings(), *tp))
            .collect()
    }

    fn produce(&mut self, produce: &Produce) {
        let seat = self.seat(&produce.client);
        let names = produce.names();
        let messages: Vec<_> = names.iter().map(|name| self.key(seat, name)).collect();
        // The value is the name, so that its length decides; all names of a step are about as long.
        let value = names.iter().map(String::len).max().unwrap_or(0);
        let key = produce.key.as_deref();
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        let value = produce.size.map_or(value, |size| size.max(value));
        let size = value + key.map_or(0, |key| u32::try_from(key.len()).unwrap_or(0));
        let order = Order::Produce(ProduceOrder {
            topic: self.topic(&produce.topic),
            partition: produce.partition,
            messages: messages.clone(),
            size,
            pace: Span::ms(produce.pace_ms),
            timestamp_age_ms: produce.timestamp_age_ms,
            key: key.map(hash_of_key),
        });
        let mark = self.order(seat, order);
        if produce.background {
            return;
        }
        if produce.awaits {
            let limit = self.now() + or(produce.timeout_ms, self.times.produce);
            self.until(limit, |run| {
                run.down(seat) || run.collected.all_settled(seat, &messages)
            });
        } else {
            let count = i64::try_from(messages.len()).unwrap_or(i64::MAX);
            let each = i64::try_from(self.times.patience.0).unwrap_or(i64::MAX);
            let most = Span(u64::try_from(count.saturating_mul(each)).unwrap_or(u64::MAX));
            let limit = self.now() + most;
            self.returned(mark, seat, Call::Send, limit);
        }
    }
}

/// A time-out of a step, or the driver's.
pub(super) fn or(timeout_ms: Option<i64>, default: Span) -> Span {
    timeout_ms.map_or(default, Span::ms)
}
