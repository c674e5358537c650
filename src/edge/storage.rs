//! The few choices that outlive a visit: theme and language. Storage may be forbidden (private windows,
//! frames of other sites); then they last as long as the page.

use super::window;

/// Prefix of our keys: several pages may share a host.
const PREFIX: &str = "ackscope.";

/// What was kept under a key.
#[must_use]
pub fn load(key: &str) -> Option<String> {
    window()
        .local_storage()
        .ok()??
        .get_item(&format!("{PREFIX}{key}"))
        .ok()?
}

/// Keeps a value, where that is allowed.
pub fn save(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(&format!("{PREFIX}{key}"), value);
    }
}
