//! Every valid spec, end to end on the embedded platform: applied it converges, planned again there is nothing to do, destroyed it
//! leaves nothing of ours and everything that was not ours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use model::Kind;
use model::observation::Owner;
use model::outcome::{StepResult, Verdict};
use model::plan::Action;
use planner::plan::Options;
use port::Observe;
use tests::stage::{Stage, words};
use tests::{block_on, valid_specs};

#[test]
fn every_valid_spec_converges_and_then_there_is_nothing_to_do() {
    for path in valid_specs() {
        let stage = Stage::of_file(&path);
        block_on(async {
            let mut platform = stage.open().await;
            let outcome = stage.apply(&mut platform, Options::default()).await.unwrap();
            let failed: Vec<_> = outcome.steps.iter().filter(|step| !matches!(step.result, StepResult::Done { .. })).collect();
            assert!(failed.is_empty(), "{}: {failed:#?}", path.display());
            assert_eq!(outcome.verdict, Verdict::Converged);
            assert_eq!(outcome.steps.len(), stage.compiled.graph.len());

            let again = stage.plan(&mut platform, Options::default()).await;
            assert!(again.is_empty() && again.report.is_empty(), "{}: {:#?}", path.display(), words(&again));
            platform.close().await.unwrap();

            let mut reopened = stage.open().await;
            let again = stage.plan(&mut reopened, Options::default()).await;
            assert!(again.is_empty() && again.report.is_empty(), "{} from its file: {:#?}", path.display(), words(&again));
        });
    }
}

#[test]
fn destroy_leaves_nothing_of_ours_and_all_that_was_not_ours() {
    for path in valid_specs() {
        let stage = Stage::of_file(&path);
        block_on(async {
            let mut platform = stage.open().await;
            let outcome = stage.apply(&mut platform, Options::default()).await.unwrap();
            assert_eq!((outcome.verdict, outcome.steps.len()), (Verdict::Converged, stage.compiled.graph.len()));
            let before = strangers(&stage, &mut platform).await;

            let without_consent = stage.plan(&mut platform, Options { destroy: true, ..Options::default() }).await;
            assert!(without_consent.steps.iter().all(|step| !step.destroys_data), "{}", path.display());
            let options = stage.all_data(&mut platform).await;
            let plan = stage.plan(&mut platform, options.clone()).await;
            assert!(plan.steps.iter().all(|step| step.action == Action::Delete) && plan.report.is_empty(), "{:#?}", words(&plan));
            let outcome = stage.carry_out(&mut platform, &plan, options.allow_destroy.iter().cloned().collect()).await.unwrap();
            let failed: Vec<_> = outcome.steps.iter().filter(|step| !matches!(step.result, StepResult::Done { .. })).collect();
            assert!(failed.is_empty(), "{}: {failed:#?}", path.display());

            let snapshot = platform.observe(&stage.compiled.connections, Kind::ALL).await.unwrap();
            let ours: Vec<_> =
                snapshot.objects().filter(|(_, seen)| seen.owner != Owner::Foreign).map(|(address, _)| address).collect();
            assert!(ours.is_empty(), "{} leaves {ours:?}", path.display());
            assert_eq!(strangers(&stage, &mut platform).await, before, "{}", path.display());
        });
    }
}

/// What is there and not ours.
async fn strangers(stage: &Stage, platform: &mut embedded::EmbeddedPlatform) -> Vec<String> {
    let snapshot = platform.observe(&stage.compiled.connections, Kind::ALL).await.unwrap();
    snapshot.objects().filter(|(_, seen)| seen.owner == Owner::Foreign).map(|(address, _)| address.to_string()).collect()
}
