//! Catalogues and the formatter: from a phrase to words in the reader's language.
//!
//! The page fetches the catalogue files and adds them as they arrive; the command line and tests use
//! the embedded ones. A phrase whose text is missing is shown by its key, never as nothing.

use ackscope_scene::phrase::{Arg, Phrase};
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language of the catalogues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

impl Language {
    /// All, in the order of the switch.
    pub const ALL: [Language; 2] = [Language::English, Language::Chinese];

    /// The language nearest to a tag such as `zh`, `zh-TW` or `de`.
    #[must_use]
    pub fn nearest(tag: &str) -> Language {
        if tag.to_ascii_lowercase().starts_with("zh") {
            Language::Chinese
        } else {
            Language::English
        }
    }

    /// The tag, which is also the folder of its catalogues.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Chinese => "zh-CN",
        }
    }
}

/// The catalogues of both languages as far as they have arrived, and the present language.
pub struct Texts {
    language: Language,
    english: FluentBundle<FluentResource>,
    chinese: FluentBundle<FluentResource>,
}

/// The catalogue files, each with its two texts.
const EMBEDDED: [(&str, &str); 7] = [
    (
        include_str!("../../../locales/en/model.ftl"),
        include_str!("../../../locales/zh-CN/model.ftl"),
    ),
    (
        include_str!("../../../locales/en/page.ftl"),
        include_str!("../../../locales/zh-CN/page.ftl"),
    ),
    (
        include_str!("../../../locales/en/ui.ftl"),
        include_str!("../../../locales/zh-CN/ui.ftl"),
    ),
    (
        include_str!("../../../locales/en/narration.ftl"),
        include_str!("../../../locales/zh-CN/narration.ftl"),
    ),
    (
        include_str!("../../../locales/en/reasons.ftl"),
        include_str!("../../../locales/zh-CN/reasons.ftl"),
    ),
    (
        include_str!("../../../locales/en/scenarios.ftl"),
        include_str!("../../../locales/zh-CN/scenarios.ftl"),
    ),
    (
        include_str!("../../../locales/en/params.ftl"),
        include_str!("../../../locales/zh-CN/params.ftl"),
    ),
];

impl Texts {
    /// No texts yet.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let bundle = |language: Language| {
            let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
            let mut bundle = FluentBundle::new(vec![tag]);
            // Names are never set in another direction than the sentence.
            bundle.set_use_isolating(false);
            bundle
        };
        Texts {
            language,
            english: bundle(Language::English),
            chinese: bundle(Language::Chinese),
        }
    }

    /// All catalogues, for programs that fetch nothing.
    #[must_use]
    pub fn embedded(language: Language) -> Self {
        let mut texts = Texts::new(language);
        for (english, chinese) in EMBEDDED {
            texts.add(Language::English, english);
            texts.add(Language::Chinese, chinese);
        }
        texts
    }

    /// Adds the contents of one file. A message that is known already gets its new text. Lines that
    /// are no Fluent are left out; returns how many there were.
    pub fn add(&mut self, language: Language, text: &str) -> u32 {
        let (resource, errors) = match FluentResource::try_new(text.to_owned()) {
            Ok(resource) => (resource, 0),
            Err((resource, errors)) => (resource, errors.len()),
        };
        self.bundle_mut(language).add_resource_overriding(resource);
        u32::try_from(errors).unwrap_or(u32::MAX)
    }

    /// The present language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// Speaks another language from now on.
    pub fn speak(&mut self, language: Language) {
        self.language = language;
    }

    /// Whether the present language has a text for this key.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.bundle(self.language).has_message(key)
    }

    /// The phrase in the present language.
    #[must_use]
    pub fn say(&self, phrase: &Phrase) -> String {
        self.say_in(self.language, phrase)
    }

    /// The phrase in a language; in the other one where only that has it, else its key.
    #[must_use]
    pub fn say_in(&self, language: Language, phrase: &Phrase) -> String {
        if let Some(text) = phrase.as_plain() {
            return text.to_owned();
        }
        let bundles = [self.bundle(language), self.bundle(other(language))];
        let found = bundles.into_iter().find_map(|bundle| {
            let pattern = bundle.get_message(&phrase.key)?.value()?;
            Some((bundle, pattern))
        });
        let Some((bundle, pattern)) = found else {
            return phrase.key.to_string();
        };
        let mut args = FluentArgs::new();
        for (name, arg) in &phrase.args {
            args.set(*name, self.value(language, arg));
        }
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, Some(&args), &mut errors)
            .into_owned()
    }

    fn value(&self, language: Language, arg: &Arg) -> FluentValue<'static> {
        match arg {
            Arg::Text(text) => FluentValue::from(text.clone()),
            Arg::Number(number) => FluentValue::from(*number),
            Arg::Time(us) => FluentValue::from(time(*us)),
            Arg::Phrase(phrase) => FluentValue::from(self.say_in(language, phrase)),
            Arg::List(phrases) => {
                let comma = if language == Language::Chinese {
                    "、"
                } else {
                    ", "
                };
                let words: Vec<String> = phrases
                    .iter()
                    .map(|phrase| self.say_in(language, phrase))
                    .collect();
                FluentValue::from(words.join(comma))
            }
        }
    }

    fn bundle(&self, language: Language) -> &FluentBundle<FluentResource> {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }

    fn bundle_mut(&mut self, language: Language) -> &mut FluentBundle<FluentResource> {
        match language {
            Language::English => &mut self.english,
            Language::Chinese => &mut self.chinese,
        }
    }
}

fn other(language: Language) -> Language {
    match language {
        Language::English => Language::Chinese,
        Language::Chinese => Language::English,
    }
}

/// A time with its unit: "1.310 s", "4.2 ms", "250 µs".
#[must_use]
pub fn time(us: u64) -> String {
    let trimmed = |whole: u64, thousandths: u64| {
        let text = format!("{whole}.{thousandths:03}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match us {
        1_000_000.. => format!("{}.{:03} s", us / 1_000_000, us / 1_000 % 1_000),
        1_000.. => format!("{} ms", trimmed(us / 1_000, us % 1_000)),
        _ => format!("{us} µs"),
    }
}

/// The clock: seconds and two groups of three digits, "1.322 418".
#[must_use]
pub fn clock(us: u64) -> String {
    format!(
        "{}.{:03} {:03}",
        us / 1_000_000,
        us / 1_000 % 1_000,
        us % 1_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackscope_kernel::{SortedMap, SortedSet};

    /// Messages of a catalogue: key, text with its continuation lines.
    fn messages(text: &str) -> SortedMap<String, String> {
        let mut all: SortedMap<String, String> = SortedMap::new();
        let mut last = String::new();
        for line in text.lines() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            if line.starts_with([' ', '}']) {
                if let Some(text) = all.get_mut(&last) {
                    text.push_str(line);
                }
            } else if let Some((key, text)) = line.split_once(" =") {
                last = key.to_owned();
                assert!(
                    all.insert(last.clone(), text.trim().to_owned()).is_none(),
                    "{key} stands twice"
                );
            } else {
                panic!("no message: {line}");
            }
        }
        all
    }

    fn arguments(text: &str) -> SortedSet<String> {
        let name = |rest: &str| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
                .collect()
        };
        text.split('$').skip(1).map(name).collect()
    }

    /// Texts that are rightly the same in both languages.
    const SAME: &[&str] = &[];

    #[test]
    fn both_languages_say_the_same_things() {
        for (english, chinese) in EMBEDDED {
            let (english, chinese) = (messages(english), messages(chinese));
            let keys =
                |all: &SortedMap<String, String>| all.keys().cloned().collect::<SortedSet<_>>();
            assert_eq!(keys(&english), keys(&chinese));
            for (key, text) in &english {
                let other = &chinese[key];
                assert_eq!(arguments(text), arguments(other), "{key}");
                assert!(
                    text != other || SAME.contains(&key.as_str()),
                    "{key} is not translated: {text}"
                );
            }
        }
    }

    #[test]
    fn every_file_is_fluent() {
        let mut texts = Texts::new(Language::English);
        for (english, chinese) in EMBEDDED {
            assert_eq!(texts.add(Language::English, english), 0);
            assert_eq!(texts.add(Language::Chinese, chinese), 0);
        }
    }

    /// Keys that the source names: string literals with one of the prefixes.
    fn keys_in(source: &str, prefixes: &[&str]) -> SortedSet<String> {
        let literals = source.split('"').skip(1).step_by(2);
        let key = |text: &&str| {
            prefixes.iter().any(|prefix| text.starts_with(prefix))
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        literals.filter(key).map(str::to_owned).collect()
    }

    fn keys_of(sources: &[&str], prefixes: &[&str]) -> SortedSet<String> {
        sources
            .iter()
            .flat_map(|source| keys_in(source, prefixes))
            .collect()
    }

    #[test]
    fn the_session_says_what_the_catalogue_has() {
        let sources = [
            include_str!("session.rs"),
            include_str!("session/cures.rs"),
            include_str!("../../check/src/cure/trial.rs"),
            include_str!("session/change.rs"),
            include_str!("session/opening.rs"),
            include_str!("kafka_run/acts.rs"),
            include_str!("kafka_run/panels.rs"),
            include_str!("kafka_run/clients.rs"),
        ];
        let prefixes = [
            "cure-", "do-", "message-", "why-", "node-", "branch-", "notice-",
        ];
        let texts = Texts::embedded(Language::English);
        let silent: Vec<String> = keys_of(&sources, &prefixes)
            .into_iter()
            .filter(|key| !texts.knows(key))
            .collect();
        assert_eq!(silent, Vec::<String>::new());
    }

    #[test]
    fn the_scene_says_what_the_catalogue_has() {
        let prefixes = [
            "narr-", "fact-", "act-", "keep-", "order-", "packet-", "stage-", "timer-", "band-",
        ];
        let sources = [
            include_str!("../../scene/src/narrate.rs"),
            include_str!("../../scene/src/narrate/acts.rs"),
            include_str!("../../scene/src/narrate/facts.rs"),
            include_str!("../../scene/src/kafka/nodes.rs"),
            include_str!("../../scene/src/kafka/timers.rs"),
            include_str!("../../scene/src/diagram.rs"),
            include_str!("../../scene/src/diagram/rows.rs"),
        ];
        let used = keys_of(&sources, &prefixes);
        let known: SortedSet<String> = messages(include_str!("../../../locales/en/narration.ftl"))
            .into_keys()
            .collect();
        assert_eq!(
            used.difference(&known).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "without text"
        );
        assert_eq!(
            known.difference(&used).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "never said"
        );
    }

    #[test]
    fn phrases_become_words() {
        let texts = Texts::embedded(Language::English);
        let phrase = Phrase::new("fact-appended")
            .with("node", "b1")
            .with("messages", "m6")
            .with("partition", "orders-0")
            .with("offset", 1_000_006i64);
        assert_eq!(
            texts.say(&phrase),
            "b1 appends m6 to orders-0 at offset 1000006."
        );
        assert_eq!(
            texts.say_in(Language::Chinese, &phrase),
            "b1 把 m6 追加到 orders-0 的位移 1000006。"
        );
        let nested = Phrase::new("narr-ordered")
            .with("node", "p1")
            .with("call", Phrase::new("order-send").with("count", 1i64));
        assert_eq!(
            texts.say(&nested),
            "p1: the application calls send() for one message."
        );
        assert_eq!(texts.say(&Phrase::new("no-such-key")), "no-such-key");
        assert_eq!(texts.say(&Phrase::plain("b1")), "b1");
    }

    #[test]
    fn times_have_units() {
        assert_eq!(time(1_310_000), "1.310 s");
        assert_eq!(time(4_200), "4.2 ms");
        assert_eq!(time(250), "250 µs");
        assert_eq!(clock(1_322_418), "1.322 418");
    }
}
