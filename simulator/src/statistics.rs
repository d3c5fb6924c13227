//! What can be said of a number that was counted over seeds: with what certainty, and whether two specs differ.
//!
//! * [`proportion`]: a share with its exact interval (Clopper and Pearson);
//! * [`quantile`]: quantiles with bootstrap intervals, by keyed draws;
//! * [`paired`]: two specs on the same seeds.

pub mod paired;
pub mod proportion;
pub mod quantile;

use serde::{Deserialize, Serialize};

/// Numbers for drawing a sample anew, each from 0 to below `size`: SplitMix64 (Steele, Lea, Flood 2014), whose start is a keyed draw. A
/// bootstrap uses up millions of them.
pub(crate) struct Draws {
    state: u64,
    size: u64,
}

impl Draws {
    /// The `n`-th sequence for `purpose`.
    pub(crate) fn new(purpose: &str, n: u64, size: usize) -> Self {
        Draws { state: crate::kernel::random::draw(n, "bootstrap", purpose, 0), size: size as u64 }
    }

    pub(crate) fn next(&mut self) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^= word >> 31;
        ((u128::from(word) * u128::from(self.size)) >> 64) as usize
    }
}

/// How often a sample of this size is drawn anew: fewer times where it is very large, and its quantiles hardly move.
pub(crate) fn resamples(size: usize) -> u64 {
    (20_000_000 / size.max(1) as u64).clamp(100, 1000)
}

/// How sure an interval is, in percent.
pub const CONFIDENCE_PERCENT: u32 = 95;

/// A number with the interval that it lies in with a confidence of [`CONFIDENCE_PERCENT`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The number itself.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}
