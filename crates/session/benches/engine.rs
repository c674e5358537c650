//! How fast the engine is: events a second in the happy path, a seek in a run of a million events, and
//! how much memory a mark takes (issue 3, "Done means").
//!
//! Memory is measured, not estimated: the allocator counts what is allocated and not freed. A mark is a
//! clone of world and ledger, so its cost is what the run allocates more with marks than it would
//! without: the growth of a history from its first half to its second, less that of a history of the
//! same run whose marks are dropped.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use ackscope_check::Ledger;
use ackscope_kafka::Kafka;
use ackscope_kernel::{Act, History, Moment, Recorder, Span, Time};
use ackscope_session::founding::{Founded, found};
use ackscope_session::topology::{
    Client, ClientRole, Commits, Consuming, Producing, Setting, Topic, Topology,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// Counts bytes that are allocated and not freed.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call goes to the system's allocator unchanged; only numbers are kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

type Run = History<Kafka, Ledger<Kafka>>;

/// The happy path: three brokers, acks=all, a consumer that commits what it processed.
fn happy_path(messages: u32) -> Topology {
    let client = |name: &str, role| Client {
        name: name.to_owned(),
        role,
    };
    let set = |scope: &str, name: &str, key: &str, value: &str| Setting {
        scope: scope.to_owned(),
        name: name.to_owned(),
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let producer = Producing {
        interval_us: 1_000,
        stop_after: messages,
        ..Producing::default()
    };
    let consumer = Consuming {
        subscribe: vec!["orders".to_owned()],
        polls: true,
        processing_us: 100,
        commit: Commits::SyncAfter,
        ..Consuming::default()
    };
    Topology {
        topics: vec![Topic {
            name: "orders".to_owned(),
            partitions: 1,
            replication_factor: 3,
            assignment: Vec::new(),
        }],
        clients: vec![
            client("p1", ClientRole::Producer(producer)),
            client("c1", ClientRole::Consumer(consumer)),
        ],
        settings: vec![
            set("topic", "", "min.insync.replicas", "2"),
            set("producer", "p1", "acks", "all"),
            set("consumer", "c1", "group.id", "g1"),
            set("consumer", "c1", "enable.auto.commit", "false"),
        ],
        ..Topology::default()
    }
}

fn begun<L: Recorder<Kafka>>(founded: &Founded, ledger: L) -> History<Kafka, L> {
    let Founded { world, trace, .. } = founded.clone();
    let starts: Vec<(Moment, Act<Kafka>)> = ["p1", "c1"]
        .into_iter()
        .filter_map(|name| world.seat_named(name))
        .map(|seat| (world.moment(), Act::Start(seat)))
        .collect();
    History::continued(world, trace, ledger, starts)
}

/// The happy path with 10,000 messages, up to the last commit.
fn ten_thousand(founded: &Founded) -> Run {
    let mut run = begun(founded, Ledger::default());
    run.advance(founded.zero + Span::secs(20));
    run
}

/// Exactly a million events.
fn million(founded: &Founded) -> Run {
    let mut run = begun(founded, Ledger::default());
    run.seek_events(1_000_000);
    run
}

fn events(criterion: &mut Criterion) {
    let founded = found(&happy_path(10_000), 1).expect("a sound topology");
    let run = ten_thousand(&founded);
    let verdict = run.ledger().verdict();
    println!(
        "happy path: {} events, {} entries, {} messages, {} lost",
        run.events(),
        run.trace().len(),
        run.ledger().offered(),
        verdict.lost
    );
    let mut group = criterion.benchmark_group("happy path, 10,000 messages");
    group.sample_size(10);
    group.throughput(Throughput::Elements(run.events()));
    group.bench_function("events", |bench| {
        bench.iter_batched(
            || founded.clone(),
            |founded| ten_thousand(&founded),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    println!(
        "bytes per mark: {}, of them the world {}",
        bytes_per_mark(&founded, &Ledger::default()),
        bytes_per_mark(&founded, &())
    );
}

/// What a mark adds to the memory of a run: see the head of this file.
fn bytes_per_mark<L: Recorder<Kafka>>(founded: &Founded, ledger: &L) -> usize {
    let grown = |keep: bool| {
        let before = ALLOCATED.load(Ordering::Relaxed);
        let mut run = begun(founded, ledger.clone());
        let mut at = founded.zero;
        while at < founded.zero + Span::secs(10) {
            at = at + Span(10_000);
            run.advance(at);
            if !keep {
                run.forget_marks();
            }
        }
        let bytes = ALLOCATED.load(Ordering::Relaxed).saturating_sub(before);
        (bytes, black_box(run).marked().count())
    };
    let ((with, marks), (without, _)) = (grown(true), grown(false));
    with.saturating_sub(without) / marks.saturating_sub(1).max(1)
}

fn seeks(criterion: &mut Criterion) {
    let founded = found(&happy_path(100_000), 1).expect("a sound topology");
    let run = million(&founded);
    let end = run.world().now();
    println!(
        "seek: {} events, {} s, {} marks",
        run.events(),
        end.since(founded.zero).0 / 1_000_000,
        run.marked().count()
    );
    let mut group = criterion.benchmark_group("seek in 1,000,000 events");
    group.sample_size(20);
    // Places all over the run, each far from the one before.
    let span = end.since(founded.zero).0;
    let mut place = 0u64;
    let mut sought = run;
    group.bench_function("anywhere", |bench| {
        bench.iter(|| {
            place = place
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = Time(founded.zero.0 + (place >> 33) % span);
            sought.seek(at);
            black_box(sought.world().now())
        });
    });
    group.finish();
}

criterion_group!(engine, events, seeks);
criterion_main!(engine);
