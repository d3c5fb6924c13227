//! Death at every effect boundary: whatever was told is on disk, and the same run again converges.

use crate::common::{addresses, execute, inputs, look, open, operations, run};
use embedded::EmbeddedPlatform;
use model::Duration;
use model::operation::Operation;
use model::outcome::{JournalEvent, StepResult};
use port::{Ledger, Platform, Request};
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
    // Two for each commit: one before the run, two a step (its start; its effect and its end), one after.
    assert_eq!(boundaries, 2 * (2 + 2 * wanted.len() as u64));
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
async fn the_effect_of_a_step_and_the_end_of_it_are_there_both_or_neither() {
    let directory = tempfile::tempdir().unwrap();
    let first: Vec<Operation> = operations().into_iter().take(1).collect();
    // Boundaries: run started (2), step started (2), effect and end (2): at the fifth nothing of it is committed, at the sixth all.
    for (boundary, there) in [(5, 0), (6, 1)] {
        let path = directory.path().join(format!("{boundary}.db"));
        let mut killed = EmbeddedPlatform::open(&path, inputs()).await.unwrap().with_crash_at(boundary);
        look(&mut killed).await;
        run(&mut killed, &first).await.unwrap_err();
        drop(killed);
        let mut platform = open(&path).await;
        assert_eq!(done(&mut platform).await.len(), there);
        assert_eq!(addresses(&mut platform).await.len(), there);
        assert_eq!(run(&mut platform, &first).await.unwrap()[0].changed, there == 0);
    }
}

#[tokio::test]
async fn an_effect_is_committed_before_time_passes_though_nobody_writes_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let first = operations().remove(0);
    // The commit before time passes has the first two boundaries.
    let mut killed = EmbeddedPlatform::open(&path, inputs()).await.unwrap().with_crash_at(2);
    look(&mut killed).await;
    assert!(execute(&mut killed, &first).await.unwrap().unwrap().changed);
    assert_eq!(killed.boundaries(), 0);
    killed.submit(Request::Wake { at: killed.now() + Duration::seconds(1) });
    assert!(killed.next().await.unwrap_err().message.contains("killed"));
    drop(killed);
    let mut platform = open(&path).await;
    assert!(!execute(&mut platform, &first).await.unwrap().unwrap().changed, "what was done is not done again");
}
