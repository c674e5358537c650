//! `params`: the parameter table.

use ackscope_session::kafka::params::{self, PROFILES};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Ending, print};

/// Arguments of `params`.
#[derive(Debug, Args)]
pub(crate) struct Params {
    /// Which system.
    #[arg(long)]
    system: System,
    /// Which version's defaults; parameters that it does not have are left out.
    #[arg(long, value_name = "VERSION", default_value = "4.3")]
    profile: String,
    /// Print a JSON array of objects: scope, key, aliases, type, default, range, applies, live, reason.
    #[arg(long)]
    json: bool,
}

/// A system whose parameters are declared.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum System {
    Kafka,
}

impl Params {
    pub(crate) fn run(self) -> Result<Ending, String> {
        let System::Kafka = self.system;
        let Some(profile) = params::profile(&self.profile) else {
            let known: Vec<_> = PROFILES.iter().map(|profile| profile.name()).collect();
            let known = known.join(", ");
            return Err(format!(
                "--profile {}: unknown version; known are {known}",
                self.profile
            ));
        };
        let rows = params::all_specs().filter_map(|spec| {
            let default = spec.default(profile)?;
            let or_dash = |text: String| {
                if text.is_empty() {
                    "-".to_owned()
                } else {
                    text
                }
            };
            Some([
                ("scope", spec.scope.to_owned()),
                ("key", spec.key.to_owned()),
                ("aliases", or_dash(spec.aliases.join("|"))),
                ("type", spec.kind.text().to_owned()),
                ("default", default.to_owned()),
                ("range", spec.range.to_owned()),
                ("applies", spec.applies.to_owned()),
                ("live", if spec.live() { "yes" } else { "no" }.to_owned()),
                ("reason", or_dash(spec.reason.to_owned())),
            ])
        });
        if self.json {
            let object = |row: [(&str, String); 9]| {
                Value::Object(
                    row.into_iter()
                        .map(|(k, v)| (k.to_owned(), json!(v)))
                        .collect(),
                )
            };
            let all: Vec<Value> = rows.map(object).collect();
            print(&serde_json::to_string_pretty(&all).map_err(|error| error.to_string())?);
        } else {
            for row in rows {
                let [scope, key, _, _, default, ..] = &row;
                print(&format!("{:<24}{} = {}", scope.1, key.1, default.1));
            }
        }
        Ok(Ending::Well)
    }
}
