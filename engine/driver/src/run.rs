//! The loop around the machine: carry out what it asks for, tell it what happened.

use crate::machine::{Effect, Input, Machine};
use crate::progress::Progress;
use model::outcome::Outcome;
use port::{Event, Nobody, Platform, PlatformError, Stop, Stops};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Carry out the machine's plan on `platform`, to its end. `observer` sees every piece of progress as it happens.
///
/// # Errors
/// [`PlatformError`] when the platform itself cannot go on; the journal then says how far it came.
pub async fn run<P: Platform>(
    platform: &mut P,
    machine: Machine,
    observer: &mut dyn FnMut(&Progress),
) -> Result<Outcome, PlatformError> {
    run_until(platform, machine, &mut Nobody, observer).await
}

/// The same for a run that `stops` may ask to stop, at any time: between two batches of events, and while the platform waits.
///
/// # Errors
/// As [`run`].
pub async fn run_until<P: Platform, S: Stops>(
    platform: &mut P,
    mut machine: Machine,
    stops: &mut S,
    observer: &mut dyn FnMut(&Progress),
) -> Result<Outcome, PlatformError> {
    let mut input = Input::Start;
    loop {
        for effect in machine.step(platform.now(), input) {
            match effect {
                Effect::Request(request) => platform.submit(request),
                Effect::Progress(progress) => observer(&progress),
                Effect::Finished(outcome) => return Ok(outcome),
            }
        }
        input = match asked_meanwhile(platform, stops).await {
            Some(stop) => Event::Stop(stop).into(),
            None => Input::Events(platform.next().await?),
        };
    }
}

/// Wait until the platform has something to tell, or somebody asks for a stop; that comes first if both do.
async fn asked_meanwhile<P: Platform, S: Stops>(platform: &mut P, stops: &mut S) -> Option<Stop> {
    let (mut ready, mut asked) = (pin!(platform.ready()), pin!(stops.asked()));
    poll_fn(|context| match asked.as_mut().poll(context) {
        Poll::Ready(stop) => Poll::Ready(Some(stop)),
        Poll::Pending => ready.as_mut().poll(context).map(|()| None),
    })
    .await
}
