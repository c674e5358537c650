//! The declaration of parameters.

/// Declares the parameters of one scope: a typed struct, its rows, and its [`Registry`].
///
/// `fields` become fields of the struct in their order; `derived` are further fields that no key
/// sets and that the rules compute; `known` are rows without a field. `rules` is a function
/// `fn(&mut Self, Profile, &Overlay, &mut Vec<Refusal>)`. The sentence about a parameter documents
/// its field; readers of the page get theirs from the locales, so it is not in the row.
///
/// [`Registry`]: crate::Registry
#[macro_export]
macro_rules! params {
    (
        $(#[$meta:meta])*
        pub struct $name:ident in $scope:literal, rules $rules:path;
        fields {
            $(
                $(#[doc = $help:literal])+
                $field:ident: $type:ty { $key:literal, $($row:tt)* }
            )*
        }
        $(derived {
            $( $(#[$extra_meta:meta])* $extra:ident: $extra_type:ty = $init:expr; )*
        })?
        $(known {
            $( $(#[doc = $known_help:literal])+ $known_key:literal { $($known_row:tt)* } )*
        })?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, ::borsh::BorshSerialize)]
        pub struct $name {
            $( $(#[doc = $help])+ pub $field: $type, )*
            $($( $(#[$extra_meta])* pub $extra: $extra_type, )*)?
        }

        impl $crate::Registry for $name {
            const SCOPE: &'static str = $scope;

            fn specs() -> &'static [$crate::Spec] {
                static SPECS: &[$crate::Spec] = &[
                    $( $crate::params!(@row $scope, $key, Field; $($row)*), )*
                    $($( $crate::params!(@row $scope, $known_key, ; $($known_row)*), )*)?
                ];
                SPECS
            }

            fn defaults(profile: $crate::Profile) -> Self {
                let mut rows = Self::specs().iter();
                Self {
                    $( $field: $crate::registry::default_field(rows.next(), profile), )*
                    $($( $extra: $init, )*)?
                }
            }

            fn get(&self, key: &str) -> Option<$crate::Value> {
                match key {
                    $( $key => Some($crate::Field::to_value(&self.$field)), )*
                    _ => None,
                }
            }

            fn set(&mut self, key: &str, value: &$crate::Value) -> bool {
                match key {
                    $(
                        $key => {
                            let read = $crate::Field::from_value(value);
                            read.map(|read| self.$field = read).is_some()
                        }
                    )*
                    _ => false,
                }
            }

            fn settle(
                &mut self,
                profile: $crate::Profile,
                overlay: &$crate::Overlay,
                refusals: &mut Vec<$crate::Refusal>,
            ) {
                $rules(self, profile, overlay, refusals);
            }
        }
    };

    (@row $scope:literal, $key:literal, $($built:ident)?;
        $kind:ident, $range:literal, [$($default:literal),+], $applies:literal, $section:literal
        $(, aliases [$($alias:literal),+])?
        $(, affects [$($affects:ident),*])?
        $(, safer [$($safer:literal),*])?
        $(, through $through:literal)?
        $(, comes with $with:literal)?
        $(, inert $reason:literal)?
        $(,)?
    ) => {
        $crate::Spec {
            scope: $scope,
            key: $key,
            aliases: &[$($($alias),+)?],
            kind: $crate::Kind::$kind,
            range: $range,
            defaults: &[$($default),+],
            applies: $applies,
            reason: concat!($($reason)?),
            section: $section,
            affects: &[$($($crate::Affects::$affects),*)?],
            safer: &[$($($safer),*)?],
            built: $crate::params!(
                @built $($built)? $(through $through)? $(with $with)? $(inert $reason)?
            ),
        }
    };

    (@built Field) => { $crate::Built::Field };
    (@built through $scope:literal) => { $crate::Built::Through($scope) };
    (@built with $part:literal) => { $crate::Built::ComesWith($part) };
    (@built inert $reason:literal) => { $crate::Built::Inert };
}

/// Declares rows that have no struct: scopes of which nothing is built yet.
#[macro_export]
macro_rules! known_params {
    (
        $(#[$meta:meta])*
        pub static $name:ident in $scope:literal;
        $( $(#[doc = $help:literal])+ $key:literal { $($row:tt)* } )*
    ) => {
        $(#[$meta])*
        pub static $name: &[$crate::Spec] = &[
            $( $crate::params!(@row $scope, $key, ; $($row)*), )*
        ];
    };
}

/// Declares a field type with a few words: an enum whose variants are spelled as in the product.
/// Further spellings of a variant follow after `|`.
#[macro_export]
macro_rules! choices {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $word:literal $(| $other:literal)*, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::borsh::BorshSerialize,
        )]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
        }

        impl $name {
            /// The word of the product.
            pub const fn text(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }

        impl $crate::Field for $name {
            fn from_value(value: &$crate::Value) -> Option<Self> {
                match value {
                    $crate::Value::Choice(text) => match text.as_str() {
                        $( $word $(| $other)* => Some(Self::$variant), )+
                        _ => None,
                    },
                    _ => None,
                }
            }

            fn to_value(&self) -> $crate::Value {
                $crate::Value::Choice(self.text().to_owned())
            }
        }
    };
}
