//! Packets by meaning: "the second answer from b1 to p1 about m3".

use super::{Found, Lookup};
use crate::scenario::act::PacketName;
use ackscope_kafka::Kafka;
use ackscope_kafka::messages::kind;
use ackscope_kernel::{EntryId, MessageKey, SeatId, Trace, What};

impl Lookup<'_> {
    /// The entry that sent a packet.
    pub(crate) fn packet(
        &self,
        packet: &PacketName,
        trace: &Trace<Kafka>,
        zero: u32,
    ) -> Found<EntryId> {
        let number = (kind::METADATA..kind::ANSWER).find(|k| kind::name(*k) == packet.kind);
        let number = number.ok_or_else(|| format!("there is no request {}", packet.kind))?;
        let wanted = if packet.answer {
            number + kind::ANSWER
        } else {
            number
        };
        let (from, to) = (self.seat(&packet.from)?, self.seat(&packet.to)?);
        let about = packet
            .about
            .as_ref()
            .map(|name| self.message(name))
            .transpose()?;
        let fits = trace
            .range(zero, trace.len())
            .filter_map(|(id, entry)| match &entry.what {
                What::Sent {
                    to: reader, brief, ..
                } if entry.seat == from && *reader == to && brief.kind == wanted => about
                    .is_none_or(|key| carries(trace, id, key))
                    .then_some(id),
                _ => None,
            });
        let at = usize::try_from(packet.nth).unwrap_or(usize::MAX);
        let found = at
            .checked_sub(1)
            .and_then(|skip| fits.into_iter().nth(skip));
        found.ok_or_else(|| "no such packet has been sent".to_owned())
    }

    /// The name of a packet, for a recipe.
    #[must_use]
    pub fn packet_name(
        &self,
        trace: &Trace<Kafka>,
        zero: u32,
        sent: EntryId,
    ) -> Option<PacketName> {
        let entry = trace.get(sent)?;
        let What::Sent { to, brief, .. } = &entry.what else {
            return None;
        };
        let like = |(_, other): &(EntryId, &ackscope_kernel::Entry<Kafka>)| {
            let same = |t: &SeatId, b: &ackscope_kernel::Brief| t == to && b.kind == brief.kind;
            other.seat == entry.seat
                && matches!(&other.what, What::Sent { to, brief, .. } if same(to, brief))
        };
        let before = trace.range(zero, sent.0).filter(like).count();
        Some(PacketName {
            kind: kind::name(brief.kind).to_owned(),
            answer: brief.kind >= kind::ANSWER,
            nth: u32::try_from(before).ok()? + 1,
            from: self.world.name(entry.seat).to_owned(),
            to: self.world.name(*to).to_owned(),
            about: None,
        })
    }
}

/// Whether a packet carries a message, or answers one that does.
pub(crate) fn carries(trace: &Trace<Kafka>, sent: EntryId, key: MessageKey) -> bool {
    let Some(entry) = trace.get(sent) else {
        return false;
    };
    let What::Sent { brief, .. } = &entry.what else {
        return false;
    };
    if let Some(first) = brief.first {
        let number = first.number..first.number.saturating_add(brief.count);
        return first.origin == key.origin && number.contains(&key.number);
    }
    let asked = |cause: EntryId| match trace.get(cause).map(|entry| &entry.what) {
        Some(What::Read { sent }) => *sent != EntryId::NONE && carries(trace, *sent, key),
        _ => false,
    };
    brief.kind >= kind::ANSWER && entry.causes.iter().any(asked)
}
