//! `vamp schema`: the JSON Schema of the spec, of a saved plan, or of a scenario.

use super::Ended;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;

/// Print the JSON Schema of the spec, for an editor; or of a saved plan, or of a scenario
#[derive(Debug, Args)]
#[command(after_help = "Example, as the first line of a spec:\n  # yaml-language-server: $schema=vamp.schema.json")]
pub(crate) struct Arguments {
    /// Print the JSON Schema of a saved plan instead
    #[arg(long)]
    plan: bool,
    /// Print the JSON Schema of a scenario of `vamp simulate` instead
    #[arg(long, conflicts_with = "plan")]
    scenario: bool,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let schema = match (arguments.plan, arguments.scenario) {
        (true, _) => planner::plan::PLAN_SCHEMA.to_owned(),
        (_, true) => simulator::scenario::read::json_schema(),
        _ => planner::spec::json_schema(),
    };
    ui.data(&format!("{}\n", schema.trim_end()))?;
    Ok(Exit::Done)
}
