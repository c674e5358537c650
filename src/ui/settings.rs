//! The settings: every parameter under its real name. A widget per kind, nothing per parameter.

pub mod field;

use crate::desk::Desk;
use crate::edge::catalogue;
use crate::light::{For, Memo, Show};
use ackscope_session::view::{SettingField, SettingGroup, SettingsView};
use field::Field;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// The help of the parameters is fetched once the first picture stands.
const HELP_AFTER_MS: u32 = 600;

/// The panel at the left; on a phone, a tab.
#[component]
pub fn Settings() -> impl IntoView {
    let desk = Desk::here();
    let search = RwSignal::new(String::new());
    let all = RwSignal::new(false);
    // Read when a person changed something, and about as often as the panels while time runs: what
    // waits for a restart comes into force by itself.
    let view = Memo::new(move |_| {
        desk.edits.track();
        desk.panels.track();
        desk.texts.track();
        let search = search.get();
        desk.read(|session| session.settings(&search))
    });
    let groups =
        Memo::new(move |_| view.with(|view| view.groups.iter().map(address).collect::<Vec<_>>()));
    let hidden = Memo::new(move |_| {
        view.with(|view| {
            view.groups
                .iter()
                .flat_map(|group| &group.fields)
                .filter(|field| !field.obeyed)
                .count()
        })
    });
    let nothing = move || view.with(|view| view.groups.iter().all(|group| group.fields.is_empty()));
    view! {
        <section class="settings" data-testid="settings" aria-label=desk.label("page-settings")>
            <div class="settings-search">
                <input
                    class="field"
                    type="search"
                    data-testid="settings-search"
                    placeholder=desk.label("page-search")
                    aria-label=desk.label("page-search")
                    prop:value=search
                    on:input=move |event| search.set(event_target_value(&event))
                />
                <Refusals view />
            </div>
            <div class="settings-body">
                <For
                    each=move || groups.get()
                    key=Clone::clone
                    children=move |address| view! { <Group address view search all /> }
                />
                <Show when=nothing>
                    <p class="empty">{desk.label("page-search-nothing")}</p>
                </Show>
                <Show when=move || { hidden.get() > 0 }>
                    <button class="link" data-testid="settings-all" aria-pressed=move || all.get().to_string() on:click=move |_| all.update(|all| *all = !*all)>
                        {move || desk.text(if all.get() { "page-settings-fewer" } else { "page-settings-all" })}
                        " (" {move || hidden.get()} ")"
                    </button>
                </Show>
            </div>
        </section>
    }
}

type Address = (String, String);

fn address(group: &SettingGroup) -> Address {
    (group.scope.clone(), group.instance.clone())
}

fn group_of<'a>(view: &'a SettingsView, of: &Address) -> Option<&'a SettingGroup> {
    view.groups
        .iter()
        .find(|group| group.scope == of.0 && group.instance == of.1)
}

/// The parameters of one place. The first group is open, and while searching all are.
#[component]
fn Group(
    address: Address,
    view: Memo<SettingsView>,
    search: RwSignal<String>,
    all: RwSignal<bool>,
) -> impl IntoView {
    let desk = Desk::here();
    let first = view.with_untracked(|view| {
        view.groups
            .iter()
            .take(3)
            .any(|group| self::address(group) == address)
    });
    let open = RwSignal::new(first);
    let of = StoredValue::new(address);
    let group =
        Memo::new(move |_| view.with(|view| of.with_value(|of| group_of(view, of).cloned())));
    let keys = Memo::new(move |_| {
        let all = all.get();
        group.with(|group| {
            let fields = group.iter().flat_map(|group| &group.fields);
            fields
                .filter(|field| all || field.obeyed)
                .map(|field| field.key)
                .collect::<Vec<_>>()
        })
    });
    let title = move || {
        group.with(|group| {
            group
                .as_ref()
                .map(|group| desk.say(&group.title))
                .unwrap_or_default()
        })
    };
    let changed =
        Memo::new(move |_| group.with(|group| group.as_ref().map_or(0, |group| group.changed)));
    let changed_text = move || match changed.get() {
        0 => String::new(),
        count => format!("{count} {}", desk.text("page-changed")),
    };
    let shown = move || open.get() || !search.with(|search| search.trim().is_empty());
    view! {
        <Show when=move || keys.with(|keys| !keys.is_empty())>
            <details class="group" open=shown>
                <summary class="eyebrow" on:click=move |event| { event.prevent_default(); open.update(|open| *open = !*open) }>
                    <span>{title}</span>
                    <span>{changed_text}</span>
                </summary>
                <Show when=shown>
                    <For
                        each=move || keys.get()
                        key=|key| *key
                        children=move |key| {
                            let field = Memo::new(move |_| {
                                group.with(|group| group.as_ref().and_then(|group| find(group, key).cloned()))
                            });
                            view! { <Field field /> }
                        }
                    />
                </Show>
            </details>
        </Show>
    }
}

fn find<'a>(group: &'a SettingGroup, key: &str) -> Option<&'a SettingField> {
    group.fields.iter().find(|field| field.key == key)
}

/// What the product refuses of all this, in its own words.
#[component]
fn Refusals(view: Memo<SettingsView>) -> impl IntoView {
    let refusals = Memo::new(move |_| view.with(|view| view.refusals.clone()));
    view! {
        <Show when=move || refusals.with(|refusals| !refusals.is_empty())>
            <div class="refusals" role="alert" data-testid="refusals">
                {move || {
                    refusals
                        .get()
                        .into_iter()
                        .map(|refusal| view! { <p><b>{refusal.place} " " {refusal.key}</b> " " {refusal.text}</p> })
                        .collect_view()
                }}
            </div>
        </Show>
    }
}

/// Fetches the help of the parameters, once the first picture stands and with each new language.
pub fn fetch_help(desk: Desk) {
    let later = StoredValue::new_local(None::<Timeout>);
    let fetch = move || {
        let language = desk
            .try_read(|session| catalogue::nearest(session.language()))
            .flatten();
        let Some(language) = language else { return };
        wasm_bindgen_futures::spawn_local(async move {
            // Without them the page still works; they are asked for again with the next language.
            if let Ok(texts) = catalogue::fetch(language, &catalogue::LATER).await {
                desk.add_texts(language, texts);
            }
        });
    };
    let language = Memo::new(move |_| {
        desk.texts.track();
        desk.read(|session| session.language().to_owned())
    });
    Effect::new(move || {
        language.track();
        later.set_value(Some(Timeout::new(HELP_AFTER_MS, fetch)));
    });
    on_cleanup(move || {
        later.try_update_value(Option::take);
    });
}
