//! The story of the selected message: each step leads to its moment.

use super::cures::Cures;
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
                None => hint.then(|| view! { <Before /> }).into_any(),
            }}
        </div>
    }
}

/// While no message is selected: what the scenario is about, and how to go on.
#[component]
fn Before() -> impl IntoView {
    let desk = Desk::here();
    let scenario = Memo::new(move |_| {
        desk.edits.track();
        desk.read(|session| {
            let header = session.header();
            let mut all = header.scenarios.into_iter();
            all.find(|item| Some(&item.id) == header.scenario.as_ref())
        })
    });
    view! {
        {move || {
            scenario
                .get()
                .map(|item| {
                    view! {
                        <h2 class="eyebrow named">{desk.say(&item.title)}</h2>
                        <p class="story">{desk.say(&item.story)}</p>
                    }
                })
        }}
        <p class="note">{desk.label("page-why-hint")}</p>
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
        let sentence = desk.say_now(&setting.sentence);
        let named = format!("{}={}", setting.key, setting.value);
        // Most sentences begin with the setting; it is set off there and not said twice.
        let (code, rest) = match sentence.strip_prefix(&named) {
            Some(rest) => (Some(named), rest.to_owned()),
            None => (None, sentence),
        };
        view! { <p>{code.map(|code| view! { <code>{code}</code> })} {rest}</p> }
    });
    let settings: Vec<_> = settings.collect();
    let any = !settings.is_empty();
    view! {
        <h2 class="eyebrow named">{desk.say_now(&why.title)}</h2>
        <ol>{steps.collect_view()}</ol>
        {any.then(|| view! { <div class="fix" data-testid="why-settings"><b>{desk.label("page-why-settings")}</b>{settings}</div> })}
        {why.harmed.then(|| view! { <Cures message=why.message /> })}
    }
}
