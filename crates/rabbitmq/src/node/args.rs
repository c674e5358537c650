//! Arguments and properties of declarations: what RabbitMQ refuses, in its words (`rabbit_amqqueue:declare`,
//! `check_declare_arguments`, `assert_equivalence`, `rabbit_exchange:assert_equivalence`; reference 1.3, 1.4).

use crate::amqp::{ExchangeDeclare, ExchangeKind, QueueDeclare};
use crate::ids::Pid;
use crate::message::{Table, Value};
use crate::node::image::{Exchange, QueueKind, QueueRecord};
use crate::reply::{Code, Reply};
use crate::system::{NodeSettings, Settings};

mod checks;
mod equivalence;

pub use checks::{consume_arguments, declare_arguments, expiration};
pub use equivalence::{exchange_equivalent, queue_equivalent};

/// The longest time to live and the longest lease of a queue, in milliseconds: ten years.
pub const MAX_EXPIRY: i64 = 315_360_000_000;

/// `queue 'q' in vhost '/'`.
#[must_use]
pub fn queue_text(name: &str) -> String {
    format!("queue '{name}' in vhost '/'")
}

/// `exchange 'x' in vhost '/'`.
#[must_use]
pub fn exchange_text(name: &str) -> String {
    format!("exchange '{name}' in vhost '/'")
}

/// A 406.
pub(crate) fn precondition(text: impl AsRef<str>) -> Reply {
    Reply::error(Code::PreconditionFailed, text)
}

/// The type that `x-queue-type` names; without it, and with one that is no type, classic.
#[must_use]
pub fn queue_kind(arguments: &Table) -> QueueKind {
    match arguments.get("x-queue-type") {
        Some(Value::Str(text)) if &**text == "quorum" => QueueKind::Quorum,
        Some(Value::Str(text)) if &**text == "stream" => QueueKind::Stream,
        _ => QueueKind::Classic,
    }
}

/// The module of a queue type, as errors name it.
#[must_use]
pub fn module(kind: QueueKind) -> &'static str {
    match kind {
        QueueKind::Classic => "rabbit_classic_queue",
        QueueKind::Quorum => "rabbit_quorum_queue",
        QueueKind::Stream => "rabbit_stream_queue",
    }
}

/// Who may use an exclusive queue: `strict` also refuses the owner that does not say so, as a declaration does
/// (`check_exclusive_access`).
///
/// # Errors
/// 405.
pub fn exclusive_access(
    queue: &QueueRecord,
    name: &str,
    connection: Option<Pid>,
    strict: bool,
) -> Result<(), Reply> {
    if queue.exclusive == connection || (!strict && queue.exclusive.is_none()) {
        return Ok(());
    }
    Err(Reply::error(
        Code::ResourceLocked,
        format!(
            "cannot obtain exclusive access to locked {}. It could be originally declared on another \
             connection or the exclusive property value does not match that of the original declaration.",
            queue_text(name)
        ),
    ))
}

/// Names that begin with `amq.` are the server's own.
///
/// # Errors
/// 403.
pub fn unreserved(kind: &str, name: &str) -> Result<(), Reply> {
    if name.starts_with("amq.") {
        return Err(Reply::error(
            Code::AccessRefused,
            format!("{kind} name '{name}' contains reserved prefix 'amq.*'"),
        ));
    }
    Ok(())
}

/// Whether a queue that is not there yet can be declared so. `name` is empty when the server is to find one.
///
/// # Errors
/// 403, 406, or 541 for a transient queue that is not exclusive where that is not permitted any more.
pub fn new_queue(
    settings: &Settings,
    name: &str,
    declare: &QueueDeclare,
) -> Result<QueueKind, Reply> {
    let text = queue_text(name);
    declare_arguments(settings.version, &declare.arguments, &text)?;
    let kind = queue_kind(&declare.arguments);
    match kind {
        QueueKind::Classic => transient(&settings.node, declare)?,
        QueueKind::Quorum | QueueKind::Stream => {
            let wrong =
                |property: &str| precondition(format!("invalid property '{property}' for {text}"));
            if declare.auto_delete {
                return Err(wrong("auto-delete"));
            }
            if declare.exclusive {
                return Err(wrong("exclusive-owner"));
            }
            if !declare.durable {
                return Err(wrong("non-durable"));
            }
        }
    }
    Ok(kind)
}

/// Transient queues that are not exclusive are deprecated, and can be forbidden
/// (`deprecated_features.permit.transient_nonexcl_queues`).
fn transient(node: &NodeSettings, declare: &QueueDeclare) -> Result<(), Reply> {
    if declare.durable || declare.exclusive || !node.deny_transient_nonexcl {
        return Ok(());
    }
    Err(Reply::error(
        Code::InternalError,
        "Feature `transient_nonexcl_queues` is deprecated.\nIts use is not permitted per the configuration \
         (overriding the default, which is permitted):\n\
         deprecated_features.permit.transient_nonexcl_queues = false\n\
         Their use will not be permitted by default in a future minor RabbitMQ version and the feature will be \
         removed from a future major RabbitMQ version; actual versions to be determined.",
    ))
}

/// A server-named queue is a classic one.
///
/// # Errors
/// 406.
pub fn server_named(arguments: &Table) -> Result<(), Reply> {
    match queue_kind(arguments) {
        QueueKind::Classic => Ok(()),
        kind => Err(precondition(format!(
            "Cannot declare a server-named queue for type {}",
            module(kind)
        ))),
    }
}

/// The type of an exchange that is to be declared.
///
/// # Errors
/// 406.
pub fn exchange_kind(declare: &ExchangeDeclare) -> Result<ExchangeKind, Reply> {
    declare
        .kind
        .clone()
        .map_err(|name| precondition(format!("unknown exchange type '{name}'")))
}

/// The exchange as it is declared.
#[must_use]
pub fn exchange(declare: &ExchangeDeclare, kind: ExchangeKind) -> Exchange {
    Exchange {
        name: declare.exchange,
        kind,
        durable: declare.durable,
        auto_delete: declare.auto_delete,
        internal: declare.internal,
        arguments: declare.arguments.clone(),
    }
}

#[cfg(test)]
mod tests;
