//! The scenarios that come with AckScope.

/// Id and text of each.
pub const ALL: &[(&str, &str)] = &[];

/// The text of one.
#[must_use]
pub fn named(id: &str) -> Option<&'static str> {
    ALL.iter()
        .find(|(known, _)| *known == id)
        .map(|(_, text)| *text)
}
