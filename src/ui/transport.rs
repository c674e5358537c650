//! Time: back, play, on; speed and pace; the clock; seed and branches.

use crate::desk::Desk;
use crate::edge::{address, window};
use crate::light::{Memo, Show};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::look;
use crate::ui::page::Page;
use crate::ui::widgets::segments::Segments;
use ackscope_session::view::TransportView;
use ackscope_session::{Command, Pace};
use leptos::prelude::*;

/// The transport at the bottom.
#[component]
pub fn Transport() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    view! {
        <section class="transport" aria-label=desk.label("page-transport")>
            <div class="buttons">
                <Buttons />
                <Speed />
            </div>
            <Clock />
            <PaceChoice />
            <Show when=move || !page.media.narrow.get()>
                <SmallPrint />
            </Show>
        </section>
    }
}

/// The transport of a figure: fewer things, and the way to the whole page.
#[component]
pub fn FigureTransport() -> impl IntoView {
    let desk = Desk::here();
    let open = move |_| {
        let link = desk.read(|session| session.link());
        let _ =
            window().open_with_url_and_target(&format!("{}#{}", address::page(), link), "_blank");
    };
    view! {
        <section class="transport" aria-label=desk.label("page-transport")>
            <div class="buttons">
                <Buttons />
                <Speed />
            </div>
            <Clock />
            <button class="link out" data-testid="open-whole" on:click=open>{desk.label("page-open-whole")}</button>
        </section>
    }
}

fn transport(desk: Desk) -> Memo<TransportView> {
    Memo::new(move |_| {
        desk.panels.track();
        desk.transport.track();
        desk.edits.track();
        desk.texts.track();
        desk.read(|session| session.transport())
    })
}

#[component]
fn Buttons() -> impl IntoView {
    let desk = Desk::here();
    let view = transport(desk);
    let playing = Memo::new(move |_| view.with(|view| view.playing));
    let (back, forward) = (
        Memo::new(move |_| view.with(|view| view.can_step_back)),
        Memo::new(move |_| view.with(|view| view.can_step_forward)),
    );
    let again = Memo::new(move |_| view.with(|view| view.plays_again));
    let icon = Signal::derive(move || match (playing.get(), again.get()) {
        (true, _) => Icon::Pause,
        (false, true) => Icon::Again,
        (false, false) => Icon::Play,
    });
    let play_label = move || {
        desk.text(match (playing.get(), again.get()) {
            (true, _) => "page-pause",
            (false, true) => "page-play-again",
            (false, false) => "page-play",
        })
    };
    view! {
        <Key testid="to-start" label="page-to-start" icon=Icon::Start command=Command::ToStart enabled=back />
        <Key testid="step-back" label="page-step-back" icon=Icon::Back command=Command::StepBack enabled=back />
        <button
            class="key play"
            data-testid="play"
            aria-pressed=move || playing.get().to_string()
            aria-label=play_label
            title=play_label
            on:click=move |_| desk.dispatch(Command::TogglePlay)
        >
            <Glyph icon />
        </button>
        <Key testid="step" label="page-step" icon=Icon::Forward command=Command::StepForward enabled=forward />
        <Key testid="to-end" label="page-to-end" icon=Icon::End command=Command::ToEnd enabled=forward />
    }
}

#[component]
fn Key(
    testid: &'static str,
    label: &'static str,
    icon: Icon,
    command: Command,
    enabled: Memo<bool>,
) -> impl IntoView {
    let desk = Desk::here();
    view! {
        <button
            class="key"
            data-testid=testid
            aria-label=desk.label(label)
            title=desk.label(label)
            // A button that vanishes from the order while it has the focus loses it; this one only says so.
            aria-disabled=move || (!enabled.get()).to_string()
            on:click=move |_| desk.dispatch(command.clone())
        >
            <Glyph icon />
        </button>
    }
}

#[component]
fn PaceChoice() -> impl IntoView {
    let desk = Desk::here();
    let view = transport(desk);
    let options = Signal::derive(move || {
        vec![
            ("paced".to_owned(), desk.text("page-paced")),
            ("real".to_owned(), desk.text("page-real")),
        ]
    });
    let chosen = Signal::derive(move || {
        let real = view.with(|view| view.pace == Pace::Real);
        if real {
            "real".to_owned()
        } else {
            "paced".to_owned()
        }
    });
    let choose = Callback::new(move |value: String| {
        desk.dispatch(Command::SetPace(if value == "real" {
            Pace::Real
        } else {
            Pace::Paced
        }));
    });
    view! { <Segments options chosen label=Signal::derive(desk.label("page-pace")) testid="pace" on_choose=choose /> }
}

#[component]
fn Speed() -> impl IntoView {
    let desk = Desk::here();
    let view = transport(desk);
    let speeds = desk.read(|session| session.transport().speeds);
    let present = Memo::new(move |_| view.with(|view| view.speed_permille));
    // A link may bring a speed that is not in the list.
    let own = move || {
        let present = present.get();
        (!speeds.contains(&present)).then(|| view! { <option value=present.to_string() selected=true>{look::speed(present)}</option> })
    };
    view! {
        <select
            class="field"
            data-testid="speed"
            aria-label=desk.label("page-speed")
            title=desk.label("page-speed")
            on:change=move |event| {
                if let Ok(speed) = event_target_value(&event).parse() {
                    desk.dispatch(Command::SetSpeed(speed));
                }
            }
            prop:value=move || present.get().to_string()
        >
            {speeds
                .iter()
                .map(|speed| {
                    let speed = *speed;
                    view! { <option value=speed.to_string() selected=move || present.get() == speed>{look::speed(speed)}</option> }
                })
                .collect_view()}
            {own}
        </select>
    }
}

#[component]
fn Clock() -> impl IntoView {
    let desk = Desk::here();
    let view = transport(desk);
    let clock = Memo::new(move |_| view.with(|view| (view.clock.clone(), view.now_us)));
    let events = Memo::new(move |_| view.with(|view| view.events));
    let state = Memo::new(move |_| {
        view.with(|view| {
            if view.budget_reached {
                Some("page-budget")
            } else if view.slower_than_asked {
                Some("page-slower")
            } else if view.fold.is_some() && view.playing {
                Some("page-folding")
            } else {
                None
            }
        })
    });
    view! {
        <div class="clock">
            <span data-testid="clock" data-us=move || clock.get().1.to_string()>{move || clock.get().0}</span>
            <small>
                " s · " {desk.label("page-event")} " " {move || events.get()}
                {move || state.get().map(|key| format!(" · {}", desk.text(key)))}
            </small>
        </div>
    }
}

/// Seed and branches.
#[component]
pub fn SmallPrint() -> impl IntoView {
    let desk = Desk::here();
    let seed = Memo::new(move |_| {
        desk.edits.track();
        desk.read(|session| session.header().seed)
    });
    let wrong = RwSignal::new(false);
    let branches = Memo::new(move |_| {
        desk.edits.track();
        desk.read(|session| session.branches())
    });
    let forget = move |_| {
        let others = branches.get_untracked();
        for branch in others.into_iter().filter(|branch| !branch.current) {
            desk.dispatch(Command::DropBranch(branch.id));
        }
    };
    let several = Memo::new(move |_| branches.with(|branches| branches.len() > 1));
    view! {
        <div class="small-print">
            <label>
                {desk.label("page-seed")} " "
                <input
                    class="field"
                    inputmode="numeric"
                    data-testid="seed"
                    aria-invalid=move || wrong.get().to_string()
                    prop:value=move || seed.get().to_string()
                    on:change=move |event| {
                        let parsed = event_target_value(&event).trim().parse();
                        wrong.set(parsed.is_err());
                        if let Ok(seed) = parsed {
                            desk.dispatch(Command::ChooseSeed(seed));
                        }
                    }
                />
            </label>
            <Show when=move || wrong.get()>
                <span class="text-bad" role="alert">{desk.label("page-seed-wrong")}</span>
            </Show>
            <Show when=move || several.get()>
                <label>
                    {desk.label("page-branch")} " "
                    <select
                        class="field"
                        data-testid="branches"
                        on:change=move |event| {
                            if let Ok(id) = event_target_value(&event).parse() {
                                desk.dispatch(Command::ChooseBranch(id));
                            }
                        }
                    >
                        {move || {
                            branches
                                .get()
                                .into_iter()
                                .map(|branch| {
                                    let parting = branch.differs_us.map(|at| format!(" ≠ {}", look::seconds(at)));
                                    view! {
                                        <option value=branch.id.to_string() selected=branch.current>
                                            {desk.say(&branch.title)} {parting}
                                        </option>
                                    }
                                })
                                .collect_view()
                        }}
                    </select>
                </label>
                <button class="link" data-testid="forget-branches" on:click=forget>{desk.label("page-branch-forget")}</button>
            </Show>
        </div>
    }
}
