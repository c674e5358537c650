//! The client library: one connection, its channels, heartbeats, the answers to calls.
//!
//! It is the raw library of AMQP 0-9-1. Recovery is a layer of the application side
//! ([`Client`](super::Client)); nothing here publishes again.

use super::channel::{Channel, Expect};
use super::program::{Channeling, Connecting};
use super::timer::ClientTimer;
use crate::amqp::Method;
use crate::facts::{CallEnd, Fact};
use crate::ids::Name;
use crate::message::Message;
use crate::params::ChannelMode;
use crate::reply::Code;
use crate::signal::Settle;
use crate::system::{Rabbit, Timer};
use crate::wire::Msg;
use ackscope_kernel::net::SEND_BUFFER;
use ackscope_kernel::{ConnId, Env, MessageKey, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// The channel that applications use.
pub const CHANNEL: u16 = 1;

/// How far the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Phase {
    /// Never connected, or closed by this side.
    Idle,
    /// TCP is asked for.
    Connecting,
    /// TCP stands, AMQP is asked for.
    Handshake,
    /// The channel is being set up.
    Setup,
    /// Calls can be made.
    Ready,
    /// connection.close is sent.
    Closing,
    /// The connection is lost, or the node closed it.
    Lost,
}

/// What the library tells the application.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// Connection and channel are set up.
    Ready,
    /// Nobody listens there.
    Refused,
    /// A call was answered.
    Answered(u32, Method),
    /// These calls will never be answered.
    Broken(Vec<u32>),
    /// A message arrived for a consumer.
    Delivered(Delivered),
    /// basic.ack (true) or basic.nack for these.
    Confirmed(Vec<MessageKey>, bool),
    /// basic.return.
    Returned(MessageKey),
    /// commit-ok (true) or rollback-ok for these.
    Transacted(Vec<MessageKey>, bool),
    /// The node cancelled this consumer.
    Cancelled(Name),
    /// The channel was closed by the node; these messages have no answer.
    ChannelClosed(Vec<MessageKey>),
    /// The connection is gone; these messages have no answer.
    Lost(Vec<MessageKey>),
    /// This side has closed the connection.
    Closed,
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(crate) struct Delivered {
    pub(crate) tag: Name,
    /// Over which connection of this client: a delivery tag means nothing on another one.
    pub(crate) session: u32,
    pub(crate) delivery_tag: u64,
    pub(crate) redelivered: bool,
    pub(crate) message: Arc<Message>,
}

/// The library's state.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Library {
    /// How far the connection is.
    pub phase: Phase,
    conn: Option<ConnId>,
    /// The code with which the node closed the connection.
    closed_with: Option<Code>,
    setting: Connecting,
    channeling: Channeling,
    /// What is still to be said to set the channel up.
    setup: VecDeque<Method>,
    /// The call that waits for the connection.
    connect_call: Option<u32>,
    close_call: Option<u32>,
    /// The agreed heartbeat; zero for none.
    heartbeat: Span,
    heard: Time,
    said: Time,
    /// connection.blocked is in force.
    pub blocked: bool,
    channel: Channel,
    /// Counts the connections.
    session: u32,
}

impl Library {
    pub(crate) fn new(setting: &Connecting, channeling: Channeling) -> Library {
        Library {
            phase: Phase::Idle,
            conn: None,
            closed_with: None,
            setting: setting.clone(),
            channeling,
            setup: VecDeque::new(),
            connect_call: None,
            close_call: None,
            heartbeat: Span(0),
            heard: Time(0),
            said: Time(0),
            blocked: false,
            channel: Channel::new(ChannelMode::None),
            session: 0,
        }
    }

    /// Whether a delivery can be settled: it came over this connection, and nobody has settled it.
    pub(crate) fn can_settle(&self, delivered: &Delivered) -> bool {
        let open = self.channel.unsettled.contains_key(&delivered.delivery_tag);
        delivered.session == self.session && open && self.is_ready()
    }

    /// The application's channel.
    #[must_use]
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(crate) fn channel_mut(&mut self) -> &mut Channel {
        &mut self.channel
    }

    /// The code by which connection or channel were closed, when they are.
    pub(crate) fn closed_with(&self) -> Option<Code> {
        self.closed_with.or(self.channel.closed)
    }

    /// Whether something can be said on the channel.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready && self.channel.closed.is_none()
    }

    /// Whether the socket takes another message at once. If not, [`ackscope_kernel::Input::Written`] will
    /// tell when it does: the node does not read, because it is blocked or busy.
    pub(crate) fn has_room(&self, env: &mut Env<'_, Rabbit>) -> bool {
        let Some(conn) = self.conn else { return true };
        let room = env.has_room(conn);
        if !room {
            env.notify_written(conn, SEND_BUFFER / 2);
        }
        room
    }

    // ---- saying ----

    pub(crate) fn say(&mut self, channel: u16, method: Method, env: &mut Env<'_, Rabbit>) {
        if let Some(conn) = self.conn {
            self.said = env.now();
            env.send(conn, Msg::Amqp { channel, method });
        }
    }

    /// Asks for a connection. What an earlier one knew is forgotten.
    pub(crate) fn connect(
        &mut self,
        node: SeatId,
        channeling: Option<Channeling>,
        call: Option<u32>,
        env: &mut Env<'_, Rabbit>,
    ) {
        self.channeling = channeling.unwrap_or(self.channeling);
        self.closed_with = None;
        self.blocked = false;
        self.channel = Channel::new(self.channeling.mode);
        self.connect_call = call;
        self.session = self.session.wrapping_add(1);
        self.phase = Phase::Connecting;
        self.conn = Some(env.open(node));
        env.arm_in(Timer::Client(ClientTimer::Connect), self.setting.limit);
    }

    /// Makes a call that has an answer.
    pub(crate) fn call(
        &mut self,
        number: u32,
        expect: Expect,
        method: Method,
        env: &mut Env<'_, Rabbit>,
    ) {
        if method == Method::TxCommit {
            self.channel.committing = true;
        }
        self.channel.waiting.push_back((expect, Some(number)));
        self.say(CHANNEL, method, env);
    }

    /// Writes a message. Returns whether there was a channel to write it to.
    pub(crate) fn publish(
        &mut self,
        message: Arc<Message>,
        mandatory: bool,
        immediate: bool,
        env: &mut Env<'_, Rabbit>,
    ) -> bool {
        let key = message.key;
        if !self.is_ready() {
            return false;
        }
        self.channel.publish(key);
        let fired = self.channel.mode == ChannelMode::None;
        env.note(Fact::Offered { key, fired });
        let method = Method::Publish {
            message,
            mandatory,
            immediate,
        };
        self.say(CHANNEL, method, env);
        true
    }

    /// Settles what `tag` covers.
    pub(crate) fn settle(
        &mut self,
        tag: u64,
        multiple: bool,
        how: Settle,
        keys: Vec<MessageKey>,
        env: &mut Env<'_, Rabbit>,
    ) {
        let keys: Arc<[MessageKey]> = keys.into();
        env.note(Fact::Settled { keys, how });
        let delivery_tag = tag;
        let method = match how {
            Settle::Ack => Method::Ack {
                delivery_tag,
                multiple,
            },
            Settle::Nack(requeue) => Method::Nack {
                delivery_tag,
                multiple,
                requeue,
            },
            Settle::Reject(requeue) => Method::Reject {
                delivery_tag,
                requeue,
            },
        };
        self.say(CHANNEL, method, env);
    }

    /// Closes the connection in order.
    pub(crate) fn close(&mut self, call: Option<u32>, env: &mut Env<'_, Rabbit>) {
        self.phase = Phase::Closing;
        self.close_call = call;
        let reply = crate::reply::Reply::new(Code::ReplySuccess, "Goodbye");
        self.say(0, Method::ConnectionClose(reply), env);
    }

    /// Breaks the connection, or ends it with a FIN, without AMQP.
    pub(crate) fn kill(&mut self, reset: bool, env: &mut Env<'_, Rabbit>) {
        self.phase = Phase::Idle;
        if let Some(conn) = self.conn.take() {
            if reset {
                env.abort(conn);
            } else {
                env.close(conn);
            }
        }
    }

    /// Stops or resumes reading from the connection.
    pub(crate) fn read(&self, on: bool, env: &mut Env<'_, Rabbit>) {
        if let Some(conn) = self.conn {
            env.read(conn, on);
        }
    }

    // ---- hearing ----

    pub(crate) fn opened(&mut self, conn: ConnId, env: &mut Env<'_, Rabbit>) {
        if self.conn != Some(conn) {
            return;
        }
        self.phase = Phase::Handshake;
        let method = Method::ConnectionOpen {
            heartbeat: self.setting.heartbeat,
            capabilities: self.setting.capabilities,
        };
        self.say(0, method, env);
    }

    pub(crate) fn refused(
        &mut self,
        conn: ConnId,
        events: &mut Vec<Event>,
        env: &mut Env<'_, Rabbit>,
    ) {
        if self.conn != Some(conn) {
            return;
        }
        self.conn = None;
        self.phase = Phase::Lost;
        env.disarm(Timer::Client(ClientTimer::Connect));
        env.note(Fact::Refused);
        if let Some(number) = self.connect_call.take() {
            let end = CallEnd::Refused;
            env.note(Fact::CallEnded { number, end });
        }
        events.push(Event::Refused);
    }

    /// The connection took too long to come up.
    pub(crate) fn too_slow(&mut self, events: &mut Vec<Event>, env: &mut Env<'_, Rabbit>) {
        if matches!(
            self.phase,
            Phase::Connecting | Phase::Handshake | Phase::Setup
        ) {
            if let Some(number) = self.connect_call.take() {
                let end = CallEnd::TimedOut;
                env.note(Fact::CallEnded { number, end });
            }
            self.kill(true, env);
            self.phase = Phase::Lost;
            events.push(Event::Lost(Vec::new()));
        }
    }

    /// TCP is gone.
    pub(crate) fn lost(
        &mut self,
        conn: ConnId,
        events: &mut Vec<Event>,
        env: &mut Env<'_, Rabbit>,
    ) {
        if self.conn != Some(conn) {
            return;
        }
        let closing = self.phase == Phase::Closing;
        self.conn = None;
        self.phase = Phase::Lost;
        env.disarm(Timer::Client(ClientTimer::Heartbeat));
        env.disarm(Timer::Client(ClientTimer::Connect));
        if !closing {
            env.note(Fact::ConnectionLost);
        }
        let open = self.channel.abandon();
        self.unknown(&open, None, env);
        self.break_connect(env);
        let mut calls = self.channel.unanswered();
        calls.extend(self.close_call.take());
        events.push(Event::Broken(calls));
        events.push(if closing {
            Event::Closed
        } else {
            Event::Lost(open)
        });
    }

    fn break_connect(&mut self, env: &mut Env<'_, Rabbit>) {
        if let Some(number) = self.connect_call.take() {
            let end = CallEnd::Broken;
            env.note(Fact::CallEnded { number, end });
        }
    }

    fn unknown(&self, open: &[MessageKey], code: Option<Code>, env: &mut Env<'_, Rabbit>) {
        if !open.is_empty() {
            let keys = open.into();
            env.note(Fact::Unknown { keys, code });
        }
    }

    /// A method of the node.
    pub(crate) fn hear(
        &mut self,
        conn: ConnId,
        channel: u16,
        method: Method,
        events: &mut Vec<Event>,
        env: &mut Env<'_, Rabbit>,
    ) {
        if self.conn != Some(conn) {
            return;
        }
        self.heard = env.now();
        if channel == 0 {
            self.hear_connection(method, events, env);
        } else {
            self.hear_channel(channel, method, events, env);
        }
    }

    fn hear_connection(
        &mut self,
        method: Method,
        events: &mut Vec<Event>,
        env: &mut Env<'_, Rabbit>,
    ) {
        match method {
            Method::ConnectionOpenOk { heartbeat } => {
                self.heartbeat = heartbeat;
                self.phase = Phase::Setup;
                self.setup = self.setup_methods();
                self.set_up(events, env);
                if heartbeat.0 > 0 {
                    let look = Span(heartbeat.0 / 4);
                    env.arm_in(Timer::Client(ClientTimer::Heartbeat), look);
                }
            }
            Method::ConnectionClose(reply) => {
                let code = reply.code;
                self.closed_with = Some(code);
                env.note(Fact::HeardClose {
                    channel: None,
                    reply,
                });
                let open = self.channel.abandon();
                self.unknown(&open, Some(code), env);
                self.say(0, Method::ConnectionCloseOk, env);
                self.break_connect(env);
                self.phase = Phase::Lost;
                events.push(Event::Broken(self.channel.unanswered()));
                events.push(Event::ChannelClosed(open));
            }
            Method::ConnectionCloseOk => {
                let call = self.close_call.take();
                events.extend(call.map(|number| Event::Answered(number, method)));
                self.kill(false, env);
                events.push(Event::Closed);
            }
            Method::ConnectionBlocked => {
                self.blocked = true;
                env.note(Fact::Blocked(true));
            }
            Method::ConnectionUnblocked => {
                self.blocked = false;
                env.note(Fact::Blocked(false));
            }
            _ => {}
        }
    }

    fn setup_methods(&self) -> VecDeque<Method> {
        let mut methods = VecDeque::from([Method::ChannelOpen]);
        if let Some(prefetch) = self.channeling.prefetch {
            let global = self.channeling.global;
            methods.push_back(Method::Qos { prefetch, global });
        }
        match self.channeling.mode {
            ChannelMode::None => {}
            ChannelMode::Confirm => methods.push_back(Method::ConfirmSelect),
            ChannelMode::Tx => methods.push_back(Method::TxSelect),
        }
        methods
    }

    /// Says the next thing of the set-up, or tells that it is done.
    fn set_up(&mut self, events: &mut Vec<Event>, env: &mut Env<'_, Rabbit>) {
        if let Some(method) = self.setup.pop_front() {
            self.channel.waiting.push_back((Expect::Setup, None));
            self.say(CHANNEL, method, env);
            return;
        }
        self.phase = Phase::Ready;
        env.disarm(Timer::Client(ClientTimer::Connect));
        if let Some(number) = self.connect_call.take() {
            let end = CallEnd::Done;
            env.note(Fact::CallEnded { number, end });
        }
        events.push(Event::Ready);
    }

    fn hear_channel(
        &mut self,
        number: u16,
        method: Method,
        events: &mut Vec<Event>,
        env: &mut Env<'_, Rabbit>,
    ) {
        match method {
            Method::ChannelClose(reply) => {
                let code = reply.code;
                self.channel.closed = Some(code);
                let channel = Some(number);
                env.note(Fact::HeardClose { channel, reply });
                let open = self.channel.abandon();
                self.unknown(&open, Some(code), env);
                self.say(number, Method::ChannelCloseOk, env);
                self.break_connect(env);
                events.push(Event::Broken(self.channel.unanswered()));
                events.push(Event::ChannelClosed(open));
            }
            Method::Ack {
                delivery_tag,
                multiple,
            } => {
                let keys = self.channel.confirmed(delivery_tag, multiple);
                let list: Arc<[MessageKey]> = keys.clone().into();
                env.note(Fact::Acked { keys: list });
                events.push(Event::Confirmed(keys, true));
            }
            Method::Nack {
                delivery_tag,
                multiple,
                ..
            } => {
                let keys = self.channel.confirmed(delivery_tag, multiple);
                let list: Arc<[MessageKey]> = keys.clone().into();
                env.note(Fact::Nacked { keys: list });
                events.push(Event::Confirmed(keys, false));
            }
            Method::Return { message, .. } => {
                env.note(Fact::Returned { key: message.key });
                events.push(Event::Returned(message.key));
            }
            Method::Deliver {
                tag,
                delivery_tag,
                redelivered,
                message,
            } => {
                self.channel.delivered(tag, delivery_tag, message.key);
                events.push(Event::Delivered(Delivered {
                    tag,
                    session: self.session,
                    delivery_tag,
                    redelivered,
                    message,
                }));
            }
            Method::Cancel { tag } => {
                env.note(Fact::HeardCancel { tag });
                events.push(Event::Cancelled(tag));
            }
            answer => self.hear_answer(answer, events, env),
        }
    }

    fn hear_answer(&mut self, answer: Method, events: &mut Vec<Event>, env: &mut Env<'_, Rabbit>) {
        let Some(call) = self.channel.answered(&answer) else {
            return;
        };
        match &answer {
            Method::TxCommitOk => {
                self.channel.committing = false;
                let keys = self.channel.transacted();
                let list: Arc<[MessageKey]> = keys.clone().into();
                env.note(Fact::Committed { keys: list });
                events.push(Event::Transacted(keys, true));
            }
            Method::TxRollbackOk => {
                let keys = self.channel.transacted();
                let list: Arc<[MessageKey]> = keys.clone().into();
                env.note(Fact::RolledBack { keys: list });
                events.push(Event::Transacted(keys, false));
            }
            Method::ConfirmSelectOk => self.channel.mode = ChannelMode::Confirm,
            Method::TxSelectOk => self.channel.mode = ChannelMode::Tx,
            _ => {}
        }
        match call {
            Some(number) => events.push(Event::Answered(number, answer)),
            None => self.set_up(events, env),
        }
    }

    /// The heartbeat timer: says something when nothing was said for half of the heartbeat, and gives the
    /// node up after two of silence.
    pub(crate) fn beat(&mut self, events: &mut Vec<Event>, env: &mut Env<'_, Rabbit>) {
        let (now, beat) = (env.now(), self.heartbeat);
        let Some(conn) = self.conn.filter(|_| beat.0 > 0) else {
            return;
        };
        if now.since(self.heard).0 >= 2 * beat.0 {
            env.abort(conn);
            self.lost(conn, events, env);
            return;
        }
        if now.since(self.said).0 >= beat.0 / 2 {
            self.say(0, Method::Heartbeat, env);
        }
        env.arm_in(Timer::Client(ClientTimer::Heartbeat), Span(beat.0 / 4));
    }
}
