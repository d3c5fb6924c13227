//! What an operator wants of the world: a spec, compiled once and shared by everybody who works with it.

use super::secrets::Known;
use model::connection::Connection;
use model::load::Load;
use model::{Diagnostic, Graph, SecretReference};
use planner::compile::{compile, load};
use planner::plan::{Options, moves};
use planner::spec::{Spec, parse};
use std::sync::Arc;

/// A spec with all that follows from it alone.
#[derive(Debug)]
pub struct Desired {
    /// The spec.
    pub spec: Spec,
    /// What it wants.
    pub graph: Graph,
    /// Where: every connection leads into the world, whatever the spec says.
    pub connections: Vec<Connection>,
    /// What is asked for beyond the spec.
    pub options: Options,
    /// What requests reach its cells.
    pub load: Load,
    /// Every secret that what is wanted refers to, once.
    pub secrets: Vec<SecretReference>,
    /// What its secrets are known by, where they are not made up.
    pub known: Option<Arc<Known>>,
}

impl Desired {
    /// Read and compile the spec in `text`; `file` is its name in diagnostics.
    ///
    /// # Errors
    /// Every complaint about it.
    pub fn read(file: &str, text: &[u8]) -> Result<Arc<Self>, Vec<Diagnostic>> {
        Self::of(parse(file, text)?.spec).map(Arc::new)
    }

    /// What `spec` wants.
    ///
    /// # Errors
    /// What only shows once the spec has become resources.
    pub fn of(spec: Spec) -> Result<Self, Vec<Diagnostic>> {
        let compiled = compile(&spec)?;
        let options = Options { moved: moves(&spec, &compiled.graph), ..Options::default() };
        let load = load(&spec)?;
        let secrets = compiled.graph.secrets().into_iter().collect();
        let connections = compiled.connections.into_iter().map(Connection::into_world).collect();
        Ok(Desired { spec, graph: compiled.graph, connections, options, load, secrets, known: None })
    }

    /// The same with another image of the gateway agents: every cell is rolled out anew.
    ///
    /// # Errors
    /// As [`Desired::of`].
    pub fn rolled(&self) -> Result<Self, Vec<Diagnostic>> {
        let mut spec = self.spec.clone();
        let image = &mut spec.images.gateway_agent.value;
        let name = image.split('@').next().unwrap_or_default();
        *image = format!("{name}-rolled");
        spec.digest.push_str("-rolled");
        Self::of(spec)
    }
}
