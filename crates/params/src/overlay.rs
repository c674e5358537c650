//! The explicit values of one scope.

use std::collections::BTreeMap;

use borsh::BorshSerialize;

/// Key to explicit text. What is absent is at its default, and the difference matters: some rules
/// of the products treat a default that was spelled out otherwise than a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Overlay {
    entries: BTreeMap<String, String>,
}

impl Overlay {
    /// Nothing explicit.
    pub const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
        }
    }

    /// The explicit text of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// Whether the key was spelled out.
    pub fn is_explicit(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Spells out a value; gives back what stood there.
    pub fn insert(&mut self, key: impl Into<String>, text: impl Into<String>) -> Option<String> {
        self.entries.insert(key.into(), text.into())
    }

    /// Makes a key a default again; gives back what stood there.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        self.entries.remove(key)
    }

    /// All explicit values in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries
            .iter()
            .map(|(key, text)| (key.as_str(), text.as_str()))
    }

    /// Whether nothing is explicit.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many values are explicit.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// A copy in which the entries of `other` win.
    pub fn under(&self, other: &Overlay) -> Overlay {
        let mut merged = self.clone();
        for (key, text) in other.iter() {
            merged.insert(key, text);
        }
        merged
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Overlay {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries
            .into_iter()
            .map(|(key, text)| (key.into(), text.into()))
            .collect();
        Self { entries }
    }
}
