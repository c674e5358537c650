//! What is open and chosen on the page, beside the run: tab, menu, theme, sheets.

use crate::desk::Desk;
use crate::edge::keyboard::{self, Wish};
use crate::edge::media::{Media, Theme};
use crate::edge::{Listener, document, storage};
use ackscope_session::Command;
use ackscope_session::command::Target;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// A panel of the right column; on a phone, below the stage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tab {
    /// Message table and the story of the selected one.
    Messages,
    /// The story alone.
    Why,
    /// A node's state.
    Node,
    /// The log.
    Events,
    /// The space-time diagram; a tab on phones only.
    Timeline,
    /// The settings; a tab on phones only.
    Settings,
}

/// An open menu of acts.
#[derive(Clone, PartialEq, Debug)]
pub struct MenuAt {
    /// On what.
    pub target: Target,
    /// Where on the screen.
    pub x: f64,
    /// Where on the screen.
    pub y: f64,
}

/// Signals of the page.
#[derive(Clone, Copy)]
pub struct Page {
    /// The panel shown.
    pub tab: RwSignal<Tab>,
    /// The menu that is open.
    pub menu: RwSignal<Option<MenuAt>>,
    /// The list of keys is open.
    pub help: RwSignal<bool>,
    /// The list of what is modelled and what is not is open.
    pub model: RwSignal<bool>,
    /// What could not be done, in words.
    pub trouble: RwSignal<Option<String>>,
    /// What the browser tells.
    pub media: Media,
    chosen_theme: RwSignal<Option<Theme>>,
}

impl Page {
    /// Makes it and gives it to the components below.
    pub fn provide(figure: bool, asked: Option<Theme>) -> Page {
        let kept = if figure {
            None
        } else {
            storage::load("theme").and_then(|kept| Theme::parse(&kept))
        };
        let page = Page {
            tab: RwSignal::new(Tab::Messages),
            menu: RwSignal::new(None),
            help: RwSignal::new(false),
            model: RwSignal::new(false),
            trouble: RwSignal::new(None),
            media: Media::watch(),
            chosen_theme: RwSignal::new(asked.or(kept)),
        };
        Effect::new(move || page.theme().apply());
        provide_context(page);
        page
    }

    /// The page that the present component is on.
    #[must_use]
    pub fn here() -> Page {
        expect_context()
    }

    /// The theme: the chosen one, else the system's.
    #[must_use]
    pub fn theme(self) -> Theme {
        let system = if self.media.dark.get() {
            Theme::Dark
        } else {
            Theme::Light
        };
        self.chosen_theme.get().unwrap_or(system)
    }

    /// The other theme, from here on.
    pub fn switch_theme(self, keep: bool) {
        let theme = untrack(|| self.theme()).other();
        if keep {
            storage::save("theme", theme.name());
        }
        self.chosen_theme.set(Some(theme));
    }

    /// Opens the menu of something below an element, or at a point of the screen.
    pub fn open_menu(self, target: Target, x: f64, y: f64) {
        self.menu.set(Some(MenuAt { target, x, y }));
    }

    /// Opens it below the element that was pressed.
    pub fn open_menu_at(self, target: Target, element: &web_sys::Element) {
        let place = element.get_bounding_client_rect();
        self.open_menu(target, place.left(), place.bottom() + 4.0);
    }
}

/// Keys that work everywhere, for as long as the present owner lives.
pub fn listen_to_keys(desk: Desk, page: Page) {
    let listener = Listener::new(&document(), "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        let Some(wish) = keyboard::wish(event) else {
            return;
        };
        match wish {
            Wish::Do(command) => desk.dispatch(command),
            Wish::Faster(faster) => change_speed(desk, faster),
            Wish::Help => page.help.set(true),
            Wish::Close => {
                page.menu.set(None);
                return;
            }
        }
        event.prevent_default();
    });
    let kept = StoredValue::new_local(Some(listener));
    on_cleanup(move || {
        kept.try_update_value(Option::take);
    });
}

/// The next speed in that direction.
pub fn change_speed(desk: Desk, faster: bool) {
    let view = desk.read(|session| session.transport());
    let next = if faster {
        view.speeds
            .iter()
            .find(|speed| **speed > view.speed_permille)
    } else {
        view.speeds
            .iter()
            .rev()
            .find(|speed| **speed < view.speed_permille)
    };
    if let Some(speed) = next {
        desk.dispatch(Command::SetSpeed(*speed));
    }
}

/// The element that has the focus, to give it back later.
#[must_use]
pub fn focused() -> Option<HtmlElement> {
    document().active_element().map(JsCast::unchecked_into)
}
