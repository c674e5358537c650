//! `params`: the parameter table.

use ackscope_session::{kafka, params, rabbitmq};
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
    Rabbitmq,
}

impl System {
    /// Its versions, newest first.
    fn profiles(self) -> &'static [params::Profile] {
        match self {
            System::Kafka => &kafka::params::PROFILES,
            System::Rabbitmq => &rabbitmq::params::PROFILES,
        }
    }

    /// The profile of a version.
    fn profile(self, version: &str) -> Option<params::Profile> {
        match self {
            System::Kafka => kafka::params::profile(version),
            System::Rabbitmq => rabbitmq::params::profile(version),
        }
    }

    /// Every row of its table.
    fn specs(self) -> Vec<&'static params::Spec> {
        match self {
            System::Kafka => kafka::params::all_specs().collect(),
            System::Rabbitmq => rabbitmq::params::all_specs().collect(),
        }
    }
}

impl Params {
    pub(crate) fn run(self) -> Result<Ending, String> {
        let Some(profile) = self.system.profile(&self.profile) else {
            let known = self.system.profiles().iter();
            let known: Vec<_> = known.map(|profile| profile.name()).collect();
            let known = known.join(", ");
            return Err(format!(
                "--profile {}: unknown version; known are {known}",
                self.profile
            ));
        };
        let rows = self.system.specs().into_iter().filter_map(|spec| {
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
