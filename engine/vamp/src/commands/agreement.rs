//! Asking a person before something is done that no plan shows.

use crate::error::CommandError;
use crate::ui::Ui;
use clap::Args;
use driver::consent::YES;

/// Whether somebody has to be asked.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Agreement {
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
}

impl Agreement {
    /// Ask, after what `fact` says. Who cannot be asked is told that --yes `does` it, and who does not agree, that nothing was `done`.
    ///
    /// # Errors
    /// If nobody can be asked, or he does not agree.
    pub(super) fn ask(self, fact: &str, does: &str, done: &str, ui: &Ui) -> Result<(), CommandError> {
        if self.yes {
            return Ok(());
        }
        if !ui.can_ask() {
            return Err(nobody_to_ask().hint(format!("--yes {does} without asking")));
        }
        let answer = ui.ask(&format!("{fact} Only {YES:?} is taken for a yes:"));
        if answer.trim() == YES { Ok(()) } else { Err(CommandError::new(format!("not confirmed; nothing was {done}"))) }
    }
}

/// A question without anybody who could answer it.
pub(super) fn nobody_to_ask() -> CommandError {
    CommandError::new("nobody is there to be asked: standard input is no terminal")
}
