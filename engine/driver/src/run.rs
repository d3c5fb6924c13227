//! The loop around the machine: carry out what it asks for, tell it what happened.

use crate::machine::{Effect, Input, Machine};
use crate::progress::Progress;
use model::outcome::Outcome;
use port::{Platform, PlatformError};

/// Carry out the machine's plan on `platform`. `observer` sees every piece of progress as it happens.
///
/// # Errors
/// [`PlatformError`] when the platform itself cannot go on; the journal then says how far it came.
pub async fn run<P: Platform>(
    platform: &mut P,
    mut machine: Machine,
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
        input = Input::Events(platform.next().await?);
    }
}
