//! `vamp check --report FILE`: the page for a browser, written beside whatever standard output gets.

use super::Arguments;
use crate::error::CommandError;
use crate::output::{self, Overwrite};
use crate::ui::Ui;
use planner::policy::Case;
use planner::render::check::{Report, page};
use planner::render::style::escape;
use std::path::{Path, PathBuf};

/// Write the page, if one is asked for; never over a file that the command reads.
pub(super) fn write(report: &Report<'_>, case: &Case<'_>, arguments: &Arguments, ui: &Ui) -> Result<(), CommandError> {
    let Some(file) = &arguments.report else { return Ok(()) };
    let mut inputs: Vec<&Path> = arguments.spec.iter().chain(&arguments.policies.files).map(PathBuf::as_path).collect();
    inputs.extend(arguments.plan.as_deref());
    inputs.extend(arguments.against.as_deref().map(Path::new).filter(|older| older.is_file()));
    output::check(file, &inputs)?;
    output::write(file, &page(report, case), Overwrite::Allow)?;
    ui.line(&format!("{} is written.", escape(&file.display().to_string())));
    Ok(())
}
