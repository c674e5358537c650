//! What moves: a pool of groups whose place is set each frame. Nothing here is reactive, and nothing is
//! read from the page's layout.

use crate::edge::document;
use crate::ui::look;
use ackscope_scene::Drawable;
use ackscope_scene::SortedMap;
use ackscope_scene::drawable::{TimerArc, Token};
use ackscope_scene::phrase::Phrase;
use std::fmt::Write as _;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, SvgElement};

const SVG: &str = "http://www.w3.org/2000/svg";

/// Makes words of a phrase.
type Say<'a> = &'a dyn Fn(&Phrase) -> String;

/// Tokens and timers on the stage.
pub struct Movers {
    tokens: Element,
    timers: Element,
    pool: Vec<Slot>,
    /// Which slot shows which entry; a token keeps its element for its whole way.
    shown: SortedMap<u32, usize>,
    arcs: SortedMap<String, Arc>,
}

/// A group of the pool. Its fields repeat what the element shows, so that only changes are written.
struct Slot {
    group: Element,
    outline: Element,
    text: Element,
    entry: Option<u32>,
    class: String,
    label: String,
    entries: String,
    place: String,
    width: f32,
    seen: bool,
}

struct Arc {
    group: Element,
    left: Element,
    offset: String,
    seen: bool,
}

impl Movers {
    /// An empty pool in a group of the picture.
    pub fn new(layer: Element) -> Self {
        let (timers, tokens) = (element("g"), element("g"));
        let _ = layer.append_child(&timers);
        let _ = layer.append_child(&tokens);
        Movers {
            tokens,
            timers,
            pool: Vec::new(),
            shown: SortedMap::new(),
            arcs: SortedMap::new(),
        }
    }

    /// Shows exactly these.
    pub fn paint(&mut self, drawables: &[Drawable], stage_width: f32, say: Say<'_>) {
        for slot in &mut self.pool {
            slot.seen = false;
        }
        for arc in self.arcs.values_mut() {
            arc.seen = false;
        }
        for drawable in drawables {
            match drawable {
                Drawable::Token(token) => self.token(token, stage_width),
                Drawable::Timer(timer) => self.timer(timer, say),
                _ => {}
            }
        }
        for slot in &mut self.pool {
            if !slot.seen
                && let Some(entry) = slot.entry.take()
            {
                self.shown.remove(&entry);
                slot.hide();
            }
        }
        self.arcs.retain(|_, arc| {
            if !arc.seen {
                arc.group.remove();
            }
            arc.seen
        });
        self.keep_one_reachable();
    }

    fn token(&mut self, token: &Token, stage_width: f32) {
        let at = match self.shown.get(&token.entry) {
            Some(at) => *at,
            None => {
                let free = self
                    .pool
                    .iter()
                    .position(|slot| slot.entry.is_none() && !slot.seen);
                let at = free.unwrap_or_else(|| {
                    self.pool.push(Slot::new(&self.tokens));
                    self.pool.len() - 1
                });
                self.shown.insert(token.entry, at);
                at
            }
        };
        if let Some(slot) = self.pool.get_mut(at) {
            slot.show(token, stage_width);
        }
    }

    fn timer(&mut self, timer: &TimerArc, say: Say<'_>) {
        let layer = &self.timers;
        let arc = self
            .arcs
            .entry(timer.key.clone())
            .or_insert_with(|| Arc::new(layer, timer, &say(&timer.label)));
        arc.seen = true;
        let _ = arc
            .group
            .set_attribute("transform", &place(timer.center.x, timer.center.y));
        let offset = format!("{:.2}", 1.0 - timer.left.clamp(0.0, 1.0));
        if offset != arc.offset {
            let _ = arc.left.set_attribute("stroke-dashoffset", &offset);
            let _ = arc.group.set_attribute(
                "class",
                if timer.left < 0.15 {
                    "timer late"
                } else {
                    "timer"
                },
            );
            arc.offset = offset;
        }
    }

    /// The tab key reaches the first token; arrows go on from there.
    fn keep_one_reachable(&self) {
        let mut first = true;
        for slot in self.pool.iter().filter(|slot| slot.entry.is_some()) {
            let wanted = if first { "0" } else { "-1" };
            if slot.group.get_attribute("tabindex").as_deref() != Some(wanted) {
                let _ = slot.group.set_attribute("tabindex", wanted);
            }
            first = false;
        }
    }
}

impl Slot {
    fn new(layer: &Element) -> Slot {
        let (group, outline, text) = (element("g"), element("path"), element("text"));
        let _ = group.append_child(&outline);
        let _ = group.append_child(&text);
        let _ = group.set_attribute("role", "button");
        let _ = group.set_attribute("aria-haspopup", "menu");
        let _ = layer.append_child(&group);
        Slot {
            group,
            outline,
            text,
            entry: None,
            class: String::new(),
            label: String::new(),
            entries: String::new(),
            place: String::new(),
            width: 0.0,
            seen: false,
        }
    }

    fn show(&mut self, token: &Token, stage_width: f32) {
        self.seen = true;
        if self.entry != Some(token.entry) {
            self.entry = Some(token.entry);
            self.entries.clear();
            let _ = self.group.remove_attribute("display");
        }
        self.identify(token);
        let mut class = format!(
            "token {} {}",
            look::token(token.kind),
            look::token_state(token.state)
        );
        if token.background {
            class.push_str(" background");
        }
        if token.selected {
            class.push_str(" selected");
        }
        if class != self.class || token.label != self.label {
            let _ = self.group.set_attribute("class", &class);
            self.width = look::token_width(&token.label);
            let _ = self
                .outline
                .set_attribute("d", &look::token_outline(token.kind, self.width));
            self.text.set_text_content(Some(&token.label));
            let _ = self.group.set_attribute("aria-label", &token.label);
            self.class = class;
            self.label.clone_from(&token.label);
        }
        // On a phone ways run along the edges; a token never leaves the stage.
        let half = self.width / 2.0 + 2.0;
        let x = token.point.x.max(half).min((stage_width - half).max(half));
        let place = place(x, token.point.y);
        if place != self.place {
            let _ = self.group.set_attribute("transform", &place);
            self.place = place;
        }
    }

    /// A token that stands for several packets names them all.
    fn identify(&mut self, token: &Token) {
        let mut entries = String::new();
        for entry in &token.bundle {
            let _ = write!(
                entries,
                "{}{entry}",
                if entries.is_empty() { "" } else { " " }
            );
        }
        if entries.is_empty() {
            entries = token.entry.to_string();
        }
        if entries == self.entries {
            return;
        }
        let several = token.count > 1 || token.bundle.len() > 1;
        let (testid, name, other) = if several {
            ("bundle", "data-entries", "data-entry")
        } else {
            ("token", "data-entry", "data-entries")
        };
        let _ = self.group.set_attribute("data-testid", testid);
        let _ = self.group.set_attribute(name, &entries);
        let _ = self.group.remove_attribute(other);
        self.entries = entries;
    }

    /// Out of sight, and out of reach of anyone who counts tokens.
    fn hide(&mut self) {
        let _ = self.group.set_attribute("display", "none");
        for name in ["data-testid", "data-entry", "data-entries", "tabindex"] {
            let _ = self.group.remove_attribute(name);
        }
        self.entries.clear();
    }
}

impl Arc {
    fn new(layer: &Element, timer: &TimerArc, label: &str) -> Arc {
        let (group, whole, left, title) = (
            element("g"),
            element("circle"),
            element("circle"),
            element("title"),
        );
        let radius = timer.radius.to_string();
        for (circle, class) in [(&whole, "whole"), (&left, "left")] {
            let _ = circle.set_attribute("class", class);
            let _ = circle.set_attribute("r", &radius);
            let _ = group.append_child(circle);
        }
        for (name, value) in [
            ("pathLength", "1"),
            ("stroke-dasharray", "1"),
            ("transform", "rotate(-90)"),
        ] {
            let _ = left.set_attribute(name, value);
        }
        title.set_text_content(Some(label));
        let _ = group.append_child(&title);
        let _ = group.set_attribute("class", "timer");
        let _ = layer.append_child(&group);
        Arc {
            group,
            left,
            offset: String::new(),
            seen: true,
        }
    }
}

/// Moves the focus to the next or the previous token that shows.
pub fn focus_beside(token: &Element, next: bool) {
    let mut beside = Some(token.clone());
    while let Some(element) = beside {
        beside = if next {
            element.next_element_sibling()
        } else {
            element.previous_element_sibling()
        };
        if let Some(found) = beside
            .as_ref()
            .filter(|element| !element.has_attribute("display"))
        {
            let _ = found.unchecked_ref::<HtmlElement>().focus();
            return;
        }
    }
}

fn place(x: f32, y: f32) -> String {
    format!("translate({x:.1} {y:.1})")
}

fn element(name: &str) -> Element {
    let made = document()
        .create_element_ns(Some(SVG), name)
        .map(|element| element.unchecked_into::<SvgElement>());
    made.expect("a browser makes elements of SVG").into()
}
