//! Field types with a few values, spelled as RabbitMQ spells them.

use ackscope_params::{Field, Value, choices};
use borsh::BorshSerialize;

choices! {
    /// What a channel is told about its publishes.
    pub enum ChannelMode {
        /// Nothing.
        None = "none",
        /// An ack or a nack for each.
        Confirm = "confirm",
        /// One answer for each transaction.
        Tx = "tx",
    }
}

choices! {
    /// A kind of queue.
    pub enum QueueType {
        /// One copy on one node.
        Classic = "classic",
        /// Replicated by Raft.
        Quorum = "quorum",
        /// A replicated log.
        Stream = "stream",
    }
}

choices! {
    /// What happens at a length limit.
    pub enum Overflow {
        /// The oldest ready message is dropped.
        DropHead = "drop-head",
        /// The new message is refused.
        RejectPublish = "reject-publish",
        /// The new message is refused and dead-lettered.
        RejectPublishDlx = "reject-publish-dlx",
    }
}

choices! {
    /// Where a queue's leader begins.
    pub enum LeaderLocator {
        /// On the node of the declaring client.
        ClientLocal = "client-local",
        /// On the node with the fewest leaders.
        Balanced = "balanced",
    }
}

choices! {
    /// Where a classic queue begins (before 4.0).
    pub enum MasterLocator {
        /// On the node with the fewest.
        MinMasters = "min-masters",
        /// On the node of the declaring client.
        ClientLocal = "client-local",
        /// Anywhere.
        Random = "random",
    }
}

choices! {
    /// The mode of a classic queue (before 3.12).
    pub enum QueueMode {
        /// Messages are kept in memory as long as it is enough.
        Default = "default",
        /// Messages are moved to disk early.
        Lazy = "lazy",
    }
}

choices! {
    /// How safely a quorum queue hands on its dead letters.
    pub enum DeadLetterStrategy {
        /// They may be lost on the way.
        AtMostOnce = "at-most-once",
        /// They stay until their new queue has them.
        AtLeastOnce = "at-least-once",
    }
}

choices! {
    /// Which returned messages of a quorum queue wait before they are ready again (4.3).
    pub enum DelayedRetry {
        /// None.
        Disabled = "disabled",
        /// All.
        All = "all",
        /// Those whose delivery count has grown.
        Failed = "failed",
        /// Those whose delivery count has not.
        Returned = "returned",
    }
}

choices! {
    /// What happens when a message store fails.
    pub enum VhostRestart {
        /// Only its virtual host goes down.
        Continue = "continue",
        /// The node stops.
        Stop = "stop",
    }
}

choices! {
    /// What nodes do about a partition (Mnesia only).
    pub enum PartitionHandling {
        /// Nothing: both sides go on.
        Ignore = "ignore",
        /// Nodes that see no majority pause.
        PauseMinority = "pause_minority",
        /// Nodes that see none of the named ones pause.
        PauseIfAllDown = "pause_if_all_down",
        /// After the end of the partition the side with fewer clients restarts.
        Autoheal = "autoheal",
    }
}

choices! {
    /// What `pause_if_all_down` does when both sides went on.
    pub enum PauseRecover {
        /// Nothing.
        Ignore = "ignore",
        /// As autoheal.
        Autoheal = "autoheal",
    }
}

choices! {
    /// Which nodes mirror a classic queue (3.x).
    pub enum HaMode {
        /// All of the cluster.
        All = "all",
        /// As many as `ha-params` says.
        Exactly = "exactly",
        /// Those that `ha-params` names.
        Nodes = "nodes",
    }
}

choices! {
    /// What a new mirror does about messages that are already in the queue.
    pub enum HaSyncMode {
        /// Nothing, until it is told to copy them.
        Manual = "manual",
        /// It copies them at once, and the queue waits.
        Automatic = "automatic",
    }
}

choices! {
    /// When a mirror may become master.
    pub enum PromoteWhen {
        /// Only with everything that the master had.
        WhenSynced = "when-synced",
        /// Always.
        Always = "always",
    }
}

choices! {
    /// How Ra forces its write-ahead log to disk.
    pub enum WalSync {
        /// fdatasync.
        Datasync = "datasync",
        /// fsync.
        Sync = "sync",
        /// Not at all.
        None = "none",
    }
}

choices! {
    /// When a publisher sends a message again.
    pub enum RetryPolicy {
        /// Never.
        None = "none",
        /// After a nack.
        OnNack = "on-nack",
        /// After a nack, after a time-out, and what is open after a lost connection.
        OnNackTimeoutReconnect = "on-nack-timeout-reconnect",
    }
}

/// Credit between two processes (`credit_flow`): what a sender begins with, and what it is given
/// each time after as many messages were handled. Nothing is limited when the first is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Credit {
    /// Messages that may be sent at first.
    pub initial: i64,
    /// Messages after which the receiver grants as many more.
    pub more_after: i64,
}

impl Field for Credit {
    fn from_value(value: &Value) -> Option<Self> {
        let Value::List(words) = value else {
            return None;
        };
        let [initial, more_after] = &words[..] else {
            return None;
        };
        let number = |word: &String| word.parse().ok().filter(|number: &i64| *number >= 0);
        Some(Self {
            initial: number(initial)?,
            more_after: number(more_after)?,
        })
    }

    fn to_value(&self) -> Value {
        Value::List(vec![self.initial.to_string(), self.more_after.to_string()])
    }
}

/// The prefetch of channels that never set one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct DefaultPrefetch {
    /// Whether the consumers of a channel share it.
    pub global: bool,
    /// Messages; 0 is no limit.
    pub count: i64,
}

impl Field for DefaultPrefetch {
    fn from_value(value: &Value) -> Option<Self> {
        let Value::List(words) = value else {
            return None;
        };
        let [global, count] = &words[..] else {
            return None;
        };
        let count = count.parse().ok();
        Some(Self {
            global: global.parse().ok()?,
            count: count.filter(|count| (0..=65_535).contains(count))?,
        })
    }

    fn to_value(&self) -> Value {
        Value::List(vec![self.global.to_string(), self.count.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Value {
        Value::List(text.split(',').map(str::to_owned).collect())
    }

    #[test]
    fn pairs_are_read_and_written() {
        let credit = Credit {
            initial: 400,
            more_after: 200,
        };
        assert_eq!(Credit::from_value(&list("400,200")), Some(credit));
        assert_eq!(credit.to_value(), list("400,200"));
        for wrong in ["400", "400,200,1", "a,b", "-1,200"] {
            assert_eq!(Credit::from_value(&list(wrong)), None, "{wrong}");
        }
        let prefetch = DefaultPrefetch::from_value(&list("true,10"));
        let wanted = DefaultPrefetch {
            global: true,
            count: 10,
        };
        assert_eq!(prefetch, Some(wanted));
        assert_eq!(wanted.to_value(), list("true,10"));
        for wrong in ["true", "1,10", "true,-1", "true,65536"] {
            assert_eq!(DefaultPrefetch::from_value(&list(wrong)), None, "{wrong}");
        }
    }
}
