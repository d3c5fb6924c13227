//! `vamp graph SPEC`: what is wanted, and in which order, as a picture or as data.

use super::Ended;
use crate::cli::{self, SpecFile};
use crate::exit::Exit;
use crate::output::{Overwrite, check, write};
use crate::prepare::prepare;
use crate::ui::Ui;
use clap::{Args, ValueEnum};
use planner::render::graph;
use std::path::PathBuf;

/// Draw what is wanted, and in which order
#[derive(Debug, Args)]
#[command(
    after_help = "Needs the spec alone; no system is looked at.\n\nExamples:\n  vamp graph vamp.yaml --format svg -o platform.svg\n\
    \x20 vamp graph vamp.yaml --format dot | dot -Tpdf > platform.pdf"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecFile,
    /// Language of the picture
    #[arg(long, value_name = "FORMAT", default_value = "dot")]
    pub(crate) format: Picture,
    /// Write to a file instead of standard output
    #[arg(short, long = "out", value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Picture {
    // Graphviz.
    Dot,
    // For documents that render it, Markdown on many hosts among them.
    Mermaid,
    // For programs.
    Json,
    // For a browser.
    Svg,
}

impl Arguments {
    /// What a failure is told as.
    pub(crate) fn format(&self) -> cli::Format {
        if self.format == Picture::Json && self.out.is_none() { cli::Format::Json } else { cli::Format::Text }
    }
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    if let Some(file) = &arguments.out {
        check(file, &[&arguments.spec.spec])?;
    }
    let prepared = prepare(&arguments.spec.spec, ui)?;
    let picture = match arguments.format {
        Picture::Dot => graph::dot(&prepared.graph),
        Picture::Mermaid => graph::mermaid(&prepared.graph),
        Picture::Json => graph::json(&prepared.graph),
        Picture::Svg => graph::svg(&prepared.graph),
    };
    match &arguments.out {
        Some(file) => write(file, &picture, Overwrite::Allow)?,
        None => ui.data(&picture)?,
    }
    Ok(Exit::Done)
}
