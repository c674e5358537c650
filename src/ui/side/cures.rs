//! *What would have saved it?*: the search, what it found, and each cure to be tried.

use crate::desk::Desk;
use ackscope_session::Command;
use ackscope_session::view::{CureView, CuresView};
use leptos::prelude::*;

/// The question, and its answer once it was asked.
#[component]
pub fn Cures(
    /// The message that it is about.
    message: u64,
) -> impl IntoView {
    let desk = Desk::here();
    let view = Memo::new(move |_| {
        desk.cures.track();
        desk.edits.track();
        desk.read(|session| session.cures(message))
    });
    // What is made anew with each slice must not hold the button under somebody's finger.
    let state = Memo::new(move |_| {
        view.with(|view| match view {
            None => "unasked",
            Some(view) if view.searching => "searching",
            Some(_) => "over",
        })
    });
    let part = move |read: fn(&CuresView) -> u32| {
        move || view.with(|view| view.as_ref().map_or(0, read)).to_string()
    };
    let status = move || {
        let status = view.with(|view| view.as_ref().map(|view| view.status.clone()));
        status.map(|status| desk.say(&status)).unwrap_or_default()
    };
    view! {
        <div class="cures" data-testid="cures" data-state=state>
            {move || match state.get() {
                "unasked" => {
                    view! {
                        <button
                            class="btn"
                            data-testid="cures-find"
                            title=desk.label("page-cures-hint")
                            on:click=move |_| desk.dispatch(Command::FindCures(message))
                        >
                            {desk.label("page-cures")}
                        </button>
                    }
                        .into_any()
                }
                "searching" => {
                    view! {
                        <b>{desk.label("page-cures")}</b>
                        <div class="search">
                            <progress aria-label=desk.label("page-cures") value=part(|view| view.done) max=part(|view| view.of.max(1))></progress>
                            <button class="btn small" data-testid="cures-stop" on:click=move |_| desk.dispatch(Command::StopCures)>
                                {desk.label("page-cures-stop")}
                            </button>
                        </div>
                        <p class="note">{status}</p>
                    }
                        .into_any()
                }
                _ => {
                    view! {
                        <b>{desk.label("page-cures")}</b>
                        <p role="status" data-testid="cures-status">{status}</p>
                    }
                        .into_any()
                }
            }}
            <Found view />
            <WhyNot view />
        </div>
    }
}

/// The cures so far.
#[component]
fn Found(view: Memo<Option<CuresView>>) -> impl IntoView {
    let desk = Desk::here();
    let found =
        Memo::new(move |_| view.with(|view| view.as_ref().map_or(Vec::new(), |v| v.found.clone())));
    view! {
        {move || {
            desk.texts.track();
            (0..).zip(found.get()).map(|(place, cure)| view! { <Cure place cure /> }).collect_view()
        }}
    }
}

#[component]
fn Cure(place: usize, cure: CureView) -> impl IntoView {
    let desk = Desk::here();
    let changes = cure.changes.into_iter().map(|change| {
        let whose = match change.names.as_str() {
            "" => change.scope.to_owned(),
            names => format!("{} {names}", change.scope),
        };
        view! {
            <span>
                <code data-testid="cure-setting" title=whose.clone()>{change.key} "=" {change.value}</code>
                " " <small>{whose} ", " <s>{change.present}</s></small>
            </span>
        }
    });
    let price = cure.price.iter();
    let price = price.map(|phrase| view! { <li>{desk.say_now(phrase)}</li> });
    view! {
        <div class="fix" data-testid="cure">
            {changes.collect_view()}
            <ul class="price">{price.collect_view()}</ul>
            <button
                class="btn small"
                data-testid="cure-try"
                title=desk.label("page-cures-try-hint")
                on:click=move |_| desk.dispatch(Command::TryCure(place))
            >
                {desk.label("page-cures-try")}
            </button>
        </div>
    }
}

/// Why the other changes do not help, with how many for each reason.
#[component]
fn WhyNot(view: Memo<Option<CuresView>>) -> impl IntoView {
    let desk = Desk::here();
    let reasons = Memo::new(move |_| {
        view.with(|view| view.as_ref().map_or(Vec::new(), |v| v.why_not.clone()))
    });
    view! {
        <Show when=move || reasons.with(|reasons| !reasons.is_empty())>
            <details class="why-not" data-testid="cures-why-not">
                <summary>{desk.label("page-cures-why-not")}</summary>
                <ul class="price">
                    {move || {
                        let said = reasons.get().into_iter();
                        said.map(|(count, reason)| view! { <li>{count} " × " {desk.say(&reason)}</li> }).collect_view()
                    }}
                </ul>
            </details>
        </Show>
    }
}
