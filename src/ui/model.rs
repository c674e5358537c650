//! What is modelled and what is not, from the engine's own lists. Its texts are fetched when it is opened.

use crate::desk::Desk;
use crate::edge::catalogue;
use crate::ui::page::Page;
use ackscope_scene::Phrase;
use ackscope_session::model::{Keys, LeftOut, ModelView, models};
use leptos::html::Dialog;
use leptos::prelude::*;

/// What is modelled of Kafka, in sentences; the lists below say what is missing.
const MODELLED: [&str; 6] = [
    "model-is-brokers",
    "model-is-controller",
    "model-is-producer",
    "model-is-consumer",
    "model-is-network",
    "model-is-disk",
];

/// A sheet above the page.
#[component]
pub fn Model() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let sheet = NodeRef::<Dialog>::new();
    let language = Memo::new(move |_| {
        desk.texts.track();
        desk.read(|session| catalogue::nearest(session.language()))
    });
    Effect::new(move || {
        let Some(sheet) = sheet.get() else { return };
        if !page.model.get() {
            return sheet.close();
        }
        if !sheet.open() {
            let _ = sheet.show_modal();
        }
    });
    let come = RwSignal::new(None::<&'static str>);
    Effect::new(move || {
        let Some(language) = language.get().filter(|_| page.model.get()) else {
            return;
        };
        wasm_bindgen_futures::spawn_local(async move {
            match catalogue::fetch(language, &catalogue::MODEL).await {
                Ok(texts) => {
                    desk.add_texts(language, texts);
                    let _ = come.try_set(Some(language));
                }
                Err(why) => {
                    let _ = page.trouble.try_set(Some(why));
                }
            }
        });
    });
    let shown = move || page.model.get() && come.get() == language.get();
    let close = move |_| page.model.set(false);
    view! {
        <dialog class="sheet model" node_ref=sheet data-testid="model" aria-labelledby="model-title" on:close=close>
            <div class="sheet-head">
                <h2 id="model-title">{desk.label("page-model")}</h2>
                <button class="btn small" on:click=move |_| page.model.set(false)>{desk.label("page-close")}</button>
            </div>
            <Show when=shown>
                {models().into_iter().map(|model| product(desk, model)).collect_view()}
            </Show>
        </dialog>
    }
}

fn product(desk: Desk, model: ModelView) -> impl IntoView {
    let say = move |key: &'static str| desk.say_now(&Phrase::new(key));
    if model.profile.is_empty() {
        return view! {
            <h3>{say("model-rabbitmq")}</h3>
            <p>{say("model-rabbitmq-intro")}</p>
            {missing(desk, model.left_out)}
        }
        .into_any();
    }
    let version = Phrase::new("model-version").with("version", model.profile);
    let modelled = MODELLED.map(|key| view! { <li>{say(key)}</li> });
    let inert_title = Phrase::new("model-params-inert").with("count", count(model.inert.len()));
    let inert = model
        .inert
        .into_iter()
        .map(|(key, reason)| view! { <dt><code>{key}</code></dt><dd lang="en">{reason}</dd> });
    view! {
        <p>{say("model-intro")}</p>
        <h3>{say("model-is")} " · " {desk.say_now(&version)}</h3>
        <ul>{modelled.collect_view()}</ul>
        <h3>{say("model-not")}</h3>
        {missing(desk, model.left_out)}
        <h3>{say("model-params")}</h3>
        {keys(desk, "model-params-obeyed", model.obeyed)}
        {keys(desk, "model-params-later", model.comes_with)}
        <details>
            <summary>{desk.say_now(&inert_title)}</summary>
            <dl>{inert.collect_view()}</dl>
        </details>
    }
    .into_any()
}

fn missing(desk: Desk, left_out: Vec<LeftOut>) -> impl IntoView {
    let row = |one: LeftOut| {
        view! { <dt>{desk.say_now(&one.name)}</dt><dd>{desk.say_now(&one.why)}</dd> }
    };
    view! { <dl data-testid="left-out">{left_out.into_iter().map(row).collect_view()}</dl> }
}

/// Parameters in groups; how many there are stands above them.
fn keys(desk: Desk, title: &'static str, groups: Vec<Keys>) -> impl IntoView {
    let all = groups.iter().map(|group| group.keys.len()).sum();
    let title = Phrase::new(title).with("count", count(all));
    let row = |group: Keys| {
        let keys = group
            .keys
            .into_iter()
            .map(|key| view! { <code>{key}</code> " " });
        view! { <dt>{desk.say_now(&group.title)}</dt><dd>{keys.collect_view()}</dd> }
    };
    view! {
        <details>
            <summary>{desk.say_now(&title)}</summary>
            <dl>{groups.into_iter().map(row).collect_view()}</dl>
        </details>
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
