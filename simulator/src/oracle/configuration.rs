//! What gateway agents serve never goes backward, and never loses a gateway unless somebody asked for that: a spec that names it as retired
//! (VGA-8), or no longer has its environment.

use super::moment::name;
use super::{Breach, Moment, Promise};
use crate::world::{Agent, Cell};
use model::value::Text;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
pub(super) struct Configuration {
    told: BTreeSet<(Text, Text)>,
}

impl Configuration {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for (was, cell) in moment.changed_cells() {
            let Some(message) = judge(moment, was, cell) else { continue };
            if self.told.insert((cell.cluster.clone(), cell.namespace.clone())) {
                breaches.push(moment.breach(Promise::Configuration, name(cell), message));
            }
        }
    }
}

fn judge(moment: &Moment<'_>, was: Option<&Cell>, cell: &Cell) -> Option<String> {
    let owed = owed(moment, cell);
    for agent in cell.agents.iter().filter(|agent| agent.serving) {
        if let Some(lacks) = owed.iter().find(|gateway| !agent.gateways.iter().any(|served| served == gateway.as_str())) {
            return Some(format!("{} serves without the gateway {lacks}, which nobody has retired", agent.pod));
        }
        let before = was.and_then(|was| was.agents.iter().find(|other| other.pod == agent.pod && other.serving));
        if let Some(before) = before.filter(|before| goes_back(before, agent)) {
            let written = |agent: &Agent| agent.revision.map_or(0, |revision| revision.version);
            return Some(format!("{} went from revision {} back to {}", agent.pod, written(before), written(agent)));
        }
    }
    None
}

/// By time, unless its version is higher: then Vault's clock was behind.
fn goes_back(before: &Agent, now: &Agent) -> bool {
    match (before.revision, now.revision) {
        (Some(before), Some(now)) => now.written < before.written && now.version <= before.version,
        _ => false,
    }
}

/// Gateways that the first spec wants for the environment of the cell, and that none since names as retired. That a spec no longer has one
/// is not enough: it may have been forgotten. Nothing is owed to an environment that a spec does not have.
fn owed(moment: &Moment<'_>, cell: &Cell) -> BTreeSet<String> {
    let (Some(tenant), Some(environment)) = (&cell.tenant, &cell.environment) else { return BTreeSet::new() };
    let mut owed: Option<BTreeSet<String>> = None;
    for wanted in moment.wanted {
        let declared = wanted.spec.tenants.get(tenant.as_str()).and_then(|tenant| tenant.environments.get(environment.as_str()));
        let Some(declared) = declared else { return BTreeSet::new() };
        let owed = owed.get_or_insert_with(|| declared.value.gateways.keys().cloned().collect());
        owed.retain(|gateway| !declared.value.retired_gateways.iter().any(|retired| retired.value == *gateway));
    }
    owed.unwrap_or_default()
}
