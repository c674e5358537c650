//! The right column: messages, why, node, events. On a phone it stands below the stage, with the
//! diagram and the settings as tabs of their own.

pub mod cures;
pub mod events;
pub mod messages;
pub mod node;
pub mod why;

use crate::desk::Desk;
use crate::light::{For, Memo};
use crate::ui::legend::Legend;
use crate::ui::page::{Page, Tab};
use crate::ui::settings::Settings;
use crate::ui::timeline::Timeline;
use crate::ui::transport::SmallPrint;
use events::Events;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use messages::Messages;
use node::NodePanel;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use why::WhyPanel;

const WIDE: [Tab; 4] = [Tab::Messages, Tab::Why, Tab::Node, Tab::Events];
const NARROW: [Tab; 6] = [
    Tab::Messages,
    Tab::Why,
    Tab::Timeline,
    Tab::Node,
    Tab::Events,
    Tab::Settings,
];

fn name(tab: Tab) -> (&'static str, &'static str) {
    match tab {
        Tab::Messages => ("messages", "page-tab-messages"),
        Tab::Why => ("why", "page-tab-why"),
        Tab::Node => ("node", "page-tab-node"),
        Tab::Events => ("events", "page-tab-events"),
        Tab::Timeline => ("timeline", "page-tab-timeline"),
        Tab::Settings => ("settings", "page-tab-settings"),
    }
}

/// Tabs and the chosen panel.
#[component]
pub fn Side() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let tabs = move || {
        if page.media.narrow.get() {
            NARROW.to_vec()
        } else {
            WIDE.to_vec()
        }
    };
    // A tab that the window has no room for, or no need of, falls back to the first one.
    let shown = Memo::new(move |_| {
        let tab = page.tab.get();
        if tabs().contains(&tab) {
            tab
        } else {
            Tab::Messages
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => -1,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let tabs = tabs();
        let at = tabs
            .iter()
            .position(|tab| *tab == shown.get_untracked())
            .unwrap_or(0) as i32;
        let next = tabs[(at + step).rem_euclid(tabs.len() as i32) as usize];
        page.tab.set(next);
        let list = event
            .current_target()
            .and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let button = list.and_then(|list| {
            list.query_selector(&format!("#tab-{}", name(next).0))
                .ok()
                .flatten()
        });
        if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
            let _ = button.focus();
        }
    };
    view! {
        <aside class="side">
            <div class="tabs" role="tablist" aria-label=desk.label("page-panels") on:keydown=on_key>
                <For
                    each=tabs
                    key=|tab| *tab as u8
                    children=move |tab| {
                        let (id, label) = name(tab);
                        view! {
                            <button
                                role="tab"
                                id=format!("tab-{id}")
                                data-testid="tab"
                                data-tab=id
                                aria-controls="panel"
                                aria-selected=move || (shown.get() == tab).to_string()
                                tabindex=move || if shown.get() == tab { "0" } else { "-1" }
                                on:click=move |_| page.tab.set(tab)
                            >
                                {desk.label(label)}
                            </button>
                        }
                    }
                />
            </div>
            <div class="panel" id="panel" role="tabpanel" aria-labelledby=move || format!("tab-{}", name(shown.get()).0)>
                {move || match shown.get() {
                    Tab::Messages => view! { <Messages /> }.into_any(),
                    Tab::Why => view! { <WhyPanel /> }.into_any(),
                    Tab::Node => view! { <NodePanel /> }.into_any(),
                    Tab::Events => view! { <Events /> }.into_any(),
                    Tab::Timeline => view! { <Timeline /><Legend /> }.into_any(),
                    Tab::Settings => view! { <div class="run-print"><SmallPrint /></div><Settings /> }.into_any(),
                }}
            </div>
        </aside>
    }
}
