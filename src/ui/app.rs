//! The page's frame: what stands where.

use crate::desk::Desk;
use crate::edge::media::Theme;
use crate::light::{Memo, Show};
use crate::ui::help::Help;
use crate::ui::legend::Legend;
use crate::ui::notices::Notices;
use crate::ui::page::{Page, listen_to_keys};
use crate::ui::settings::{Settings, fetch_help};
use crate::ui::side::Side;
use crate::ui::stage::Stage;
use crate::ui::stage::menu::ActMenu;
use crate::ui::timeline::Timeline;
use crate::ui::topbar::TopBar;
use crate::ui::transport::{FigureTransport, Transport};
use ackscope_session::Command;
use leptos::prelude::*;

/// A whole page, or a figure in another one.
#[component]
pub fn App(
    /// The theme that the link asks for.
    theme: Option<Theme>,
) -> impl IntoView {
    let desk = Desk::here();
    let page = Page::provide(desk.figure, theme);
    Effect::new(move || desk.dispatch(Command::SetReducedMotion(page.media.still.get())));
    if desk.figure {
        return view! { <FigurePage /> }.into_any();
    }
    listen_to_keys(desk, page);
    view! { <FullPage /> }.into_any()
}

#[component]
fn FullPage() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let narrow = page.media.narrow;
    fetch_help(desk);
    view! {
        <div class="app" data-testid="app">
            <TopBar />
            <Show when=move || !narrow.get()>
                <Settings />
            </Show>
            <main class="main">
                <Stage />
                <Sentence />
                <ActMenu />
            </main>
            <Side />
            <Transport />
            <Show when=move || !narrow.get()>
                <Timeline />
                <Legend />
            </Show>
            <Notices />
            <Help />
        </div>
    }
}

#[component]
fn FigurePage() -> impl IntoView {
    view! {
        <div class="app figure" data-testid="app">
            <main class="main">
                <h1 class="sr-only">"AckScope"</h1>
                <Stage />
                <Sentence />
                <ActMenu />
            </main>
            <FigureTransport />
            <Notices />
        </div>
    }
}

/// What just happened. Screen readers hear it when it changes.
#[component]
fn Sentence() -> impl IntoView {
    let desk = Desk::here();
    let said = Memo::new(move |_| {
        desk.sentence.track();
        desk.edits.track();
        desk.texts.track();
        desk.read(|session| session.sentence().map(|sentence| session.say(&sentence)))
            .unwrap_or_default()
    });
    view! {
        <div class="sentence">
            <p aria-live="polite" data-testid="sentence">{move || said.get()}</p>
        </div>
    }
}
