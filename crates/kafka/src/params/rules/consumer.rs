//! The rules of the consumer's settings (kafka.md 1.2).

use ackscope_params::{Overlay, Profile, Refusal, Registry};

use crate::params::types::{GroupProtocol, OffsetReset};
use crate::params::{ConsumerParams, V2_8, V3_9};

/// The constraints of kafka.md 1.2 (`ConsumerConfig`, `Heartbeat`).
pub(in crate::params) fn consumer(
    c: &mut ConsumerParams,
    profile: Profile,
    overlay: &Overlay,
    refusals: &mut Vec<Refusal>,
) {
    let mut refuse = |key: &str, text: String| {
        let value = overlay.get(key).unwrap_or_default();
        refusals.push(Refusal::new(ConsumerParams::SCOPE, key, value, text));
    };
    if c.group_id.is_none() && c.enable_auto_commit {
        c.enable_auto_commit = false;
        if overlay.is_explicit("enable.auto.commit") {
            let text = "cannot be set to true when default group id (null) is used.";
            refuse("enable.auto.commit", format!("enable.auto.commit {text}"));
        }
    }
    let (protocol, forbidden): (_, &[&str]) = match c.group_protocol {
        GroupProtocol::Classic => ("CLASSIC", &["group.remote.assignor"]),
        GroupProtocol::Consumer => (
            "CONSUMER",
            &[
                "partition.assignment.strategy",
                "heartbeat.interval.ms",
                "session.timeout.ms",
            ],
        ),
    };
    let is_set = |key: &&str| {
        overlay
            .get(key)
            .is_some_and(|text| !["", "none"].contains(&text))
    };
    for key in forbidden.iter().filter(|key| is_set(key)) {
        refuse(
            key,
            format!("{key} cannot be set when group.protocol={protocol}"),
        );
    }
    if c.group_protocol == GroupProtocol::Classic && c.heartbeat_interval_ms >= c.session_timeout_ms
    {
        let text = "Heartbeat must be set lower than the session timeout";
        refuse("heartbeat.interval.ms", text.to_owned());
    }
    if matches!(c.auto_offset_reset, OffsetReset::ByDuration(_)) && [V3_9, V2_8].contains(&profile)
    {
        let value = overlay.get("auto.offset.reset").unwrap_or_default();
        refuse(
            "auto.offset.reset",
            format!(
                "Invalid value {value} for configuration auto.offset.reset: String must be one of: \
                 latest, earliest, none"
            ),
        );
        c.auto_offset_reset = OffsetReset::Latest;
    }
}
