//! Sentences without words: a key of the catalogues and its arguments (design/engine.md 8).

use ackscope_kernel::{MessageKey, SeatId};

/// A sentence of the catalogues `locales/*/reasons.ftl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// The Fluent key.
    pub key: &'static str,
    /// Its arguments, by name.
    pub args: Vec<(&'static str, Arg)>,
}

/// An argument of a [`Phrase`]. The formatter turns it into text in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A number.
    Number(i64),
    /// A length of time in microseconds.
    Micros(u64),
    /// A proper name or a value that is the same in all languages (a setting, a partition).
    Text(String),
    /// A message; the scenario may have a name for it.
    Message(MessageKey),
    /// A seat, by its name in the world.
    Seat(SeatId),
    /// Several seats, in order.
    Seats(Vec<SeatId>),
}

impl Phrase {
    /// A sentence without arguments.
    #[must_use]
    pub fn new(key: &'static str) -> Phrase {
        Phrase {
            key,
            args: Vec::new(),
        }
    }

    /// The same sentence with one more argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, arg: Arg) -> Phrase {
        self.args.push((name, arg));
        self
    }

    /// With a message as `$message`.
    #[must_use]
    pub fn message(self, key: MessageKey) -> Phrase {
        self.with("message", Arg::Message(key))
    }

    /// With a seat as `$node`.
    #[must_use]
    pub fn node(self, seat: SeatId) -> Phrase {
        self.with("node", Arg::Seat(seat))
    }

    /// With a number.
    #[must_use]
    pub fn number(self, name: &'static str, number: impl Into<i64>) -> Phrase {
        self.with(name, Arg::Number(number.into()))
    }

    /// With a text that is the same in all languages.
    #[must_use]
    pub fn text(self, name: &'static str, text: impl Into<String>) -> Phrase {
        self.with(name, Arg::Text(text.into()))
    }
}
