//! Spec to graph: every resource that the platform wants, and why one comes before another.
//!
//! Each kind of thing is one file, which says what it is and what it comes after. Order follows from edges alone. Where many things
//! wait for many, they wait through one gate between them, so that there are not more edges than a few for each resource:
//!
//! * the workload of a store in a cluster, for all that lives in that store;
//! * the mount, for all entries of Vault;
//! * a tenant's configuration, which comes after all else of the tenant, and before its environments (TEN-6);
//! * an environment's configuration, which comes after all else of the environment, and before its agents.

mod amounts;
pub mod audit;
mod cell;
mod compiler;
mod configuration;
mod connections;
mod diagnostics;
mod draft;
mod elasticsearch;
mod environment;
mod gateway_agent;
mod gateway_configuration;
mod gateway_service;
mod kubernetes;
mod labels;
mod lifter;
mod load;
mod management;
mod mysql;
mod names;
mod network;
mod operators;
mod pods;
mod registries;
mod stores;
mod tenant;
mod topology;
mod vamp;
mod vault;
mod workflow_agent;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

pub use diagnostics::explain_error;
pub(crate) use gateway_agent::NAME as GATEWAY_AGENT;
pub use load::load;
pub(crate) use names::Names;
pub(crate) use stores::HOSTNAME;

use crate::spec::types::Spec;
use compiler::Compiler;
use model::connection::Connection;
use model::{Diagnostic, Graph};
use topology::Topology;

/// What a spec wants, and where it wants it.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Resources and their order.
    pub graph: Graph,
    /// One connection for each system that the resources live in.
    pub connections: Vec<Connection>,
}

/// The graph of a spec.
///
/// # Errors
/// A diagnostic for all that only shows once the spec has become resources: names that are too long, two things of one name, circles.
pub fn compile(spec: &Spec) -> Result<Compiled, Vec<Diagnostic>> {
    let mut compiler = Compiler::new(spec, Topology::of(spec)?);
    management::compile(&mut compiler);
    stores::mysql::compile(&mut compiler);
    stores::vault::compile(&mut compiler);
    stores::elasticsearch::compile(&mut compiler);
    vault::compile(&mut compiler);
    let mut settled = Vec::new();
    for (name, declared) in &spec.tenants {
        tenant::compile(&mut compiler, name, &declared.value, declared.place, &mut settled);
    }
    vamp::compile(&mut compiler, &settled);
    lifter::compile(&mut compiler);
    let connections = connections::connections(&compiler);
    Ok(Compiled { graph: compiler.finish()?, connections })
}
