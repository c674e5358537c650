//! `window.ackscope`: the run as plain data, for page tests and figures. CONTRIBUTING.md lists it.

use super::window;
use crate::desk::Desk;
use ackscope_scene::{Drawable, SortedSet};
use ackscope_session::Session;
use leptos::prelude::*;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

const NAME: &str = "ackscope";

/// A token on the stage as plain data.
#[derive(Serialize)]
struct Shown {
    entry: u32,
    entries: Vec<u32>,
    label: String,
    from: u32,
    to: u32,
    x: f32,
    y: f32,
}

/// Opens the door; it closes with the present owner.
pub fn open(desk: Desk) {
    let object = js_sys::Object::new();
    let mut kept = Vec::new();
    let mut ask = |name: &str, answer: fn(&Session) -> Result<JsValue, JsValue>| {
        let closure = Closure::<dyn FnMut() -> Result<JsValue, JsValue>>::new(move || {
            desk.try_read(answer)
                .unwrap_or_else(|| Err(js_sys::Error::new("the page is gone").into()))
        });
        let _ = js_sys::Reflect::set(&object, &name.into(), closure.as_ref().unchecked_ref());
        kept.push(closure);
    };
    ask("trace", trace);
    ask("fates", fates);
    ask("digest", |session| Ok(session.digest().into()));
    ask("clock", |session| {
        Ok((session.transport().now_us as f64).into())
    });
    ask("flights", flights);
    ask("tokens", tokens);
    ask("link", |session| Ok(session.link().into()));

    let act = Closure::<dyn FnMut(String) -> Result<(), JsValue>>::new(move |line: String| {
        act(desk, &line)
    });
    let _ = js_sys::Reflect::set(&object, &"act".into(), act.as_ref().unchecked_ref());
    let _ = js_sys::Reflect::set(&window(), &NAME.into(), &object);
    let kept = StoredValue::new_local((kept, act));
    on_cleanup(move || {
        let _ = js_sys::Reflect::delete_property(&window(), &NAME.into());
        kept.dispose();
    });
}

fn act(desk: Desk, line: &str) -> Result<(), JsValue> {
    desk.act_line(line)
        .map_err(|why| js_sys::Error::new(&why).into())
}

/// Entries up to the moment shown. The session writes them as lines of JSON.
fn trace(session: &Session) -> Result<JsValue, JsValue> {
    let lines = session.export(0, session.transport().entries);
    let list = lines
        .lines()
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(",");
    js_sys::JSON::parse(&format!("[{list}]"))
}

/// Entries of packets that were sent and neither read nor lost: read from the trace alone, so that a
/// test can hold the stage against it.
fn flights(session: &Session) -> Result<JsValue, JsValue> {
    let entries = js_sys::Array::from(&trace(session)?);
    let field = |entry: &JsValue, name: &str| js_sys::Reflect::get(entry, &name.into());
    let mut flying = SortedSet::new();
    for entry in entries.iter() {
        let what = field(&entry, "what")?.as_string().unwrap_or_default();
        match what.as_str() {
            "sent" => flying.insert(field(&entry, "id")?.as_f64().unwrap_or_default() as u32),
            "read" | "vanished" => {
                flying.remove(&(field(&entry, "sent")?.as_f64().unwrap_or_default() as u32))
            }
            _ => false,
        };
    }
    plain(&flying.into_iter().collect::<Vec<_>>())
}

fn fates(session: &Session) -> Result<JsValue, JsValue> {
    let fates = js_sys::Object::new();
    for row in session.messages(0, u32::MAX).rows {
        js_sys::Reflect::set(&fates, &row.name.into(), &row.fate.into())?;
    }
    Ok(fates.into())
}

/// What the stage shows moving, bundles included.
fn tokens(session: &Session) -> Result<JsValue, JsValue> {
    let shown: Vec<Shown> = session
        .moving()
        .into_iter()
        .filter_map(|drawable| match drawable {
            Drawable::Token(token) => Some(Shown {
                entry: token.entry,
                entries: token.bundle,
                label: token.label,
                from: token.from,
                to: token.to,
                x: token.point.x,
                y: token.point.y,
            }),
            _ => None,
        })
        .collect();
    plain(&shown)
}

fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&Serializer::new()).map_err(JsValue::from)
}
