//! A typed struct together with its rows.

use crate::{Built, Field, Overlay, Profile, Refusal, Spec, Value};

/// What [`params!`](crate::params) makes of a declaration.
pub trait Registry: Sized {
    /// The scope of the rows.
    const SCOPE: &'static str;

    /// The rows: those with a field first, then those that are only known.
    fn specs() -> &'static [Spec];

    /// Everything at the default of a profile, before the product's rules.
    fn defaults(profile: Profile) -> Self;

    /// The value in force, by the real key; nothing for a key without a field.
    fn get(&self, key: &str) -> Option<Value>;

    /// Puts a value into the field of a key; false when there is no such field or the value has
    /// another type.
    fn set(&mut self, key: &str, value: &Value) -> bool;

    /// The product's rules between the values: may change values that were not spelled out, as the
    /// product does, and refuses combinations.
    fn settle(&mut self, profile: Profile, overlay: &Overlay, refusals: &mut Vec<Refusal>);

    /// Reads one explicit text and puts it into its field, if the row has one.
    ///
    /// # Errors
    /// An unknown key, or a value that the product would refuse by itself.
    fn put(&mut self, profile: Profile, key: &str, text: &str) -> Result<(), Refusal> {
        let Some(spec) = find(Self::specs(), key) else {
            let nearest = nearest(Self::specs(), key);
            return Err(Refusal::unknown(Self::SCOPE, key, text, nearest));
        };
        let named = spec.named(key);
        let value = named.read(profile, text)?;
        if named.key != spec.key || spec.built != Built::Field || self.set(spec.key, &value) {
            return Ok(());
        }
        let reason = format!("Invalid value {text} for configuration {key}");
        Err(Refusal::new(Self::SCOPE, key, text, reason))
    }

    /// The values in force for what is spelled out, and everything that the product would refuse.
    /// A refused value leaves the default.
    fn resolve(profile: Profile, overlay: &Overlay) -> (Self, Vec<Refusal>) {
        let mut resolved = Self::defaults(profile);
        let mut refusals = Vec::new();
        for (key, text) in overlay.iter() {
            if let Err(refusal) = resolved.put(profile, key, text) {
                refusals.push(refusal);
            }
        }
        resolved.settle(profile, overlay, &mut refusals);
        (resolved, refusals)
    }
}

/// The row that a key names in its own scope.
pub fn find<'a>(specs: &'a [Spec], key: &str) -> Option<&'a Spec> {
    specs
        .iter()
        .find(|spec| spec.key == key)
        .or_else(|| specs.iter().find(|spec| spec.is_called(key)))
}

/// The known key that is nearest in spelling, unless none is near.
pub fn nearest(specs: &[Spec], key: &str) -> Option<&'static str> {
    let scored = specs.iter().map(|spec| (distance(spec.key, key), spec.key));
    let (edits, nearest) = scored.min_by_key(|(edits, _)| *edits)?;
    (edits * 2 <= nearest.len().max(key.len())).then_some(nearest)
}

/// The default of the next row, for the struct that the macro builds field by field.
///
/// # Panics
/// When a declared default does not fit the type of its field: a mistake in the declaration.
#[doc(hidden)]
pub fn default_field<T: Field>(spec: Option<&Spec>, profile: Profile) -> T {
    let Some(spec) = spec else {
        panic!("a field without a row")
    };
    let text = spec.default_or_newest(profile);
    // A value that this profile lacks is read by the rules of a profile that has it.
    let home = (0..)
        .zip(spec.defaults)
        .find(|(_, default)| **default == text);
    let profile = match (spec.default(profile), home) {
        (None, Some((column, _))) => Profile::new(profile.name(), column),
        _ => profile,
    };
    match spec
        .read(profile, text)
        .ok()
        .and_then(|value| T::from_value(&value))
    {
        Some(value) => value,
        None => panic!("the default {text} of {} does not fit its field", spec.key),
    }
}

/// Levenshtein's distance, in one row of memory.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}
