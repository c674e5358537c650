//! The diagram as markup. Hundreds of arrows become one path a class, so that a refresh is one write.

use crate::ui::look::{self, escape_into};
use ackscope_scene::Phrase;
use ackscope_scene::SortedMap;
use ackscope_session::view::{Arrow, BandKind, DiagramView};
use std::fmt::Write as _;

/// Width of the lanes' names, left of the axis.
pub const LABELS: u32 = 114;

/// The diagram's inner markup.
#[must_use]
pub fn of(diagram: &DiagramView, say: &dyn Fn(&Phrase) -> String) -> String {
    let mut made = String::new();
    let end = diagram.axis.last().map_or(0.0, |(x, _)| *x);
    ticks(diagram, &mut made);
    let _ = write!(made, "<g transform=\"translate({LABELS} 0)\">");
    for band in &diagram.bands {
        let Some(lane) = diagram.lanes.get(band.lane as usize) else {
            continue;
        };
        let (class, half) = match band.kind {
            BandKind::Down => ("down", 11.0),
            BandKind::Frozen => ("frozen", 11.0),
            BandKind::Leads => ("leads", 4.0),
        };
        let width = (band.x1 - band.x0).max(1.0);
        let _ = write!(
            made,
            "<rect class=\"lane-band {class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\" rx=\"3\"/>",
            band.x0,
            lane.y - half,
            half * 2.0
        );
    }
    for lane in &diagram.lanes {
        let _ = write!(
            made,
            "<path class=\"lane\" d=\"M0 {0:.1}H{end:.1}\"/>",
            lane.y
        );
    }
    for bucket in &diagram.buckets {
        let Some(lane) = diagram.lanes.get(bucket.lane as usize) else {
            continue;
        };
        let high = (2.0 + (bucket.count as f32).sqrt() * 1.6).min(14.0);
        let _ = write!(
            made,
            "<rect class=\"bucket\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{high:.1}\"/>",
            bucket.x,
            lane.y - high / 2.0,
            bucket.w.max(1.0)
        );
    }
    arrows(&diagram.arrows, &mut made);
    for dot in &diagram.dots {
        let Some(lane) = diagram.lanes.get(dot.lane as usize) else {
            continue;
        };
        let _ = write!(
            made,
            "<circle class=\"dot {}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\"/>",
            look::dot(dot.tone),
            dot.x,
            lane.y
        );
    }
    for x in &diagram.folds {
        let _ = write!(
            made,
            "<text class=\"fold\" x=\"{x:.1}\" y=\"{:.1}\">⋯</text>",
            diagram.height - 18.0
        );
    }
    band_labels(diagram, say, &mut made);
    if let Some(x) = diagram.parting_x {
        let _ = write!(
            made,
            "<path class=\"parting\" d=\"M{x:.1} 4V{:.1}\"/>",
            diagram.height - 16.0
        );
    }
    made.push_str("</g>");
    names(diagram, say, &mut made);
    made
}

/// Above the arrows, so that no arrow strikes them through.
fn band_labels(diagram: &DiagramView, say: &dyn Fn(&Phrase) -> String, made: &mut String) {
    for band in &diagram.bands {
        let Some(lane) = diagram.lanes.get(band.lane as usize) else {
            continue;
        };
        if band.kind == BandKind::Leads || band.x1 - band.x0 <= 48.0 {
            continue;
        }
        let class = match band.kind {
            BandKind::Frozen => "frozen",
            _ => "down",
        };
        let _ = write!(
            made,
            "<text class=\"lane-band-label {class}\" x=\"{:.1}\" y=\"{:.1}\">",
            band.x0 + 6.0,
            lane.y - 2.0
        );
        escape_into(made, &say(&band.label));
        made.push_str("</text>");
    }
}

fn ticks(diagram: &DiagramView, made: &mut String) {
    let _ = write!(made, "<g transform=\"translate({LABELS} 0)\">");
    for tick in &diagram.ticks {
        let (x, y) = (tick.x, diagram.height);
        let _ = write!(
            made,
            "<path class=\"tick-line\" d=\"M{x:.1} 8V{:.1}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\">",
            y - 16.0,
            y - 4.0
        );
        escape_into(made, &tick.label);
        made.push_str("</text>");
    }
    made.push_str("</g>");
}

fn names(diagram: &DiagramView, say: &dyn Fn(&Phrase) -> String, made: &mut String) {
    for lane in &diagram.lanes {
        let _ = write!(
            made,
            "<text class=\"lane-label\" x=\"12\" y=\"{:.1}\">",
            lane.y + 4.0
        );
        let name = say(&lane.title);
        let cut: String = name.chars().take(14).collect();
        escape_into(made, if cut.len() < name.len() { &cut } else { &name });
        made.push_str("</text>");
    }
}

/// One path for each class; labels only where the one before leaves room.
fn arrows(arrows: &[Arrow], made: &mut String) {
    let mut paths: SortedMap<String, String> = SortedMap::new();
    let mut labels: Vec<&Arrow> = Vec::new();
    for arrow in arrows {
        let lost = if arrow.lost { " lost" } else { "" };
        let selected = if arrow.selected { " selected" } else { "" };
        let path = paths
            .entry(format!("arrow {}{lost}{selected}", look::token(arrow.kind)))
            .or_default();
        let ((x0, y0), (x1, y1)) = (arrow.from, arrow.to);
        let _ = write!(path, "M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}");
        if arrow.lost {
            let _ = write!(path, "m-3 -3l6 6m0 -6l-6 6");
        }
        if arrow.label.is_some() {
            labels.push(arrow);
        }
    }
    for (class, path) in &paths {
        let _ = write!(made, "<path class=\"{class}\" d=\"{path}\"/>");
    }
    labels.sort_by(|a, b| a.from.0.total_cmp(&b.from.0));
    let mut free_from: SortedMap<i32, f32> = SortedMap::new();
    for arrow in labels {
        let Some(label) = &arrow.label else { continue };
        let (x, y) = arrow.from;
        let width = label.chars().count() as f32 * 6.4 + 4.0;
        let free = free_from.entry(y as i32).or_insert(f32::MIN);
        if x - width / 2.0 < *free {
            continue;
        }
        *free = x + width / 2.0;
        let _ = write!(
            made,
            "<text class=\"arrow-label\" x=\"{x:.1}\" y=\"{:.1}\">",
            y - 5.0
        );
        escape_into(made, label);
        made.push_str("</text>");
    }
}

/// Where a moment is on the axis, in pixels.
#[must_use]
pub fn x_at(diagram: &DiagramView, at_us: u64) -> f32 {
    let (Some(first), Some(last)) = (diagram.axis.first(), diagram.axis.last()) else {
        return 0.0;
    };
    if at_us <= first.1 {
        return first.0;
    }
    for pair in diagram.axis.windows(2) {
        let ((x0, t0), (x1, t1)) = (pair[0], pair[1]);
        if at_us <= t1 {
            let share = if t1 > t0 {
                (at_us - t0) as f64 / (t1 - t0) as f64
            } else {
                1.0
            };
            return x0 + (x1 - x0) * share as f32;
        }
    }
    last.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackscope_scene::drawable::TokenKind;
    use ackscope_session::view::Lane;

    fn diagram() -> DiagramView {
        DiagramView {
            to_us: 3_000,
            height: 100.0,
            axis: vec![(0.0, 0), (100.0, 1_000), (110.0, 2_000), (200.0, 3_000)],
            lanes: vec![Lane {
                node: "p1".into(),
                title: Phrase::plain("<p1>"),
                y: 20.0,
            }],
            ..DiagramView::default()
        }
    }

    #[test]
    fn places_and_moments_are_each_others_inverse() {
        let diagram = diagram();
        for at in [0, 250, 1_000, 1_500, 2_999, 3_000] {
            let back = diagram.time_at(x_at(&diagram, at));
            assert!(back.abs_diff(at) <= 10, "{at} came back as {back}");
        }
        assert_eq!(x_at(&diagram, 9_000), 200.0);
    }

    #[test]
    fn labels_that_would_overlap_are_left_out_and_names_are_escaped() {
        let mut diagram = diagram();
        let arrow = |x: f32, label: &str| Arrow {
            entry: 0,
            kind: TokenKind::Records,
            from: (x, 20.0),
            to: (x + 10.0, 60.0),
            lost: false,
            label: Some(label.to_owned()),
            message: None,
            selected: false,
        };
        diagram.arrows = vec![arrow(10.0, "m1"), arrow(12.0, "m2"), arrow(60.0, "m3")];
        let made = of(&diagram, &|phrase| {
            phrase.as_plain().unwrap_or_default().to_owned()
        });
        assert!(made.contains(">m1<") && !made.contains(">m2<") && made.contains(">m3<"));
        assert!(made.contains("&lt;p1&gt;"));
        assert_eq!(made.matches("class=\"arrow records\"").count(), 1);
    }
}
