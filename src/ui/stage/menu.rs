//! What can be done to a node, a link or a packet: one menu for mouse, touch and keyboard.

use crate::desk::Desk;
use crate::edge::{Listener, document, window};
use crate::light::{For, Memo};
use crate::ui::page::{MenuAt, Page, Tab, focused};
use ackscope_session::Command;
use ackscope_session::command::Target;
use ackscope_session::view::{ActView, EventsQuery};
use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

/// The menu, when one is open.
#[component]
pub fn ActMenu() -> impl IntoView {
    let page = Page::here();
    view! {
        {move || page.menu.get().map(|at| view! { <OpenMenu at /> })}
    }
}

#[component]
fn OpenMenu(at: MenuAt) -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let opener = StoredValue::new_local(focused());
    let menu = NodeRef::<Div>::new();
    let target = StoredValue::new(at.target.clone());
    // What is possible can change while the menu is open.
    let acts = Memo::new(move |_| {
        desk.panels.track();
        desk.read(|session| target.with_value(|target| session.acts_for(target)))
    });
    let close = move || {
        page.menu.set(None);
        opener.with_value(|opener| {
            if let Some(opener) = opener {
                let _ = opener.focus();
            }
        });
    };
    let choose = move |act: ActView| {
        close();
        desk.dispatch(Command::Intervene(act.act));
    };
    Effect::new(move || {
        let Some(element) = menu.get() else { return };
        keep_inside(&element, at.x, at.y);
        focus_item(&element, 0);
    });
    let elsewhere = StoredValue::new_local(Some(Listener::new(
        &document(),
        "pointerdown",
        move |event| {
            let pressed = event
                .target()
                .and_then(|target| target.dyn_into::<Node>().ok());
            let inside = menu
                .try_get_untracked()
                .flatten()
                .is_some_and(|menu| menu.contains(pressed.as_ref()));
            if !inside {
                let _ = page.menu.try_set(None);
            }
        },
    )));
    on_cleanup(move || {
        elsewhere.try_update_value(Option::take);
    });
    let on_key = move |event: KeyboardEvent| {
        let Some(element) = menu.get_untracked() else {
            return;
        };
        match event.key().as_str() {
            "ArrowDown" => focus_item(&element, 1),
            "ArrowUp" => focus_item(&element, -1),
            "Home" => focus_item(&element, 0),
            "End" => focus_item(&element, i32::MAX),
            "Escape" | "Tab" => close(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let title = move || title_of(desk, &target.get_value());
    view! {
        <div class="popover menu" role="menu" data-testid="menu" node_ref=menu aria-label=title on:keydown=on_key>
            <div class="eyebrow named" role="presentation">{title}</div>
            <For
                each=move || acts.get()
                key=|act| format!("{:?}", act.act)
                children=move |act| {
                    let (label, hint) = (act.label.clone(), act.hint.clone());
                    view! {
                        <button
                            class=if act.hot { "item hot" } else { "item" }
                            role="menuitem"
                            tabindex="-1"
                            on:click=move |_| choose(act.clone())
                        >
                            <b>{move || desk.say(&label)}</b>
                            <small>{move || desk.say(&hint)}</small>
                        </button>
                    }
                }
            />
            <Inspect target=target close=Callback::new(move |()| close()) />
        </div>
    }
}

/// Looking at it is possible too, and the only thing when nothing can be done.
#[component]
fn Inspect(target: StoredValue<Target>, close: Callback<()>) -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let go = move |_| {
        let (command, tab) = match target.get_value() {
            Target::Node(name) => (Command::SelectNode(Some(name)), Tab::Node),
            Target::Token(entry) => (Command::SelectEntry(Some(entry)), Tab::Events),
            Target::Link(..) => return,
        };
        close.run(());
        desk.dispatch(command);
        page.tab.set(tab);
    };
    let label = move || match target.get_value() {
        Target::Node(_) => Some("page-show-node"),
        Target::Token(_) => Some("page-show-entry"),
        Target::Link(..) => None,
    };
    (!desk.figure).then(|| {
        label().map(|key| {
            view! { <button class="item" role="menuitem" tabindex="-1" on:click=go><b>{desk.label(key)}</b></button> }
        })
    })
}

fn title_of(desk: Desk, target: &Target) -> String {
    match target {
        Target::Node(name) => name.clone(),
        Target::Link(from, to) => format!("{from} ↔ {to}"),
        Target::Token(entry) => {
            let query = EventsQuery {
                around: Some(*entry),
                before: 1,
                after: 1,
                background: true,
                ..EventsQuery::default()
            };
            let rows = desk.read(|session| session.events(&query).rows);
            let row = rows.into_iter().find(|row| row.entry == *entry);
            row.map_or_else(|| format!("#{entry}"), |row| desk.say(&row.sentence))
        }
    }
}

/// Beside the point, but within the window.
fn keep_inside(menu: &HtmlElement, x: f64, y: f64) {
    let size = |value: Result<wasm_bindgen::JsValue, _>| {
        value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0)
    };
    let place = menu.get_bounding_client_rect();
    let left = x
        .min(size(window().inner_width()) - place.width() - 8.0)
        .max(8.0);
    let top = y
        .min(size(window().inner_height()) - place.height() - 8.0)
        .max(8.0);
    let style = menu.style();
    let _ = style.set_property("left", &format!("{left:.0}px"));
    let _ = style.set_property("top", &format!("{top:.0}px"));
}

/// Focuses the first item (0), the last (a large number), or one beside the focused one.
fn focus_item(menu: &HtmlElement, step: i32) {
    let Ok(items) = menu.query_selector_all("[role=menuitem]") else {
        return;
    };
    let count = items.length() as i32;
    if count == 0 {
        return;
    }
    let present = focused().and_then(|focused| {
        (0..count).find(|at| {
            items
                .item(*at as u32)
                .is_some_and(|item| item.is_same_node(Some(&focused)))
        })
    });
    let next = match step {
        0 => 0,
        i32::MAX => count - 1,
        step => present.map_or(0, |at| (at + step).rem_euclid(count)),
    };
    if let Some(item) = items
        .item(next as u32)
        .and_then(|item| item.dyn_into::<HtmlElement>().ok())
    {
        let _ = item.focus();
    }
}
