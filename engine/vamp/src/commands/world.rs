//! `vamp world …`: what happens to the embedded platform behind the back of the engine.

mod outline;

use super::{Ended, runtime};
use crate::cli::{self, Format, Output};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::input::read_text;
use crate::session::holder;
use crate::site::world_file;
use crate::ui::Ui;
use crate::world;
use clap::{ArgGroup, Args, Subcommand};
use embedded::EmbeddedPlatform;
use model::time::rfc3339;
use model::{Address, Duration, Value};
use planner::render::style::escape;
use simulator::world::{Edit, Target, World as SimulatedWorld};
use std::error::Error;
use std::path::PathBuf;

/// Largest document that an object is made from: what etcd takes for one object (`--max-request-bytes`, 1.5 MiB).
const LARGEST_DOCUMENT: u64 = 3 << 19;

/// Deepest that a value may lie in a document that is made by hand: half of what `serde_json` reads back out of the world.
const DEEPEST: usize = 64;

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

/// Print everything that is in the world
#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    output: Output,
}

/// Something that can break.
#[derive(Debug, Args)]
#[command(
    after_help = "What can break: node CLUSTER/NODE, zone CLUSTER/ZONE, cluster NAME, api NAME, vault, mysql, elasticsearch NAME."
)]
struct Broken {
    /// node, zone, cluster, vault, mysql or elasticsearch
    #[arg(value_name = "KIND")]
    kind: String,
    /// Which one: CLUSTER/NODE, CLUSTER/ZONE or NAME
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
        What::Show(_) => None,
        What::Fail(broken) => Some(Change::Fail(target(broken)?)),
        What::Heal(broken) => Some(Change::Heal(target(broken)?)),
        What::Seal => Some(Change::Seal),
        What::Unseal => Some(Change::Unseal),
        What::Edit(by_hand) => Some(Change::Edit(by_hand.address.clone(), edit(by_hand)?)),
        What::Advance(advance) => Some(Change::Advance(advance.length)),
    };
    runtime()?.block_on(async {
        let Some(change) = &change else {
            let platform = world::look_at_existing(&file).await?;
            let shown = show(&platform.world().show(), ui);
            return world::close(platform, shown).await;
        };
        let mut platform = world::open_existing(&file).await?;
        let ended = make(&mut platform, change, ui).await;
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

fn show(shown: &serde_json::Value, ui: &mut Ui) -> Result<(), CommandError> {
    match ui.format() {
        Format::Json => ui.json(shown),
        Format::Text => ui.data(&outline::text(shown, ui.out())),
    }
}

/// One thing that is done to the world.
enum Change {
    Fail(Target),
    Heal(Target),
    Seal,
    Unseal,
    Edit(Address, Edit),
    Advance(Duration),
}

impl Change {
    fn make(&self, world: &mut SimulatedWorld) -> Result<(), Box<dyn Error + Send + Sync>> {
        match self {
            Change::Fail(target) => world.fail(target)?,
            Change::Heal(target) => world.heal(target)?,
            Change::Seal => world.seal()?,
            Change::Unseal => world.unseal()?,
            Change::Edit(address, edit) => world.edit(address, edit)?,
            Change::Advance(length) => world.advance(*length),
        }
        Ok(())
    }

    /// What was done, as a sentence.
    fn words(&self) -> String {
        match self {
            Change::Fail(target) => format!("Broken: {target}."),
            Change::Heal(target) => format!("Mended: {target}."),
            Change::Seal => "Vault is sealed.".to_owned(),
            Change::Unseal => "Vault is unsealed.".to_owned(),
            Change::Edit(address, Edit::Delete) => format!("Deleted: {address}."),
            Change::Edit(address, Edit::Create { .. }) => format!("Made: {address}; it is nobody's."),
            Change::Edit(address, _) => format!("Changed: {address}."),
            Change::Advance(length) => format!("{length} passed."),
        }
    }
}

fn target(broken: &Broken) -> Result<Target, CommandError> {
    Target::parse(&broken.kind, broken.name.as_deref())
        .map_err(|error| CommandError::new(error.to_string()).hint("for example `vamp world fail node main/node-1`").usage())
}

fn edit(by_hand: &ByHand) -> Result<Edit, CommandError> {
    if let Some(set) = &by_hand.set {
        let wrong =
            || CommandError::new(format!("{set:?} is not PATH=VALUE")).hint("for example metadata.labels.team=blue").usage();
        let (path, value) = set.split_once('=').ok_or_else(wrong)?;
        let json: serde_json::Value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        let path = field_path(path)?;
        return Ok(Edit::Set { value: document(&json, path.len())?, path });
    }
    if let Some(path) = &by_hand.remove {
        return Ok(Edit::Remove { path: field_path(path)? });
    }
    if let Some(file) = &by_hand.create {
        let text = read_text(file, "document", LARGEST_DOCUMENT)?;
        let wrong =
            |error| CommandError::new(format!("{} is not JSON", file.display())).because(error).hint("give one object as JSON");
        let json: serde_json::Value = serde_json::from_str(&text).map_err(wrong)?;
        return Ok(Edit::Create { document: document(&json, 0)? });
    }
    Ok(Edit::Delete)
}

/// The value, to stand `below` levels down in a document.
fn document(json: &serde_json::Value, below: usize) -> Result<Value, CommandError> {
    if depth(json) + below > DEEPEST {
        let message = format!("the value would lie more than {DEEPEST} levels deep in the document");
        return Err(CommandError::new(message).hint("no object of a system needs that").usage());
    }
    model::value::to_value(json).map_err(|error| CommandError::new("the value cannot stand in a document").because(error))
}

/// Levels of a value. What a parser gave has 128 at most.
fn depth(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or_default(),
        serde_json::Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// The keys of `metadata.labels["app.kubernetes.io/name"]`: joined by dots, in brackets and quotes where a key has dots itself.
fn field_path(text: &str) -> Result<Vec<String>, CommandError> {
    let wrong = || {
        let hint = "keys are joined by dots; one with dots in it is written [\"app.kubernetes.io/name\"]";
        CommandError::new(format!("{text:?} is no path into a document")).hint(hint).usage()
    };
    let (mut keys, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (key, after) = match rest.strip_prefix("[\"") {
            Some(quoted) => quoted.split_once("\"]").ok_or_else(wrong)?,
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        if key.is_empty() {
            return Err(wrong());
        }
        keys.push(key.to_owned());
        rest = match after.strip_prefix('.') {
            Some("") => return Err(wrong()),
            Some(more) => more,
            None if after.is_empty() || after.starts_with("[\"") => after,
            None => return Err(wrong()),
        };
    }
    if keys.is_empty() || keys.len() > DEEPEST { Err(wrong()) } else { Ok(keys) }
}

/// `30s`, `10m`, `2h`, `1d`, or several of them: `1h30m`.
fn length(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no length of time; write 30s, 10m, 2h, 1d or 1h30m");
    let (mut total, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, after) = rest.split_at(digits);
        let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
        let (unit, milliseconds) = units.into_iter().find(|(unit, _)| after.starts_with(unit)).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        total = number.checked_mul(milliseconds).and_then(|length| total.checked_add(length)).ok_or_else(wrong)?;
        rest = after.strip_prefix(unit).unwrap_or_default();
    }
    // A thousand years are enough for every experiment, and keep dates inside of their four digits.
    if total == 0 || total > 86_400_000 * 365_000 { Err(wrong()) } else { Ok(Duration(total)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        assert_eq!(length("10m"), Ok(Duration::minutes(10)));
        assert_eq!(length("1h30m"), Ok(Duration::minutes(90)));
        assert_eq!(length("250ms"), Ok(Duration(250)));
        for wrong in ["", "10", "m", "-3s", "10 m", "99999999999999999999d", "0s", "1000000d"] {
            assert!(length(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn paths_are_keys_joined_by_dots_and_quoted_where_a_key_has_dots() {
        assert_eq!(field_path("spec.replicas").unwrap(), ["spec", "replicas"]);
        assert_eq!(field_path("metadata.labels[\"vamp.io/tenant\"].x").unwrap(), ["metadata", "labels", "vamp.io/tenant", "x"]);
        for wrong in ["", ".", "a.", "a..b", "a[b]", "a[\"b", "[\"\"]"] {
            assert!(field_path(wrong).is_err(), "{wrong}");
        }
    }
}
