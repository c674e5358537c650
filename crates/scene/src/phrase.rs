//! Words as keys: pure code says *what* it wants to say, a catalogue says it in a language.

use std::borrow::Cow;

/// A sentence or label to be looked up in a catalogue.
///
/// The key [`Phrase::PLAIN`] stands for its one argument as it is: names, numbers and the products'
/// own texts, which no catalogue translates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Key of the message in the catalogue.
    pub key: Cow<'static, str>,
    /// Arguments by name.
    pub args: Vec<(&'static str, Arg)>,
}

/// An argument of a [`Phrase`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// A name or other text that is the same in every language.
    Text(String),
    /// A number; the catalogue may choose a plural by it.
    Number(i64),
    /// A moment or a length of virtual time in microseconds, written with its unit.
    Time(u64),
    /// A phrase within the phrase.
    Phrase(Box<Phrase>),
    /// Several phrases, joined as the language joins a list.
    List(Vec<Phrase>),
}

impl Phrase {
    /// Key of a phrase that is its own text.
    pub const PLAIN: &'static str = "";

    /// A phrase without arguments.
    #[must_use]
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Phrase {
            key: key.into(),
            args: Vec::new(),
        }
    }

    /// Text that is the same in every language.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Phrase {
            key: Cow::Borrowed(Self::PLAIN),
            args: vec![("text", Arg::Text(text.into()))],
        }
    }

    /// The same phrase with one more argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, arg: impl Into<Arg>) -> Self {
        self.args.push((name, arg.into()));
        self
    }

    /// The text of a [`Phrase::plain`].
    #[must_use]
    pub fn as_plain(&self) -> Option<&str> {
        match (self.key.as_ref(), self.args.first()) {
            (Self::PLAIN, Some((_, Arg::Text(text)))) => Some(text),
            _ => None,
        }
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Arg::Text(text)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Arg::Text(text.to_owned())
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Arg::Number(number)
    }
}

impl From<u32> for Arg {
    fn from(number: u32) -> Self {
        Arg::Number(i64::from(number))
    }
}

impl From<i32> for Arg {
    fn from(number: i32) -> Self {
        Arg::Number(i64::from(number))
    }
}

impl From<Phrase> for Arg {
    fn from(phrase: Phrase) -> Self {
        Arg::Phrase(Box::new(phrase))
    }
}

impl From<Vec<Phrase>> for Arg {
    fn from(phrases: Vec<Phrase>) -> Self {
        Arg::List(phrases)
    }
}
