//! What rules are given to judge: plain values, the day among them.

use super::facts::Sums;
use super::own;
use super::subject::{Cell, Cluster, Environment, Store, Tenant};
use crate::spec::Spec;
use crate::topology::{self, DeploymentModel};
use jiff::civil::Date;
use model::observation::{Node, Snapshot};
use model::plan::Step;
use model::resource::Scope;
use model::{Graph, Place, Plan};

/// A spec, all that goes with it, and the day on which it is judged.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// What it wants.
    pub graph: &'a Graph,
    /// The plan that is about to be carried out, if there is one.
    pub plan: Option<&'a Plan>,
    /// What was seen, if anybody looked.
    pub observed: Option<&'a Snapshot>,
    /// The spec that this one takes the place of, if there is one.
    pub older: Option<Older<'a>>,
    /// Rules of the platform's own: those of the spec, and those of files beside it.
    pub own: Vec<&'a own::Rule>,
    /// The day that expiries are compared with.
    pub today: Date,
    /// The deployment model that the spec amounts to.
    pub model: DeploymentModel,
    /// Sums over all environments.
    pub sums: Sums<'a>,
}

/// The spec that a newer one takes the place of.
#[derive(Clone, Copy, Debug)]
pub struct Older<'a> {
    /// The spec; its `file` is how its places are named.
    pub spec: &'a Spec,
    /// What it wanted.
    pub graph: &'a Graph,
}

impl<'a> Case<'a> {
    /// A spec and what it wants, on the day `today`.
    pub fn of(spec: &'a Spec, graph: &'a Graph, today: Date) -> Self {
        let (model, sums) = (topology::classify(spec).model, Sums::of(spec));
        let own = spec.policies.rules.iter().map(AsRef::as_ref).collect();
        Case { spec, graph, plan: None, observed: None, older: None, own, today, model, sums }
    }

    /// The same with more rules of the platform's own.
    #[must_use]
    pub fn rules(mut self, more: impl IntoIterator<Item = &'a own::Rule>) -> Self {
        self.own.extend(more);
        self
    }

    /// The same with the plan that is about to be carried out.
    #[must_use]
    pub fn plan(self, plan: &'a Plan) -> Self {
        Case { plan: Some(plan), ..self }
    }

    /// The same with what was seen.
    #[must_use]
    pub fn observed(self, snapshot: &'a Snapshot) -> Self {
        Case { observed: Some(snapshot), ..self }
    }

    /// The same with the spec that came before.
    #[must_use]
    pub fn older(self, older: Older<'a>) -> Self {
        Case { older: Some(older), ..self }
    }

    /// Clusters, in the order of the file.
    pub fn clusters(&self) -> impl Iterator<Item = Cluster<'a>> + use<'a> {
        self.spec.clusters.iter().map(|(name, declared)| Cluster { name, declared })
    }

    /// The cluster of that name.
    pub fn cluster(&self, name: &str) -> Option<Cluster<'a>> {
        self.spec.clusters.get_key_value(name).map(|(name, declared)| Cluster { name, declared })
    }

    /// MySQL, Vault, and the Elasticsearches in the order of the file.
    pub fn stores(&self) -> impl Iterator<Item = Store<'a>> + use<'a> {
        let dependencies = &self.spec.dependencies;
        let searches = dependencies.elasticsearch.iter().map(|(name, declared)| Store::Elasticsearch(name, declared));
        [Store::Mysql(&dependencies.mysql), Store::Vault(&dependencies.vault)].into_iter().chain(searches)
    }

    /// Tenants, in the order of the file.
    pub fn tenants(&self) -> impl Iterator<Item = Tenant<'a>> + use<'a> {
        self.spec.tenants.iter().map(|(name, declared)| Tenant { name, declared })
    }

    /// Environments of all tenants, in the order of the file.
    pub fn environments(&self) -> impl Iterator<Item = Environment<'a>> + use<'a> {
        self.tenants().flat_map(|tenant| tenant.environments())
    }

    /// The environment that something belongs to, if it belongs to one of the spec.
    pub fn environment_of(&self, scope: &Scope) -> Option<Environment<'a>> {
        let (name, declared) = self.spec.tenants.get_key_value(scope.tenant.as_deref()?)?;
        let tenant = Tenant { name, declared };
        let (name, declared) = declared.value.environments.get_key_value(scope.environment.as_deref()?)?;
        Some(Environment { tenant, name, declared })
    }

    /// Every environment on every cluster of its.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'a>> + use<'a> {
        let spec = self.spec;
        self.environments().flat_map(move |environment| environment.cells(spec))
    }

    /// The steps of the plan, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &'a Step> + use<'a> {
        self.plan.into_iter().flat_map(|plan| &plan.steps)
    }

    /// Where the spec asks for what a step is about; nowhere if it no longer does.
    pub fn place_of(&self, step: &Step) -> Place {
        self.graph.get(&step.address).map_or(Place::NOWHERE, |resource| resource.place)
    }

    /// The nodes of a cluster as they were seen, if anybody looked.
    pub fn nodes(&self, cluster: &str) -> Option<&'a [Node]> {
        self.observed?.nodes.get(cluster).map(Vec::as_slice)
    }
}
