//! What members, clients and the node's table of members say to each other.

use super::fifo::{Command, Fifo, Msg, Op, Reply};
use crate::ids::{Name, Pid};
use crate::node::image::QueueRecord;
use crate::raft::{Rpc, What};
use crate::signal::{Carried, Token};
use ackscope_kernel::{MessageKey, SeatId};
use borsh::BorshSerialize;

/// To a member.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToMember {
    /// From its node's table of members: come up. `stand`: a new member stands for election at once (4.3).
    Boot {
        /// It stands at once.
        stand: bool,
    },
    /// Raft.
    Raft(Rpc<Fifo>),
    /// A pipelined command.
    Command(Command),
    /// A call.
    Call(Command),
    /// What does this consumer hold of these deliveries?
    CheckedOut(Pid, Name, Vec<u64>),
    /// How much is in the queue?
    Stat(Pid, Token),
    /// Stand for election.
    Stand,
    /// Delete the group; answered to the node's table of members.
    Delete,
    /// Stop and remove everything, without the group.
    ForceDelete,
    /// Take a member on this node into the group.
    Add(SeatId),
    /// Remove a member.
    Remove(SeatId),
    /// Be the whole group from here on.
    ForceAlone,
    /// Hand leadership to the member on this node.
    HandOver(SeatId),
}

/// From a member to a client.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum FromMember {
    /// These commands were applied; `false`: not taken.
    Applied(Vec<(u64, bool)>),
    /// This member does not lead; the command of this number was not taken.
    Rejected(Option<SeatId>, u64),
    /// Messages for a consumer, by delivery id.
    Deliver(Name, Vec<(u64, Msg)>),
    /// What a consumer holds of what was asked for.
    Missing(Name, Vec<(u64, Msg)>),
    /// Stop publishing, or go on.
    Status(bool),
    /// There is a new leader, the sender: send again what was not answered.
    LeaderChange,
    /// These deliveries were taken back: not settled in time.
    Released(Name, Vec<u64>),
    /// The answer to a call.
    Reply(Token, Reply),
    /// The call has to go to this member.
    Redirect(Token, SeatId),
    /// How much is in the queue: ready messages and consumers.
    Stat(Token, u32, u32),
    /// The queue was deleted.
    Eol,
}

/// To the table of Raft members of a node (`ra_directory`, and what starts and deletes members).
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToRa {
    /// To the node that is to lead: start the members of a new queue. The channel is answered.
    Declare(Box<QueueRecord>, Pid, Token),
    /// Start a member of this queue here.
    Start(Box<QueueRecord>),
    /// It is started.
    Started(crate::ids::QueueId),
    /// A member of this node leads its queue now.
    Leads(crate::ids::QueueId),
    /// Delete a queue. The channel is answered.
    Delete(crate::ids::QueueId, Pid, Token),
    /// The group was deleted; it held so many ready messages.
    Deleted(crate::ids::QueueId, u32),
    /// Remove the member here, if there is one.
    ForceDelete(crate::ids::QueueId),
}

impl Carried for ToRa {
    fn background(&self) -> bool {
        false
    }
}

fn of_command(command: &Command) -> (Option<MessageKey>, u32) {
    match &command.op {
        Op::Enqueue(_, message) => (Some(message.key), 1),
        _ => (None, 0),
    }
}

fn of_entries(rpc: &Rpc<Fifo>) -> (Option<MessageKey>, u32, u32) {
    let Rpc::AppendEntries { entries, .. } = rpc else {
        return (None, 0, 0);
    };
    let mut first = None;
    let (mut count, mut bytes) = (0u32, 0u32);
    for entry in entries {
        bytes = bytes.saturating_add(40);
        if let What::User(command) = &entry.what
            && let Op::Enqueue(_, message) = &command.op
        {
            first = first.or(Some(message.key));
            count += 1;
            bytes = bytes.saturating_add(message.size);
        }
    }
    (first, count, bytes)
}

impl Carried for ToMember {
    fn size(&self) -> u32 {
        match self {
            ToMember::Raft(rpc) => of_entries(rpc).2.saturating_add(40),
            ToMember::Command(Command {
                op: Op::Enqueue(_, message),
                ..
            }) => message.size.saturating_add(40),
            _ => 40,
        }
    }

    fn carries(&self) -> (Option<MessageKey>, u32) {
        match self {
            ToMember::Raft(rpc) => {
                let (first, count, _) = of_entries(rpc);
                (first, count)
            }
            ToMember::Command(command) | ToMember::Call(command) => of_command(command),
            _ => (None, 0),
        }
    }
}

impl Carried for FromMember {
    fn size(&self) -> u32 {
        match self {
            FromMember::Deliver(_, list) | FromMember::Missing(_, list) => {
                let sizes = list.iter().map(|(_, msg)| msg.message.size);
                sizes.fold(40, u32::saturating_add)
            }
            FromMember::Reply(_, Reply::Got { msg, .. }) => msg.message.size.saturating_add(40),
            _ => 40,
        }
    }

    fn carries(&self) -> (Option<MessageKey>, u32) {
        match self {
            FromMember::Deliver(_, list) | FromMember::Missing(_, list) => (
                list.first().map(|(_, msg)| msg.message.key),
                u32::try_from(list.len()).unwrap_or(u32::MAX),
            ),
            FromMember::Reply(_, Reply::Got { msg, .. }) => (Some(msg.message.key), 1),
            _ => (None, 0),
        }
    }
}
