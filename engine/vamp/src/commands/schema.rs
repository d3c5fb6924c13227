//! `vamp schema`: the JSON Schema of the spec.

use super::Ended;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;

/// Print the JSON Schema of the spec, for an editor
#[derive(Debug, Args)]
#[command(after_help = "Example, as the first line of a spec:\n  # yaml-language-server: $schema=vamp.schema.json")]
pub(crate) struct Arguments {}

pub(super) fn run(_: &Arguments, ui: &mut Ui) -> Ended {
    let schema = planner::spec::json_schema();
    ui.data(&format!("{}\n", schema.trim_end()))?;
    Ok(Exit::Done)
}
