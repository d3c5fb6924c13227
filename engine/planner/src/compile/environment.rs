//! An environment of a tenant: its table, templates, token and configuration, and one cell for each of its clusters. The
//! configuration is the gate (TEN-6): it comes after all that it names, and the agents of every cell come after it.

use super::cell::{self, Cell};
use super::compiler::Compiler;
use super::draft::Owner;
use super::tenant::{Organization, Settled, data};
use super::workflow_agent::{self, QUANTIFICATION};
use super::{configuration, elasticsearch, gateway_configuration, mysql, vault};
use crate::spec::types::Environment;
use model::address::Address;
use model::graph::EdgeReason::{IsAllowedBy, References};
use model::resource::{Origin, Scope};
use model::secret::SecretReference;
use model::source::Place;
use model::value::{Map, Value};

/// Length of the workflow agent's token for Vamp's API, in characters.
const TOKEN_LENGTH: u16 = 48;

/// What the cells of an environment need to know of it.
pub(crate) struct Stage<'s> {
    pub(crate) tenant: &'s str,
    pub(crate) name: &'s str,
    pub(crate) environment: &'s Environment,
    /// Its namespace, in every cluster: `acme-shop-production`.
    pub(crate) namespace: String,
    /// What HAProxy is told in every cell.
    pub(crate) haproxy: String,
    /// The tenant's configuration.
    pub(crate) organization: Address,
    /// Its configuration, which is there once all else of it is.
    pub(crate) configuration: Address,
    /// What its workflow agents do.
    pub(crate) workflow: Address,
    /// Token of its workflow agents.
    pub(crate) token: Address,
}

pub(crate) fn compile<'s>(
    compiler: &mut Compiler<'s>,
    organization: &Organization<'s>,
    name: &'s str,
    environment: &'s Environment,
    place: Place,
    settled: &mut Vec<Settled>,
) {
    let tenant = organization.name;
    let scope = Scope { tenant: Some(tenant.into()), environment: Some(name.into()), cluster: None };
    let owner = Owner { scope: &scope, place, gate: Some(&organization.configuration) };
    let namespace = compiler.names.environment(tenant, name);
    let token = token(compiler, organization, name, owner);
    let workflow = workflow(compiler, organization, name, owner);
    let tables = mysql::namespace(compiler, tenant, &namespace, &organization.user, owner);
    let templates = elasticsearch::environment(compiler, &namespace, environment, owner);
    let path = compiler.names.environment_entry(tenant, name, "configuration");
    let fields = configuration::environment(compiler, tenant, name, environment);
    let draft = vault::entry(compiler, &path, fields, owner)
        .after(&organization.user, IsAllowedBy)
        .after_all(&tables, References)
        .after_all(&templates, References)
        .origin(data("vamp.pulse.elasticsearch.url"), Origin::Spec(environment.audit_sink.place))
        .origin(data("vamp.pulse.traffic.elasticsearch.url"), Origin::Spec(environment.traffic_sink.place));
    let digest = draft.resource.document.digest().to_string();
    let configuration = compiler.add(draft);
    settled.push(Settled { address: configuration.clone(), digest });
    let organization = organization.configuration.clone();
    let haproxy = gateway_configuration::sections(compiler, &namespace, environment);
    let stage = Stage { tenant, name, environment, namespace, haproxy, organization, configuration, workflow, token };
    let mut canary = None;
    for cluster in &environment.clusters {
        let place = if cluster.place.is_written() { cluster.place } else { place };
        let cell = Cell::new(compiler, &stage, cluster, place);
        canary = Some(cell::compile(compiler, &cell, canary.as_ref()));
    }
}

/// Without it a workflow agent may not ask Vamp anything.
fn token(compiler: &mut Compiler, organization: &Organization, name: &str, owner: Owner) -> Address {
    let path = compiler.names.environment_entry(organization.name, name, "credentials/workflow-token");
    let token = SecretReference::Generated { length: TOKEN_LENGTH };
    let fields: Map = [("token", Value::from(token))].into_iter().collect();
    let draft = vault::entry(compiler, &path, fields, owner).origin(data("token"), Origin::Default("generated once and kept"));
    compiler.add(draft)
}

fn workflow(compiler: &mut Compiler, organization: &Organization, name: &str, owner: Owner) -> Address {
    let path = compiler.names.environment_entry(organization.name, name, &format!("workflows/{QUANTIFICATION}"));
    let fields = workflow_agent::quantification();
    let draft = vault::entry(compiler, &path, fields, owner)
        .alike()
        .origin(model::FieldPath::ROOT, Origin::Default("quantification as the original does it"));
    compiler.add(draft)
}
