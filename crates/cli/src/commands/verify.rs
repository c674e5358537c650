//! `verify`: the same run again, and the run of its recipe.

use ackscope_session::scenario::{self, Overrides, Scenario};
use clap::Args;

use super::{Ending, print};

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A scenario file, or the id of a scenario that comes with AckScope.
    file: String,
    /// Another seed than the file names.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Verify {
    pub(crate) fn run(self) -> Result<Ending, String> {
        let scenario = super::scenario(&self.file)?;
        let overrides = Overrides {
            seed: self.seed,
            ..Overrides::default()
        };
        let play = |scenario: &Scenario, overrides: &Overrides| {
            let played = scenario::run(scenario, overrides);
            played.map_err(|error| format!("{}: {error}", self.file))
        };
        let first = play(&scenario, &overrides)?;
        let again = play(&scenario, &overrides)?;
        // The recipe has moments instead of conditions, so it says whether these were resolved right.
        let recipe = play(&first.recipe.scenario(), &Overrides::default())?;
        let digests = [
            ("first run", &first),
            ("second run", &again),
            ("its recipe", &recipe),
        ];
        for (name, played) in digests {
            let outcome = &played.outcome;
            print(&format!(
                "{name:<11} {} after {} events",
                outcome.digest, outcome.events
            ));
        }
        let same = digests
            .iter()
            .all(|(_, played)| played.outcome.digest == first.outcome.digest);
        print(if same {
            "the same, byte for byte"
        } else {
            "DIFFERENT"
        });
        Ok(if same { Ending::Well } else { Ending::Failed })
    }
}
