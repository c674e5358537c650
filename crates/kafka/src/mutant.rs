//! Known mistakes that can be planted into the rules, so that the checks can be checked: random runs
//! with safe settings must catch each of them (engine.md 10). No normal run plants one.

use borsh::BorshSerialize;

/// A mistake. Each is one `if` at the place that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Mutant {
    /// The watermark counts each follower one record further than it is (`maybeIncrementLeaderHW`).
    WatermarkAhead,
    /// acks=all is answered like acks=1, before the in-sync replicas have the records (`DelayedProduce`).
    EarlyAck,
    /// A follower of a new leader cuts its log to its own watermark, as before KIP-101.
    TruncatesToWatermark,
    /// A leader does not tell a follower that their logs diverge, so that it keeps what it has (KIP-595).
    KeepsDiverged,
    /// Nobody compares leader epochs: a leader serves fetches of other epochs, and the controller takes
    /// ISR changes of a leader that was replaced (KIP-320, KIP-497).
    ZombieAccepted,
    /// A follower joins the ISR with its first fetch, however short its log is (`maybeExpandIsr`).
    JoinsEarly,
    /// A batch that is in the log already is appended again (`ProducerAppendInfo`).
    ForgetsDuplicates,
    /// Any live replica may lead when no better one is left, whatever the topic's setting says.
    ElectsUnclean,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Mutant; 8] = [
        Mutant::WatermarkAhead,
        Mutant::EarlyAck,
        Mutant::TruncatesToWatermark,
        Mutant::KeepsDiverged,
        Mutant::ZombieAccepted,
        Mutant::JoinsEarly,
        Mutant::ForgetsDuplicates,
        Mutant::ElectsUnclean,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mutant::WatermarkAhead => "watermark-ahead",
            Mutant::EarlyAck => "early-ack",
            Mutant::TruncatesToWatermark => "truncates-to-watermark",
            Mutant::KeepsDiverged => "keeps-diverged",
            Mutant::ZombieAccepted => "zombie-accepted",
            Mutant::JoinsEarly => "joins-early",
            Mutant::ForgetsDuplicates => "forgets-duplicates",
            Mutant::ElectsUnclean => "elects-unclean",
        }
    }

    /// The mutant with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Mutant> {
        Mutant::ALL.into_iter().find(|mutant| mutant.name() == name)
    }

    /// What it does, in one line for a list.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Mutant::WatermarkAhead => "the watermark counts each follower one record too far",
            Mutant::EarlyAck => "acks=all is answered before the in-sync replicas have the records",
            Mutant::TruncatesToWatermark => {
                "a follower of a new leader cuts its log to its watermark"
            }
            Mutant::KeepsDiverged => "a follower whose log diverges keeps what it has",
            Mutant::ZombieAccepted => "nobody compares leader epochs",
            Mutant::JoinsEarly => "a follower joins the ISR before it has caught up",
            Mutant::ForgetsDuplicates => "a batch that is in the log already is appended again",
            Mutant::ElectsUnclean => "unclean elections although the topic forbids them",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mutant;

    #[test]
    fn each_has_a_name_of_its_own() {
        for mutant in Mutant::ALL {
            assert_eq!(Mutant::named(mutant.name()), Some(mutant));
        }
        assert_eq!(Mutant::named("none"), None);
    }
}
