//! `vamp adopt SPEC ADDRESS…`: take over what is there and not ours, deliberately.

use super::change::{Confirmation, Towards};
use super::{Ended, explain, runtime};
use crate::cli::{self, Output, World};
use crate::platform::{self, For};
use crate::prepare::prepare;
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use model::Address;
use planner::plan::Options;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Take over things that are there and not the platform's own
#[derive(Debug, Args)]
#[command(
    after_help = "From then on they are kept as the spec says, like everything else. Nothing that is not named is taken over."
)]
pub(crate) struct Arguments {
    /// The platform's spec
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// What to take over
    #[arg(value_name = "ADDRESS", required = true, value_parser = cli::address)]
    addresses: Vec<Address>,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let prepared = prepare(&arguments.spec, ui)?;
    if let Some(address) = arguments.addresses.iter().find(|address| prepared.graph.get(address).is_none()) {
        return Err(explain::unknown(address, &prepared));
    }
    let site = Site::of(&prepared, &arguments.world)?;
    site.check_secrets(&prepared, ui)?;
    let addresses: BTreeSet<Address> = arguments.addresses.iter().cloned().collect();
    let options = Options { targets: addresses.clone(), adopt: addresses, ..Options::default() };
    let confirmation = &arguments.confirmation;
    confirmation.check(&site, ui)?;
    runtime()?.block_on(async {
        let mut platform = platform::open(&site, For::Changing).await?;
        let towards = Towards { prepared: &prepared, site: &site, options, confirmation, command: "adopt", is_judged: false };
        let ended = towards.run(&mut platform, ui).await;
        platform::close(platform, ended).await
    })
}
