use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// A few thousand steps that look random and are always the same.
fn numbers() -> impl Iterator<Item = u32> {
    let mut state = 12_345_u32;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    })
    .take(4_000)
}

#[test]
fn a_map_does_what_a_b_tree_does() {
    let mut ours = SortedMap::new();
    let mut theirs = BTreeMap::new();
    for (step, number) in (0_u32..).zip(numbers()) {
        let key = number % 97;
        match number % 7 {
            0..3 => assert_eq!(ours.insert(key, step), theirs.insert(key, step)),
            3 => assert_eq!(ours.remove(&key), theirs.remove(&key)),
            4 => {
                *ours.entry(key).or_default() += 1;
                *theirs.entry(key).or_default() += 1;
            }
            5 => assert_eq!(ours.pop_first(), theirs.pop_first()),
            _ => assert_eq!(ours.get(&key), theirs.get(&key)),
        }
        assert!(ours.iter().eq(theirs.iter()));
        let (low, high) = (key.min(40), key.max(40));
        assert!(ours.range(low..high).eq(theirs.range(low..high)));
        assert!(ours.range(low..=high).eq(theirs.range(low..=high)));
        assert!(ours.range(..key).rev().eq(theirs.range(..key).rev()));
        let after = (Bound::Excluded(key), Bound::Unbounded);
        assert!(ours.range(after).eq(theirs.range(after)));
    }
    assert_eq!(borsh::to_vec(&ours).ok(), borsh::to_vec(&theirs).ok());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    assert!(ours.split_off(&50).iter().eq(theirs.split_off(&50).iter()));
    assert!(ours.iter().eq(theirs.iter()));
}

#[test]
fn a_set_does_what_a_b_tree_does() {
    let mut ours = SortedSet::new();
    let mut theirs = BTreeSet::new();
    for number in numbers() {
        let member = number % 97;
        match number % 5 {
            0..3 => assert_eq!(ours.insert(member), theirs.insert(member)),
            3 => assert_eq!(ours.remove(&member), theirs.remove(&member)),
            _ => assert_eq!(ours.contains(&member), theirs.contains(&member)),
        }
        assert!(ours.iter().eq(theirs.iter()));
        assert!(ours.range(30..=60).eq(theirs.range(30..=60)));
    }
    let (few, more): (SortedSet<u32>, BTreeSet<u32>) = ((20..30).collect(), (20..30).collect());
    assert!(ours.difference(&few).eq(theirs.difference(&more)));
    assert!(ours.intersection(&few).eq(theirs.intersection(&more)));
    assert_eq!(ours.is_subset(&few), theirs.is_subset(&more));
    assert_eq!(ours.is_disjoint(&few), theirs.is_disjoint(&more));
    assert_eq!(borsh::to_vec(&ours).ok(), borsh::to_vec(&theirs).ok());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
}

#[test]
fn a_range_that_ends_before_it_starts_is_empty() {
    let map = SortedMap::from([(1, 'a'), (5, 'b'), (9, 'c')]);
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is tested")]
    let reversed = 7..3;
    assert_eq!(map.range(reversed).count(), 0);
}
