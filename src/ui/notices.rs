//! What could not be understood or done, until the reader has seen it.

use crate::desk::Desk;
use crate::light::Memo;
use crate::ui::page::Page;
use ackscope_session::Command;
use leptos::prelude::*;

/// Messages above the page.
#[component]
pub fn Notices() -> impl IntoView {
    let (desk, page) = (Desk::here(), Page::here());
    let all = Memo::new(move |_| {
        desk.edits.track();
        desk.read(|session| session.header().notices)
    });
    let show = move || {
        let (news, trouble) = (all.get(), page.trouble.get());
        if news.is_empty() && trouble.is_none() {
            return None;
        }
        let close = move |_| {
            desk.dispatch(Command::DismissNotices);
            page.trouble.set(None);
        };
        Some(view! {
            <div class="notice" data-testid="notice">
                <ul>
                    {trouble.map(|text| view! { <li>{text}</li> })}
                    {news.iter().map(|notice| view! { <li>{desk.say(notice)}</li> }).collect_view()}
                </ul>
                <button class="btn small" on:click=close>{desk.label("page-close")}</button>
            </div>
        })
    };
    view! { <div class="notices" role="alert">{show}</div> }
}
