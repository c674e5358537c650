//! After a panic nothing of the program can be trusted: the hook tells the console and covers the page,
//! with DOM calls only, and hands the reader the link of the run up to the last act.

use super::{document, window};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, prelude::Closure};

thread_local! {
    /// Address of the run, made at every act: the hook must not touch the session.
    static LINK: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Sets the hook.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        cover(&info.to_string());
    }));
}

/// Remembers the address of the run.
pub fn remember(link: String) {
    LINK.with(|kept| *kept.borrow_mut() = link);
}

/// Covers the page with a message, the run's address and a way to load it again.
pub fn cover(what: &str) {
    let document = document();
    let (Some(body), Ok(cover)) = (document.body(), document.create_element("div")) else {
        return;
    };
    if document.query_selector(".fatal").ok().flatten().is_some() {
        return;
    }
    cover.set_class_name("fatal");
    let _ = cover.set_attribute("role", "alert");
    let link = LINK.with(|kept| {
        kept.try_borrow()
            .map(|link| link.clone())
            .unwrap_or_default()
    });
    let part = |name: &str, text: &str| {
        if let Ok(element) = document.create_element(name) {
            element.set_text_content(Some(text));
            let _ = cover.append_child(&element);
            return Some(element);
        }
        None
    };
    part("h1", "AckScope stopped · AckScope 已停止");
    part("p", what);
    if !link.is_empty() {
        part(
            "p",
            "This link leads back to the run: · 用此链接可回到该运行：",
        );
        if let Some(field) = part("textarea", &link) {
            let _ = field.set_attribute("readonly", "");
            let _ = field.set_attribute("aria-label", "link · 链接");
        }
    }
    if let Some(again) = part("button", "Load again · 重新加载") {
        again.set_class_name("btn primary");
        // The page ends with the click, and this closure with it.
        let reload = Closure::once_into_js(move || {
            let _ = window().location().reload();
        });
        let _ = again.add_event_listener_with_callback("click", reload.unchecked_ref());
    }
    let _ = body.append_child(&cover);
}
