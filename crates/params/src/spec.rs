//! One row of a parameter table.

use crate::{Range, Refusal, Value};

/// The type column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A 32 bit number; its unit, if it has one, stands in the range.
    Int,
    /// A 64 bit number; its unit, if it has one, stands in the range.
    Long,
    /// One of a few words.
    Enum,
    /// Free text; fractions too.
    Str,
    /// Words separated by commas.
    List,
    /// Milliseconds.
    DurationMs,
    /// Bytes.
    Bytes,
    /// An age with its unit, such as `7D`.
    Age,
}

impl Kind {
    /// The word of the table.
    pub const fn text(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Enum => "enum",
            Kind::Str => "string",
            Kind::List => "list",
            Kind::DurationMs => "duration_ms",
            Kind::Bytes => "bytes",
            Kind::Age => "age",
        }
    }
}

/// A version of the product: it chooses one column of defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, borsh::BorshSerialize)]
pub struct Profile {
    name: &'static str,
    column: u8,
}

impl Profile {
    /// A profile by its name and its place in [`Spec::defaults`].
    pub const fn new(name: &'static str, column: u8) -> Self {
        Self { name, column }
    }

    /// `4.3`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The place in [`Spec::defaults`].
    pub const fn column(self) -> usize {
        self.column as usize
    }
}

/// What a parameter can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Affects {
    /// Whether a message that was confirmed, or sent, is lost.
    Loss,
    /// Whether a message is stored or processed twice.
    Duplication,
    /// Whether messages keep the order in which they were sent.
    Order,
    /// How long something takes.
    Latency,
    /// Whether requests are answered at all.
    Availability,
}

/// What the model does with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Built {
    /// The state machines read a field of a struct.
    Field,
    /// They obey it through a parameter of another scope, which the aliases name.
    Through(&'static str),
    /// It is known and accepted, and will be obeyed when this part of the product is built.
    ComesWith(&'static str),
    /// It can decide nothing that is modelled; the reason says why.
    Inert,
}

/// One row of a parameter table: (scope, key) is its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Who owns the value.
    pub scope: &'static str,
    /// The full real name.
    pub key: &'static str,
    /// Other names; a prefix such as `broker:` says that the other name lives in another scope.
    pub aliases: &'static [&'static str],
    /// The type.
    pub kind: Kind,
    /// Range or words, as the table says it.
    pub range: &'static str,
    /// The default in each profile: `-` does not exist there, `none` exists and is unset.
    pub defaults: &'static [&'static str],
    /// When a change takes effect: `client-start`, `broker-restart`, `dynamic-metadata`, ...
    pub applies: &'static str,
    /// Why the value can decide nothing; empty for a live parameter.
    pub reason: &'static str,
    /// The section of the reference.
    pub section: &'static str,
    /// What the value can decide.
    pub affects: &'static [Affects],
    /// Values that make a loss less likely: the candidates for a cure.
    pub safer: &'static [&'static str],
    /// What the model does with it.
    pub built: Built,
}

impl Spec {
    /// Whether the value can decide loss, duplication, order, latency or availability.
    pub const fn live(&self) -> bool {
        self.reason.is_empty()
    }

    /// Whether the state machines obey it, directly or through another scope.
    pub const fn obeyed(&self) -> bool {
        matches!(self.built, Built::Field | Built::Through(_))
    }

    /// The default of a profile, or nothing when the parameter does not exist there.
    pub fn default(&self, profile: Profile) -> Option<&'static str> {
        self.defaults
            .get(profile.column())
            .copied()
            .filter(|text| *text != "-")
    }

    /// The default, or where the profile lacks the key the one of the newest profile that has it:
    /// a struct has a value in every field.
    pub fn default_or_newest(&self, profile: Profile) -> &'static str {
        let newest = || self.defaults.iter().copied().find(|text| *text != "-");
        self.default(profile).or_else(newest).unwrap_or("none")
    }

    /// Whether `none` unsets it.
    pub fn nullable(&self) -> bool {
        // `none` may also be one of the words (`auto.offset.reset`).
        let word = || Range::parse(self.kind, self.range, Profile::new("", 0)).choice("none");
        self.defaults.contains(&"none") && (self.kind != Kind::Enum || word().is_none())
    }

    /// Whether this is a name of the parameter in its own scope: its key, or an alias that has no
    /// prefix. A sibling in another unit (`log.roll.ms`) counts.
    pub fn is_called(&self, key: &str) -> bool {
        self.key == key
            || self
                .aliases
                .iter()
                .any(|alias| *alias == key && !alias.contains(':'))
    }

    /// The names that other scopes have for the value: `("broker", "log.roll.ms")`.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.aliases
            .iter()
            .filter_map(|alias| alias.split_once(':'))
    }

    /// The row as seen under one of its names. A mere other spelling gives the row itself; a sibling
    /// in another unit (`log.roll.ms` for `log.roll.hours`) is a key of its own, whose value would
    /// change its meaning under the row's key.
    pub fn named(&self, name: &str) -> Spec {
        let sibling = self
            .aliases
            .iter()
            .find(|alias| **alias == name && !alias.contains(':'));
        match sibling {
            Some(&key) if unit(key) != unit(self.key) => {
                let range = if self.range.starts_with("any int") {
                    "any long"
                } else {
                    self.range
                };
                Spec {
                    key,
                    kind: Kind::Long,
                    range,
                    ..*self
                }
            }
            _ => *self,
        }
    }

    /// Reads a text by the row's type and range.
    ///
    /// # Errors
    /// The product's own words about the value, or that this profile lacks the key.
    pub fn read(&self, profile: Profile, text: &str) -> Result<Value, Refusal> {
        let refuse = |reason: String| Err(Refusal::new(self.scope, self.key, text, reason));
        let invalid = |message: &str| {
            refuse(format!(
                "Invalid value {text} for configuration {}: {message}",
                self.key
            ))
        };
        if self.default(profile).is_none() {
            return refuse(format!(
                "{} does not exist in version {}",
                self.key,
                profile.name()
            ));
        }
        // The tables write the empty text as a pair of quotation marks.
        let text = if text.trim() == "\"\"" {
            ""
        } else {
            text.trim()
        };
        if text == "none" && self.nullable() {
            return Ok(Value::None);
        }
        let range = Range::parse(self.kind, self.range, profile);
        match self.kind {
            Kind::Bool if range.choice(&text.to_ascii_lowercase()).is_none() => invalid(&format!(
                "Expected value to be either {}",
                range.choices.join(" or ")
            )),
            Kind::Bool => match text.to_ascii_lowercase().as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => invalid("Expected value to be either true or false"),
            },
            Kind::DurationMs if self.range.starts_with("random") => {
                match crate::Interval::parse(text) {
                    Some(interval) => Ok(Value::Text(interval.to_string())),
                    None => invalid("Expected two numbers of milliseconds, low..high"),
                }
            }
            Kind::Int | Kind::Long | Kind::DurationMs | Kind::Bytes => {
                let Ok(number) = text.parse::<i64>() else {
                    let int = self.kind == Kind::Int || self.range.starts_with("any int");
                    return invalid(&format!(
                        "Not a number of type {}",
                        if int { "INT" } else { "LONG" }
                    ));
                };
                if !range.choices.is_empty() && range.choice(text).is_none() {
                    return invalid(&format!(
                        "Value must be one of: {}",
                        range.choices.join(", ")
                    ));
                }
                match (range.holds(number), range.min, range.max) {
                    (true, ..) => Ok(Value::Int(number)),
                    (false, Some(min), _) if number < min => {
                        invalid(&format!("Value must be at least {min}"))
                    }
                    (false, _, max) => invalid(&format!(
                        "Value must be no more than {}",
                        max.unwrap_or(i64::MAX)
                    )),
                }
            }
            Kind::Enum if range.open || range.choice(text).is_some() => {
                Ok(Value::Choice(text.to_owned()))
            }
            Kind::Enum => invalid(&format!(
                "String must be one of: {}",
                range.choices.join(", ")
            )),
            Kind::List => {
                let words: Vec<String> = text
                    .split(',')
                    .map(|word| word.trim().to_owned())
                    .filter(|word| !word.is_empty())
                    .collect();
                let known = |word: &String| range.open || range.choice(word).is_some();
                if words.iter().all(known) {
                    Ok(Value::List(words))
                } else {
                    invalid(&format!(
                        "String must be one of: {}",
                        range.choices.join(", ")
                    ))
                }
            }
            Kind::Str if self.range == "0..1" && crate::Ratio::parse(text).is_none() => {
                invalid("Value must be a number between 0 and 1")
            }
            Kind::Str if text.is_empty() && self.range.starts_with("non-empty") => {
                invalid("String must be non-empty")
            }
            Kind::Str | Kind::Age => Ok(Value::Text(text.to_owned())),
        }
    }
}

/// The unit that ends a key, if it is one in which siblings differ.
fn unit(key: &str) -> Option<&str> {
    key.rsplit('.')
        .next()
        .filter(|last| ["ms", "minutes", "hours"].contains(last))
}
