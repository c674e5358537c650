//! The scenarios that come with AckScope.

macro_rules! scenarios {
    ($($id:literal),* $(,)?) => {
        /// Id and text of each.
        pub const ALL: &[(&str, &str)] =
            &[$(($id, include_str!(concat!("../../scenarios/", $id, ".scn")))),*];
    };
}

scenarios! {
    "kafka-s01-acks-0-leader-crash",
    "kafka-s01-acks-0-too-large",
    "kafka-s02-acks-1-fast-restart",
    "kafka-s02-acks-1-leader-crash",
    "kafka-s03-acks-all-leader-crash",
    "kafka-s03-happy-path",
    "kafka-s05-isr-shrunk-leader-crash",
    "kafka-s06-isr-shrunk-power-loss",
    "kafka-s06-power-loss-under-a-consumer",
    "kafka-s07-unclean-election",
    "kafka-s10-all-power-loss",
    "kafka-s11-all-power-loss-flushed",
    "kafka-s12-leader-power-loss",
    "kafka-s14-min-isr-not-met",
    "kafka-s15-retry-idempotent",
    "kafka-s15-retry-not-idempotent",
    "kafka-s17-one-replica-crash",
    "kafka-s17-one-replica-disk-loss",
    "kafka-s17-one-replica-power-loss",
    "kafka-s26-lost-answer",
    "kafka-s27-lost-answer-idempotent",
    "kafka-s28-reorder",
    "kafka-s32-retries-0",
    "kafka-s32-retries-0-resend",
    "kafka-s33-delivery-timeout",
    "kafka-s33-delivery-timeout-resend",
    "kafka-s40-auto-commit-hand-off",
    "kafka-s41-auto-commit-synchronous",
    "kafka-s42-exception-close",
    "kafka-s44-crash-before-commit",
    "kafka-s44-idempotent-sink",
    "kafka-s44-manual-commit",
}

/// The text of one.
#[must_use]
pub fn named(id: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == id)
        .map(|(_, text)| *text)
}

/// The place in the course that a scenario's text gives it, without reading the rest.
#[must_use]
pub fn course(text: &str) -> Option<u16> {
    text.lines()
        .find_map(|line| line.strip_prefix("course "))
        .and_then(|place| place.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_course_has_every_place_once() {
        let mut places: Vec<u16> = ALL.iter().filter_map(|(_, text)| course(text)).collect();
        places.sort_unstable();
        assert_eq!(places, (1..=8).collect::<Vec<u16>>());
        for (id, text) in ALL {
            let scenario = crate::scenario::Scenario::parse(text).unwrap();
            assert_eq!(course(text), scenario.course, "{id}");
        }
    }
}
