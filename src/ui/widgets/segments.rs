//! One of a few words, all of them visible: a radio group whose arrows move the choice.

use crate::light::{For, Memo};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// A choice among words. `chosen` may be none of them; then none is marked.
#[component]
pub fn Segments(
    /// Value and label of each, in order.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// The present value.
    #[prop(into)]
    chosen: Signal<String>,
    /// Name for screen readers.
    #[prop(into)]
    label: Signal<String>,
    /// Class of the group.
    #[prop(default = "segments")]
    class: &'static str,
    /// For tests.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Called with the new value.
    on_choose: Callback<String>,
) -> impl IntoView {
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => 1,
            "ArrowLeft" | "ArrowUp" => -1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let options = options.get_untracked();
        let present = options
            .iter()
            .position(|(value, _)| *value == chosen.get_untracked());
        let count = options.len() as i32;
        let next = (present.map_or(0, |at| at as i32) + step).rem_euclid(count.max(1));
        if let Some((value, _)) = options.get(next as usize) {
            on_choose.run(value.clone());
            focus_button(&event, next as u32);
        }
    };
    view! {
        <div class=class role="radiogroup" aria-label=label data-testid=testid on:keydown=on_key>
            <For
                each=move || options.get().into_iter().enumerate()
                key=|(at, (value, label))| (*at, value.clone(), label.clone())
                children=move |(at, (value, label))| {
                    let (mine, wanted) = (value.clone(), value.clone());
                    let is_chosen = Memo::new(move |_| chosen.get() == mine);
                    // With none chosen the first one can be reached.
                    let known = move || options.get().iter().any(|(value, _)| *value == chosen.get());
                    let reachable = move || is_chosen.get() || at == 0 && !known();
                    view! {
                        <button
                            type="button"
                            role="radio"
                            data-value=value
                            aria-checked=move || is_chosen.get().to_string()
                            tabindex=move || if reachable() { "0" } else { "-1" }
                            on:click=move |_| on_choose.run(wanted.clone())
                        >
                            {label}
                        </button>
                    }
                }
            />
        </div>
    }
}

fn focus_button(event: &KeyboardEvent, at: u32) {
    let group = event
        .current_target()
        .and_then(|group| group.dyn_into::<HtmlElement>().ok());
    let button = group
        .and_then(|group| group.query_selector_all("button").ok())
        .and_then(|all| all.item(at));
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}
