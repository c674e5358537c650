//! Values as the tables type them, and their passage into typed fields.

use std::fmt;

use borsh::BorshSerialize;

/// A value that was read by a [`Spec`](crate::Spec)'s rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number in the unit of the parameter: milliseconds, bytes, hours, a count.
    Int(i64),
    /// One of the words that the range names.
    Choice(String),
    /// Free text; fractions too, as the decimal that the product's file would hold.
    Text(String),
    /// Words separated by commas.
    List(Vec<String>),
    /// The parameter exists and is unset.
    None,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Choice(text) | Value::Text(text) => f.write_str(text),
            Value::List(words) => f.write_str(&words.join(",")),
            Value::None => f.write_str("none"),
        }
    }
}

/// A type that a field of a parameter struct may have.
pub trait Field: Sized {
    /// The field's value, or nothing when the table's value is of another type.
    fn from_value(value: &Value) -> Option<Self>;
    /// The way back; `from_value(&x.to_value())` is `x`.
    fn to_value(&self) -> Value;
}

impl Field for bool {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Field for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    fn to_value(&self) -> Value {
        Value::Int(*self)
    }
}

impl Field for String {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) | Value::Choice(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl<T: Field> Field for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::None => Some(None),
            value => T::from_value(value).map(Some),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Some(value) => value.to_value(),
            None => Value::None,
        }
    }
}

impl Field for Vec<String> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::List(words) => Some(words.clone()),
            _ => None,
        }
    }

    fn to_value(&self) -> Value {
        Value::List(self.clone())
    }
}

/// A random time between two bounds, in milliseconds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Interval {
    /// The shortest.
    pub low: i64,
    /// The longest.
    pub high: i64,
}

impl Interval {
    /// Reads `low..high`, or one number for both.
    pub fn parse(text: &str) -> Option<Interval> {
        let (low, high) = text.split_once("..").unwrap_or((text, text));
        let number = |text: &str| text.trim().parse::<i64>().ok().filter(|n| *n >= 0);
        let (low, high) = (number(low)?, number(high)?);
        (low <= high).then_some(Interval { low, high })
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.low, self.high)
    }
}

impl Field for Interval {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Interval::parse(text),
            _ => None,
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

/// A number that is not negative, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Decimal(pub u64);

impl Decimal {
    /// Reads a decimal such as `1.5` or `2`; more than six places are cut off.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let fraction = match places {
            "" => 0,
            places => Ratio::parse(&format!("0.{places}"))?.0,
        };
        if !whole.bytes().all(|byte| byte.is_ascii_digit()) || whole.len() + places.len() == 0 {
            return None;
        }
        let whole: u64 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        let millionths = whole.checked_mul(1_000_000)?;
        millionths.checked_add(u64::from(fraction)).map(Decimal)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, places) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let text = format!("{places:06}");
        match text.trim_end_matches('0') {
            "" => write!(f, "{whole}.0"),
            places => write!(f, "{whole}.{places}"),
        }
    }
}

impl Field for Decimal {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Decimal::parse(text),
            _ => None,
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

/// A share between 0 and 1 in millionths: state holds no floating point numbers, because two
/// machines might round them differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Ratio(pub u32);

impl Ratio {
    /// Everything.
    pub const ONE: Ratio = Ratio(1_000_000);

    /// Reads a decimal such as `0.5`, `.25` or `1`; more than six places are cut off.
    pub fn parse(text: &str) -> Option<Ratio> {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(places) || whole.len() + places.len() == 0 {
            return None;
        }
        let mut millionths: u32 = match whole.trim_start_matches('0') {
            "" => 0,
            "1" => 1_000_000,
            _ => return None,
        };
        let mut weight = 100_000;
        for digit in places.bytes() {
            millionths += u32::from(digit - b'0') * weight;
            weight /= 10;
        }
        (millionths <= Self::ONE.0).then_some(Ratio(millionths))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, places) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let text = format!("{places:06}");
        match text.trim_end_matches('0') {
            "" => write!(f, "{whole}.0"),
            places => write!(f, "{whole}.{places}"),
        }
    }
}

impl Field for Ratio {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Ratio::parse(text),
            _ => None,
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_exact() {
        assert_eq!(Ratio::parse("0.5"), Some(Ratio(500_000)));
        assert_eq!(Ratio::parse("0.01"), Some(Ratio(10_000)));
        assert_eq!(Ratio::parse(".25"), Some(Ratio(250_000)));
        assert_eq!(Ratio::parse("1"), Some(Ratio::ONE));
        for wrong in ["", ".", "1.1", "2", "-0.5", "0,5", "a"] {
            assert_eq!(Ratio::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Ratio(500_000).to_string(), "0.5");
        assert_eq!(Ratio::ONE.to_string(), "1.0");
        assert_eq!(Ratio(0).to_string(), "0.0");
    }

    #[test]
    fn intervals_and_decimals() {
        let interval = Interval { low: 1, high: 100 };
        assert_eq!(Interval::parse("1..100"), Some(interval));
        assert_eq!(Interval::from_value(&interval.to_value()), Some(interval));
        assert_eq!(Interval::parse("7"), Some(Interval { low: 7, high: 7 }));
        for wrong in ["", "..", "5..1", "-1..2", "a..b"] {
            assert_eq!(Interval::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Decimal::parse("1.5"), Some(Decimal(1_500_000)));
        assert_eq!(Decimal::parse("2"), Some(Decimal(2_000_000)));
        assert_eq!(Decimal(1_500_000).to_string(), "1.5");
        for wrong in ["", ".", "-1", "1,5", "1.x"] {
            assert_eq!(Decimal::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_unset_value_is_none_of_its_type() {
        assert_eq!(Option::<i64>::from_value(&Value::None), Some(None));
        assert_eq!(Option::<i64>::from_value(&Value::Int(3)), Some(Some(3)));
        assert_eq!(Option::<i64>::from_value(&Value::Bool(true)), None);
        assert_eq!(Some(3_i64).to_value(), Value::Int(3));
    }
}
