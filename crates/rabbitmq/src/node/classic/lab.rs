//! A small world for one classic queue: it remembers what the queue asked for.

use super::outside::Outside;
use super::{ClassicQueue, ClassicTimer, Phase, Spec, ToQueue};
use crate::facts::Fact;
use crate::ids::{ChannelId, Name, Part, Pid, QueueId};
use crate::message::{Message, Table, Value};
use crate::node::image::{Image, MetaCommand, QueueKind, QueueRecord, QueueState};
use crate::node::queue_type::{ConsumeSpec, Delivery, ToChannel};
use crate::records::{ClassicRecord, FileName};
use crate::signal::{Answer, DownWhy, Settle, Signal, Token};
use crate::system::Version;
use ackscope_kernel::{MessageKey, SeatId, Span, Time};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The queue under test.
pub(crate) const QUEUE: QueueId = QueueId {
    name: Name(1),
    birth: 7,
};

const NODE: SeatId = SeatId(0);

/// Persistent message number `number`, 100 bytes, published to the exchange 8 with key `k`.
pub(crate) fn message(number: u32) -> Message {
    Message {
        key: MessageKey {
            origin: SeatId(5),
            number,
        },
        attempt: 1,
        exchange: Name(8),
        routing_key: "k".into(),
        cc: Vec::new(),
        bcc: Vec::new(),
        size: 100,
        persistent: true,
        expiration: None,
        priority: None,
        message_id: None,
        user_id: None,
        headers: Arc::default(),
        deaths: Vec::new(),
        delivery_count: None,
        acquired_count: None,
        stream_offset: None,
    }
}

/// The record of the queue under test, durable, with these arguments.
pub(crate) fn record(arguments: &[(&str, Value)]) -> QueueRecord {
    let arguments: Table = arguments
        .iter()
        .map(|(key, value)| (Arc::from(*key), value.clone()))
        .collect();
    QueueRecord {
        id: QUEUE,
        kind: QueueKind::Classic,
        durable: true,
        exclusive: None,
        auto_delete: false,
        arguments: Arc::new(arguments),
        pid: me(1),
        members: vec![NODE],
        epoch: 0,
        mirrors: Vec::new(),
        state: QueueState::Live,
    }
}

fn me(creation: u32) -> Pid {
    Pid {
        node: NODE,
        creation,
        part: Part::Queue(QUEUE),
    }
}

/// Channel number `number` of node 0.
pub(crate) fn channel(number: u16) -> Pid {
    let id = ChannelId {
        conn: 1,
        number,
        life: 1,
    };
    Pid {
        node: NODE,
        creation: 1,
        part: Part::Channel(id),
    }
}

/// A file: its records, and how many are synced.
#[derive(Clone, Debug, Default)]
pub(crate) struct Paper {
    pub(crate) records: Vec<ClassicRecord>,
    pub(crate) synced: u64,
}

/// What is around the queue.
#[derive(Clone, Debug)]
pub(crate) struct Around {
    pub(crate) now: Time,
    pub(crate) version: Version,
    pub(crate) creation: u32,
    pub(crate) image: Image,
    pub(crate) policy: Table,
    pub(crate) files: BTreeMap<FileName, Paper>,
    pub(crate) timers: BTreeMap<ClassicTimer, Time>,
    pub(crate) posted: VecDeque<(Pid, Signal)>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) published: Vec<Arc<Message>>,
    pub(crate) meta: Vec<(MetaCommand, Token)>,
    pub(crate) syncs: Vec<(FileName, u64)>,
    pub(crate) watched: Vec<Pid>,
    pub(crate) ended: Option<DownWhy>,
    pub(crate) restarted: Option<ClassicQueue>,
}

/// Names of the run.
const NAMES: [&str; 9] = ["", "q", "wait", "dlq", "e4", "e5", "e6", "dlx", "x"];

impl Outside for Around {
    fn me(&self) -> Pid {
        me(self.creation)
    }
    fn now(&self) -> Time {
        self.now
    }
    fn version(&self) -> Version {
        self.version
    }
    fn default_storage(&self) -> i64 {
        if self.version < Version::V4_0 { 1 } else { 2 }
    }
    fn draw(&self, _meaning: [u64; 3], low: u64, _high: u64) -> u64 {
        low
    }
    fn image(&self) -> Arc<Image> {
        Arc::new(self.image.clone())
    }
    fn name(&self, text: &str) -> Option<Name> {
        let at = NAMES.iter().position(|name| *name == text)?;
        u16::try_from(at).ok().map(Name)
    }
    fn text(&self, name: Name) -> Arc<str> {
        NAMES[usize::from(name.0)].into()
    }
    fn reaches(&self, _node: SeatId) -> bool {
        true
    }
    fn running(&self) -> Vec<(SeatId, Arc<str>)> {
        vec![(NODE, "n1".into())]
    }
    fn post(&mut self, to: Pid, signal: Signal) {
        self.posted.push_back((to, signal));
    }
    fn monitor(&mut self, target: Pid) {
        self.watched.push(target);
    }
    fn arm_in(&mut self, timer: ClassicTimer, span: Span) {
        self.timers.insert(timer, self.now + span);
    }
    fn disarm(&mut self, timer: ClassicTimer) {
        self.timers.remove(&timer);
    }
    fn is_armed(&self, timer: ClassicTimer) -> bool {
        self.timers.contains_key(&timer)
    }
    fn write_meta(&mut self, command: MetaCommand, token: Token) {
        self.meta.push((command, token));
    }
    fn note(&mut self, fact: Fact) {
        self.facts.push(fact);
    }
    fn append(&mut self, file: FileName, record: ClassicRecord) -> bool {
        self.files.entry(file).or_default().records.push(record);
        true
    }
    fn read(&self, file: FileName) -> Vec<ClassicRecord> {
        self.files
            .get(&file)
            .map_or(Vec::new(), |f| f.records.clone())
    }
    fn extent(&self, file: FileName) -> (u64, u64) {
        let paper = self.files.get(&file).cloned().unwrap_or_default();
        (paper.synced, paper.records.len() as u64)
    }
    fn truncate(&mut self, file: FileName, len: u64) {
        let paper = self.files.entry(file).or_default();
        paper.records.truncate(len as usize);
        paper.synced = paper.synced.min(len);
    }
    fn drop_front(&mut self, file: FileName, count: u64) {
        let paper = self.files.entry(file).or_default();
        paper.records.drain(..count as usize);
        paper.synced = paper.synced.saturating_sub(count);
    }
    fn remove(&mut self, file: FileName) {
        self.files.remove(&file);
    }
    fn sync(&mut self, file: FileName, token: u64) {
        self.syncs.push((file, token));
    }
    fn sync_now(&mut self, file: FileName) {
        let paper = self.files.entry(file).or_default();
        paper.synced = paper.records.len() as u64;
    }
    fn end(&mut self, why: DownWhy) {
        self.ended = Some(why);
    }
    fn restart(&mut self, queue: ClassicQueue) {
        self.restarted = Some(queue);
    }
    fn spec(&self, id: QueueId) -> Option<Spec> {
        let record = self.image.queue(id)?;
        Some(Spec::of(record, &self.policy))
    }
    fn publish(&mut self, message: Arc<Message>) {
        self.published.push(message);
    }
}

/// A queue and its surroundings.
pub(crate) struct Lab {
    pub(crate) queue: ClassicQueue,
    pub(crate) around: Around,
}

impl Lab {
    /// A durable queue with these arguments that works already.
    pub(crate) fn new(version: Version, arguments: &[(&str, Value)]) -> Lab {
        Lab::of(version, record(arguments))
    }

    pub(crate) fn of(version: Version, record: QueueRecord) -> Lab {
        let mut image = Image::default();
        image.queues.insert(QUEUE.name, record);
        let around = Around {
            now: Time(1_000_000),
            version,
            creation: 1,
            image,
            policy: Table::new(),
            files: BTreeMap::new(),
            timers: BTreeMap::new(),
            posted: VecDeque::new(),
            facts: Vec::new(),
            published: Vec::new(),
            meta: Vec::new(),
            syncs: Vec::new(),
            watched: Vec::new(),
            ended: None,
            restarted: None,
        };
        let mut lab = Lab {
            queue: ClassicQueue::new(QUEUE),
            around,
        };
        lab.tell(channel(0), ToQueue::Begin);
        lab
    }

    /// Tells the queue something.
    pub(crate) fn tell(&mut self, from: Pid, signal: ToQueue) {
        self.queue.touch(&mut self.around);
        self.queue.hear(from, signal, &mut self.around);
    }

    /// Publishes a persistent message; `seq` is channel 9's number if it wants a confirm.
    pub(crate) fn publish(&mut self, number: u32, seq: Option<u64>) {
        self.send(message(number), seq);
    }

    pub(crate) fn send(&mut self, message: Message, seq: Option<u64>) {
        let delivery = Delivery {
            message: Arc::new(message),
            seq,
            sender: channel(9),
            mandatory: false,
        };
        self.tell(channel(9), ToQueue::Deliver(delivery));
    }

    /// basic.consume by a channel, with its number as tag.
    pub(crate) fn consume(&mut self, number: u16, no_ack: bool, prefetch: u16, exclusive: bool) {
        let spec = ConsumeSpec {
            channel: channel(number),
            tag: Name(number),
            no_ack,
            exclusive,
            prefetch,
            arguments: Arc::default(),
            cancel_notify: true,
            token: 1,
        };
        self.tell(channel(number), ToQueue::Consume(spec));
    }

    /// Settles deliveries of a channel by their message numbers.
    pub(crate) fn settle(&mut self, number: u16, ids: &[u64], how: Settle) {
        let ids = ids.to_vec();
        self.tell(channel(number), ToQueue::Settle { ids, how });
    }

    /// Lets time pass, with the timers that come due.
    pub(crate) fn wait(&mut self, span: Span) {
        let until = self.around.now + span;
        while let Some((timer, at)) = self
            .around
            .timers
            .iter()
            .min_by_key(|(_, at)| **at)
            .map(|(timer, at)| (*timer, *at))
            .filter(|(_, at)| *at <= until)
        {
            self.around.timers.remove(&timer);
            self.around.now = self.around.now.max(at);
            self.queue.due(timer, &mut self.around);
            self.sync();
        }
        self.around.now = until;
    }

    /// The syncs that were asked for are done.
    pub(crate) fn sync(&mut self) {
        for (file, token) in std::mem::take(&mut self.around.syncs) {
            self.around.sync_now(file);
            self.queue.journal_synced(token, &mut self.around);
            self.queue.finish(&mut self.around);
        }
    }

    /// The process of the node dies and the node starts again, with the files as they are.
    pub(crate) fn kill(&mut self) {
        self.around.creation += 1;
        self.around.timers.clear();
        self.around.posted.clear();
        self.around.syncs.clear();
        self.around.ended = None;
        self.queue = ClassicQueue::new(QUEUE);
        self.tell(channel(0), ToQueue::Begin);
    }

    /// The node loses power: what is not synced is gone.
    pub(crate) fn lose_power(&mut self) {
        for paper in self.around.files.values_mut() {
            paper.records.truncate(paper.synced as usize);
        }
        self.kill();
    }

    /// The node stops in order and starts again.
    pub(crate) fn restart(&mut self) {
        self.queue.stopping(&mut self.around);
        self.queue.stop(&mut self.around);
        assert_eq!(self.queue.phase(), Phase::Ended);
        self.kill();
    }

    /// Ready messages in order, by number, with `*` where redelivered is set.
    pub(crate) fn ready(&self) -> Vec<String> {
        let mut copy = self.queue.store.clone();
        let mut found = Vec::new();
        while let Some((_, entry)) = copy.take(false) {
            let star = if entry.redelivered { "*" } else { "" };
            found.push(format!("{}{star}", entry.message.key.number));
        }
        found
    }

    /// Deliveries to a channel since the last look, by number, with `*` where redelivered is set.
    pub(crate) fn delivered(&mut self, number: u16) -> Vec<String> {
        let to = channel(number);
        let mut found = Vec::new();
        self.around.posted.retain(|(pid, signal)| {
            let mine = *pid == to;
            if mine && let Signal::Channel(ToChannel::Deliver { messages, .. }) = signal {
                found.extend(messages.iter().map(|handed| {
                    let star = if handed.redelivered { "*" } else { "" };
                    format!("{}{star}", handed.message.key.number)
                }));
                return false;
            }
            true
        });
        found
    }

    /// Confirms (`+`) and refusals (`-`) to the publisher since the last look.
    pub(crate) fn confirms(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        for (to, signal) in &self.around.posted {
            if *to != channel(9) {
                continue;
            }
            match signal {
                Signal::Channel(ToChannel::Settled { seqs, .. }) => {
                    found.extend(seqs.iter().map(|seq| format!("+{seq}")));
                }
                Signal::Channel(ToChannel::Rejected { seqs, .. }) => {
                    found.extend(seqs.iter().map(|seq| format!("-{seq}")));
                }
                _ => {}
            }
        }
        self.around.posted.retain(|(to, _)| *to != channel(9));
        found
    }

    /// The answers to calls since the last look.
    pub(crate) fn answers(&mut self) -> Vec<Answer> {
        let mut found = Vec::new();
        self.around.posted.retain(|(_, signal)| {
            if let Signal::Channel(ToChannel::Answer { answer, .. }) = signal {
                found.push(answer.clone());
                return false;
            }
            true
        });
        found
    }
}
