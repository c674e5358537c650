//! Declaring, binding, deleting (reference 1.3, 1.4).

use super::Channel;
use super::calls::Asked;
use super::location;
use super::lookup::{Absent, Found, absent, lookup, no_queue};
use crate::amqp::{ExchangeDeclare, ExchangeKind, Method, QueueDeclare};
use crate::ids::{Name, Part, Pid, QueueId};
use crate::message::{Table, Value};
use crate::node::args::{self, exchange_text, precondition, queue_text};
use crate::node::ctx::Ctx;
use crate::node::image::{
    Binding, Destination, MetaCommand, MetaError, QueueKind, QueueRecord, QueueState,
};
use crate::node::supervisor::ToSupervisor;
use crate::reply::{Code, Reply};
use crate::signal::Signal;
use crate::system::Version;
use std::sync::Arc;

/// The default exchange cannot be touched.
fn not_default(name: Name) -> Result<(), Reply> {
    if name == Name::EMPTY {
        let text = "operation not permitted on the default exchange";
        return Err(Reply::error(Code::AccessRefused, text));
    }
    Ok(())
}

fn no_exchange(name: Name, ctx: &Ctx<'_, '_>) -> Reply {
    let text = exchange_text(&ctx.text(name));
    Reply::error(Code::NotFound, format!("no {text}"))
}

impl Channel {
    // ---- exchanges ----

    pub(super) fn exchange_declare(
        &mut self,
        declare: &ExchangeDeclare,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        let name = declare.exchange;
        if declare.passive {
            not_default(name)?;
            if !ctx.image.exchanges.contains_key(&name) {
                return Err(no_exchange(name, ctx));
            }
            self.finish(Method::ExchangeDeclareOk, ctx);
            return Ok(());
        }
        let kind = args::exchange_kind(declare)?;
        not_default(name)?;
        let text = ctx.text(name);
        if let Some(exchange) = ctx.image.exchanges.get(&name) {
            args::exchange_equivalent(exchange, &text, declare, kind)?;
            self.finish(Method::ExchangeDeclareOk, ctx);
            return Ok(());
        }
        args::unreserved("exchange", &text)?;
        if let Some(value) = declare.arguments.get("alternate-exchange")
            && !matches!(value, Value::Str(_))
        {
            let exchange = exchange_text(&text);
            return Err(precondition(format!(
                "invalid type for arg 'alternate-exchange' in {exchange}"
            )));
        }
        let exchange = args::exchange(declare, kind);
        let token = self.ask(Asked::Meta, ctx);
        ctx.write_meta(MetaCommand::PutExchange(exchange), token);
        Ok(())
    }

    pub(super) fn exchange_delete(
        &mut self,
        name: Name,
        if_unused: bool,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        not_default(name)?;
        let text = exchange_text(&ctx.text(name));
        if ctx.text(name).starts_with("amq.") {
            let text = format!("deletion of system {text} not permitted");
            return Err(Reply::error(Code::AccessRefused, text));
        }
        if !ctx.image.exchanges.contains_key(&name) {
            self.finish(Method::ExchangeDeleteOk, ctx);
            return Ok(());
        }
        if if_unused && ctx.image.bindings_from(name).next().is_some() {
            return Err(precondition(format!("{text} in use")));
        }
        let token = self.ask(Asked::Meta, ctx);
        ctx.write_meta(MetaCommand::DeleteExchange(name), token);
        Ok(())
    }

    pub(super) fn exchange_bind(
        &mut self,
        destination: Name,
        source: Name,
        key: Arc<str>,
        arguments: Arc<Table>,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        not_default(destination)?;
        not_default(source)?;
        for name in [source, destination] {
            if !ctx.image.exchanges.contains_key(&name) {
                return Err(no_exchange(name, ctx));
            }
        }
        let destination = Destination::Exchange(destination);
        self.bind(source, destination, key, arguments, true, ctx)
    }

    // ---- bindings ----

    pub(super) fn queue_bind(
        &mut self,
        queue: Name,
        exchange: Name,
        key: Arc<str>,
        arguments: Arc<Table>,
        bind: bool,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        not_default(exchange)?;
        match lookup(queue, ctx) {
            Found::Missing => return Err(no_queue(queue, ctx)),
            Found::NodeDown(record) => return Err(absent(&record, Absent::NodeDown, ctx)),
            Found::Live(record) | Found::Stopped(record) | Found::Crashed(record) => {
                let text = ctx.text(queue);
                let me = Some(self.reader);
                args::exclusive_access(&record, &text, me, false)?;
            }
        }
        if !ctx.image.exchanges.contains_key(&exchange) {
            return Err(no_exchange(exchange, ctx));
        }
        let destination = Destination::Queue(queue);
        self.bind(exchange, destination, key, arguments, bind, ctx)
    }

    fn bind(
        &mut self,
        source: Name,
        destination: Destination,
        key: Arc<str>,
        arguments: Arc<Table>,
        bind: bool,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        let kind = ctx
            .image
            .exchanges
            .get(&source)
            .map(|exchange| exchange.kind);
        if bind {
            valid_binding(kind, &key, &arguments, ctx.version())?;
        }
        let binding = Binding {
            source,
            destination,
            key,
            arguments,
        };
        if ctx.image.bindings.contains(&binding) == bind {
            // Bound, or not bound, already.
            let answer = if bind {
                bound(destination)
            } else {
                Method::QueueUnbindOk
            };
            self.finish(answer, ctx);
            return Ok(());
        }
        let token = self.ask(Asked::Meta, ctx);
        let command = if bind {
            MetaCommand::Bind(binding)
        } else {
            MetaCommand::Unbind(binding)
        };
        ctx.write_meta(command, token);
        Ok(())
    }

    // ---- queues ----

    /// The name that a declaration is about: the server finds one for a queue without.
    pub(super) fn declared_name(
        &mut self,
        declare: &QueueDeclare,
        ctx: &Ctx<'_, '_>,
    ) -> Result<Name, Reply> {
        if declare.passive {
            return Ok(declare.queue);
        }
        if declare.queue == Name::EMPTY {
            args::server_named(&declare.arguments)?;
            return Ok(self.made_up(ctx));
        }
        args::unreserved("queue", &ctx.text(declare.queue))?;
        Ok(declare.queue)
    }

    fn made_up(&mut self, ctx: &Ctx<'_, '_>) -> Name {
        let node = ctx.node().0 & 7;
        loop {
            let meaning = [4, u64::from(self.id.number), self.token()];
            let drawn = u16::try_from(ctx.env.draw(meaning, 0, 0x3FF)).unwrap_or(0);
            let name = Name(Name::FIRST_GENERATED | node << 10 | drawn);
            if !ctx.image.queues.contains_key(&name) {
                return name;
            }
        }
    }

    pub(super) fn queue_declare(
        &mut self,
        name: Name,
        declare: &QueueDeclare,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        let found = lookup(name, ctx);
        if matches!(found, Found::Missing) && !declare.passive {
            return self.declare_new(name, declare, ctx);
        }
        let record = self.with(name, ctx)?;
        if !declare.passive {
            let text = ctx.text(name);
            args::queue_equivalent(&record, &text, declare, self.reader)?;
        }
        self.ask_queue(&record, ctx)
    }

    fn declare_new(
        &mut self,
        name: Name,
        declare: &QueueDeclare,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        let text = ctx.text(name);
        let kind = args::new_queue(ctx.env.settings(), &text, declare)?;
        if matches!(declare.arguments.get("x-dead-letter-exchange"), Some(value) if !matches!(value, Value::Str(_)))
        {
            let queue = queue_text(&text);
            return Err(precondition(format!(
                "invalid type for arg 'x-dead-letter-exchange' in {queue}"
            )));
        }
        let birth = u32::try_from(ctx.env.now().0 & u64::from(u32::MAX)).unwrap_or(0);
        let id = QueueId { name, birth };
        let members = location::members(kind, declare, ctx);
        let home = members.first().copied().unwrap_or(ctx.node());
        let part = match kind {
            QueueKind::Classic => Part::Queue(id),
            QueueKind::Quorum => Part::Member(id),
            QueueKind::Stream => Part::Replica(id),
        };
        let record = QueueRecord {
            id,
            kind,
            durable: declare.durable,
            exclusive: declare.exclusive.then_some(self.reader),
            auto_delete: declare.auto_delete,
            arguments: declare.arguments.clone(),
            pid: Pid::named(home, part),
            members,
            mirrors: Vec::new(),
            epoch: 0,
            state: QueueState::Live,
        };
        let token = self.ask(Asked::Supervisor(home, id), ctx);
        let supervisor = Pid::named(home, Part::Supervisor);
        ctx.monitor(supervisor);
        let record = Box::new(record);
        let declare = ToSupervisor::Declare { record, token };
        ctx.post(supervisor, Signal::Supervisor(declare));
        Ok(())
    }

    /// A queue that is not there is deleted already. One without a process is deleted by its record.
    pub(super) fn queue_delete(&mut self, name: Name, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        match lookup(name, ctx) {
            Found::Missing => {
                self.finish(Method::QueueDeleteOk { messages: 0 }, ctx);
                Ok(())
            }
            Found::NodeDown(record) => Err(absent(&record, Absent::NodeDown, ctx)),
            Found::Stopped(record) | Found::Crashed(record) => {
                args::exclusive_access(&record, &ctx.text(name), Some(self.reader), false)?;
                self.delete_dead(record.id, false, ctx);
                Ok(())
            }
            Found::Live(record) => self.ask_queue(&record, ctx),
        }
    }

    // ---- the metadata store's answers ----

    /// What the client is told; nothing when somebody else was quicker and the method has to look again.
    pub(super) fn meta_answer(
        &mut self,
        method: &Method,
        queue: Name,
        result: Result<(), MetaError>,
        ctx: &Ctx<'_, '_>,
    ) -> Result<Option<Method>, Reply> {
        if result == Err(MetaError::Timeout) {
            return Err(timed_out(method, queue, ctx));
        }
        let answer = match method {
            Method::ExchangeDeclare(_) => Method::ExchangeDeclareOk,
            Method::ExchangeDelete { .. } => Method::ExchangeDeleteOk,
            Method::ExchangeBind { .. } => Method::ExchangeBindOk,
            Method::QueueBind { .. } => Method::QueueBindOk,
            Method::QueueUnbind { .. } => Method::QueueUnbindOk,
            _ => Method::QueueDeleteOk { messages: 0 },
        };
        let looks_again = matches!(
            method,
            Method::ExchangeDeclare(_) | Method::ExchangeBind { .. } | Method::QueueBind { .. }
        );
        Ok((result.is_ok() || !looks_again).then_some(answer))
    }
}

/// The answer to a bind.
fn bound(destination: Destination) -> Method {
    match destination {
        Destination::Queue(_) => Method::QueueBindOk,
        Destination::Exchange(_) => Method::ExchangeBindOk,
    }
}

/// Khepri had no majority for 30 s (reference 13.8).
fn timed_out(method: &Method, queue: Name, ctx: &Ctx<'_, '_>) -> Reply {
    let store = "because the metadata store operation timed out";
    let queue = queue_text(&ctx.text(queue));
    let exchange = |name: &Name| exchange_text(&ctx.text(*name));
    let text = match method {
        Method::ExchangeDeclare(declare) => {
            format!("Could not declare {} {store}", exchange(&declare.exchange))
        }
        Method::ExchangeDelete { exchange: name, .. } => {
            format!("Could not delete {} {store}", exchange(name))
        }
        Method::ExchangeBind { destination, .. } => {
            format!("Could not bind {} {store}", exchange(destination))
        }
        Method::QueueBind { .. } => format!("Could not bind {queue} {store}"),
        Method::QueueUnbind { .. } => format!("Could not unbind {queue} {store}"),
        _ => "The operation to delete the queue from the metadata store timed out".into(),
    };
    Reply::error(Code::InternalError, text)
}

/// What an exchange type asks of a binding.
fn valid_binding(
    kind: Option<ExchangeKind>,
    key: &str,
    arguments: &Table,
    version: Version,
) -> Result<(), Reply> {
    match kind {
        Some(ExchangeKind::Headers) => match arguments.get("x-match") {
            None => Ok(()),
            Some(Value::Str(mode))
                if ["all", "any", "all-with-x", "any-with-x"].contains(&&**mode) =>
            {
                Ok(())
            }
            Some(Value::Str(mode)) => Err(precondition(format!(
                "Invalid x-match field value <<\"{mode}\">>; expected all, any, all-with-x, or any-with-x"
            ))),
            Some(_) => Err(precondition("Invalid x-match field type; expected longstr")),
        },
        Some(ExchangeKind::Topic) if version >= Version::V4_3 => {
            // Since 4.3.5, because more of them make matching slow.
            if key.split('.').filter(|word| *word == "#").count() > 2 {
                return Err(precondition(
                    "a topic binding key can have at most two '#' wildcards",
                ));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
