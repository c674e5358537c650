//! Where a value stands.

use std::fmt;

use ackscope_params::{Refusal, Spec, find, nearest};

use crate::params::{SCOPES, specs};

/// A value's place: whose it is, and its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// One of [`SCOPES`].
    pub scope: String,
    /// The client, topic, broker or group by name; empty for the cluster as a whole, or for topics
    /// in general.
    pub instance: String,
    /// The real key, or one of its other names in this scope.
    pub key: String,
}

/// A row with the value in force somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What the table says about it.
    pub spec: &'static Spec,
    /// The name under which the value stands: the row's key, or a sibling in another unit.
    pub key: &'static str,
    /// The value in force as the product would write it.
    pub text: String,
    /// Whether it was spelled out here.
    pub explicit: bool,
}

impl Address {
    /// An address from its three parts.
    pub fn new(scope: &str, instance: &str, key: &str) -> Self {
        Self {
            scope: scope.to_owned(),
            instance: instance.to_owned(),
            key: key.to_owned(),
        }
    }

    /// The row under the name that the address uses.
    pub(super) fn spec(&self, text: &str) -> Result<Spec, Refusal> {
        let refuse = |reason: String| Refusal::new(&self.scope, &self.key, text, reason);
        if !SCOPES.contains(&self.scope.as_str()) {
            let scopes = SCOPES.join(", ");
            return Err(refuse(format!(
                "unknown scope {}; the scopes are {scopes}",
                self.scope
            )));
        }
        if self.instance.is_empty() && ["producer", "consumer"].contains(&self.scope.as_str()) {
            return Err(refuse(format!(
                "{}: which {} is missing",
                self.key, self.scope
            )));
        }
        let rows = specs(&self.scope);
        match find(rows, &self.key) {
            Some(spec) => Ok(spec.named(&self.key)),
            None => Err(Refusal::unknown(
                &self.scope,
                &self.key,
                text,
                nearest(rows, &self.key),
            )),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instance.as_str() {
            "" => write!(f, "{} {}", self.scope, self.key),
            instance => write!(f, "{} {instance} {}", self.scope, self.key),
        }
    }
}
