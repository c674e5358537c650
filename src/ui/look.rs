//! Names of classes: what a meaning is called in the style sheets.

use ackscope_scene::drawable::{CellState, MarkerKind, NodeState, TokenKind, TokenState, Tone};

/// Class of a chip or badge.
#[must_use]
pub fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "tone-plain",
        Tone::Accent => "tone-accent",
        Tone::Good => "tone-good",
        Tone::Warn => "tone-warn",
        Tone::Bad => "tone-bad",
    }
}

/// Class of coloured text.
#[must_use]
pub fn text_tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "text-plain",
        Tone::Accent => "text-accent",
        Tone::Good => "text-good",
        Tone::Warn => "text-warn",
        Tone::Bad => "text-bad",
    }
}

/// Class of a dot in the diagram.
#[must_use]
pub fn dot(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Accent => "accent",
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
    }
}

/// Class of a node.
#[must_use]
pub fn node(state: NodeState) -> &'static str {
    match state {
        NodeState::Running => "running",
        NodeState::Frozen => "frozen",
        NodeState::Down => "down",
        NodeState::Off => "off",
    }
}

/// Class of a cell.
#[must_use]
pub fn cell(state: CellState) -> &'static str {
    match state {
        CellState::Empty => "empty",
        CellState::Written => "written",
        CellState::Committed => "committed",
        CellState::Consumed => "consumed",
        CellState::AtRisk => "risk",
        CellState::Stranded => "stranded",
        CellState::Lost => "lost",
        CellState::Duplicated => "dup",
        CellState::Internal => "internal",
    }
}

/// Class of a marker.
#[must_use]
pub fn marker(kind: MarkerKind) -> &'static str {
    match kind {
        MarkerKind::HighWatermark => "hw",
        MarkerKind::LogEnd => "leo",
        MarkerKind::Position => "pos",
        MarkerKind::CommittedOffset => "commit",
    }
}

/// Class of a token or arrow.
#[must_use]
pub fn token(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Records => "records",
        TokenKind::Ack => "ack",
        TokenKind::Refusal => "refusal",
        TokenKind::ReplicaFetch => "replica-fetch",
        TokenKind::ReplicaData => "replica-data",
        TokenKind::Fetch => "fetch",
        TokenKind::Data => "data",
        TokenKind::Commit => "commit",
        TokenKind::Heartbeat => "heartbeat",
        TokenKind::Control => "control",
        TokenKind::Group => "group",
        TokenKind::Connection => "connection",
    }
}

/// Class of a token's state.
#[must_use]
pub fn token_state(state: TokenState) -> &'static str {
    match state {
        TokenState::Flying => "flying",
        TokenState::Stuck => "stuck",
        TokenState::Held => "held",
        TokenState::Unread => "unread",
    }
}

/// Outline of a token `w` wide around its middle: each family of packets has its own shape.
#[must_use]
pub fn token_outline(kind: TokenKind, w: f32) -> String {
    let (x, h) = (w / 2.0, 10.0_f32);
    match kind {
        // Requests for data: a box with an arrow's tip.
        TokenKind::ReplicaFetch | TokenKind::Fetch => rounded(x, 9.0, 4.0),
        // Signs of life: a small disc.
        TokenKind::Heartbeat => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z".to_owned(),
        // Metadata and membership: a hexagon.
        TokenKind::Control | TokenKind::Group => {
            format!(
                "M{:.1} 0L{:.1} -{h}H{:.1}L{:.1} 0L{:.1} {h}H{:.1}z",
                -x - 4.0,
                -x + 3.0,
                x - 3.0,
                x + 4.0,
                x - 3.0,
                -x + 3.0
            )
        }
        // Commits: a tag.
        TokenKind::Commit => format!(
            "M{:.1} -{h}H{:.1}L{:.1} 0L{:.1} {h}H{:.1}z",
            -x,
            x - 2.0,
            x + 5.0,
            x - 2.0,
            -x
        ),
        TokenKind::Connection => rounded(x, 8.0, 2.0),
        // Records, data and answers: a pill.
        TokenKind::Records
        | TokenKind::Ack
        | TokenKind::Refusal
        | TokenKind::ReplicaData
        | TokenKind::Data => rounded(x, h, h),
    }
}

fn rounded(x: f32, h: f32, r: f32) -> String {
    let (w, v) = (2.0 * (x - r), 2.0 * (h - r));
    format!(
        "M{:.1} -{h}h{w:.1}a{r} {r} 0 0 1 {r} {r}v{v:.1}a{r} {r} 0 0 1 -{r} {r}h{:.1}a{r} {r} 0 0 1 -{r} -{r}v{:.1}a{r} {r} 0 0 1 {r} -{r}z",
        -x + r,
        -w,
        -v
    )
}

/// Width of a token with this label, in the stage's pixels.
#[must_use]
pub fn token_width(label: &str) -> f32 {
    // The label's font is monospaced; wide scripts take two columns.
    let columns: usize = label
        .chars()
        .map(|letter| if letter.is_ascii() { 1 } else { 2 })
        .sum();
    (columns as f32 * 6.4 + 16.0).max(24.0)
}

/// Text for markup that is put together by hand.
pub fn escape_into(markup: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            other => markup.push(other),
        }
    }
}

/// A moment as the panels write it: seconds and milliseconds.
#[must_use]
pub fn seconds(us: u64) -> String {
    format!("{}.{:03} s", us / 1_000_000, us / 1_000 % 1_000)
}

/// A speed in thousandths as buttons write it.
#[must_use]
pub fn speed(permille: u32) -> String {
    if permille >= 1_000 && permille.is_multiple_of(1_000) {
        format!("{}×", permille / 1_000)
    } else if permille > 0 && 1_000 % permille == 0 {
        format!("1/{}×", 1_000 / permille)
    } else {
        format!("{}.{:03}×", permille / 1_000, permille % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_read_as_people_say_them() {
        assert_eq!(
            ["1/1000×", "1/4×", "1×", "64×"],
            [1, 250, 1_000, 64_000]
                .map(speed)
                .each_ref()
                .map(String::as_str)
        );
        assert_eq!(speed(1_500), "1.500×");
    }

    #[test]
    fn moments_read_as_seconds() {
        assert_eq!(seconds(1_322_418), "1.322 s");
        assert_eq!(seconds(0), "0.000 s");
    }

    #[test]
    fn markup_is_escaped() {
        let mut made = String::new();
        escape_into(&mut made, "<a & \"b\">");
        assert_eq!(made, "&lt;a &amp; &quot;b&quot;&gt;");
    }

    #[test]
    fn a_wide_script_gets_a_wider_token() {
        assert!(token_width("消息九") > token_width("m9x"));
    }
}
