//! Links: everything that repeats a run, as the fragment of an address.
//!
//! ```text
//! 1/kafka-s02-acks-1-leader-crash?seed=42&t=1.322418&e=1&d=0123456789abcdef
//! 1/kafka-s02-acks-1-leader-crash?set=producer.p1.acks:all&act=1.31:crash+b1
//! 1/?z=...
//! ```
//!
//! The first part is the version of links. A run that only differs from its scenario by settings and
//! acts is written in words; any other, and one that would be long in words, as the compressed recipe.
//! What cannot be understood is listed and the rest is used; `ui=min` and other parts that belong to
//! the page are kept for it.

use crate::command::Assumed;
use crate::recipe::{Done, Recipe};
use crate::scenario::act::PlannedAct;
use crate::topology::{Setting, Topology};
use ackscope_kernel::ENGINE_VERSION;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The version of links that is written. Older ones stay readable.
pub const LINK_VERSION: u32 = 1;
/// A link in words that is longer than this is written compressed.
const LONG: usize = 1_200;
/// A compressed recipe that unpacks to more than this is refused.
const MOST_BYTES: usize = 4_000_000;
/// Keys that belong to the page and not to the run.
const OF_PAGE: [&str; 6] = ["ui", "lang", "theme", "bench", "model", RISK];
/// The part that says which fault *at risk* assumes.
pub const RISK: &str = "risk";
/// The faults that can be assumed, as links spell them; the first one goes without saying.
pub const RISKS: [(&str, Assumed); 3] = [
    ("leader-crash", Assumed::LeaderCrash),
    ("leader-power-loss", Assumed::LeaderPowerLoss),
    ("all-power-loss", Assumed::AllPowerLoss),
];

/// How links spell an assumed fault.
#[must_use]
pub fn risk_word(assumed: Assumed) -> &'static str {
    RISKS
        .iter()
        .find(|(_, fault)| *fault == assumed)
        .map_or("", |(word, _)| word)
}

/// The assumed fault that links spell so.
#[must_use]
pub fn risk_named(word: &str) -> Option<Assumed> {
    RISKS
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, fault)| *fault)
}

/// What a link says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The run; none: the page's own choice.
    pub recipe: Option<Recipe>,
    /// Where the cursor stands, in microseconds.
    pub at_us: Option<u64>,
    /// The engine's version when it was made.
    pub engine: Option<u32>,
    /// The digest of the run up to the cursor when it was made.
    pub digest: Option<String>,
    /// Parts for the page: `ui`, `lang`, `theme`.
    pub page: Vec<(String, String)>,
}

/// Writes a link. `base` is what the recipe's scenario gives with the recipe's seed, unchanged.
#[must_use]
pub fn write(recipe: &Recipe, base: Option<&Recipe>, at_us: u64, digest: Option<&str>) -> String {
    let mut tail = format!("t={}", seconds(at_us));
    tail.push_str(&format!("&e={}", recipe.version));
    if let Some(digest) = digest {
        tail.push_str(&format!("&d={digest}"));
    }
    if let Some(words) = base.and_then(|base| in_words(recipe, base)) {
        let link = format!("{LINK_VERSION}/{}?{words}{tail}", escape(&recipe.scenario));
        if link.len() <= LONG {
            return link;
        }
    }
    // Writing a recipe as JSON cannot fail: all its keys are texts.
    let json = serde_json::to_vec(recipe).unwrap_or_default();
    let packed = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&json, 9));
    format!(
        "{LINK_VERSION}/{}?z={packed}&{tail}",
        escape(&recipe.scenario)
    )
}

/// The recipe as differences from its base, if words can say them.
fn in_words(recipe: &Recipe, base: &Recipe) -> Option<String> {
    let plain = |topology: &Topology| Topology {
        settings: Vec::new(),
        ..topology.clone()
    };
    if plain(&recipe.topology) != plain(&base.topology) {
        return None;
    }
    let mut words = String::new();
    if recipe.seed != base.seed {
        return None;
    }
    words.push_str(&format!("seed={}&", recipe.seed));
    let now = &recipe.topology.settings;
    let then = &base.topology.settings;
    for setting in now.iter().filter(|setting| !then.contains(setting)) {
        words.push_str(&format!(
            "set={}&",
            escape(&place(setting, Some(&setting.value)))
        ));
    }
    let same_place =
        |a: &Setting, b: &Setting| a.scope == b.scope && a.name == b.name && a.key == b.key;
    for setting in then
        .iter()
        .filter(|old| !now.iter().any(|new| same_place(old, new)))
    {
        words.push_str(&format!("set={}&", escape(&place(setting, None))));
    }
    // Where settings differ, what waits for a condition happens elsewhere: then acts are spelled out.
    if recipe.acts != base.acts {
        for done in &recipe.acts {
            words.push_str(&format!("act={}&", escape(&written(done))));
        }
        words.push_str(if recipe.acts.is_empty() { "act=&" } else { "" });
    }
    if recipe.until_us != base.until_us {
        words.push_str(&format!("until={}&", seconds(recipe.until_us)));
    }
    Some(words)
}

fn place(setting: &Setting, value: Option<&str>) -> String {
    let place = format!("{}/{}/{}", setting.scope, setting.name, setting.key);
    value.map_or_else(|| place.clone(), |value| format!("{place}:{value}"))
}

fn written(done: &Done) -> String {
    let taken = if done.taken == 0 {
        String::new()
    } else {
        format!("+{}", done.taken)
    };
    format!("{}{taken}:{}", seconds(done.at_us), done.act)
}

/// Reads a link. `base` gives the recipe of a scenario, with another seed if one is named. Beside the
/// link stands what could not be understood.
#[must_use]
pub fn read(
    fragment: &str,
    base: &dyn Fn(&str, Option<u64>) -> Option<Recipe>,
) -> (Link, Vec<String>) {
    let mut link = Link::default();
    let mut problems = Vec::new();
    let fragment = fragment.trim_start_matches('#');
    if fragment.is_empty() {
        return (link, problems);
    }
    let (head, query) = fragment.split_once('?').unwrap_or((fragment, ""));
    let (version, scenario) = head.split_once('/').unwrap_or((head, ""));
    match version.parse::<u32>() {
        Ok(version) if (1..=LINK_VERSION).contains(&version) => {}
        Ok(version) => problems.push(format!(
            "version {version} of links is newer than this page"
        )),
        Err(_) if head.contains('=') => return read(&format!("{LINK_VERSION}/?{fragment}"), base),
        Err(_) => problems.push(format!("{head}: expected the version of the link")),
    }
    let scenario = unescape(scenario);
    let mut seed = None;
    let mut parts = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = unescape(value);
        match key {
            "seed" => match value.parse() {
                Ok(value) => seed = Some(value),
                Err(_) => problems.push(format!("seed={value}: expected a number")),
            },
            "t" => match microseconds(&value) {
                Some(us) => link.at_us = Some(us),
                None => problems.push(format!("t={value}: expected seconds")),
            },
            "e" => match value.parse() {
                Ok(value) => link.engine = Some(value),
                Err(_) => problems.push(format!("e={value}: expected a version of the engine")),
            },
            "d" if value.len() == 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                link.digest = Some(value)
            }
            "d" => problems.push(format!("d={value}: expected 16 hex digits")),
            RISK if risk_named(&value).is_none() => {
                let known: Vec<&str> = RISKS.iter().map(|(word, _)| *word).collect();
                problems.push(format!("risk={value}: expected {}", known.join(", ")));
            }
            "set" | "act" | "until" | "z" => parts.push((key, value)),
            _ if OF_PAGE.contains(&key) => link.page.push((key.to_owned(), value)),
            _ => problems.push(format!("{key}: unknown part of a link")),
        }
    }
    link.recipe = if scenario.is_empty() {
        None
    } else {
        base(&scenario, seed)
    };
    if link.recipe.is_none() && !scenario.is_empty() && !parts.iter().any(|(key, _)| *key == "z") {
        problems.push(format!("{scenario}: there is no such scenario"));
    }
    let mut acts: Option<Vec<Done>> = None;
    for (key, value) in parts {
        let problem = match key {
            "z" => match unpacked(&value) {
                Ok(recipe) => {
                    link.recipe = Some(recipe);
                    None
                }
                Err(problem) => Some(problem),
            },
            "act" => {
                let acts = acts.get_or_insert_default();
                match (value.is_empty(), done(&value)) {
                    (true, _) => None,
                    (false, Ok(done)) => {
                        acts.push(done);
                        None
                    }
                    (false, Err(problem)) => Some(problem),
                }
            }
            _ => match &mut link.recipe {
                Some(recipe) => apply(recipe, key, &value).err(),
                None => Some(format!("{key}={value}: there is no scenario to change")),
            },
        };
        problems.extend(problem);
    }
    if let (Some(acts), Some(recipe)) = (acts, &mut link.recipe) {
        recipe.acts = acts;
    }
    if let Some(engine) = link.engine.filter(|engine| *engine != ENGINE_VERSION) {
        problems.push(format!(
            "recorded with version {engine} of the engine; this is version {ENGINE_VERSION}"
        ));
    }
    (link, problems)
}

fn apply(recipe: &mut Recipe, key: &str, value: &str) -> Result<(), String> {
    if key == "until" {
        recipe.until_us =
            microseconds(value).ok_or_else(|| format!("until={value}: expected seconds"))?;
        return Ok(());
    }
    let (place, text) = match value.split_once(':') {
        Some((place, text)) => (place, Some(text)),
        None => (value, None),
    };
    let mut parts = place.splitn(3, '/');
    let (Some(scope), Some(name), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(format!("set={value}: expected scope/name/key:value"));
    };
    match text {
        Some(text) => recipe.topology.set(Setting {
            scope: scope.to_owned(),
            name: name.to_owned(),
            key: key.to_owned(),
            value: text.to_owned(),
        }),
        None if recipe.topology.unset(scope, name, key) => {}
        None => return Err(format!("set={value}: it was not set")),
    }
    Ok(())
}

fn done(text: &str) -> Result<Done, String> {
    let problem = || format!("act={text}: expected a time and an act");
    let (moment, act) = text.split_once(':').ok_or_else(problem)?;
    let (at, taken) = moment.split_once('+').unwrap_or((moment, "0"));
    Ok(Done {
        at_us: microseconds(at).ok_or_else(problem)?,
        taken: taken.parse().ok().ok_or_else(problem)?,
        act: act
            .parse::<PlannedAct>()
            .map_err(|error| format!("act={text}: {error}"))?,
    })
}

fn unpacked(text: &str) -> Result<Recipe, String> {
    let damaged = |what: &str| format!("z=…: {what}");
    let packed = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|error| damaged(&format!("it is damaged ({error})")))?;
    let json = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, MOST_BYTES)
        .map_err(|error| damaged(&format!("it is damaged ({error})")))?;
    serde_json::from_slice(&json).map_err(|error| damaged(&error.to_string()))
}

/// Seconds with up to six places, without zeros at the end.
fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn microseconds(text: &str) -> Option<u64> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(places) || places.len() > 6 {
        return None;
    }
    let micros: u64 = format!("{places:0<6}").parse().ok()?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(1_000_000)?
        .checked_add(micros)
}

/// Leaves what an address may hold and a reader can read; a space is a plus.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b':'
            | b','
            | b'/'
            | b'@'
            | b'*' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let hex = more.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex
            .filter(|_| *first == b'%')
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, byte) {
            (_, Some(byte)) => {
                bytes.push(byte);
                rest = more.get(2..).unwrap_or(&[]);
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
        rest = more;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::act::Target;

    fn base(scenario: &str, seed: Option<u64>) -> Option<Recipe> {
        (scenario == "kafka-s02").then(|| Recipe {
            version: ENGINE_VERSION,
            scenario: scenario.to_owned(),
            topology: Topology {
                settings: vec![Setting {
                    scope: "producer".to_owned(),
                    name: "p1".to_owned(),
                    key: "acks".to_owned(),
                    value: "1".to_owned(),
                }],
                ..Topology::default()
            },
            seed: seed.unwrap_or(7),
            acts: vec![crash(1_310_000, "b1")],
            until_us: 30_000_000,
        })
    }

    fn crash(at_us: u64, node: &str) -> Done {
        let act = PlannedAct::Crash(vec![Target::Named(node.to_owned())]);
        Done {
            at_us,
            taken: 0,
            act,
        }
    }

    fn round_trip(recipe: &Recipe) -> String {
        let base_here = base("kafka-s02", Some(recipe.seed));
        let text = write(
            recipe,
            base_here.as_ref(),
            1_322_418,
            Some("0123456789abcdef"),
        );
        let (link, problems) = read(&text, &base);
        assert_eq!(problems, Vec::<String>::new(), "{text}");
        assert_eq!(link.recipe.as_ref(), Some(recipe), "{text}");
        assert_eq!(
            (link.at_us, link.digest.as_deref()),
            (Some(1_322_418), Some("0123456789abcdef"))
        );
        text
    }

    #[test]
    fn an_unchanged_scenario_is_short_and_readable() {
        let recipe = base("kafka-s02", Some(42)).unwrap();
        let text = round_trip(&recipe);
        assert_eq!(
            text,
            format!("1/kafka-s02?seed=42&t=1.322418&e={ENGINE_VERSION}&d=0123456789abcdef")
        );
    }

    #[test]
    fn settings_and_acts_are_written_in_words() {
        let mut recipe = base("kafka-s02", None).unwrap();
        recipe.topology.settings[0].value = "all".to_owned();
        recipe.acts.push(Done {
            taken: 3,
            ..crash(2_000_001, "b2")
        });
        let text = round_trip(&recipe);
        assert!(text.contains("set=producer/p1/acks:all"), "{text}");
        assert!(text.contains("act=2.000001%2B3:crash+b2"), "{text}");
        recipe.topology.settings.clear();
        recipe.acts.clear();
        round_trip(&recipe);
    }

    #[test]
    fn other_topologies_and_long_links_are_compressed() {
        let mut recipe = base("kafka-s02", None).unwrap();
        recipe.topology.brokers = 5;
        assert!(round_trip(&recipe).contains("z="));
        let mut recipe = base("kafka-s02", None).unwrap();
        recipe.acts = (0..200).map(|n| crash(n * 1_000, "b1")).collect();
        let text = round_trip(&recipe);
        assert!(text.contains("z=") && text.len() < 2_500, "{}", text.len());
    }

    #[test]
    fn what_cannot_be_read_is_listed_and_the_rest_is_used() {
        let (link, problems) = read(
            "#1/kafka-s02?seed=x&t=2&set=acks&act=1:juggle+b1&act=soon&d=12&z=%%%&what=1&ui=min",
            &base,
        );
        assert_eq!(link.at_us, Some(2_000_000));
        assert_eq!(link.page, [("ui".to_owned(), "min".to_owned())]);
        assert_eq!(problems.len(), 7, "{problems:#?}");
        let (link, problems) = read("1/no-such?t=1", &base);
        assert!(link.recipe.is_none() && problems.len() == 1, "{problems:?}");
        let (_, problems) = read("9/kafka-s02", &base);
        assert_eq!(problems.len(), 1);
        assert_eq!(read("", &base), (Link::default(), Vec::new()));
        assert_eq!(read("ui=min", &base).0.page.len(), 1);
    }

    #[test]
    fn an_older_engine_is_said() {
        let (_, problems) = read("1/kafka-s02?e=0", &base);
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn times_are_exact() {
        for us in [0, 1, 999_999, 1_000_000, 1_322_418, 86_400_000_000] {
            assert_eq!(microseconds(&seconds(us)), Some(us));
        }
        for wrong in ["", ".", "1.", "x", "-1", "1.0000001"] {
            assert!(microseconds(wrong).is_none() || wrong == "1.", "{wrong}");
        }
    }
}
