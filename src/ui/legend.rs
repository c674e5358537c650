//! What the colours and marks of the stage mean.

use crate::desk::Desk;
use crate::ui::page::Page;
use leptos::prelude::*;

/// Class of the cell, what stands in it, and the catalogue key of its meaning.
const CELLS: [(&str, &str, &str); 7] = [
    ("cell written", "1", "page-legend-written"),
    ("cell committed", "1", "page-legend-committed"),
    ("cell consumed", "1", "page-legend-consumed"),
    ("cell risk", "!", "page-legend-risk"),
    ("cell stranded", "⚓", "page-legend-stranded"),
    ("cell lost", "✕", "page-legend-lost"),
    ("cell dup", "2", "page-legend-dup"),
];

/// The legend.
#[component]
pub fn Legend() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    view! {
        <aside class="legend" aria-label=desk.label("page-legend")>
            {CELLS
                .map(|(class, text, key)| {
                    view! {
                        <span>
                            <svg viewBox="0 0 22 16" aria-hidden="true">
                                <g class=class>
                                    <rect x="1" y="1" width="20" height="14" rx="4" />
                                    <text x="11" y="8.5">{text}</text>
                                </g>
                            </svg>
                            {desk.label(key)}
                        </span>
                    }
                })
                .collect_view()}
            <span>
                <svg viewBox="0 0 22 16" aria-hidden="true">
                    <g class="cell committed">
                        <rect x="1" y="1" width="20" height="14" rx="4" />
                        <path class="unsynced" d="M4 12H18" />
                    </g>
                </svg>
                {desk.label("page-legend-unsynced")}
            </span>
            <span>
                <svg viewBox="0 0 22 16" aria-hidden="true">
                    <g class="cell internal"><rect x="1" y="1" width="20" height="14" rx="4" /></g>
                </svg>
                {desk.label("page-legend-internal")}
            </span>
            <span>
                <svg viewBox="0 0 22 16" aria-hidden="true">
                    <g class="timer"><circle class="whole" cx="11" cy="8" r="6" /><path class="left" d="M11 2A6 6 0 1 1 5 8" /></g>
                </svg>
                {desk.label("page-legend-timer")}
            </span>
            <span><b class="mark hw">"HW"</b>{desk.label("page-legend-hw")}</span>
            <span><b class="mark">"LEO"</b>{desk.label("page-legend-leo")}</span>
            <div class="wide">
                <button class="link" data-testid="model-link" on:click=move |_| page.model.set(true)>{desk.label("page-model")}</button>
                <button class="link" data-testid="keys" on:click=move |_| page.help.set(true)>{desk.label("page-keys-all")}</button>
            </div>
        </aside>
    }
}
