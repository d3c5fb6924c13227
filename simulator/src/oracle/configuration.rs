//! What gateway agents serve never goes backward, and never loses a gateway unless somebody asked for that: a spec that no longer has it,
//! or names it as retired (VGA-8).

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
            return Some(format!("{} serves without the gateway {lacks}, which every spec so far wants", agent.pod));
        }
        let before = was.and_then(|was| was.agents.iter().find(|other| other.pod == agent.pod && other.serving));
        if let Some(before) = before.filter(|before| goes_back(before, agent)) {
            let written = |agent: &Agent| agent.revision.map_or(0, |revision| revision.version);
            return Some(format!("{} went from revision {} back to {}", agent.pod, written(before), written(agent)));
        }
    }
    None
}

fn goes_back(before: &Agent, now: &Agent) -> bool {
    match (before.revision, now.revision) {
        (Some(before), Some(now)) => now.written < before.written,
        _ => false,
    }
}

/// Gateways that every spec so far wants for the environment of the cell, and that none names as retired.
fn owed(moment: &Moment<'_>, cell: &Cell) -> BTreeSet<String> {
    let (Some(tenant), Some(environment)) = (&cell.tenant, &cell.environment) else { return BTreeSet::new() };
    let mut owed: Option<BTreeSet<String>> = None;
    for wanted in moment.wanted {
        let declared = wanted.spec.tenants.get(tenant.as_str()).and_then(|tenant| tenant.environments.get(environment.as_str()));
        let Some(declared) = declared else { return BTreeSet::new() };
        let retired: BTreeSet<&str> = declared.value.retired_gateways.iter().map(|name| name.value.as_str()).collect();
        let names = declared.value.gateways.keys().filter(|name| !retired.contains(name.as_str())).cloned();
        let names: BTreeSet<String> = names.collect();
        owed = Some(match owed {
            None => names,
            Some(owed) => owed.intersection(&names).cloned().collect(),
        });
    }
    owed.unwrap_or_default()
}
