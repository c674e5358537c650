//! The page in a browser: it comes and goes without leaving anything behind.
#![cfg(target_arch = "wasm32")]

use ackscope::boot::{Opening, page};
use ackscope_session::Session;
use ackscope_session::session::Start;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

/// Counts listeners of what outlives a page; those of its own elements go with them.
const COUNT_LISTENERS: &str = "
    (() => {
        if (window.lasting) return;
        const lasts = (t) => t === document || t === window || t instanceof MediaQueryList;
        window.lasting = 0;
        for (const [name, step] of [['addEventListener', 1], ['removeEventListener', -1]]) {
            const plain = EventTarget.prototype[name];
            EventTarget.prototype[name] = function (...given) {
                if (lasts(this)) window.lasting += step;
                return plain.apply(this, given);
            };
        }
    })()";

fn document() -> web_sys::Document {
    web_sys::window()
        .and_then(|window| window.document())
        .expect("a browser has a document")
}

fn count(script: &str) -> f64 {
    js_sys::eval(script)
        .expect("the script runs")
        .as_f64()
        .expect("and gives a number")
}

fn place() -> HtmlElement {
    let place = document().create_element("div").expect("an element");
    document()
        .body()
        .expect("a body")
        .append_child(&place)
        .expect("it can be added");
    place.unchecked_into()
}

fn session(link: &str) -> Session {
    Session::embedded(&Start {
        language: "en".to_owned(),
        link: link.to_owned(),
        reduced_motion: true,
    })
}

#[wasm_bindgen_test]
async fn fifty_pages_come_and_go() {
    js_sys::eval(COUNT_LISTENERS).expect("the script runs");
    let nodes = "document.getElementsByTagName('*').length";
    let mut after = Vec::new();
    for round in 0..50 {
        let place = place();
        let handle = page(
            place.clone(),
            session(""),
            Opening {
                figure: round % 2 == 1,
                ..Opening::default()
            },
        );
        TimeoutFuture::new(20).await;
        assert!(
            place
                .query_selector("[data-testid=stage]")
                .expect("a selector")
                .is_some()
        );
        assert!(
            place
                .query_selector("[data-testid=node]")
                .expect("a selector")
                .is_some()
        );
        drop(handle);
        place.remove();
        TimeoutFuture::new(5).await;
        after.push((count(nodes), count("window.lasting")));
    }
    assert_eq!(after.get(2..4), after.get(48..), "{after:?}");
}

#[wasm_bindgen_test]
async fn a_press_on_crash_reaches_the_run() {
    let place = place();
    let handle = page(
        place.clone(),
        session("1/kafka-s02-acks-1-leader-crash?seed=1&t=1"),
        Opening::default(),
    );
    TimeoutFuture::new(60).await;
    let find = |selector: &str| place.query_selector(selector).expect("a selector");
    let crash = find("[data-node=b2] .act.hot").expect("brokers have a button that crashes them");
    crash.unchecked_into::<HtmlElement>().click();
    TimeoutFuture::new(60).await;
    assert!(find("[data-node=b2][data-state=down]").is_some());
    drop(handle);
    place.remove();
}
