//! The places of the nodes, on a wide stage and in a narrow column.

use super::{CellSize, Layout, LayoutRequest, NodeRequest, Placed};
use crate::drawable::Role;
use crate::geometry::Rect;

const HEADER: f32 = 32.0;
const LINE: f32 = 17.0;
const PAD: f32 = 10.0;
const BUTTONS: f32 = 28.0;
const SENTENCE: f32 = 44.0;

fn height_of(node: &NodeRequest, cells: CellSize) -> f32 {
    let strips = node.strips as f32 * cells.row;
    let buttons = if node.buttons { BUTTONS } else { 0.0 };
    HEADER + node.lines as f32 * LINE + strips + buttons + PAD
}

pub(super) fn place(node: &NodeRequest, rect: Rect, cells: CellSize) -> Placed {
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

pub(super) fn wide(request: &LayoutRequest, cells: CellSize) -> Layout {
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

pub(super) fn narrow(request: &LayoutRequest, cells: CellSize) -> Layout {
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
