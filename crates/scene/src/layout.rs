//! Where the nodes stand. A request names the size of the stage and the nodes with what they must
//! hold; equal requests give equal layouts, so a page compares requests and not pictures.

mod places;
#[cfg(test)]
mod tests;
mod ways;

use crate::drawable::Role;
use crate::geometry::Rect;
use places::{narrow, wide};

/// What is to be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutRequest {
    /// Width of the stage in CSS pixels.
    pub width: u32,
    /// Its height. A layout that needs more is higher.
    pub height: u32,
    /// The nodes, each role in the order in which it is to be shown.
    pub nodes: Vec<NodeRequest>,
}

/// A node to be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeRequest {
    /// Its seat.
    pub seat: u32,
    /// What it is: decides the column.
    pub role: Role,
    /// Lines of text below its title.
    pub lines: u32,
    /// Logs that it shows.
    pub strips: u32,
    /// It has a row of buttons of its own (clients).
    pub buttons: bool,
}

/// A placed picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Width.
    pub width: f32,
    /// Height; at least what was asked for.
    pub height: f32,
    /// Nodes stand below each other in one column.
    pub narrow: bool,
    /// Sizes of cells and rows.
    pub cells: CellSize,
    /// The nodes.
    pub nodes: Vec<Placed>,
    /// Room for the sentence at the bottom.
    pub sentence: Rect,
}

/// A node in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Its seat.
    pub seat: u32,
    /// What it is.
    pub role: Role,
    /// Its outline.
    pub rect: Rect,
    /// Room for buttons.
    pub buttons: Rect,
    /// Rows for logs, labels not included.
    pub strips: Vec<Rect>,
}

impl Placed {
    /// Moves it down.
    fn shift(&mut self, by: f32) {
        self.rect.y += by;
        self.buttons.y += by;
        for strip in &mut self.strips {
            strip.y += by;
        }
    }
}

/// Sizes that depend on how much must find room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellSize {
    /// Width of a cell.
    pub w: f32,
    /// Height of a cell.
    pub h: f32,
    /// From one cell to the next.
    pub pitch: f32,
    /// From one log to the next.
    pub row: f32,
    /// Width of the labels before the logs; 0 where a node has one log.
    pub label: f32,
    /// Markers have room for their text.
    pub marker_text: bool,
}

/// Below this width everything stands in one column.
const NARROW: u32 = 640;

/// From roomy to tight.
const SIZES: [CellSize; 3] = [
    CellSize {
        w: 30.0,
        h: 26.0,
        pitch: 33.0,
        row: 48.0,
        label: 0.0,
        marker_text: true,
    },
    CellSize {
        w: 24.0,
        h: 19.0,
        pitch: 26.0,
        row: 34.0,
        label: 0.0,
        marker_text: true,
    },
    CellSize {
        w: 20.0,
        h: 14.0,
        pitch: 22.0,
        row: 19.0,
        label: 0.0,
        marker_text: false,
    },
];

impl Layout {
    /// Places the nodes.
    #[must_use]
    pub fn of(request: &LayoutRequest) -> Layout {
        let several = request.nodes.iter().any(|node| node.strips > 1);
        let mut tightest = None;
        for mut cells in SIZES {
            if several {
                cells.label = 62.0;
            }
            let layout = if request.width < NARROW {
                narrow(request, cells)
            } else {
                wide(request, cells)
            };
            if layout.height <= request.height as f32 {
                return layout;
            }
            // A column that scrolls anyway keeps roomy cells; a stage that does not is made tight.
            if request.width < NARROW && !several {
                return layout;
            }
            tightest = Some(layout);
        }
        tightest.unwrap_or_else(|| wide(request, SIZES[2]))
    }

    /// A node's place.
    #[must_use]
    pub fn node(&self, seat: u32) -> Option<&Placed> {
        self.nodes.iter().find(|node| node.seat == seat)
    }
}
