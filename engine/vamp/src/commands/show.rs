//! `vamp show PLAN`: a saved plan, read and checked.

use super::Ended;
use crate::cli::{Format, Output};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input::{self, Opened};
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
    read_opened(path, input::open(path, "plan")?)
}

/// The same from a file that was opened already. What does not begin as a plan does is not read any further.
pub(crate) fn read_opened(path: &Path, opened: Opened<'_>) -> Result<Plan, CommandError> {
    if !begins_as_json(opened.head()) {
        return Err(CommandError::new(format!("{} is not a plan", path.display())).hint(NOT_A_PLAN));
    }
    saved::from_json(&opened.text(input::LARGEST_PLAN)?).map_err(|refusal| {
        let help = refusal.help();
        CommandError::new(format!("{} is refused", path.display())).because(refusal).hint(help)
    })
}

/// What to do about a file that is no plan.
const NOT_A_PLAN: &str = "give a file that `vamp plan SPEC -o FILE` wrote";

/// Whether the first character of a file is that of a JSON object.
pub(crate) fn begins_as_json(head: &[u8]) -> bool {
    head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}
