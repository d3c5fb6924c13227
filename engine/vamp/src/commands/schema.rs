//! `vamp schema`: the JSON Schema of the spec, or of a saved plan.

use super::Ended;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;

/// Print the JSON Schema of the spec, for an editor; or of a saved plan
#[derive(Debug, Args)]
#[command(after_help = "Example, as the first line of a spec:\n  # yaml-language-server: $schema=vamp.schema.json")]
pub(crate) struct Arguments {
    /// Print the JSON Schema of a saved plan instead
    #[arg(long)]
    plan: bool,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let schema = if arguments.plan { planner::plan::PLAN_SCHEMA.to_owned() } else { planner::spec::json_schema() };
    ui.data(&format!("{}\n", schema.trim_end()))?;
    Ok(Exit::Done)
}
