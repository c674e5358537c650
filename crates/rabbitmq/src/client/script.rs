//! The scripted application: it makes the calls that it is given and tells how each ended.

use super::call::{Ask, Call, Consume, Kill, Publish, Settling};
use super::channel::Expect;
use super::library::{CHANNEL, Delivered, Event, Library, Phase};
use super::program::Program;
use super::timer::ClientTimer;
use crate::amqp::Method;
use crate::facts::{CallEnd, Fact};
use crate::ids::Name;
use crate::message::Message;
use crate::system::{Rabbit, Timer};
use ackscope_kernel::{Env, MessageKey, Span};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Messages that are being written.
#[derive(Clone, Debug, BorshSerialize)]
struct Writing {
    call: u32,
    publish: Arc<Publish>,
    /// The next message, by its place.
    next: u32,
}

/// A call that waits for its answer.
#[derive(Clone, Debug, BorshSerialize)]
enum Waiting {
    /// Any.
    Answer,
    /// basic.get of this queue, and then the next one.
    Drain(Name, Span),
}

/// The application's state.
#[derive(Clone, Debug, Default, BorshSerialize)]
pub(crate) struct Script {
    writing: VecDeque<Writing>,
    calls: BTreeMap<u32, Waiting>,
    /// Consumers: what the application does with what comes.
    consumers: BTreeMap<Name, Arc<Consume>>,
    processed: u32,
}

impl Script {
    /// Makes a call.
    pub(crate) fn call(
        &mut self,
        call: Call,
        program: &Program,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        let number = call.number;
        match call.ask {
            Ask::Connect { node, channel } => {
                if let Some(node) = node.or(program.nodes.first().copied()) {
                    library.connect(node, channel, Some(number), env);
                } else {
                    ended(number, CallEnd::Broken, env);
                }
            }
            Ask::Publish(publish) => {
                self.writing.push_back(Writing {
                    call: number,
                    publish,
                    next: 0,
                });
                if self.writing.len() == 1 {
                    self.write(library, env);
                }
            }
            Ask::StopPublishing => {
                for writing in std::mem::take(&mut self.writing) {
                    ended(writing.call, CallEnd::Broken, env);
                }
                env.disarm(Timer::Client(ClientTimer::Write));
                ended(number, CallEnd::Done, env);
            }
            Ask::Settle(settling) => {
                settle(&settling, library, env);
                ended(number, CallEnd::Done, env);
            }
            Ask::Kill(kill) => {
                let open = library.channel_mut().abandon();
                if !open.is_empty() {
                    let (keys, code) = (open.into(), None);
                    env.note(Fact::Unknown { keys, code });
                }
                library.kill(kill == Kill::Rst, env);
                env.exit();
            }
            Ask::Close => {
                if matches!(library.phase, Phase::Ready | Phase::Setup) {
                    self.wait(number, Waiting::Answer, call.limit, env);
                    library.close(Some(number), env);
                } else {
                    ended(number, CallEnd::Broken, env);
                }
            }
            Ask::Drain { queue } => {
                let waiting = Waiting::Drain(queue, call.limit);
                let no_ack = true;
                let method = Method::Get { queue, no_ack };
                self.ask(
                    number,
                    waiting,
                    call.limit,
                    Expect::Get,
                    method,
                    library,
                    env,
                );
            }
            Ask::Consume(consume) => {
                let method = Method::Consume {
                    queue: consume.queue,
                    tag: consume.tag,
                    no_ack: consume.no_ack,
                    exclusive: consume.exclusive,
                    arguments: consume.arguments.clone(),
                };
                let expect = Expect::Consume(consume.tag);
                self.consumers.insert(consume.tag, Arc::new(consume));
                self.ask(
                    number,
                    Waiting::Answer,
                    call.limit,
                    expect,
                    method,
                    library,
                    env,
                );
            }
            plain => {
                if let Some((expect, method)) = request(plain) {
                    self.ask(
                        number,
                        Waiting::Answer,
                        call.limit,
                        expect,
                        method,
                        library,
                        env,
                    );
                }
            }
        }
    }

    fn wait(&mut self, number: u32, waiting: Waiting, limit: Span, env: &mut Env<'_, Rabbit>) {
        self.calls.insert(number, waiting);
        env.arm_in(Timer::Client(ClientTimer::Call(number)), limit);
    }

    #[allow(clippy::too_many_arguments, reason = "a call with all that it needs")]
    fn ask(
        &mut self,
        number: u32,
        waiting: Waiting,
        limit: Span,
        expect: Expect,
        method: Method,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        if library.is_ready() {
            self.wait(number, waiting, limit, env);
            library.call(number, expect, method, env);
        } else {
            ended(number, CallEnd::Broken, env);
        }
    }

    /// Writes the next message, if the socket takes it.
    fn write(&mut self, library: &mut Library, env: &mut Env<'_, Rabbit>) {
        let Some(writing) = self.writing.front_mut() else {
            return;
        };
        let timer = Timer::Client(ClientTimer::Write);
        if env.armed(timer).is_some() {
            return;
        }
        let Some(key) = writing.publish.messages.get(writing.next as usize) else {
            ended(writing.call, CallEnd::Done, env);
            self.writing.pop_front();
            if !self.writing.is_empty() {
                self.write(library, env);
            }
            return;
        };
        if !library.has_room(env) {
            return;
        }
        let outgoing = &writing.publish.outgoing;
        let message = outgoing.message(*key, 1);
        if !library.publish(message, outgoing.mandatory, outgoing.immediate, env) {
            let code = library.closed_with();
            env.note(Fact::SendFailed { key: *key, code });
        }
        writing.next += 1;
        let (low, high) = env.settings().pace.write;
        let took = Span(env.draw([10, u64::from(key.number), 0], low.0, high.0));
        let last = writing.next as usize == writing.publish.messages.len();
        let pause = if last {
            took
        } else {
            took.max(writing.publish.pace)
        };
        env.arm_in(timer, pause);
    }

    /// A timer is due.
    pub(crate) fn timer(
        &mut self,
        timer: ClientTimer,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        match timer {
            ClientTimer::Write => self.write(library, env),
            ClientTimer::Call(number) if self.calls.remove(&number).is_some() => {
                ended(number, CallEnd::TimedOut, env);
            }
            _ => {}
        }
    }

    /// The library tells something.
    pub(crate) fn event(&mut self, event: Event, library: &mut Library, env: &mut Env<'_, Rabbit>) {
        match event {
            Event::Answered(number, answer) => self.answered(number, answer, library, env),
            Event::Broken(numbers) => {
                for number in numbers {
                    self.done(number, CallEnd::Broken, env);
                }
            }
            Event::Delivered(delivered) => self.delivered(&delivered, library, env),
            _ => {}
        }
    }

    fn done(&mut self, number: u32, end: CallEnd, env: &mut Env<'_, Rabbit>) {
        // The caller of one that has timed out was told so.
        if self.calls.remove(&number).is_some() {
            env.disarm(Timer::Client(ClientTimer::Call(number)));
            ended(number, end, env);
        }
    }

    fn answered(
        &mut self,
        number: u32,
        answer: Method,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        let next = match (self.calls.get(&number), &answer) {
            (Some(Waiting::Drain(queue, limit)), Method::GetOk { .. }) => Some((*queue, *limit)),
            _ => None,
        };
        if let Method::GetOk {
            redelivered,
            message,
            ..
        } = &answer
        {
            read(message, *redelivered, env);
        }
        let Some((queue, limit)) = next else {
            self.done(number, CallEnd::Done, env);
            return;
        };
        env.arm_in(Timer::Client(ClientTimer::Call(number)), limit);
        let no_ack = true;
        library.call(number, Expect::Get, Method::Get { queue, no_ack }, env);
    }

    fn delivered(
        &mut self,
        delivered: &Delivered,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        let Some(consumer) = self.consumers.get(&delivered.tag) else {
            return;
        };
        let message = &delivered.message;
        if consumer.no_ack {
            library.channel_mut().settled(delivered.delivery_tag, false);
        }
        if consumer.looks {
            read(message, delivered.redelivered, env);
            if !consumer.no_ack {
                library.channel_mut().settled(delivered.delivery_tag, false);
                let method = Method::Ack {
                    delivery_tag: delivered.delivery_tag,
                    multiple: false,
                };
                library.say(CHANNEL, method, env);
            }
            return;
        }
        let limit = consumer.process_limit.unwrap_or(u32::MAX);
        if self.processed < limit {
            self.processed += 1;
            processed(delivered, env);
        }
    }
}

/// The application of a delivery's message has done its work.
pub(super) fn processed(delivered: &Delivered, env: &mut Env<'_, Rabbit>) {
    let message = &delivered.message;
    env.note(Fact::Processed {
        key: message.key,
        tag: delivered.tag,
        redelivered: delivered.redelivered,
        delivery_count: message.delivery_count,
        offset: message.stream_offset,
        deaths: message.deaths.clone(),
    });
}

fn read(message: &Message, redelivered: bool, env: &mut Env<'_, Rabbit>) {
    env.note(Fact::Read {
        key: message.key,
        redelivered,
        delivery_count: message.delivery_count,
        offset: message.stream_offset,
        deaths: message.deaths.clone(),
    });
}

fn ended(number: u32, end: CallEnd, env: &mut Env<'_, Rabbit>) {
    env.note(Fact::CallEnded { number, end });
}

/// Writes the frames that settle deliveries.
fn settle(settling: &Settling, library: &mut Library, env: &mut Env<'_, Rabbit>) {
    if !library.is_ready() {
        return;
    }
    let Some(messages) = &settling.messages else {
        frame(0, true, settling, library, env);
        return;
    };
    let chosen: Vec<MessageKey> = match messages.last() {
        Some(last) if settling.multiple => vec![*last],
        _ => messages.clone(),
    };
    for key in chosen {
        let Some(tag) = library.channel().latest(key) else {
            continue;
        };
        frame(tag, settling.multiple, settling, library, env);
        if settling.twice {
            frame(tag, settling.multiple, settling, library, env);
            return;
        }
    }
}

fn frame(
    tag: u64,
    multiple: bool,
    settling: &Settling,
    library: &mut Library,
    env: &mut Env<'_, Rabbit>,
) {
    let keys = library.channel_mut().settled(tag, multiple);
    let how = settling.how;
    library.settle(tag, multiple, how, keys, env);
}

/// The method of a plain call and the answer that it has.
fn request(ask: Ask) -> Option<(Expect, Method)> {
    Some(match ask {
        Ask::ConfirmSelect => (Expect::Select, Method::ConfirmSelect),
        Ask::TxSelect => (Expect::Select, Method::TxSelect),
        Ask::TxCommit => (Expect::Commit, Method::TxCommit),
        Ask::TxRollback => (Expect::Rollback, Method::TxRollback),
        Ask::DeclareExchange(declare) => {
            (Expect::ExchangeDeclare, Method::ExchangeDeclare(declare))
        }
        Ask::DeleteExchange {
            exchange,
            if_unused,
        } => (
            Expect::ExchangeDelete,
            Method::ExchangeDelete {
                exchange,
                if_unused,
            },
        ),
        Ask::DeclareQueue(declare) => (Expect::QueueDeclare, Method::QueueDeclare(declare)),
        Ask::DeleteQueue {
            queue,
            if_unused,
            if_empty,
        } => (
            Expect::QueueDelete,
            Method::QueueDelete {
                queue,
                if_unused,
                if_empty,
            },
        ),
        Ask::PurgeQueue { queue } => (Expect::QueuePurge, Method::QueuePurge { queue }),
        Ask::BindQueue {
            queue,
            exchange,
            routing_key,
            arguments,
        } => (
            Expect::QueueBind,
            Method::QueueBind {
                queue,
                exchange,
                routing_key,
                arguments,
            },
        ),
        Ask::UnbindQueue {
            queue,
            exchange,
            routing_key,
            arguments,
        } => (
            Expect::QueueUnbind,
            Method::QueueUnbind {
                queue,
                exchange,
                routing_key,
                arguments,
            },
        ),
        Ask::BindExchange {
            destination,
            source,
            routing_key,
            arguments,
        } => (
            Expect::ExchangeBind,
            Method::ExchangeBind {
                destination,
                source,
                routing_key,
                arguments,
            },
        ),
        Ask::Cancel { tag } => (Expect::Cancel(tag), Method::Cancel { tag }),
        Ask::Recover { requeue } => (Expect::Recover, Method::Recover { requeue }),
        Ask::Connect { .. }
        | Ask::Publish(_)
        | Ask::Consume(_)
        | Ask::Settle(_)
        | Ask::Drain { .. }
        | Ask::Close
        | Ask::Kill(_)
        | Ask::StopPublishing => return None,
    })
}
