//! A frame sorted by what stands together, so that a component compares only its own part.

use ackscope_scene::Drawable;
use ackscope_scene::drawable::{Band, Cell, Frame, Link, Marker, Node, Strip};

/// The still part of a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Still {
    /// Width of the picture.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// Boxes.
    pub nodes: Vec<Node>,
    /// Links.
    pub links: Vec<Link>,
    /// Logs.
    pub logs: Vec<Log>,
}

/// A strip with what is on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// The strip.
    pub strip: Strip,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// Lines across it.
    pub markers: Vec<Marker>,
    /// Epochs below it.
    pub bands: Vec<Band>,
}

impl Still {
    /// Sorts a frame; what moves is left out.
    #[must_use]
    pub fn of(frame: Frame) -> Still {
        let mut still = Still {
            width: frame.width,
            height: frame.height,
            ..Still::default()
        };
        let (mut cells, mut markers, mut bands) = (Vec::new(), Vec::new(), Vec::new());
        for drawable in frame.drawables {
            match drawable {
                Drawable::Node(node) => still.nodes.push(node),
                Drawable::Link(link) => still.links.push(link),
                Drawable::Strip(strip) => {
                    still.logs.push(Log {
                        strip,
                        cells: Vec::new(),
                        markers: Vec::new(),
                        bands: Vec::new(),
                    });
                }
                Drawable::Cell(cell) => cells.push(cell),
                Drawable::Marker(marker) => markers.push(marker),
                Drawable::Band(band) => bands.push(band),
                Drawable::Token(_) | Drawable::Timer(_) => {}
            }
        }
        for cell in cells {
            if let Some(log) = still.log_of(&cell.key) {
                log.cells.push(cell);
            }
        }
        for marker in markers {
            if let Some(log) = still.log_of(&marker.key) {
                log.markers.push(marker);
            }
        }
        for band in bands {
            if let Some(log) = still.log_of(&band.key) {
                log.bands.push(band);
            }
        }
        still
    }

    /// Keys on a strip are the strip's key, a slash, and more.
    fn log_of(&mut self, key: &str) -> Option<&mut Log> {
        let strip = key.rsplit_once('/')?.0;
        self.logs.iter_mut().find(|log| log.strip.key == strip)
    }

    /// A node.
    #[must_use]
    pub fn node(&self, key: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.key == key)
    }

    /// A link.
    #[must_use]
    pub fn link(&self, key: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.key == key)
    }

    /// A log.
    #[must_use]
    pub fn log(&self, key: &str) -> Option<&Log> {
        self.logs.iter().find(|log| log.strip.key == key)
    }

    /// Name of the node at a seat.
    #[must_use]
    pub fn name_of(&self, seat: u32) -> Option<&str> {
        self.nodes
            .iter()
            .find(|node| node.seat == seat)
            .map(|node| node.key.as_str())
    }
}
