//! The ledger on a toy product: every fate that a fact leads to, and what happens without facts.

use crate::toy::{
    A, B, BOSS, CLIENT, LOG, Order, READER, Run, act, confirmed_on, copy, key, last, note, run,
};
use crate::{Assumed, Fate, Ledger};
use ackscope_kernel::{Act, DownWhy, EntryId, HostId, Keep, LedgerLine, MessageKey, Span, What};

fn fate(run: &Run, number: u32) -> Fate {
    run.ledger().fate(key(number))
}

fn adds_up(run: &Run) {
    let totals: u32 = run.ledger().totals().values().sum();
    assert_eq!(totals, run.ledger().offered());
    assert_eq!(totals as usize, run.ledger().rows().count());
    for (fate, count) in run.ledger().totals() {
        assert_eq!(
            run.ledger()
                .rows()
                .filter(|(_, row)| row.fate == fate)
                .count(),
            count as usize
        );
    }
}

#[test]
fn a_message_goes_its_way() {
    let mut run = run();
    note(&mut run, CLIENT, &[LedgerLine::Offered(key(1))]);
    assert_eq!(fate(&run, 1), Fate::InFlight);
    note(&mut run, A, &[LedgerLine::Stored(key(1), copy(A, 0))]);
    assert_eq!(fate(&run, 1), Fate::StoredUnconfirmed);
    note(&mut run, CLIENT, &[LedgerLine::Confirmed(key(1))]);
    assert_eq!(
        fate(&run, 1),
        Fate::AtRisk,
        "b would lead next and has no copy"
    );
    let before = run.world().now();
    note(&mut run, B, &[LedgerLine::Stored(key(1), copy(B, 0))]);
    assert_eq!(fate(&run, 1), Fate::Confirmed);
    assert!(
        run.ledger()
            .row(key(1))
            .is_some_and(|row| row.since >= before)
    );
    note(&mut run, CLIENT, &[LedgerLine::Processed(key(1), READER)]);
    assert_eq!(fate(&run, 1), Fate::Delivered);
    note(&mut run, CLIENT, &[LedgerLine::Processed(key(1), READER)]);
    assert_eq!(fate(&run, 1), Fate::DeliveredNTimes);
    let verdict = run.ledger().verdict();
    assert_eq!((verdict.duplicated, verdict.lost), (1, 0));
    assert_eq!(run.ledger().row(key(1)).map(|row| row.deliveries), Some(2));
    adds_up(&run);
}

#[test]
fn an_unreplicated_message_is_stranded_by_the_election_and_lost_by_the_truncation() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A]);
    act(&mut run, Act::Crash(A));
    assert_eq!(
        fate(&run, 1),
        Fate::AtRisk,
        "nobody has decided yet that another leads"
    );
    act(&mut run, Act::Order(BOSS, Order::Lead(Some(B))));
    assert_eq!(fate(&run, 1), Fate::Stranded);
    assert_eq!(run.ledger().verdict().lost, 0);
    act(&mut run, Act::Start(A));
    assert_eq!(fate(&run, 1), Fate::Stranded);
    note(
        &mut run,
        A,
        &[LedgerLine::Erased(key(1), copy(A, 1), false)],
    );
    assert_eq!(fate(&run, 1), Fate::LostAfterAck);
    let row = run.ledger().row(key(1)).cloned().unwrap();
    assert_eq!(row.erased, row.last);
    let verdict = run.ledger().verdict();
    assert_eq!((verdict.lost_after_ack, verdict.lost), (1, 1));
    assert!(
        verdict.unavailable_us > 0,
        "from the crash to the election nobody answered"
    );
    adds_up(&run);
}

#[test]
fn without_a_leader_it_is_stranded_and_comes_back() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A]);
    act(&mut run, Act::Order(BOSS, Order::Lead(None)));
    assert_eq!(fate(&run, 1), Fate::Stranded);
    act(&mut run, Act::Order(BOSS, Order::Lead(Some(A))));
    assert_eq!(fate(&run, 1), Fate::AtRisk);
}

#[test]
fn the_assumed_fault_is_the_readers_choice() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A, B]);
    let under = |run: &Run, fault| run.ledger().fate_under(key(1), fault, run.world());
    assert_eq!(under(&run, Assumed::LeaderCrash), Fate::Confirmed);
    assert_eq!(under(&run, Assumed::LeaderPowerLoss), Fate::Confirmed);
    assert_eq!(under(&run, Assumed::AllPowerLoss), Fate::AtRisk);
    act(&mut run, Act::Crash(B));
    assert_eq!(
        under(&run, Assumed::LeaderCrash),
        Fate::Confirmed,
        "its disk would come back"
    );
    assert_eq!(under(&run, Assumed::LeaderPowerLoss), Fate::AtRisk);
    act(&mut run, Act::Order(A, Order::Sync));
    assert_eq!(under(&run, Assumed::LeaderPowerLoss), Fate::Confirmed);
}

#[test]
fn power_loss_and_new_disks_erase_without_a_fact() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A]);
    act(&mut run, Act::Order(A, Order::Sync));
    confirmed_on(&mut run, 2, &[A]);
    act(&mut run, Act::PowerOff(HostId(A.0), Keep::Synced));
    assert_eq!(
        (fate(&run, 1), fate(&run, 2)),
        (Fate::AtRisk, Fate::LostAfterAck)
    );
    let off = last(&run, |what| matches!(what, What::Acted(Act::PowerOff(..))));
    assert_eq!(run.ledger().row(key(2)).map(|row| row.erased), Some(off));
    act(&mut run, Act::Wipe(HostId(A.0)));
    assert_eq!(fate(&run, 1), Fate::LostAfterAck);
    adds_up(&run);
}

#[test]
fn a_crash_keeps_what_is_written() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A, B]);
    act(&mut run, Act::Crash(A));
    assert_eq!(
        run.ledger().row(key(1)).map(|row| row.live().count()),
        Some(2)
    );
}

#[test]
fn a_dead_producer_leaves_messages_that_nobody_tells_of() {
    let mut run = run();
    note(
        &mut run,
        CLIENT,
        &[1, 2, 3].map(|n| LedgerLine::Offered(key(n))),
    );
    note(
        &mut run,
        A,
        &[
            LedgerLine::Stored(key(2), copy(A, 0)),
            LedgerLine::Stored(key(3), copy(A, 1)),
        ],
    );
    act(&mut run, Act::Crash(CLIENT));
    let down = last(&run, |what| matches!(what, What::Down(DownWhy::Crashed)));
    assert_eq!(
        run.ledger().row(key(1)).map(|row| row.forgotten),
        Some(down)
    );
    assert_eq!(
        (fate(&run, 1), fate(&run, 2)),
        (Fate::ExpiredAtProducer, Fate::StoredUnconfirmed)
    );
    note(
        &mut run,
        A,
        &[LedgerLine::Erased(key(3), copy(A, 1), false)],
    );
    assert_eq!(fate(&run, 3), Fate::LostBeforeAck);
    adds_up(&run);
}

#[test]
fn failures_leave_no_copy_or_a_phantom() {
    let mut run = run();
    note(
        &mut run,
        CLIENT,
        &[1, 2, 3].map(|n| LedgerLine::Offered(key(n))),
    );
    note(&mut run, A, &[LedgerLine::Stored(key(3), copy(A, 0))]);
    let failed =
        [(1, true), (2, false), (3, false)].map(|(n, refused)| LedgerLine::Failed(key(n), refused));
    note(&mut run, CLIENT, &failed);
    assert_eq!(fate(&run, 1), Fate::Refused);
    assert_eq!(fate(&run, 2), Fate::ExpiredAtProducer);
    assert_eq!(fate(&run, 3), Fate::Phantom);
    note(&mut run, CLIENT, &[LedgerLine::Offered(key(2))]);
    assert_eq!(
        fate(&run, 2),
        Fate::InFlight,
        "the application sends it again"
    );
    assert_eq!(run.ledger().row(key(2)).map(|row| row.attempts), Some(2));
    adds_up(&run);
}

#[test]
fn a_commit_that_passes_an_unprocessed_message_skips_it() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A, B]);
    note(&mut run, CLIENT, &[LedgerLine::Passed(key(1), READER)]);
    assert_eq!(fate(&run, 1), Fate::SkippedByConsumer);
    assert_eq!(run.ledger().verdict().lost, 1);
    note(&mut run, CLIENT, &[LedgerLine::Processed(key(1), READER)]);
    assert_eq!(fate(&run, 1), Fate::Delivered, "it was only late");
}

#[test]
fn the_row_shows_the_worst_reader() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A, B]);
    note(&mut run, CLIENT, &[LedgerLine::Processed(key(1), 9)]);
    assert_eq!(fate(&run, 1), Fate::Confirmed, "reader 5 has not had it");
    note(&mut run, CLIENT, &[LedgerLine::Processed(key(1), READER)]);
    assert_eq!(fate(&run, 1), Fate::Delivered);
}

#[test]
fn what_was_processed_can_vanish_or_be_removed_by_rule() {
    let mut run = run();
    confirmed_on(&mut run, 1, &[A]);
    confirmed_on(&mut run, 2, &[A]);
    confirmed_on(&mut run, 3, &[A]);
    note(
        &mut run,
        CLIENT,
        &[
            LedgerLine::Processed(key(1), READER),
            LedgerLine::Processed(key(2), READER),
        ],
    );
    let erased = [(1, false), (2, true), (3, true)];
    for (n, by_rule) in erased {
        note(
            &mut run,
            A,
            &[LedgerLine::Erased(key(n), copy(A, u64::from(n)), by_rule)],
        );
    }
    assert_eq!(fate(&run, 1), Fate::VanishedAfterDelivery);
    assert_eq!(fate(&run, 2), Fate::Delivered);
    assert_eq!(fate(&run, 3), Fate::DroppedByRule);
}

#[test]
fn pairs_out_of_order_are_counted() {
    let mut run = run();
    for n in 1..=4 {
        confirmed_on(&mut run, n, &[A, B]);
    }
    let order = [3, 1, 2, 4, 1];
    note(
        &mut run,
        CLIENT,
        &order.map(|n| LedgerLine::Processed(key(n), READER)),
    );
    assert_eq!(
        run.ledger().verdict().reordered,
        2,
        "3 came before 1 and before 2"
    );
}

#[test]
fn a_fired_message_flies_until_its_packet_is_read_or_gone() {
    let mut run = run();
    note(
        &mut run,
        CLIENT,
        &[1, 2].map(|n| LedgerLine::Offered(key(n))),
    );
    act(
        &mut run,
        Act::Order(CLIENT, Order::Fire(A, vec![key(1), key(2)])),
    );
    assert_eq!(
        (fate(&run, 1), fate(&run, 2)),
        (Fate::StoredUnconfirmed, Fate::StoredUnconfirmed)
    );

    note(&mut run, CLIENT, &[LedgerLine::Offered(key(3))]);
    act(&mut run, Act::Freeze(A));
    act(&mut run, Act::Order(CLIENT, Order::Fire(A, vec![key(3)])));
    assert_eq!(
        fate(&run, 3),
        Fate::InFlight,
        "it waits in the receive buffer of a frozen process"
    );
    act(&mut run, Act::Crash(A));
    assert_eq!(fate(&run, 3), Fate::LostBeforeAck);

    note(&mut run, CLIENT, &[LedgerLine::Offered(key(4))]);
    note(&mut run, CLIENT, &[LedgerLine::Fired(key(4))]);
    note(&mut run, CLIENT, &[]);
    assert_eq!(fate(&run, 4), Fate::LostBeforeAck, "no packet carries it");
    adds_up(&run);
}

#[test]
fn seeking_gives_the_same_ledger() {
    let bytes = |ledger: &Ledger<_>| borsh::to_vec(ledger).unwrap();
    let mut run = run();
    confirmed_on(&mut run, 1, &[A]);
    // A moment later the next act is done already.
    let (then, before) = (run.world().now() - Span(1), bytes(run.ledger()));
    act(&mut run, Act::Crash(A));
    act(&mut run, Act::Order(BOSS, Order::Lead(Some(B))));
    let (end, after) = (run.world().now(), bytes(run.ledger()));
    run.seek(then);
    assert!(bytes(run.ledger()) == before);
    run.seek(end);
    assert!(bytes(run.ledger()) == after);
    assert!(before != after);
}

#[test]
fn an_unknown_message_is_in_flight() {
    let ledger: Ledger<crate::toy::Toy> = Ledger::default();
    assert_eq!(
        ledger.fate(MessageKey {
            origin: A,
            number: 1
        }),
        Fate::InFlight
    );
    assert_eq!(ledger.unavailable_us(LOG), 0);
    assert!(
        ledger
            .row(key(1))
            .is_none_or(|row| row.last == EntryId::NONE)
    );
}
