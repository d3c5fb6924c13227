//! Rules of a platform's own that stand in files of their own, for several platforms to share.

use crate::error::CommandError;
use crate::input;
use crate::prepare::{Prepared, text};
use clap::Args;
use planner::policy::own::Rule;
use planner::spec::parse_rules;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files that a command takes rules from.
#[derive(Clone, Debug, Args)]
pub(crate) struct PolicyFiles {
    /// A file with rules of the platform's own, in CEL (repeatable); the spec may have some as well
    #[arg(long = "policy", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

impl PolicyFiles {
    /// Reads all rules into `prepared`.
    pub(crate) fn read(&self, prepared: &mut Prepared) -> Result<(), CommandError> {
        for path in &self.files {
            let rules = read(path)?;
            let known = prepared.spec.policies.rules.iter().chain(&prepared.rules);
            differ(known.chain(&rules))?;
            prepared.rules.extend(rules);
        }
        Ok(())
    }

    /// All rules, where there is no spec beside them.
    pub(crate) fn alone(&self) -> Result<Vec<Arc<Rule>>, CommandError> {
        let read: Result<Vec<_>, _> = self.files.iter().map(|path| read(path)).collect();
        let rules: Vec<Arc<Rule>> = read?.into_iter().flatten().collect();
        differ(rules.iter())?;
        Ok(rules)
    }
}

fn read(path: &Path) -> Result<Vec<Arc<Rule>>, CommandError> {
    let bytes = input::read(path, "policy file", input::LARGEST_SPEC)?;
    let file = path.display().to_string();
    parse_rules(&file, &bytes).map_err(|found| CommandError::complaints(found, file, text(bytes)))
}

/// Refuses two rules with one id: a result would not say whose it is.
fn differ<'r>(rules: impl Iterator<Item = &'r Arc<Rule>>) -> Result<(), CommandError> {
    let mut known: BTreeMap<String, &Rule> = BTreeMap::new();
    for rule in rules {
        if let Some(earlier) = known.insert(rule.id.to_ascii_uppercase(), rule) {
            let places = format!("{}:{} and {}:{}", earlier.file, earlier.place, rule.file, rule.place);
            let message = format!("two rules are called {}: at {places}", rule.id);
            return Err(CommandError::new(message).hint("give one of them another id"));
        }
    }
    Ok(())
}
