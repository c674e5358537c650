//! A list that is cheap to clone: marks and forks share what they have in common.

use borsh::BorshSerialize;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A persistent vector. Cloning shares chunks; pushing and truncating touch few of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Seq<T: Clone>(imbl::Vector<T>);

impl<T: Clone> Default for Seq<T> {
    fn default() -> Self {
        Seq(imbl::Vector::new())
    }
}

impl<T: Clone> Seq<T> {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<T: Clone> Deref for Seq<T> {
    type Target = imbl::Vector<T>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: Clone> DerefMut for Seq<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<T: Clone> FromIterator<T> for Seq<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Seq(items.into_iter().collect())
    }
}

impl<T: Clone + fmt::Debug> fmt::Debug for Seq<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.0.iter()).finish()
    }
}

impl<T: Clone + BorshSerialize> BorshSerialize for Seq<T> {
    fn serialize<W: borsh::io::Write>(&self, out: &mut W) -> borsh::io::Result<()> {
        u32::try_from(self.0.len())
            .unwrap_or(u32::MAX)
            .serialize(out)?;
        self.0.iter().try_for_each(|item| item.serialize(out))
    }
}
