//! One of twenty clusters that refuses everything (429): the nineteen others are brought to their end as if it were not there, nothing of what is
//! in it is touched, and what is said of it is clear. `figures crowd` measures the same with more of it.

use super::bench::Bench as Known;
use benches::bench::Bench;
use benches::crowd::Crowd;
use benches::subject::{Beside, among_twenty};
use std::collections::BTreeMap;

/// Rounds by turns, of which the fastest counts: what else the machine does meets all ways alike.
const ROUNDS: usize = 3;
/// ConfigMaps in each cluster.
const OBJECTS: usize = 12;
/// How much longer the nineteen may take here, where a few moments of a busy machine are a large part of it.
const LONGER: f64 = 1.5;

#[test]
fn nineteen_clusters_do_not_wait_for_a_twentieth_that_refuses_everything() {
    if Known::with("VAMP_BENCH_KUBECONFIG").is_none() {
        return;
    }
    let bench = Bench::found().unwrap().unwrap();
    let mut fastest: BTreeMap<String, f64> = BTreeMap::new();
    let measured = Crowd::gathered(&bench, |crowd| {
        let place = crowd.place().parse()?;
        for beside in (0..ROUNDS).flat_map(|_| Beside::ALL) {
            crowd.clear()?;
            let readings = among_twenty(beside, OBJECTS, &place)?;
            for name in ["plan and apply", "apply"] {
                let time = fastest.entry(format!("{beside:?}: {name}")).or_insert(f64::MAX);
                *time = time.min(readings[name]);
            }
            let refused = readings["refused"] > 0.0;
            assert_eq!(refused, beside != Beside::Nobody, "{readings:?}");
        }
        Ok(())
    });
    measured.unwrap();
    eprintln!("{fastest:#?}");
    for (beside, name) in [("Refusing", "plan and apply"), ("RefusingLater", "apply")] {
        let longer = fastest[&format!("{beside}: {name}")] / fastest[&format!("Nobody: {name}")];
        eprintln!("nineteen clusters beside one at 429 ({beside}): {longer:.3} times as long as alone");
        assert!(longer < LONGER, "{longer}");
    }
}
