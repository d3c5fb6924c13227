//! A campaign, or a part of one, as a file: so that a campaign can be run in parts on several machines and put together again.

use crate::fault::Kind;
use crate::run::Report;
use model::Duration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Version of the form.
pub const FORMAT_VERSION: u32 = 1;

/// Reports of some or all seeds of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Name of the spec's file.
    pub spec: String,
    /// Digest of the spec, and of the second one if there is one.
    pub spec_digests: Vec<String>,
    /// Kinds of fault that may happen.
    pub kinds: BTreeSet<Kind>,
    /// How long faults come and go in a run.
    pub duration: Duration,
    /// The first and the last seed of the whole campaign.
    pub range: (u64, u64),
    /// What came of each seed, by seed.
    pub seeds: Vec<Report>,
}

/// Parts that cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMerge {
    /// There is nothing to put together.
    #[error("there are no parts")]
    Nothing,
    /// One was made by another version.
    #[error("part {part} has format version {version}; this vamp reads version {FORMAT_VERSION}")]
    Version {
        /// Which part, counted from 1.
        part: usize,
        /// Its version.
        version: u32,
    },
    /// One belongs to another campaign.
    #[error("part {part} is of another campaign than part 1: another {what}")]
    Other {
        /// Which part, counted from 1.
        part: usize,
        /// In what they differ.
        what: &'static str,
    },
    /// A seed is in two parts.
    #[error("seed {0} is in two parts")]
    Twice(u64),
    /// Seeds are missing.
    #[error("{count} seeds are missing, the first of them {first}")]
    Missing {
        /// How many.
        count: u64,
        /// The first of them.
        first: u64,
    },
}

/// Whether `seed` belongs to the `shard`-th (from 1) of so many parts.
pub fn belongs(seed: u64, (shard, of): (u64, u64)) -> bool {
    seed % of.max(1) == shard.saturating_sub(1)
}

/// The whole that the parts make.
///
/// # Errors
/// [`NoMerge`] says why they make none.
pub fn merge(parts: Vec<Part>) -> Result<Part, NoMerge> {
    let mut parts = parts.into_iter();
    let mut whole = parts.next().ok_or(NoMerge::Nothing)?;
    check(1, &whole, &whole)?;
    for (index, part) in parts.enumerate() {
        check(index + 2, &whole, &part)?;
        whole.seeds.extend(part.seeds);
    }
    whole.seeds.sort_by_key(|report| report.seed);
    if let Some(pair) = whole.seeds.windows(2).find(|pair| pair[0].seed == pair[1].seed) {
        return Err(NoMerge::Twice(pair[0].seed));
    }
    let (first, last) = whole.range;
    let there: BTreeSet<u64> = whole.seeds.iter().map(|report| report.seed).collect();
    let mut missing = (first..=last).filter(|seed| !there.contains(seed));
    match missing.next() {
        None => Ok(whole),
        Some(first) => Err(NoMerge::Missing { count: 1 + missing.count() as u64, first }),
    }
}

fn check(part: usize, whole: &Part, other: &Part) -> Result<(), NoMerge> {
    if other.format_version != FORMAT_VERSION {
        return Err(NoMerge::Version { part, version: other.format_version });
    }
    let differs = [
        (whole.spec_digests != other.spec_digests, "spec"),
        (whole.kinds != other.kinds, "choice of faults"),
        (whole.duration != other.duration, "duration"),
        (whole.range != other.range, "range of seeds"),
    ];
    match differs.into_iter().find(|(differs, _)| *differs) {
        Some((_, what)) => Err(NoMerge::Other { part, what }),
        None => Ok(()),
    }
}
