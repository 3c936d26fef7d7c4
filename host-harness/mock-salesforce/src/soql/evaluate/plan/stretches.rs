//! Stretches of an index: what two of them share, and what several have together.

use std::ops::Range;

/// Stretches of an index, one after the other, none of them empty unless it is the only one.
pub(super) type Stretches = Vec<Range<usize>>;

/// What is in both; both are in order.
pub(super) fn intersection(one: &[Range<usize>], other: &[Range<usize>]) -> Stretches {
    let common = |a: &Range<usize>, b: &Range<usize>| a.start.max(b.start)..a.end.min(b.end);
    let mut others = other.iter().peekable();
    let mut found = Stretches::new();
    for stretch in one {
        while others.next_if(|other| other.end <= stretch.start).is_some() {}
        let meets = others.clone().take_while(|other| other.start < stretch.end);
        found.extend(meets.map(|other| common(stretch, other)).filter(|common| !common.is_empty()));
    }
    found
}

/// What is in any of them, in order and each part once.
pub(super) fn union(mut stretches: Stretches) -> Stretches {
    stretches.retain(|stretch| !stretch.is_empty());
    stretches.sort_unstable_by_key(|stretch| stretch.start);
    let mut found: Stretches = Vec::new();
    for stretch in stretches {
        match found.last_mut().filter(|last| stretch.start <= last.end) {
            Some(last) => last.end = last.end.max(stretch.end),
            None => found.push(stretch),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_cut_and_joined() {
        let one = [0..5, 8..12, 20..30];
        assert_eq!(intersection(&one, &[3..9, 10..11, 25..40]), [3..5, 8..9, 10..11, 25..30]);
        assert_eq!(intersection(&one, &[5..8, 12..20]), []);
        assert_eq!(intersection(&one, &[0..40, 50..60]), one);
        assert_eq!(union(vec![8..12, 0..3, 3..5, 9..10, 6..6, 11..14]), [0..5, 8..14]);
    }
}
