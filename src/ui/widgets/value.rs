//! A widget for a value, by its kind: switch, short or long choice, number, text. A wrong input stays
//! in its field with a message, and nothing else changes.

use crate::desk::Desk;
use crate::light::Memo;
use crate::ui::widgets::segments::Segments;
use ackscope_scene::Phrase;
use ackscope_session::view::FieldKind;
use leptos::prelude::*;

/// Choices whose words are together longer than this become a list.
const SHORT: usize = 12;

/// The widget.
#[component]
pub fn ValueInput(
    kind: FieldKind,
    value: Signal<String>,
    label: String,
    on_set: Callback<String>,
    /// What the words of a choice are called; without names they stand for themselves.
    #[prop(optional)]
    names: Vec<Phrase>,
) -> impl IntoView {
    match kind {
        FieldKind::Toggle => view! { <Toggle value label on_set /> }.into_any(),
        FieldKind::Choice(words)
            if names.is_empty() && words.iter().map(String::len).sum::<usize>() <= SHORT =>
        {
            let options: Vec<_> = words.into_iter().map(|word| (word.clone(), word)).collect();
            view! { <Segments options chosen=value label class="mini" on_choose=on_set /> }
                .into_any()
        }
        FieldKind::Choice(words) => view! { <Choice words names value label on_set /> }.into_any(),
        FieldKind::Number { min, max, unit } => {
            let check = Check::Number { min, max };
            view! { <Text value label check unit on_set /> }.into_any()
        }
        FieldKind::Text => {
            view! { <Text value label check=Check::Any unit="" on_set /> }.into_any()
        }
    }
}

#[component]
fn Toggle(value: Signal<String>, label: String, on_set: Callback<String>) -> impl IntoView {
    let on = Memo::new(move |_| value.get() == "true");
    view! {
        <button
            class="switch"
            type="button"
            role="switch"
            aria-label=label
            aria-checked=move || on.get().to_string()
            on:click=move |_| on_set.run((!on.get_untracked()).to_string())
        ></button>
    }
}

#[component]
fn Choice(
    words: Vec<String>,
    names: Vec<Phrase>,
    value: Signal<String>,
    label: String,
    on_set: Callback<String>,
) -> impl IntoView {
    let desk = Desk::here();
    let mut names = names.into_iter();
    view! {
        <select class="field" aria-label=label prop:value=value on:change=move |event| on_set.run(event_target_value(&event))>
            {words
                .into_iter()
                .map(|word| {
                    let mine = word.clone();
                    let name = names.next().unwrap_or_else(|| Phrase::plain(word.clone()));
                    let shown = move || desk.say(&name);
                    view! { <option value=word selected=move || value.get() == mine>{shown}</option> }
                })
                .collect_view()}
        </select>
    }
}

/// What a field takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// Anything.
    Any,
    /// A whole number within bounds.
    Number {
        /// The least.
        min: Option<i64>,
        /// The greatest.
        max: Option<i64>,
    },
}

/// What is wrong with an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// No whole number.
    NoNumber,
    /// Below the least.
    Below(i64),
    /// Above the greatest.
    Above(i64),
}

impl Check {
    /// The value as the session wants it: digits without the spaces and underscores people group them by.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn clean(self, input: &str) -> Result<String, Wrong> {
        let Check::Number { min, max } = self else {
            return Ok(input.to_owned());
        };
        let digits: String = input
            .chars()
            .filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | ','))
            .collect();
        let number: i64 = digits.parse().ok().ok_or(Wrong::NoNumber)?;
        match (min, max) {
            (Some(min), _) if number < min => Err(Wrong::Below(min)),
            (_, Some(max)) if number > max => Err(Wrong::Above(max)),
            _ => Ok(number.to_string()),
        }
    }
}

#[component]
fn Text(
    value: Signal<String>,
    label: String,
    check: Check,
    unit: &'static str,
    on_set: Callback<String>,
) -> impl IntoView {
    let desk = Desk::here();
    let wrong = RwSignal::new(None::<Wrong>);
    let on_change = move |event| match check.clean(&event_target_value(&event)) {
        Ok(text) => {
            wrong.set(None);
            if text != value.get_untracked() {
                on_set.run(text);
            }
        }
        Err(why) => wrong.set(Some(why)),
    };
    let message = move || {
        wrong.get().map(|wrong| match wrong {
            Wrong::NoNumber => desk.text("page-no-number"),
            Wrong::Below(min) => format!("≥ {min}"),
            Wrong::Above(max) => format!("≤ {max}"),
        })
    };
    let mode = if check == Check::Any {
        "text"
    } else {
        "numeric"
    };
    view! {
        <span class="value">
            <input
                class="field"
                inputmode=mode
                autocomplete="off"
                size=move || value.with(|value| value.chars().count()).clamp(4, 24).to_string()
                aria-label=label
                aria-invalid=move || wrong.get().is_some().to_string()
                prop:value=value
                on:change=on_change
            />
            {(!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> })}
            {move || message().map(|text| view! { <span class="text-bad value-wrong" role="alert">{text}</span> })}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_cleaned_and_bounded() {
        let check = Check::Number {
            min: Some(0),
            max: Some(2_147_483_647),
        };
        assert_eq!(check.clean(" 120 000 "), Ok("120000".to_owned()));
        assert_eq!(check.clean("-1"), Err(Wrong::Below(0)));
        assert_eq!(check.clean("2147483648"), Err(Wrong::Above(2_147_483_647)));
        assert_eq!(check.clean("five"), Err(Wrong::NoNumber));
        assert_eq!(check.clean(""), Err(Wrong::NoNumber));
        assert_eq!(Check::Any.clean(" a "), Ok(" a ".to_owned()));
    }
}
