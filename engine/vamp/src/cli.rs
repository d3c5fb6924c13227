//! The arguments of `vamp`: what is shared by commands; each command's own stand in its file.

use crate::commands::{completions, show};
use crate::error::chain;
use crate::exit::Exit;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use model::Address;
use std::path::PathBuf;

/// Bring a platform to what one file says, in order, safely.
#[derive(Debug, Parser)]
#[command(name = "vamp", version, propagate_version = false, disable_help_subcommand = true, arg_required_else_help = true)]
#[command(after_help = format!("Exit codes:\n{}", Exit::help()))]
#[command(max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Write in colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

/// When colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    // Comments that are no documentation: clap would turn each into a paragraph of every help screen.
    // Where the stream is a terminal and NO_COLOR is not set.
    Auto,
    Always,
    Never,
}

/// What standard output gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    // For people.
    #[default]
    Text,
    // For programs: JSON and nothing else.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Show(show::Arguments),
    Completions(completions::Arguments),
}

impl Command {
    /// What this command's standard output is to be.
    pub(crate) fn format(&self) -> Format {
        match self {
            Command::Show(arguments) => arguments.output.format,
            Command::Completions(_) => Format::Text,
        }
    }
}

/// The choice between text and JSON.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Output {
    /// Form of standard output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// The whole command line, for help, completions and the tests that compare them.
pub fn command() -> clap::Command {
    Cli::command()
}

/// An address from an argument, with the whole reason if it is none.
pub(crate) fn address(text: &str) -> Result<Address, String> {
    text.parse::<Address>().map_err(|error| chain(&error).join(": "))
}

/// The spec that a command reads.
#[derive(Clone, Debug, Args)]
pub(crate) struct SpecFile {
    /// The platform's spec
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
}
