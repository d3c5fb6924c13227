//! Quantiles of a sample, with bootstrap intervals whose draws are keyed, so that the same sample always gives the same interval.

use super::{Draws, Estimate, resamples};

/// The `percent`-th percentile of `sample` with its interval; nothing of an empty sample.
pub fn quantile(sample: &[u64], percent: u64) -> Option<Estimate> {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable();
    let value = of_sorted(&sorted, percent)?;
    let mut drawn: Vec<u64> = (0..resamples(sample.len())).filter_map(|n| resampled(&sorted, percent, n)).collect();
    drawn.sort_unstable();
    let low = of_sorted(&drawn, 3).unwrap_or(value);
    let high = of_sorted(&drawn, 97).unwrap_or(value);
    Some(Estimate { value: value as f64, low: low.min(value) as f64, high: high.max(value) as f64 })
}

/// The smallest value that at least `percent` of all are not above.
fn of_sorted(sorted: &[u64], percent: u64) -> Option<u64> {
    let rank = (sorted.len() as u64 * percent).div_ceil(100).max(1);
    sorted.get(usize::try_from(rank).ok()? - 1).copied()
}

fn resampled(sorted: &[u64], percent: u64, n: u64) -> Option<u64> {
    let mut draws = Draws::new("quantile", n, sorted.len());
    let mut sample: Vec<u64> = sorted.iter().filter_map(|_| sorted.get(draws.next()).copied()).collect();
    sample.sort_unstable();
    of_sorted(&sample, percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_in_their_intervals_and_never_change() {
        let sample: Vec<u64> = (0..100).map(|n| n * n % 97).collect();
        let median = quantile(&sample, 50).unwrap();
        assert!(median.low <= median.value && median.value <= median.high && median.low < median.high);
        assert_eq!(quantile(&sample, 50), Some(median));
        assert_eq!(quantile(&[], 50), None);
        let one = quantile(&[7], 99).unwrap();
        assert_eq!((one.low, one.value, one.high), (7.0, 7.0, 7.0));
        let reversed: Vec<u64> = sample.iter().rev().copied().collect();
        assert_eq!(quantile(&reversed, 50), Some(median), "the order of seeds does not matter");
    }
}
