//! The time axis, with idle time folded.

use super::{Chart, DiagramQuery, Tick};
use crate::pacing::Stretch;

/// More stretches than this are not folded.
const MOST_STRETCHES: usize = 3_000;

/// Least pixels between two labels of the axis.
const TICK_ROOM: f32 = 84.0;

impl Chart<'_> {
    /// Pixels and times at which the slope changes, and where a gap is folded.
    pub(super) fn axis(
        &self,
        query: &DiagramQuery,
        from: u64,
        to: u64,
    ) -> (Vec<(f32, u64)>, Vec<f32>) {
        let width = query.width as f32;
        let plain = (vec![(0.0, from), (width, to)], Vec::new());
        if !query.folded {
            return plain;
        }
        let (zero, mut last) = (self.zero_us, None);
        let mut stretches = Vec::new();
        for beat in self.index.beats_in(zero + from, zero + to) {
            if let Some(last) = last.replace(*beat) {
                stretches.push(Stretch::between(last, *beat));
            }
        }
        // Holding still takes room on the screen, but none on an axis of time.
        let length = |stretch: &Stretch| (stretch.screen() - stretch.hold()) as f64;
        let total: f64 = stretches.iter().map(length).sum();
        let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else {
            return plain;
        };
        if total < 1.0 || stretches.len() > MOST_STRETCHES {
            return plain;
        }
        // What lies before the first and after the last beat is a fold of its own.
        let edge = (width * 0.02).min(16.0);
        let scale = f64::from(width - 2.0 * edge) / total;
        let (mut axis, mut folds) = (vec![(0.0, from), (edge, first.begin_us - zero)], Vec::new());
        let mut x = f64::from(edge);
        for stretch in &stretches {
            let begin = x;
            if let Some((fold_from, _)) = stretch.fold() {
                let moved = (stretch.screen_at(fold_from).saturating_sub(stretch.hold())) as f64;
                axis.push(((x + moved * scale) as f32, fold_from.max(zero) - zero));
                folds.push(((x + moved * scale + begin + length(stretch) * scale) / 2.0) as f32);
            }
            x = begin + length(stretch) * scale;
            axis.push((x as f32, stretch.end_us - zero));
        }
        axis.push((width, to.max(last.end_us - zero)));
        (axis, folds)
    }
}

/// The pixel of a moment.
pub(super) fn x_of(axis: &[(f32, u64)], at: u64) -> f32 {
    let after = axis.partition_point(|(_, time)| *time <= at);
    match (
        after.checked_sub(1).and_then(|before| axis.get(before)),
        axis.get(after),
    ) {
        (Some((x0, t0)), Some((x1, t1))) => {
            x0 + (x1 - x0) * ((at - t0) as f64 / (t1 - t0) as f64) as f32
        }
        (Some((x, _)), None) | (None, Some((x, _))) => *x,
        (None, None) => 0.0,
    }
}

/// Labels where there is room: at round times on an even axis, at its corners on a folded one.
pub(super) fn ticks(axis: &[(f32, u64)], width: f32) -> Vec<Tick> {
    let (Some(first), Some(last)) = (axis.first(), axis.last()) else {
        return Vec::new();
    };
    let label = |at: u64, step: u64| {
        let places = match step {
            1_000_000.. => 0,
            100_000.. => 1,
            10_000.. => 2,
            1_000.. => 3,
            100.. => 4,
            _ => 6,
        };
        let fraction = format!("{:06}", at % 1_000_000);
        match &fraction[..places] {
            "" => format!("{} s", at / 1_000_000),
            fraction => format!("{}.{fraction} s", at / 1_000_000),
        }
    };
    let mut ticks = Vec::new();
    if axis.len() == 2 {
        let wanted = ((last.1 - first.1) as f64 / f64::from(width / TICK_ROOM).max(1.0)) as u64;
        let mut step = 1;
        for factor in [2, 5, 10].into_iter().cycle() {
            if step >= wanted.max(1) {
                break;
            }
            let power = 10u64.pow(step.ilog10());
            step = power * factor;
        }
        let mut at = first.1.next_multiple_of(step);
        while at <= last.1 {
            ticks.push(Tick {
                x: x_of(axis, at),
                label: label(at, step),
            });
            at += step;
        }
        return ticks;
    }
    let mut free = 0.0;
    for (x, at) in axis {
        if *x >= free && *x + TICK_ROOM * 0.6 <= width {
            ticks.push(Tick {
                x: *x,
                label: label(*at, 1_000),
            });
            free = x + TICK_ROOM;
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::super::DiagramView;
    use super::*;

    #[test]
    fn an_axis_can_be_read_both_ways() {
        let axis = vec![
            (0.0, 0),
            (100.0, 1_000),
            (120.0, 9_000_000),
            (300.0, 9_002_000),
        ];
        let view = DiagramView {
            axis: axis.clone(),
            ..DiagramView::default()
        };
        for at in [0, 500, 1_000, 5_000_000, 9_000_000, 9_001_234, 9_002_000] {
            let there = view.time_at(x_of(&axis, at));
            assert!(
                there.abs_diff(at) <= 2 + at / 1_000_000,
                "{at} became {there}"
            );
        }
        assert_eq!(view.time_at(-5.0), 0);
        assert_eq!(view.time_at(400.0), 9_002_000);
    }

    #[test]
    fn ticks_stand_at_round_times_apart_from_each_other() {
        let ticks = ticks(&[(0.0, 1_190_000), (744.0, 1_350_000)], 744.0);
        assert_eq!(
            ticks
                .iter()
                .map(|tick| tick.label.as_str())
                .collect::<Vec<_>>()[..2],
            ["1.20 s", "1.22 s"]
        );
        assert!(ticks.windows(2).all(|pair| pair[1].x - pair[0].x > 60.0));
    }
}
