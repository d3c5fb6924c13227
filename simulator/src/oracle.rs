//! Promises of the platform, each watched over by one oracle. An oracle looks at the world as it truly is and at what operators did, never
//! at what the engine thinks; it is shown every moment, and says when its promise was broken.
//!
//! | invariant | where it is watched over |
//! | --- | --- |
//! | I1 nothing is served only if no agent is ready or no target lives | `requests` |
//! | I2 an applied revision was rendered from a complete desired state | `configuration`: every gateway that is wanted is in it |
//! | I3 a failed look never shrinks anything | `deletes`, `blind_writes`, `configuration` |
//! | I4 ready agents never get fewer by an action of the engine | `taking_away`, `two_agents` |
//! | I5 weights sum to 100 | tests of the planner; no oracle |
//! | I6 raw documents of an environment are in its Elasticsearch only | `residency` |
//! | I7 after faults clear, the same fixed point within a bound | [`convergence`], or an [`convergence::Excuse`] |
//! | I8 no action on a converged system | `quiet` |
//! | I9 same seed, same trace | the kernel's rolling hash; every seed twice in the tests |
//!
//! Beside these: one Vamp only (`one_vamp`, VMP-1), one run at a time (`one_run`), and no secret in the open (`secrets`).

mod blind_writes;
mod breach;
mod configuration;
pub mod convergence;
mod deletes;
mod moment;
mod one_run;
mod one_vamp;
mod quiet;
mod requests;
mod residency;
mod secrets;
mod taking_away;
mod two_agents;
mod written_ahead;

pub use breach::{Breach, Promise};
pub use moment::Moment;

#[cfg(test)]
mod tests;

/// All oracles but convergence, which is asked at the end.
#[derive(Clone, Debug, Default)]
pub struct Oracles {
    two_agents: two_agents::TwoAgents,
    taking_away: taking_away::TakingAway,
    requests: requests::Requests,
    configuration: configuration::Configuration,
    deletes: deletes::Deletes,
    blind_writes: blind_writes::BlindWrites,
    written_ahead: written_ahead::WrittenAhead,
    one_run: one_run::OneRun,
    one_vamp: one_vamp::OneVamp,
    residency: residency::Residency,
    secrets: secrets::Secrets,
    quiet: quiet::Quiet,
}

impl Oracles {
    /// Show all of them a moment; what was broken in it.
    pub fn see(&mut self, moment: &Moment<'_>) -> Vec<Breach> {
        let mut breaches = Vec::new();
        self.two_agents.see(moment, &mut breaches);
        self.taking_away.see(moment, &mut breaches);
        self.requests.see(moment, &mut breaches);
        self.configuration.see(moment, &mut breaches);
        self.deletes.see(moment, &mut breaches);
        self.blind_writes.see(moment, &mut breaches);
        self.written_ahead.see(moment, &mut breaches);
        self.one_run.see(moment, &mut breaches);
        self.one_vamp.see(moment, &mut breaches);
        self.residency.see(moment, &mut breaches);
        self.secrets.see(moment, &mut breaches);
        self.quiet.see(moment, &mut breaches);
        breaches
    }
}
