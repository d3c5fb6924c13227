//! Asked to stop at any moment of a whole apply, the run ends in order: what was begun has an end in the journal, and the next apply
//! goes on from there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use driver::{Answer, Consent, Machine, Settings};
use model::outcome::{JournalEvent, Verdict};
use planner::plan::Options;
use port::{Ledger, Stop, Stops};
use std::future::pending;
use tests::picture::Picture;
use tests::stage::{Stage, holder, words};
use tests::{block_on, root};

/// Somebody who asks when the driver has listened so many times.
struct After {
    times: usize,
    listened: usize,
}

impl Stops for After {
    async fn asked(&mut self) -> Stop {
        self.listened += 1;
        if self.listened == self.times { Stop::Cleanly } else { pending().await }
    }
}

/// Apply, and stop when the driver has listened so many times. How often it listened.
async fn apply(stage: &Stage, platform: &mut embedded::EmbeddedPlatform, times: usize) -> (Verdict, usize) {
    let plan = stage.plan(platform, Options::default()).await;
    let run = platform.begin(holder()).await.unwrap();
    let consent = Consent::given(&plan, Answer::Flag, []).unwrap();
    let machine = Machine::new(&plan, Settings::default(), consent, run).unwrap();
    let mut person = After { times, listened: 0 };
    let outcome = driver::run_until(platform, machine, &mut person, &mut |_| {}).await.unwrap();
    platform.end().await.unwrap();
    let (mut begun, mut ended) = (0, 0);
    for entry in platform.journal(run).await.unwrap() {
        begun += u32::from(matches!(entry.event, JournalEvent::StepStarted { .. }));
        ended += u32::from(matches!(entry.event, JournalEvent::StepEnded { .. }));
    }
    assert_eq!(begun, ended, "stopped at {times}");
    (outcome.verdict, person.listened)
}

#[test]
fn a_stop_is_heard_between_any_two_batches_and_the_next_apply_goes_on() {
    let stage = Stage::of_file(&root().join("specs/valid/quickstart.yaml"));
    block_on(async {
        let mut calm = stage.open_in_memory().await;
        let (verdict, moments) = apply(&stage, &mut calm, 0).await;
        assert_eq!(verdict, Verdict::Converged);
        let calm = Picture::of(&mut calm, &stage.compiled.connections).await;
        assert!(moments > 40, "{moments}");
        for moment in 1..moments {
            let mut platform = stage.open_in_memory().await;
            let (verdict, listened) = apply(&stage, &mut platform, moment).await;
            assert!(verdict == Verdict::Cancelled || moments - moment < 4, "{moment} of {moments}: {verdict:?}");
            assert!(listened >= moment);
            assert_eq!(apply(&stage, &mut platform, 0).await.0, Verdict::Converged);
            let again = stage.plan(&mut platform, Options::default()).await;
            assert!(again.is_empty() && again.report.is_empty(), "{:#?}", words(&again));
            let picture = Picture::of(&mut platform, &stage.compiled.connections).await;
            assert!(picture == calm, "stopped at {moment}: {:#?}", picture.differences(&calm));
        }
    });
}
