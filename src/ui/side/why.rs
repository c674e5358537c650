//! The story of the selected message: each step leads to its moment.

use crate::desk::Desk;
use crate::light::Memo;
use crate::ui::look;
use ackscope_session::Command;
use ackscope_session::view::WhyView;
use leptos::prelude::*;

/// The story as a panel of its own.
#[component]
pub fn WhyPanel() -> impl IntoView {
    view! { <Why hint=true /> }
}

/// The story.
#[component]
pub fn Why(
    /// Says how to select a message when none is.
    #[prop(optional)]
    hint: bool,
) -> impl IntoView {
    let desk = Desk::here();
    let why = Memo::new(move |_| {
        desk.panels.track();
        desk.selection.track();
        desk.texts.track();
        desk.read(|session| {
            session
                .looking()
                .message
                .and_then(|message| session.why(message))
        })
    });
    view! {
        <div class="why" data-testid="why">
            {move || match why.get() {
                Some(why) => view! { <Story why /> }.into_any(),
                None => hint.then(|| view! { <p class="note">{desk.label("page-why-hint")}</p> }).into_any(),
            }}
        </div>
    }
}

#[component]
fn Story(why: WhyView) -> impl IntoView {
    let desk = Desk::here();
    let steps = why.steps.into_iter().map(|step| {
        let entry = step.entry;
        let go = move |_| match entry {
            Some(entry) => desk.dispatch(Command::SeekEntry(entry)),
            None => desk.dispatch(Command::SeekTime(step.at_us)),
        };
        view! {
            <li class=look::tone(step.tone)>
                <button class="moment" title=desk.label("page-go-there") on:click=go>{look::seconds(step.at_us)}</button>
                {desk.say_now(&step.sentence)}
            </li>
        }
    });
    let settings = why.settings.into_iter().map(|setting| {
        view! {
            <p>
                <code>{setting.key} "=" {setting.value}</code>
                " " {desk.say_now(&setting.sentence)}
            </p>
        }
    });
    let settings: Vec<_> = settings.collect();
    let any = !settings.is_empty();
    view! {
        <h2 class="eyebrow">{desk.say_now(&why.title)}</h2>
        <ol>{steps.collect_view()}</ol>
        {any.then(|| view! { <div class="fix" data-testid="why-settings"><b>{desk.label("page-why-settings")}</b>{settings}</div> })}
    }
}
