//! What Raft promises, under random loss of connections, crashes, power losses, partitions, changes of members.

use super::lab::{Lab, Tape};
use super::{Boot, Delay, Entry, Kind, Persisted, Role, Rpc, Server, What};
use ackscope_kernel::{SeatId, Time};
use std::collections::BTreeSet;
use std::sync::Arc;

fn elected(count: u16) -> Lab {
    let mut lab = Lab::new(7, count, 1_000);
    lab.with(SeatId(1), |server, now, out| {
        server.election_timeout(now, out)
    });
    while lab.deliver() || lab.sync() {}
    assert_eq!(lab.leader(), Some(SeatId(1)));
    lab
}

fn offer(lab: &mut Lab, at: SeatId, command: u32) -> bool {
    let mut taken = false;
    lab.with(at, |server, now, out| {
        taken = server.command(command, now, out).is_ok();
    });
    taken
}

#[test]
fn a_command_is_done_when_a_majority_has_synced_it() {
    let mut lab = elected(3);
    assert!(offer(&mut lab, SeatId(1), 5));
    while lab.deliver() {}
    assert!(lab.done.is_empty(), "nobody has synced it");
    // One sync is the leader's or a follower's: no majority yet.
    lab.sync();
    while lab.deliver() {}
    assert!(lab.done.is_empty(), "one copy is no majority");
    lab.sync();
    while lab.deliver() {}
    assert!(lab.done.contains(&5));
}

#[test]
fn new_members_wait_until_they_are_told() {
    let mut lab = Lab::new(7, 3, 1_000);
    assert!(lab.members.values().all(|m| m.timer.is_none()));
    assert!(!lab.deliver(), "nobody says anything");
}

#[test]
fn a_cut_off_leader_leads_on_and_commits_nothing() {
    let mut lab = elected(3);
    lab.partition(&BTreeSet::from([SeatId(1)]));
    assert!(offer(&mut lab, SeatId(1), 1));
    while lab.deliver() || lab.sync() {}
    assert_eq!(lab.members[&SeatId(1)].server.role(), Role::Leader);
    assert!(lab.done.is_empty());
    assert_eq!(lab.members[&SeatId(2)].timer, Some(Delay::Short));
    lab.fire(SeatId(2));
    while lab.deliver() || lab.sync() {}
    assert!(offer(&mut lab, SeatId(2), 2));
    while lab.deliver() || lab.sync() {}
    assert!(lab.done.contains(&2));
    lab.calm();
    assert_eq!(lab.truth, [2], "the cut-off leader's entry was overwritten");
    assert_eq!(lab.members[&SeatId(1)].server.role(), Role::Follower);
}

#[test]
fn a_member_that_comes_back_disturbs_nobody() {
    let mut lab = elected(3);
    lab.crash(SeatId(3), false);
    assert!(offer(&mut lab, SeatId(1), 1));
    while lab.deliver() || lab.sync() {}
    let term = lab.members[&SeatId(1)].server.term();
    lab.start(SeatId(3), false);
    lab.fire(SeatId(3));
    while lab.deliver() || lab.sync() {}
    assert_eq!(lab.members[&SeatId(1)].server.term(), term);
    assert_eq!(lab.leader(), Some(SeatId(1)));
    assert_eq!(lab.members[&SeatId(3)].server.machine().0, [1]);
}

#[test]
fn leadership_is_handed_over() {
    let mut lab = elected(3);
    let mut ready = false;
    lab.with(SeatId(1), |server, _, out| {
        ready = server.hand_over(SeatId(3), out);
    });
    assert!(ready);
    assert!(
        !offer(&mut lab, SeatId(1), 1),
        "it takes no commands meanwhile"
    );
    while lab.deliver() || lab.sync() {}
    assert_eq!(lab.leader(), Some(SeatId(3)));
    assert_eq!(lab.members[&SeatId(1)].server.role(), Role::Follower);
}

#[test]
fn a_new_member_votes_once_it_has_caught_up() {
    let mut lab = elected(6);
    for command in 0..40 {
        assert!(offer(&mut lab, SeatId(1), command));
    }
    while lab.deliver() || lab.sync() {}
    lab.with(SeatId(1), |server, now, out| {
        assert_eq!(server.add(SeatId(6), false, now, out), Ok(()));
    });
    let leader = &lab.members[&SeatId(1)].server;
    assert!(matches!(leader.members()[&SeatId(6)], Kind::Promotable(_)));
    while lab.deliver() || lab.sync() {}
    let leader = &lab.members[&SeatId(1)].server;
    assert_eq!(leader.members()[&SeatId(6)], Kind::Voter);
    assert_eq!(lab.members[&SeatId(6)].server.machine().0.len(), 40);
}

#[test]
fn the_last_member_can_be_forced_to_be_the_group() {
    let mut lab = elected(3);
    assert!(offer(&mut lab, SeatId(1), 1));
    while lab.deliver() || lab.sync() {}
    lab.crash(SeatId(1), true);
    lab.crash(SeatId(2), true);
    lab.with(SeatId(3), |server, now, out| server.force_alone(now, out));
    while lab.deliver() || lab.sync() {}
    assert_eq!(lab.leader(), Some(SeatId(3)));
    assert!(offer(&mut lab, SeatId(3), 2));
    while lab.deliver() || lab.sync() {}
    assert!(lab.done.contains(&2));
}

#[test]
fn a_member_far_behind_gets_a_snapshot() {
    let mut lab = Lab::new(7, 3, 10);
    lab.with(SeatId(1), |server, now, out| {
        server.election_timeout(now, out)
    });
    while lab.deliver() || lab.sync() {}
    lab.crash(SeatId(3), false);
    for command in 0..50 {
        assert!(offer(&mut lab, SeatId(1), command));
        while lab.deliver() || lab.sync() {}
    }
    assert!(lab.members[&SeatId(1)].server.log().base().0 >= 40);
    lab.start(SeatId(3), false);
    lab.calm();
    let member = &lab.members[&SeatId(3)].server;
    assert!(member.log().base().0 >= 40);
    assert_eq!(member.machine().0.len(), 50);
}

/// One random history. Counts what happened, so that the runs together can be shown to cover it.
fn history(seed: u64, goals: &mut BTreeSet<&'static str>) {
    let count = if seed.is_multiple_of(3) { 5 } else { 3 };
    let interval = if seed.is_multiple_of(2) { 25 } else { 100_000 };
    let mut lab = Lab::new(seed, count, interval);
    lab.with(SeatId(1), |server, now, out| {
        server.election_timeout(now, out)
    });
    while lab.deliver() || lab.sync() {}
    let mut command = 0;
    for _ in 0..900 {
        lab.now.0 += 1_000;
        let pick = |lab: &mut Lab| {
            let at = usize::try_from(lab.draw(u64::from(count))).unwrap();
            lab.all[at]
        };
        match lab.draw(100) {
            0..50 => {
                for _ in 0..4 {
                    lab.deliver();
                }
            }
            50..70 => {
                lab.sync();
            }
            70..86 => {
                let at = lab.leader().unwrap_or(SeatId(1));
                command += 1;
                offer(&mut lab, at, command);
            }
            86..89 => {
                // Often several stand at once.
                for at in lab.all.clone() {
                    if lab.draw(2) == 0 {
                        lab.fire(at);
                    }
                }
            }
            89..91 => {
                let at = pick(&mut lab);
                lab.with(at, |server, now, out| server.tick(now, out));
            }
            91..93 => {
                let at = pick(&mut lab);
                let power = lab.draw(2) == 0;
                lab.crash(at, power);
                goals.insert(if power { "power loss" } else { "crash" });
            }
            93..96 => {
                let at = pick(&mut lab);
                if !lab.members.contains_key(&at) {
                    lab.start(at, false);
                    goals.insert("restart");
                }
            }
            96 => {
                let mut side = BTreeSet::new();
                side.insert(pick(&mut lab));
                if lab.draw(2) == 0 {
                    side.insert(pick(&mut lab));
                }
                lab.partition(&side);
                goals.insert("partition");
            }
            97 => lab.heal(),
            98 => {
                let (a, b) = (pick(&mut lab), pick(&mut lab));
                if a != b {
                    // A break that both ends notice and mend at once: what was on its way is lost.
                    lab.break_link(a, b);
                    if !lab.cut.contains(&(a, b)) {
                        for (x, y) in [(a, b), (b, a)] {
                            lab.with(x, |server, _, _| server.node(y, true));
                        }
                    }
                }
            }
            _ => {
                let to = pick(&mut lab);
                if let Some(leader) = lab.leader() {
                    lab.with(leader, |server, _, out| {
                        if server.hand_over(to, out) {
                            goals.insert("handed over");
                        }
                    });
                }
            }
        }
    }
    if lab.leaders.len() > 2 {
        goals.insert("several terms");
    }
    if lab.done.len() > 50 {
        goals.insert("progress");
    }
    if lab.disks.values().any(|disk| disk.snapshot.is_some()) {
        goals.insert("snapshot");
    }
    lab.calm();
    // One more command shows that the group lives.
    if let Some(leader) = lab.leader() {
        offer(&mut lab, leader, 1_000_000);
    }
    lab.calm();
    assert!(lab.done.contains(&1_000_000), "no progress, seed {seed}");
    for one in &lab.done {
        assert!(
            lab.truth.contains(one),
            "command {one} was done and is gone, seed {seed}"
        );
    }
    if lab.truth.len() < usize::try_from(command).unwrap() {
        goals.insert("commands lost before they were done");
    }
}

#[test]
fn random_histories() {
    let mut goals = BTreeSet::new();
    for seed in 1..=4000 {
        history(seed, &mut goals);
    }
    for goal in [
        "power loss",
        "crash",
        "restart",
        "partition",
        "handed over",
        "several terms",
        "progress",
        "snapshot",
        "commands lost before they were done",
    ] {
        assert!(goals.contains(goal), "never happened: {goal}");
    }
}

/// An old entry that a majority holds may still be overwritten: only an entry of the present term commits it
/// (figure 8 of the Raft paper).
#[test]
fn an_entry_of_an_older_term_is_committed_only_with_one_of_the_present_term() {
    let entry = |what| {
        Arc::new(Entry {
            term: 1,
            at: Time(0),
            what,
        })
    };
    let boot = Boot::Recovered {
        persisted: Persisted {
            term: 2,
            ..Persisted::default()
        },
        snapshot: None,
        entries: vec![entry(What::Noop), entry(What::User(5))],
        first: (
            (1..=3).map(|id| (SeatId(id), Kind::Voter)).collect(),
            Tape::default(),
        ),
    };
    let mut leader = Server::new(SeatId(1), boot, 1_000);
    let mut out = Vec::new();
    leader.election_timeout(Time(0), &mut out);
    let granted = true;
    let pre = Rpc::PreVoteResult {
        term: 2,
        token: 1,
        granted,
    };
    leader.receive(SeatId(2), pre, Time(0), &mut out);
    leader.receive(
        SeatId(2),
        Rpc::VoteResult { term: 3, granted },
        Time(0),
        &mut out,
    );
    assert_eq!(leader.role(), Role::Leader);
    let mut answer = |leader: &mut Server<Tape>, next, last| {
        let rpc = Rpc::AppendReply {
            term: 3,
            success: true,
            next,
            last,
        };
        leader.receive(SeatId(2), rpc, Time(0), &mut out);
    };
    answer(&mut leader, 3, (2, 1));
    assert_eq!(leader.commit(), 0, "two of three hold it, yet it is old");
    answer(&mut leader, 4, (3, 3));
    assert_eq!(leader.commit(), 0, "the leader's own copy is not synced");
    let mut out = Vec::new();
    leader.settle(&mut out);
    leader.synced(1, &mut out);
    assert_eq!(leader.commit(), 3);
    assert_eq!(leader.machine().0, [5]);
}
