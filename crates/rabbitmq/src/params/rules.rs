//! The rules between values, in RabbitMQ's own words where it has some.

use ackscope_params::{Overlay, Profile, Refusal, Registry};

use super::types::DelayedRetry;
use super::{
    BindingParams, ChannelParams, ClassicQueueParams, ClusterParams, ConnectionParams,
    ConsumerParams, ExchangeParams, LibraryParams, MirroredPolicyParams, NodeParams, PublishParams,
    QueueParams, QuorumQueueParams, RaftParams, StreamParams,
};

/// Scopes whose values stand for themselves.
macro_rules! no_rules {
    ($($name:ident: $params:ty),+ $(,)?) => {
        $(
            pub(super) fn $name(
                _: &mut $params,
                _: Profile,
                _: &Overlay,
                _: &mut Vec<Refusal>,
            ) {}
        )+
    };
}

no_rules! {
    channel: ChannelParams, publish: PublishParams, exchange: ExchangeParams,
    binding: BindingParams, queue: QueueParams, classic_queue: ClassicQueueParams,
    stream: StreamParams, consumer: ConsumerParams, node: NodeParams, cluster: ClusterParams,
    raft: RaftParams, library: LibraryParams,
}

/// A heartbeat has no negative time.
pub(super) fn connection(
    connection: &mut ConnectionParams,
    _: Profile,
    overlay: &Overlay,
    refusals: &mut Vec<Refusal>,
) {
    if connection.heartbeat < 0 {
        let value = overlay.get("heartbeat").unwrap_or_default();
        let text = "heartbeat must not be negative";
        refusals.push(Refusal::new(
            ConnectionParams::SCOPE,
            "heartbeat",
            value,
            text,
        ));
        connection.heartbeat = 0;
    }
}

/// `rabbit_quorum_queue`: a delayed retry needs its shortest time, and the longest is not shorter.
pub(super) fn quorum_queue(
    queue: &mut QuorumQueueParams,
    _: Profile,
    overlay: &Overlay,
    refusals: &mut Vec<Refusal>,
) {
    let mut refuse = |key: &str, text: &str| {
        let value = overlay.get(key).unwrap_or_default();
        refusals.push(Refusal::new(QuorumQueueParams::SCOPE, key, value, text));
    };
    if queue.x_delayed_retry_type != DelayedRetry::Disabled && queue.x_delayed_retry_min.is_none() {
        refuse(
            "x-delayed-retry-type",
            "delayed-retry-min is required when delayed-retry-type is not disabled",
        );
        queue.x_delayed_retry_type = DelayedRetry::Disabled;
    }
    if let (Some(min), Some(max)) = (queue.x_delayed_retry_min, queue.x_delayed_retry_max)
        && max < min
    {
        refuse(
            "x-delayed-retry-max",
            "delayed-retry-max must not be smaller than delayed-retry-min",
        );
        queue.x_delayed_retry_max = Some(min);
    }
}

/// The validation of policies for mirrored queues (`rabbit_mirror_queue_misc`).
pub(super) fn mirrored_policy(
    policy: &mut MirroredPolicyParams,
    _: Profile,
    overlay: &Overlay,
    refusals: &mut Vec<Refusal>,
) {
    let needs = ["ha-params", "ha-sync-mode", "ha-promote-on-shutdown"];
    if policy.ha_mode.is_none()
        && let Some(key) = needs.into_iter().find(|key| overlay.is_explicit(key))
    {
        let value = overlay.get(key).unwrap_or_default();
        let text = "ha-mode must be specified to specify ha-params, ha-sync-mode or \
                    ha-promote-on-shutdown";
        refusals.push(Refusal::new(MirroredPolicyParams::SCOPE, key, value, text));
    }
}
