//! A stop is heard while a platform waits for the outside, however long that takes.

use crate::tests::plans::{address, consent, plan, step};
use crate::tests::world::World;
use crate::{Machine, Settings, run_until};
use model::observation::Condition;
use model::outcome::{Outcome, StepResult, Verdict};
use model::{Duration, Timestamp};
use port::{Event, Platform, PlatformError, Request, Stop, Stops};
use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

const AGENT: &str = "cluster.eu-1/deployment/shop/agent";

/// A platform behind a slow line: where virtual time would pass, real time would, and it does not come to an end.
struct Slow<'a> {
    world: World,
    waits: &'a Cell<bool>,
}

impl Platform for Slow<'_> {
    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn submit(&mut self, request: Request) {
        self.world.submit(request);
    }

    async fn ready(&mut self) {
        if self.world.has_to_wait() {
            self.waits.set(true);
            pending().await
        }
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        self.world.next().await
    }
}

/// Somebody who loses patience once the platform waits.
struct Impatient<'a> {
    waits: &'a Cell<bool>,
    asks: VecDeque<Stop>,
}

impl Stops for Impatient<'_> {
    async fn asked(&mut self) -> Stop {
        poll_fn(|_| match self.asks.front() {
            Some(stop) if self.waits.replace(false) => Poll::Ready(*stop),
            _ => Poll::Pending,
        })
        .await;
        self.asks.pop_front().unwrap()
    }
}

/// Apply `world` until somebody who loses patience as often as this is heard.
fn interrupted(world: World, asks: &[Stop]) -> Outcome {
    let waits = Cell::new(false);
    let mut slow = Slow { world, waits: &waits };
    let mut person = Impatient { waits: &waits, asks: asks.iter().copied().collect() };
    let plan = plan(vec![step(AGENT)]);
    let machine = Machine::new(&plan, Settings::default(), consent(&plan), 1).unwrap();
    let mut observer = |_: &crate::Progress| ();
    let mut run = pin!(run_until(&mut slow, machine, &mut person, &mut observer));
    for _ in 0..10 {
        if let Poll::Ready(outcome) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return outcome.unwrap();
        }
    }
    panic!("nobody was heard")
}

/// Whose operations take so long.
fn world(latency: Duration) -> World {
    let mut world = World::default();
    (world.latency, world.journal_latency) = (latency, Duration::ZERO);
    world
}

#[test]
fn who_waits_for_readiness_is_stopped_by_the_first_request() {
    let mut world = world(Duration::ZERO);
    world.readiness.insert(address(AGENT), vec![(Duration::minutes(9), Condition::Ready)]);
    let outcome = interrupted(world, &[Stop::Cleanly]);
    assert_eq!((outcome.verdict, outcome.took), (Verdict::Cancelled, Duration::ZERO));
    assert_eq!(outcome.steps[0].result, StepResult::Interrupted);
}

#[test]
fn who_waits_for_an_answer_is_stopped_by_the_second_request_because_the_first_lets_an_operation_end() {
    let outcome = interrupted(world(Duration::minutes(9)), &[Stop::Cleanly, Stop::Now]);
    assert_eq!((outcome.verdict, outcome.took), (Verdict::Cancelled, Duration::ZERO));
    assert_eq!(outcome.steps[0].result, StepResult::Interrupted);
}
