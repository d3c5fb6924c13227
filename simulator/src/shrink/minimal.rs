//! A list from which nothing can be taken away any more (delta debugging: Zeller and Hildebrandt 2002), and numbers that cannot become
//! smaller.

/// The part of `items` that `fails` still holds for, such that it holds no longer when any one of them is taken away. `fails` must
/// hold for all of them.
pub fn minimal<T: Clone>(items: &[T], fails: &mut dyn FnMut(&[T]) -> bool) -> Vec<T> {
    let mut left = items.to_vec();
    let mut chunk = left.len().div_ceil(2).max(1);
    loop {
        let before = left.len();
        left = without_chunks(left, chunk, fails);
        if chunk > 1 {
            chunk = chunk.div_ceil(2);
        } else if left.len() == before {
            return left;
        }
    }
}

/// `items` without every run of `chunk` of them that is not needed, tried from the end: what came last is needed least.
fn without_chunks<T: Clone>(mut items: Vec<T>, chunk: usize, fails: &mut dyn FnMut(&[T]) -> bool) -> Vec<T> {
    let mut end = items.len();
    while end > 0 {
        let start = end.saturating_sub(chunk);
        let mut fewer = items.clone();
        fewer.drain(start..end);
        if fails(&fewer) {
            items = fewer;
        }
        end = start;
    }
    items
}

/// The smallest number from `low` to `high` that `fails` holds for, as far as halving finds it. It must hold for `high`.
pub fn smallest(low: u64, high: u64, fails: &mut dyn FnMut(u64) -> bool) -> u64 {
    if low >= high {
        return high;
    }
    if fails(low) {
        return low;
    }
    let (mut holds_not, mut holds) = (low, high);
    while holds - holds_not > 1 {
        let middle = holds_not + (holds - holds_not) / 2;
        if fails(middle) { holds = middle } else { holds_not = middle }
    }
    holds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_left_fails_and_nothing_can_be_taken_away(
            size in 1_usize..60,
            needed in proptest::collection::btree_set(0_usize..60, 1..5),
        ) {
            let items: Vec<usize> = (0..60).take(size.max(*needed.last().unwrap() + 1)).collect();
            let mut fails = |left: &[usize]| needed.iter().all(|item| left.contains(item));
            let left = minimal(&items, &mut fails);
            prop_assert_eq!(left, needed.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn the_smallest_number_is_found(low in 0_u64..50, more in 0_u64..1000, bound in 0_u64..1050) {
            let high = low + more;
            let bound = bound.clamp(low, high);
            prop_assert_eq!(smallest(low, high, &mut |number| number >= bound), bound);
        }
    }

    #[test]
    fn a_list_that_fails_for_two_different_reasons_ends_with_one_of_them() {
        let mut fails = |left: &[u32]| left.contains(&3) || (left.contains(&8) && left.contains(&9));
        assert_eq!(minimal(&(0..12).collect::<Vec<_>>(), &mut fails), [3]);
    }
}
