//! What each command does, one file a command: its arguments, and `run`.

pub(crate) mod completions;
pub(crate) mod show;

use crate::cli::Command;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;

/// How a command ends.
pub(crate) type Ended = Result<Exit, CommandError>;

/// Run the command that was asked for.
pub(crate) fn run(command: &Command, ui: &mut Ui) -> Ended {
    match command {
        Command::Show(arguments) => show::run(arguments, ui),
        Command::Completions(arguments) => completions::run(arguments, ui),
    }
}
