//! Logs as strips of cells.

use super::{Scene, leader, partitions_on, replica};
use crate::drawable::{
    Band, Cell, CellState, Drawable, Marker, MarkerKind, NodeState, Role, Strip, message_id,
};
use crate::geometry::{Point, Rect};
use crate::kafka::nodes::state_of;
use crate::layout::Placed;
use crate::logs::{LogFile, Place};
use ackscope_kafka::Tp;
use ackscope_kernel::SeatId;

/// What all strips of a partition have in common.
struct Common<'a> {
    tp: Tp,
    /// First offset shown.
    from: i64,
    /// Offset after the last one shown.
    to: i64,
    leader: Option<SeatId>,
    /// The leader's log and watermark, while it runs.
    leading: Option<(LogFile<'a>, i64)>,
}

impl<'a> Scene<'a> {
    pub(super) fn strips(&self, out: &mut Vec<Drawable>) {
        let brokers: Vec<&Placed> = self
            .layout
            .nodes
            .iter()
            .filter(|node| node.role == Role::Broker)
            .collect();
        for tp in super::shown_partitions(self.world) {
            let Some(common) = self.common(tp, &brokers) else {
                continue;
            };
            for placed in &brokers {
                let id = SeatId(u16::try_from(placed.seat).unwrap_or(u16::MAX));
                let place = partitions_on(self.world, id)
                    .iter()
                    .position(|own| *own == tp);
                if let Some(rect) = place.and_then(|at| placed.strips.get(at)) {
                    self.strip(&common, id, *rect, out);
                }
            }
        }
    }

    /// All replicas show the same offsets, so that what differs stands below each other.
    fn common(&self, tp: Tp, brokers: &[&Placed]) -> Option<Common<'a>> {
        let width = brokers
            .iter()
            .flat_map(|node| node.strips.first())
            .map(|strip| strip.w)
            .fold(0.0, f32::max);
        let cells = self.layout.cells;
        let room = ((width + cells.pitch - cells.w) / cells.pitch).floor() as i64;
        if room < 1 {
            return None;
        }
        let ids = brokers
            .iter()
            .filter_map(|node| u16::try_from(node.seat).ok())
            .map(SeatId);
        let logs = ids.filter_map(|id| LogFile::open(self.world, id, tp));
        let (start, end) = logs.fold((i64::MAX, 0), |(start, end), log| {
            (start.min(log.start()), end.max(log.end()))
        });
        let start = if start == i64::MAX { 0 } else { start };
        let from = (end + 2.min(room / 3) - room).max(start);
        let (leader, _) = leader(self.world, tp);
        let leading = leader.and_then(|id| {
            let replica = replica(self.world, id, tp)?;
            Some((LogFile::open(self.world, id, tp)?, replica.high_watermark()))
        });
        Some(Common {
            tp,
            from,
            to: from + room,
            leader,
            leading,
        })
    }

    fn strip(&self, common: &Common<'a>, id: SeatId, rect: Rect, out: &mut Vec<Drawable>) {
        let key = format!("{}/{}", self.world.name(id), self.names().tp(common.tp));
        let (state, _) = state_of(self.world, id);
        let up = matches!(state, NodeState::Running | NodeState::Frozen);
        let log = LogFile::open(self.world, id, common.tp);
        let (start, end) = log.map_or((0, 0), |log| (log.start(), log.end()));
        let own = replica(self.world, id, common.tp);
        out.push(Drawable::Strip(Strip {
            key: key.clone(),
            seat: super::seat(id),
            rect,
            label: (self.layout.cells.label > 0.0).then(|| self.names().tp(common.tp)),
            hidden: u64::try_from(common.from.min(end) - start).unwrap_or(0),
            leads: up && common.leader == Some(id),
            dim: !up,
        }));
        let places = log
            .map(|log| log.places(common.from, common.to))
            .unwrap_or_default();
        self.bands(common, &key, rect, &places, out);
        let mut held = places.iter().peekable();
        for offset in common.from..common.to {
            let place = held.next_if(|place| place.offset == offset);
            out.push(Drawable::Cell(
                self.cell(common, id, &key, rect, offset, place),
            ));
        }
        let watermark = own.map(|own| own.high_watermark()).filter(|_| up);
        let text = self.layout.cells.marker_text;
        for (kind, at, word) in [
            (MarkerKind::HighWatermark, watermark, "HW"),
            (
                MarkerKind::LogEnd,
                (up && log.is_some()).then_some(end),
                "LEO",
            ),
        ] {
            let Some(at) = at.filter(|at| (common.from..=common.to).contains(at)) else {
                continue;
            };
            let x = self.cell_x(common, rect, at)
                - (self.layout.cells.pitch - self.layout.cells.w) / 2.0;
            out.push(Drawable::Marker(Marker {
                key: format!("{key}/{word}"),
                kind,
                top: Point::new(x, rect.y - 3.0),
                length: rect.h + if text { 15.0 } else { 5.0 },
                label: if text {
                    format!("{word} {at}")
                } else {
                    String::new()
                },
                label_left: kind == MarkerKind::HighWatermark,
            }));
        }
    }

    fn cell_x(&self, common: &Common<'_>, rect: Rect, offset: i64) -> f32 {
        rect.x + (offset - common.from) as f32 * self.layout.cells.pitch
    }

    fn bands(
        &self,
        common: &Common<'_>,
        key: &str,
        rect: Rect,
        places: &[Place],
        out: &mut Vec<Drawable>,
    ) {
        let mut rest = places;
        while let Some(first) = rest.first() {
            let count = rest
                .iter()
                .take_while(|place| place.epoch == first.epoch)
                .count();
            let x = self.cell_x(common, rect, first.offset);
            let last = rest[count - 1].offset;
            let right = self.cell_x(common, rect, last) + self.layout.cells.w;
            out.push(Drawable::Band(Band {
                key: format!("{key}/e{}/{}", first.epoch, first.offset),
                rect: Rect::new(x, rect.bottom() + 1.5, right - x, 2.5),
                epoch: first.epoch,
            }));
            rest = &rest[count..];
        }
    }

    fn cell(
        &self,
        common: &Common<'_>,
        id: SeatId,
        key: &str,
        rect: Rect,
        offset: i64,
        place: Option<&Place>,
    ) -> Cell {
        let cells = self.layout.cells;
        let message = place.and_then(|place| place.message);
        let number = message.map(|key| message_id(key.origin.0, key.number));
        Cell {
            key: format!("{key}/{offset}"),
            rect: Rect::new(self.cell_x(common, rect, offset), rect.y, cells.w, cells.h),
            offset,
            label: if place.is_some() {
                offset.to_string()
            } else {
                String::new()
            },
            message: number,
            state: place.map_or(CellState::Empty, |place| self.cell_state(common, id, place)),
            not_synced: place.is_some_and(|place| place.not_synced),
            selected: number.is_some() && number == self.message,
        }
    }

    fn cell_state(&self, common: &Common<'_>, id: SeatId, place: &Place) -> CellState {
        let Some(message) = place.message else {
            return CellState::Internal;
        };
        // What the leader's log has at this offset decides whether this copy is one that counts.
        let agrees = common.leading.is_none_or(|(log, _)| {
            log.batch_at(place.offset)
                .is_some_and(|batch| batch.epoch == place.epoch)
        });
        let regard = self.account.regard(message);
        match () {
            () if regard.lost => CellState::Lost,
            () if regard.stranded => CellState::Stranded,
            () if regard.duplicated => CellState::Duplicated,
            () if regard.at_risk => CellState::AtRisk,
            () if regard.consumed && agrees => CellState::Consumed,
            () => {
                let own = replica(self.world, id, common.tp).map_or(0, |own| own.high_watermark());
                let watermark = common.leading.map_or(own, |(_, leader)| leader.max(own));
                if agrees && place.offset < watermark {
                    CellState::Committed
                } else {
                    CellState::Written
                }
            }
        }
    }
}
