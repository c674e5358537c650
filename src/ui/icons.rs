//! Drawn by hand; no icon font.

use leptos::prelude::*;

/// The mark: two acknowledgements, and the record between them that is not there.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 32 32" aria-hidden="true">
            <circle cx="16" cy="16" r="12.5" fill="none" stroke="currentColor" stroke-width="2.6" stroke-dasharray="60 18.5" stroke-dashoffset="-10" stroke-linecap="round" />
            <path d="M10 16.4l4.4 4.4L22.4 12" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}

/// An icon of the transport.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// To the beginning.
    Start,
    /// One step back.
    Back,
    /// Play.
    Play,
    /// Pause.
    Pause,
    /// Play from the beginning.
    Again,
    /// One step on.
    Forward,
    /// To the end.
    End,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Start => "M2 2h2.4v12H2zM14 2v12L5.4 8z",
            Icon::Back => "M12.5 2v12L3.5 8z",
            Icon::Play => "M4 1.8v12.4L14 8z",
            Icon::Pause => "M3.5 2h3.4v12H3.5zM9.1 2h3.4v12H9.1z",
            Icon::Again => "M8 2.2a6 6 0 1 1-5.7 4.1l1.9.6A4 4 0 1 0 8 4.2V7L3.4 3.4 8 0z",
            Icon::Forward => "M3.5 2v12l9-6z",
            Icon::End => "M2 2v12l8.6-6zM11.6 2H14v12h-2.4z",
        }
    }
}

/// An icon as a picture.
#[component]
pub fn Glyph(#[prop(into)] icon: Signal<Icon>) -> impl IntoView {
    view! {
        <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d=move || icon.get().path() />
        </svg>
    }
}

/// Half light, half dark.
#[component]
pub fn ThemeIcon() -> impl IntoView {
    view! {
        <svg viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.5" />
            <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor" />
        </svg>
    }
}
