//! Whether nothing is under way any more (engine.md 4).

use ackscope_kafka::metadata::Registration;
use ackscope_kafka::{Fact, Kafka, KafkaProcess, Timer, Tp};
use ackscope_kernel::{EntryId, SeatId, Span, Status, What, World};

use super::evaluate::Present;
use crate::recipe::image;

/// For so long nothing may have been decided. Longer than any time in which a client of the default
/// settings leaves something undone: auto.commit.interval.ms, retry back-offs.
const CALM: Span = Span::secs(6);

/// No call of a client is pending, no election and no ISR change is to come, every copy that can
/// catch up has done so, and for a while nothing was decided.
pub(super) fn is_quiet(present: &Present<'_>) -> bool {
    let world = present.world;
    let settled = present.ledger.rows().all(|(_, row)| row.settled());
    settled && !works(world) && stands(world) && calm(present)
}

/// A program sends or processes, or a process starts or ends.
fn works(world: &World<Kafka>) -> bool {
    world.timers().any(|(seat, timer, _)| {
        let running = world.status(seat).0 == Status::Running;
        let busy = matches!(
            timer,
            Timer::Application
                | Timer::Processing
                | Timer::Register
                | Timer::Exit
                | Timer::Rebalance(_)
                | Timer::OrderDeadline
        );
        running && busy
    })
}

/// The controller has nothing left to change.
fn stands(world: &World<Kafka>) -> bool {
    let Some(image) = image(world) else {
        return true;
    };
    let up = |seat: SeatId| world.status(seat).0 == Status::Running;
    let noticed = |(seat, state): (&SeatId, &Registration)| state.fenced != up(*seat);
    if world.links().all(|(_, link)| !link.cut) && !image.brokers.iter().all(noticed) {
        return false;
    }
    image
        .partitions
        .iter()
        .all(|(tp, state)| match state.leader {
            Some(leader) => {
                let end = |seat: SeatId| end_of(world, seat, *tp);
                let in_sync = |seat: SeatId| state.isr.contains(&seat) && end(seat) == end(leader);
                let cut_off = |seat: SeatId| {
                    let pair = (world.host(seat), world.host(leader));
                    world
                        .links()
                        .any(|(link, how)| how.cut && (link == pair || link == (pair.1, pair.0)))
                };
                let fine = |seat: &SeatId| match up(*seat) && !cut_off(*seat) {
                    true => in_sync(*seat),
                    false => !state.isr.contains(seat),
                };
                up(leader) && state.replicas.iter().all(fine)
            }
            None => {
                let mut may_lead = state
                    .isr
                    .iter()
                    .chain(&state.elr)
                    .chain(&state.last_known_elr);
                !may_lead.any(|seat| up(*seat))
            }
        })
}

fn end_of(world: &World<Kafka>, seat: SeatId, tp: Tp) -> Option<i64> {
    match &**world.process(seat)? {
        KafkaProcess::Broker(broker) => broker.replica(tp).map(|replica| replica.end()),
        _ => None,
    }
}

/// Nothing was decided for a while.
fn calm(present: &Present<'_>) -> bool {
    let since = present.world.now() - CALM;
    let mut at = present.trace.len();
    while at > present.zero {
        at -= 1;
        let Some(entry) = present.trace.get(EntryId(at)) else {
            break;
        };
        if entry.at < since {
            break;
        }
        let routine = |fact: &Fact| {
            matches!(
                fact,
                Fact::Committed { .. } | Fact::OffsetStored { .. } | Fact::CallReturned { .. }
            )
        };
        match &entry.what {
            What::Note(fact) if !routine(fact) => return false,
            What::Acted(_) | What::Up | What::Down(_) => return false,
            _ => {}
        }
    }
    present.world.now().0 >= CALM.0 + crate::founding::ZERO.0
}
