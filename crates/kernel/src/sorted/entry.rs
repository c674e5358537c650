//! One place of a map.

/// The place of a key in a map.
pub enum Entry<'a, K, V> {
    /// The key has a value.
    Occupied(Occupied<'a, K, V>),
    /// It has none.
    Vacant(Vacant<'a, K, V>),
}

/// The place of a key that has a value.
pub struct Occupied<'a, K, V> {
    pub(super) items: &'a mut Vec<(K, V)>,
    pub(super) at: usize,
}

/// The place of a key that has no value.
pub struct Vacant<'a, K, V> {
    pub(super) items: &'a mut Vec<(K, V)>,
    pub(super) at: usize,
    pub(super) key: K,
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value, which is made when there is none.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        match self {
            Entry::Occupied(place) => place.into_mut(),
            Entry::Vacant(place) => place.insert(make()),
        }
    }

    /// The value, or this one when there is none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, or the default one when there is none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value when there is one.
    #[must_use]
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Entry::Occupied(place) = &mut self {
            change(place.get_mut());
        }
        self
    }
}

impl<'a, K, V> Occupied<'a, K, V> {
    /// The value.
    #[must_use]
    pub fn get(&self) -> &V {
        &self.items[self.at].1
    }

    /// The value, to be changed.
    pub fn get_mut(&mut self) -> &mut V {
        &mut self.items[self.at].1
    }

    /// The value, for as long as the map is borrowed.
    #[must_use]
    pub fn into_mut(self) -> &'a mut V {
        &mut self.items[self.at].1
    }

    /// Takes the value.
    pub fn remove(self) -> V {
        self.items.remove(self.at).1
    }
}

impl<'a, K, V> Vacant<'a, K, V> {
    /// Gives the key a value.
    pub fn insert(self, value: V) -> &'a mut V {
        self.items.insert(self.at, (self.key, value));
        &mut self.items[self.at].1
    }
}
