//! From an empty document to a mounted page: texts first, then the session, then the components.

use crate::desk::Desk;
use crate::edge::address::Fragment;
use crate::edge::media::Theme;
use crate::edge::{address, catalogue, document, door, media, panic, storage};
use crate::ui::app::App;
use crate::ui::bench;
use ackscope_session::session::Start;
use ackscope_session::{Command, Session};
use leptos::mount::UnmountHandle;
use leptos::prelude::*;
use leptos::tachys::view::Mountable;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Starts the page in the element `app` of the document.
pub fn start() {
    panic::install();
    let Some(place) = document()
        .get_element_by_id("app")
        .and_then(|place| place.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    wasm_bindgen_futures::spawn_local(async move {
        let fragment = address::read();
        let language = language(&fragment);
        match catalogue::fetch(language, &catalogue::FILES).await {
            Ok(texts) => mount(place, fragment, language, texts),
            Err(why) => panic::cover(&why),
        }
    });
}

/// The reader's language: the one that the link asks for, else chosen earlier, else the first one of the browser that we speak.
fn language(fragment: &Fragment) -> &'static str {
    let asked = fragment.language.as_deref().and_then(catalogue::nearest);
    let kept = storage::load("language").and_then(|kept| catalogue::nearest(&kept));
    let spoken = || {
        media::browser_languages()
            .iter()
            .find_map(|tag| catalogue::nearest(tag))
    };
    asked
        .or(kept)
        .or_else(spoken)
        .unwrap_or(catalogue::LANGUAGES[0])
}

fn mount(place: HtmlElement, fragment: Fragment, language: &'static str, texts: Vec<String>) {
    let Fragment {
        link,
        figure,
        theme,
        bench,
        model,
        ..
    } = fragment;
    let mut session = Session::new(&Start {
        language: language.to_owned(),
        link,
        reduced_motion: media::prefers_still(),
    });
    for text in texts {
        session.update(Command::AddCatalogue {
            language: language.to_owned(),
            text,
        });
    }
    media::set_document_language(language);
    place.set_text_content(None);
    if bench {
        return bench::run(&place, &session);
    }
    let theme = theme.as_deref().and_then(Theme::parse);
    // The page lives as long as the document.
    page(
        place,
        session,
        Opening {
            figure,
            theme,
            model,
        },
    )
    .forget();
}

/// How a page opens.
#[derive(Clone, Copy, Default)]
pub struct Opening {
    /// As a figure in another page.
    pub figure: bool,
    /// With this theme.
    pub theme: Option<Theme>,
    /// With the list of what is modelled above it.
    pub model: bool,
}

/// Mounts the page of a session in an element. Dropping the handle takes it away again, with its
/// listeners and frames.
pub fn page(
    place: HtmlElement,
    session: Session,
    opening: Opening,
) -> UnmountHandle<impl Mountable> {
    mount_to(place, move || {
        let desk = Desk::provide(session, opening.figure);
        door::open(desk);
        view! { <App opening /> }
    })
}
