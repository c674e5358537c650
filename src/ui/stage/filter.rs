//! Which tokens are shown, each kind with its shape: a legend that is also a filter.

use crate::desk::Desk;
use crate::ui::look;
use crate::ui::widgets::popover::Popover;
use ackscope_scene::drawable::TokenKind;
use ackscope_session::Command;
use ackscope_session::command::TokenFilter;
use leptos::prelude::*;

/// A kind of token: its word in the catalogue, what stands for it in the list, and its switch.
struct Kind {
    name: &'static str,
    label: &'static str,
    sample: (TokenKind, &'static str),
    switch: fn(&mut TokenFilter) -> &mut bool,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "records",
        label: "page-tokens-records",
        sample: (TokenKind::Records, "m1"),
        switch: |filter| &mut filter.records,
    },
    Kind {
        name: "replication",
        label: "page-tokens-replication",
        sample: (TokenKind::ReplicaFetch, "6"),
        switch: |filter| &mut filter.replication,
    },
    Kind {
        name: "reading",
        label: "page-tokens-reading",
        sample: (TokenKind::Commit, "6"),
        switch: |filter| &mut filter.reading,
    },
    Kind {
        name: "control",
        label: "page-tokens-control",
        sample: (TokenKind::Control, "↩"),
        switch: |filter| &mut filter.control,
    },
    Kind {
        name: "connections",
        label: "page-tokens-connections",
        sample: (TokenKind::Connection, "SYN"),
        switch: |filter| &mut filter.connections,
    },
    Kind {
        name: "background",
        label: "page-tokens-background",
        sample: (TokenKind::Heartbeat, ""),
        switch: |filter| &mut filter.background,
    },
];

/// A button in the corner of the stage.
#[component]
pub fn Filter() -> impl IntoView {
    let desk = Desk::here();
    let open = RwSignal::new(false);
    let filter = Memo::new(move |_| {
        desk.selection.track();
        desk.read(|session| session.looking().filter)
    });
    let usual = Memo::new(move |_| filter.get() == TokenFilter::default());
    let button = move || {
        view! {
            <span>{desk.label("page-tokens")}</span>
            <Show when=move || !usual.get()>
                <span class="text-accent" aria-hidden="true">"●"</span>
            </Show>
            <span aria-hidden="true">"▾"</span>
        }
    };
    view! {
        <Popover open class="filter" testid="filter" label=Signal::derive(desk.label("page-tokens")) button=button.into()>
            {KINDS.iter().map(|kind| view! { <Row kind filter /> }).collect_view()}
        </Popover>
    }
}

#[component]
fn Row(kind: &'static Kind, filter: Memo<TokenFilter>) -> impl IntoView {
    let desk = Desk::here();
    let on = move || *(kind.switch)(&mut filter.get());
    let turn = move |event| {
        let mut next = filter.get_untracked();
        *(kind.switch)(&mut next) = event_target_checked(&event);
        desk.dispatch(Command::SetFilter(next));
    };
    let (token, text) = kind.sample;
    let outline = look::token_outline(token, look::token_width(text));
    view! {
        <label class="check" data-kind=kind.name>
            <input type="checkbox" prop:checked=on on:change=turn />
            <svg viewBox="-26 -12 52 24" aria-hidden="true">
                <g class=format!("token {}", look::token(token))>
                    <path d=outline />
                    <text>{text}</text>
                </g>
            </svg>
            <span>{desk.label(kind.label)}</span>
        </label>
    }
}
