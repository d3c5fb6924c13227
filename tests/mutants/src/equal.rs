//! Changes that no test can catch, since they change nothing that can be told; with the reason.

use crate::tree::Result;
use serde::Deserialize;
use std::path::Path;

/// Such a change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equal {
    /// The source that it is in: `VGA-1`, `capacity`.
    pub rule: String,
    /// The change, in the words of the table.
    pub change: String,
    /// Why nothing can tell it.
    pub because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    equal: Vec<Equal>,
}

/// Those of `tests/mutants/equal.toml`.
pub fn read(root: &Path) -> Result<Vec<Equal>> {
    let text = std::fs::read_to_string(root.join("tests/mutants/equal.toml"))?;
    Ok(toml::from_str::<File>(&text)?.equal)
}
