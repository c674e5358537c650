//! One loop for the page. It sleeps when nothing moves and starts again on [`FrameLoop::wake`].

use super::{Listener, document, window};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::{JsCast, prelude::Closure};

/// What a frame does with the wall time since the last one, in microseconds; whether another shall follow.
type Frame = Box<dyn FnMut(u64) -> bool>;

/// Longer gaps (a hidden tab, a debugger) count as this.
const LONGEST_GAP_US: u64 = 100_000;

/// Runs a callback in each frame of the browser for as long as it asks for more.
#[derive(Clone)]
pub struct FrameLoop(Rc<Inner>);

/// What the browser calls before each frame, with its clock in milliseconds.
type Tick = Closure<dyn FnMut(f64)>;

struct Inner {
    frame: RefCell<Frame>,
    tick: RefCell<Option<Tick>>,
    /// Handle of the frame that was asked for; 0 when asleep.
    asked: Cell<i32>,
    /// Time of the last frame in milliseconds; none right after waking.
    last_ms: Cell<Option<f64>>,
    visibility: RefCell<Option<Listener>>,
    ended: Cell<bool>,
}

impl FrameLoop {
    /// A loop that sleeps.
    pub fn new(frame: impl FnMut(u64) -> bool + 'static) -> Self {
        let inner = Rc::new(Inner {
            frame: RefCell::new(Box::new(frame)),
            tick: RefCell::new(None),
            asked: Cell::new(0),
            last_ms: Cell::new(None),
            visibility: RefCell::new(None),
            ended: Cell::new(false),
        });
        let weak = Rc::downgrade(&inner);
        let tick = Closure::new(move |now_ms: f64| {
            if let Some(inner) = weak.upgrade() {
                inner.run(now_ms);
            }
        });
        *inner.tick.borrow_mut() = Some(tick);
        // The time that a tab was hidden is not played when it shows again.
        let weak = Rc::downgrade(&inner);
        let visibility = Listener::new(&document(), "visibilitychange", move |_| {
            if let Some(inner) = weak.upgrade() {
                inner.last_ms.set(None);
            }
        });
        *inner.visibility.borrow_mut() = Some(visibility);
        FrameLoop(inner)
    }

    /// Asks for a frame, unless one is asked for already.
    pub fn wake(&self) {
        if self.0.asked.get() == 0 {
            self.0.last_ms.set(None);
            self.0.ask();
        }
    }

    /// No frame will come any more.
    pub fn end(&self) {
        self.0.ended.set(true);
        let asked = self.0.asked.replace(0);
        if asked != 0 {
            let _ = window().cancel_animation_frame(asked);
        }
        self.0.visibility.borrow_mut().take();
    }
}

impl Inner {
    fn ask(&self) {
        if self.ended.get() {
            return;
        }
        let tick = self.tick.borrow();
        let Some(tick) = tick.as_ref() else { return };
        if let Ok(handle) = window().request_animation_frame(tick.as_ref().unchecked_ref()) {
            self.asked.set(handle);
        }
    }

    fn run(&self, now_ms: f64) {
        self.asked.set(0);
        let gap_ms = self
            .last_ms
            .replace(Some(now_ms))
            .map_or(0.0, |last| (now_ms - last).max(0.0));
        let gap_us = ((gap_ms * 1_000.0) as u64).min(LONGEST_GAP_US);
        let more = match self.frame.try_borrow_mut() {
            Ok(mut frame) => frame(gap_us),
            Err(_) => false,
        };
        if more && self.asked.get() == 0 {
            self.ask();
        }
    }
}
