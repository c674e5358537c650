//! One parameter: its name, a widget for its kind, what it does, what it opens, what is refused.

use crate::desk::Desk;
use crate::light::{Memo, Show};
use crate::ui::widgets::value::ValueInput;
use ackscope_session::Command;
use ackscope_session::view::{FieldKind, SettingField};
use leptos::prelude::*;

/// Values longer than this have a line of their own.
const LONG: usize = 14;

/// A row of the panel.
#[component]
pub fn Field(field: Memo<Option<SettingField>>) -> impl IntoView {
    let desk = Desk::here();
    let Some(at) = field.get_untracked() else {
        return ().into_any();
    };
    let (key, kind) = (at.key, without_unit(at.kind.clone(), at.key));
    let help_open = RwSignal::new(false);
    let part = move |read: fn(&SettingField) -> String| {
        Signal::derive(move || field.with(|field| field.as_ref().map(read).unwrap_or_default()))
    };
    let flag = move |read: fn(&SettingField) -> bool| {
        Memo::new(move |_| field.with(|field| field.as_ref().is_some_and(read)))
    };
    let value = part(|field| field.value.clone());
    let (changed, obeyed, pending) = (
        flag(|field| field.changed),
        flag(|field| field.obeyed),
        flag(|field| field.pending),
    );
    let set = {
        let (scope, instance) = (at.scope.clone(), at.instance.clone());
        Callback::new(move |text: String| {
            let (scope, instance) = (scope.clone(), instance.clone());
            desk.dispatch(Command::Set {
                scope,
                instance,
                key: key.to_owned(),
                text,
            });
        })
    };
    let reset = move |_| {
        let (scope, instance) = (at.scope.clone(), at.instance.clone());
        desk.dispatch(Command::Unset {
            scope,
            instance,
            key: key.to_owned(),
        });
    };
    let reset = StoredValue::new(reset);
    let said = move |read: fn(&SettingField) -> Option<ackscope_scene::Phrase>| {
        move || {
            field
                .with(|field| field.as_ref().and_then(read))
                .map(|phrase| desk.say(&phrase))
        }
    };
    let warning = said(|field| field.warning.clone());
    let help = said(|field| Some(field.help.clone()));
    let applies = said(|field| Some(field.applies.clone()));
    let refusal =
        move || field.with(|field| field.as_ref().and_then(|field| field.refusal.clone()));
    let comes_with = move || field.with(|field| field.as_ref().and_then(|field| field.comes_with));
    // A value that has no room beside its key stands below it.
    let long = Memo::new(move |_| value.with(|value| value.chars().count() > LONG));
    let class = move || match (obeyed.get(), long.get()) {
        (true, false) => "param",
        (true, true) => "param long",
        (false, false) => "param unbuilt",
        (false, true) => "param unbuilt long",
    };
    view! {
        <div class=class data-testid="param" data-param=key>
            <button
                class="param-key"
                aria-expanded=move || help_open.get().to_string()
                on:click=move |_| help_open.update(|open| *open = !*open)
            >
                {breakable(key)}
                <Show when=move || changed.get()>
                    <span class="dot" role="img" aria-label=desk.label("page-differs") title=desk.label("page-differs")>"●"</span>
                </Show>
            </button>
            <div class="control">
                {move || {
                    if obeyed.get() {
                        view! { <ValueInput kind=kind.clone() value label=key.to_owned() on_set=set /> }.into_any()
                    } else {
                        view! { <code>{value}</code> }.into_any()
                    }
                }}
            </div>
            {move || refusal().map(|text| view! { <p class="wide text-bad" role="alert">"✕ " {text}</p> })}
            {move || warning().map(|text| view! { <p class="wide text-warn" data-testid="param-warning">"⚠ " {text}</p> })}
            <Show when=move || pending.get()>
                <p class="wide text-accent">"↻ " {applies}</p>
            </Show>
            <Show when=move || help_open.get()>
                <div class="wide help">
                    <p>{help}</p>
                    <p class="note">{desk.label("page-default")} ": " <code>{part(|field| field.default.clone())}</code> " · " {applies}</p>
                    {move || comes_with().map(|what| view! { <p class="note">{desk.label("page-comes-with")} " " {what}</p> })}
                    <Show when=move || field.with(|field| field.as_ref().is_some_and(|field| field.explicit))>
                        <button class="link" on:click=move |event| reset.with_value(|reset| reset(event))>{desk.label("page-reset")}</button>
                    </Show>
                </div>
            </Show>
        </div>
    }
    .into_any()
}

/// A key may break after its dots.
fn breakable(key: &str) -> impl IntoView + use<> {
    key.split_inclusive('.')
        .map(|part| view! { {part.to_owned()}<wbr /> })
        .collect_view()
}

/// The unit is not repeated where the key says it.
fn without_unit(kind: FieldKind, key: &str) -> FieldKind {
    match kind {
        FieldKind::Number { min, max, unit }
            if !unit.is_empty()
                && (key.ends_with(".ms") || key.contains("bytes") || key.ends_with(".size")) =>
        {
            FieldKind::Number { min, max, unit: "" }
        }
        other => other,
    }
}
