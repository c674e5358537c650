//! The settings of a queue as a node's copy of the metadata has them.

use crate::ids::QueueId;
use crate::node::classic::Spec;
use crate::node::image::Image;
use crate::system::Settings;

/// The merged settings of a queue, or `None` when there is no such queue.
pub(crate) fn spec(id: QueueId, image: &Image, settings: &Settings) -> Option<Spec> {
    let record = image.queue(id)?;
    let _ = settings;
    Some(Spec::of(record, None, None))
}
