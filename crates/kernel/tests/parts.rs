//! Parts of a process: ordered mailboxes, and parts that fail alone.

mod toy;

use ackscope_kernel::{Act, EntryId, What};
use toy::{A, Bench, Do, Saw};

fn told(bench: &Bench) -> Vec<(u8, u32)> {
    let told = |saw| match saw {
        Saw::Told(part, n, _) => Some((part, n)),
        _ => None,
    };
    bench.saw_only(A).into_iter().filter_map(told).collect()
}

#[test]
fn a_mailbox_is_read_in_the_order_of_posting_a_microsecond_later() {
    let mut bench = Bench::started(1);
    let before = bench.now().0;
    for n in 0..5 {
        bench.order(A, Do::Post(u8::try_from(n % 2).unwrap(), n));
    }
    bench.run_ms(1);
    assert_eq!(told(&bench), [(0, 0), (1, 1), (0, 2), (1, 3), (0, 4)]);
    assert!(bench.saw(A).iter().all(|(at, _)| *at == before + 1));
}

#[test]
fn a_local_message_is_an_entry_whose_cause_is_the_entry_of_its_posting() {
    let mut bench = Bench::started(1);
    bench.order(A, Do::Post(7, 42));
    bench.run_ms(1);
    assert_eq!(told(&bench), [(7, 42), (9, 42)]);
    let trace = bench.history.trace();
    let locals: Vec<_> = trace
        .range(0, trace.len())
        .filter(|(_, e)| matches!(e.what, What::Local { .. }))
        .map(|(id, e)| (id, e.causes.iter().collect::<Vec<_>>()))
        .collect();
    let [(first, cause), (_, second_cause)] = &locals[..] else {
        panic!("two local messages, not {locals:?}");
    };
    let ordered = |id: &EntryId| {
        matches!(
            trace.get(*id).map(|e| &e.what),
            Some(What::Ordered(Do::Post(7, 42)))
        )
    };
    assert!(cause.len() == 1 && ordered(&cause[0]));
    assert_eq!(*second_cause, [*first]);
}

#[test]
fn the_crash_of_a_part_empties_its_mailbox_and_no_other() {
    let mut bench = Bench::started(1);
    for n in 0..3 {
        bench.order(A, Do::Post(1, n));
        bench.order(A, Do::Post(9, 10 + n));
    }
    bench.act(Act::CrashPart(A, 1));
    assert_eq!(bench.saw_only(A), [Saw::PartDown(1, 3)]);
    bench.order(A, Do::Post(1, 7));
    bench.run_ms(1);
    assert_eq!(told(&bench), [(9, 10), (9, 11), (9, 12), (1, 7)]);
    let trace = bench.history.trace();
    let lost: Vec<_> = trace
        .range(0, trace.len())
        .filter_map(|(_, e)| match e.what {
            What::PartDown { part, lost } => Some((part, lost, e.causes.iter().count())),
            _ => None,
        })
        .collect();
    assert_eq!(lost, [(1, 3, 1)]);
}

#[test]
fn a_mailbox_waits_while_its_process_is_frozen_and_dies_with_it() {
    let mut bench = Bench::started(1);
    bench.order(A, Do::Post(1, 1));
    bench.order(A, Do::Post(2, 2));
    bench.act(Act::Freeze(A));
    bench.run_ms(5);
    assert_eq!(told(&bench), []);
    // Nothing in a frozen process can fail alone.
    bench.act(Act::CrashPart(A, 1));
    bench.act(Act::Thaw(A));
    bench.run_ms(5);
    assert_eq!(told(&bench), [(1, 1), (2, 2)]);
    bench.order(A, Do::Post(1, 3));
    bench.act(Act::Crash(A));
    bench.act(Act::Start(A));
    bench.run_ms(5);
    assert_eq!(told(&bench), [(1, 1), (2, 2)]);
}
