//! The embedded platform of a file, opened for what a command is about to do, with what it needs from outside.

use crate::error::CommandError;
use crate::input::{environment, read_text};
use crate::prepare::Prepared;
use crate::site::{DEFAULT_WORLD, Site};
use crate::ui::Ui;
use embedded::{EmbeddedError, EmbeddedPlatform, Inputs};
use model::SecretReference;
use planner::render::style::escape;
use port::Secret;
use rustix::rand::{GetRandomFlags, getrandom};
use std::path::{Path, PathBuf};

/// Largest file that a secret may be in.
const LARGEST_SECRET: u64 = 1 << 20;
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

/// The world of `site`, to look at. Nothing is made and nothing is changed.
pub(crate) async fn open_to_look(site: &Site) -> Result<EmbeddedPlatform, CommandError> {
    EmbeddedPlatform::open_to_look(&site.file, inputs()?).await.map_err(refuse)
}

/// The world of `site`, to change; made if it is not there.
pub(crate) async fn open(site: &Site) -> Result<EmbeddedPlatform, CommandError> {
    if site.file == Path::new(DEFAULT_WORLD)
        && let Some(directory) = site.file.parent()
    {
        let failed = |error| {
            CommandError::new(format!("cannot make the directory {}", directory.display()))
                .because(error)
                .hint("run vamp where it may write, or name the world's file with --embedded FILE")
        };
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    EmbeddedPlatform::open(&site.file, inputs()?).await.map_err(refuse)
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
    let failed = |error| CommandError::new("the system gives no entropy").because(error);
    fill(&mut [0; 16]).map_err(failed)?;
    let entropy = |bytes: &mut [u8]| {
        // It was there a moment ago. If it went away, what is made is at least never the zeros of a known key.
        if fill(bytes).is_err() {
            bytes.iter_mut().zip(crate::clock::now().0.to_le_bytes().iter().cycle()).for_each(|(byte, tick)| *byte ^= tick);
        }
    };
    Ok(Inputs { secrets: Box::new(fetch), entropy: Box::new(entropy), seed: SEED })
}

fn fill(mut bytes: &mut [u8]) -> Result<(), rustix::io::Errno> {
    while !bytes.is_empty() {
        let filled = getrandom(&mut *bytes, GetRandomFlags::empty())?;
        bytes = bytes.get_mut(filled..).unwrap_or_default();
    }
    Ok(())
}

/// A secret from the environment or a file of whoever runs `vamp`. The error holds none of it.
///
/// Nothing on the embedded platform asks whether a password is right, so one that is not there is no reason to fail: a rehearsal
/// on a fresh machine takes a stand-in, and [`tell_stand_ins`] says so.
fn fetch(reference: &SecretReference) -> Result<Secret, String> {
    if is_missing(reference) {
        return Ok(Secret::new(format!("a stand-in for the {reference}")));
    }
    match reference {
        SecretReference::Env(name) => {
            environment(name).map(Secret::new).ok_or_else(|| format!("the environment variable {name} is not set"))
        }
        SecretReference::File(path) => {
            let text = read_text(Path::new(path), "secret", LARGEST_SECRET).map_err(|error| error.sentence())?;
            Ok(Secret::new(without_line_break(text)))
        }
        other => Err(format!("{other} is not fetched from outside")),
    }
}

fn is_missing(reference: &SecretReference) -> bool {
    match reference {
        SecretReference::Env(name) => environment(name).is_none(),
        SecretReference::File(path) => !Path::new(path).exists(),
        _ => false,
    }
}

/// Say for which secrets the embedded platform takes a stand-in.
pub(crate) fn tell_stand_ins(prepared: &Prepared, ui: &Ui) {
    let missing: Vec<String> = prepared.secrets.iter().filter(|secret| is_missing(secret)).map(ToString::to_string).collect();
    if !missing.is_empty() {
        ui.line(&format!("Not there, so the embedded platform takes stand-ins: {}", escape(&missing.join(", "))));
    }
}

fn without_line_break(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

fn refuse(error: EmbeddedError) -> CommandError {
    port::PlatformError::from(error).into()
}
