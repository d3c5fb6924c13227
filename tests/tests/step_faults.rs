//! Every step of a whole apply failing before its effect, failing after it, and done twice: the end is always that of a run in which
//! nothing goes wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

#[path = "step_faults/faulty.rs"]
mod faulty;

use driver::{Answer, Consent, Machine, Settings};
use faulty::{Fault, Faulty};
use model::outcome::{Outcome, Verdict};
use model::{Address, Plan};
use planner::plan::Options;
use std::collections::BTreeSet;
use tests::picture::Picture;
use tests::stage::{Stage, words};
use tests::{block_on, root};

const FAULTS: [Fault; 3] = [Fault::Before, Fault::After, Fault::Twice];

/// Apply the whole spec, with this fault for the first try of each of these steps. What there is at the end, and how many faults
/// there were.
fn apply(stage: &Stage, fault: Option<Fault>, steps: impl Fn(&Plan) -> BTreeSet<Address>) -> (Picture, Outcome, usize) {
    block_on(async {
        let mut platform = stage.open_in_memory().await;
        let plan = stage.plan(&mut platform, Options::default()).await;
        let consent = Consent::given(&plan, Answer::Flag, []).unwrap();
        let machine = Machine::new(&plan, Settings::default(), consent, 1).unwrap();
        let mut faulty = Faulty::new(&mut platform, fault, steps(&plan));
        let outcome = driver::run(&mut faulty, machine, &mut |_| {}).await.unwrap();
        let met = faulty.met();
        assert_eq!(outcome.verdict, Verdict::Converged, "{fault:?}: {outcome:#?}");
        let again = stage.plan(&mut platform, Options::default()).await;
        assert!(again.is_empty() && again.report.is_empty(), "{fault:?}: {:#?}", words(&again));
        (Picture::of(&mut platform, &stage.compiled.connections).await, outcome, met)
    })
}

fn stage(spec: &str) -> Stage {
    Stage::of_file(&root().join("specs/valid").join(spec))
}

fn every_step_one_by_one(spec: &str) {
    let stage = stage(spec);
    let (calm, undisturbed, _) = apply(&stage, None, |_| BTreeSet::new());
    assert!(undisturbed.steps.len() > 60);
    for step in &undisturbed.steps {
        for fault in FAULTS {
            let (picture, _, met) = apply(&stage, Some(fault), |_| BTreeSet::from([step.address.clone()]));
            assert_eq!(met, 1, "{fault:?} {}", step.address);
            assert!(picture == calm, "{fault:?} {}: {:#?}", step.address, picture.differences(&calm));
        }
    }
}

#[test]
fn every_step_of_a_split_platform() {
    every_step_one_by_one("m1.yaml");
}

#[test]
fn every_step_of_the_quickstart() {
    every_step_one_by_one("quickstart.yaml");
}

#[test]
fn all_steps_of_the_multi_region_platform_at_once() {
    let stage = stage("multi-region.yaml");
    let (calm, undisturbed, _) = apply(&stage, None, |_| BTreeSet::new());
    for fault in FAULTS {
        let all = |plan: &Plan| plan.steps.iter().map(|step| step.address.clone()).collect();
        let (picture, _, met) = apply(&stage, Some(fault), all);
        assert_eq!(met, undisturbed.steps.len(), "{fault:?}");
        assert!(picture == calm, "{fault:?}: {:#?}", picture.differences(&calm));
    }
}
