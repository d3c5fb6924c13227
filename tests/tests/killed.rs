//! Killed at any moment, the next run goes on: at every effect boundary of an apply, an update and a destroy what a killed process
//! would leave in the file is kept, and opened anew. The end is the one of a run that nothing disturbed, and no person was needed.
//!
//! All boundaries of the multi-region platform are tried, in every run of the tests. Of boundaries that leave the same behind (one
//! after a commit, and the one before the next) only the first is gone on from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use model::audit::verify::Account;
use model::outcome::{JournalEvent, Outcome, Verdict};
use planner::plan::Options;
use port::Ledger;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
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

    /// A run that nothing disturbs: how it ends, what a process that is killed at a boundary would leave behind, at each boundary where
    /// that is something else than before, and how many boundaries there are.
    fn undisturbed(&self) -> (Picture, Vec<Corpse>, u64) {
        self.begin();
        block_on(async {
            let corpses = Rc::new(RefCell::new(Vec::new()));
            let (found, file) = (corpses.clone(), self.stage.file().to_owned());
            let coroner = move |boundary| {
                let corpse = Corpse::of(&file, boundary);
                let mut found = found.borrow_mut();
                if found.last().is_none_or(|last: &Corpse| last.files != corpse.files) {
                    found.push(corpse);
                }
            };
            let mut platform = self.stage.open().await.with_coroner(Box::new(coroner));
            let outcome = self.run(&mut platform).await.unwrap();
            assert_eq!(outcome.verdict, Verdict::Converged);
            let boundaries = platform.boundaries();
            let picture = self.end(&mut platform, "undisturbed").await;
            platform.close().await.unwrap();
            (picture, corpses.take(), boundaries)
        })
    }

    /// Go on from what a killed run left behind.
    fn go_on_from(&self, corpse: &Corpse, calm: &Picture, when: &str) {
        corpse.lay_out(self.stage.file());
        block_on(async {
            let mut platform = self.stage.open().await;
            let killed = platform.runs(1).await.unwrap().remove(0);
            let journal = platform.journal(killed.run).await.unwrap();
            let closed = journal.iter().any(|entry| matches!(entry.event, JournalEvent::RunEnded { .. }));
            assert_eq!(killed.verdict.is_some(), closed, "{when}: the journal tells whether the run has ended");
            let outcome = self.run(&mut platform).await.unwrap();
            assert_eq!(outcome.verdict, Verdict::Converged, "{when}: {outcome:#?}");
            let picture = self.end(&mut platform, when).await;
            let broken = |(_, account): &(_, Result<Account, _>)| {
                let account = account.as_ref().ok();
                account.is_some_and(|account| account.behind > 0 || !account.faults.is_empty())
            };
            let audit = self.stage.audit(&mut platform).await;
            assert!(!audit.iter().any(broken), "{when}: {audit:#?}");
            assert!(picture == *calm, "{when}: {:#?}", picture.differences(calm));
            platform.close().await.unwrap();
        });
    }

    /// Die at every boundary, one by one, and go on.
    fn survives_every_boundary(&self, at_least: u64) {
        let (calm, corpses, boundaries) = self.undisturbed();
        assert!(boundaries >= at_least, "{boundaries} boundaries");
        // A boundary lies before and after each commit: what lies after one and before the next is the same.
        assert!(corpses.len() as u64 >= boundaries / 2, "{} of {boundaries}", corpses.len());
        for corpse in corpses {
            let when = format!("killed at boundary {} of {boundaries}", corpse.boundary);
            self.go_on_from(&corpse, &calm, &when);
        }
    }
}

/// What a killed process leaves behind: the files as the operating system has them.
struct Corpse {
    boundary: u64,
    files: Vec<(&'static str, Vec<u8>)>,
}

impl Corpse {
    fn of(world: &Path, boundary: u64) -> Corpse {
        let read = |ending| Some((ending, std::fs::read(beside(world, ending)).ok()?));
        Corpse { boundary, files: ["", "-wal"].into_iter().filter_map(read).collect() }
    }

    fn lay_out(&self, world: &Path) {
        for ending in ["", "-wal", "-shm", ".lock"] {
            drop(std::fs::remove_file(beside(world, ending)));
        }
        for (ending, bytes) in &self.files {
            std::fs::write(beside(world, ending), bytes).unwrap();
        }
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[test]
fn an_apply_from_nothing() {
    Scenario::apply("multi-region.yaml").survives_every_boundary(100);
}

#[test]
fn an_apply_of_stores_and_all_in_one_cluster() {
    Scenario::apply("quickstart.yaml").survives_every_boundary(40);
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
