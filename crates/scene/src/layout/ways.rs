//! The ways that tokens take from node to node.

use super::{Layout, Placed};
use crate::drawable::Role;
use crate::geometry::{Curve, Point, Rect};

impl Layout {
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
