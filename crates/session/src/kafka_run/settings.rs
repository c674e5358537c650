//! The settings panel: every parameter of every place of a run.

use super::KafkaRun;
use crate::founding;
use crate::scenario::act::PlannedAct;
use crate::topology::{ClientRole, Times};
use crate::view::{FieldKind, RefusalView, SettingField, SettingGroup, SettingsView};
use ackscope_kafka::params::Row;
use ackscope_params::{Built, Kind, Profile, Range, Spec};
use ackscope_scene::phrase::Phrase;

impl KafkaRun {
    pub(super) fn settings_view(
        &self,
        search: &str,
        say: &dyn Fn(&Phrase) -> String,
    ) -> SettingsView {
        let Ok((set, refusals)) = founding::settings(&self.topology) else {
            return SettingsView::default();
        };
        let set = set.params;
        let refusals: Vec<RefusalView> = refusals
            .into_iter()
            .map(|refusal| RefusalView {
                place: refusal.scope,
                key: refusal.key,
                text: refusal.text,
            })
            .collect();
        let mut groups = Vec::new();
        for (scope, instance) in self.places() {
            let title = match instance.as_str() {
                "" => Phrase::new(format!("settings-{scope}")),
                name => Phrase::new(format!("settings-{scope}-of")).with("name", name),
            };
            let place = if instance.is_empty() {
                scope.clone()
            } else {
                format!("{scope} {instance}")
            };
            let rows = set.rows(&scope, &instance);
            let mut group = SettingGroup {
                scope,
                instance,
                title,
                changed: 0,
                fields: Vec::new(),
            };
            // A row that can decide nothing is no setting of this model.
            for row in rows.into_iter().filter(|row| row.spec.live()) {
                let field = self.field(set.profile, &group, &place, &row, &refusals);
                group.changed += u32::from(field.changed);
                if matches(search, &field, say) {
                    group.fields.push(field);
                }
            }
            groups.push(group);
        }
        groups.extend(times(&self.topology.times, search, say));
        SettingsView { groups, refusals }
    }

    /// Scopes and instances in the order of the panel.
    fn places(&self) -> Vec<(String, String)> {
        let whole = |scope: &str| (scope.to_owned(), String::new());
        let mut places = Vec::new();
        let clients = &self.topology.clients;
        for client in clients
            .iter()
            .filter(|client| matches!(client.role, ClientRole::Producer(_)))
        {
            places.push(("producer".to_owned(), client.name.clone()));
        }
        places.extend(
            self.topology
                .topics
                .iter()
                .map(|topic| ("topic".to_owned(), topic.name.clone())),
        );
        places.push(whole("broker"));
        for client in clients
            .iter()
            .filter(|client| matches!(client.role, ClientRole::Consumer(_)))
        {
            places.push(("consumer".to_owned(), client.name.clone()));
        }
        places.push(whole("controller"));
        places.push(whole("group-coordinator"));
        places.push(whole("cluster-feature"));
        places
    }

    fn field(
        &self,
        profile: Profile,
        group: &SettingGroup,
        place: &str,
        row: &Row,
        refusals: &[RefusalView],
    ) -> SettingField {
        let spec = row.spec;
        let default = spec.default(profile).unwrap_or("none").to_owned();
        let slug = format!("param-{}-{}", spec.scope, spec.key.replace(['.', '_'], "-"));
        let refused = refusals
            .iter()
            .find(|refusal| refusal.place == place && refusal.key == spec.key);
        let changed = row.text != default;
        let opens_loss = changed
            && spec.affects.contains(&ackscope_params::Affects::Loss)
            && !spec.safer.is_empty()
            && !spec.safer.contains(&row.text.as_str());
        SettingField {
            scope: group.scope.clone(),
            instance: group.instance.clone(),
            key: spec.key,
            value: row.text.clone(),
            explicit: row.explicit,
            changed,
            kind: kind_of(spec, profile),
            help: Phrase::new(slug.clone()),
            warning: opens_loss.then(|| Phrase::new(format!("{slug}-warn"))),
            refusal: refused.map(|refusal| refusal.text.clone()),
            applies: Phrase::new(format!("applies-{}", spec.applies)),
            pending: self.pending(group, spec),
            obeyed: spec.obeyed(),
            comes_with: match spec.built {
                Built::ComesWith(part) => Some(part),
                _ => None,
            },
            default,
        }
    }

    /// Whether a value was set after the process that reads it at its start had started.
    fn pending(&self, group: &SettingGroup, spec: &Spec) -> bool {
        if !spec.applies.ends_with("start") {
            return false;
        }
        let (world, here) = (self.history.world(), self.history.world().moment());
        let set_at = self.done.iter().rev().find_map(|done| {
            let past = (self.time(done.at_us), done.taken) < (here.at, here.taken);
            match &done.act {
                PlannedAct::Set(s) | PlannedAct::Unset(s)
                    if past
                        && s.scope == group.scope
                        && s.name == group.instance
                        && s.key == spec.key =>
                {
                    Some(self.time(done.at_us))
                }
                _ => None,
            }
        });
        let Some(set_at) = set_at else { return false };
        match world.seat_named(&group.instance) {
            Some(seat) => world.status(seat).1 < set_at,
            None => world
                .settings()
                .broker_seats()
                .any(|seat| world.status(seat).1 < set_at),
        }
    }
}

/// How a parameter is edited.
fn kind_of(spec: &Spec, profile: Profile) -> FieldKind {
    let range = Range::parse(spec.kind, spec.range, profile);
    // `-1` is another spelling of `all`; as a button of its own it would only puzzle.
    let twice = |word: &&&str| **word == "-1" && range.choices.contains(&"all");
    let choices = || {
        let words = range.choices.iter().filter(|word| !twice(word));
        words.map(|&word| word.to_owned()).collect::<Vec<_>>()
    };
    match spec.kind {
        Kind::Bool => FieldKind::Toggle,
        Kind::Enum if !range.open && !range.choices.iter().any(|word| word.contains(':')) => {
            FieldKind::Choice(choices())
        }
        _ if !range.choices.is_empty()
            && range.min.is_none()
            && !range.open
            && spec.kind != Kind::List =>
        {
            FieldKind::Choice(choices())
        }
        Kind::Int | Kind::Long => FieldKind::Number {
            min: range.min,
            max: range.max,
            unit: "",
        },
        Kind::DurationMs => FieldKind::Number {
            min: range.min,
            max: range.max,
            unit: "ms",
        },
        Kind::Bytes => FieldKind::Number {
            min: range.min,
            max: range.max,
            unit: "bytes",
        },
        Kind::Enum | Kind::Str | Kind::List | Kind::Age => FieldKind::Text,
    }
}

fn matches(search: &str, field: &SettingField, say: &dyn Fn(&Phrase) -> String) -> bool {
    let search = search.trim().to_lowercase();
    search.is_empty()
        || field.key.contains(&search)
        || say(&field.help).to_lowercase().contains(&search)
}

/// A time of the surroundings: its scope, its key, and where it stands.
type Time = (&'static str, &'static str, fn(&mut Times) -> &mut u64);

/// Times of network, disks and processes, which no product names.
const TIMES: [Time; 10] = [
    ("network", "hop.min.us", |t| &mut t.hop_us.0),
    ("network", "hop.max.us", |t| &mut t.hop_us.1),
    ("disk", "sync.min.us", |t| &mut t.sync_us.0),
    ("disk", "sync.max.us", |t| &mut t.sync_us.1),
    ("disk", "write-back.min.us", |t| &mut t.write_back_us.0),
    ("disk", "write-back.max.us", |t| &mut t.write_back_us.1),
    ("process", "client-start.us", |t| &mut t.client_start_us),
    ("process", "broker-start.us", |t| &mut t.broker_start_us),
    ("process", "broker-stop.us", |t| &mut t.broker_stop_us),
    ("process", "send.us", |t| &mut t.send_us),
];

/// Whether a scope is one of the surroundings, whose times hold from the beginning of a run.
#[must_use]
pub fn is_of_surroundings(scope: &str) -> bool {
    TIMES.iter().any(|(known, ..)| *known == scope)
}

/// Sets a time of the surroundings; none: its default.
///
/// # Errors
/// There is no such time, or the text is no number of microseconds.
pub fn set_time(
    times: &mut Times,
    scope: &str,
    key: &str,
    text: Option<&str>,
) -> Result<(), String> {
    let Some((.., place)) = TIMES.iter().find(|(s, k, _)| *s == scope && *k == key) else {
        return Err(format!("{scope}: there is no {key}"));
    };
    let value = match text {
        Some(text) => text
            .trim()
            .parse()
            .map_err(|error| format!("{key}: {text} is no number of microseconds ({error})"))?,
        None => *place(&mut Times::default()),
    };
    *place(times) = value;
    // A range stays one.
    for range in [
        &mut times.hop_us,
        &mut times.sync_us,
        &mut times.write_back_us,
    ] {
        range.1 = range.1.max(range.0);
    }
    Ok(())
}

fn times(times: &Times, search: &str, say: &dyn Fn(&Phrase) -> String) -> Vec<SettingGroup> {
    let mut groups: Vec<SettingGroup> = Vec::new();
    let (mut now, mut usual) = (*times, Times::default());
    for (scope, key, place) in TIMES {
        let (value, default) = (place(&mut now).to_string(), place(&mut usual).to_string());
        if groups.last().is_none_or(|group| group.scope != scope) {
            groups.push(SettingGroup {
                scope: scope.to_owned(),
                instance: String::new(),
                title: Phrase::new(format!("settings-{scope}")),
                changed: 0,
                fields: Vec::new(),
            });
        }
        let field = SettingField {
            scope: scope.to_owned(),
            instance: String::new(),
            key,
            changed: value != default,
            explicit: value != default,
            value,
            default,
            kind: FieldKind::Number {
                min: Some(1),
                max: Some(3_600_000_000),
                unit: "us",
            },
            help: Phrase::new(format!("param-{scope}-{}", key.replace('.', "-"))),
            warning: None,
            refusal: None,
            applies: Phrase::new("applies-run-start"),
            pending: false,
            obeyed: true,
            comes_with: None,
        };
        if let Some(group) = groups.last_mut() {
            group.changed += u32::from(field.changed);
            if matches(search, &field, say) {
                group.fields.push(field);
            }
        }
    }
    groups
}
