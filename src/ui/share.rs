//! The run as a link and as a figure for another page.

use crate::desk::Desk;
use crate::edge::{address, embed, media};
use crate::ui::widgets::popover::Popover;
use leptos::prelude::*;

/// The link.
#[component]
pub fn Share() -> impl IntoView {
    let desk = Desk::here();
    let open = RwSignal::new(false);
    let text = Signal::derive(move || {
        desk.link.track();
        desk.panels.track();
        desk.address()
    });
    let button = move || view! { <span>{desk.label("page-share")}</span> };
    view! {
        <Popover open class="share" at_end=true testid="share" label=Signal::derive(desk.label("page-share")) button=button.into()>
            <p class="note">{desk.label("page-share-hint")}</p>
            <input class="field" readonly data-testid="share-link" aria-label=desk.label("page-share") prop:value=text />
            <Copy text />
        </Popover>
    }
}

/// Markup for a frame.
#[component]
pub fn Embed() -> impl IntoView {
    let desk = Desk::here();
    let open = RwSignal::new(false);
    let text = Signal::derive(move || {
        desk.link.track();
        desk.panels.track();
        let (link, title) = desk.read(|session| {
            let header = session.header();
            let item = header
                .scenarios
                .iter()
                .find(|item| Some(&item.id) == header.scenario.as_ref());
            (
                session.link(),
                item.map(|item| session.say(&item.title))
                    .unwrap_or_default(),
            )
        });
        embed::snippet(
            &address::page(),
            &address::figure(&link),
            &format!("AckScope: {title}"),
        )
    });
    let button = move || view! { <span>{desk.label("page-embed")}</span> };
    view! {
        <Popover open class="share embed" at_end=true testid="embed" label=Signal::derive(desk.label("page-embed")) button=button.into()>
            <p class="note">{desk.label("page-embed-hint")}</p>
            <textarea class="field" rows="5" readonly data-testid="embed-text" aria-label=desk.label("page-embed") prop:value=text />
            <Copy text />
        </Popover>
    }
}

/// Copies, and says whether that worked.
#[component]
fn Copy(text: Signal<String>) -> impl IntoView {
    let desk = Desk::here();
    let said = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let text = text.get_untracked();
        wasm_bindgen_futures::spawn_local(async move {
            let key = if media::copy(text).await {
                "page-copied"
            } else {
                "page-copy-failed"
            };
            let _ = said.try_set(Some(key));
        });
    };
    view! {
        <div class="row">
            <button class="btn primary" data-testid="copy" on:click=copy>{desk.label("page-copy")}</button>
            <span role="status" class="note">{move || said.get().map(|key| desk.text(key))}</span>
        </div>
    }
}
