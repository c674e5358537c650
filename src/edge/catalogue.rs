//! Texts are files beside the page, one language each, fetched when they are needed.

use super::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Languages with catalogues, the first one being what others fall back to.
pub const LANGUAGES: [&str; 2] = ["en", "zh-CN"];

/// The files that a language's first picture needs.
pub const FILES: [&str; 2] = ["ui", "narration"];
/// The files that come after it: help for parameters.
pub const LATER: [&str; 1] = ["params"];

/// The catalogue that is nearest to a language tag.
#[must_use]
pub fn nearest(tag: &str) -> Option<&'static str> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.into_iter().find(|known| known.split('-').next() == Some(primary))
}

/// The text of one catalogue file, by a path relative to the page.
///
/// # Errors
/// What went wrong, in English: without texts there is no other language to say it in.
pub async fn fetch(language: &str, file: &str) -> Result<String, String> {
    let path = format!("locales/{language}/{file}.ftl");
    let failed = |what: String| format!("{path}: {what}");
    let promise = window().fetch_with_str(&path);
    let response = JsFuture::from(promise).await.map_err(|error| failed(message(&error)))?;
    let response: Response = response.dyn_into().map_err(|error| failed(message(&error)))?;
    if !response.ok() {
        return Err(failed(format!("the server answers {}", response.status())));
    }
    let text = response.text().map_err(|error| failed(message(&error)))?;
    let text = JsFuture::from(text).await.map_err(|error| failed(message(&error)))?;
    text.as_string().ok_or_else(|| failed("no text".to_owned()))
}

fn message(error: &wasm_bindgen::JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| "not reachable".to_owned(), |error| String::from(error.message()))
}
