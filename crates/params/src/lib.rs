//! Registry machinery: what a parameter is, values, ranges, rules.
//!
//! A product's crate declares each of its parameters once, with [`params!`]. From that declaration
//! come the typed struct that the state machines read, the [`Spec`] rows that the page, the command
//! line and the documents show, the defaults of every product version, and the checks of a value.
//! Nothing here knows Kafka or RabbitMQ.
//!
//! * [`value`]: a value as the table types it, and how a struct's field is made of one.
//! * [`spec`]: one row of the table, and the reading of a text by its rules.
//! * [`range`]: the machine's view of the table's range column.
//! * [`overlay`]: the explicit values of one scope; what is absent is at its default.
//! * [`registry`]: a typed struct with its rows: resolve, get, set.
//! * [`properties`]: `key=value` files in, and out.
//! * [`refusal`]: what was refused, in the product's own words.
//! * `macros`: the declaration itself.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod macros;
pub mod overlay;
pub mod properties;
pub mod range;
pub mod refusal;
pub mod registry;
pub mod spec;
pub mod value;

pub use overlay::Overlay;
pub use range::Range;
pub use refusal::Refusal;
pub use registry::{Registry, find, nearest};
pub use spec::{Affects, Built, Kind, Profile, Spec};
pub use value::{Decimal, Field, Interval, Ratio, Value};
