//! `vamp show PLAN`: a saved plan, read and checked.

use super::Ended;
use crate::cli::{Format, Output};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input;
use crate::ui::Ui;
use clap::Args;
use model::Plan;
use planner::plan::saved;
use planner::render::plan::{Detail, plan};
use std::path::{Path, PathBuf};

/// Show a saved plan
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A plan that `vamp plan -o` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Show whole documents and lists
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let saved = read_plan(&arguments.plan)?;
    match arguments.output.format {
        Format::Json => ui.json(&saved)?,
        Format::Text => {
            let detail = if arguments.verbose { Detail::Full } else { Detail::Short };
            ui.data(&plan(&saved, detail, ui.out()))?;
        }
    }
    Ok(Exit::Done)
}

/// A saved plan, unedited and of a format that this `vamp` reads.
pub(crate) fn read_plan(path: &Path) -> Result<Plan, CommandError> {
    let text = input::read_text(path, "plan", input::LARGEST_PLAN)?;
    saved::from_json(&text).map_err(|refusal| {
        let help = refusal.help();
        CommandError::new(format!("{} is refused", path.display())).because(refusal).hint(help)
    })
}
