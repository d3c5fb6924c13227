//! What is not as the spec wants it.

use crate::operator::Desired;
use crate::world::World;
use gateway_agent::State;
use model::observation::{Condition, Listing, Owner};
use model::resource::{Role, Scope};
use model::{Address, Kind};
use std::collections::BTreeMap;

use super::holds;

/// Something that is not as the spec wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// What.
    pub address: Address,
    /// How.
    pub lack: Lack,
}

/// How something is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nobody can look.
    Unknown(String),
    /// It is not there.
    Missing,
    /// It is another one, or somebody else's.
    Differs,
    /// It does not do its work.
    NotReady(String),
    /// It is published, and an agent that reads it does not take it.
    NotTaken(String),
    /// It is there and no longer wanted.
    TooMuch,
}

impl std::fmt::Display for Unmet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = &self.address;
        match &self.lack {
            Lack::Unknown(why) => write!(f, "{address} cannot be looked at: {why}"),
            Lack::Missing => write!(f, "{address} is not there"),
            Lack::Differs => write!(f, "{address} is not what the spec says"),
            Lack::NotReady(why) => write!(f, "{address} is not ready: {why}"),
            Lack::NotTaken(why) => write!(f, "{address} is published, and not served: {why}"),
            Lack::TooMuch => write!(f, "{address} is there and not wanted"),
        }
    }
}

/// Everything that is not as `desired` wants it, in the order of the graph; what is too much comes last.
pub fn unmet(world: &World, desired: &Desired) -> Vec<Unmet> {
    let rejecting = rejecting(world);
    let lack = |resource| lack(world, resource).or_else(|| not_taken(resource, &rejecting));
    let mut unmet: Vec<Unmet> = desired.graph.resources().filter_map(lack).collect();
    unmet.extend(too_much(world, desired));
    unmet
}

fn lack(world: &World, resource: &model::Resource) -> Option<Unmet> {
    let address = &resource.address;
    let lack = match world.find(address) {
        Err(gap) => Lack::Unknown(gap.to_string()),
        Ok(None) => Lack::Missing,
        Ok(Some(seen)) if !holds(&resource.document, &seen.document) => Lack::Differs,
        Ok(Some(seen)) => match seen.condition {
            Condition::Ready => return None,
            Condition::NotReady(why) | Condition::Failed(why) => Lack::NotReady(why),
        },
    };
    Some(Unmet { address: address.clone(), lack })
}

/// What agents say that do not take what is published, by environment and cluster.
fn rejecting(world: &World) -> BTreeMap<Scope, String> {
    let mut rejecting = BTreeMap::new();
    for cell in world.cells() {
        let scope = Scope { tenant: cell.tenant, environment: cell.environment, cluster: Some(cell.cluster) };
        let why = cell.agents.into_iter().filter(|agent| agent.state == Some(State::Rejecting)).find_map(|agent| agent.trouble);
        rejecting.extend(why.map(|why| (scope, why)));
    }
    rejecting
}

fn not_taken(resource: &model::Resource, rejecting: &BTreeMap<Scope, String>) -> Option<Unmet> {
    let why = rejecting.get(&resource.scope).filter(|_| resource.role == Role::GatewayConfiguration)?;
    Some(Unmet { address: resource.address.clone(), lack: Lack::NotTaken(why.clone()) })
}

/// What is the platform's own and not wanted. Objects that hold data stay until somebody names them, so they are not too much.
fn too_much(world: &World, desired: &Desired) -> Vec<Unmet> {
    let platform = desired.spec.platform.value.as_str();
    let mut found = Vec::new();
    for connection in &desired.connections {
        for kind in Kind::of(connection.system.family()).filter(|kind| !kind.holds_data()) {
            let Listing::Complete(objects) = world.list(&connection.system, kind) else { continue };
            let ours = objects.iter().filter(|(_, seen)| matches!(&seen.owner, Owner::Platform(owner) if owner == platform));
            let surplus = ours.map(|(address, _)| address).filter(|address| desired.graph.get(address).is_none());
            found.extend(surplus.map(|address| Unmet { address: address.clone(), lack: Lack::TooMuch }));
        }
    }
    found
}
