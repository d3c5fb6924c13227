//! How much of the past is kept. What an API server stores is no archive: etcd has 2 GiB by default (`--quota-backend-bytes`), for
//! everything in the cluster.

use super::summary::Summary;
use std::collections::BTreeMap;

/// Runs whose journals stay when an account takes them in. Helm keeps ten revisions of a release (`--history-max`), each a state as a whole;
/// a run is a part of one, and of many nothing is left to do, so it is five times as many here.
const RUNS: usize = 50;
/// The same in bytes: a thirtieth of what etcd has.
const BYTES: u64 = 64 << 20;

/// What is told of each run last, of all that is told.
pub(super) fn latest(told: impl IntoIterator<Item = Summary>) -> BTreeMap<u64, Summary> {
    let mut runs: BTreeMap<u64, Summary> = BTreeMap::new();
    for summary in told {
        if runs.get(&summary.run).is_none_or(|known| summary.batches > known.batches) {
            runs.insert(summary.run, summary);
        }
    }
    runs
}

/// The runs whose journals may go, of all that the account up to the run `through` takes in. Those of which audit documents may still
/// have to be made stay.
pub(super) fn expendable(runs: &BTreeMap<u64, Summary>, through: u64) -> Vec<u64> {
    let needed = needed_from(runs);
    let (mut number, mut bytes) = (0, 0);
    let goes = |(_, summary): &(&u64, &Summary)| {
        number += 1;
        bytes += summary.bytes;
        number > RUNS || (bytes > BYTES && number > 1)
    };
    let old = runs.range(..=through).rev().filter(goes).map(|(run, _)| *run);
    old.filter(|run| *run < needed).collect()
}

/// The first run that audit documents may still have to be made of: the run that said so last knows, otherwise none has been made yet.
fn needed_from(runs: &BTreeMap<u64, Summary>) -> u64 {
    let said = runs.values().rev().find_map(|summary| summary.audited_from);
    let first = || runs.values().find(|summary| summary.is_audited).map(|summary| summary.run);
    said.or_else(first).unwrap_or(u64::MAX)
}
