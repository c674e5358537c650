//! The ways between nodes. Each is a button for its menu: cut, slow, lose.

use super::still::Still;
use crate::desk::Desk;
use crate::light::{For, Memo};
use crate::ui::page::Page;
use ackscope_session::command::Target;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// All links.
#[component]
pub fn Links(frame: Memo<Arc<Still>>) -> impl IntoView {
    let keys = Memo::new(move |_| {
        frame.with(|frame| {
            frame
                .links
                .iter()
                .map(|link| link.key.clone())
                .collect::<Vec<_>>()
        })
    });
    view! {
        <For each=move || keys.get() key=Clone::clone children=move |key| view! { <LinkShape key frame /> } />
    }
}

#[component]
fn LinkShape(key: String, frame: Memo<Arc<Still>>) -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let link = Memo::new(move |_| frame.with(|frame| frame.link(&key).cloned()));
    let ends = Memo::new(move |_| {
        let link = link.get()?;
        frame.with(|frame| {
            Some((
                frame.name_of(link.from)?.to_owned(),
                frame.name_of(link.to)?.to_owned(),
            ))
        })
    });
    let path = Memo::new(move |_| link.get().map(|link| link.curve.path()).unwrap_or_default());
    let class = move || {
        link.with(|link| match link {
            Some(link) if link.cut_there || link.cut_back => "wire cut",
            Some(link) if link.slow => "wire slow",
            _ => "wire",
        })
    };
    // One cut direction shows an arrow against it, both show a cross.
    let mark = move || {
        link.with(|link| {
            let link = link.as_ref()?;
            let sign = match (link.cut_there, link.cut_back) {
                (true, true) => "✂",
                (true, false) => "✂→",
                (false, true) => "←✂",
                (false, false) => return None,
            };
            let middle = link.curve.at(0.5);
            Some(view! { <text class="scissors" x=middle.x y=middle.y + 4.0>{sign}</text> })
        })
    };
    // Single tokens are drawn at ordinary speeds; above, a link shows how much is on it.
    let bundled = Memo::new(move |_| {
        desk.transport.track();
        desk.read(|session| session.transport().bundle_all)
    });
    let load = move || {
        link.with(|link| {
            let load = link.as_ref().map_or(0, |link| link.load);
            (load > 0 && bundled.get()).then(|| {
                let width = (2.0 + (load as f32).sqrt() * 2.0).min(14.0);
                view! { <path class="wire-load" d=move || path.get() stroke-width=width /> }
            })
        })
    };
    let open_at = move |element: Option<Element>, point: Option<(f64, f64)>| {
        let Some((from, to)) = ends.get_untracked() else {
            return;
        };
        match (point, element) {
            (Some((x, y)), _) => page.open_menu(Target::Link(from, to), x, y),
            (None, Some(element)) => {
                let place = element.get_bounding_client_rect();
                page.open_menu(
                    Target::Link(from, to),
                    place.left() + place.width() / 2.0,
                    place.top() + place.height() / 2.0,
                );
            }
            (None, None) => {}
        }
    };
    let on_click = move |event: MouseEvent| {
        event.prevent_default();
        open_at(
            None,
            Some((f64::from(event.client_x()), f64::from(event.client_y()))),
        );
    };
    let on_key = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            event.stop_propagation();
            open_at(
                event
                    .current_target()
                    .and_then(|target| target.dyn_into().ok()),
                None,
            );
        }
    };
    let label = move || {
        ends.get()
            .map(|(from, to)| format!("{from} ↔ {to}"))
            .unwrap_or_default()
    };
    view! {
        <g
            class="wire-group"
            data-testid="link"
            data-link=move || ends.get().map(|(from, to)| format!("{from}>{to}")).unwrap_or_default()
            role="button"
            tabindex="0"
            aria-haspopup="menu"
            aria-label=label
            on:click=on_click
            on:contextmenu=on_click
            on:keydown=on_key
        >
            {load}
            <path class=class d=move || path.get() />
            {mark}
            <path class="wire-hit" d=move || path.get() />
        </g>
    }
}
