//! Packets in flight as tokens. A token is an entry of the trace: the one that sent its packet.

use super::{Scene, seat};
use crate::drawable::{Drawable, Token, TokenKind, TokenState, message_id};
use ackscope_kafka::messages::kind;
use ackscope_kernel::SortedMap;
use ackscope_kernel::{Brief, Flight, FlightState, What};

/// What a packet is to a reader.
#[must_use]
pub fn kind_of(brief: &Brief) -> TokenKind {
    let answer = brief.kind & kind::ANSWER != 0;
    match brief.kind & !kind::ANSWER {
        0..=7 => TokenKind::Connection,
        kind::PRODUCE if answer && brief.detail != 0 => TokenKind::Refusal,
        kind::PRODUCE if answer => TokenKind::Ack,
        kind::PRODUCE => TokenKind::Records,
        kind::REPLICA_FETCH if answer => TokenKind::ReplicaData,
        kind::REPLICA_FETCH => TokenKind::ReplicaFetch,
        // An answer does not say whose fetch it answers; see `Scene::token_kind`.
        kind::FETCH if answer => TokenKind::Data,
        kind::FETCH => TokenKind::Fetch,
        kind::OFFSET_COMMIT | kind::OFFSET_FETCH => TokenKind::Commit,
        kind::BROKER_HEARTBEAT | kind::GROUP_HEARTBEAT => TokenKind::Heartbeat,
        kind::FIND_COORDINATOR | kind::JOIN_GROUP | kind::SYNC_GROUP | kind::LEAVE_GROUP => {
            TokenKind::Group
        }
        _ => TokenKind::Control,
    }
}

/// Tokens nearer than this on one way become one.
const NEAR: f32 = 12.0;
/// Most tokens that one picture draws; the rest is in bundles.
const MOST: usize = 1_200;

impl Scene<'_> {
    pub(super) fn tokens(&self, out: &mut Vec<Drawable>) {
        let mut ways: SortedMap<(u32, u32, TokenKind, TokenState), Vec<Token>> = SortedMap::new();
        let mut total = 0;
        for flight in self.world.flights() {
            let Some(token) = self.token(&flight) else {
                continue;
            };
            if !(self.shows)(token.kind, token.background) {
                continue;
            }
            total += 1;
            ways.entry((token.from, token.to, token.kind, token.state))
                .or_default()
                .push(token);
        }
        let near = if self.bundle || total > MOST {
            NEAR * 4.0
        } else {
            NEAR
        };
        for tokens in ways.into_values() {
            // The packets of a way are in the order of sending: neighbours on the way are neighbours here.
            let mut bundles: Vec<Token> = Vec::new();
            for token in tokens {
                match bundles.last_mut() {
                    Some(last)
                        if distance(last.point.x - token.point.x, last.point.y - token.point.y)
                            < near =>
                    {
                        last.count += 1;
                        last.selected |= token.selected;
                        last.bundle.push(token.entry);
                    }
                    _ => bundles.push(token),
                }
            }
            for mut token in bundles {
                if token.count > 1 {
                    token.label = format!("×{}", token.count);
                }
                out.push(Drawable::Token(token));
            }
        }
    }

    /// Where it is, and how it looks.
    fn token(&self, flight: &Flight) -> Option<Token> {
        let What::Sent { brief, .. } = self.trace.get(flight.sent_by).map(|entry| &entry.what)?
        else {
            return None;
        };
        let now = self.world.now();
        let whole = flight.due.since(flight.sent).0.max(1);
        let gone = now.since(flight.sent).0.min(whole);
        let flown = (gone as f64 / whole as f64) as f32;
        let (state, share) = match flight.state {
            FlightState::Flying => (TokenState::Flying, flown),
            // It is known to the sender's operating system only that no answer came.
            FlightState::Stuck => (TokenState::Stuck, flown.min(0.5)),
            FlightState::Held => (TokenState::Held, flown.min(0.5)),
            FlightState::Unread => (TokenState::Unread, 1.0),
        };
        let (from, to) = (seat(flight.from), seat(flight.to));
        let curve = self.layout.way(from, to)?;
        let kind = self.token_kind(brief, flight);
        let message = brief.first.map(|key| message_id(key.origin.0, key.number));
        let token = Token {
            entry: flight.sent_by.0,
            kind,
            label: self.token_label(kind, brief),
            point: curve.at(share),
            from,
            to,
            state,
            background: brief.background,
            count: 1,
            bundle: vec![flight.sent_by.0],
            message,
            selected: message.is_some() && message == self.message,
        };
        Some(token)
    }

    /// The kind of a packet, with what its ends say about it: a fetch answer to a broker replicates.
    fn token_kind(&self, brief: &Brief, flight: &Flight) -> TokenKind {
        let to_broker = self.world.settings().brokers.contains_key(&flight.to);
        match kind_of(brief) {
            TokenKind::Data if to_broker => TokenKind::ReplicaData,
            kind => kind,
        }
    }

    fn token_label(&self, kind: TokenKind, brief: &Brief) -> String {
        if let Some(first) = brief.first {
            let name = self.names().message(first);
            return if brief.count > 1 {
                format!("{name} +{}", brief.count - 1)
            } else {
                name
            };
        }
        match kind {
            TokenKind::Ack => "ack".to_owned(),
            TokenKind::Refusal => "✕".to_owned(),
            TokenKind::ReplicaFetch | TokenKind::Fetch if brief.detail >= 0 => {
                format!("fetch {}", brief.detail)
            }
            TokenKind::ReplicaData | TokenKind::Data => "·".to_owned(),
            TokenKind::Heartbeat => "♥".to_owned(),
            TokenKind::Commit if brief.kind == kind::OFFSET_COMMIT => {
                format!("commit {}", brief.detail)
            }
            TokenKind::Connection => kind::name(brief.kind).to_owned(),
            _ if brief.kind & kind::ANSWER != 0 => "↩".to_owned(),
            _ => kind::name(brief.kind).to_owned(),
        }
    }
}

/// The longer side of the box between two points: near enough to a distance, and exact everywhere.
fn distance(dx: f32, dy: f32) -> f32 {
    dx.abs().max(dy.abs())
}
