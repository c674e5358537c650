//! The picture: still parts by Leptos, keyed and compared; what moves is set by the frame loop.

pub mod links;
pub mod logs;
pub mod menu;
pub mod nodes;
pub mod still;
pub mod tokens;

use crate::desk::Desk;
use crate::light::Memo;
use crate::ui::page::Page;
use ackscope_session::Command;
use ackscope_session::command::Target;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::svg::G;
use links::Links;
use logs::Logs;
use nodes::Nodes;
use std::sync::Arc;
use still::Still;
use tokens::Movers;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, ResizeObserver};

/// The stage with everything on it.
#[component]
pub fn Stage() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let frame = Memo::new(move |_| {
        desk.revision.track();
        desk.selection.track();
        desk.texts.track();
        Arc::new(desk.read(|session| Still::of(session.frame())))
    });
    let outer = NodeRef::<Div>::new();
    measure(desk, outer, page.media.narrow);
    let size = Memo::new(move |_| frame.with(|frame| (frame.width, frame.height)));
    let view_box = move || size.with(|(w, h)| format!("0 0 {w} {h}"));
    let (width, height) = (
        move || size.get().0.to_string(),
        move || size.get().1.to_string(),
    );
    view! {
        <div class="stage" data-testid="stage" node_ref=outer role="region" tabindex="0" aria-label=desk.label("page-stage")>
            <div class="canvas" style:width=move || format!("{}px", size.get().0) style:height=move || format!("{}px", size.get().1)>
                <svg class="under" width=width height=height viewBox=view_box>
                    <Links frame />
                </svg>
                <Nodes frame />
                <svg class="over" width=width height=height viewBox=view_box>
                    <Logs frame />
                    <MovingLayer />
                </svg>
            </div>
        </div>
    }
}

/// Height asked for where the page scrolls as a whole: the picture takes what it needs.
const LEAST_HEIGHT: u32 = 200;

/// Tells the session how large the stage is.
fn measure(desk: Desk, outer: NodeRef<Div>, narrow: RwSignal<bool>) {
    let kept = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move || {
        let Some(element) = outer.get() else { return };
        let seen = element.clone();
        let closure = Closure::<dyn FnMut()>::new(move || {
            let (width, mut height) = (
                seen.client_width().max(0) as u32,
                seen.client_height().max(0) as u32,
            );
            if !desk.figure && narrow.try_get_untracked() == Some(true) {
                height = LEAST_HEIGHT;
            }
            let looking = desk.try_read(|session| session.looking().size);
            if width > 0 && looking.is_some_and(|size| size != (width, height)) {
                desk.dispatch(Command::Resize { width, height });
            }
        });
        if let Ok(observer) = ResizeObserver::new(closure.as_ref().unchecked_ref()) {
            observer.observe(&element);
            kept.set_value(Some((observer, closure)));
        }
    });
    on_cleanup(move || {
        kept.try_update_value(|kept| {
            if let Some((observer, _)) = kept.take() {
                observer.disconnect();
            }
        });
    });
}

/// Tokens and timers. One listener for all of them.
#[component]
fn MovingLayer() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let layer = NodeRef::<G>::new();
    Effect::new(move || {
        let Some(group) = layer.get() else { return };
        let mut movers = Movers::new(group.unchecked_into());
        desk.on_frame(Box::new(move |session| {
            let width = session.looking().size.0 as f32;
            movers.paint(&session.moving(), width, &|phrase| session.say(phrase));
        }));
    });
    let open = move |element: &Element| {
        if let Some(entry) = entry_of(element) {
            desk.dispatch(Command::SelectEntry(Some(entry)));
            page.open_menu_at(Target::Token(entry), element);
        }
    };
    let on_click = move |event: MouseEvent| {
        if let Some(token) = token_of(event.target()) {
            event.prevent_default();
            open(&token);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let Some(token) = token_of(event.target()) else {
            return;
        };
        let key = event.key();
        match key.as_str() {
            "Enter" | " " => open(&token),
            "ArrowRight" | "ArrowDown" => tokens::focus_beside(&token, true),
            "ArrowLeft" | "ArrowUp" => tokens::focus_beside(&token, false),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! { <g class="moving" node_ref=layer on:click=on_click on:contextmenu=on_click on:keydown=on_key /> }
}

fn token_of(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target?
        .dyn_into::<Element>()
        .ok()?
        .closest(".token")
        .ok()
        .flatten()
}

fn entry_of(token: &Element) -> Option<u32> {
    let entries = token
        .get_attribute("data-entry")
        .or_else(|| token.get_attribute("data-entries"))?;
    entries.split(' ').next()?.parse().ok()
}
