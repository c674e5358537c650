//! Disks, timers, histories: what is kept, what is repeated.

mod toy;

use ackscope_kernel::{Act, HostId, Keep, Time};
use toy::{A, B, Bench, Do, Saw, Toy};

fn after_power_loss(keep: Keep) -> Option<Vec<u32>> {
    let mut bench = Bench::started(1);
    for n in 0..3 {
        bench.order(A, Do::Append(n));
    }
    bench.order(A, Do::Sync);
    bench.run_ms(20);
    assert_eq!(bench.saw_only(A), [Saw::Synced]);
    for n in 3..6 {
        bench.order(A, Do::Append(n));
    }
    bench.act(Act::PowerOff(HostId(0), keep));
    bench.act(Act::Start(A));
    bench.booted_with(A)
}

#[test]
fn a_power_loss_keeps_what_is_synced_and_a_chosen_part_of_the_rest() {
    assert_eq!(after_power_loss(Keep::Synced), Some(vec![0, 1, 2]));
    assert_eq!(after_power_loss(Keep::Records(1)), Some(vec![0, 1, 2, 3]));
    assert_eq!(after_power_loss(Keep::All), Some(vec![0, 1, 2, 3, 4, 5]));
    let drawn = after_power_loss(Keep::Drawn).map_or(0, |kept| kept.len());
    assert!((3..=6).contains(&drawn));
}

#[test]
fn a_process_crash_keeps_what_is_written() {
    let mut bench = Bench::started(2);
    bench.order(A, Do::Append(1));
    bench.act(Act::Crash(A));
    bench.act(Act::Start(A));
    assert_eq!(bench.booted_with(A), Some(vec![1]));
}

#[test]
fn the_operating_system_writes_back_after_a_while() {
    let mut bench = Bench::started(3);
    bench.order(A, Do::Append(1));
    bench.run_ms(30_001);
    bench.act(Act::PowerOff(HostId(0), Keep::Synced));
    bench.act(Act::Start(A));
    assert_eq!(bench.booted_with(A), Some(vec![1]));
}

#[test]
fn a_wipe_needs_a_dead_process_and_leaves_nothing() {
    let mut bench = Bench::started(4);
    bench.order(A, Do::Append(1));
    bench.act(Act::Wipe(HostId(0)));
    bench.act(Act::Crash(A));
    bench.act(Act::Start(A));
    assert_eq!(
        bench.booted_with(A),
        Some(vec![1]),
        "a running process keeps its disk"
    );
    bench.act(Act::Crash(A));
    bench.act(Act::Wipe(HostId(0)));
    bench.act(Act::Start(A));
    assert_eq!(bench.booted_with(A), Some(vec![]));
}

#[test]
fn one_file_is_cut_or_deleted_while_nobody_runs_on_it() {
    let file = || "f".to_owned();
    let mut bench = Bench::started(6);
    for n in 1..4 {
        bench.order(A, Do::Append(n));
    }
    bench.act(Act::Truncate(HostId(0), file(), 1));
    bench.act(Act::Remove(HostId(0), file()));
    bench.act(Act::Crash(A));
    bench.act(Act::Truncate(HostId(0), file(), 2));
    bench.act(Act::Remove(HostId(0), "another".to_owned()));
    bench.act(Act::Start(A));
    assert_eq!(
        bench.booted_with(A),
        Some(vec![1, 2]),
        "a running process keeps its files"
    );
    bench.act(Act::Crash(A));
    bench.act(Act::Remove(HostId(0), file()));
    bench.act(Act::Start(A));
    assert_eq!(bench.booted_with(A), Some(vec![]));
}

#[test]
fn a_full_disk_takes_nothing() {
    let mut bench = Bench::started(5);
    bench.act(Act::FillDisk(HostId(0), true));
    bench.order(A, Do::Append(1));
    bench.act(Act::FillDisk(HostId(0), false));
    bench.order(A, Do::Append(2));
    bench.act(Act::Crash(A));
    bench.act(Act::Start(A));
    assert_eq!(bench.booted_with(A), Some(vec![2]));
}

#[test]
fn a_timer_dies_with_its_process_and_can_be_fired_by_hand() {
    let mut bench = Bench::started(6);
    bench.order(A, Do::Arm(1, 50_000));
    bench.order(B, Do::Arm(2, 50_000));
    bench.act(Act::Crash(A));
    bench.act(Act::Start(A));
    bench.act(Act::Fire(B, toy::Tick::Once(2)));
    assert_eq!(bench.saw_only(B), [Saw::Tick(2)]);
    bench.run_ms(100);
    assert_eq!(bench.saw_only(A), []);
    assert_eq!(bench.saw_only(B), [Saw::Tick(2)], "fired once");
}

/// A run with much traffic, faults and a long tail, so that it has several marks.
fn busy() -> Bench {
    let mut bench = Bench::connected(7);
    bench.order(A, Do::Every(1_000));
    bench.order(B, Do::Every(700));
    for n in 0..40 {
        bench.order(A, Do::Send(n, 1000));
        bench.order(A, Do::Append(n));
        bench.run_ms(97);
    }
    bench.act(Act::Crash(B));
    bench.run_ms(3_000);
    bench.act(Act::Start(B));
    bench.run_ms(3_000);
    bench
}

#[test]
fn seeking_anywhere_gives_what_a_straight_run_gives() {
    let (mut sought, straight) = (busy(), busy());
    let end = sought.history.world().now();
    let digest = straight.history.digest();
    assert_eq!(sought.history.digest(), digest);
    let mut seen = Vec::new();
    for part in [0u64, 13, 50, 99, 70, 3] {
        let at = Time(end.0 * part / 100);
        sought.history.seek(at);
        assert_eq!(sought.history.world().now(), at);
        seen.push((at, sought.history.digest()));
    }
    for (at, digest) in seen {
        sought.history.seek(at);
        assert_eq!(
            sought.history.digest(),
            digest,
            "at {at:?}, coming from elsewhere"
        );
    }
    sought.history.seek(end);
    assert_eq!(sought.history.digest(), digest);
    assert!(
        sought.history.marked().count() > 2,
        "the run has several marks"
    );
}

#[test]
fn stepping_back_and_forth_by_events_is_exact() {
    let mut bench = busy();
    let events = bench.history.events();
    bench.history.seek_events(events / 2);
    let middle = bench.history.digest();
    bench.history.seek_events(events / 2 + 1);
    assert_ne!(bench.history.digest(), middle);
    bench.history.seek_events(events / 2);
    assert_eq!(bench.history.digest(), middle);
}

#[test]
fn acting_in_the_past_forgets_the_future_and_a_clone_keeps_it() {
    let mut bench = busy();
    let end = bench.history.world().now();
    let old = bench.history.clone();
    bench.history.seek(Time(1_000_000));
    bench.act(Act::Crash(A));
    assert_eq!(bench.history.end().at, Time(1_000_000));
    bench.history.advance(end);
    assert_ne!(bench.history.digest(), old.digest());
}

#[test]
fn a_run_repeated_from_its_acts_is_the_same_run() {
    let bench = busy();
    let acts = bench.history.acts().to_vec();
    let mut world =
        ackscope_kernel::World::<Toy>::new(7, 0, ackscope_kernel::world::Physics::default());
    world.add("a");
    world.add("b");
    let mut again = ackscope_kernel::History::new(world, (), acts);
    again.advance(bench.now());
    assert_eq!(again.digest(), bench.history.digest());
}

/// Bytes that encode to themselves, so that a digest can be taken of them.
struct Raw(Vec<u8>);

impl borsh::BorshSerialize for Raw {
    fn serialize<W: borsh::io::Write>(&self, out: &mut W) -> borsh::io::Result<()> {
        out.write_all(&self.0)
    }
}

/// Every field of the world is encoded by its derived encoding (a field that has none does not compile,
/// and the tidy test forbids skipping one); here each encoded byte is changed in turn.
#[test]
fn every_byte_of_the_encoded_world_changes_the_digest() {
    let bench = busy();
    let bytes = borsh::to_vec(bench.history.world()).unwrap_or_default();
    assert!(bytes.len() > 200);
    let digest = ackscope_kernel::digest::of(bench.history.world());
    assert_eq!(ackscope_kernel::digest::of(&Raw(bytes.clone())), digest);
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert_ne!(
            ackscope_kernel::digest::of(&Raw(changed)),
            digest,
            "byte {place}"
        );
    }
}
