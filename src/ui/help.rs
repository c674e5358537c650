//! The list of keys.

use crate::desk::Desk;
use crate::edge::keyboard::LIST;
use crate::ui::page::Page;
use leptos::html::Dialog;
use leptos::prelude::*;

/// A sheet above the page.
#[component]
pub fn Help() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let sheet = NodeRef::<Dialog>::new();
    Effect::new(move || {
        let Some(sheet) = sheet.get() else { return };
        if page.help.get() {
            let _ = sheet.show_modal();
        } else {
            sheet.close();
        }
    });
    view! {
        <dialog class="sheet" node_ref=sheet data-testid="help" aria-label=desk.label("page-keys") on:close=move |_| page.help.set(false)>
            <h2>{desk.label("page-keys")}</h2>
            <div class="keys">
                {LIST.map(|(keys, what)| view! { <kbd>{keys}</kbd><span>{desk.label(what)}</span> }).collect_view()}
            </div>
            <p class="note">{desk.label("page-model-note")}</p>
            <div class="row">
                <button class="link" on:click=move |_| { page.help.set(false); page.model.set(true) }>{desk.label("page-model")}</button>
                <button class="btn" on:click=move |_| page.help.set(false)>{desk.label("page-close")}</button>
            </div>
        </dialog>
    }
}
