//! The command line. In the order in which a call passes through:
//!
//! * `cli`: the arguments; one file a command under `commands`;
//! * `input`, `output`, `limit`: files, with every way in which they can be wrong;
//! * `prepare`: spec to graph; `site`: where it acts; `world`: the embedded platform of a file; `real`: the real systems; `platform`:
//!   either of them; `outside`: secrets and entropy, for both;
//! * `policy`: the rules, asked of what is about to be carried out; `rules`: those in files beside the spec; `older`, `revision`: the spec
//!   before a change, in a file or a repository;
//! * `session`: look, plan, carry out; `past`: what earlier runs made; `assess`: how every part of the platform is;
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
mod ledger;
mod limit;
mod older;
mod output;
mod outside;
mod past;
mod platform;
mod policy;
mod prepare;
mod progress;
mod real;
mod revision;
mod rules;
mod session;
mod site;
mod ui;
mod world;

pub use cli::command;

use clap::Parser;
use exit::Exit;
use planner::render::style::{escape, escape_lines};
use std::ffi::OsString;
use std::process::ExitCode;
use ui::Ui;

/// Runs one call of `vamp`, program name first, and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match cli::Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(refusal) => return usage(&harmless(refusal, &arguments)).into(),
    };
    limit::heed();
    let mut ui = Ui::new(cli.color, cli.command.format());
    if cli.command.is_traced() {
        ui.keep_lines();
    }
    let ended = commands::run(&cli.command, &mut ui);
    match ended.and_then(|exit| ui.finish().map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            ui.report(&error);
            error.exit().into()
        }
    }
}

/// The refusal as it can be shown. It quotes the arguments: those that could steer a terminal are refused once more as their
/// escapes.
fn harmless(refusal: clap::Error, arguments: &[OsString]) -> clap::Error {
    let shown: Vec<String> = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let escaped: Vec<OsString> = shown.iter().map(|argument| escape(argument).into_owned().into()).collect();
    if escaped == arguments {
        return refusal;
    }
    match cli::Cli::try_parse_from(escaped) {
        Err(refusal) => refusal,
        Ok(_) => cli::command().error(refusal.kind(), escape_lines(&refusal.render().to_string())),
    }
}

/// Help and version are what was asked for; all else is a mistake in the call.
fn usage(refusal: &clap::Error) -> Exit {
    // There is no other place left to complain at.
    let _ = refusal.print();
    if refusal.use_stderr() { Exit::Usage } else { Exit::Done }
}
