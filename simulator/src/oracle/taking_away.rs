//! No action of the engine takes a running gateway agent away while a new one cannot start: while Vault cannot be read, no gateway agents
//! are deleted, replaced, made fewer, or rolled in a way that ends an old one first (VGA-4, VGA-5). Nor is Vamp ended, which goes on from
//! memory, while a new one would have no stores to start from (VMP-2).
//!
//! Vault may fail between a look and the action that follows from it; nobody can know. The engine answers for what was so when it looked.
//! An action that makes before it breaks is never held against it after that.

use super::convergence::holds;
use super::{Breach, Moment, Promise};
use crate::operator::Fact;
use model::operation::{Operation, Receipt};
use model::resource::Role;
use model::value::Text;
use model::{Address, Kind, System, Timestamp, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub(super) struct TakingAway {
    /// Since when Vault cannot be read.
    vault_away: Option<Timestamp>,
    /// Since when MySQL cannot be read.
    mysql_away: Option<Timestamp>,
    /// When each operator had looked last.
    looked: BTreeMap<u32, Timestamp>,
    /// Deployments of gateway agents, and of Vamp, as they are written.
    written: BTreeMap<Address, Arc<Value>>,
    /// The spec that `written` was filled from.
    filled: Option<Text>,
}

impl TakingAway {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        self.fill(moment);
        for (system, away) in [(System::Vault, &mut self.vault_away), (System::Mysql, &mut self.mysql_away)] {
            match moment.world.stores().gap(&system) {
                None => *away = None,
                Some(_) => drop(away.get_or_insert(moment.now)),
            }
        }
        for fact in moment.facts {
            match fact {
                Fact::Planned { operator, .. } => drop(self.looked.insert(*operator, moment.now)),
                Fact::Carried { operator, operation, result: Ok(Receipt { changed: true, .. }), .. } => {
                    if let Some(message) = self.judge(moment, *operator, operation) {
                        breaches.push(moment.breach(Promise::NoneTakenAway, operation.address().as_str(), message));
                    }
                    self.remember(operation);
                }
                _ => {}
            }
        }
    }

    /// What gateway agents are there, at the beginning and when another spec is asked for.
    fn fill(&mut self, moment: &Moment<'_>) {
        let Some(wanted) = moment.wanted.last() else { return };
        if self.filled.as_ref().is_some_and(|filled| *filled == wanted.spec.digest.as_str()) {
            return;
        }
        self.filled = Some(wanted.spec.digest.as_str().into());
        for resource in wanted.graph.resources().filter(|resource| is_watched(resource.role)) {
            if let Some(document) = moment.world.document(&resource.address) {
                self.written.entry(resource.address.clone()).or_insert(document);
            }
        }
    }

    fn remember(&mut self, operation: &Operation) {
        match operation {
            Operation::Apply { address, document, .. } if is_agents(address) || self.written.contains_key(address) => {
                self.written.insert(address.clone(), document.clone());
            }
            Operation::Delete { address, .. } => drop(self.written.remove(address)),
            _ => {}
        }
    }

    fn judge(&self, moment: &Moment<'_>, operator: u32, operation: &Operation) -> Option<String> {
        match operation {
            Operation::Delete { address, .. } => {
                let wanted = moment.wanted.last()?.graph.get(address).is_some();
                let runs = self.written.keys().any(|agents| agents == address || is_inside(agents, address));
                (runs && wanted).then(|| "what serves, and what the spec wants, is deleted".to_owned())
            }
            Operation::Apply { address, document, .. } if !is_agents(address) => {
                let before = self.written.get(address)?;
                let since = self.vault_away.into_iter().chain(self.mysql_away).min()?;
                let knew = self.looked.get(&operator).is_some_and(|looked| since <= *looked);
                let ended = rolls(before, document) && knew;
                ended.then(|| "Vamp is ended while a new one would have no stores to start from".to_owned())
            }
            Operation::Apply { address, document, .. } => {
                let before = self.written.get(address)?;
                let since = self.vault_away?;
                let (old, new) = (replicas(before), replicas(document));
                let knew = self.looked.get(&operator).is_some_and(|looked| since <= *looked);
                let rolls = rolls(before, document);
                let breaks_first = document.integer_at(&["spec", "strategy", "rollingUpdate", "maxUnavailable"]) != Some(0);
                if new < old {
                    Some(format!("{old} gateway agents are made {new} while a new one could not start"))
                } else if rolls && (knew || breaks_first) {
                    Some("gateway agents are rolled while a new one could not start".to_owned())
                } else {
                    None
                }
            }
            Operation::Move { .. } => None,
        }
    }
}

fn is_watched(role: Role) -> bool {
    matches!(role, Role::GatewayAgent | Role::Vamp)
}

fn is_agents(address: &Address) -> bool {
    address.kind() == Kind::Deployment && address.name() == "gateway-agent"
}

fn is_inside(agents: &Address, namespace: &Address) -> bool {
    namespace.kind() == Kind::Namespace
        && agents.system_text() == namespace.system_text()
        && agents.namespace() == Some(namespace.key())
}

fn replicas(document: &Value) -> i64 {
    document.integer_at(&["spec", "replicas"]).unwrap_or(1)
}

/// Whether pods are made anew: the template says something that it did not say before.
fn rolls(before: &Value, document: &Value) -> bool {
    let template = ["spec", "template"];
    match (before.at(&template), document.at(&template)) {
        (Some(before), Some(wanted)) => !holds(wanted, before),
        _ => true,
    }
}
