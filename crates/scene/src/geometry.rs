//! Points, boxes and curves in CSS pixels of the stage.

/// A point; x grows to the right, y downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left edge.
    pub x: f32,
    /// From the top edge.
    pub y: f32,
}

/// An upright box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

/// A cubic curve; the way of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Curve {
    /// Where it begins.
    pub from: Point,
    /// Control point near the beginning.
    pub near: Point,
    /// Control point near the end.
    pub far: Point,
    /// Where it ends.
    pub to: Point,
}

impl Point {
    /// A point.
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Point { x, y }
    }
}

impl Rect {
    /// A box.
    #[must_use]
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Rect { x, y, w, h }
    }

    /// Right edge.
    #[must_use]
    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    /// Bottom edge.
    #[must_use]
    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// Its middle.
    #[must_use]
    pub fn center(&self) -> Point {
        Point::new(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Whether two boxes share any area.
    #[must_use]
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// Whether `other` lies within this box.
    #[must_use]
    pub fn holds(&self, other: &Rect) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }
}

impl Curve {
    /// The point at share `t` (0 to 1) of the way.
    #[must_use]
    pub fn at(&self, t: f32) -> Point {
        let t = t.clamp(0.0, 1.0);
        let u = 1.0 - t;
        let (a, b, c, d) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
        Point {
            x: a * self.from.x + b * self.near.x + c * self.far.x + d * self.to.x,
            y: a * self.from.y + b * self.near.y + c * self.far.y + d * self.to.y,
        }
    }

    /// The same way from its other end.
    #[must_use]
    pub fn reversed(&self) -> Curve {
        Curve {
            from: self.to,
            near: self.far,
            far: self.near,
            to: self.from,
        }
    }

    /// The `d` attribute of an SVG path.
    #[must_use]
    pub fn path(&self) -> String {
        let Curve {
            from,
            near,
            far,
            to,
        } = self;
        format!(
            "M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            from.x, from.y, near.x, near.y, far.x, far.y, to.x, to.y
        )
    }
}
