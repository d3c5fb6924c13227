//! Killed at any moment, the next run goes on: at every effect boundary of an apply, an update and a destroy the process dies, and
//! what it leaves in the file is opened anew. The end is the one of a run that nothing disturbed, and no person was needed.
//!
//! All boundaries of the multi-region platform are tried, in every run of the tests. Of boundaries that leave the same behind (one
//! after a commit, and the one before the next) only the first is gone on from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use model::outcome::{JournalEvent, Outcome, Verdict};
use planner::plan::Options;
use port::Ledger;
use std::path::{Path, PathBuf};
use tests::picture::Picture;
use tests::stage::{Stage, words};
use tests::{block_on, root};

/// What is done to a platform that is there already, or to none.
struct Scenario {
    stage: Stage,
    /// The world before.
    before: Option<PathBuf>,
    destroy: bool,
}

impl Scenario {
    fn apply(spec: &str) -> Scenario {
        Scenario { stage: Stage::of_file(&root().join("specs/valid").join(spec)), before: None, destroy: false }
    }

    /// The platform of this spec is there; what comes now is done to it.
    fn on_top_of(spec: &str) -> Scenario {
        let mut scenario = Scenario::apply(spec);
        block_on(async {
            let mut platform = scenario.stage.open().await;
            let outcome = scenario.stage.apply(&mut platform, Options::default()).await.unwrap();
            assert_eq!(outcome.verdict, Verdict::Converged);
            platform.close().await.unwrap();
        });
        let before = scenario.stage.folder().join("before.sqlite");
        std::fs::rename(scenario.stage.file(), &before).unwrap();
        scenario.before = Some(before);
        scenario
    }

    fn begin(&self) {
        self.stage.begin_with(self.before.as_deref());
    }

    /// Look, plan, carry out; to the end, or to the boundary at which the platform dies.
    async fn run(&self, platform: &mut embedded::EmbeddedPlatform) -> Result<Outcome, port::PlatformError> {
        let options = if self.destroy { self.stage.all_data(platform).await } else { Options::default() };
        self.stage.apply(platform, options).await
    }

    /// Nothing is left to do, and this is what there is.
    async fn end(&self, platform: &mut embedded::EmbeddedPlatform, when: &str) -> Picture {
        let options = Options { destroy: self.destroy, ..Options::default() };
        let plan = self.stage.plan(platform, options).await;
        assert!(plan.is_empty() && plan.report.is_empty(), "{when}: {:#?}", words(&plan));
        Picture::of(platform, &self.stage.compiled.connections).await
    }

    /// The end of a run that nothing disturbs, and how many boundaries it passes.
    fn undisturbed(&self) -> (Picture, u64) {
        self.begin();
        block_on(async {
            let mut platform = self.stage.open().await;
            let outcome = self.run(&mut platform).await.unwrap();
            assert_eq!(outcome.verdict, Verdict::Converged);
            let picture = self.end(&mut platform, "undisturbed").await;
            let boundaries = platform.boundaries();
            platform.close().await.unwrap();
            (picture, boundaries)
        })
    }

    /// Die at boundary `n`; what is left behind.
    fn die_at(&self, n: u64) -> PathBuf {
        self.begin();
        block_on(async {
            let mut platform = self.stage.open().await.with_crash_at(n);
            let died = self.run(&mut platform).await.expect_err("the platform dies");
            assert!(died.message.ends_with(&format!("killed at effect boundary {n}")), "{died:?}");
            let corpse = self.stage.corpse();
            platform.close().await.unwrap();
            corpse
        })
    }

    /// The world and the journal in what a killed run left behind, as text.
    fn told_by(&self, corpse: &Path) -> String {
        self.stage.begin_with(Some(corpse));
        block_on(async {
            let mut platform = self.stage.open().await;
            let killed = platform.runs(1).await.unwrap().remove(0);
            let told = format!("{:?} {}", platform.journal(killed.run).await.unwrap(), platform.world().show());
            platform.close().await.unwrap();
            told
        })
    }

    /// Go on from what a killed run left behind.
    fn go_on_from(&self, corpse: &Path, calm: &Picture, when: &str) {
        self.stage.begin_with(Some(corpse));
        block_on(async {
            let mut platform = self.stage.open().await;
            let killed = platform.runs(1).await.unwrap().remove(0);
            let journal = platform.journal(killed.run).await.unwrap();
            let closed = matches!(journal.last().map(|entry| &entry.event), Some(JournalEvent::RunEnded { .. }));
            assert_eq!(killed.verdict.is_some(), closed, "{when}: the journal tells whether the run has ended");
            let outcome = self.run(&mut platform).await.unwrap();
            assert_eq!(outcome.verdict, Verdict::Converged, "{when}: {outcome:#?}");
            let picture = self.end(&mut platform, when).await;
            assert!(picture == *calm, "{when}: {:#?}", picture.differences(calm));
            platform.close().await.unwrap();
        });
    }

    /// Die at every boundary, one by one, and go on.
    fn survives_every_boundary(&self, at_least: u64) {
        let (calm, boundaries) = self.undisturbed();
        assert!(boundaries >= at_least, "{boundaries} boundaries");
        let mut before = String::new();
        for n in 1..=boundaries {
            let corpse = self.die_at(n);
            let told = self.told_by(&corpse);
            if std::mem::replace(&mut before, told.clone()) == told {
                continue;
            }
            self.go_on_from(&corpse, &calm, &format!("killed at boundary {n} of {boundaries}"));
        }
    }
}

#[test]
fn an_apply_from_nothing() {
    Scenario::apply("multi-region.yaml").survives_every_boundary(100);
}

#[test]
fn an_apply_of_stores_and_all_in_one_cluster() {
    Scenario::apply("quickstart.yaml").survives_every_boundary(50);
}

#[test]
fn a_destroy() {
    let mut scenario = Scenario::on_top_of("multi-region.yaml");
    scenario.destroy = true;
    scenario.survives_every_boundary(50);
}

#[test]
fn an_update_that_rolls_every_gateway_agent() {
    let mut scenario = Scenario::on_top_of("multi-region.yaml");
    let text = std::fs::read_to_string(root().join("specs/valid/multi-region.yaml")).unwrap();
    let changed = text.replace("gateway-agent:1.0.4", "gateway-agent:1.0.5");
    assert_ne!(changed, text);
    scenario.stage.change(&changed);
    scenario.survives_every_boundary(4);
}
