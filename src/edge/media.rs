//! What the reader's system prefers, and how wide the window is.

use super::{Listener, document, window};
use leptos::prelude::*;

/// Below this width the page is one column; the style sheets say the same.
const NARROW: &str = "(max-width: 1023px)";
const DARK: &str = "(prefers-color-scheme: dark)";
const STILL: &str = "(prefers-reduced-motion: reduce)";

/// Signals that follow the browser.
#[derive(Clone, Copy)]
pub struct Media {
    /// The window is narrow: panels stand below the stage.
    pub narrow: RwSignal<bool>,
    /// The system is dark.
    pub dark: RwSignal<bool>,
    /// The reader wants little motion.
    pub still: RwSignal<bool>,
}

impl Media {
    /// Reads and follows; ends with the present owner.
    #[must_use]
    pub fn watch() -> Self {
        Media {
            narrow: follow(NARROW),
            dark: follow(DARK),
            still: follow(STILL),
        }
    }
}

/// Whether the reader wants little motion, at this moment.
#[must_use]
pub fn prefers_still() -> bool {
    matches(STILL)
}

fn matches(query: &str) -> bool {
    window()
        .match_media(query)
        .ok()
        .flatten()
        .is_some_and(|list| list.matches())
}

fn follow(query: &'static str) -> RwSignal<bool> {
    let signal = RwSignal::new(matches(query));
    if let Ok(Some(list)) = window().match_media(query) {
        let listener = Listener::new(&list, "change", move |_| {
            let _ = signal.try_set(matches(query));
        });
        let kept = StoredValue::new_local(Some(listener));
        on_cleanup(move || {
            kept.try_update_value(Option::take);
        });
    }
    signal
}

/// Which theme is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// As the style sheets and the storage spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Theme {
        match self {
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Light,
        }
    }

    /// What a spelled theme is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Theme> {
        [Theme::Light, Theme::Dark]
            .into_iter()
            .find(|theme| theme.name() == text)
    }

    /// Shows it.
    pub fn apply(self) {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", self.name());
        }
    }
}

/// Tells the browser, its screen reader and its spelling which language the page speaks.
pub fn set_document_language(language: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", language);
    }
}

/// The reader's languages, the preferred one first.
#[must_use]
pub fn browser_languages() -> Vec<String> {
    let languages = window().navigator().languages();
    languages
        .iter()
        .filter_map(|language| language.as_string())
        .collect()
}

/// How the clipboard took a text.
pub async fn copy(text: String) -> bool {
    let clipboard = window().navigator().clipboard();
    // Without a secure context there is no clipboard at all.
    if wasm_bindgen::JsValue::from(clipboard.clone()).is_undefined() {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text))
        .await
        .is_ok()
}
