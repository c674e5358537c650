//! `key=value` files, as Java's properties: `#` and `!` begin a comment, `=` or `:` separates, a
//! backslash at the end of a line continues it.

use std::fmt::Write as _;

use crate::{Overlay, Profile, Refusal, Spec, find, nearest};

/// Reads a file of one scope. What the product would refuse, and what nobody knows, is in the list
/// with its line; the rest is in the overlay.
pub fn read(text: &str, scope: &str, specs: &[Spec], profile: Profile) -> (Overlay, Vec<Refusal>) {
    let mut overlay = Overlay::new();
    let mut refusals = Vec::new();
    for (number, line) in logical_lines(text) {
        let (key, value) = match line.split_once(['=', ':']) {
            Some((key, value)) => (key.trim(), value.trim()),
            None => {
                let reason = format!("expected key=value, found {line}");
                refusals.push(Refusal::new(scope, &line, "", reason).at_line(number));
                continue;
            }
        };
        let Some(spec) = find(specs, key) else {
            let refusal = Refusal::unknown(scope, key, value, nearest(specs, key));
            refusals.push(refusal.at_line(number));
            continue;
        };
        let spec = spec.named(key);
        if let Err(refusal) = spec.read(profile, value) {
            refusals.push(refusal.at_line(number));
        } else if let Some(earlier) = overlay.insert(spec.key, value) {
            let reason = format!("{key} was given before, as {earlier}; the later value counts");
            refusals.push(Refusal::new(scope, key, &earlier, reason).at_line(number));
        }
    }
    (overlay, refusals)
}

/// Writes the explicit values, one a line, in the order of their keys.
pub fn write(overlay: &Overlay) -> String {
    let mut text = String::new();
    for (key, value) in overlay.iter() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key}={value}");
    }
    text
}

/// The lines with content, each with the number of its first physical line, continuations joined.
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if !open && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let content = line.strip_suffix('\\').unwrap_or(line);
        match lines.last_mut() {
            Some((_, last)) if open => last.push_str(content),
            _ => lines.push((number, content.to_owned())),
        }
        open = content.len() < line.len();
    }
    lines
}
