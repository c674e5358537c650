//! The picker: scenarios in the order of the course, each with what it shows.

use crate::desk::Desk;
use crate::light::{For, Memo};
use crate::ui::widgets::popover::Popover;
use ackscope_session::Command;
use leptos::prelude::*;

/// The picker in the top bar.
#[component]
pub fn Scenarios() -> impl IntoView {
    let desk = Desk::here();
    let open = RwSignal::new(false);
    let header = Memo::new(move |_| {
        desk.edits.track();
        desk.link.track();
        let header = desk.read(|session| session.header());
        (header.scenario, header.changed, header.scenarios)
    });
    let title = move || {
        header.with(|(chosen, changed, all)| {
            let item = all.iter().find(|item| Some(&item.id) == chosen.as_ref());
            let title = item.map_or_else(
                || desk.text("page-scenario-own"),
                |item| desk.say(&item.title),
            );
            if *changed && item.is_some() {
                format!("{title} · {}", desk.text("page-scenario-changed"))
            } else {
                title
            }
        })
    };
    let button = move || view! { <span>{title}</span><span aria-hidden="true">"▾"</span> };
    let list = move || {
        view! {
            <div data-testid="scenario-list">
                <For
                    each=move || header.get().2
                    key=|item| item.id.clone()
                    children=move |item| {
                        let (id, mine) = (item.id.clone(), item.id.clone());
                        let current = move || header.with(|(chosen, ..)| chosen.as_ref() == Some(&mine)).to_string();
                        view! {
                            <button
                                class="item"
                                data-scenario=item.id.clone()
                                aria-current=current
                                on:click=move |_| {
                                    open.set(false);
                                    desk.dispatch(Command::ChooseScenario(id.clone()));
                                    desk.dispatch(Command::Play);
                                }
                            >
                                <b>{move || desk.say(&item.title)}</b>
                                <small>{move || desk.say(&item.story)}</small>
                            </button>
                        }
                    }
                />
            </div>
        }
    };
    view! {
        <Popover open class="scenario" testid="scenario" label=Signal::derive(move || format!("{}: {}", desk.text("page-scenario"), title())) button=button.into()>
            {list()}
        </Popover>
    }
}
