//! Many runs of one spec: at random ([`swarm`]), or all of a kind ([`exhaustive`], by a [`search`]), and what they say together
//! ([`summary`]).
//!
//! A campaign compiles its spec once and brings its platform up once; every run begins with a copy of that. It knows no threads: whoever
//! has several gives each of them seeds, and puts the reports together by seed, so that a report does not depend on who made it.

pub mod exhaustive;
pub mod part;
pub mod search;
pub mod summary;
pub mod swarm;
pub mod targets;

#[cfg(test)]
mod tests;

use crate::fault::Kind;
use crate::operator::Desired;
use crate::run::warm::Stuck;
use crate::run::{Conditions, Report, Run, Setup, To, Warm};
use model::{Diagnostic, Duration};
use std::collections::BTreeSet;
use std::sync::Arc;
use targets::Targets;

/// Kinds of fault that campaigns draw where nobody says which: those whose every outcome the oracles tell from a broken promise.
pub const DRAWN: &[Kind] = &[
    Kind::NodeDead,
    Kind::ZoneDead,
    Kind::ClusterLost,
    Kind::ApiDown,
    Kind::VaultDown,
    Kind::VaultSealed,
    Kind::MysqlDown,
    Kind::ElasticsearchDown,
    Kind::EngineKilled,
    Kind::EnginePaused,
    Kind::EngineDoubled,
    Kind::RequestsLost,
    Kind::AnswersLost,
    Kind::AnswersFailed,
    Kind::RequestsDoubled,
    Kind::ClockAhead,
    Kind::ClockStepped,
];

/// What a campaign is about.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The spec.
    pub desired: Arc<Desired>,
    /// The same with its gateway agents rolled.
    rolled: Arc<Desired>,
    /// Another spec, which runs change to instead.
    second: Option<Arc<Desired>>,
    warm: Arc<Warm>,
    targets: Targets,
    /// Kinds of fault that may happen.
    pub kinds: BTreeSet<Kind>,
    /// How long faults come and go in a run.
    pub duration: Duration,
}

/// A campaign that cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum NoCampaign {
    /// The spec with rolled gateway agents cannot be compiled.
    #[error("the spec cannot be rolled out anew")]
    Roll(Vec<Diagnostic>),
    /// The platform does not come up.
    #[error(transparent)]
    Stuck(#[from] Stuck),
}

impl Campaign {
    /// A campaign about `desired`, in which faults of these kinds come and go for so long in each run.
    ///
    /// # Errors
    /// [`NoCampaign`] if the platform does not come up even where nothing fails.
    pub fn new(desired: Arc<Desired>, kinds: BTreeSet<Kind>, duration: Duration) -> Result<Self, NoCampaign> {
        let rolled = Arc::new(desired.rolled().map_err(NoCampaign::Roll)?);
        let warm = Arc::new(Warm::up(&desired)?);
        let targets = Targets::of(&desired);
        Ok(Campaign { desired, rolled, second: None, warm, targets, kinds, duration })
    }

    /// The same, but every run changes to `second`.
    #[must_use]
    pub fn changing_to(mut self, second: Arc<Desired>) -> Self {
        self.second = Some(second);
        self
    }

    /// What happens in the run of `seed`.
    pub fn conditions(&self, seed: u64) -> Conditions {
        swarm::conditions(seed, &self.targets, &self.kinds, self.duration, self.second.is_some())
    }

    /// The run under `conditions`.
    pub fn setup(&self, conditions: Conditions) -> Setup {
        let second = conditions.change.and_then(|change| match change.to {
            To::Roll => Some(self.rolled.clone()),
            To::Second => self.second.clone(),
        });
        Setup { conditions, first: self.desired.clone(), second }
    }

    /// What there is that something can happen to.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// The platform that runs begin with.
    pub fn warm(&self) -> &Arc<Warm> {
        &self.warm
    }

    /// Begin the run under `conditions`.
    pub fn begin(&self, conditions: Conditions) -> Run {
        Run::new(self.setup(conditions), &self.warm)
    }

    /// The run of `seed`, to its end.
    pub fn run(&self, seed: u64) -> Report {
        self.begin(self.conditions(seed)).finish()
    }
}
