//! `vamp destroy SPEC`: take away everything that the platform owns, in reverse order.

use super::change::{Confirmation, Towards};
use super::{Ended, runtime};
use crate::cli::{self, Output, SpecFile, World};
use crate::platform::{self, For};
use crate::prepare::prepare;
use crate::site::Site;
use crate::ui::Ui;
use clap::Args;
use model::Address;
use planner::plan::Options;

/// Take away everything that the platform owns, in reverse order
#[derive(Debug, Args)]
#[command(after_help = "What is not the platform's own is left alone. What holds data stays, unless it is named.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    spec: SpecFile,
    #[command(flatten)]
    confirmation: Confirmation,
    /// Destroy this thing and the data that it holds (repeatable)
    #[arg(long, value_name = "ADDRESS", value_parser = cli::address)]
    allow_destroy: Vec<Address>,
    #[command(flatten)]
    pub(crate) world: World,
    #[command(flatten)]
    pub(crate) output: Output,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let prepared = prepare(&arguments.spec.spec, ui)?;
    let site = Site::of(&prepared, &arguments.world)?;
    site.check_credentials()?;
    let allow_destroy = arguments.allow_destroy.iter().cloned().collect();
    let options = Options { allow_destroy, destroy: true, ..Options::default() };
    let confirmation = &arguments.confirmation;
    runtime()?.block_on(async {
        let mut platform = platform::open(&site, For::ChangingWhatIs).await?;
        let towards = Towards { prepared: &prepared, site: &site, options, confirmation, command: "destroy", is_judged: false };
        let ended = towards.run(&mut platform, ui).await;
        platform::close(platform, ended).await
    })
}
