//! Steps that name a client.

use std::sync::Arc;

use ackscope_kernel::{Act, HostId, MessageKey, Span};
use ackscope_rabbitmq::amqp::QueueDeclare;
use ackscope_rabbitmq::client::{Ask, Consume, Kill, Outgoing, Publish, Settling};
use ackscope_rabbitmq::signal::Settle;

use super::case::AckMode;
use super::driver::Run;
use super::setting::table;
use super::step::{How, Publish as PublishStep, Step};

/// A writer whose socket takes nothing is not waited for longer than this.
const STUCK: Span = Span::secs(600);

/// A time-out of a step, or the driver's.
pub(super) fn or(timeout_ms: Option<i64>, default: Span) -> Span {
    timeout_ms.map_or(default, Span::ms)
}

impl Run<'_> {
    /// Does a step.
    #[allow(clippy::too_many_lines, reason = "one arm for each step")]
    pub(super) fn take(&mut self, step: &Step) {
        match step {
            Step::Connect { client, .. } => {
                self.make(client);
            }
            Step::Publish(publish) => self.publish(publish),
            Step::AwaitConfirms {
                client,
                count,
                timeout_ms,
            } => {
                let seat = self.moving.seat(client);
                let limit = self.now() + or(*timeout_ms, self.times.wait);
                let count = *count;
                self.moving.until(limit, |moving| {
                    let collected = &moving.collected;
                    let enough = match count {
                        Some(count) => collected.confirmed(seat) >= count,
                        None => collected.all_answered(seat),
                    };
                    enough || collected.closed.contains(&seat) || moving.down(seat)
                });
            }
            Step::AwaitPublished {
                client,
                count,
                timeout_ms,
            } => {
                let seat = self.moving.seat(client);
                let limit = self.now() + or(*timeout_ms, self.times.wait);
                let count = *count;
                self.moving.until(limit, |moving| {
                    let tried = moving.collected.tried.get(&seat);
                    tried.copied().unwrap_or(0) >= count
                });
            }
            Step::TxSelect { client, timeout_ms } => self.call(client, Ask::TxSelect, *timeout_ms),
            Step::ConfirmSelect { client, timeout_ms } => {
                self.call(client, Ask::ConfirmSelect, *timeout_ms);
            }
            Step::TxCommit { client, timeout_ms } => self.call(client, Ask::TxCommit, *timeout_ms),
            Step::TxRollback { client, timeout_ms } => {
                self.call(client, Ask::TxRollback, *timeout_ms);
            }
            Step::Consume {
                client,
                queue,
                exclusive,
                arguments,
                process_limit,
                background,
                timeout_ms,
            } => {
                let spec = self.case.clients.get(client);
                let ask = Ask::Consume(Consume {
                    queue: self.names.of(queue),
                    tag: self.names.of(client),
                    no_ack: spec.is_some_and(|spec| spec.ack == AckMode::Auto),
                    exclusive: *exclusive,
                    arguments: table(arguments).unwrap_or_default(),
                    process_limit: *process_limit,
                    looks: false,
                });
                self.ask(client, ask, *background, or(*timeout_ms, self.times.call));
            }
            Step::AwaitDeliveries {
                client,
                count,
                timeout_ms,
            } => {
                let seat = self.moving.seat(client);
                let limit = self.now() + or(*timeout_ms, self.times.wait);
                let count = *count;
                self.moving
                    .until(limit, |moving| moving.collected.processed(seat) >= count);
            }
            Step::Ack {
                client,
                messages,
                multiple,
                ..
            } => self.settle(client, messages, *multiple, Settle::Ack, false),
            Step::Nack {
                client,
                messages,
                multiple,
                requeue,
                ..
            } => self.settle(client, messages, *multiple, Settle::Nack(*requeue), false),
            Step::Reject {
                client,
                messages,
                multiple,
                requeue,
                ..
            } => self.settle(client, messages, *multiple, Settle::Reject(*requeue), false),
            Step::AckTwice { client, messages } => {
                self.settle(client, messages, false, Settle::Ack, true);
            }
            Step::Cancel { client, timeout_ms } => {
                let tag = self.names.of(client);
                self.call(client, Ask::Cancel { tag }, *timeout_ms);
            }
            Step::Declare {
                client,
                queue,
                background,
                timeout_ms,
            } => {
                self.known(queue);
                let ask = Ask::DeclareQueue(self.queue_declare(queue, false));
                let limit = or(*timeout_ms, self.times.declare);
                self.ask(client, ask, *background, limit);
            }
            Step::DeclarePassive {
                client,
                queue,
                background,
                timeout_ms,
            } => {
                let ask = Ask::DeclareQueue(QueueDeclare {
                    queue: self.names.of(queue),
                    passive: true,
                    durable: true,
                    exclusive: false,
                    auto_delete: false,
                    arguments: Arc::default(),
                });
                self.ask(client, ask, *background, or(*timeout_ms, self.times.call));
            }
            Step::DeleteQueue {
                client,
                queue,
                background,
                timeout_ms,
            } => {
                let ask = Ask::DeleteQueue {
                    queue: self.names.of(queue),
                    if_unused: false,
                    if_empty: false,
                };
                self.ask(client, ask, *background, or(*timeout_ms, self.times.call));
            }
            Step::AwaitCalls {
                clients,
                timeout_ms,
            } => self.await_calls(clients, or(*timeout_ms, self.times.processes)),
            Step::KillClient { client, how } => self.kill_client(client, *how),
            Step::CloseClient { client, timeout_ms } => {
                let seat = self.moving.seat(client);
                let limit = or(*timeout_ms, self.times.close);
                self.call_of(client, Ask::Close, limit);
                self.moving.collected.gone.insert(seat);
            }
            Step::Wait { ms } => self.moving.pass(Span::ms(*ms)),
            other => self.take_of_nodes(other),
        }
    }

    fn call(&mut self, client: &str, ask: Ask, timeout_ms: Option<i64>) {
        self.ask(client, ask, false, or(timeout_ms, self.times.call));
    }

    /// Connects if needed and makes a call, waiting for its end or not.
    fn ask(&mut self, client: &str, ask: Ask, background: bool, limit: Span) {
        if !self.make(client) {
            return;
        }
        let Some(number) = self.begin(client, ask, limit) else {
            return;
        };
        if background {
            let calls = self.background.entry(client.to_owned());
            calls.or_default().push(number);
        } else {
            self.ended(client, number);
        }
    }

    fn await_calls(&mut self, clients: &[String], limit: Span) {
        let open: Vec<_> = clients
            .iter()
            .flat_map(|client| {
                let seat = self.moving.seat(client);
                let calls = self.background.get(client).into_iter().flatten();
                calls.map(move |number| (seat, *number))
            })
            .collect();
        let limit = self.now() + limit;
        self.moving.until(limit, |moving| {
            let ended = &moving.collected.ended;
            open.iter()
                .all(|call| ended.contains_key(call) || moving.down(call.0))
        });
    }

    fn settle(
        &mut self,
        client: &str,
        messages: &[String],
        multiple: bool,
        how: Settle,
        twice: bool,
    ) {
        if !self.make(client) {
            return;
        }
        let all = messages.iter().any(|name| name == "*");
        let keys = messages.iter().filter_map(|name| self.any_key(name));
        let messages = (!all).then(|| keys.collect::<Vec<MessageKey>>());
        let settling = Settling {
            messages,
            multiple,
            how,
            twice,
        };
        self.call_of(client, Ask::Settle(settling), self.times.call);
    }

    fn publish(&mut self, publish: &PublishStep) {
        let client = &publish.client;
        if !self.make(client) {
            return;
        }
        let seat = self.moving.seat(client);
        let names = publish.names();
        let messages: Vec<_> = names.iter().map(|name| self.key(seat, name)).collect();
        if !self.moving.running(seat) {
            for key in messages {
                self.moving.collected.unsendable(seat, key);
            }
            return;
        }
        // The body is the name; all names of a step are about as long.
        let size = names.iter().map(String::len).max().unwrap_or(0);
        let ask = Ask::Publish(Arc::new(Publish {
            messages,
            outgoing: Outgoing {
                exchange: self.names.of(&publish.exchange),
                routing_key: publish.routing_key.as_str().into(),
                size: u32::try_from(size).unwrap_or(u32::MAX),
                persistent: publish.delivery_mode == 2,
                mandatory: publish.mandatory,
                expiration: publish.expiration.as_deref().map(Into::into),
                priority: publish.priority,
                headers: table(&publish.headers).unwrap_or_default(),
                ..Outgoing::default()
            },
            pace: Span::ms(publish.pace_ms),
        }));
        let Some(number) = self.begin(client, ask, STUCK) else {
            return;
        };
        if publish.background {
            return;
        }
        let limit = self.now() + STUCK;
        self.moving.until(limit, |moving| {
            moving.down(seat) || moving.collected.ended.contains_key(&(seat, number))
        });
    }

    fn kill_client(&mut self, client: &str, how: How) {
        let seat = self.moving.seat(client);
        self.moving.collected.gone.insert(seat);
        match how {
            How::Rst => drop(self.begin(client, Ask::Kill(Kill::Rst), self.times.call)),
            How::Fin => drop(self.begin(client, Ask::Kill(Kill::Fin), self.times.call)),
            How::Silent => {
                self.begin(client, Ask::StopPublishing, self.times.call);
                let own = vec![self.moving.world.host(seat)];
                let nodes = self.nodes();
                let others: Vec<HostId> = nodes
                    .iter()
                    .map(|node| self.moving.world.host(self.moving.seat(node)))
                    .collect();
                self.moving.act(Act::Cut(own.clone(), others.clone()));
                self.moving.act(Act::Cut(others, own));
            }
        }
    }
}
