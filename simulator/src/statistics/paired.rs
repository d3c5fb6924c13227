//! Two specs on the same seeds: what one of them loses less is due to the spec, because everything else was drawn alike.

use super::{Draws, Estimate, resamples};
use serde::{Deserialize, Serialize};

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Sum over all seeds with the first spec.
    pub first: u64,
    /// Sum over all seeds with the second spec.
    pub second: u64,
    /// Seeds with which the second one did better, as well, worse.
    pub better: u64,
    /// As well.
    pub equal: u64,
    /// Worse.
    pub worse: u64,
    /// By how many percent the second one changes the sum, with its interval over seeds; nothing where the first one lost nothing.
    pub change_percent: Option<Estimate>,
}

/// Compare what was lost, seed by seed: (with the first spec, with the second).
pub fn compare(pairs: &[(u64, u64)]) -> Comparison {
    let sum = |pairs: &mut dyn Iterator<Item = (u64, u64)>| pairs.fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    let (first, second) = sum(&mut pairs.iter().copied());
    let count = |wanted: std::cmp::Ordering| pairs.iter().filter(|(first, second)| second.cmp(first) == wanted).count() as u64;
    let resampled = |n: u64| {
        let mut draws = Draws::new("paired", n, pairs.len());
        change(sum(&mut pairs.iter().filter_map(|_| pairs.get(draws.next()).copied())))
    };
    let change_percent = change((first, second)).map(|value| {
        let mut drawn: Vec<f64> = (0..resamples(pairs.len())).filter_map(resampled).collect();
        drawn.sort_by(f64::total_cmp);
        let at = |percent: usize| drawn.get((drawn.len() * percent / 1000).min(drawn.len().saturating_sub(1))).copied();
        Estimate { value, low: at(25).unwrap_or(value), high: at(975).unwrap_or(value) }
    });
    Comparison {
        first,
        second,
        better: count(std::cmp::Ordering::Less),
        equal: count(std::cmp::Ordering::Equal),
        worse: count(std::cmp::Ordering::Greater),
        change_percent,
    }
}

fn change((first, second): (u64, u64)) -> Option<f64> {
    (first > 0).then(|| (second as f64 - first as f64) * 100.0 / first as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_that_loses_less_on_every_seed_is_better_beyond_doubt() {
        let pairs: Vec<(u64, u64)> = (0..200).map(|n| (1000 + n * 3, 60 + n % 7)).collect();
        let comparison = compare(&pairs);
        let change = comparison.change_percent.unwrap();
        assert_eq!((comparison.better, comparison.equal, comparison.worse), (200, 0, 0));
        assert!(change.value < -94.0 && change.low <= change.value && change.value <= change.high && change.high < -90.0);
    }

    #[test]
    fn where_nothing_is_lost_there_is_nothing_to_compare() {
        assert_eq!(compare(&[(0, 0), (0, 0)]).change_percent, None);
        assert_eq!(compare(&[]).change_percent, None);
    }
}
