//! Death at every effect boundary: whatever was told is on disk, and the same run again converges.

use crate::common::{addresses, inputs, look, open, operations, run};
use embedded::EmbeddedPlatform;
use model::operation::Operation;
use model::outcome::{JournalEvent, StepResult};
use port::Ledger;
use std::path::Path;

async fn boundaries_of_a_whole_run(path: &Path) -> u64 {
    let mut platform = open(path).await;
    run(&mut platform, &operations()).await.unwrap();
    platform.boundaries()
}

#[tokio::test]
async fn a_run_killed_at_any_effect_boundary_converges_when_it_is_run_again() {
    let directory = tempfile::tempdir().unwrap();
    let boundaries = boundaries_of_a_whole_run(&directory.path().join("whole.db")).await;
    let wanted: Vec<_> = operations().iter().map(|operation| operation.address().clone()).collect();
    // Two for each journal commit (one before the run, two a step, one after), two for each operation.
    assert_eq!(boundaries, 2 * (2 + 3 * wanted.len() as u64));
    for n in 1..=boundaries {
        let path = directory.path().join(format!("{n}.db"));
        let mut killed = EmbeddedPlatform::open(&path, inputs()).await.unwrap().with_crash_at(n);
        look(&mut killed).await;
        assert!(run(&mut killed, &operations()).await.unwrap_err().message.contains("killed"));
        drop(killed);

        let mut platform = open(&path).await;
        let told = done(&mut platform).await;
        let there = addresses(&mut platform).await;
        assert!(told.iter().all(|address| there.contains(address)), "boundary {n}: told of what is not there");
        let receipts = run(&mut platform, &operations()).await.unwrap();
        let changed = receipts.iter().filter(|receipt| receipt.changed).count();
        assert_eq!(changed, wanted.len() - there.len(), "boundary {n}: only what was missing changes");
        let mut expected = wanted.clone();
        expected.sort();
        assert_eq!(
            addresses(&mut platform).await.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>(),
            expected
        );
    }
}

/// Addresses of the steps that the journal calls done.
async fn done(platform: &mut EmbeddedPlatform) -> Vec<model::Address> {
    let mut done = Vec::new();
    for run in platform.runs(10).await.unwrap() {
        for entry in platform.journal(run.run).await.unwrap() {
            if let JournalEvent::StepEnded { address, result: StepResult::Done { .. } } = entry.event {
                done.push(address);
            }
        }
    }
    done
}

#[tokio::test]
async fn a_step_that_was_done_before_the_death_and_is_repeated_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let first: Vec<Operation> = operations().into_iter().take(1).collect();
    // Boundaries: run started (2), step started (2), operation (2): at the sixth it is committed, and nobody was told.
    let mut killed = EmbeddedPlatform::open(&path, inputs()).await.unwrap().with_crash_at(6);
    look(&mut killed).await;
    run(&mut killed, &first).await.unwrap_err();
    drop(killed);
    let mut platform = open(&path).await;
    assert!(done(&mut platform).await.is_empty());
    assert_eq!(addresses(&mut platform).await.len(), 1);
    assert!(!run(&mut platform, &first).await.unwrap()[0].changed);
}
