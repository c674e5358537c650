//! A button that opens a small sheet below it. Escape and a press elsewhere close it.

use crate::edge::{Listener, document};
use crate::light::Show;
use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

/// Button and sheet; `button` is what stands on the button.
#[component]
pub fn Popover(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Class of the whole, for its place.
    #[prop(optional)]
    class: &'static str,
    /// It is aligned with the button's end.
    #[prop(optional)]
    at_end: bool,
    /// For tests.
    testid: &'static str,
    /// Name for screen readers.
    #[prop(into)]
    label: Signal<String>,
    /// What the button shows.
    button: ViewFn,
    /// What the sheet shows.
    children: ChildrenFn,
) -> impl IntoView {
    let whole = NodeRef::<Div>::new();
    let close_elsewhere = StoredValue::new_local(None::<Listener>);
    Effect::new(move || {
        let listener = open.get().then(|| {
            Listener::new(&document(), "pointerdown", move |event| {
                let inside = event
                    .target()
                    .and_then(|target| target.dyn_into::<Node>().ok());
                let whole = whole.try_get_untracked().flatten();
                if !whole.is_some_and(|whole| whole.contains(inside.as_ref())) {
                    let _ = open.try_set(false);
                }
            })
        });
        let _ = close_elsewhere.try_set_value(listener);
    });
    let give_focus_back = move || {
        let button = whole
            .get_untracked()
            .and_then(|whole| whole.query_selector("button").ok().flatten());
        if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            let _ = button.focus();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            give_focus_back();
        }
    };
    view! {
        <div class=format!("anchor {class}") node_ref=whole on:keydown=on_key>
            <button
                class="btn"
                data-testid=testid
                aria-label=label
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {button.run()}
            </button>
            <Show when=move || open.get()>
                <div class=if at_end { "popover end" } else { "popover" }>{children()}</div>
            </Show>
        </div>
    }
}
