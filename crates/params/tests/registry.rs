//! A small product of its own: the declaration, its rows, and what reading them gives.

use ackscope_params::{
    Affects, Built, Overlay, Profile, Ratio, Refusal, Registry, Value, choices, find, params,
    properties,
};

const NEW: Profile = Profile::new("2", 0);
const OLD: Profile = Profile::new("1", 1);

choices! {
    /// How a kettle heats.
    pub enum Heat {
        /// Slowly.
        Low = "low",
        /// Fast.
        High = "high" | "max",
    }
}

params! {
    /// A kettle.
    pub struct Kettle in "kettle", rules boil;
    fields {
        /// How it heats.
        heat: Heat {
            "heat", Enum, "low|high|max", ["high", "low"], "per-call", "1", affects [Latency],
            safer ["low"],
        }
        /// When it switches itself off.
        off_ms: i64 {
            "off.ms", DurationMs, ">=0 (1: >=10)", ["500", "100"], "per-call", "1",
            aliases ["off.minutes", "lid:off.ms"], affects [Loss],
        }
        /// How full it is.
        fill: Ratio { "fill", Str, "0..1", ["0.5", "-"], "per-call", "1", affects [Loss] }
        /// Its name.
        name: Option<String> {
            "name", Str, "any string", ["none", "none"], "per-call", "1", affects [Order],
        }
    }
    derived {
        /// Whether it whistles.
        whistles: bool = false;
    }
    known {
        /// A timer that nobody has built.
        "timer" { Bool, "true|false", ["false", "-"], "per-call", "2", comes with "timers" }
        /// Its colour.
        "colour" { Str, "any string", ["red", "red"], "per-call", "2", inert "Water boils anyway." }
    }
}

fn boil(kettle: &mut Kettle, _: Profile, overlay: &Overlay, refusals: &mut Vec<Refusal>) {
    kettle.whistles = kettle.heat == Heat::High;
    if kettle.off_ms == 0 && overlay.is_explicit("off.ms") {
        refusals.push(Refusal::new(
            "kettle",
            "off.ms",
            "0",
            "would never switch off",
        ));
    }
}

#[test]
fn defaults_are_those_of_the_profile() {
    let new = Kettle::defaults(NEW);
    assert_eq!(
        (new.heat, new.off_ms, new.fill),
        (Heat::High, 500, Ratio(500_000))
    );
    // The old kettle has no fill; its field holds what the newest profile says.
    let old = Kettle::defaults(OLD);
    assert_eq!(
        (old.heat, old.off_ms, old.fill),
        (Heat::Low, 100, Ratio(500_000))
    );
    assert_eq!(old.name, None);
}

#[test]
fn rows_say_what_was_declared() {
    let spec = find(Kettle::specs(), "timer").unwrap();
    assert_eq!(
        (spec.built, spec.live(), spec.obeyed()),
        (Built::ComesWith("timers"), true, false)
    );
    let colour = find(Kettle::specs(), "colour").unwrap();
    assert_eq!((colour.built, colour.live()), (Built::Inert, false));
    let off = find(Kettle::specs(), "off.ms").unwrap();
    assert_eq!(off.affects, [Affects::Loss]);
    assert_eq!(off.elsewhere().collect::<Vec<_>>(), [("lid", "off.ms")]);
    assert_eq!(off.named("off.minutes").key, "off.minutes");
    assert!(find(Kettle::specs(), "lid:off.ms").is_none());
    assert_eq!(Kettle::specs().len(), 6);
}

#[test]
fn resolve_takes_what_it_can_and_refuses_the_rest() {
    let overlay: Overlay = [
        ("heat", "max"),
        ("fill", "1.5"),
        ("off.ms", "0"),
        ("nam", "polly"),
        ("timer", "true"),
        ("name", "none"),
    ]
    .into_iter()
    .collect();
    let (kettle, refusals) = Kettle::resolve(NEW, &overlay);
    assert_eq!(
        (kettle.heat, kettle.off_ms, kettle.whistles),
        (Heat::High, 0, true)
    );
    assert_eq!((kettle.fill, kettle.name), (Ratio(500_000), None));
    let texts: Vec<_> = refusals
        .iter()
        .map(|refusal| refusal.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "Invalid value 1.5 for configuration fill: Value must be a number between 0 and 1",
            "unknown key nam; the nearest known key is name",
            "would never switch off",
        ]
    );
    let (_, refusals) = Kettle::resolve(OLD, &overlay);
    assert!(
        refusals
            .iter()
            .any(|refusal| refusal.text == "timer does not exist in version 1")
    );
    assert!(
        refusals
            .iter()
            .any(|refusal| refusal.text.ends_with("Value must be at least 10"))
    );
}

#[test]
fn values_go_in_and_out_by_key() {
    let mut kettle = Kettle::defaults(NEW);
    assert!(kettle.set("name", &Value::Text("polly".to_owned())));
    assert_eq!(kettle.get("name"), Some(Value::Text("polly".to_owned())));
    assert!(!kettle.set("name", &Value::Bool(true)) && !kettle.set("timer", &Value::Bool(true)));
    assert_eq!(kettle.get("heat").unwrap().to_string(), "high");
    assert_eq!(
        borsh::to_vec(&kettle).unwrap(),
        borsh::to_vec(&kettle.clone()).unwrap()
    );
}

#[test]
fn properties_come_back_as_they_were() {
    let text = "! comment\nheat: low\nname=a=b\nfill=\\\n0.25\n";
    let (overlay, refusals) = properties::read(text, "kettle", Kettle::specs(), NEW);
    assert!(refusals.is_empty(), "{refusals:?}");
    assert_eq!(overlay.get("name"), Some("a=b"));
    assert_eq!(
        properties::write(&overlay),
        "fill=0.25\nheat=low\nname=a=b\n"
    );
    let (again, _) = properties::read(&properties::write(&overlay), "kettle", Kettle::specs(), NEW);
    assert_eq!(again, overlay);

    let (overlay, refusals) = properties::read(
        "\n\nheat=low\nheat=warm\nheat=high\nx\n",
        "kettle",
        Kettle::specs(),
        NEW,
    );
    let lines: Vec<_> = refusals.iter().map(|refusal| refusal.line).collect();
    assert_eq!(lines, [Some(4), Some(5), Some(6)]);
    assert_eq!(
        refusals[0].to_string(),
        "line 4: kettle: Invalid value warm for configuration heat: String must be one of: low, high, max"
    );
    assert_eq!(overlay.get("heat"), Some("high"));
}
