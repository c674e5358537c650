//! Brand, scenario, verdict, and what concerns the page as a whole.

use crate::desk::Desk;
use crate::edge::{catalogue, document};
use crate::light::Memo;
use crate::ui::icons::{Mark, ThemeIcon};
use crate::ui::page::Page;
use crate::ui::scenarios::Scenarios;
use crate::ui::share::{Embed, Share};
use crate::ui::verdict::{Verdict, Verify};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The bar at the top.
#[component]
pub fn TopBar() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let system = Memo::new(move |_| {
        desk.edits.track();
        let header = desk.read(|session| session.header());
        let name = if header.system == "kafka" {
            "Kafka"
        } else {
            header.system
        };
        format!("{name} {}", header.profile)
    });
    // Not by an address: its fragment is the run's.
    let to_stage = |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        let stage = document().query_selector(".stage").ok().flatten();
        if let Some(stage) = stage.and_then(|stage| stage.dyn_into::<HtmlElement>().ok()) {
            let _ = stage.focus();
        }
    };
    view! {
        <header class="topbar">
            <a class="btn skip" href="#" on:click=to_stage>{desk.label("page-skip")}</a>
            <h1 class="brand"><Mark />"AckScope"</h1>
            <span class="system">{move || system.get()}</span>
            <Scenarios />
            <Verdict />
            <div class="spacer"></div>
            <div class="top-tools">
                <Verify />
                <Share />
                <Embed />
                <Language />
                <button
                    class="btn icon"
                    data-testid="theme"
                    aria-label=desk.label("page-theme")
                    title=desk.label("page-theme")
                    on:click=move |_| page.switch_theme(true)
                >
                    <ThemeIcon />
                </button>
            </div>
        </header>
    }
}

/// The other language, in its own words.
#[component]
fn Language() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let present = move || {
        desk.texts.track();
        desk.read(|session| session.language().to_owned())
    };
    let other = move || {
        if present() == catalogue::LANGUAGES[0] {
            catalogue::LANGUAGES[1]
        } else {
            catalogue::LANGUAGES[0]
        }
    };
    let name = move || {
        if other() == catalogue::LANGUAGES[0] {
            "English"
        } else {
            "中文"
        }
    };
    view! {
        <button
            class="btn"
            data-testid="language"
            lang=other
            on:click=move |_| desk.speak(other(), move |why| page.trouble.set(Some(why)))
        >
            {name}
        </button>
    }
}
