//! `vamp schema`: the JSON Schema of the spec, of a saved plan, of a scenario, of a file of rules, or of what `vamp check` found.

use super::Ended;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;

/// Print the JSON Schema of the spec, for an editor; or of what else vamp reads or writes
#[derive(Debug, Args)]
#[group(multiple = false)]
#[command(after_help = "Example, as the first line of a spec:\n  # yaml-language-server: $schema=vamp.schema.json")]
pub(crate) struct Arguments {
    /// Print the JSON Schema of a saved plan instead
    #[arg(long)]
    plan: bool,
    /// Print the JSON Schema of a scenario of `vamp simulate` instead
    #[arg(long)]
    scenario: bool,
    /// Print the JSON Schema of `vamp check --format json` instead
    #[arg(long)]
    check: bool,
    /// Print the JSON Schema of `vamp check --test --format json` instead
    #[arg(long)]
    test: bool,
    /// Print the JSON Schema of a file of rules (`--policy`) instead, for an editor
    #[arg(long)]
    policy: bool,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let schema = match arguments {
        Arguments { plan: true, .. } => planner::plan::PLAN_SCHEMA.to_owned(),
        Arguments { scenario: true, .. } => simulator::scenario::read::json_schema(),
        Arguments { check: true, .. } => planner::render::check::CHECK_SCHEMA.to_owned(),
        Arguments { test: true, .. } => planner::render::trials::TRIALS_SCHEMA.to_owned(),
        Arguments { policy: true, .. } => planner::spec::rules_json_schema(),
        _ => planner::spec::json_schema(),
    };
    ui.data(&format!("{}\n", schema.trim_end()))?;
    Ok(Exit::Done)
}
