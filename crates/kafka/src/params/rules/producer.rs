//! The rules of the producer's settings (kafka.md 1.1, C1 to C6).

use ackscope_params::{Overlay, Profile, Refusal, Registry};

use crate::params::types::Acks;
use crate::params::{ProducerParams, V2_8, V4_3};

/// The most requests in flight with which the broker can tell a repeated batch: it remembers five.
const MAX_IN_FLIGHT_WITH_IDEMPOTENCE: i64 = 5;

/// C1 to C6 of kafka.md 1.1 (`ProducerConfig.postProcessAndValidateIdempotenceConfigs`,
/// `KafkaProducer.configureDeliveryTimeout`).
pub(in crate::params) fn producer(
    p: &mut ProducerParams,
    profile: Profile,
    overlay: &Overlay,
    refusals: &mut Vec<Refusal>,
) {
    let mut refuse = |key: &str, text: String| {
        let value = overlay.get(key).unwrap_or_default();
        refusals.push(Refusal::new(ProducerParams::SCOPE, key, value, text));
    };
    let explicit = |key: &str| overlay.is_explicit(key);
    let transactional = overlay
        .get("transactional.id")
        .is_some_and(|id| id != "none");

    // Before 3.0 idempotence was off unless asked for, by itself or by a transactional id, and then
    // brought acks=all with it.
    if profile == V2_8 {
        if transactional && !explicit("enable.idempotence") {
            p.enable_idempotence = true;
        }
        if p.enable_idempotence && !explicit("acks") {
            p.acks = Acks::All;
        }
    }
    let insists = p.enable_idempotence && (explicit("enable.idempotence") || profile == V2_8);
    p.idempotent = p.enable_idempotence;
    if p.enable_idempotence {
        if p.retries == 0 {
            p.idempotent = false;
            if insists {
                let text = "Must set retries to non-zero when using the idempotent producer.";
                refuse("retries", text.to_owned());
            }
        }
        if p.acks != Acks::All {
            p.idempotent = false;
            if insists {
                let text = "Must set acks to all in order to use the idempotent producer. \
                            Otherwise we cannot guarantee idempotence.";
                refuse("acks", text.to_owned());
            }
        }
        // C3 looks at the wish, not at what the two rules above have made of it.
        let key = "max.in.flight.requests.per.connection";
        let in_flight = p.max_in_flight_requests_per_connection;
        if in_flight > MAX_IN_FLIGHT_WITH_IDEMPOTENCE {
            p.idempotent = false;
            if profile == V4_3 {
                refuse(
                    key,
                    format!(
                        "To use the idempotent producer, {key} must be set to at most 5. \
                         Current value is {in_flight}."
                    ),
                );
            } else if insists {
                let verb = if profile == V2_8 {
                    "to use"
                } else {
                    "when using"
                };
                refuse(
                    key,
                    format!("Must set {key} to at most 5 {verb} the idempotent producer."),
                );
            }
        }
    }
    if transactional && !p.idempotent {
        let text = "Cannot set a transactional.id without also enabling idempotence.";
        refuse("transactional.id", text.to_owned());
    }
    let two_phase = overlay.get("transaction.two.phase.commit.enable");
    if two_phase.is_some_and(|text| text.eq_ignore_ascii_case("true"))
        && explicit("transaction.timeout.ms")
    {
        refuse(
            "transaction.timeout.ms",
            "Cannot set transaction.timeout.ms when transaction.two.phase.commit.enable is set to \
             true. Transactions will not expire with two-phase commit enabled."
                .to_owned(),
        );
    }

    // C5: a default is raised, an explicit value refused.
    let clip = |ms: i64| ms.min(i64::from(i32::MAX));
    let least = clip(clip(p.linger_ms) + p.request_timeout_ms);
    if p.delivery_timeout_ms < least {
        if explicit("delivery.timeout.ms") {
            refuse(
                "delivery.timeout.ms",
                "delivery.timeout.ms should be equal to or larger than \
                 linger.ms + request.timeout.ms"
                    .to_owned(),
            );
        } else {
            p.delivery_timeout_ms = least;
        }
    }
    // An explicit first pause alone switches the growth off (`postProcessReconnectBackoffConfigs`).
    if explicit("reconnect.backoff.ms") && !explicit("reconnect.backoff.max.ms") {
        p.reconnect_backoff_max_ms = p.reconnect_backoff_ms;
    }
}
