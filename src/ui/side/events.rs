//! The log: a window of rows around the cursor; a row leads to its moment.

use crate::desk::Desk;
use crate::light::{For, Memo, Show};
use crate::ui::look;
use ackscope_session::Command;
use ackscope_session::view::{EventRow, EventsQuery, EventsView};
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Rows before and after the cursor.
const BEFORE: u32 = 60;
const AFTER: u32 = 30;

/// The panel.
#[component]
pub fn Events() -> impl IntoView {
    let desk = Desk::here();
    let (text, background) = (RwSignal::new(String::new()), RwSignal::new(false));
    let (of_node, of_message) = (RwSignal::new(false), RwSignal::new(false));
    let around = RwSignal::new(None::<u32>);
    let view = Memo::new(move |_| {
        desk.panels.track();
        desk.selection.track();
        desk.texts.track();
        let (text, background) = (text.get(), background.get());
        let (of_node, of_message, around) = (of_node.get(), of_message.get(), around.get());
        Arc::new(desk.read(|session| {
            let looking = session.looking();
            session.events(&EventsQuery {
                around,
                before: BEFORE,
                after: AFTER,
                text,
                node: looking.node.clone().filter(|_| of_node),
                message: looking.message.filter(|_| of_message),
                background,
            })
        }))
    });
    let rows = Memo::new(move |_| {
        view.with(|view| view.rows.iter().map(|row| row.entry).collect::<Vec<_>>())
    });
    let ends = Memo::new(move |_| view.with(|view| (view.more_before, view.more_after)));
    let selected = Memo::new(move |_| {
        desk.selection.track();
        desk.read(|session| {
            (
                session.looking().node.clone(),
                session.looking().message.is_some(),
            )
        })
    });
    let list = NodeRef::<Div>::new();
    // The list follows the cursor; a reader who scrolls keeps their place until it moves on.
    let current = Memo::new(move |_| {
        view.with(|view| {
            view.rows
                .iter()
                .find(|row| row.current)
                .map(|row| row.entry)
        })
    });
    Effect::new(move || {
        if current.get().is_some() {
            request_animation_frame(move || {
                let list = list.try_get_untracked().flatten();
                let row = list
                    .as_ref()
                    .and_then(|list| list.query_selector("[aria-current=true]").ok().flatten());
                if let (Some(list), Some(row)) =
                    (list, row.and_then(|row| row.dyn_into::<HtmlElement>().ok()))
                {
                    list.set_scroll_top(row.offset_top() - list.client_height() / 2);
                }
            });
        }
    });
    let page_back = move |_| around.set(rows.with_untracked(|rows| rows.first().copied()));
    let page_on = move |_| around.set(rows.with_untracked(|rows| rows.last().copied()));
    view! {
        <div class="events-tools">
            <input
                class="field"
                type="search"
                data-testid="events-search"
                placeholder=desk.label("page-events-search")
                aria-label=desk.label("page-events-search")
                on:input=move |event| text.set(event_target_value(&event))
            />
            <Check on=background label="page-events-background" />
            <Show when=move || selected.get().0.is_some()>
                <Check on=of_node label="page-events-node" />
            </Show>
            <Show when=move || selected.get().1>
                <Check on=of_message label="page-events-message" />
            </Show>
            <Show when=move || around.get().is_some()>
                <button class="link" on:click=move |_| around.set(None)>{desk.label("page-events-now")}</button>
            </Show>
        </div>
        <div class="events" data-testid="events" node_ref=list>
            <Show when=move || ends.get().0>
                <button class="event" on:click=page_back><span>"↑"</span><span>{desk.label("page-events-earlier")}</span></button>
            </Show>
            <For each=move || rows.get() key=|entry| *entry children=move |entry| view! { <Row entry view /> } />
            <Show when=move || ends.get().1>
                <button class="event" on:click=page_on><span>"↓"</span><span>{desk.label("page-events-later")}</span></button>
            </Show>
            <Show when=move || rows.with(Vec::is_empty)>
                <p class="empty">{desk.label("page-events-none")}</p>
            </Show>
        </div>
    }
}

#[component]
fn Check(on: RwSignal<bool>, label: &'static str) -> impl IntoView {
    let desk = Desk::here();
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=on on:change=move |event| on.set(event_target_checked(&event)) />
            {desk.label(label)}
        </label>
    }
}

#[component]
fn Row(entry: u32, view: Memo<Arc<EventsView>>) -> impl IntoView {
    let desk = Desk::here();
    let row = Memo::new(move |_| {
        view.with(|view| view.rows.iter().find(|row| row.entry == entry).cloned())
    });
    let class = move || {
        row.with(|row| {
            let mut class = "event".to_owned();
            if let Some(row) = row {
                for (holds, name) in [(row.future, " future"), (row.selected, " selected")] {
                    if holds {
                        class.push_str(name);
                    }
                }
            }
            class
        })
    };
    let part = move |read: fn(&EventRow) -> String| {
        move || row.with(|row| row.as_ref().map(read).unwrap_or_default())
    };
    let current = move || {
        row.with(|row| row.as_ref().is_some_and(|row| row.current))
            .to_string()
    };
    let sentence = move || {
        row.with(|row| {
            row.as_ref().map(|row| view! { <span class=look::text_tone(row.tone)>{desk.say(&row.sentence)}</span> })
        })
    };
    view! {
        <button class=class data-testid="event-row" data-entry=entry aria-current=current on:click=move |_| desk.dispatch(Command::SeekEntry(entry))>
            <time>{part(|row| look::seconds(row.at_us))}</time>
            {sentence}
        </button>
    }
}
