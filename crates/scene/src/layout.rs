//! Where the nodes stand. A request names the size of the stage and the nodes with what they must
//! hold; equal requests give equal layouts, so a page compares requests and not pictures.

use crate::drawable::Role;
use crate::geometry::{Curve, Point, Rect};

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

const HEADER: f32 = 32.0;
const LINE: f32 = 17.0;
const PAD: f32 = 10.0;
const BUTTONS: f32 = 28.0;
const SENTENCE: f32 = 44.0;
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

    /// The way from one node to another; the way back is the same, reversed.
    #[must_use]
    pub fn way(&self, from: u32, to: u32) -> Option<Curve> {
        let (a, b) = (self.node(from)?, self.node(to)?);
        let swap = (a.role, a.seat) > (b.role, b.seat);
        let (a, b) = if swap { (b, a) } else { (a, b) };
        let curve = if self.narrow {
            self.way_in_column(a, b)
        } else {
            self.way_on_stage(a, b)
        };
        Some(if swap { curve.reversed() } else { curve })
    }

    fn way_on_stage(&self, a: &Placed, b: &Placed) -> Curve {
        let gap = 46.0;
        let (left, right) = (|n: &Placed| side(n, -1.0), |n: &Placed| side(n, 1.0));
        match (a.role, b.role) {
            (Role::Producer, Role::Broker) => {
                let (p, q) = (right(a), left(b));
                Curve {
                    from: p,
                    near: Point::new(p.x + gap, p.y),
                    far: Point::new(q.x - gap, q.y),
                    to: q,
                }
            }
            (Role::Broker, Role::Consumer | Role::Observer) => {
                let (p, q) = (right(a), left(b));
                Curve {
                    from: p,
                    near: Point::new(p.x + gap, p.y),
                    far: Point::new(q.x - gap, q.y),
                    to: q,
                }
            }
            (Role::Controller, Role::Broker) | (Role::Broker, Role::Broker)
                if self.adjacent(a, b) =>
            {
                between(a, b)
            }
            (Role::Controller, Role::Broker) => {
                // Past the brokers in between, on the left.
                let (p, q) = (side(a, -1.0), Point::new(b.rect.x, b.rect.y + 16.0));
                let x = b.rect.x - 34.0;
                Curve {
                    from: p,
                    near: Point::new(x, p.y),
                    far: Point::new(x, q.y - 20.0),
                    to: q,
                }
            }
            (Role::Broker, Role::Broker) => {
                let (p, q) = (side(a, 1.0), side(b, 1.0));
                let x = a.rect.right() + 44.0;
                Curve {
                    from: p,
                    near: Point::new(x, p.y),
                    far: Point::new(x, q.y),
                    to: q,
                }
            }
            _ => {
                let (p, q) = (a.rect.center(), b.rect.center());
                let middle = Point::new((p.x + q.x) / 2.0, (p.y + q.y) / 2.0);
                Curve {
                    from: p,
                    near: middle,
                    far: middle,
                    to: q,
                }
            }
        }
    }

    fn way_in_column(&self, a: &Placed, b: &Placed) -> Curve {
        if self.adjacent(a, b) {
            return between(a, b);
        }
        // Clients' ways run in the left gutter, consumers' and replicas' in the right one.
        let left = matches!(
            (a.role, b.role),
            (Role::Producer, _) | (Role::Controller, _)
        );
        let dir = if left { -1.0 } else { 1.0 };
        let (p, q) = (side(a, dir), side(b, dir));
        // The way bends to half of the gutter: a token on it stays on the stage.
        let x = if left { 14.0 } else { self.width - 14.0 };
        Curve {
            from: p,
            near: Point::new(x, p.y),
            far: Point::new(x, q.y),
            to: q,
        }
    }

    /// Whether one stands right above the other in the same column.
    fn adjacent(&self, a: &Placed, b: &Placed) -> bool {
        let (upper, lower) = if a.rect.y < b.rect.y { (a, b) } else { (b, a) };
        let beside = upper.rect.x < lower.rect.right() && lower.rect.x < upper.rect.right();
        let room = Rect::new(
            lower.rect.x,
            upper.rect.bottom(),
            lower.rect.w,
            (lower.rect.y - upper.rect.bottom()).max(0.0),
        );
        beside
            && self
                .nodes
                .iter()
                .all(|n| n.seat == a.seat || n.seat == b.seat || !n.rect.overlaps(&room))
    }
}

fn side(node: &Placed, dir: f32) -> Point {
    let x = if dir < 0.0 {
        node.rect.x
    } else {
        node.rect.right()
    };
    Point::new(x, node.rect.y + node.rect.h / 2.0)
}

fn between(a: &Placed, b: &Placed) -> Curve {
    let down = a.rect.y < b.rect.y;
    let x0 = a.rect.x.max(b.rect.x);
    let x1 = a.rect.right().min(b.rect.right());
    let x = (x0 + x1) / 2.0;
    let (y0, y1) = if down {
        (a.rect.bottom(), b.rect.y)
    } else {
        (a.rect.y, b.rect.bottom())
    };
    Curve {
        from: Point::new(x, y0),
        near: Point::new(x, y0 + (y1 - y0) / 3.0),
        far: Point::new(x, y0 + (y1 - y0) * 2.0 / 3.0),
        to: Point::new(x, y1),
    }
}

fn height_of(node: &NodeRequest, cells: CellSize) -> f32 {
    let strips = node.strips as f32 * cells.row;
    let buttons = if node.buttons { BUTTONS } else { 0.0 };
    HEADER + node.lines as f32 * LINE + strips + buttons + PAD
}

fn place(node: &NodeRequest, rect: Rect, cells: CellSize) -> Placed {
    let mut y = rect.y + HEADER + node.lines as f32 * LINE + 4.0;
    let label = if node.strips > 0 { cells.label } else { 0.0 };
    let strips = (0..node.strips)
        .map(|_| {
            let strip = Rect::new(rect.x + 12.0 + label, y, rect.w - 24.0 - label, cells.h);
            y += cells.row;
            strip
        })
        .collect();
    let buttons = if node.buttons {
        Rect::new(
            rect.x + 12.0,
            rect.bottom() - PAD - BUTTONS + 4.0,
            rect.w - 24.0,
            BUTTONS - 4.0,
        )
    } else {
        let w = 128.0_f32.min(rect.w * 0.4);
        Rect::new(rect.right() - 10.0 - w, rect.y + 7.0, w, 22.0)
    };
    Placed {
        seat: node.seat,
        role: node.role,
        rect,
        buttons,
        strips,
    }
}

fn of_role(request: &LayoutRequest, roles: &[Role]) -> Vec<NodeRequest> {
    request
        .nodes
        .iter()
        .filter(|node| roles.contains(&node.role))
        .copied()
        .collect()
}

fn wide(request: &LayoutRequest, cells: CellSize) -> Layout {
    let width = request.width as f32;
    let margin = 20.0;
    let side_w = (width * 0.17).clamp(124.0, 168.0);
    let gap = (width * 0.085).clamp(48.0, 130.0);
    let middle_w = (width - 2.0 * (margin + side_w + gap)).min(560.0);
    let middle_x = (width - middle_w) / 2.0;
    let mut nodes = Vec::new();

    // Middle: the controller above the brokers.
    let mut y = 16.0;
    for node in of_role(request, &[Role::Controller]) {
        let w = middle_w.min(260.0);
        let rect = Rect::new(
            middle_x + (middle_w - w) / 2.0,
            y,
            w,
            height_of(&node, cells),
        );
        y = rect.bottom() + 22.0;
        nodes.push(place(&node, rect, cells));
    }
    let brokers = of_role(request, &[Role::Broker]);
    let brokers_h: f32 = brokers.iter().map(|node| height_of(node, cells)).sum();
    let room = request.height as f32 - SENTENCE - y - brokers_h;
    let spread = (room / brokers.len().max(1) as f32).clamp(14.0, 44.0);
    for node in &brokers {
        let rect = Rect::new(middle_x, y, middle_w, height_of(node, cells));
        y = rect.bottom() + spread;
        nodes.push(place(node, rect, cells));
    }
    let mut bottom = y - spread;
    // On a tall stage the column stands in its middle.
    let lower = ((request.height as f32 - SENTENCE - bottom - 16.0) / 2.0).max(0.0);
    for node in &mut nodes {
        node.shift(lower);
    }
    bottom += lower;

    // Sides: centred on the stage's middle.
    let right_x = width - margin - side_w;
    for (roles, x) in [
        (&[Role::Producer][..], margin),
        (&[Role::Consumer, Role::Observer][..], right_x),
    ] {
        let column = of_role(request, roles);
        let spread = 20.0;
        let total: f32 = column
            .iter()
            .map(|node| height_of(node, cells) + spread)
            .sum::<f32>()
            - spread;
        let middle = (request.height as f32 - SENTENCE).max(bottom) / 2.0;
        let mut y = (middle - total / 2.0).max(16.0);
        for node in &column {
            let rect = Rect::new(x, y, side_w, height_of(node, cells));
            y = rect.bottom() + spread;
            nodes.push(place(node, rect, cells));
        }
        bottom = bottom.max(y - spread);
    }
    let height = (bottom + 12.0 + SENTENCE).max(request.height as f32);
    let sentence = Rect::new(
        margin,
        height - SENTENCE,
        width - 2.0 * margin,
        SENTENCE - 8.0,
    );
    Layout {
        width,
        height,
        narrow: false,
        cells,
        nodes,
        sentence,
    }
}

fn narrow(request: &LayoutRequest, cells: CellSize) -> Layout {
    let width = request.width as f32;
    let gutter = 30.0;
    let inner = width - 2.0 * gutter;
    let spread = 24.0;
    let mut nodes = Vec::new();
    let mut y = 12.0;
    let row = |nodes: &mut Vec<Placed>, y: &mut f32, row: &[NodeRequest]| {
        if row.is_empty() {
            return;
        }
        let each = (inner - 8.0 * (row.len() - 1) as f32) / row.len() as f32;
        let high = row
            .iter()
            .map(|node| height_of(node, cells))
            .fold(0.0, f32::max);
        for (place_in_row, node) in row.iter().enumerate() {
            let x = gutter + (each + 8.0) * place_in_row as f32;
            nodes.push(place(node, Rect::new(x, *y, each, high), cells));
        }
        *y += high + spread;
    };
    for chunk in of_role(request, &[Role::Producer]).chunks(2) {
        row(&mut nodes, &mut y, chunk);
    }
    for node in of_role(request, &[Role::Controller])
        .iter()
        .chain(&of_role(request, &[Role::Broker]))
    {
        row(&mut nodes, &mut y, &[*node]);
    }
    for chunk in of_role(request, &[Role::Consumer, Role::Observer]).chunks(2) {
        row(&mut nodes, &mut y, chunk);
    }
    let height = (y - spread + 12.0 + SENTENCE + 16.0).max(request.height as f32);
    let sentence = Rect::new(gutter, height - SENTENCE - 16.0, inner, SENTENCE + 8.0);
    Layout {
        width,
        height,
        narrow: true,
        cells,
        nodes,
        sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(width: u32, height: u32, brokers: u32, clients: u32, strips: u32) -> LayoutRequest {
        let node = |seat, role, lines, strips, buttons| NodeRequest {
            seat,
            role,
            lines,
            strips,
            buttons,
        };
        let mut nodes = vec![node(0, Role::Controller, 2, 0, false)];
        let mut seat = 0;
        let mut next = || {
            seat += 1;
            seat
        };
        nodes.extend((0..brokers).map(|_| node(next(), Role::Broker, 1, strips, false)));
        nodes.extend((0..clients).map(|_| node(next(), Role::Producer, 2, 0, true)));
        nodes.extend((0..clients).map(|_| node(next(), Role::Consumer, 2, 0, true)));
        LayoutRequest {
            width,
            height,
            nodes,
        }
    }

    #[test]
    fn nothing_overlaps_or_leaves_the_stage() {
        for (width, height) in [(826, 640), (1200, 900), (640, 480), (390, 500), (320, 400)] {
            for brokers in 1..=5 {
                for clients in 1..=3 {
                    for strips in 1..=6 {
                        let layout = Layout::of(&request(width, height, brokers, clients, strips));
                        let stage = Rect::new(0.0, 0.0, layout.width, layout.height);
                        for (i, a) in layout.nodes.iter().enumerate() {
                            assert!(
                                stage.holds(&a.rect),
                                "{width} {brokers} {clients} {strips}: {a:?}"
                            );
                            assert!(a.rect.holds(&a.buttons), "{a:?}");
                            assert!(a.strips.iter().all(|s| a.rect.holds(s)), "{a:?}");
                            assert!(!a.rect.overlaps(&layout.sentence), "{a:?}");
                            for b in &layout.nodes[i + 1..] {
                                assert!(
                                    !a.rect.overlaps(&b.rect),
                                    "{width} {brokers} {clients} {strips}: {a:?} {b:?}"
                                );
                            }
                            for pair in a.strips.windows(2) {
                                assert!(!pair[0].overlaps(&pair[1]));
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_ordinary_case_fits_without_scrolling() {
        for brokers in 1..=3 {
            let layout = Layout::of(&request(826, 640, brokers, 1, 1));
            assert!(layout.height <= 640.0);
            assert_eq!(
                layout.cells.w, 30.0,
                "cells are roomy with {brokers} brokers"
            );
        }
        assert!(Layout::of(&request(826, 640, 3, 3, 3)).height <= 640.0);
        assert!(Layout::of(&request(826, 720, 3, 1, 6)).height <= 720.0);
    }

    #[test]
    fn at_least_six_cells_find_room() {
        for (width, height) in [(826, 640), (390, 500)] {
            for strips in [1, 6] {
                let layout = Layout::of(&request(width, height, 3, 1, strips));
                let broker = layout
                    .nodes
                    .iter()
                    .find(|n| n.role == Role::Broker)
                    .unwrap();
                assert!(
                    broker.strips[0].w >= 6.0 * layout.cells.pitch,
                    "{width} {strips}"
                );
            }
        }
    }

    #[test]
    fn a_way_begins_and_ends_at_its_nodes() {
        for width in [826, 390] {
            let layout = Layout::of(&request(width, 640, 3, 2, 1));
            for a in &layout.nodes {
                for b in &layout.nodes {
                    if a.seat == b.seat {
                        continue;
                    }
                    let way = layout.way(a.seat, b.seat).unwrap();
                    let back = layout.way(b.seat, a.seat).unwrap();
                    assert_eq!(way.from, back.to);
                    assert_eq!(way.near, back.far);
                    let grown = |r: &Rect| Rect::new(r.x - 0.1, r.y - 0.1, r.w + 0.2, r.h + 0.2);
                    let within =
                        |p: Point, r: &Rect| grown(r).holds(&Rect::new(p.x, p.y, 0.0, 0.0));
                    assert!(within(way.from, &a.rect), "{width} {a:?} {way:?}");
                    assert!(within(way.to, &b.rect), "{width} {b:?} {way:?}");
                }
            }
        }
    }

    #[test]
    fn equal_requests_give_equal_layouts() {
        assert_eq!(
            Layout::of(&request(826, 640, 3, 1, 1)),
            Layout::of(&request(826, 640, 3, 1, 1))
        );
    }
}
