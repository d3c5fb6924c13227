//! What somebody does by hand in the course of a scenario, past the engine: as with `kubectl edit`, or in another tool.

use crate::world::edit::{self, field_path};
use crate::world::{Edit, World};
use model::{Address, Duration, Value};

/// One change by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// When, from the beginning.
    pub at: Duration,
    /// What is changed.
    pub object: Address,
    /// How.
    pub edit: Edit,
    /// Whether its system is expected to refuse that.
    pub refused: bool,
}

/// What a person makes, where an object is made: a ConfigMap and an entry of Vault look alike in it.
const MADE: [&str; 2] = ["data", "made"];
const BY: &str = "by hand";

/// The change of these words: `make`, `delete`, `set PATH=VALUE` (with `\\n` for an end of line) or `remove PATH`. Nothing if they are none.
pub(super) fn edit(words: &str) -> Option<Edit> {
    match words.split_once(' ') {
        None if words == "make" => {
            let mut document = Value::default();
            document.set(&MADE, BY);
            Some(Edit::Create { document })
        }
        None if words == "delete" => Some(Edit::Delete),
        Some(("remove", path)) => Some(Edit::Remove { path: field_path(path)? }),
        Some(("set", what)) => {
            let (path, value) = what.split_once('=')?;
            let value = value.replace("\\n", "\n");
            let value = value.parse::<i64>().map_or_else(|_| Value::from(value.as_str()), Value::from);
            Some(Edit::Set { path: field_path(path)?, value })
        }
        _ => None,
    }
}

impl Hand {
    /// Whether the world is still as this change left it.
    pub(super) fn holds(&self, world: &World) -> bool {
        let seen = world.find(&self.object).ok().flatten();
        let at = |path: &[String]| seen.as_ref().map(|seen| edit::at(&seen.document, path).cloned());
        match &self.edit {
            Edit::Set { path, value } => at(path).flatten().as_ref() == Some(value),
            Edit::Remove { path } => at(path) == Some(None),
            Edit::Delete => seen.is_none(),
            Edit::Create { .. } => at(&MADE.map(str::to_owned)).flatten() == Some(Value::from(BY)),
        }
    }

    /// What is done, in words.
    pub(super) fn words(&self) -> String {
        let (object, refused) = (&self.object, if self.refused { ", and is refused" } else { "" });
        match &self.edit {
            Edit::Set { path, .. } => format!("somebody sets {} of {object} by hand{refused}", path.join(".")),
            Edit::Remove { path } => format!("somebody removes {} of {object} by hand{refused}", path.join(".")),
            Edit::Delete => format!("somebody deletes {object} by hand{refused}"),
            Edit::Create { .. } => format!("somebody makes {object} by hand{refused}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_change_are_read_and_others_are_none() {
        assert_eq!(edit("delete"), Some(Edit::Delete));
        assert!(matches!(edit("make"), Some(Edit::Create { .. })));
        assert_eq!(edit("remove data.a"), Some(Edit::Remove { path: vec!["data".into(), "a".into()] }));
        let set = |value: Value| Some(Edit::Set { path: vec!["metadata".into(), "a.b".into()], value });
        assert_eq!(edit("set metadata[\"a.b\"]=blue"), set("blue".into()));
        assert_eq!(edit("set metadata[\"a.b\"]=2"), set(2_i64.into()));
        assert_eq!(edit("set metadata[\"a.b\"]=two\\nlines"), set("two\nlines".into()));
        for wrong in ["", "remove", "remove ", "set a", "set =b", "delete a", "made", "set a..b=1"] {
            assert_eq!(edit(wrong), None, "{wrong}");
        }
    }
}
