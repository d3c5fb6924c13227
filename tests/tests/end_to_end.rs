//! Every valid spec, end to end on the embedded platform: applied it converges, planned again there is nothing to do, destroyed it
//! leaves nothing of ours and everything that was not ours.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use model::observation::Owner;
use model::outcome::{StepResult, Verdict};
use model::plan::{Action, NoteKind};
use model::{Address, Kind};
use planner::plan::Options;
use port::Observe;
use simulator::server::Question;
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

#[test]
fn an_environment_that_had_traffic_goes_with_its_documents_where_somebody_names_them_and_not_before() {
    let text = std::fs::read_to_string(tests::root().join("specs/valid/quickstart.yaml")).unwrap();
    let stage = Stage::of_text("quickstart.yaml", &text);
    block_on(async {
        let mut platform = stage.open().await;
        assert_eq!(stage.apply(&mut platform, Options::default()).await.unwrap().verdict, Verdict::Converged);
        let wanted = stage.compiled.graph.resources().map(|resource| &resource.address);
        let templates: Vec<Address> = wanted.filter(|address| address.kind() == Kind::IndexTemplate).cloned().collect();
        let put = |world: &mut simulator::world::World| {
            for template in &templates {
                let question = Question {
                    method: "PUT".into(),
                    path: format!("/{}/_create/1", template.key()),
                    body: serde_json::from_str(r#"{"@timestamp": "2026-11-27T00:00:00Z"}"#).unwrap(),
                    ..Question::default()
                };
                assert_eq!(world.ask(&template.system(), &question).unwrap().status, 201);
            }
        };
        platform.alter(tests::stage::holder(), put).await.unwrap();
        let again = stage.plan(&mut platform, Options::default()).await;
        assert!(again.is_empty() && again.report.is_empty(), "a stream on a template is no drift: {:#?}", words(&again));

        let others = |options: Options| Options {
            allow_destroy: options.allow_destroy.into_iter().filter(|address| address.kind() != Kind::IndexTemplate).collect(),
            ..options
        };
        let all = stage.all_data(&mut platform).await;
        let plan = stage.plan(&mut platform, others(all.clone())).await;
        let asked: Vec<&str> =
            plan.report.iter().filter(|note| note.kind == NoteKind::NeedsConsent).map(|note| &*note.subject).collect();
        assert_eq!(asked, templates.iter().map(Address::as_str).collect::<Vec<_>>());
        let consent: Vec<Address> = others(all).allow_destroy.into_iter().collect();
        let outcome = stage.carry_out(&mut platform, &plan, consent).await.unwrap();
        assert!(outcome.steps.iter().all(|step| matches!(step.result, StepResult::Done { .. })), "{:#?}", outcome.steps);

        let all = stage.all_data(&mut platform).await;
        assert!(templates.iter().all(|template| all.allow_destroy.contains(template)), "none went: {:?}", all.allow_destroy);
        let plan = stage.plan(&mut platform, all.clone()).await;
        let outcome = stage.carry_out(&mut platform, &plan, all.allow_destroy.into_iter().collect()).await.unwrap();
        assert!(outcome.steps.iter().all(|step| matches!(step.result, StepResult::Done { .. })), "{:#?}", outcome.steps);
        let left = stage.plan(&mut platform, Options { destroy: true, ..Options::default() }).await;
        assert!(left.steps.is_empty() && left.report.is_empty(), "{:#?}", words(&left));
    });
}
