//! The message table: one row each, only those in sight are made.

use super::why::Why;
use crate::desk::Desk;
use crate::light::{For, Memo, Show};
use crate::ui::look;
use crate::ui::page::Page;
use ackscope_scene::Phrase;
use ackscope_session::Command;
use ackscope_session::view::{MessageRow, MessagesView};
use leptos::ev::{Event, KeyboardEvent};
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Height of a row in the style sheet.
const ROW: f64 = 28.0;
/// Rows made beyond those in sight, on each side.
const BEYOND: u32 = 6;
/// Rows that are made before the height is known, and on a phone, where the page scrolls.
const ROWS: u32 = 60;

/// Table, and below it the story of the selected message.
#[component]
pub fn Messages() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let window = RwSignal::new((0_u32, ROWS));
    let rows = NodeRef::<Div>::new();
    let look_again = move || {
        let Some(element) = rows.get_untracked() else {
            return;
        };
        if page.media.narrow.get_untracked() {
            return;
        }
        let first = (f64::from(element.scroll_top()) / ROW) as u32;
        let count = (f64::from(element.client_height()) / ROW).ceil() as u32;
        let next = (first.saturating_sub(BEYOND), count + 2 * BEYOND);
        if window.get_untracked() != next {
            window.set(next);
        }
    };
    let on_scroll = move |_: Event| look_again();
    let view = Memo::new(move |_| {
        desk.panels.track();
        desk.selection.track();
        desk.texts.track();
        let (first, count) = window.get();
        Arc::new(desk.read(|session| session.messages(first, count)))
    });
    let total = Memo::new(move |_| view.with(|view| view.total));
    let above = move || view.with(|view| f64::from(view.first) * ROW);
    let below = move || {
        view.with(|view| {
            f64::from(
                view.total
                    .saturating_sub(view.first + view.rows.len() as u32),
            ) * ROW
        })
    };
    let names = Memo::new(move |_| {
        view.with(|view| view.rows.iter().map(|row| row.message).collect::<Vec<_>>())
    });
    let on_key = move |event: KeyboardEvent| {
        let down = match event.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        move_focus(&event, down);
    };
    view! {
        <div class="panel messages-panel">
            <Counts view />
            <div class="rows" node_ref=rows on:scroll=on_scroll on:keydown=on_key>
                <table class="messages" aria-label=desk.label("page-tab-messages") aria-rowcount=move || total.get().to_string()>
                    <colgroup>
                        <col class="col-name" />
                        <col />
                        <col class="col-fate" />
                    </colgroup>
                    <tbody>
                        <tr class="filler" aria-hidden="true"><td colspan="3" style:height=move || format!("{}px", above())></td></tr>
                        <For each=move || names.get() key=|name| *name children=move |name| view! { <Row name view /> } />
                        <tr class="filler" aria-hidden="true"><td colspan="3" style:height=move || format!("{}px", below())></td></tr>
                    </tbody>
                </table>
                <Show when=move || total.get() == 0>
                    <p class="empty">{desk.label("page-messages-none")}</p>
                </Show>
            </div>
            <Why hint=true />
        </div>
    }
}

/// How many messages have each fate; they add up to all of them.
#[component]
fn Counts(view: Memo<Arc<MessagesView>>) -> impl IntoView {
    let desk = Desk::here();
    let counts = Memo::new(move |_| view.with(|view| (view.total, view.counts.clone())));
    view! {
        <Show when=move || { counts.get().0 > 0 }>
            <div class="counts" data-testid="counts">
                <b>{move || desk.say(&Phrase::new("page-of-messages").with("count", counts.get().0))}</b>
                {move || {
                    counts
                        .get()
                        .1
                        .into_iter()
                        .map(|(fate, count)| view! { <span data-fate=fate data-count=count.to_string()>{count} " " {desk.fate(fate)}</span> })
                        .collect_view()
                }}
            </div>
        </Show>
    }
}

#[component]
fn Row(name: u64, view: Memo<Arc<MessagesView>>) -> impl IntoView {
    let desk = Desk::here();
    let row = Memo::new(move |_| {
        view.with(|view| view.rows.iter().find(|row| row.message == name).cloned())
    });
    let part = move |read: fn(&MessageRow) -> String| {
        move || row.with(|row| row.as_ref().map(read).unwrap_or_default())
    };
    let selected = move || {
        row.with(|row| row.as_ref().is_some_and(|row| row.selected))
            .to_string()
    };
    let place = move || {
        row.with(|row| {
            row.as_ref()
                .map(|row| desk.say(&row.place))
                .unwrap_or_default()
        })
    };
    let fate = move || {
        row.with(|row| {
            row.as_ref().map(|row| {
                let text = desk.fate(row.fate);
                let times = if row.deliveries > 1 { format!(" ×{}", row.deliveries) } else { String::new() };
                view! {
                    <span class=look::text_tone(row.tone) title=format!("{} {}", row.fate, look::seconds(row.since_us))>
                        {row.glyph} " " {text} {times}
                    </span>
                }
            })
        })
    };
    view! {
        <tr
            data-testid="message-row"
            data-message=part(|row| row.name.clone())
            data-fate=part(|row| row.fate.to_owned())
            aria-selected=selected
            on:click=move |_| desk.dispatch(Command::SelectMessage(Some(name)))
        >
            <td><button class="pick" aria-pressed=selected>{part(|row| row.name.clone())}</button></td>
            <td title=place>{place}</td>
            <td>{fate}</td>
        </tr>
    }
}

/// Up and down between the rows' buttons.
fn move_focus(event: &KeyboardEvent, down: bool) {
    let row = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let row = row.and_then(|element| element.closest("tr").ok().flatten());
    let beside = row.and_then(|row| {
        if down {
            row.next_element_sibling()
        } else {
            row.previous_element_sibling()
        }
    });
    let button = beside.and_then(|row| row.query_selector("button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}
