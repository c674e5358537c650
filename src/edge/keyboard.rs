//! Keys that work anywhere on the page, unless something that takes keys itself has the focus.

use ackscope_session::Command;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// What a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Of the session.
    Do(Command),
    /// The next faster or slower speed.
    Faster(bool),
    /// The list of keys.
    Help,
    /// Close what is open.
    Close,
}

/// The keys with the catalogue key of what they do, for the list.
pub const LIST: [(&str, &str); 9] = [
    ("Space", "page-keys-play"),
    ("← →", "page-keys-step"),
    ("Home", "page-keys-start"),
    ("End", "page-keys-end"),
    ("+ −", "page-keys-speed"),
    ("Tab · Enter", "page-keys-reach"),
    ("Shift F10", "page-keys-menu"),
    ("Esc", "page-keys-close"),
    ("?", "page-keys-help"),
];

/// What this key means here.
#[must_use]
pub fn wish(event: &KeyboardEvent) -> Option<Wish> {
    if event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented() {
        return None;
    }
    let key = event.key();
    if key == "Escape" {
        return Some(Wish::Close);
    }
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    if target
        .as_ref()
        .is_some_and(|element| takes_keys(element, &key))
    {
        return None;
    }
    Some(match key.as_str() {
        " " => Wish::Do(Command::TogglePlay),
        "ArrowLeft" => Wish::Do(Command::StepBack),
        "ArrowRight" => Wish::Do(Command::StepForward),
        "Home" => Wish::Do(Command::ToStart),
        "End" => Wish::Do(Command::ToEnd),
        "+" | "=" => Wish::Faster(true),
        "-" => Wish::Faster(false),
        "?" => Wish::Help,
        _ => return None,
    })
}

/// Fields take all keys; buttons take those that press them; lists and tabs their arrows.
fn takes_keys(element: &Element, key: &str) -> bool {
    let within = |selector: &str| element.closest(selector).ok().flatten().is_some();
    if within(
        "input:not([type=checkbox]), textarea, select, dialog, [role=menu], [role=tablist], [role=slider]",
    ) {
        return true;
    }
    key == " " && within("button, summary, a, input, [role=button]")
        || matches!(key, "ArrowLeft" | "ArrowRight" | "Home" | "End")
            && within("[role=radiogroup], .events, .rows")
}
