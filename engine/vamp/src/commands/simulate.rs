//! `vamp simulate SPEC`: does the platform survive? Many runs in virtual time with the real engine inside, under faults.
//!
//! * `seeds`, `workers`, `display`: a campaign over seeds, on several threads, and what is shown meanwhile;
//! * `compare`, `exhaustive`: two specs on the same seeds, and every schedule of a few faults;
//! * `text`, `document`, `junit`, `page`: what came of it, for people, for programs, for a CI, and for a browser;
//! * `failure`, `replay`: one run that broke a promise, made small, explained and repeated;
//! * `scenario`: stories of what goes wrong, each held against its expected end;
//! * `merge`, `faults`: parts of a campaign put together, and the list of all faults.

mod compare;
pub(super) mod display;
mod document;
mod exhaustive;
pub(super) mod failure;
mod faults;
mod junit;
mod merge;
mod page;
mod ranges;
mod replay;
mod scenario;
mod seeds;
pub(super) mod text;
pub(super) mod workers;

use super::Ended;
use crate::cli::Format;
use crate::commands::world::length;
use crate::error::CommandError;
use crate::ui::Ui;
use clap::{Args, Subcommand, ValueEnum};
use model::Duration;
use ranges::{Kinds, Range, Shard};
use std::path::PathBuf;

/// What standard output gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    // For people.
    #[default]
    Text,
    // For programs.
    Json,
    // For a CI: one test case a run.
    Junit,
}

/// Say whether the platform survives: run it in virtual time, with the real engine inside, under faults
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
#[command(
    after_help = "Each seed is a run of its own: a schedule of faults that come and go, most of them around a roll-out of the \
    gateway agents; then nothing further goes wrong, and the platform must become what its spec says. The same seed always gives the \
    same run. Nothing real is touched.\n\n\
    Ends with 0 if every promise was kept (or every scenario ended as it says), with 1 if not.\n\n\
    Examples:\n\
    \x20 vamp simulate vamp.yaml --seeds 1000\n\
    \x20 vamp simulate vamp.yaml --seeds 17..17 --replay-out failure.json\n\
    \x20 vamp simulate --replay failure.json\n\
    \x20 vamp simulate --scenario specs/scenarios\n\
    \x20 vamp simulate vamp.yaml --compare three-agents.yaml\n\
    \x20 vamp simulate vamp.yaml --exhaustive 2 --faults node-dead,vault-sealed"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// The platform's spec
    #[arg(value_name = "SPEC", required_unless_present_any = ["list_faults", "replay", "scenario"])]
    spec: Option<PathBuf>,
    /// How many seeds, or the first and the last of them
    #[arg(long, value_name = "N|A..B", default_value = "50")]
    seeds: Range,
    /// Kinds of fault that may happen, or `none` [default: all]
    #[arg(long, value_name = "LIST|none")]
    faults: Option<Kinds>,
    /// How long faults come and go in each run
    #[arg(long, value_name = "LENGTH", default_value = "24h", value_parser = length, allow_hyphen_values = true)]
    duration: Duration,
    /// Run every schedule of up to so many faults around a roll-out, instead of seeds
    #[arg(long, value_name = "K", conflicts_with_all = ["seeds", "compare", "shard", "duration"])]
    exhaustive: Option<u8>,
    /// Runs at a time [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Run another spec on the same seeds, and say which loses less
    #[arg(long, value_name = "SPEC", conflicts_with = "shard")]
    compare: Option<PathBuf>,
    /// Run a part of the seeds only: the first of three, say, is 1/3; `vamp simulate merge` puts the parts together
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Repeat the run of a file that --replay-out wrote
    #[arg(long, value_name = "FILE", conflicts_with_all = ["spec", "seeds", "faults", "exhaustive", "compare", "shard"])]
    replay: Option<PathBuf>,
    /// Run scenarios (files, or folders of them), and say whether each ends as it says
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["spec", "seeds", "faults", "duration", "exhaustive", "compare", "shard", "replay", "report", "replay_out"])]
    scenario: Vec<PathBuf>,
    /// Write a page for a browser about the campaign and its first failure
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write the first run that broke a promise, made as small as it can be
    #[arg(long, value_name = "FILE")]
    replay_out: Option<PathBuf>,
    /// Form of standard output
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Form,
    /// List every kind of fault
    #[arg(long, conflicts_with_all = ["spec", "replay", "scenario"])]
    list_faults: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    Merge(merge::Arguments),
}

impl Arguments {
    /// What errors are written as.
    pub(crate) fn format(&self) -> Format {
        let form = match &self.what {
            Some(What::Merge(merge)) => merge.format,
            None => self.format,
        };
        if form == Form::Json { Format::Json } else { Format::Text }
    }
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    match (&arguments.what, &arguments.replay, &arguments.spec) {
        (Some(What::Merge(merge)), ..) => merge::run(merge, ui),
        _ if arguments.list_faults => faults::list(arguments.format, ui),
        _ if !arguments.scenario.is_empty() => scenario::run(&arguments.scenario, arguments, ui),
        (None, Some(file), _) => replay::run(file, arguments, ui),
        (None, None, Some(spec)) => match arguments.exhaustive {
            Some(most) => exhaustive::run(spec, usize::from(most), arguments, ui),
            None => seeds::run(spec, arguments, ui),
        },
        (None, None, None) => Err(CommandError::new("no spec is given").usage()),
    }
}
