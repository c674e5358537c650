//! The `#` part of the address: read at the start and when it changes, written after a pause.

use super::window;

/// What an address says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// The run, for the session.
    pub link: String,
    /// Stage, transport and one sentence only: a figure in another page.
    pub figure: bool,
    /// The benchmark instead of a run.
    pub bench: bool,
    /// The list of what is modelled is open.
    pub model: bool,
    /// The language asked for.
    pub language: Option<String>,
    /// The theme asked for.
    pub theme: Option<String>,
}

/// Reads a fragment, with or without its `#`: a link of the session among whose parts, or alone, stand
/// those of the page.
#[must_use]
pub fn parse(fragment: &str) -> Fragment {
    let fragment = fragment.trim_start_matches('#');
    let mut parsed = Fragment::default();
    let (head, query) = match fragment.split_once('?') {
        Some((head, query)) => (head, query),
        None if fragment.contains(['=', '&']) || fragment == "bench" || fragment == "model" => {
            ("", fragment)
        }
        None => (fragment, ""),
    };
    let mut kept = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("ui", "min")) => parsed.figure = true,
            Some(("lang", language)) => parsed.language = Some(language.to_owned()),
            Some(("theme", theme)) => parsed.theme = Some(theme.to_owned()),
            None if part == "bench" => parsed.bench = true,
            None if part == "model" => parsed.model = true,
            _ => kept.push(part),
        }
    }
    let query = kept.join("&");
    parsed.link = match (head.is_empty(), query.is_empty()) {
        (_, true) => head.to_owned(),
        (true, false) => query,
        (false, false) => format!("{head}?{query}"),
    };
    parsed
}

/// The fragment for a run as a figure.
#[must_use]
pub fn figure(link: &str) -> String {
    match (link.is_empty(), link.contains('?')) {
        (true, _) => "ui=min".to_owned(),
        (false, true) => format!("{link}&ui=min"),
        (false, false) => format!("{link}?ui=min"),
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
    if window()
        .location()
        .hash()
        .is_ok_and(|present| present == target)
    {
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
        let parsed = parse("#1/kafka-s02?seed=3&ui=min&lang=zh-CN&set=topic//a%3D:1");
        assert!(parsed.figure && !parsed.bench);
        assert_eq!(parsed.language.as_deref(), Some("zh-CN"));
        assert_eq!(parsed.link, "1/kafka-s02?seed=3&set=topic//a%3D:1");
        assert_eq!(parse("1/kafka-s02?ui=min").link, "1/kafka-s02");
        assert_eq!(parse("1/kafka-s02").link, "1/kafka-s02");
        assert_eq!(parse("#ui=min&theme=dark").theme.as_deref(), Some("dark"));
        assert!(parse("bench").bench);
        assert!(parse("#model").model && parse("#model").link.is_empty());
        assert_eq!(parse(""), Fragment::default());
        assert_eq!(
            parse("nonsense=1").link,
            "nonsense=1",
            "the session says what it does not know"
        );
    }

    #[test]
    fn a_figure_is_the_same_link_with_one_part_more() {
        for link in ["", "1/kafka-s02", "1/kafka-s02?seed=3"] {
            let parsed = parse(&figure(link));
            assert!(parsed.figure);
            assert_eq!(parsed.link, link);
        }
    }
}
