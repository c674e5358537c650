//! Texts are files beside the page, one language each, fetched when they are needed.

use super::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Languages with catalogues, the first one being what others fall back to.
pub const LANGUAGES: [&str; 2] = ["en", "zh-CN"];

/// The files that a language's first picture needs.
pub const FILES: [&str; 5] = ["page", "ui", "narration", "reasons", "scenarios"];
/// The files that come after it: help for parameters.
pub const LATER: [&str; 1] = ["params"];

/// The file of the list of what is modelled, fetched when that is opened.
pub const MODEL: [&str; 1] = ["model"];

/// The catalogue that is nearest to a language tag.
#[must_use]
pub fn nearest(tag: &str) -> Option<&'static str> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES
        .into_iter()
        .find(|known| known.split('-').next() == Some(primary))
}

/// The texts of catalogue files, by paths relative to the page. All are asked for at once.
///
/// # Errors
/// What went wrong, in English: without texts there is no other language to say it in.
pub async fn fetch(language: &str, files: &[&str]) -> Result<Vec<String>, String> {
    let path = |file: &str| format!("locales/{language}/{file}.ftl");
    let asked: Vec<_> = files
        .iter()
        .map(|file| (path(file), window().fetch_with_str(&path(file))))
        .collect();
    let mut texts = Vec::new();
    for (path, promise) in asked {
        texts.push(
            text_of(promise)
                .await
                .map_err(|why| format!("{path}: {why}"))?,
        );
    }
    Ok(texts)
}

async fn text_of(promise: js_sys::Promise) -> Result<String, String> {
    let response = JsFuture::from(promise)
        .await
        .map_err(|error| message(&error))?;
    let response: Response = response.dyn_into().map_err(|error| message(&error))?;
    if !response.ok() {
        return Err(format!("the server answers {}", response.status()));
    }
    let text = response.text().map_err(|error| message(&error))?;
    let text = JsFuture::from(text)
        .await
        .map_err(|error| message(&error))?;
    text.as_string().ok_or_else(|| "no text".to_owned())
}

fn message(error: &wasm_bindgen::JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || "not reachable".to_owned(),
        |error| String::from(error.message()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_worker_keeps_every_file_of_every_language() {
        let worker = include_str!("../../public/sw.js");
        let list = |name: &str| {
            let line = worker
                .lines()
                .find(|line| line.starts_with(&format!("const {name} = ")));
            let mut words: Vec<_> = line
                .unwrap_or_default()
                .split('"')
                .skip(1)
                .step_by(2)
                .collect();
            words.sort_unstable();
            words
        };
        assert_eq!(list("LANGUAGES"), LANGUAGES);
        let mut files = [&FILES[..], &LATER, &MODEL].concat();
        files.sort_unstable();
        assert_eq!(list("TEXTS"), files);
    }
}
