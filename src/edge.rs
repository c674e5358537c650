//! One browser service each. Nothing else touches `window`.

pub mod address;
pub mod catalogue;
pub mod door;
pub mod embed;
pub mod frame_loop;
pub mod keyboard;
pub mod media;
pub mod panic;
pub mod storage;

use wasm_bindgen::{JsCast, prelude::Closure};

/// The browser's window; a page without one cannot run at all.
pub(crate) fn window() -> web_sys::Window {
    web_sys::window().expect("the page runs in a browser window")
}

pub(crate) fn document() -> web_sys::Document {
    window().document().expect("a window has a document")
}

/// A listener that ends with its value.
pub(crate) struct Listener {
    target: web_sys::EventTarget,
    name: &'static str,
    callback: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    /// Listens to an event of `target`.
    pub(crate) fn new(
        target: &web_sys::EventTarget,
        name: &'static str,
        callback: impl FnMut(web_sys::Event) + 'static,
    ) -> Self {
        let callback = Closure::new(callback);
        // The only failure is a target that is gone, and then there is nothing to hear.
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Listener {
            target: target.clone(),
            name,
            callback,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.callback.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, callback);
    }
}
