//! `RangeAssignor`: what the leader of a classic group computes.

use crate::records::Tp;
use ackscope_kernel::SortedMap;

/// Gives each member a range of the partitions of each topic that it subscribes to: members in order,
/// the first ones get one partition more when it does not come out even
/// (`RangeAssignor.assignRanges`). A topic without known partitions gives nobody anything.
pub(super) fn range(
    members: &[(u64, Vec<u16>)],
    partitions: &SortedMap<u16, u16>,
) -> Vec<(u64, Vec<Tp>)> {
    let mut shares: Vec<(u64, Vec<Tp>)> = members.iter().map(|(id, _)| (*id, Vec::new())).collect();
    for (topic, count) in partitions {
        let takers: Vec<usize> = members
            .iter()
            .enumerate()
            .filter(|(_, (_, topics))| topics.contains(topic))
            .map(|(place, _)| place)
            .collect();
        let Some(number) = u16::try_from(takers.len()).ok().filter(|n| *n > 0) else {
            continue;
        };
        let (each, extra) = (count / number, count % number);
        let mut next = 0;
        for (turn, place) in (0..number).zip(takers) {
            let end = next + each + u16::from(turn < extra);
            shares[place].1.extend((next..end).map(|partition| Tp {
                topic: *topic,
                partition,
            }));
            next = end;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(share: &[Tp]) -> Vec<(u16, u16)> {
        share.iter().map(|tp| (tp.topic, tp.partition)).collect()
    }

    #[test]
    fn one_member_gets_everything_it_subscribes_to() {
        let partitions = SortedMap::from([(1, 2), (2, 1)]);
        let shares = range(&[(7, vec![1])], &partitions);
        assert_eq!(numbers(&shares[0].1), [(1, 0), (1, 1)]);
    }

    #[test]
    fn what_does_not_come_out_even_goes_to_the_first() {
        let partitions = SortedMap::from([(1, 5)]);
        let shares = range(&[(1, vec![1]), (2, vec![1]), (3, vec![1])], &partitions);
        assert_eq!(numbers(&shares[0].1), [(1, 0), (1, 1)]);
        assert_eq!(numbers(&shares[1].1), [(1, 2), (1, 3)]);
        assert_eq!(numbers(&shares[2].1), [(1, 4)]);
    }

    #[test]
    fn more_members_than_partitions_leave_some_idle() {
        let shares = range(&[(1, vec![1]), (2, vec![1])], &SortedMap::from([(1, 1)]));
        assert_eq!(numbers(&shares[0].1), [(1, 0)]);
        assert!(shares[1].1.is_empty());
    }

    #[test]
    fn an_unknown_topic_gives_nothing() {
        assert_eq!(
            range(&[(1, vec![9])], &SortedMap::new()),
            vec![(1, Vec::new())]
        );
    }
}
