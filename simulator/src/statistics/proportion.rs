//! A share of all trials with its exact 95 % interval (Clopper and Pearson 1934): where nothing failed in `n` trials, the upper end is
//! about `3.7 / n`, not zero.

use super::Estimate;
use statrs::function::beta::inv_beta_reg;

/// Half of what lies outside of the interval.
const TAIL: f64 = 0.025;

/// The share of `hits` in `trials`. Without trials anything is possible.
pub fn proportion(hits: u64, trials: u64) -> Estimate {
    if trials == 0 {
        return Estimate { value: 0.0, low: 0.0, high: 1.0 };
    }
    let hits = hits.min(trials);
    let (k, n) = (hits as f64, trials as f64);
    // At either end there is a closed form, and the general one is less exact.
    let none = 1.0 - TAIL.powf(1.0 / n);
    let (low, high) = match hits {
        0 => (0.0, none),
        _ if hits == trials => (1.0 - none, 1.0),
        _ => (inv_beta_reg(k, n - k + 1.0, TAIL), inv_beta_reg(k + 1.0, n - k, 1.0 - TAIL)),
    };
    Estimate { value: k / n, low, high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random;

    #[test]
    fn intervals_agree_with_published_tables() {
        // n = 10: exact binomial limits as tabulated (Documenta Geigy, 95 %).
        let cases = [(0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0)];
        for (hits, trials, low, high) in cases {
            let estimate = proportion(hits, trials);
            assert!((estimate.low - low).abs() < 1e-4 && (estimate.high - high).abs() < 1e-4, "{hits}: {estimate:?}");
        }
        assert_eq!(proportion(0, 0), Estimate { value: 0.0, low: 0.0, high: 1.0 });
    }

    #[test]
    fn the_upper_end_of_nothing_falls_with_the_number_of_trials() {
        for trials in [100, 1000, 1_000_000] {
            let high = proportion(0, trials).high;
            let rule = 3.689 / trials as f64;
            assert!((high - rule).abs() < rule * 0.02, "{trials}: {high} {rule}");
        }
    }

    #[test]
    fn the_interval_holds_the_true_rate_as_often_as_it_says() {
        for (rate, per_million) in [(0.1, 100_000), (0.5, 500_000)] {
            let mut inside = 0;
            for experiment in 0..2000_u64 {
                let hits = (0..60).filter(|n| random::chance(experiment, "x", "coverage", *n, per_million)).count();
                let estimate = proportion(hits as u64, 60);
                inside += usize::from(estimate.low <= rate && rate <= estimate.high);
            }
            // Exact intervals are conservative: never below 95 %, up to 98 % with so few trials.
            assert!((1890..=1980).contains(&inside), "{rate}: {inside} of 2000");
        }
    }
}
