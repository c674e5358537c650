use super::*;
use crate::geometry::Point;

pub(super) fn request(
    width: u32,
    height: u32,
    brokers: u32,
    clients: u32,
    strips: u32,
) -> LayoutRequest {
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
                let within = |p: Point, r: &Rect| grown(r).holds(&Rect::new(p.x, p.y, 0.0, 0.0));
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
