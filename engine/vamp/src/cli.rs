//! The arguments of `vamp`: what is shared by commands; each command's own stand in its file.

use crate::commands::{
    adopt, apply, audit, check, completions, destroy, explain, forget, graph, history, init, ledger, permissions, plan, recover,
    schema, show, simulate, status, world,
};
use crate::error::CommandError;
use crate::error::chain;
use crate::exit::Exit;
use crate::prepare::Prepared;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use model::{Address, System};
use std::collections::BTreeSet;
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
    Plan(plan::Arguments),
    Check(check::Arguments),
    Apply(apply::Arguments),
    Status(status::Arguments),
    Destroy(destroy::Arguments),
    History(history::Arguments),
    Audit(audit::Arguments),
    Show(show::Arguments),
    Graph(graph::Arguments),
    Explain(explain::Arguments),
    Init(init::Arguments),
    Permissions(permissions::Arguments),
    Schema(schema::Arguments),
    Adopt(adopt::Arguments),
    Forget(forget::Arguments),
    Recover(recover::Arguments),
    Ledger(ledger::Arguments),
    Simulate(simulate::Arguments),
    World(world::Arguments),
    Completions(completions::Arguments),
}

impl Command {
    /// What this command's standard output is to be.
    pub(crate) fn format(&self) -> Format {
        match self {
            Command::Plan(arguments) => arguments.output.format,
            Command::Apply(arguments) => arguments.output.format,
            Command::Status(arguments) => arguments.output.format,
            Command::Destroy(arguments) => arguments.output.format,
            Command::History(arguments) => arguments.output.format,
            Command::Audit(arguments) => arguments.format(),
            Command::Show(arguments) => arguments.output.format,
            Command::Check(arguments) => arguments.format(),
            Command::Graph(arguments) => arguments.format(),
            Command::Explain(arguments) => arguments.output.format,
            Command::Permissions(arguments) => arguments.output.format,
            Command::Adopt(arguments) => arguments.output.format,
            Command::Forget(arguments) => arguments.output.format,
            Command::Recover(arguments) => arguments.output.format,
            Command::Ledger(arguments) => arguments.output.format,
            Command::Simulate(arguments) => arguments.format(),
            Command::World(arguments) => arguments.format(),
            Command::Schema(_) | Command::Init(_) | Command::Completions(_) => Format::Text,
        }
    }
}

impl Command {
    /// Whether every request is shown, line by line.
    pub(crate) fn is_traced(&self) -> bool {
        let world = match self {
            Command::Plan(arguments) => &arguments.world,
            Command::Apply(arguments) => &arguments.world,
            Command::Status(arguments) => &arguments.world,
            Command::Destroy(arguments) => &arguments.world,
            Command::History(arguments) => &arguments.world,
            Command::Audit(arguments) => arguments.world(),
            Command::Adopt(arguments) => &arguments.world,
            Command::Forget(arguments) => &arguments.world,
            Command::Recover(arguments) => &arguments.world,
            Command::Ledger(arguments) => &arguments.world,
            _ => return false,
        };
        world.trace_requests
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

/// A system from an argument.
pub(crate) fn system(text: &str) -> Result<System, String> {
    text.parse::<System>().map_err(|error| error.to_string())
}

/// The spec that a command reads.
#[derive(Clone, Debug, Args)]
pub(crate) struct SpecFile {
    /// The platform's spec
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
}

/// Where a command acts.
#[derive(Clone, Debug, Args)]
pub(crate) struct World {
    /// Act on the embedded platform in this file, whatever the spec's connections say [default: .vamp/world.sqlite]
    #[arg(long, value_name = "FILE")]
    pub(crate) embedded: Option<PathBuf>,
    /// Show every request to real systems, without what is secret in it
    #[arg(long)]
    pub(crate) trace_requests: bool,
}

/// What of the platform a command is about.
#[derive(Clone, Debug, Args)]
pub(crate) struct Selection {
    /// Only this, and what it needs (repeatable)
    #[arg(long = "target", value_name = "ADDRESS", value_parser = address)]
    targets: Vec<Address>,
    /// Destroy this thing and the data that it holds, if the spec no longer wants it (repeatable)
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    allow_destroy: Vec<Address>,
}

impl Selection {
    /// Whether the caller chose nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.allow_destroy.is_empty()
    }

    /// The targets; each must be something that the spec makes.
    pub(crate) fn targets(&self, prepared: &Prepared) -> Result<BTreeSet<Address>, CommandError> {
        match self.targets.iter().find(|address| prepared.graph.get(address).is_none()) {
            Some(address) => Err(explain::unknown(address, prepared)),
            None => Ok(self.targets.iter().cloned().collect()),
        }
    }

    /// What may be destroyed with its data.
    pub(crate) fn allow_destroy(&self) -> BTreeSet<Address> {
        self.allow_destroy.iter().cloned().collect()
    }
}
