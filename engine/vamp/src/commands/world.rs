//! `vamp world …`: what happens to the embedded platform behind the back of the engine.

mod change;
mod object;
mod outline;
mod written;

use self::change::Change;
pub(super) use self::written::length;
use super::{Ended, runtime};
use crate::cli::{self, Format, Output, World};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::prepare::prepare;
use crate::session::holder;
use crate::site::{Site, world_file};
use crate::ui::Ui;
use crate::world;
use clap::{ArgGroup, Args, Subcommand};
use embedded::EmbeddedPlatform;
use model::time::rfc3339;
use model::{Address, Duration};
use planner::render::style::escape;
use std::path::{Path, PathBuf};

/// Look at the embedded platform, break it, mend it, change it by hand
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
#[command(
    after_help = "The embedded platform lives in virtual time: nothing happens by itself until `vamp world advance`, or an apply \
    that waits."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
    /// The world's file [default: .vamp/world.sqlite]
    #[arg(long, value_name = "FILE", global = true)]
    embedded: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum What {
    Show(Show),
    Make(Make),
    /// Break something
    Fail(Broken),
    /// Mend something that was broken
    Heal(Broken),
    /// Seal Vault: it answers, and serves nothing
    Seal,
    /// Unseal Vault
    Unseal,
    Edit(ByHand),
    Advance(Advance),
}

/// Print everything that is in the world, or one object of it
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 vamp world show\n\
    \x20 vamp world show cluster.main/deployment/acme/vamp")]
struct Show {
    /// Only this object: whose it is, who manages its fields, how it does, and its document
    #[arg(value_name = "ADDRESS", value_parser = cli::address)]
    address: Option<Address>,
    #[command(flatten)]
    output: Output,
}

/// Make the clusters and servers that a spec names, with nothing in them
#[derive(Debug, Args)]
#[command(after_help = "An apply makes them by itself. This is for who wants something to be there before the first apply.")]
struct Make {
    /// The platform's spec
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
}

/// Something that can break.
#[derive(Debug, Args)]
#[command(after_help = "What can break: node CLUSTER/NODE, zone CLUSTER/ZONE, cluster NAME, api NAME, vault, mysql, \
    elasticsearch NAME; or any kind of fault with what it happens to: node-cordoned CLUSTER/NODE, vault-sealed, \
    network-cut \"from PLACE to PLACE\".")]
struct Broken {
    /// node, zone, cluster, api, vault, mysql, elasticsearch, or a kind of fault
    #[arg(value_name = "KIND")]
    kind: String,
    /// Which one: CLUSTER/NODE, CLUSTER/ZONE, NAME, or "from PLACE to PLACE"
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// Change an object by hand, as somebody would with kubectl
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("edit").required(true))]
#[command(override_usage = "vamp world edit <ADDRESS> <--set PATH=VALUE | --remove PATH | --delete | --create FILE>")]
#[command(after_help = "Examples:\n\
    \x20 vamp world edit cluster.main/service/acme/vamp --set metadata.labels.team=blue\n\
    \x20 vamp world edit cluster.main/service/acme/vamp --delete\n\
    \x20 vamp world edit cluster.main/config-map/acme/notes --create notes.json")]
struct ByHand {
    /// Which object
    #[arg(value_name = "ADDRESS", value_parser = cli::address)]
    address: Address,
    /// Set a field; VALUE is JSON, or a string that is none
    #[arg(long, value_name = "PATH=VALUE", group = "edit")]
    set: Option<String>,
    /// Take a field away
    #[arg(long, value_name = "PATH", group = "edit")]
    remove: Option<String>,
    /// Delete the object
    #[arg(long, group = "edit")]
    delete: bool,
    /// Make the object from the JSON document in a file
    #[arg(long, value_name = "FILE", group = "edit")]
    create: Option<PathBuf>,
}

/// Let virtual time pass
#[derive(Debug, Args)]
struct Advance {
    /// How long: 30s, 10m, 2h or 1d
    #[arg(value_name = "LENGTH", value_parser = length)]
    length: Duration,
}

impl Arguments {
    /// What standard output is to be.
    pub(crate) fn format(&self) -> Format {
        match &self.what {
            What::Show(show) => show.output.format,
            _ => Format::Text,
        }
    }
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let file = world_file(arguments.embedded.as_deref());
    let change = match &arguments.what {
        What::Show(what) => return show(&file, what.address.as_ref(), ui),
        What::Make(make) => return furnish(make, arguments.embedded.as_deref(), ui),
        What::Fail(broken) => written::fault(broken).map(|(fault, words)| Change::Fail(fault, words))?,
        What::Heal(broken) => written::fault(broken).map(|(fault, words)| Change::Heal(fault, words))?,
        What::Seal => Change::Seal,
        What::Unseal => Change::Unseal,
        What::Edit(by_hand) => Change::Edit(by_hand.address.clone(), written::by_hand(by_hand)?),
        What::Advance(advance) => Change::Advance(advance.length),
    };
    runtime()?.block_on(async {
        let mut platform = world::open_existing(&file).await?;
        let ended = make(&mut platform, &change, ui).await;
        world::close(platform, ended).await
    })?;
    Ok(Exit::Done)
}

fn furnish(make_it: &Make, embedded: Option<&Path>, ui: &Ui) -> Ended {
    let prepared = prepare(&make_it.spec, ui)?;
    let site = Site::of(&prepared, &World { embedded: embedded.map(Path::to_owned), trace_requests: false })?;
    let Some(file) = site.world() else {
        return Err(CommandError::new("the spec's connections lead to real systems, which nobody makes up")
            .hint("`--embedded FILE` puts every one of them into the world of that file"));
    };
    runtime()?.block_on(async {
        let mut platform = world::open(file).await?;
        let ended = make(&mut platform, &Change::Furnish(site.connections.clone()), ui).await;
        world::close(platform, ended).await
    })?;
    Ok(Exit::Done)
}

async fn make(platform: &mut EmbeddedPlatform, change: &Change, ui: &Ui) -> Result<(), CommandError> {
    let changed = platform.alter(holder("world"), |world| change.make(world)).await?;
    changed.map_err(|error| {
        CommandError::new("the world was not changed").because(error).hint("`vamp world show` says what there is")
    })?;
    ui.line(&format!("{} It is {} there.", escape(&change.words()), rfc3339(platform.world().now())));
    Ok(())
}

fn show(file: &Path, address: Option<&Address>, ui: &mut Ui) -> Ended {
    runtime()?.block_on(async {
        let platform = world::look_at_existing(file).await?;
        let shown = match address {
            Some(address) => object::show(platform.world(), address, ui),
            None => show_all(&platform.world().show(), ui),
        };
        world::close(platform, shown).await
    })?;
    Ok(Exit::Done)
}

fn show_all(shown: &serde_json::Value, ui: &mut Ui) -> Result<(), CommandError> {
    match ui.format() {
        Format::Json => ui.json(shown),
        Format::Text => ui.data(&outline::text(shown, ui.out())),
    }
}
