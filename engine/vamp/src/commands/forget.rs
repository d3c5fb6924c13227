//! `vamp forget SPEC SYSTEM…`: look no more at a system that the spec no longer names and that is gone for good.

use super::agreement::Agreement;
use super::{Ended, runtime};
use crate::cli::{self, Format, Output, World};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::platform::{self, For};
use crate::prepare::{Prepared, prepare};
use crate::session::holder;
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use model::System;
use planner::plan::former::is_named;
use planner::render::style::escape;
use port::Ledger;
use std::path::PathBuf;

/// Look no more at a system that the spec no longer names
#[derive(Debug, Args)]
#[command(
    after_help = "What earlier runs left there stays there, and vamp does not look for it again. A system that answers needs this \
    command seldom: apply clears it of what is the platform's own, and then forgets it by itself."
)]
pub(crate) struct Arguments {
    /// The platform's spec
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// Which: cluster.NAME or elasticsearch.NAME
    #[arg(value_name = "SYSTEM", required = true, value_parser = cli::system)]
    systems: Vec<System>,
    #[command(flatten)]
    agreement: Agreement,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let prepared = prepare(&arguments.spec, ui)?;
    let site = Site::of(&prepared, &arguments.world)?;
    site.check_credentials()?;
    runtime()?.block_on(async {
        let mut platform = platform::open(&site, For::ChangingWhatIs).await?;
        let forgotten = forget(&mut platform, &prepared, arguments, ui).await;
        platform::close(platform, forgotten).await
    })?;
    let names: Vec<String> = arguments.systems.iter().map(ToString::to_string).collect();
    match ui.format() {
        Format::Json => ui.json(&serde_json::json!({ "forgotten": names }))?,
        Format::Text => ui.line(&format!("Forgotten: {}. What earlier runs left there stays there.", escape(&names.join(", ")))),
    }
    Ok(Exit::Done)
}

async fn forget(platform: &mut impl Ledger, prepared: &Prepared, arguments: &Arguments, ui: &Ui) -> Result<(), CommandError> {
    let name = &prepared.spec.platform.value;
    let known = platform.connections(name).await?;
    let known: Vec<&System> = known.iter().map(|known| &known.system).collect();
    for system in &arguments.systems {
        check(system, &known, prepared)?;
    }
    arguments.agreement.ask("What is left there stays there, and is not looked for again.", "forgets", "forgotten", ui)?;
    for system in &arguments.systems {
        platform.forget(holder("forget"), name, system).await?;
    }
    Ok(())
}

/// Only what was applied to and is no longer named can be forgotten.
fn check(system: &System, known: &[&System], prepared: &Prepared) -> Result<(), CommandError> {
    let spec = &prepared.spec;
    if is_named(spec, system) {
        let message = format!("{system} is in {}, so it is looked at", spec.file);
        return Err(CommandError::new(message).hint("take it out of the spec first; an apply then clears it and forgets it"));
    }
    if known.contains(&system) {
        return Ok(());
    }
    let former: Vec<String> = known.iter().filter(|known| !is_named(spec, known)).map(ToString::to_string).collect();
    let failure =
        CommandError::new(format!("no run of {} applied to {system}, so there is nothing to forget", spec.platform.value));
    Err(if former.is_empty() { failure } else { failure.hint(format!("what can be forgotten: {}", former.join(", "))) })
}
