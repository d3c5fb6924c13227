//! Weights of routes: they sum to 100, and those that are not given share what the others leave.

use super::{Entries, Lower};
use crate::spec::code;
use crate::spec::reader::Given;
use crate::spec::written;
use model::source::{Located, Place};

impl Lower<'_> {
    /// The weight of each route, in order.
    pub(super) fn weights(&mut self, routes: &Entries<written::Route>, place: Place) -> Vec<Located<u8>> {
        let weights: Vec<&Given<u32>> = routes.values().map(|route| &route.weight).collect();
        let given: u64 = weights.iter().filter_map(|weight| weight.yes()).map(|weight| u64::from(weight.value)).sum();
        let missing = weights.iter().filter(|weight| weight.is_no()).count();
        let bad = weights.iter().any(|weight| matches!(weight, Given::Bad));
        if !bad && !weights.is_empty() && (given > 100 || missing == 0 && given != 100) {
            let help = match given {
                0 => "remove the weights, and the routes share the requests evenly".to_owned(),
                less if less < 100 => format!("give {} more, or remove a weight: that route takes what is left", 100 - less),
                more => format!("take {} away", more - 100),
            };
            self.error(code::WEIGHTS, place, format!("the weights of the routes sum to {given}, not to 100"), help);
        }
        let mut shares = shares(100_u64.saturating_sub(given), missing).into_iter();
        let weight = |given: &Given<u32>| match given {
            Given::Yes(weight) => (*weight).map(|weight| u8::try_from(weight).unwrap_or(100)),
            Given::No | Given::Bad => Located::default_value(shares.next().unwrap_or(0)),
        };
        weights.into_iter().map(weight).collect()
    }
}

/// `whole` in `count` even shares; the last takes the rounding.
fn shares(whole: u64, count: usize) -> Vec<u8> {
    let Some(last) = count.checked_sub(1) else { return Vec::new() };
    let share = whole / count as u64;
    let rest = whole - share * last as u64;
    (0..count).map(|index| u8::try_from(if index == last { rest } else { share }).unwrap_or(100)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_the_whole_and_the_last_takes_the_rounding() {
        assert_eq!(shares(100, 3), [33, 33, 34]);
        assert_eq!(shares(10, 4), [2, 2, 2, 4]);
        assert_eq!(shares(0, 2), [0, 0]);
        assert!(shares(100, 0).is_empty());
        for count in 1..300 {
            assert_eq!(shares(100, count).iter().map(|share| u32::from(*share)).sum::<u32>(), 100);
        }
    }
}
