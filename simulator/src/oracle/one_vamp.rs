//! There are never two Vamps at work (VMP-1). One on a node that its control plane cannot reach is the exception: nobody can end it, and
//! Kubernetes itself starts another one after five minutes.

use super::{Breach, Moment, Promise};
use crate::kubernetes::{Key, PodState};
use crate::world::World;
use model::resource::Role;
use model::{Address, Kind, System};

#[derive(Clone, Debug, Default)]
pub(super) struct OneVamp {
    told: bool,
}

impl OneVamp {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        let touched = moment.touched.iter().any(|address| address.kind() == Kind::Deployment && address.name() == "vamp");
        if !touched || self.told {
            return;
        }
        let at_work: Vec<PodState> = vamps(moment).iter().flat_map(|address| at_work(moment.world, address)).collect();
        if at_work.len() > 1 {
            self.told = true;
            let pods: Vec<&str> = at_work.iter().map(|pod| pod.key.as_str()).collect();
            breaches.push(moment.breach(Promise::OneVamp, pods.join(", "), format!("{} Vamps are at work", pods.len())));
        }
    }
}

/// Every Deployment of Vamp that any spec so far wanted.
fn vamps(moment: &Moment<'_>) -> Vec<Address> {
    let resources = moment.wanted.iter().flat_map(|wanted| wanted.graph.resources());
    let mut vamps: Vec<Address> =
        resources.filter(|resource| resource.role == Role::Vamp).map(|resource| resource.address.clone()).collect();
    vamps.sort();
    vamps.dedup();
    vamps
}

fn at_work(world: &World, vamp: &Address) -> Vec<PodState> {
    let System::Cluster(name) = vamp.system() else { return Vec::new() };
    let Some(cluster) = world.cluster(&name) else { return Vec::new() };
    let broken = |node: &str| cluster.faults().any(|(name, fault)| name == node && fault.is_some());
    let pods = cluster.pods_of(&Key::new(vamp.kind(), vamp.key()));
    pods.into_iter().filter(|pod| pod.serving && !pod.node.as_deref().is_some_and(broken)).collect()
}
