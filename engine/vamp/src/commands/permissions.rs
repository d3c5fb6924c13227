//! `vamp permissions SPEC`: what whoever runs `vamp` needs in each system, in that system's own language.

use super::Ended;
use crate::cli::{Format, Output, SpecFile, system};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::prepare::prepare;
use crate::ui::Ui;
use clap::Args;
use model::System;
use planner::permissions::permissions;
use planner::render::permissions::{Dialect, json, text};

/// Print the rights that vamp itself needs in each system, and no more
#[derive(Debug, Args)]
#[command(
    after_help = "Needs the spec alone; no system is looked at. Give new rights before a change of the spec is applied, take old ones \
                  away after it.\n\nExamples:\n  vamp permissions vamp.yaml --system cluster.eu-1 | kubectl --context eu-1 apply -f -\n\
                  \x20 vamp permissions vamp.yaml --system vault | vault policy write vamp-acme -\n\
                  \x20 vamp permissions vamp.yaml --system mysql --user deployer | mysql"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecFile,
    /// Only this system: cluster.NAME, vault, mysql or elasticsearch.NAME
    #[arg(long, value_name = "SYSTEM", value_parser = system)]
    system: Option<System>,
    /// The user, one of its own, that vamp logs in as to clusters and MySQL; system:serviceaccount:NAMESPACE:NAME is a ServiceAccount [default:
    /// vamp-PLATFORM]
    #[arg(long, value_name = "NAME", value_parser = user)]
    user: Option<String>,
    /// Write roles of an Elasticsearch in the words of OpenSearch
    #[arg(long)]
    opensearch: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The name of a user, which has to fit on a line of every language.
fn user(text: &str) -> Result<String, &'static str> {
    let fits = !text.is_empty() && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err("a user's name is not empty, and has no control characters") }
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let prepared = prepare(&arguments.spec.spec, ui)?;
    let user = arguments.user.as_deref();
    let mut needed = permissions(&prepared.spec, &prepared.graph, &prepared.connections, &prepared.moved, user);
    if let Some(only) = &arguments.system {
        let known: Vec<String> = needed.systems.iter().map(|(system, _)| system.to_string()).collect();
        needed.systems.retain(|(system, _)| system == only);
        if needed.systems.is_empty() {
            let failure = CommandError::new(format!("{} names no {only}", prepared.spec.file));
            return Err(failure.hint(format!("its systems are {}", known.join(", "))).usage());
        }
    }
    let dialect = if arguments.opensearch { Dialect::OpenSearch } else { Dialect::Elasticsearch };
    match ui.format() {
        Format::Json => ui.json(&json(&needed))?,
        Format::Text => ui.data(&text(&needed, dialect, ui.out()))?,
    }
    Ok(Exit::Done)
}
