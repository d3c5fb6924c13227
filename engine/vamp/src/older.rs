//! The spec that another one takes the place of: from a file, or from the history of the repository that holds the spec.

use crate::error::CommandError;
use crate::input;
use crate::prepare::text;
use crate::revision;
use model::Graph;
use planner::compile::compile;
use planner::policy;
use planner::spec::{Spec, parse};
use std::path::Path;

/// An older spec and what it wanted.
pub(crate) struct Older {
    spec: Spec,
    graph: Graph,
}

impl Older {
    /// For the rules on a change.
    pub(crate) fn view(&self) -> policy::Older<'_> {
        policy::Older { spec: &self.spec, graph: &self.graph }
    }
}

/// The spec that `against` names: the file of that name if there is one, otherwise what `spec` was at that revision.
pub(crate) fn read(against: &str, spec: &Path) -> Result<Older, CommandError> {
    let path = Path::new(against);
    let (name, bytes) = if path.is_file() {
        (against.to_owned(), input::read(path, "older spec", input::LARGEST_SPEC)?)
    } else {
        revision::read(spec, against)?
    };
    let parsed = parse(&name, &bytes);
    let refused = |found| CommandError::complaints(found, name.clone(), text(bytes));
    match parsed.and_then(|parsed| compile(&parsed.spec).map(|compiled| (parsed.spec, compiled.graph))) {
        Ok((spec, graph)) => Ok(Older { spec, graph }),
        Err(found) => {
            Err(refused(found).hint("a spec that does not hold together cannot be compared with: name an older one that does"))
        }
    }
}
