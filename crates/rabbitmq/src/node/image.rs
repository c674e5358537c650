//! The metadata of a cluster as one node knows it: exchanges, queues, bindings, policies.

use crate::amqp::ExchangeKind;
use crate::ids::{Name, Pid, QueueId};
use crate::message::Table;
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The type of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
#[allow(missing_docs, reason = "each is the queue type of the same name")]
pub enum QueueKind {
    Classic,
    Quorum,
    Stream,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
#[allow(missing_docs, reason = "each is the property of the same name")]
pub struct Exchange {
    pub name: Name,
    pub kind: ExchangeKind,
    pub durable: bool,
    pub auto_delete: bool,
    pub internal: bool,
    pub arguments: Arc<Table>,
}

/// What a binding leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Destination {
    /// A queue.
    Queue(Name),
    /// Another exchange.
    Exchange(Name),
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Binding {
    /// The exchange that routes.
    pub source: Name,
    /// Where to.
    pub destination: Destination,
    /// The binding key.
    pub key: Arc<str>,
    /// For a headers exchange.
    pub arguments: Arc<Table>,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Policy {
    /// Its name.
    pub name: Name,
    /// The regular expression over names, as written. Understood are plain text, `.*`, `^` and `$`.
    pub pattern: Arc<str>,
    /// Whether it applies to classic, quorum and stream queues, and to exchanges.
    pub applies_to: AppliesTo,
    /// The highest that matches counts.
    pub priority: i64,
    /// Keys without `x-`.
    pub definition: Arc<Table>,
    /// An operator policy.
    pub operator: bool,
}

/// What a policy applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
#[allow(missing_docs, reason = "each is the value of apply-to")]
pub enum AppliesTo {
    All,
    Queues,
    ClassicQueues,
    QuorumQueues,
    Streams,
    Exchanges,
}

/// What the cluster knows of a queue.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct QueueRecord {
    /// Name and birth.
    pub id: QueueId,
    /// Its type.
    pub kind: QueueKind,
    /// The `durable` property.
    pub durable: bool,
    /// The connection that may use it alone.
    pub exclusive: Option<Pid>,
    /// The `auto_delete` property.
    pub auto_delete: bool,
    /// The arguments as declared.
    pub arguments: Arc<Table>,
    /// The process that leads it: classic queue process or master, last known leader of a quorum queue or
    /// stream.
    pub pid: Pid,
    /// The nodes that have a member; the home node alone for a classic queue.
    pub members: Vec<SeatId>,
    /// Mirrors of a mirrored classic queue, in the order of joining, and whether each is synchronised.
    pub mirrors: Vec<(Pid, bool)>,
    /// Streams: the epoch of the writer.
    pub epoch: u64,
    /// Its process ended with its node in order ("process is stopped by supervisor"), or crashed for good.
    pub state: QueueState,
}

/// How the process of a classic queue is, as the metadata say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum QueueState {
    /// It runs, as far as is known.
    Live,
    /// Its node stopped in order.
    Stopped,
    /// It crashed too often.
    Crashed,
}

/// Everything that the metadata store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Image {
    /// Exchanges without the default one.
    pub exchanges: BTreeMap<Name, Exchange>,
    /// Queues.
    pub queues: BTreeMap<Name, QueueRecord>,
    /// Bindings without those of the default exchange.
    pub bindings: BTreeSet<Binding>,
    /// User and operator policies.
    pub policies: BTreeMap<(bool, Name), Policy>,
}

/// A write to the metadata store.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum MetaCommand {
    /// A new exchange. Fails with [`MetaError::Exists`] when the name is taken.
    PutExchange(Exchange),
    /// Deletes an exchange and its bindings.
    DeleteExchange(Name),
    /// A new queue. Fails with [`MetaError::Exists`] when the name is taken.
    PutQueue(Box<QueueRecord>),
    /// Replaces the record of this life of a queue; [`MetaError::Missing`] when it is gone.
    UpdateQueue(Box<QueueRecord>),
    /// Deletes this life of a queue and its bindings.
    DeleteQueue(QueueId),
    /// A binding. Fails with [`MetaError::Missing`] when one of its ends is gone.
    Bind(Binding),
    /// Removes a binding. An auto-delete exchange goes with its last one.
    Unbind(Binding),
    /// Sets a policy.
    PutPolicy(Policy),
    /// Removes a policy: (operator, name).
    DeletePolicy(bool, Name),
}

/// Why a write to the metadata store failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum MetaError {
    /// The name is taken.
    Exists,
    /// There is no such thing.
    Missing,
    /// No majority answered in time (`metadata_store.khepri.default_timeout`).
    Timeout,
}

impl Image {
    /// Applies a write, or says why not; then nothing is changed.
    ///
    /// # Errors
    /// See [`MetaCommand`].
    pub fn apply(&mut self, command: &MetaCommand) -> Result<(), MetaError> {
        match command {
            MetaCommand::PutExchange(exchange) => {
                if self.exchanges.contains_key(&exchange.name) {
                    return Err(MetaError::Exists);
                }
                self.exchanges.insert(exchange.name, exchange.clone());
            }
            MetaCommand::DeleteExchange(name) => {
                self.exchanges.remove(name).ok_or(MetaError::Missing)?;
                let gone = Destination::Exchange(*name);
                self.bindings
                    .retain(|b| b.source != *name && b.destination != gone);
            }
            MetaCommand::PutQueue(record) => {
                if self.queues.contains_key(&record.id.name) {
                    return Err(MetaError::Exists);
                }
                self.queues.insert(record.id.name, (**record).clone());
            }
            MetaCommand::UpdateQueue(record) => {
                let held = self.queues.get_mut(&record.id.name);
                let held = held.filter(|held| held.id == record.id);
                *held.ok_or(MetaError::Missing)? = (**record).clone();
            }
            MetaCommand::DeleteQueue(id) => {
                if self.queues.get(&id.name).is_none_or(|q| q.id != *id) {
                    return Err(MetaError::Missing);
                }
                self.queues.remove(&id.name);
                self.unbind_all(Destination::Queue(id.name));
            }
            MetaCommand::Bind(binding) => {
                let end = match binding.destination {
                    Destination::Queue(name) => self.queues.contains_key(&name),
                    Destination::Exchange(name) => self.exchanges.contains_key(&name),
                };
                if !end || !self.exchanges.contains_key(&binding.source) {
                    return Err(MetaError::Missing);
                }
                self.bindings.insert(binding.clone());
            }
            MetaCommand::Unbind(binding) => {
                self.bindings.remove(binding);
                self.auto_delete(binding.source);
            }
            MetaCommand::PutPolicy(policy) => {
                self.policies
                    .insert((policy.operator, policy.name), policy.clone());
            }
            MetaCommand::DeletePolicy(operator, name) => {
                self.policies
                    .remove(&(*operator, *name))
                    .ok_or(MetaError::Missing)?;
            }
        }
        Ok(())
    }

    fn unbind_all(&mut self, destination: Destination) {
        let gone: Vec<Binding> = self
            .bindings
            .iter()
            .filter(|b| b.destination == destination)
            .cloned()
            .collect();
        for binding in gone {
            self.bindings.remove(&binding);
            self.auto_delete(binding.source);
        }
    }

    /// An auto-delete exchange is deleted when the last binding from it is removed (reference 1.3).
    fn auto_delete(&mut self, source: Name) {
        let bound = self.bindings.iter().any(|b| b.source == source);
        if !bound && self.exchanges.get(&source).is_some_and(|e| e.auto_delete) {
            self.exchanges.remove(&source);
            self.unbind_all(Destination::Exchange(source));
        }
    }

    /// The bindings from this exchange, in order.
    pub fn bindings_from(&self, source: Name) -> impl Iterator<Item = &Binding> {
        let first = Binding {
            source,
            destination: Destination::Queue(Name::EMPTY),
            key: "".into(),
            arguments: Arc::default(),
        };
        let from = self.bindings.range(first..);
        from.take_while(move |binding| binding.source == source)
    }

    /// The record of this life of a queue.
    #[must_use]
    pub fn queue(&self, id: QueueId) -> Option<&QueueRecord> {
        self.queues.get(&id.name).filter(|q| q.id == id)
    }
}
