//! Retries as data: what may pass by itself, how long to wait before the next try, and when to give up.

use model::Duration;
use model::operation::OperationError;

/// What is tried again, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// When a system does not answer, and the outcome is not known. One that says nothing for as long as a step is tried at most
    /// (`deadline`) is given up with all that it has left.
    pub unreachable: Backoff,
    /// When a system asks for patience. One that does nothing else for as long as a step is tried is given up with all that it has left.
    pub busy: Backoff,
    /// When something that the operation needs is not there yet.
    pub not_yet: Backoff,
    /// No try of an operation begins later than this after its first.
    pub deadline: Duration,
}

/// Delays that grow by a factor up to a cap. Each is spread over its whole length ("full jitter"), so that steps that failed
/// together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Longest delay before the second try.
    pub first: Duration,
    /// How much longer each further delay may be.
    pub factor: u64,
    /// The delays grow no longer than this.
    pub cap: Duration,
    /// Number of tries, the first one included.
    pub tries: u32,
}

impl Backoff {
    /// The longest delay after so many failures (from 1).
    pub fn ceiling(self, failures: u32) -> Duration {
        let factor = self.factor.saturating_pow(failures.saturating_sub(1));
        self.first.times(factor).min(self.cap)
    }
}

/// What a delay is drawn from: the same run, step and failure always wait equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The run.
    pub run: u64,
    /// The step's position in the plan.
    pub step: u64,
    /// How many tries of its present operation have failed.
    pub failures: u32,
}

/// What comes after a failed try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Another try after this delay.
    Again(Duration),
    /// None: waiting does not help.
    Permanent,
    /// None: it was tried often or long enough.
    GiveUp,
}

impl Retry {
    /// The delays for this error, if it may pass by itself.
    pub fn backoff(&self, error: &OperationError) -> Option<Backoff> {
        match error {
            OperationError::Unreachable(_) => Some(self.unreachable),
            OperationError::Busy { .. } => Some(self.busy),
            OperationError::NotYet(_) => Some(self.not_yet),
            OperationError::Stale { .. }
            | OperationError::Conflict(_)
            | OperationError::Refused(_)
            | OperationError::Secret(_) => None,
        }
    }

    /// What comes after `error`, when the first try was `elapsed` ago. A delay that the system asked for is kept to, and the
    /// spread is added to it.
    pub fn decide(&self, key: Key, error: &OperationError, elapsed: Duration) -> Decision {
        let Some(backoff) = self.backoff(error) else { return Decision::Permanent };
        let asked = match error {
            OperationError::Busy { retry_after: Some(asked), .. } => *asked,
            _ => Duration::ZERO,
        };
        let delay = Duration(asked.0.saturating_add(spread(key, backoff.ceiling(key.failures)).0));
        let too_late = elapsed.0.saturating_add(delay.0) > self.deadline.0;
        if key.failures >= backoff.tries || too_late { Decision::GiveUp } else { Decision::Again(delay) }
    }
}

/// A delay from one millisecond up to `ceiling`, evenly spread over keys.
fn spread(key: Key, ceiling: Duration) -> Duration {
    let drawn = mix(mix(mix(key.run) ^ key.step) ^ u64::from(key.failures));
    Duration(1 + drawn % ceiling.0.max(1))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): each bit of the input moves half of the bits of the output.
fn mix(input: u64) -> u64 {
    let mut word = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    fn key(step: u64, failures: u32) -> Key {
        Key { run: 7, step, failures }
    }

    fn delay(step: u64, failures: u32, error: &OperationError) -> u64 {
        match Settings::default().retry.decide(key(step, failures), error, Duration::ZERO) {
            Decision::Again(delay) => delay.0,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn ceilings_double_up_to_the_cap_and_never_overflow() {
        let backoff = Settings::default().retry.unreachable;
        let ceilings = [1, 2, 3, 7, 8, 4_000_000_000].map(|failures| backoff.ceiling(failures).0);
        assert_eq!(ceilings, [500, 1000, 2000, 30_000, 30_000, 30_000]);
    }

    #[test]
    fn delays_are_spread_over_the_whole_length_and_always_the_same() {
        let error = OperationError::Unreachable("no route".into());
        let mut delays: Vec<u64> = (0..1000).map(|step| delay(step, 3, &error)).collect();
        assert_eq!(delays, (0..1000).map(|step| delay(step, 3, &error)).collect::<Vec<_>>());
        delays.sort_unstable();
        assert!(
            delays[0] >= 1 && delays[0] < 20 && delays[999] <= 2000 && delays[999] > 1980,
            "{} to {}",
            delays[0],
            delays[999]
        );
        assert!((900..1100).contains(&delays[500]), "half of them lie below {}", delays[500]);
    }

    #[test]
    fn what_the_system_asks_for_is_kept_to() {
        let error = OperationError::Busy { message: "429".into(), retry_after: Some(Duration::seconds(20)) };
        assert!((0..100).all(|step| (20_001..=21_000).contains(&delay(step, 1, &error))));
    }

    #[test]
    fn it_ends_with_the_tries_or_at_the_deadline_whichever_comes_first() {
        let retry = Settings::default().retry;
        let error = OperationError::Unreachable("no route".into());
        assert!(matches!(retry.decide(key(0, 9), &error, Duration::ZERO), Decision::Again(_)));
        assert_eq!(retry.decide(key(0, 10), &error, Duration::ZERO), Decision::GiveUp);
        assert_eq!(retry.decide(key(0, 1), &error, Duration::minutes(10)), Decision::GiveUp);
    }

    #[test]
    fn an_error_is_tried_again_exactly_when_the_model_calls_it_transient() {
        let text = String::new;
        let errors = [
            OperationError::Unreachable(text()),
            OperationError::Busy { message: text(), retry_after: None },
            OperationError::NotYet(text()),
            OperationError::Stale { expected: text(), found: text() },
            OperationError::Conflict(Vec::new()),
            OperationError::Refused(text()),
            OperationError::Secret(text()),
        ];
        for error in errors {
            let decision = Settings::default().retry.decide(key(0, 1), &error, Duration::ZERO);
            assert_eq!(decision != Decision::Permanent, error.is_transient(), "{error:?}");
        }
    }
}
