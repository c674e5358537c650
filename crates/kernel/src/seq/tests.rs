use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

#[derive(Clone, Debug)]
enum Step {
    Push(u16),
    Truncate(u16),
    DropFront(u16),
    PopFront,
    SplitOff(u16),
    Retain,
    Clone,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (1u16..700).prop_map(Step::Push),
        2 => any::<u16>().prop_map(Step::Truncate),
        2 => any::<u16>().prop_map(Step::DropFront),
        2 => Just(Step::PopFront),
        1 => any::<u16>().prop_map(Step::SplitOff),
        1 => Just(Step::Retain),
        3 => Just(Step::Clone),
    ]
}

/// A place in a list of this length, from anywhere to a little behind it.
fn place(n: u16, len: usize) -> usize {
    usize::from(n) * (len + 3) / usize::from(u16::MAX)
}

fn same(ours: &Seq<u32>, theirs: &VecDeque<u32>) {
    assert_eq!(ours.len(), theirs.len());
    assert!(ours.iter().eq(theirs.iter()));
    assert!(ours.iter().rev().eq(theirs.iter().rev()));
    assert_eq!(ours.front(), theirs.front());
    assert_eq!(ours.last(), theirs.back());
    let encoded = borsh::to_vec(ours).unwrap_or_default();
    assert_eq!(encoded, borsh::to_vec(theirs).unwrap_or_default());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn it_holds_what_a_list_holds_and_clones_keep_theirs(steps in prop::collection::vec(step(), 1..40)) {
        let (mut ours, mut theirs) = (Seq::new(), VecDeque::new());
        let mut kept: Vec<(Seq<u32>, VecDeque<u32>)> = Vec::new();
        let mut next = 0u32;
        for step in steps {
            match step {
                Step::Push(count) => for _ in 0..count {
                    ours.push_back(next);
                    theirs.push_back(next);
                    next += 1;
                },
                Step::Truncate(n) => {
                    let len = place(n, theirs.len());
                    ours.truncate(len);
                    theirs.truncate(len);
                }
                Step::DropFront(n) => {
                    let count = place(n, theirs.len());
                    ours.drop_front(count);
                    theirs.drain(..count.min(theirs.len()));
                }
                Step::PopFront => prop_assert_eq!(ours.pop_front(), theirs.pop_front()),
                Step::SplitOff(n) => {
                    let at = place(n, theirs.len()).min(theirs.len());
                    same(&ours.split_off(at), &theirs.split_off(at));
                }
                Step::Retain => {
                    ours.retain(|item| item % 3 != 0);
                    theirs.retain(|item| item % 3 != 0);
                }
                Step::Clone => kept.push((ours.clone(), theirs.clone())),
            }
            same(&ours, &theirs);
        }
        for (ours, theirs) in &kept {
            same(ours, theirs);
        }
    }

    #[test]
    fn any_part_can_be_gone_through_from_both_ends(
        len in 0usize..3000, dropped in 0usize..1200, from in 0usize..3000, to in 0usize..3000,
        turns in prop::collection::vec(any::<bool>(), 0..80), nth in 0usize..100,
    ) {
        let mut ours: Seq<usize> = (0..len).collect();
        ours.drop_front(dropped);
        let theirs: Vec<usize> = (dropped.min(len)..len).collect();
        let (to_them, from_them) = (to.min(theirs.len()), from.min(to.min(theirs.len())));
        let (mut a, mut b) = (ours.range(from..to), theirs[from_them..to_them].iter());
        for back in turns {
            prop_assert_eq!(a.len(), b.len());
            if back { prop_assert_eq!(a.next_back(), b.next_back()); } else { prop_assert_eq!(a.next(), b.next()); }
        }
        prop_assert_eq!(a.nth(nth), b.nth(nth));
        prop_assert!(a.eq(b));
    }
}

#[test]
fn places_are_found_and_missing_ones_are_none() {
    let seq: Seq<u32> = (0..5000).map(|n| n * 2).collect();
    assert_eq!(seq.partition_point(|n| *n < 4001), 2001);
    assert_eq!(seq.binary_search_by(|n| n.cmp(&4000)), Ok(2000));
    assert_eq!(seq.binary_search_by(|n| n.cmp(&4001)), Err(2001));
    assert_eq!(seq[4999], 9998);
    assert_eq!(seq.get(5000), None);
    assert_eq!(seq.get(usize::MAX), None);
    assert_eq!(Seq::<u32>::new().get(0), None);
}

#[test]
fn what_a_clone_shares_is_not_copied() {
    let mut grown: Seq<Arc<u32>> = (0..5000).map(Arc::new).collect();
    let kept = grown.clone();
    grown.push_back(Arc::new(5000));
    let copied = kept
        .iter()
        .filter(|item| Arc::strong_count(item) > 1)
        .count();
    assert!(copied < CHUNK, "{copied} items");
}

#[test]
fn dropping_from_the_front_frees_whole_shelves() {
    let item = Arc::new(());
    let mut seq = Seq::new();
    for _ in 0..50 * ON_SHELF {
        seq.push_back(item.clone());
        if seq.len() > 100 {
            seq.pop_front();
        }
    }
    assert!(Arc::strong_count(&item) <= 2 * ON_SHELF);
}
