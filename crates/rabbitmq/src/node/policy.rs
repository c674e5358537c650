//! Policies: which of them applies to a queue or an exchange, and what it sets beside the arguments
//! (`rabbit_policy`, `rabbit_queue_type_util:args_policy_lookup`; reference 1.13).

use crate::ids::Name;
use crate::message::{Table, Value};
use crate::node::image::{AppliesTo, Exchange, Image, Policy, QueueKind, QueueRecord};
use crate::system::Settings;

/// Keys that an operator policy merges by the smaller value; all others of its keys replace those of the user's
/// policy (`rabbit_policies:merge_policy_value`).
const SMALLER: &[&str] = &[
    "message-ttl",
    "max-length",
    "max-length-bytes",
    "max-in-memory-length",
    "max-in-memory-bytes",
    "expires",
    "delivery-limit",
    "consumer-timeout",
    "consumer-disconnected-timeout",
];

/// Keys of operator policies that win by the larger value.
const LARGER: &[&str] = &["target-group-size"];

/// What the policies set for a queue: that of the user with the highest priority that matches, and that of the
/// operator, merged.
#[must_use]
pub fn of_queue(image: &Image, settings: &Settings, queue: &QueueRecord) -> Table {
    let applies = |policy: &Policy| {
        matches!(
            (policy.applies_to, queue.kind),
            (AppliesTo::All | AppliesTo::Queues, _)
                | (AppliesTo::ClassicQueues, QueueKind::Classic)
                | (AppliesTo::QuorumQueues, QueueKind::Quorum)
                | (AppliesTo::Streams, QueueKind::Stream)
        )
    };
    let text = settings.text(queue.id.name);
    let user = best(image, &text, false, applies);
    let operator = best(image, &text, true, applies);
    let mut merged = user.map_or_else(Table::new, |policy| (*policy.definition).clone());
    let Some(operator) = operator else {
        return merged;
    };
    for (key, value) in operator.definition.iter() {
        let value = match merged.get(key) {
            Some(held) => merge(key, held, value),
            None => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    merged
}

/// Two values of a key that both policies set.
fn merge(key: &str, user: &Value, operator: &Value) -> Value {
    match (user, operator) {
        (Value::Int(a), Value::Int(b)) if SMALLER.contains(&key) => {
            // A delivery limit below zero is none.
            let none = key == "delivery-limit";
            Value::Int(match (none && *a < 0, none && *b < 0) {
                (true, _) => *b,
                (_, true) => *a,
                _ => *a.min(b),
            })
        }
        (Value::Int(a), Value::Int(b)) if LARGER.contains(&key) => Value::Int(*a.max(b)),
        _ => operator.clone(),
    }
}

/// What the user's policy sets for an exchange under this key. Operator policies do not apply to exchanges.
#[must_use]
pub fn of_exchange(
    image: &Image,
    settings: &Settings,
    exchange: &Exchange,
    key: &str,
) -> Option<Value> {
    let applies =
        |policy: &Policy| matches!(policy.applies_to, AppliesTo::All | AppliesTo::Exchanges);
    let text = settings.text(exchange.name);
    best(image, &text, false, applies)?
        .definition
        .get(key)
        .cloned()
}

/// The policy of the highest priority that matches; of equal ones that whose name comes first.
fn best<'i>(
    image: &'i Image,
    text: &str,
    operator: bool,
    applies: impl Fn(&Policy) -> bool,
) -> Option<&'i Policy> {
    let from = (operator, Name::EMPTY)..=(operator, Name(u16::MAX));
    let mut best: Option<&Policy> = None;
    for (_, policy) in image.policies.range(from) {
        if applies(policy)
            && pattern_matches(&policy.pattern, text)
            && best.is_none_or(|held| policy.priority > held.priority)
        {
            best = Some(policy);
        }
    }
    best
}

/// Whether a pattern matches a name. Of regular expressions these are understood: plain characters, `.`, and
/// either followed by `*`, `+` or `?`, `^` and `$`, `\` before a character that stands for itself, and `|` between
/// whole patterns.
#[must_use]
pub fn pattern_matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    split_bar(pattern).iter().any(|pattern| {
        let (anchored, atoms) = atoms(pattern);
        let starts = if anchored { 0..=0 } else { 0..=text.len() };
        starts.into_iter().any(|at| matches_from(&atoms, &text, at))
    })
}

/// One piece of a pattern.
#[derive(Clone, Copy)]
struct Atom {
    what: What,
    least_one: bool,
    many: bool,
}

#[derive(Clone, Copy)]
enum What {
    Any,
    Char(char),
    End,
}

fn split_bar(pattern: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in pattern.chars() {
        match c {
            '|' if !escaped => parts.push(String::new()),
            c => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

fn atoms(pattern: &str) -> (bool, Vec<Atom>) {
    let (anchored, pattern) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let mut atoms: Vec<Atom> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let what = match c {
            '*' | '+' | '?' => {
                if let Some(last) = atoms.last_mut() {
                    last.least_one = c == '+';
                    last.many = c != '?';
                }
                continue;
            }
            '.' => What::Any,
            '$' => What::End,
            '\\' => What::Char(chars.next().unwrap_or('\\')),
            c => What::Char(c),
        };
        atoms.push(Atom {
            what,
            least_one: true,
            many: false,
        });
    }
    (anchored, atoms)
}

fn matches_from(atoms: &[Atom], text: &[char], at: usize) -> bool {
    let Some((atom, rest)) = atoms.split_first() else {
        return true;
    };
    let fits = |at: usize| match (atom.what, text.get(at)) {
        (What::Any, Some(_)) => true,
        (What::Char(c), Some(held)) => c == *held,
        _ => false,
    };
    if matches!(atom.what, What::End) {
        return at == text.len() && matches_from(rest, text, at);
    }
    if !atom.least_one && matches_from(rest, text, at) {
        return true;
    }
    let mut at = at;
    while fits(at) {
        at += 1;
        if matches_from(rest, text, at) {
            return true;
        }
        if !atom.many {
            break;
        }
    }
    false
}

// ---- what counts when a policy and an argument both say something ----

/// What a queue's arguments and policies say.
#[derive(Clone, Debug, Default)]
pub struct Effective {
    arguments: std::sync::Arc<Table>,
    policy: Table,
}

impl Effective {
    /// Of this queue.
    #[must_use]
    pub fn of(image: &Image, settings: &Settings, queue: &QueueRecord) -> Effective {
        Effective {
            arguments: queue.arguments.clone(),
            policy: of_queue(image, settings, queue),
        }
    }

    /// The argument of this key (without `x-`).
    #[must_use]
    pub fn argument(&self, key: &str) -> Option<&Value> {
        self.arguments.get(&*format!("x-{key}"))
    }

    /// The policies' value of this key.
    #[must_use]
    pub fn policy(&self, key: &str) -> Option<&Value> {
        self.policy.get(key)
    }

    /// A number that is given by both counts with the smaller value (`message-ttl`, `expires`, `max-length`, …).
    #[must_use]
    pub fn smaller(&self, key: &str) -> Option<i64> {
        match (int(self.argument(key)), int(self.policy(key))) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// The larger one (`target-group-size`).
    #[must_use]
    pub fn larger(&self, key: &str) -> Option<i64> {
        match (int(self.argument(key)), int(self.policy(key))) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }

    /// A delivery limit: the smaller one; one below zero is none, and then the other counts.
    #[must_use]
    pub fn delivery_limit(&self) -> Option<i64> {
        let key = "delivery-limit";
        match (int(self.argument(key)), int(self.policy(key))) {
            (Some(a), Some(b)) if a < 0 || b < 0 => Some(a.max(b)),
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// The argument wins (dead-letter keys, overflow of classic queues).
    #[must_use]
    pub fn argument_first(&self, key: &str) -> Option<&Value> {
        self.argument(key).or_else(|| self.policy(key))
    }

    /// The policy wins (overflow of quorum queues, retention of streams).
    #[must_use]
    pub fn policy_first(&self, key: &str) -> Option<&Value> {
        self.policy(key).or_else(|| self.argument(key))
    }
}

fn int(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
