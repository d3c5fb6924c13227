//! `vamp simulate merge FILES`: parts of a campaign, put together into the report that one run would have made.

use super::document::Document;
use super::{Form, seeds};
use crate::commands::Ended;
use crate::error::CommandError;
use crate::input;
use crate::ui::Ui;
use simulator::campaign::part::{NoMerge, Part, merge};
use std::path::{Path, PathBuf};

/// Largest part that is read.
const LARGEST: u64 = 1 << 30;

/// Put parts of a campaign together
#[derive(Debug, clap::Args)]
#[command(after_help = "A part is what `vamp simulate SPEC --shard I/N --format json` prints.")]
pub(super) struct Arguments {
    /// The parts
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Form of standard output
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(super) format: Form,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let parts = arguments.files.iter().map(|file| read(file)).collect::<Result<Vec<Part>, _>>()?;
    let whole = merge(parts).map_err(|error| refuse(error, &arguments.files))?;
    let document = Document::of(whole, None);
    seeds::tell(&document, arguments.format, ui)?;
    Ok(seeds::exit(&document))
}

fn read(file: &Path) -> Result<Part, CommandError> {
    let text = input::read_text(file, "part of a campaign", LARGEST)?;
    serde_json::from_str(&text).map_err(|error| {
        CommandError::new(format!("{} is no part of a campaign", file.display()))
            .because(error)
            .hint("`vamp simulate SPEC --shard I/N --format json` prints one")
    })
}

fn refuse(error: NoMerge, files: &[PathBuf]) -> CommandError {
    let which = match &error {
        NoMerge::Version { part, .. } | NoMerge::Other { part, .. } => files.get(part - 1),
        _ => None,
    };
    let about = which.map(|file| format!(" ({})", file.display())).unwrap_or_default();
    let hint = match &error {
        NoMerge::Missing { .. } => "name the files of all parts",
        NoMerge::Twice(_) => "name each part once",
        _ => "all parts must come from the same call, but for --shard",
    };
    CommandError::new(format!("the parts make no whole{about}")).because(error).hint(hint)
}
