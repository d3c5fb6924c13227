//! A cell: one environment on one service cluster. Its namespace and rights, then its agents.

use super::compiler::Compiler;
use super::draft::Owner;
use super::environment::Stage;
use super::kubernetes::Home;
use super::topology::Site;
use super::{gateway_agent, gateway_configuration, management, operators, registries, workflow_agent};
use model::address::Address;
use model::graph::EdgeReason::StartsAfter;
use model::resource::Scope;
use model::source::{Located, Place};

/// What the agents of a cell need to know of it.
pub(crate) struct Cell<'a> {
    pub(crate) stage: &'a Stage<'a>,
    pub(crate) cluster: &'a str,
    pub(crate) home: Home,
    /// Where metadata of its traffic goes.
    pub(crate) traffic_sink: Option<Site>,
}

impl<'a> Cell<'a> {
    pub(crate) fn new(compiler: &Compiler, stage: &'a Stage<'a>, cluster: &'a Located<String>, place: Place) -> Self {
        let scope = Scope {
            tenant: Some(stage.tenant.into()),
            environment: Some(stage.name.into()),
            cluster: Some(cluster.as_str().into()),
        };
        let home = Home::new(compiler.names.platform, cluster, &stage.namespace, scope, place);
        let traffic_sink = compiler.topology.elasticsearch.get(stage.environment.traffic_sink.as_str()).cloned();
        Cell { stage, cluster, home, traffic_sink }
    }

    /// The owner of what the cell has outside of Kubernetes.
    pub(crate) fn owner(&self) -> Owner<'_> {
        Owner { scope: &self.home.scope, place: self.home.place, gate: Some(&self.stage.organization) }
    }

    /// Name of a policy or role of this cell.
    pub(crate) fn policy_name(&self, component: &str) -> String {
        format!("{}-{}-{component}", self.stage.namespace, self.cluster)
    }

    /// Name of the Vault role of a component: the auth method is the cluster's, so the cluster is not in it.
    pub(crate) fn role_name(&self, component: &str) -> String {
        format!("{}-{}-{component}", self.stage.tenant, self.stage.name)
    }
}

/// The cell's resources. `previous` is the gateway agents of the cell that is rolled before this one; gives back this one's.
pub(crate) fn compile(compiler: &mut Compiler, cell: &Cell, previous: Option<&Address>) -> Address {
    let namespace = management::namespace(&cell.home).after_by(&cell.stage.organization, StartsAfter, "TEN-6");
    compiler.add(namespace);
    registries::compile(compiler, &cell.home);
    operators::compile(compiler, cell);
    let configuration = gateway_configuration::compile(compiler, cell);
    let gateway_agents = gateway_agent::compile(compiler, cell, &configuration, previous);
    workflow_agent::compile(compiler, cell);
    gateway_agents
}
