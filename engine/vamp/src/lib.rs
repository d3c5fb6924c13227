//! The command line. In the order in which a call passes through:
//!
//! * `cli`: the arguments; one file a command under `commands`;
//! * `input`, `output`: files, with every way in which they can be wrong;
//! * `prepare`: spec to graph; `site`: where it acts; `world`: the embedded platform of a file;
//! * `session`: look, plan, carry out; `assess`: how every part of the platform is;
//! * `attended`, `progress`, `clock`: signals, the display of a run, the wall clock;
//! * `ui`: the only place that writes to the streams: standard output is data, standard error is talk;
//! * [`exit`], `error`: how a call ends, and what it says then.

mod assess;
mod attended;
mod cli;
mod clock;
mod commands;
mod error;
pub mod exit;
mod input;
mod output;
mod prepare;
mod progress;
mod session;
mod site;
mod ui;
mod world;

pub use cli::command;

use clap::Parser;
use exit::Exit;
use std::ffi::OsString;
use std::process::ExitCode;
use ui::Ui;

/// Runs one call of `vamp`, program name first, and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(refusal) => return usage(&refusal).into(),
    };
    let mut ui = Ui::new(cli.color, cli.command.format());
    let ended = commands::run(&cli.command, &mut ui);
    match ended.and_then(|exit| ui.finish().map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            ui.report(&error);
            Exit::Failed.into()
        }
    }
}

/// Help and version are what was asked for; all else is a mistake in the call.
fn usage(refusal: &clap::Error) -> Exit {
    // There is no other place left to complain at.
    let _ = refusal.print();
    if refusal.use_stderr() { Exit::Usage } else { Exit::Done }
}
