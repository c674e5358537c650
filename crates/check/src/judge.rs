//! From a row and the standing of its copies to a fate.

use crate::fate::Fate;
use crate::row::{Reading, Row};
use crate::standing::Stand;
use ackscope_kernel::EntryId;

fn known(entry: EntryId) -> bool {
    entry != EntryId::NONE
}

/// The fate of a message with these readers. `stand` is that of its live copies over all their logs;
/// `risky` is asked only where it decides.
pub(crate) fn judge(row: &Row, stand: Stand, readers: &[u16], risky: impl Fn() -> bool) -> Fate {
    let others = row
        .reads
        .iter()
        .map(|reading| reading.reader)
        .filter(|r| !readers.contains(r));
    let mut worst: Option<Fate> = None;
    for reader in readers.iter().copied().chain(others) {
        let fate = for_reader(row, stand, row.reading(reader), &risky);
        worst = worst.max(Some(fate));
    }
    worst.unwrap_or_else(|| for_reader(row, stand, None, &risky))
}

fn for_reader(
    row: &Row,
    stand: Stand,
    reading: Option<&Reading>,
    risky: &impl Fn() -> bool,
) -> Fate {
    let processed = reading.map_or(0, |r| r.processed);
    let has_copy = row.live().next().is_some();
    if processed > 0 {
        // A log that is served without it, or that nobody has any more, will show it to no one else.
        // While nobody leads, nothing is decided.
        let gone = !has_copy || (!stand.served && !stand.leaderless);
        return match () {
            () if gone && !row.ruled => Fate::VanishedAfterDelivery,
            () if known(row.failed) => Fate::Phantom,
            () if processed == 1 => Fate::Delivered,
            () => Fate::DeliveredNTimes,
        };
    }
    if stand.served {
        return match () {
            () if known(row.failed) => Fate::Phantom,
            () if reading.is_some_and(|r| known(r.passed)) => Fate::SkippedByConsumer,
            () if !known(row.confirmed) => Fate::StoredUnconfirmed,
            () if risky() => Fate::AtRisk,
            () => Fate::Confirmed,
        };
    }
    if has_copy {
        return match () {
            () if row.ruled => Fate::DroppedByRule,
            // Its producer still tries.
            () if !row.settled() => Fate::InFlight,
            () => Fate::Stranded,
        };
    }
    match () {
        () if row.ruled => Fate::DroppedByRule,
        () if known(row.confirmed) => Fate::LostAfterAck,
        () if known(row.failed) && row.refused => Fate::Refused,
        () if known(row.failed) => Fate::ExpiredAtProducer,
        () if known(row.fired) && row.flying => Fate::InFlight,
        () if known(row.fired) => Fate::LostBeforeAck,
        () if known(row.forgotten) && row.copies.is_empty() => Fate::ExpiredAtProducer,
        () if known(row.forgotten) => Fate::LostBeforeAck,
        () => Fate::InFlight,
    }
}
