//! Messages that were sent without any promise (acks=0): only their packets tell whether they still
//! may arrive. A packet belongs to the step that sent it, and so does the fact that fired the message.

use ackscope_kernel::SortedMap;
use ackscope_kernel::{EntryId, MessageKey};
use borsh::BorshSerialize;

#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
struct Open {
    packets: Vec<EntryId>,
    keys: Vec<MessageKey>,
}

/// Packets of fired messages. A step is named by the entry of its input.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub(crate) struct Fired {
    /// The latest step that sent messages, and its packets.
    step: Option<EntryId>,
    sent: Vec<EntryId>,
    /// The latest step that fired messages, until the next step begins.
    fresh: Option<EntryId>,
    open: SortedMap<EntryId, Open>,
    packets: SortedMap<EntryId, EntryId>,
}

impl Fired {
    /// A packet with messages was sent.
    pub(crate) fn sent(&mut self, packet: EntryId, step: EntryId) {
        if self.step != Some(step) {
            self.step = Some(step);
            self.sent.clear();
        }
        self.sent.push(packet);
        if let Some(open) = self.open.get_mut(&step) {
            open.packets.push(packet);
            self.packets.insert(packet, step);
        }
    }

    /// A message was fired.
    pub(crate) fn fired(&mut self, key: MessageKey, step: EntryId) {
        self.fresh = Some(step);
        if let Some(open) = self.open.get_mut(&step) {
            open.keys.push(key);
            return;
        }
        let packets = if self.step == Some(step) {
            self.sent.clone()
        } else {
            Vec::new()
        };
        self.packets
            .extend(packets.iter().map(|packet| (*packet, step)));
        self.open.insert(
            step,
            Open {
                packets,
                keys: vec![key],
            },
        );
    }

    /// An entry of another step comes: what was fired without any packet flies nowhere.
    pub(crate) fn next(&mut self, step: EntryId) -> Vec<MessageKey> {
        match self.fresh {
            Some(fresh) if fresh != step => {
                self.fresh = None;
                match self.open.get(&fresh) {
                    Some(open) if open.packets.is_empty() => self
                        .open
                        .remove(&fresh)
                        .map(|open| open.keys)
                        .unwrap_or_default(),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// A packet was read or vanished; returns the messages that fly no more.
    pub(crate) fn ended(&mut self, packet: EntryId) -> Vec<MessageKey> {
        let Some(step) = self.packets.remove(&packet) else {
            return Vec::new();
        };
        let Some(open) = self.open.get_mut(&step) else {
            return Vec::new();
        };
        open.packets.retain(|p| *p != packet);
        if open.packets.is_empty() {
            return self
                .open
                .remove(&step)
                .map(|open| open.keys)
                .unwrap_or_default();
        }
        Vec::new()
    }
}
