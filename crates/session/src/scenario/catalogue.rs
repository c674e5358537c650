//! The scenarios that come with AckScope.

macro_rules! scenarios {
    ($($id:literal),* $(,)?) => {
        /// Id and text of each.
        pub const ALL: &[(&str, &str)] =
            &[$(($id, include_str!(concat!("../../scenarios/", $id, ".scn")))),*];
    };
}

scenarios! {
    "kafka-s02-acks-1-leader-crash",
    "kafka-s03-happy-path",
}

/// The text of one.
#[must_use]
pub fn named(id: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == id)
        .map(|(_, text)| *text)
}
