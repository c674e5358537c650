//! The rules between values, in Kafka's own words. A value that was spelled out is refused where a
//! default is silently changed.

mod consumer;
mod producer;

pub(super) use consumer::consumer;
pub(super) use producer::producer;

use ackscope_params::{Overlay, Profile, Refusal, Registry, Spec, find};

use super::{BrokerParams, ControllerParams, CoordinatorParams, TopicParams};

/// `LogConfig.validate`.
pub(super) fn topic(
    t: &mut TopicParams,
    _profile: Profile,
    overlay: &Overlay,
    refusals: &mut Vec<Refusal>,
) {
    let (min, max) = (t.min_compaction_lag_ms, t.max_compaction_lag_ms);
    if min > max {
        let text = format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > \
             max.compaction.lag.ms ({max})"
        );
        let value = overlay.get("min.compaction.lag.ms").unwrap_or_default();
        refusals.push(Refusal::new(
            TopicParams::SCOPE,
            "min.compaction.lag.ms",
            value,
            text,
        ));
    }
}

/// The requirements of `KafkaConfig` at the start of a broker.
pub(super) fn broker(
    b: &mut BrokerParams,
    _profile: Profile,
    overlay: &Overlay,
    refusals: &mut Vec<Refusal>,
) {
    let wait = b.replica_fetch_wait_max_ms;
    let limits = [
        (
            "replica.socket.timeout.ms",
            b.replica_socket_timeout_ms,
            "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to \
             prevent unnecessary socket timeouts",
        ),
        (
            "replica.lag.time.max.ms",
            b.replica_lag_time_max_ms,
            "replica.fetch.wait.max.ms should always be less than or equal to \
             replica.lag.time.max.ms to prevent frequent changes in ISR",
        ),
    ];
    for (key, limit, text) in limits {
        if wait > limit {
            let value = overlay.get(key).unwrap_or_default();
            refusals.push(Refusal::new(BrokerParams::SCOPE, key, value, text));
        }
    }
}

/// The controller has no rule: a session shorter than two heartbeats only makes it log an error.
pub(super) fn controller(_: &mut ControllerParams, _: Profile, _: &Overlay, _: &mut Vec<Refusal>) {}

/// The requirements of `GroupCoordinatorConfig`: for groups of the new protocol every value lies
/// between its two bounds, and the heartbeat is shorter than the session.
pub(super) fn coordinator(
    _: &mut CoordinatorParams,
    profile: Profile,
    overlay: &Overlay,
    refusals: &mut Vec<Refusal>,
) {
    let specs = CoordinatorParams::specs();
    let mut require = |left: &str, least: bool, right: &str| {
        let numbers = (
            number(specs, profile, overlay, left),
            number(specs, profile, overlay, right),
        );
        let (Some(a), Some(b)) = numbers else { return };
        let (holds, relation) = match least {
            true => (a >= b, "greater than or equal to"),
            false => (a <= b, "less than or equal to"),
        };
        if !holds {
            let text = format!("{left} must be {relation} {right}");
            let value = overlay.get(left).unwrap_or_default();
            refusals.push(Refusal::new(CoordinatorParams::SCOPE, left, value, text));
        }
    };
    for what in [
        "heartbeat.interval.ms",
        "session.timeout.ms",
        "assignment.interval.ms",
    ] {
        let key = format!("group.consumer.{what}");
        let (min, max) = (
            format!("group.consumer.min.{what}"),
            format!("group.consumer.max.{what}"),
        );
        require(&max, true, &min);
        require(&key, true, &min);
        require(&key, false, &max);
    }
    let (heartbeat, session) = (
        "group.consumer.heartbeat.interval.ms",
        "group.consumer.session.timeout.ms",
    );
    let at = |key| number(specs, profile, overlay, key);
    if at(heartbeat) >= at(session) && at(session).is_some() {
        let text = format!("{heartbeat} must be less than {session}");
        let value = overlay.get(heartbeat).unwrap_or_default();
        refusals.push(Refusal::new(
            CoordinatorParams::SCOPE,
            heartbeat,
            value,
            text,
        ));
    }
}

/// The number in force for a row without a field.
fn number(specs: &[Spec], profile: Profile, overlay: &Overlay, key: &str) -> Option<i64> {
    let default = || find(specs, key).and_then(|spec| spec.default(profile));
    overlay.get(key).or_else(default)?.parse().ok()
}
