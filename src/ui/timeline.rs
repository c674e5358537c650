//! The space-time diagram, which is also the scrubber: dragging seeks, arrows step.

pub mod markup;

use crate::desk::Desk;
use crate::light::Memo;
use crate::ui::look;
use ackscope_session::view::{DiagramQuery, DiagramView};
use ackscope_session::{Command, Pace, Session};
use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::svg::G;
use markup::LABELS;
use std::sync::Arc;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Element, ResizeObserver};

/// Room right of the axis.
const MARGIN: u32 = 14;
/// The narrowest part of the run that can be shown.
const NARROWEST_US: u64 = 500;

/// The diagram.
#[component]
pub fn Timeline() -> impl IntoView {
    let desk = Desk::here();
    let scroll = NodeRef::<Div>::new();
    let size = RwSignal::new((640_u32, 180_u32));
    measure(scroll, size);
    // Nothing: the whole run. Else how much of it is shown around the cursor.
    let span = RwSignal::new(None::<u64>);
    let lanes = StoredValue::new(0_u32);
    let diagram = Memo::new(move |_| {
        desk.panels.track();
        desk.selection.track();
        desk.texts.track();
        let (width, height) = size.get();
        let span = span.get();
        let (before, now) = desk.read(|session| {
            let before = lanes.get_value();
            let view = part(session, width, height, span, before);
            (before, view)
        });
        // The height of a lane depends on how many there are, which the first answer tells.
        let count = now.lanes.len() as u32;
        lanes.set_value(count);
        if count == before {
            Arc::new(now)
        } else {
            Arc::new(desk.read(|session| part(session, width, height, span, count)))
        }
    });
    let markup =
        Memo::new(move |_| diagram.with(|diagram| markup::of(diagram, &|phrase| desk.say(phrase))));
    let cursor = NodeRef::<G>::new();
    follow_cursor(desk, cursor, diagram);

    let seek = move |event: &PointerEvent| {
        let Some(place) = scroll
            .get_untracked()
            .map(|element| element.get_bounding_client_rect())
        else {
            return;
        };
        let x = f64::from(event.client_x()) - place.left() - f64::from(LABELS);
        let at = diagram.with_untracked(|diagram| diagram.time_at(x as f32));
        desk.dispatch(Command::SeekTime(at));
    };
    let dragging = RwSignal::new(false);
    let on_down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(element) = event
            .current_target()
            .and_then(|target| target.dyn_into::<Element>().ok())
        {
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        desk.dispatch(Command::Pause);
        dragging.set(true);
        seek(&event);
    };
    let on_move = move |event: PointerEvent| {
        if dragging.get_untracked() {
            seek(&event);
        }
    };
    let zoom = move |closer: bool| {
        let whole = diagram.with_untracked(|diagram| diagram.to_us.saturating_sub(diagram.from_us));
        let known = desk.read(|session| session.transport().known_us);
        let next = if closer {
            (whole / 2).max(NARROWEST_US)
        } else {
            whole.saturating_mul(2)
        };
        span.set((next < known).then_some(next));
    };
    let on_wheel = move |event: WheelEvent| {
        if event.ctrl_key() {
            event.prevent_default();
            zoom(event.delta_y() < 0.0);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let command = match event.key().as_str() {
            "ArrowLeft" => Command::StepBack,
            "ArrowRight" => Command::StepForward,
            "Home" => Command::ToStart,
            "End" => Command::ToEnd,
            "PageDown" => page_by(desk, &diagram.get_untracked(), true),
            "PageUp" => page_by(desk, &diagram.get_untracked(), false),
            "+" | "=" => return zoom(true),
            "-" => return zoom(false),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        desk.dispatch(command);
    };
    let now = Memo::new(move |_| {
        desk.panels.track();
        now_of(desk)
    });
    let height = move || diagram.with(|diagram| diagram.height.max(1.0));
    let width = move || size.get().0;
    view! {
        <section class="timeline" aria-label=desk.label("page-timeline")>
            <div
                class="time-scroll"
                data-testid="timeline"
                node_ref=scroll
                role="slider"
                tabindex="0"
                aria-label=desk.label("page-timeline")
                aria-valuemin=move || diagram.with(|diagram| diagram.from_us).to_string()
                aria-valuemax=move || diagram.with(|diagram| diagram.to_us).to_string()
                aria-valuenow=move || now.get().to_string()
                aria-valuetext=move || look::seconds(now.get())
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=move |_| dragging.set(false)
                on:pointercancel=move |_| dragging.set(false)
                on:wheel=on_wheel
                on:keydown=on_key
            >
                <svg width=width height=height aria-hidden="true">
                    <g inner_html=move || markup.get()></g>
                    <g class="cursor" node_ref=cursor>
                        <line x1="0" y1="4" x2="0" y2=move || height() - 16.0 />
                        <circle cx="0" cy="6" r="5" />
                    </g>
                </svg>
            </div>
            <div class="zoom">
                <button class="btn small" aria-label=desk.label("page-zoom-out") title=desk.label("page-zoom-out") on:click=move |_| zoom(false)>"−"</button>
                <button class="btn small" aria-label=desk.label("page-zoom-in") title=desk.label("page-zoom-in") on:click=move |_| zoom(true)>"+"</button>
            </div>
        </section>
    }
}

fn part(session: &Session, width: u32, height: u32, span: Option<u64>, lanes: u32) -> DiagramView {
    let transport = session.transport();
    let known = transport.known_us.max(1);
    let range_us = span.map(|span| {
        let from = transport
            .now_us
            .saturating_sub(span / 2)
            .min(known.saturating_sub(span));
        (from, from.saturating_add(span))
    });
    let lane_height = (height.saturating_sub(34) / lanes.max(1)).clamp(20, 34);
    session.diagram(&DiagramQuery {
        width: width.saturating_sub(LABELS + MARGIN).max(60),
        lane_height,
        range_us,
        folded: transport.pace == Pace::Paced,
    })
}

fn now_of(desk: Desk) -> u64 {
    desk.read(|session| session.transport().now_us)
}

/// A tenth of what is shown, back or on.
fn page_by(desk: Desk, diagram: &DiagramView, forward: bool) -> Command {
    let step = (diagram.to_us.saturating_sub(diagram.from_us) / 10).max(1);
    let now = now_of(desk);
    Command::SeekTime(if forward {
        now.saturating_add(step)
    } else {
        now.saturating_sub(step)
    })
}

/// The cursor moves with every frame, the diagram a few times a second.
fn follow_cursor(desk: Desk, cursor: NodeRef<G>, diagram: Memo<Arc<DiagramView>>) {
    let place = StoredValue::new_local(String::new());
    let put = move |now_us: u64| {
        let Some(Some(group)) = cursor.try_get_untracked() else {
            return;
        };
        let Some(x) = diagram.try_with_untracked(|diagram| markup::x_at(diagram, now_us)) else {
            return;
        };
        let wanted = format!("translate({:.1} 0)", x + LABELS as f32);
        place.try_update_value(|place| {
            if *place != wanted {
                let _ = group.set_attribute("transform", &wanted);
                *place = wanted;
            }
        });
    };
    Effect::new(move || {
        diagram.track();
        if cursor.get().is_some() {
            put(now_of(desk));
        }
    });
    desk.on_frame(Box::new(move |session| put(session.transport().now_us)));
}

fn measure(scroll: NodeRef<Div>, size: RwSignal<(u32, u32)>) {
    let kept = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move || {
        let Some(element) = scroll.get() else { return };
        let seen = element.clone();
        let closure = Closure::<dyn FnMut()>::new(move || {
            let now = (
                seen.client_width().max(0) as u32,
                seen.client_height().max(0) as u32,
            );
            if now.0 > 0 && size.try_get_untracked().is_some_and(|size| size != now) {
                let _ = size.try_set(now);
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
