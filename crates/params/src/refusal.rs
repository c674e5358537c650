//! What was refused, and in whose words.

use thiserror::Error;

/// A value that the product would not take, or a key that it does not know.
///
/// Reading never stops at the first one: whoever reads settings gets what could be read together
/// with the list of these.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{scope}: {text}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct Refusal {
    /// Whose parameter it is, with the instance when there is one: `producer p1`.
    pub scope: String,
    /// The key as it was written.
    pub key: String,
    /// The value as it was written.
    pub value: String,
    /// The reason in the product's own words where it has some, otherwise in ours.
    pub text: String,
    /// The line of the file that it came from, counted from 1.
    pub line: Option<u32>,
    /// For an unknown key: the known key that is nearest in spelling.
    pub nearest: Option<&'static str>,
}

impl Refusal {
    /// A refusal with a finished reason.
    pub fn new(scope: &str, key: &str, value: &str, text: impl Into<String>) -> Self {
        Self {
            scope: scope.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
            text: text.into(),
            line: None,
            nearest: None,
        }
    }

    /// A key that no row of the scope has.
    pub fn unknown(scope: &str, key: &str, value: &str, nearest: Option<&'static str>) -> Self {
        let text = match nearest {
            Some(nearest) => format!("unknown key {key}; the nearest known key is {nearest}"),
            None => format!("unknown key {key}"),
        };
        Self {
            nearest,
            ..Self::new(scope, key, value, text)
        }
    }

    /// The same refusal with the instance that it concerns.
    pub fn of(mut self, instance: &str) -> Self {
        if !instance.is_empty() {
            self.scope = format!("{} {instance}", self.scope);
        }
        self
    }

    /// The same refusal with the line that it came from.
    pub fn at_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }
}
