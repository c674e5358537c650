//! What went wrong so far, and whether the run can be repeated.

use crate::desk::Desk;
use crate::light::Memo;
use crate::ui::look;
use ackscope_scene::drawable::Tone;
use ackscope_session::Command;
use ackscope_session::view::{self, Verified as Answer};
use leptos::prelude::*;

/// The chips in the top bar. Colour never stands alone.
#[component]
pub fn Verdict() -> impl IntoView {
    let desk = Desk::here();
    let verdict = Memo::new(move |_| {
        desk.panels.track();
        desk.edits.track();
        desk.read(|session| session.header().verdict)
    });
    let chips = move || {
        verdict.with(|verdict| {
            shown(verdict)
                .into_iter()
                .map(|chip| {
                    view! {
                        <span class=format!("chip {}", look::tone(chip.tone)) title=desk.text(chip.label) data-verdict=chip.name data-count=chip.count.clone()>
                            {chip.sign} " " {chip.count.clone()} " " <span class="what">{desk.text(chip.label)}</span>
                        </span>
                    }
                })
                .collect_view()
        })
    };
    // When there is much to say, what is zero says so by its sign alone.
    let class = move || {
        if verdict.with(|verdict| shown(verdict).len()) > 4 {
            "verdict many"
        } else {
            "verdict"
        }
    };
    view! { <div class=class data-testid="verdict" role="status" aria-label=desk.label("page-verdict")>{chips}</div> }
}

struct Chip {
    name: &'static str,
    label: &'static str,
    sign: &'static str,
    count: String,
    tone: Tone,
}

/// The four questions always have an answer; the rest only shows when there is something to say.
fn shown(verdict: &view::Verdict) -> Vec<Chip> {
    let tone = |count: u64, bad: Tone| if count > 0 { bad } else { Tone::Plain };
    let counted = |name, label, sign, count: u64, bad| Chip {
        name,
        label,
        sign,
        count: count.to_string(),
        tone: tone(count, bad),
    };
    let mut chips = vec![
        counted(
            "lost-after-ack",
            "page-lost-after-ack",
            "✕",
            verdict.lost_after_ack.into(),
            Tone::Bad,
        ),
        counted(
            "duplicated",
            "page-duplicated",
            "2×",
            verdict.duplicated.into(),
            Tone::Warn,
        ),
        counted(
            "reordered",
            "page-reordered",
            "⇅",
            verdict.reordered,
            Tone::Warn,
        ),
        Chip {
            name: "unavailable",
            label: "page-unavailable",
            sign: "⊘",
            count: format!("{:.1} s", verdict.unavailable_us as f64 / 1e6),
            tone: tone(verdict.unavailable_us, Tone::Warn),
        },
    ];
    let more = [
        (
            "stranded",
            "page-stranded",
            "⚓",
            verdict.stranded.into(),
            Tone::Warn,
        ),
        (
            "lost-before-ack",
            "page-lost-before-ack",
            "✕",
            verdict.lost_before_ack.into(),
            Tone::Warn,
        ),
        (
            "at-risk",
            "page-at-risk",
            "!",
            verdict.at_risk.into(),
            Tone::Warn,
        ),
    ];
    for (name, label, sign, count, bad) in more {
        if count > 0 {
            chips.insert(1, counted(name, label, sign, count, bad));
        }
    }
    chips
}

/// Repeats the run and compares digests; the answer stands on the button until the run is another one.
#[component]
pub fn Verify() -> impl IntoView {
    let desk = Desk::here();
    let said = Memo::new(move |_| {
        desk.panels.track();
        desk.edits.track();
        desk.read(|session| session.header().verified)
    });
    let answer = move || match said.get() {
        Answer::No => None,
        Answer::Same { digest } => Some((
            Tone::Good,
            format!("✓ {}", desk.text("page-verified-same")),
            digest,
        )),
        Answer::Different { shown, repeated } => Some((
            Tone::Bad,
            format!("✕ {}", desk.text("page-verified-different")),
            format!("{shown} / {repeated}"),
        )),
    };
    let class = move || {
        answer().map_or("btn".to_owned(), |(tone, ..)| {
            format!("btn {}", look::text_tone(tone))
        })
    };
    let title = move || {
        let hint = desk.text("page-verify-hint");
        answer().map_or_else(|| hint.clone(), |(.., digest)| format!("{digest}. {hint}"))
    };
    let shown = move || answer().map_or_else(|| desk.text("page-verify"), |(_, text, _)| text);
    let heard = move || answer().map(|(_, text, _)| text);
    view! {
        <button class=class data-testid="verify" title=title on:click=move |_| desk.dispatch(Command::Verify)>
            {shown}
        </button>
        <span class="sr-only" role="status" data-testid="verified">{heard}</span>
    }
}
