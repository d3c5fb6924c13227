//! The way of a spec's text to its plan, stage by stage, as the command line goes it.

use crate::converged;
use crate::generate::spec;
use crate::size::{compiled, layout_for, parsed};
use model::observation::Snapshot;
use model::{Plan, Timestamp};
use planner::compile::Compiled;
use planner::plan::{Digests, Options, Request, plan};
use planner::spec::Spec;

/// What is there before a plan is made: the text of a spec, and a world in which all is as it wants it.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The text.
    pub text: String,
    /// Number of resources that it compiles to.
    pub resources: usize,
    /// What was seen.
    pub snapshot: Snapshot,
    /// Digests of its secrets.
    pub digests: Digests,
}

/// The ground for a plan of about `resources` resources.
///
/// # Errors
/// What the planner has against the generated spec, as text.
pub fn ground(resources: usize) -> Result<Ground, String> {
    let text = spec(layout_for(resources)?);
    let parsed = parsed(&text)?;
    let Compiled { graph, connections } = compiled(&parsed)?;
    let snapshot = converged::snapshot(&parsed.platform, &graph, &connections);
    Ok(Ground { resources: graph.len(), snapshot, digests: converged::digests(&graph), text })
}

/// The plan of what `spec` wants, already compiled, against the ground.
pub fn planned(ground: &Ground, spec: &Spec, compiled: &Compiled) -> Plan {
    plan(&Request {
        spec,
        graph: &compiled.graph,
        snapshot: &ground.snapshot,
        connections: &compiled.connections,
        digests: &ground.digests,
        previews: &model::preview::Previews::new(),
        options: &Options::default(),
        acts_on: &[],
        pinned_to: &Default::default(),
        now: Timestamp(0),
    })
}
