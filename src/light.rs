//! Leptos' memos, lists and conditions with one body each. Leptos makes the code of each anew for every
//! type of value and every closure, and the page has to load all of it; here values and closures are
//! boxed first. Names, properties and behaviour are those of Leptos.

use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;
use leptos::tachys::view::keyed::keyed;
use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

/// A value of a type that is known to whoever made it, and how to compare it.
#[derive(Clone)]
struct Value {
    value: Arc<dyn Any + Send + Sync>,
    equal: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        (self.equal)(&*self.value, &*other.value)
    }
}

fn equal<T: PartialEq + 'static>(one: &dyn Any, other: &dyn Any) -> bool {
    one.downcast_ref::<T>() == other.downcast_ref::<T>()
}

/// A value that is derived from others and tells its readers only when it differs.
pub struct Memo<T> {
    inner: leptos::prelude::Memo<Value>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

fn memo(make: Box<dyn Fn() -> Value + Send + Sync>) -> leptos::prelude::Memo<Value> {
    leptos::prelude::Memo::new(move |_| make())
}

fn read<T: 'static, R>(value: &Value, read: impl FnOnce(&T) -> R) -> R {
    let value = value.value.downcast_ref();
    read(value.expect("the memo was made with values of its type"))
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo of what this function returns.
    pub fn new(make: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        Memo {
            inner: memo(Box::new(move || Value {
                value: Arc::new(make(None)),
                equal: equal::<T>,
            })),
            of: PhantomData,
        }
    }

    /// The value; the reader runs again when it differs.
    #[must_use]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// The value, without tracking it.
    #[must_use]
    pub fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Reads the value; the reader runs again when it differs.
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        read(&self.inner.get(), look)
    }

    /// Reads the value, without tracking it.
    pub fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        read(&self.inner.get_untracked(), look)
    }

    /// The same for callbacks that may outlive the memo.
    pub fn try_with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        Some(read(&self.inner.try_get_untracked()?, look))
    }

    /// Runs the reader again when the value differs.
    pub fn track(&self) {
        self.inner.track();
    }
}

impl<T: PartialEq + Clone + Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Signal::derive(move || memo.get())
    }
}

/// What tells an item of a list from the others.
pub trait Key {
    /// Adds it to a text.
    fn add(&self, text: &mut String);
}

impl Key for String {
    fn add(&self, text: &mut String) {
        text.push_str(self);
    }
}

impl Key for &str {
    fn add(&self, text: &mut String) {
        text.push_str(self);
    }
}

macro_rules! numbers_are_keys {
    ($($number:ty),*) => {$(
        impl Key for $number {
            fn add(&self, text: &mut String) {
                text.push_str(&self.to_string());
            }
        }
    )*};
}
numbers_are_keys!(u8, u32, u64, usize);

impl<A: Key, B: Key> Key for (A, B) {
    fn add(&self, text: &mut String) {
        self.0.add(text);
        // A character that no text on the page has.
        text.push('\u{1f}');
        self.1.add(text);
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    fn add(&self, text: &mut String) {
        self.0.add(text);
        text.push('\u{1f}');
        self.1.add(text);
        text.push('\u{1f}');
        self.2.add(text);
    }
}

/// An item of a list: its key, and what makes its view.
struct Item {
    key: String,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

/// One view for each item; those whose keys stay keep their elements.
#[component]
pub fn For<Items, Each, Item_, Of, K, View, Child>(
    /// The items.
    each: Each,
    /// What tells one item from another.
    key: Of,
    /// Makes an item's view.
    children: Child,
) -> impl IntoView
where
    Each: Fn() -> Items + Send + 'static,
    Items: IntoIterator<Item = Item_>,
    Item_: Send + 'static,
    Of: Fn(&Item_) -> K + Send + 'static,
    K: Key,
    Child: Fn(Item_) -> View + Send + Clone + 'static,
    View: IntoView + 'static,
{
    list(Box::new(move || {
        let items = each().into_iter().map(|item| {
            let mut text = String::new();
            key(&item).add(&mut text);
            let children = children.clone();
            Item {
                key: text,
                view: Box::new(move || children(item).into_any()),
            }
        });
        items.collect()
    }))
}

fn list(items: Box<dyn Fn() -> Vec<Item> + Send>) -> AnyView {
    // Each item has an owner of its own below that of the list, so that one may go and the others stay.
    let parent = Owner::current().expect("a list is made while the page is built");
    let view = move |_: usize, item: Item| {
        let owner = parent.with(Owner::new);
        let view = owner.with(item.view);
        let ignored: fn(usize) = |_| ();
        (ignored, OwnedView::new_with_owner(view, owner))
    };
    (move || keyed(items(), |item: &Item| item.key.clone(), view.clone())).into_any()
}

/// Its children while a condition holds.
#[component]
pub fn Show<When>(
    /// The condition.
    when: When,
    /// What is shown while it holds.
    children: ChildrenFn,
) -> impl IntoView
where
    When: Fn() -> bool + Send + Sync + 'static,
{
    show(Box::new(when), children)
}

fn show(when: Box<dyn Fn() -> bool + Send + Sync>, children: ChildrenFn) -> AnyView {
    let holds = leptos::prelude::Memo::new(move |_| when());
    (move || holds.get().then(|| children())).into_any()
}
