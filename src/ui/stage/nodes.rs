//! The boxes. Crash and restart stand on them, everything else is in their menu.

use super::still::Still;
use crate::desk::Desk;
use crate::light::{For, Memo, Show};
use crate::ui::look;
use crate::ui::page::{Page, Tab};
use ackscope_scene::drawable::{Node, Role};
use ackscope_scene::geometry::Rect;
use ackscope_session::Command;
use ackscope_session::command::Target;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// All nodes.
#[component]
pub fn Nodes(frame: Memo<Arc<Still>>) -> impl IntoView {
    let keys = Memo::new(move |_| {
        frame.with(|frame| {
            frame
                .nodes
                .iter()
                .map(|node| node.key.clone())
                .collect::<Vec<_>>()
        })
    });
    view! {
        <For each=move || keys.get() key=Clone::clone children=move |key| view! { <NodeBox name=key frame /> } />
    }
}

#[component]
fn NodeBox(name: String, frame: Memo<Arc<Still>>) -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let key = name.clone();
    let node = Memo::new(move |_| frame.with(|frame| frame.node(&key).cloned()));
    let part = move |read: fn(&Node) -> String| {
        move || node.with(|node| node.as_ref().map(read).unwrap_or_default())
    };
    let class = part(|node| {
        let leads = if node.leads { " leads" } else { "" };
        let selected = if node.selected { " selected" } else { "" };
        format!("node {}{leads}{selected}", look::node(node.state))
    });
    let title = move || {
        node.with(|node| {
            node.as_ref()
                .map(|node| desk.say(&node.title))
                .unwrap_or_default()
        })
    };
    let head_has_acts = Memo::new(move |_| node.with(|node| node.as_ref().is_some_and(in_head)));
    let badges = move || {
        let badges = node.with(|node| {
            node.as_ref()
                .map(|node| node.badges.clone())
                .unwrap_or_default()
        });
        badges
            .into_iter()
            .map(|badge| view! { <span class=format!("badge {}", look::tone(badge.tone))>{desk.say(&badge.text)}</span> })
            .collect_view()
    };
    let lines = move || {
        let lines = node.with(|node| {
            node.as_ref()
                .map(|node| node.lines.clone())
                .unwrap_or_default()
        });
        lines
            .into_iter()
            .map(|line| {
                let text = desk.say(&line);
                view! { <p title=text.clone()>{text.clone()}</p> }
            })
            .collect_view()
    };
    let (selected, menu, shown, below) = (name.clone(), name.clone(), name.clone(), name.clone());
    let on_select = move |_| {
        desk.dispatch(Command::SelectNode(Some(selected.clone())));
        if !desk.figure && !page.media.narrow.get_untracked() {
            page.tab.set(Tab::Node);
        }
    };
    let on_menu = move |event: MouseEvent| {
        event.prevent_default();
        page.open_menu(
            Target::Node(menu.clone()),
            f64::from(event.client_x()),
            f64::from(event.client_y()),
        );
    };
    view! {
        <article
            class=class
            data-testid="node"
            data-node=shown
            data-state=part(|node| look::node(node.state).to_owned())
            style=part(|node| place(&node.rect))
            aria-label=title
            on:contextmenu=on_menu
        >
            <div class="node-head">
                <button class="node-name" on:click=on_select>
                    {title}
                </button>
                <Show when=move || head_has_acts.get()>
                    <span class="badges">{badges}</span>
                    <Acts name=name.clone() node />
                </Show>
            </div>
            <div class="node-lines">
                {lines}
                <Show when=move || !head_has_acts.get()>
                    <span class="badges">{badges}</span>
                </Show>
            </div>
            <Show when=move || !head_has_acts.get()>
                <Acts name=below.clone() node />
            </Show>
        </article>
    }
}

/// Crash, restart and the menu.
#[component]
fn Acts(name: String, node: Memo<Option<Node>>) -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let target = Target::Node(name.clone());
    // What can be done depends on the node's state; the acts themselves are few and cheap to compare.
    let acts = {
        let target = target.clone();
        Memo::new(move |_| {
            node.track();
            desk.edits.track();
            desk.read(|session| session.acts_for(&target))
        })
    };
    // A narrow box has room for the one that matters most; the rest is in the menu.
    let most = move || node.with(|node| node.as_ref().map_or(1, room_for));
    let primary = move || {
        acts.get()
            .into_iter()
            .filter(|act| act.primary)
            .take(most())
            .collect::<Vec<_>>()
    };
    let place_of = move || {
        node.with(|node| {
            node.as_ref().map(|node| {
                let (buttons, outer) = (&node.buttons, &node.rect);
                if in_head(node) {
                    return String::new();
                }
                place(&Rect::new(
                    buttons.x - outer.x,
                    buttons.y - outer.y,
                    buttons.w,
                    buttons.h,
                ))
            })
        })
    };
    let class = move || {
        let at_end = node.with(|node| node.as_ref().is_some_and(in_head));
        if at_end {
            "node-acts at-end"
        } else {
            "node-acts below"
        }
    };
    let more = desk.label("page-more-acts");
    let on_more = move |event: MouseEvent| {
        if let Some(button) = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok())
        {
            page.open_menu_at(target.clone(), &button);
        }
    };
    view! {
        <div class=class style=place_of>
            <For
                each=primary
                key=|act| format!("{:?}", act.act)
                children=move |act| {
                    let (hint, wish) = (act.hint.clone(), act.act.clone());
                    view! {
                        <button
                            class=if act.hot { "act hot" } else { "act" }
                            title=move || desk.say(&hint)
                            on:click=move |_| desk.dispatch(Command::Intervene(wish.clone()))
                        >
                            {move || desk.say(&act.label)}
                        </button>
                    }
                }
            />
            <Show when=move || acts.with(|acts| !acts.is_empty())>
                <button
                    class="act more"
                    data-testid="node-menu"
                    aria-haspopup="menu"
                    aria-label={
                        let name = name.clone();
                        move || format!("{} {}", name, more())
                    }
                    on:click=on_more.clone()
                >
                    "⋯"
                </button>
            </Show>
        </div>
    }
}

/// How many acts stand on the box itself.
fn room_for(node: &Node) -> usize {
    let wide = if in_head(node) {
        node.rect.w >= 330.0
    } else {
        node.rect.w >= 132.0
    };
    if wide { 2 } else { 1 }
}

/// Brokers have their buttons in the head; where there is room for it, so has the controller.
fn in_head(node: &Node) -> bool {
    node.buttons.y < node.rect.y + 20.0
        && !matches!(node.role, Role::Producer | Role::Consumer | Role::Observer)
}

fn place(rect: &Rect) -> String {
    format!(
        "left:{:.1}px;top:{:.1}px;width:{:.1}px;height:{:.1}px",
        rect.x, rect.y, rect.w, rect.h
    )
}
