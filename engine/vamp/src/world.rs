//! The embedded platform of a file, opened for what a command is about to do, with what it needs from outside.

use crate::error::CommandError;
use crate::outside::{self, entropy, is_missing};
use crate::prepare::Prepared;
use crate::site::DEFAULT_WORLD;
use crate::ui::Ui;
use embedded::{EmbeddedError, EmbeddedPlatform, Inputs};
use model::SecretReference;
use planner::render::style::escape;
use port::Secret;
use std::path::{Path, PathBuf};

/// All new worlds are alike, so that what one person sees another sees too.
const SEED: u64 = 1;

/// The file of a world, and what stands beside it.
pub(crate) fn files(world: &Path) -> Vec<PathBuf> {
    let beside = |suffix: &str| {
        let mut name = world.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    ["", "-wal", "-shm", ".lock"].map(beside).to_vec()
}

/// The world of a file, to look at. Nothing is made and nothing is changed.
pub(crate) async fn open_to_look(file: &Path) -> Result<EmbeddedPlatform, CommandError> {
    EmbeddedPlatform::open_to_look(file, inputs()?).await.map_err(refuse)
}

/// The world of a file, to change; made if it is not there.
pub(crate) async fn open(file: &Path) -> Result<EmbeddedPlatform, CommandError> {
    if file == Path::new(DEFAULT_WORLD)
        && let Some(directory) = file.parent()
    {
        let failed = |error| {
            CommandError::new(format!("cannot make the directory {}", directory.display()))
                .because(error)
                .hint("run vamp where it may write, or name the world's file with --embedded FILE")
        };
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    EmbeddedPlatform::open(file, inputs()?).await.map_err(refuse)
}

/// The world of a file that has to be there.
pub(crate) async fn open_existing(file: &Path) -> Result<EmbeddedPlatform, CommandError> {
    check_exists(file)?;
    EmbeddedPlatform::open(file, inputs()?).await.map_err(refuse)
}

/// The same to look at only.
pub(crate) async fn look_at_existing(file: &Path) -> Result<EmbeddedPlatform, CommandError> {
    check_exists(file)?;
    EmbeddedPlatform::open_to_look(file, inputs()?).await.map_err(refuse)
}

fn check_exists(file: &Path) -> Result<(), CommandError> {
    if file.exists() {
        return Ok(());
    }
    let missing = CommandError::new(format!("there is no embedded platform in {}", file.display()));
    Err(missing.hint("`vamp apply SPEC` makes one; --embedded FILE names another"))
}

/// Put everything in its place, so that nothing is left beside the file. What failed before is told first.
pub(crate) async fn close<T>(platform: EmbeddedPlatform, ended: Result<T, CommandError>) -> Result<T, CommandError> {
    // Not taken apart piece by piece: the process ends soon, and the system takes back all of its memory at once.
    let closed = platform.close().await.map(std::mem::forget).map_err(refuse);
    ended.and_then(|value| closed.map(|()| value))
}

/// What the embedded platform does not fetch by itself.
fn inputs() -> Result<Inputs, CommandError> {
    Ok(Inputs { secrets: Box::new(fetch), entropy: entropy()?, seed: SEED })
}

/// A secret from the environment or a file of whoever runs `vamp`.
///
/// Nothing on the embedded platform asks whether a password is right, so one that is not there is no reason to fail: a rehearsal
/// on a fresh machine takes a stand-in, and [`tell_stand_ins`] says so.
fn fetch(reference: &SecretReference) -> Result<Secret, String> {
    if is_missing(reference) {
        return Ok(Secret::new(format!("a stand-in for the {reference}")));
    }
    outside::fetch(reference)
}

/// Say for which secrets the embedded platform takes a stand-in.
pub(crate) fn tell_stand_ins(prepared: &Prepared, ui: &Ui) {
    let missing: Vec<String> = prepared.secrets.iter().filter(|secret| is_missing(secret)).map(ToString::to_string).collect();
    if !missing.is_empty() {
        ui.line(&format!("Not there, so the embedded platform takes stand-ins: {}", escape(&missing.join(", "))));
    }
}

fn refuse(error: EmbeddedError) -> CommandError {
    port::PlatformError::from(error).into()
}
