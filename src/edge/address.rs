//! The `#` part of the address: read at the start and when it changes, written after a pause.

use super::window;

/// Part of the fragment that concerns the page and not the run: a figure in another page.
const FIGURE: &str = "ui=min";
/// Part of the fragment that opens the benchmark instead of a run.
const BENCH: &str = "bench";

/// What an address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// The run, for the session.
    pub link: String,
    /// Stage, transport and one sentence only.
    pub figure: bool,
    /// The benchmark page.
    pub bench: bool,
}

/// Reads a fragment, with or without its `#`.
#[must_use]
pub fn parse(fragment: &str) -> Fragment {
    let fragment = fragment.trim_start_matches('#');
    let mut parsed = Fragment::default();
    let mut kept = Vec::new();
    for part in fragment.split('&') {
        match part {
            FIGURE => parsed.figure = true,
            BENCH => parsed.bench = true,
            other => kept.push(other),
        }
    }
    parsed.link = kept.join("&");
    parsed
}

/// The fragment for a run, as a page or as a figure.
#[must_use]
pub fn fragment(link: &str, figure: bool) -> String {
    match (figure, link.is_empty()) {
        (false, _) => link.to_owned(),
        (true, true) => FIGURE.to_owned(),
        (true, false) => format!("{link}&{FIGURE}"),
    }
}

/// What the address says now.
#[must_use]
pub fn read() -> Fragment {
    parse(&window().location().hash().unwrap_or_default())
}

/// The page's address without its fragment.
#[must_use]
pub fn page() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// Replaces the fragment without a new step in the browser's history.
pub fn write(fragment: &str) {
    let target = format!("#{fragment}");
    if window().location().hash().is_ok_and(|present| present == target) {
        return;
    }
    if let Ok(history) = window().history() {
        // A frame of another site may forbid it; the run goes on without.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&target));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_takes_its_own_parts_and_leaves_the_rest_as_it_is() {
        let parsed = parse("#v=1&s=kafka-s02&ui=min&set=acks:all");
        assert!(parsed.figure);
        assert_eq!(parsed.link, "v=1&s=kafka-s02&set=acks:all");
        assert_eq!(fragment(&parsed.link, true), "v=1&s=kafka-s02&set=acks:all&ui=min");
        assert_eq!(parse(""), Fragment::default());
        assert_eq!(parse("#ui=min").link, "");
        assert_eq!(fragment("", true), "ui=min");
    }
}
