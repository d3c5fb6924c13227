//! From a spec file to what is wanted: read, parsed, compiled, with every complaint told.

use crate::error::CommandError;
use crate::input;
use crate::ui::Ui;
use model::connection::Connection;
use model::{Address, Diagnostic, Graph, SecretReference};
use planner::compile::compile;
use planner::plan::moves;
use planner::policy::own::Rule;
use planner::render::diagnostics::diagnostics;
use planner::spec::{Spec, parse};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;

/// A spec that can be worked with.
pub(crate) struct Prepared {
    pub(crate) spec: Spec,
    pub(crate) graph: Graph,
    pub(crate) connections: Vec<Connection>,
    /// Every secret that what is wanted refers to, once.
    pub(crate) secrets: Vec<SecretReference>,
    /// Old and new address of what keeps its data through a renaming.
    pub(crate) moved: Vec<(Address, Address)>,
    /// Rules of the platform's own that stand in files beside the spec.
    pub(crate) rules: Vec<Arc<Rule>>,
    /// The spec's text, for showing lines of it.
    pub(crate) source: String,
}

/// Read and compile the spec at `path`. Warnings are told; errors end the command, all at once.
///
/// A command needs the graph to its end, and the system takes back the memory of a process at once: taking it apart before, piece
/// by piece, would be time that somebody waits.
pub(crate) fn prepare(path: &Path, ui: &Ui) -> Result<ManuallyDrop<Prepared>, CommandError> {
    let bytes = input::read(path, "spec", input::LARGEST_SPEC)?;
    prepare_bytes(path, bytes, ui)
}

/// The same for a file that was read already.
pub(crate) fn prepare_bytes(path: &Path, bytes: Vec<u8>, ui: &Ui) -> Result<ManuallyDrop<Prepared>, CommandError> {
    let file = path.display().to_string();
    let parsed = parse(&file, &bytes);
    let source = text(bytes);
    let refused = |found: Vec<Diagnostic>| CommandError::complaints(found, file.clone(), source.clone());
    let parsed = parsed.map_err(refused)?;
    if !parsed.warnings.is_empty() {
        ui.say(&diagnostics(&parsed.warnings, &file, &source, ui.err()));
    }
    let compiled = compile(&parsed.spec).map_err(refused)?;
    let moved = moves(&parsed.spec, &compiled.graph);
    let secrets = compiled.graph.secrets().into_iter().collect();
    Ok(ManuallyDrop::new(Prepared {
        spec: parsed.spec,
        graph: compiled.graph,
        connections: compiled.connections,
        secrets,
        moved,
        rules: Vec::new(),
        source,
    }))
}

/// Bytes of a file as a text that can be shown.
pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
