//! Tenants and their environments.

use super::settings::Layers;
use super::{Lower, each, entries};
use crate::spec::builtin;
use crate::spec::code;
use crate::spec::reader::quote;
use crate::spec::types::{Agents, Environment, Named, Tenant};
use crate::spec::written::{self, Settings};
use model::Diagnostic;
use model::names::{MYSQL_IDENTIFIER_LENGTH, NAMESPACE_LENGTH};
use model::source::Located;

/// Schemas and tables are named after namespaces, so that a namespace that Kubernetes takes is one that MySQL takes.
const _: () = assert!(NAMESPACE_LENGTH <= MYSQL_IDENTIFIER_LENGTH);

impl Lower<'_> {
    pub(super) fn tenants(&mut self) -> Option<Named<Tenant>> {
        let Some(tenants) = entries(&self.document.tenants) else { return Some(Named::default()) };
        each(tenants, |name, tenant| self.tenant(name, tenant))
    }

    fn tenant(&mut self, name: &str, tenant: &Located<written::Tenant>) -> Option<Tenant> {
        let defaults = tenant.defaults.yes().map(|defaults| &defaults.value);
        self.settings(defaults);
        let environments = each(entries(&tenant.environments)?, |environment, written| {
            self.settings(Some(&written.settings));
            let platform = self.document.defaults.yes().map(|defaults| &defaults.value);
            let layers = Layers([Some(&written.settings), defaults, platform].into_iter().flatten().collect());
            self.namespace_fits(name, environment, written);
            self.environment(environment, written, &layers)
        });
        Some(Tenant {
            title: tenant.title.or(name.to_owned()),
            administrators: tenant.administrators.yes()?.value.clone(),
            environments: environments?,
            mysql_password: tenant.mysql_password.yes().cloned(),
        })
    }

    fn namespace_fits(&mut self, tenant: &str, environment: &str, written: &Located<written::Environment>) {
        let Some(platform) = self.document.platform.yes() else { return };
        let namespace = format!("{}-{tenant}-{environment}", platform.value);
        if namespace.len() > NAMESPACE_LENGTH {
            let message = format!("the namespace {} has {} characters", quote(&namespace), namespace.len());
            let help =
                format!("Kubernetes takes {NAMESPACE_LENGTH}; shorten the platform's, the tenant's or the environment's name");
            self.error(code::NAMESPACE_TOO_LONG, written.place, message, help);
        }
    }

    fn environment(&mut self, name: &str, written: &Located<written::Environment>, layers: &Layers<'_>) -> Option<Environment> {
        let clusters = self.clusters_of(layers, name, written.place);
        let [audit_sink, traffic_sink] = self.sinks_of(layers, name, written.place);
        let gateway_agents = gateway_agents(layers);
        self.agents_fit(clusters.as_deref().unwrap_or_default(), &gateway_agents);
        let gateways = self.gateways(written);
        let countries = layers.or(Vec::new(), |settings| settings.users.yes().map(|users| &users.countries));
        Some(Environment {
            clusters: clusters?,
            requests_per_second: layers
                .or(builtin::REQUESTS_PER_SECOND, |settings| settings.traffic.yes().map(|traffic| &traffic.requests_per_second)),
            user_countries: countries.value,
            regulated_audit: layers.or(false, |settings| Some(&settings.regulated_audit)),
            audit_sink: audit_sink?,
            traffic_sink: traffic_sink?,
            audit_retention_days: layers
                .or(builtin::AUDIT_RETENTION_DAYS, |settings| settings.retention.yes().map(|retention| &retention.audit)),
            traffic_retention_days: layers
                .or(builtin::TRAFFIC_RETENTION_DAYS, |settings| settings.retention.yes().map(|retention| &retention.traffic)),
            gateway_agents,
            workflow_agent: workflow_agent(layers),
            gateways: gateways?,
            retired_gateways: written.retired_gateways.yes().map(|retired| retired.value.clone()).unwrap_or_default(),
        })
    }

    /// Each gateway agent of a cell needs a node of its own (VGA-2), and a roll-out needs one more (VGA-4).
    fn agents_fit(&mut self, clusters: &[Located<String>], agents: &Agents) {
        for name in clusters {
            let cluster = entries(&self.document.clusters).and_then(|clusters| clusters.get(name.value.as_str()));
            let serves = self.serving.as_ref().is_none_or(|serving| serving.contains(&name.value.as_str()));
            let cluster = cluster.filter(|_| serves);
            let Some(count) = cluster.and_then(|cluster| cluster.nodes.yes()).and_then(|nodes| nodes.count.yes()) else {
                continue;
            };
            let (wanted, nodes) = (agents.replicas.value, count.value);
            let (code, message) = if wanted > nodes {
                (
                    code::MORE_AGENTS_THAN_NODES,
                    format!("{wanted} gateway agents need {wanted} nodes; {} has {nodes}", quote(name)),
                )
            } else if wanted == nodes {
                (
                    code::NO_ROOM_TO_ROLL,
                    format!("{wanted} gateway agents fill the {nodes} nodes of {}: none can be replaced safely", quote(name)),
                )
            } else {
                continue;
            };
            let help =
                format!("add nodes until there are {}, or lower `gatewayAgents.replicas` (2 at least)", wanted.saturating_add(1));
            let make = if wanted > nodes { Diagnostic::error } else { Diagnostic::warning };
            let complaint = make(code, count.place, message).help(help);
            self.reader.complain(match agents.replicas.place {
                written if written.is_written() => complaint.related(written, "the number of gateway agents"),
                _ => complaint,
            });
        }
    }
}

fn gateway_agents(layers: &Layers<'_>) -> Agents {
    fn agents(settings: &Settings) -> Option<&written::GatewayAgents> {
        settings.gateway_agents.yes().map(|agents| &agents.value)
    }
    Agents {
        replicas: layers.or(builtin::GATEWAY_AGENTS, |settings| agents(settings).map(|agents| &agents.replicas)),
        milli_cpu: layers.or(builtin::GATEWAY_AGENT_CPU, |settings| agents(settings).map(|agents| &agents.cpu)),
        memory_bytes: layers.or(builtin::GATEWAY_AGENT_MEMORY, |settings| agents(settings).map(|agents| &agents.memory)),
    }
}

fn workflow_agent(layers: &Layers<'_>) -> Agents {
    fn agent(settings: &Settings) -> Option<&written::WorkflowAgent> {
        settings.workflow_agent.yes().map(|agent| &agent.value)
    }
    Agents {
        replicas: Located::default_value(builtin::WORKFLOW_AGENTS),
        milli_cpu: layers.or(builtin::WORKFLOW_AGENT_CPU, |settings| agent(settings).map(|agent| &agent.cpu)),
        memory_bytes: layers.or(builtin::WORKFLOW_AGENT_MEMORY, |settings| agent(settings).map(|agent| &agent.memory)),
    }
}
