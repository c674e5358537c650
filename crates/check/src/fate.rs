//! The fates of a message (design/engine.md 6), from good to bad.

use borsh::BorshSerialize;

/// What has become of a message. The order is from good to bad; a row shows the worst over the
/// message's destinations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub enum Fate {
    /// Sent or being sent: no outcome, no copy that can be read.
    InFlight,
    /// Processed by the application, once.
    Delivered,
    /// Processed by the application more than once.
    DeliveredNTimes,
    /// Moved by the product's rule to a dead-letter destination.
    DeadLettered,
    /// A copy can be read or will be; the producer has not been told.
    StoredUnconfirmed,
    /// The producer was told that it is safe.
    Confirmed,
    /// The producer was told that it is safe, and the assumed fault would lose it now.
    AtRisk,
    /// Handed back as unroutable.
    Returned,
    /// Answered with an error; no copy.
    Refused,
    /// Given up by the client; no copy.
    ExpiredAtProducer,
    /// Its transaction was rolled back.
    RolledBack,
    /// Removed or not taken because a setting says so.
    DroppedByRule,
    /// A commit passed it and nobody processed it.
    SkippedByConsumer,
    /// Reported failed, yet readable or processed.
    Phantom,
    /// Processed, and later gone from the log, so that others never see it.
    VanishedAfterDelivery,
    /// The last copies lie where nobody can read them now.
    Stranded,
    /// No copy left and never processed; the producer had not been told that it is safe.
    LostBeforeAck,
    /// No copy left and never processed; the producer had been told that it is safe.
    LostAfterAck,
}

impl Fate {
    /// All fates, from good to bad.
    pub const ALL: [Fate; 18] = [
        Fate::InFlight,
        Fate::Delivered,
        Fate::DeliveredNTimes,
        Fate::DeadLettered,
        Fate::StoredUnconfirmed,
        Fate::Confirmed,
        Fate::AtRisk,
        Fate::Returned,
        Fate::Refused,
        Fate::ExpiredAtProducer,
        Fate::RolledBack,
        Fate::DroppedByRule,
        Fate::SkippedByConsumer,
        Fate::Phantom,
        Fate::VanishedAfterDelivery,
        Fate::Stranded,
        Fate::LostBeforeAck,
        Fate::LostAfterAck,
    ];

    /// Its name in scenarios, on the command line and in JSON; also the end of its Fluent keys
    /// (`fate-…`, `fate-…-help`).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Fate::InFlight => "in-flight",
            Fate::Delivered => "delivered",
            Fate::DeliveredNTimes => "delivered-n-times",
            Fate::DeadLettered => "dead-lettered",
            Fate::StoredUnconfirmed => "stored-unconfirmed",
            Fate::Confirmed => "confirmed",
            Fate::AtRisk => "at-risk",
            Fate::Returned => "returned",
            Fate::Refused => "refused",
            Fate::ExpiredAtProducer => "expired-at-producer",
            Fate::RolledBack => "rolled-back",
            Fate::DroppedByRule => "dropped-by-rule",
            Fate::SkippedByConsumer => "skipped-by-consumer",
            Fate::Phantom => "phantom",
            Fate::VanishedAfterDelivery => "vanished-after-delivery",
            Fate::Stranded => "stranded",
            Fate::LostBeforeAck => "lost-before-ack",
            Fate::LostAfterAck => "lost-after-ack",
        }
    }

    /// The fate of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Fate> {
        Fate::ALL.into_iter().find(|fate| fate.name() == name)
    }

    /// One sign for it, so that colour is never the only mark. All differ.
    #[must_use]
    pub fn glyph(self) -> &'static str {
        match self {
            Fate::InFlight => "→",
            Fate::Delivered => "✓",
            Fate::DeliveredNTimes => "×",
            Fate::DeadLettered => "†",
            Fate::StoredUnconfirmed => "○",
            Fate::Confirmed => "●",
            Fate::AtRisk => "◐",
            Fate::Returned => "↩",
            Fate::Refused => "⊘",
            Fate::ExpiredAtProducer => "⌛",
            Fate::RolledBack => "↺",
            Fate::DroppedByRule => "▽",
            Fate::SkippedByConsumer => "↷",
            Fate::Phantom => "?",
            Fate::VanishedAfterDelivery => "◌",
            Fate::Stranded => "⚓",
            Fate::LostBeforeAck => "✗",
            Fate::LostAfterAck => "✖",
        }
    }

    /// A loss that nobody was told of: no copy left and never processed, or passed over by its reader.
    /// What a rule removed, what the producer was told has failed, and what may come back
    /// ([`Fate::Stranded`]) is none.
    #[must_use]
    pub fn is_loss(self) -> bool {
        matches!(
            self,
            Fate::SkippedByConsumer | Fate::LostBeforeAck | Fate::LostAfterAck
        )
    }

    /// Its place in [`Fate::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackscope_kernel::SortedSet;

    #[test]
    fn the_list_is_in_order_and_complete() {
        for (at, fate) in Fate::ALL.into_iter().enumerate() {
            assert_eq!(fate.index(), at);
            assert_eq!(Fate::named(fate.name()), Some(fate));
        }
        assert!(Fate::ALL.is_sorted());
    }

    #[test]
    fn glyphs_tell_fates_apart() {
        let glyphs: SortedSet<_> = Fate::ALL.into_iter().map(Fate::glyph).collect();
        assert_eq!(glyphs.len(), Fate::ALL.len());
    }
}
