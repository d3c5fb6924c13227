//! `vamp completions SHELL`.

use super::Ended;
use crate::cli;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Args;

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  vamp completions bash > ~/.local/share/bash-completion/completions/vamp")]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli::command(), "vamp", &mut script);
    ui.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
