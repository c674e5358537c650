//! A node's full state, what can be done to it, and the program of a client.

use crate::desk::Desk;
use crate::light::{For, Memo, Show};
use crate::ui::look;
use crate::ui::widgets::value::ValueInput;
use ackscope_scene::Phrase;
use ackscope_scene::drawable::Drawable;
use ackscope_session::Command;
use ackscope_session::command::{NewNode, Target};
use ackscope_session::view::{LogView, NodeLine, NodeView, ProgramField};
use leptos::prelude::*;
use std::sync::Arc;

/// The panel.
#[component]
pub fn NodePanel() -> impl IntoView {
    let desk = Desk::here();
    let names = Memo::new(move |_| {
        desk.edits.track();
        desk.read(|session| {
            let drawables = session.frame().drawables.into_iter();
            drawables
                .filter_map(|drawable| {
                    if let Drawable::Node(node) = drawable {
                        Some(node.key)
                    } else {
                        None
                    }
                })
                .collect::<Vec<_>>()
        })
    });
    let selected = Memo::new(move |_| {
        desk.selection.track();
        desk.edits.track();
        desk.read(|session| session.looking().node.clone())
    });
    let view = Memo::new(move |_| {
        desk.panels.track();
        desk.texts.track();
        selected
            .get()
            .and_then(|name| desk.read(|session| session.node(&name)).map(Arc::new))
    });
    view! {
        <div class="inspector" data-testid="inspector">
            <div class="pickers">
                <For
                    each=move || names.get()
                    key=Clone::clone
                    children=move |name| {
                        let (mine, wanted) = (name.clone(), name.clone());
                        view! {
                            <button
                                class="btn small"
                                class:primary=move || selected.get().as_ref() == Some(&mine)
                                on:click=move |_| desk.dispatch(Command::SelectNode(Some(wanted.clone())))
                            >
                                {name}
                            </button>
                        }
                    }
                />
            </div>
            <Show when=move || selected.get().is_none()>
                <p class="note">{desk.label("page-node-hint")}</p>
            </Show>
            <Facts view />
            <Logs view />
            <Timers view />
            <Program view />
            <Doing view />
            <Adding />
        </div>
    }
}

type View = Memo<Option<Arc<NodeView>>>;

fn of<T: Send + Sync + PartialEq + Clone + 'static>(
    view: View,
    read: fn(&NodeView) -> T,
) -> Memo<Option<T>> {
    Memo::new(move |_| view.with(|view| view.as_ref().map(|view| read(view))))
}

/// Labelled values, with what stood there before the last event.
#[component]
fn Facts(view: View) -> impl IntoView {
    let desk = Desk::here();
    let lines = of(view, |view| view.lines.clone());
    let before = Memo::new(move |_| {
        let name = view.with(|view| view.as_ref().map(|view| view.name.clone()))?;
        // The comparison seeks; while time runs nobody could read it anyway.
        if desk.read(|session| session.transport().playing) {
            return None;
        }
        desk.read(|session| session.node_before(&name))
            .map(|view| view.lines)
    });
    view! {
        <dl class="facts">
            {move || {
                let before = before.get().unwrap_or_default();
                lines
                    .get()
                    .unwrap_or_default()
                    .into_iter()
                    .map(|line| {
                        let was = changed(&before, &line).map(|was| view! { <span class="was">{desk.say(was)}</span> });
                        view! {
                            <dt>{desk.say(&line.label)}</dt>
                            <dd>{was}{desk.say(&line.value)}</dd>
                        }
                    })
                    .collect_view()
            }}
        </dl>
    }
}

/// What a line said before, where it said something else.
fn changed<'a>(before: &'a [NodeLine], line: &NodeLine) -> Option<&'a Phrase> {
    let was = before.iter().find(|old| old.label == line.label)?;
    (was.value != line.value).then_some(&was.value)
}

#[component]
fn Logs(view: View) -> impl IntoView {
    let desk = Desk::here();
    let logs = of(view, |view| view.logs.clone());
    let row = move |log: LogView| {
        let number = |number: Option<i64>| {
            number.map_or_else(|| "–".to_owned(), |number| number.to_string())
        };
        view! {
            <tr>
                <td>{if log.leads { "★ " } else { "" }}{log.name}</td>
                <td>{log.epoch.map_or_else(|| "–".to_owned(), |epoch| epoch.to_string())}</td>
                <td>{log.start}</td>
                <td>{number(log.high_watermark)}</td>
                <td>{log.end}</td>
                <td>{log.synced}</td>
                <td>{log.isr.join(" ")}</td>
            </tr>
        }
    };
    let any = move || logs.with(|logs| logs.as_ref().is_some_and(|logs| !logs.is_empty()));
    view! {
        <Show when=any>
            <table class="logs">
                <thead>
                    <tr>
                        <th>{desk.label("page-log")}</th>
                        <th>{desk.label("page-log-epoch")}</th>
                        <th>{desk.label("page-log-start")}</th>
                        <th title="high watermark">"HW"</th>
                        <th title="log end offset">"LEO"</th>
                        <th>{desk.label("page-log-synced")}</th>
                        <th>"ISR"</th>
                    </tr>
                </thead>
                <tbody>{move || logs.get().unwrap_or_default().into_iter().map(row).collect_view()}</tbody>
            </table>
        </Show>
    }
}

#[component]
fn Timers(view: View) -> impl IntoView {
    let desk = Desk::here();
    let timers = of(view, |view| view.timers.clone());
    let any =
        move || timers.with(|timers| timers.as_ref().is_some_and(|timers| !timers.is_empty()));
    view! {
        <Show when=any>
            <h2 class="eyebrow">{desk.label("page-timers")}</h2>
            <dl class="facts">
                {move || {
                    timers
                        .get()
                        .unwrap_or_default()
                        .into_iter()
                        .map(|timer| view! { <dt>{desk.say(&timer.label)}</dt><dd>{look::seconds(timer.due_us)}</dd> })
                        .collect_view()
                }}
            </dl>
        </Show>
    }
}

/// The application of a client: rate, size, keys, policies.
#[component]
fn Program(view: View) -> impl IntoView {
    let desk = Desk::here();
    let program = of(view, |view| (view.name.clone(), view.program.clone()));
    let keys = Memo::new(move |_| {
        program.with(|program| {
            program
                .iter()
                .flat_map(|(name, fields)| {
                    fields
                        .iter()
                        .map(|field| (name.clone(), field.key))
                        .collect::<Vec<_>>()
                })
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || keys.with(|keys| !keys.is_empty())>
            <h2 class="eyebrow">{desk.label("page-program")}</h2>
            <div data-testid="program">
                <For
                    each=move || keys.get()
                    key=Clone::clone
                    children=move |(client, key)| {
                        let field = Memo::new(move |_| {
                            program.with(|program| program.as_ref().and_then(|(_, fields)| fields.iter().find(|field| field.key == key).cloned()))
                        });
                        view! { <ProgramRow client field /> }
                    }
                />
            </div>
        </Show>
    }
}

#[component]
fn ProgramRow(client: String, field: Memo<Option<ProgramField>>) -> impl IntoView {
    let desk = Desk::here();
    let present = field.get_untracked()?;
    let value = Signal::derive(move || {
        field.with(|field| {
            field
                .as_ref()
                .map(|field| field.value.clone())
                .unwrap_or_default()
        })
    });
    let key = present.key;
    let set = Callback::new(move |text: String| {
        desk.dispatch(Command::SetProgram {
            client: client.clone(),
            key: key.to_owned(),
            text,
        });
    });
    let label = present.label.clone();
    Some(view! {
        <div class="param" data-program=key>
            <span>{move || desk.say(&label)}</span>
            <div class="control"><ValueInput kind=present.kind value label=desk.say_now(&present.label) on_set=set names=present.names /></div>
        </div>
    })
}

/// Everything that can be done to the node, in sight.
#[component]
fn Doing(view: View) -> impl IntoView {
    let desk = Desk::here();
    let name = of(view, |view| view.name.clone());
    let removable = of(view, |view| view.removable);
    let acts = Memo::new(move |_| {
        view.track();
        name.get()
            .map(|name| desk.read(|session| session.acts_for(&Target::Node(name))))
            .unwrap_or_default()
    });
    view! {
        <Show when=move || name.get().is_some()>
            <h2 class="eyebrow">{desk.label("page-acts")}</h2>
            <div class="acts">
                <For
                    each=move || acts.get()
                    key=|act| format!("{:?}", act.act)
                    children=move |act| {
                        let (hint, label, wish) = (act.hint.clone(), act.label.clone(), act.act.clone());
                        view! {
                            <button
                                class=if act.hot { "act hot" } else { "act" }
                                title=move || desk.say(&hint)
                                on:click=move |_| desk.dispatch(Command::Intervene(wish.clone()))
                            >
                                {move || desk.say(&label)}
                            </button>
                        }
                    }
                />
                <Show when=move || removable.get() == Some(true)>
                    <button class="act hot" on:click=move |_| {
                        if let Some(name) = name.get_untracked() {
                            desk.dispatch(Command::RemoveNode(name));
                        }
                    }>{desk.label("page-remove")}</button>
                </Show>
            </div>
        </Show>
    }
}

/// New clients and brokers, as far as the run has room for them.
#[component]
fn Adding() -> impl IntoView {
    let desk = Desk::here();
    let kinds = [
        (NewNode::Producer, "page-add-producer"),
        (NewNode::Consumer, "page-add-consumer"),
        (NewNode::Broker, "page-add-broker"),
    ];
    view! {
        <h2 class="eyebrow">{desk.label("page-add")}</h2>
        <div class="acts">
            {kinds
                .map(|(kind, label)| {
                    view! { <button class="act" on:click=move |_| desk.dispatch(Command::AddNode(kind))>"+ " {desk.label(label)}</button> }
                })
                .collect_view()}
        </div>
    }
}
