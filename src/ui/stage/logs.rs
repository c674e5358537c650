//! Logs as strips of cells, with what is synced, where watermark and end stand, and epochs.

use super::still::{Log, Still};
use crate::desk::Desk;
use crate::light::{For, Memo};
use crate::ui::look;
use ackscope_scene::drawable::{Band, Cell, CellState, Marker, Strip};
use ackscope_session::Command;
use leptos::prelude::*;
use std::sync::Arc;

/// Width of a letter in markers.
const LETTER: f32 = 6.1;
/// From the cells down to the line on which markers are labelled.
const MARKER_TEXT: f32 = 21.0;

/// All logs.
#[component]
pub fn Logs(frame: Memo<Arc<Still>>) -> impl IntoView {
    let keys = Memo::new(move |_| {
        frame.with(|frame| {
            frame
                .logs
                .iter()
                .map(|log| log.strip.key.clone())
                .collect::<Vec<_>>()
        })
    });
    view! {
        <For each=move || keys.get() key=Clone::clone children=move |key| view! { <LogShape key frame /> } />
    }
}

#[component]
fn LogShape(key: String, frame: Memo<Arc<Still>>) -> impl IntoView {
    let desk = Desk::here();
    let log = Memo::new(move |_| frame.with(|frame| frame.log(&key).cloned()));
    let shapes = move || {
        log.with(|log| {
            log.as_ref().map(|log| {
                view! {
                    {names(log)}
                    {log.bands.iter().map(band).collect_view()}
                    {log.cells.iter().map(|one| cell(one, log.strip.dim, desk)).collect_view()}
                    {markers(log).collect_view()}
                }
            })
        })
    };
    view! { <g class="log">{shapes}</g> }
}

/// The name of the partition, and how many records lie before the first cell.
fn names(log: &Log) -> impl IntoView + use<> {
    let strip = &log.strip;
    let middle = strip.rect.y + strip.rect.h / 2.0 + 4.0;
    let label = strip.label.clone().map(|label| {
        view! { <text class="strip-label" x=strip.rect.x - 62.0 y=middle>{label}</text> }
    });
    let hidden = (strip.hidden > 0).then(|| {
        let y = strip.rect.bottom() + MARKER_TEXT;
        view! { <text class="strip-hidden" x=strip.rect.x - 4.0 y=y>{hidden_label(strip)}</text> }
    });
    (label, hidden)
}

/// How many records lie before the first cell.
fn hidden_label(strip: &Strip) -> String {
    format!("…{}", strip.hidden)
}

fn band(band: &Band) -> impl IntoView + use<> {
    let class = if band.epoch % 2 == 0 {
        "band"
    } else {
        "band odd"
    };
    let rect = band.rect;
    let text = (rect.w >= 22.0).then(|| {
        view! { <text x=rect.x y=rect.bottom() + 9.0>{format!("e{}", band.epoch)}</text> }
    });
    view! {
        <g class=class>
            <rect x=rect.x y=rect.y width=rect.w height=rect.h rx="1.5" />
            {text}
        </g>
    }
}

fn cell(cell: &Cell, dim: bool, desk: Desk) -> impl IntoView + use<> {
    let rect = cell.rect;
    let mut class = format!("cell {}", look::cell(cell.state));
    for (holds, name) in [
        (rect.w < 24.0, " tight"),
        (dim, " dim"),
        (cell.selected, " selected"),
    ] {
        if holds {
            class.push_str(name);
        }
    }
    let sync = cell.not_synced.then(|| {
        let y = rect.bottom() - if rect.h < 18.0 { 1.5 } else { 3.5 };
        let d = format!("M{:.1} {y:.1}H{:.1}", rect.x + 5.0, rect.right() - 4.0);
        view! { <path class="unsynced" d=d /> }
    });
    // Colour never stands alone.
    let label = if cell.state == CellState::Lost && cell.label.is_empty() {
        "✕".to_owned()
    } else {
        cell.label.clone()
    };
    let message = cell.message;
    let on_click = move |_| {
        if message.is_some() {
            desk.dispatch(Command::SelectMessage(message));
        }
    };
    view! {
        <g class=class on:click=on_click>
            <rect x=rect.x y=rect.y width=rect.w height=rect.h rx="5" />
            <text x=rect.x + rect.w / 2.0 y=rect.y + rect.h / 2.0>{label}</text>
            {sync}
        </g>
    }
}

/// Markers with their labels side by side.
fn markers(log: &Log) -> impl Iterator<Item = impl IntoView + use<>> {
    let hidden = if log.strip.hidden > 0 {
        hidden_label(&log.strip).chars().count() as f32 * LETTER + 8.0
    } else {
        0.0
    };
    let places = label_places(&log.markers, log.strip.rect.x - 10.0 + hidden);
    log.markers
        .iter()
        .zip(places)
        .map(|(marker, text_x)| {
            let (x, y) = (marker.top.x, marker.top.y + marker.length);
            view! {
                <g class=format!("marker {}", look::marker(marker.kind))>
                    <line x1=x y1=marker.top.y x2=x y2=y />
                    <text x=text_x y=y + 9.0>{marker.label.clone()}</text>
                </g>
            }
        })
        .collect::<Vec<_>>()
        .into_iter()
}

/// Where each label begins: left or right of its line, never before `least`, never over another.
fn label_places(markers: &[Marker], least: f32) -> Vec<f32> {
    const GAP: f32 = 6.0;
    let width = |marker: &Marker| marker.label.chars().count() as f32 * LETTER;
    let mut places: Vec<f32> = markers
        .iter()
        .map(|marker| {
            let left = if marker.label_left {
                marker.top.x - width(marker) + 2.0
            } else {
                marker.top.x
            };
            left.max(least)
        })
        .collect();
    let mut order: Vec<usize> = (0..markers.len())
        .filter(|at| !markers[*at].label.is_empty())
        .collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]));
    let mut free_from = f32::MIN;
    for at in order {
        places[at] = places[at].max(free_from);
        free_from = places[at] + width(&markers[at]) + GAP;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackscope_scene::drawable::MarkerKind;
    use ackscope_scene::geometry::Point;

    #[test]
    fn labels_at_the_same_place_stand_side_by_side_within_the_box() {
        let marker = |label: &str, x: f32, left| Marker {
            key: label.to_owned(),
            kind: MarkerKind::LogEnd,
            top: Point::new(x, 0.0),
            length: 20.0,
            label: label.to_owned(),
            label_left: left,
        };
        let places = label_places(
            &[marker("HW 0", 12.0, true), marker("LEO 0", 12.0, false)],
            2.0,
        );
        assert_eq!(places[0], 2.0);
        assert!(places[1] > places[0] + 24.0);
        let apart = label_places(
            &[marker("HW 3", 112.0, true), marker("LEO 5", 180.0, false)],
            2.0,
        );
        assert!(apart[0] < 112.0 && apart[1] == 180.0);
    }
}
