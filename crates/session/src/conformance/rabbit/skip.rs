//! Which cases need something that the model leaves out. Decided from the text of a case alone.

use ackscope_rabbitmq::LEFT_OUT;

use super::case::{Mode, PolicySpec, QueueSpec, RabbitCase};
use super::step::Step;

/// Why a case is skipped, if it is: what it needs, and what the model says about that.
#[must_use]
pub(super) fn reason(case: &RabbitCase) -> Option<String> {
    // What is not in the list has been built: the case runs.
    let mut left_out = needs(case).into_iter().filter_map(|feature| {
        let why = LEFT_OUT.iter().find(|(name, _)| *name == feature);
        why.map(|(_, why)| format!("{feature}: {why}"))
    });
    left_out.next()
}

fn needs(case: &RabbitCase) -> Vec<&'static str> {
    let mut needs = Vec::new();
    let declared = case.steps.iter().filter_map(|step| match step {
        Step::Declare { queue, .. } => Some(queue),
        _ => None,
    });
    for queue in case.queues.iter().chain(declared) {
        needs.push(kind(queue));
    }
    let set = case.steps.iter().filter_map(|step| match step {
        Step::SetPolicy { policy } => Some(policy),
        _ => None,
    });
    let mirrors = |policy: &PolicySpec| policy.definition.contains_key("ha-mode");
    if case.policies.iter().chain(set).any(mirrors) {
        needs.push("mirrored queues");
    }
    if case.clients.values().any(|client| client.mode == Mode::Tx) {
        needs.push("transactions");
    }
    needs
}

fn kind(queue: &QueueSpec) -> &'static str {
    let typed = queue.arguments.get("x-queue-type");
    match typed.and_then(|kind| kind.as_str()).unwrap_or(&queue.kind) {
        "quorum" => "quorum queues",
        "stream" => "streams",
        _ => "classic queues",
    }
}
