//! A frame as SVG text: for snapshots in tests, and for export. Classes carry the meaning; a style
//! sheet may be put in front.

use crate::drawable::{
    Cell, CellState, Drawable, Frame, Link, Marker, MarkerKind, Node, NodeState, Token, TokenKind,
    TokenState, Tone,
};
use crate::geometry::Rect;
use crate::phrase::Phrase;
use std::fmt::Write as _;

/// Writes the frame. `say` makes words of phrases; `style` goes into a `<style>` element if not empty.
#[must_use]
pub fn svg(frame: &Frame, style: &str, say: &dyn Fn(&Phrase) -> String) -> String {
    let mut out = String::new();
    let (w, h) = (frame.width, frame.height);
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}">"#
    );
    if !style.is_empty() {
        let _ = writeln!(out, "<style>{style}</style>");
    }
    for drawable in &frame.drawables {
        write(&mut out, drawable, say);
    }
    out.push_str("</svg>\n");
    out
}

fn write(out: &mut String, drawable: &Drawable, say: &dyn Fn(&Phrase) -> String) {
    let _ = match drawable {
        Drawable::Link(link) => writeln!(
            out,
            r#"<path class="{}" data-key="{}" d="{}"/>"#,
            link_class(link),
            escape(&link.key),
            link.curve.path()
        ),
        Drawable::Node(node) => {
            node_text(out, node, say);
            Ok(())
        }
        Drawable::Strip(strip) => match &strip.label {
            Some(label) => writeln!(
                out,
                r#"<text class="strip-label" x="{:.1}" y="{:.1}">{}</text>"#,
                strip.rect.x - 60.0,
                strip.rect.y + strip.rect.h * 0.7,
                escape(label)
            ),
            None => Ok(()),
        },
        Drawable::Band(band) => {
            writeln!(
                out,
                r#"<rect class="band" data-epoch="{}" {}/>"#,
                band.epoch,
                rect(&band.rect)
            )
        }
        Drawable::Cell(cell) => {
            cell_text(out, cell);
            Ok(())
        }
        Drawable::Marker(marker) => {
            marker_text(out, marker);
            Ok(())
        }
        Drawable::Token(token) => {
            token_text(out, token);
            Ok(())
        }
        Drawable::Timer(arc) => {
            // Three quarters of the circle at most need no trigonometry: a dash does it.
            let around = 6.283_185_5 * arc.radius;
            writeln!(
                out,
                r#"<circle class="timer" data-key="{}" cx="{:.1}" cy="{:.1}" r="{:.1}" stroke-dasharray="{:.1} {:.1}"><title>{}</title></circle>"#,
                escape(&arc.key),
                arc.center.x,
                arc.center.y,
                arc.radius,
                around * arc.left,
                around,
                escape(&say(&arc.label))
            )
        }
    };
}

fn node_text(out: &mut String, node: &Node, say: &dyn Fn(&Phrase) -> String) {
    let state = match node.state {
        NodeState::Running => "running",
        NodeState::Frozen => "frozen",
        NodeState::Down => "down",
        NodeState::Off => "off",
    };
    let leads = if node.leads { " leads" } else { "" };
    let selected = if node.selected { " selected" } else { "" };
    let role = format!("{:?}", node.role).to_lowercase();
    let (x, y) = (node.rect.x, node.rect.y);
    let _ = writeln!(
        out,
        r#"<g class="node {role} {state}{leads}{selected}" data-node="{}"><rect rx="12" {}/>"#,
        escape(&node.key),
        rect(&node.rect)
    );
    let _ = write!(
        out,
        r#"<text class="title" x="{:.1}" y="{:.1}">{}"#,
        x + 12.0,
        y + 22.0,
        escape(&say(&node.title))
    );
    if node.badges_below {
        let _ = write!(
            out,
            r#"</text><text x="{:.1}" y="{:.1}">"#,
            x + 12.0,
            y + 40.0
        );
    }
    for (badge, dx) in node.badges.iter().zip(
        [if node.badges_below { 0 } else { 6 }]
            .into_iter()
            .chain(std::iter::repeat(6)),
    ) {
        let tone = tone_class(badge.tone);
        let text = escape(&say(&badge.text));
        let _ = write!(
            out,
            r#" <tspan class="badge {tone}" dx="{dx}">{text}</tspan>"#
        );
    }
    out.push_str("</text>\n");
    let first = if node.badges_below { 57.0 } else { 40.0 };
    for (line, at) in node.lines.iter().zip(0u8..) {
        let (x, y) = (x + 12.0, y + first + f32::from(at) * 17.0);
        let text = escape(&say(line));
        let _ = writeln!(
            out,
            r#"<text class="line" x="{x:.1}" y="{y:.1}">{text}</text>"#
        );
    }
    out.push_str("</g>\n");
}

fn cell_text(out: &mut String, cell: &Cell) {
    let class = cell_class(cell.state);
    let synced = if cell.not_synced { " not-synced" } else { "" };
    let selected = if cell.selected { " selected" } else { "" };
    let _ = write!(
        out,
        r#"<g class="cell {class}{synced}{selected}" data-key="{}"><rect rx="5" {}/>"#,
        escape(&cell.key),
        rect(&cell.rect)
    );
    if !cell.label.is_empty() {
        let middle = cell.rect.center();
        let _ = write!(
            out,
            r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            middle.x,
            middle.y + 4.0,
            escape(&cell.label)
        );
    }
    out.push_str("</g>\n");
}

fn marker_text(out: &mut String, marker: &Marker) {
    let class = match marker.kind {
        MarkerKind::HighWatermark => "hw",
        MarkerKind::LogEnd => "leo",
        MarkerKind::Position => "position",
        MarkerKind::CommittedOffset => "committed-offset",
    };
    let (x, bottom) = (marker.top.x, marker.top.y + marker.length);
    let _ = write!(
        out,
        r#"<g class="marker {class}"><path d="M{x:.1} {:.1}V{bottom:.1}"/>"#,
        marker.top.y
    );
    if !marker.label.is_empty() {
        let (dx, anchor) = if marker.label_left {
            (-3.0, "end")
        } else {
            (3.0, "start")
        };
        let _ = write!(
            out,
            r#"<text x="{:.1}" y="{bottom:.1}" text-anchor="{anchor}">{}</text>"#,
            x + dx,
            escape(&marker.label)
        );
    }
    out.push_str("</g>\n");
}

fn token_text(out: &mut String, token: &Token) {
    let selected = if token.selected { " selected" } else { "" };
    let _ = writeln!(
        out,
        r#"<g class="token {} {}{selected}" data-entry="{}" transform="translate({:.1} {:.1})"><rect x="-15" y="-11" width="30" height="22" rx="11"/><text y="4" text-anchor="middle">{}</text></g>"#,
        token_class(token.kind),
        token_state_class(token.state),
        token.entry,
        token.point.x,
        token.point.y,
        escape(&token.label)
    );
}

fn link_class(link: &Link) -> String {
    let mut class = "link".to_owned();
    for (on, word) in [
        (link.cut_there, "cut-there"),
        (link.cut_back, "cut-back"),
        (link.slow, "slow"),
    ] {
        if on {
            class.push(' ');
            class.push_str(word);
        }
    }
    class
}

/// The class of a cell in style sheets.
#[must_use]
pub fn cell_class(state: CellState) -> &'static str {
    match state {
        CellState::Empty => "empty",
        CellState::Written => "written",
        CellState::Committed => "committed",
        CellState::Consumed => "consumed",
        CellState::AtRisk => "at-risk",
        CellState::Stranded => "stranded",
        CellState::Lost => "lost",
        CellState::Duplicated => "duplicated",
        CellState::Internal => "internal",
    }
}

/// The class of a token's kind in style sheets.
#[must_use]
pub fn token_class(kind: TokenKind) -> &'static str {
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

/// The class of a token's state in style sheets.
#[must_use]
pub fn token_state_class(state: TokenState) -> &'static str {
    match state {
        TokenState::Flying => "flying",
        TokenState::Stuck => "stuck",
        TokenState::Held => "held",
        TokenState::Unread => "unread",
    }
}

/// The class of a tone in style sheets.
#[must_use]
pub fn tone_class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Accent => "accent",
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
    }
}

fn rect(rect: &Rect) -> String {
    format!(
        r#"x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}""#,
        rect.x, rect.y, rect.w, rect.h
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
