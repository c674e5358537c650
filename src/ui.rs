//! Components. They contain no rule: they show views of the session and send commands.

pub mod app;
pub mod bench;
pub mod help;
pub mod icons;
pub mod legend;
pub mod look;
pub mod model;
pub mod notices;
pub mod page;
pub mod scenarios;
pub mod settings;
pub mod share;
pub mod side;
pub mod stage;
pub mod timeline;
pub mod topbar;
pub mod transport;
pub mod verdict;
pub mod widgets;
