//! The benchmark page (`#bench`): how long the script works in a frame that moves 50, 250 and 1,000
//! tokens, with the pool of groups that the stage uses and on a canvas. CONTRIBUTING.md describes it.

use crate::edge::frame_loop::FrameLoop;
use crate::edge::{document, window};
use crate::ui::look;
use crate::ui::stage::tokens::Movers;
use ackscope_scene::Drawable;
use ackscope_scene::drawable::{Token, TokenKind, TokenState};
use ackscope_scene::geometry::{Curve, Point};
use ackscope_session::Session;
use std::cell::RefCell;
use std::f64::consts::FRAC_PI_2;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlElement};

const COUNTS: [usize; 3] = [50, 250, 1_000];
const EACH_US: u64 = 3_000_000;
const WIDTH: f32 = 826.0;
const HEIGHT: f32 = 420.0;

/// A way to draw tokens.
enum Way {
    Svg(Movers),
    Canvas(Box<CanvasRenderingContext2d>),
}

/// One measurement under way.
struct Trial {
    way: Way,
    count: usize,
    played_us: u64,
    frames_ms: Vec<f64>,
}

/// Runs all measurements one after the other and lists what they found.
pub fn run(place: &HtmlElement, session: &Session) {
    let page = child(place, "main");
    page.set_class_name("bench");
    for (name, key) in [
        ("h1", "page-bench"),
        ("p", "page-bench-about"),
        ("p", "page-bench-columns"),
    ] {
        child(&page, name).set_text_content(Some(&session.text(key)));
    }
    let table = child(&child(&page, "table"), "tbody");
    let stage = child(&page, "div");
    stage.set_class_name("bench-stage");
    let results = js_sys::Array::new();
    let _ = js_sys::Reflect::set(&window(), &"ackscopeBench".into(), &results);

    let mut left: Vec<(bool, usize)> = [true, false]
        .into_iter()
        .flat_map(|svg| COUNTS.map(|count| (svg, count)))
        .rev()
        .collect();
    let mut trial = None;
    // The loop owns itself through the callback's cell until the last trial is done.
    let keeper: Rc<RefCell<Option<FrameLoop>>> = Rc::default();
    let kept = keeper.clone();
    let frames = FrameLoop::new(move |gap_us| {
        let mut present = match trial.take().or_else(|| {
            left.pop()
                .and_then(|(svg, count)| begin(&stage, svg, count))
        }) {
            Some(present) => present,
            None => {
                kept.borrow_mut().take();
                return false;
            }
        };
        present.frame(gap_us);
        if present.played_us < EACH_US {
            trial = Some(present);
        } else {
            report(&table, &results, &mut present);
        }
        true
    });
    frames.wake();
    *keeper.borrow_mut() = Some(frames);
}

fn begin(stage: &Element, svg: bool, count: usize) -> Option<Trial> {
    stage.set_text_content(None);
    let way = if svg {
        let picture = document()
            .create_element_ns(Some("http://www.w3.org/2000/svg"), "svg")
            .ok()?;
        let _ = picture.set_attribute("width", &WIDTH.to_string());
        let _ = picture.set_attribute("height", &HEIGHT.to_string());
        let _ = stage.append_child(&picture);
        Way::Svg(Movers::new(picture))
    } else {
        let canvas = child(stage, "canvas")
            .dyn_into::<HtmlCanvasElement>()
            .ok()?;
        canvas.set_width(WIDTH as u32);
        canvas.set_height(HEIGHT as u32);
        let context = canvas
            .get_context("2d")
            .ok()??
            .dyn_into::<CanvasRenderingContext2d>()
            .ok()?;
        Way::Canvas(Box::new(context))
    };
    Some(Trial {
        way,
        count,
        played_us: 0,
        frames_ms: Vec::new(),
    })
}

impl Trial {
    fn frame(&mut self, gap_us: u64) {
        self.played_us += gap_us;
        let begin = now_ms();
        let tokens = tokens(self.count, self.played_us);
        match &mut self.way {
            Way::Svg(movers) => movers.paint(&tokens, WIDTH, &|phrase| phrase.key.to_string()),
            Way::Canvas(context) => draw(context, &tokens),
        }
        // The first frames make elements and fonts; they are not what goes on.
        if self.played_us > EACH_US / 10 {
            self.frames_ms.push(now_ms() - begin);
        }
    }
}

/// Tokens of all shapes on a fan of ways, each somewhere else on its way.
fn tokens(count: usize, played_us: u64) -> Vec<Drawable> {
    const KINDS: [TokenKind; 6] = [
        TokenKind::Records,
        TokenKind::Ack,
        TokenKind::ReplicaFetch,
        TokenKind::ReplicaData,
        TokenKind::Commit,
        TokenKind::Control,
    ];
    let token = |place: usize| {
        let way = place % 24;
        let lane = way as f32 / 23.0;
        let curve = Curve {
            from: Point::new(30.0, HEIGHT * (0.1 + 0.8 * lane)),
            near: Point::new(300.0, HEIGHT * 0.1),
            far: Point::new(520.0, HEIGHT * 0.9),
            to: Point::new(WIDTH - 30.0, HEIGHT * (0.9 - 0.8 * lane)),
        };
        // Each starts at its own place and takes two seconds.
        let share = (played_us as f32 / 2_000_000.0 + place as f32 * 0.618_034).fract();
        Drawable::Token(Token {
            entry: place as u32,
            kind: KINDS[place % KINDS.len()],
            label: format!("m{}", place % 100),
            point: curve.at(share),
            from: 0,
            to: 1,
            state: TokenState::Flying,
            background: false,
            count: 1,
            bundle: vec![place as u32],
            message: None,
            selected: false,
        })
    };
    (0..count).map(token).collect()
}

fn draw(context: &CanvasRenderingContext2d, tokens: &[Drawable]) {
    context.clear_rect(0.0, 0.0, f64::from(WIDTH), f64::from(HEIGHT));
    context.set_font("700 10.5px monospace");
    context.set_text_align("center");
    context.set_text_baseline("middle");
    for drawable in tokens {
        let Drawable::Token(token) = drawable else {
            continue;
        };
        let (x, y, width) = (
            f64::from(token.point.x),
            f64::from(token.point.y),
            f64::from(look::token_width(&token.label)),
        );
        context.set_fill_style_str(if token.kind == TokenKind::Records {
            "#8fb8ec"
        } else {
            "#cfe7df"
        });
        context.begin_path();
        let _ = context.arc(x - width / 2.0 + 10.0, y, 10.0, FRAC_PI_2, 3.0 * FRAC_PI_2);
        let _ = context.arc(x + width / 2.0 - 10.0, y, 10.0, -FRAC_PI_2, FRAC_PI_2);
        context.fill();
        context.set_fill_style_str("#0f3b73");
        let _ = context.fill_text(&token.label, x, y);
    }
}

fn report(table: &Element, results: &js_sys::Array, trial: &mut Trial) {
    trial.frames_ms.sort_by(f64::total_cmp);
    let at = |percent: usize| {
        let last = trial.frames_ms.len().saturating_sub(1);
        trial
            .frames_ms
            .get(last * percent / 100)
            .copied()
            .unwrap_or_default()
    };
    let way = match trial.way {
        Way::Svg(_) => "svg",
        Way::Canvas(_) => "canvas",
    };
    let row = child(table, "tr");
    let _ = row.set_attribute("data-testid", "bench-row");
    let _ = row.set_attribute("data-way", way);
    let _ = row.set_attribute("data-tokens", &trial.count.to_string());
    let _ = row.set_attribute("data-p95-ms", &format!("{:.3}", at(95)));
    let cells = [
        trial.count.to_string(),
        way.to_owned(),
        format!("{:.3}", at(50)),
        format!("{:.3}", at(95)),
        format!("{:.3}", at(100)),
    ];
    let result = js_sys::Object::new();
    for (name, text) in ["tokens", "way", "median_ms", "p95_ms", "longest_ms"]
        .into_iter()
        .zip(&cells)
    {
        child(&row, "td").set_text_content(Some(text));
        let value = text
            .parse::<f64>()
            .map_or_else(|_| JsValue::from_str(text), JsValue::from_f64);
        let _ = js_sys::Reflect::set(&result, &name.into(), &value);
    }
    results.push(&result);
}

fn now_ms() -> f64 {
    window()
        .performance()
        .map(|clock| clock.now())
        .unwrap_or_default()
}

/// A new element at the end of another one.
fn child(parent: &Element, name: &str) -> Element {
    let made = document()
        .create_element(name)
        .expect("a browser makes elements");
    let _ = parent.append_child(&made);
    made
}
