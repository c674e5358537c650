//! What a run consists of before anything happens: plain data, by name, as scenario files, links and
//! the page write it.

use serde::{Deserialize, Serialize};

/// Brokers, topics, clients and everything that is set about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// The version of Kafka, such as `4.3`.
    pub profile: String,
    /// How many brokers there are; they are called `b1`, `b2`, and so on.
    pub brokers: u16,
    /// Topics, without the internal ones.
    pub topics: Vec<Topic>,
    /// Producers and consumers, in the order in which they were added.
    pub clients: Vec<Client>,
    /// Groups beyond those that consumers name, whose offsets somebody will ask for.
    pub groups: Vec<String>,
    /// Everything that is spelled out, under the real names.
    pub settings: Vec<Setting>,
    /// Times of the network, the disks and the processes.
    pub times: Times,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: u16,
    /// How many replicas each partition has.
    pub replication_factor: u16,
    /// For each partition its replicas by name, the preferred leader first. Empty: partition `p` is
    /// led by broker `p + 1`, and its followers are the next brokers in a ring.
    pub assignment: Vec<Vec<String>>,
}

/// A client process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// What it does.
    pub role: ClientRole,
}

/// What a client does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientRole {
    /// It has a KafkaProducer.
    Producer(Producing),
    /// It has a KafkaConsumer.
    Consumer(Consuming),
}

/// What a producing application does by itself (engine.md 1). With `stop_after` 0 it only obeys orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Producing {
    /// Where it sends; empty stands for the first topic.
    pub topic: String,
    /// A fixed partition, or the partitioner's choice.
    pub partition: Option<u16>,
    /// When it begins, after the client was made, in microseconds.
    pub start_us: u64,
    /// Time between two bursts in microseconds.
    pub interval_us: u64,
    /// Messages per burst.
    pub burst: u32,
    /// How many messages in all.
    pub stop_after: u32,
    /// Bytes of each.
    pub size: u32,
    /// How many different keys it uses; 0 means no key.
    pub keys: u32,
    /// What it does with a failed send.
    pub on_failure: OnFailure,
    /// How it ends.
    pub end: ProducerEnd,
}

impl Default for Producing {
    fn default() -> Self {
        Producing {
            topic: String::new(),
            partition: None,
            start_us: 0,
            interval_us: 100_000,
            burst: 1,
            stop_after: 0,
            size: 100,
            keys: 0,
            on_failure: OnFailure::Look,
            end: ProducerEnd::Stay,
        }
    }
}

/// What a producing application does when send() fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// It knows, and goes on.
    #[default]
    Look,
    /// It does not look.
    Ignore,
    /// It sends the message again, at most this often.
    Resend(u16),
}

/// How a producing application ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProducerEnd {
    /// It stays.
    #[default]
    Stay,
    /// close(), which flushes.
    Close,
    /// It ends right after the last send(), without flush or close.
    Exit,
}

/// What a consuming application does by itself. Without `polls` it only obeys orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consuming {
    /// Topics to subscribe().
    pub subscribe: Vec<String>,
    /// Partitions to assign(), such as `orders-0`.
    pub assign: Vec<String>,
    /// It runs a poll loop.
    pub polls: bool,
    /// When the loop begins, after the client was made, in microseconds.
    pub start_us: u64,
    /// Time to process one record in microseconds.
    pub processing_us: u64,
    /// When it commits.
    pub commit: Commits,
    /// A thread of its own processes the records; poll() goes on meanwhile.
    pub hands_off: bool,
    /// Processing the n-th record, counted from 1 over the life of the process, throws.
    pub fails_at: Option<u32>,
    /// What happens after an exception.
    pub after_failure: AfterFailure,
    /// The sink remembers message ids on its own disk and ignores a second delivery.
    pub idempotent_sink: bool,
    /// onPartitionsRevoked calls commitSync().
    pub commit_on_revoke: bool,
}

/// When a consuming application commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Commits {
    /// Never itself; enable.auto.commit may.
    #[default]
    None,
    /// commitSync() when all records of a poll are processed.
    SyncAfter,
    /// commitSync() right after poll().
    SyncBefore,
    /// commitAsync() when all records of a poll are processed.
    AsyncAfter,
}

/// What a consuming application does when processing a record throws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterFailure {
    /// The exception leaves the loop and close() runs.
    #[default]
    Close,
    /// The process dies.
    Exit,
    /// The record is skipped and the loop goes on.
    Skip,
}

/// One value that is spelled out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Setting {
    /// `cluster` (the key finds its own scope), `broker`, `topic`, `producer`, `consumer`, or another
    /// scope of the parameter tables.
    pub scope: String,
    /// Whose it is; empty for the cluster as a whole, for all brokers or for all topics.
    pub name: String,
    /// The real key.
    pub key: String,
    /// The value as it would stand in a properties file.
    pub value: String,
}

/// Shortest and longest times of network and disks, and times of processes, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// A hop between two hosts.
    pub hop_us: (u64, u64),
    /// A sync.
    pub sync_us: (u64, u64),
    /// Until the operating system writes dirty pages back.
    pub write_back_us: (u64, u64),
    /// From the making of a client to its first request.
    pub client_start_us: u64,
    /// From the start of a broker process to its first registration.
    pub broker_start_us: u64,
    /// From a finished controlled shutdown to the end of the process.
    pub broker_stop_us: u64,
    /// One send() that does not block.
    pub send_us: u64,
}

impl Default for Times {
    fn default() -> Self {
        let physics = ackscope_kernel::world::Physics::default();
        let pace = ackscope_kafka::system::Pace::default();
        Times {
            hop_us: (physics.hop.0.0, physics.hop.1.0),
            sync_us: (physics.sync.0.0, physics.sync.1.0),
            write_back_us: (physics.write_back.0.0, physics.write_back.1.0),
            client_start_us: pace.client_start.0,
            broker_start_us: pace.broker_start.0,
            broker_stop_us: pace.broker_stop.0,
            send_us: pace.send.0,
        }
    }
}

impl Default for Topology {
    fn default() -> Self {
        Topology {
            profile: "4.3".to_owned(),
            brokers: 3,
            topics: Vec::new(),
            clients: Vec::new(),
            groups: Vec::new(),
            settings: Vec::new(),
            times: Times::default(),
        }
    }
}

impl Topology {
    /// The value that is spelled out at a place.
    #[must_use]
    pub fn setting(&self, scope: &str, name: &str, key: &str) -> Option<&str> {
        let place = |s: &&Setting| s.scope == scope && s.name == name && s.key == key;
        self.settings.iter().find(place).map(|s| s.value.as_str())
    }

    /// Spells out a value; one that stood there is replaced and keeps its place in the order.
    pub fn set(&mut self, setting: Setting) {
        let same = |s: &&mut Setting| {
            s.scope == setting.scope && s.name == setting.name && s.key == setting.key
        };
        match self.settings.iter_mut().find(same) {
            Some(old) => old.value = setting.value,
            None => self.settings.push(setting),
        }
    }

    /// Makes a value a default again; returns whether it was spelled out.
    pub fn unset(&mut self, scope: &str, name: &str, key: &str) -> bool {
        let before = self.settings.len();
        self.settings
            .retain(|s| s.scope != scope || s.name != name || s.key != key);
        self.settings.len() < before
    }

    /// Makes an option of a client's program the usual one, by the word of its line in a scenario;
    /// returns whether that changed something.
    pub fn reset_option(&mut self, client: &str, option: &str) -> bool {
        let Some(client) = self.clients.iter_mut().find(|c| c.name == client) else {
            return false;
        };
        let before = client.role.clone();
        match &mut client.role {
            ClientRole::Producer(program) => {
                let usual = Producing::default();
                match option {
                    "messages" => program.stop_after = usual.stop_after,
                    "interval" => program.interval_us = usual.interval_us,
                    "burst" => program.burst = usual.burst,
                    "size" => program.size = usual.size,
                    "keys" => program.keys = usual.keys,
                    "begin" => program.start_us = usual.start_us,
                    "on-failure" => program.on_failure = usual.on_failure,
                    "end" => program.end = usual.end,
                    _ => {}
                }
            }
            ClientRole::Consumer(program) => {
                let usual = Consuming::default();
                match option {
                    "polls" => program.polls = usual.polls,
                    "begin" => program.start_us = usual.start_us,
                    "processing" => program.processing_us = usual.processing_us,
                    "commit" => program.commit = usual.commit,
                    "hands-off" => program.hands_off = usual.hands_off,
                    "fails-at" => program.fails_at = usual.fails_at,
                    "then" => program.after_failure = usual.after_failure,
                    "idempotent-sink" => program.idempotent_sink = usual.idempotent_sink,
                    "commit-on-revoke" => program.commit_on_revoke = usual.commit_on_revoke,
                    _ => {}
                }
            }
        }
        client.role != before
    }

    /// The group of a consumer, as its settings name it.
    #[must_use]
    pub fn group_of(&self, consumer: &str) -> Option<&str> {
        self.setting("consumer", consumer, "group.id")
            .filter(|group| !group.is_empty())
    }

    /// All groups: those of consumers in the order of the clients, then the others.
    #[must_use]
    pub fn all_groups(&self) -> Vec<String> {
        let mut groups: Vec<String> = Vec::new();
        let consumers = self
            .clients
            .iter()
            .filter_map(|client| self.group_of(&client.name));
        for group in consumers.chain(self.groups.iter().map(String::as_str)) {
            if !groups.iter().any(|known| known == group) {
                groups.push(group.to_owned());
            }
        }
        groups
    }

    /// The names of the brokers, in order.
    pub fn broker_names(&self) -> impl Iterator<Item = String> + use<> {
        (1..=self.brokers).map(|number| format!("b{number}"))
    }
}
