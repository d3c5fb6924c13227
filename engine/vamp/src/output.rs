//! Files that a command writes: whole or not at all.

use crate::error::CommandError;
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Whether a file that is there may be written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwrite {
    /// Never: somebody may have worked on it.
    Refuse,
    /// It is made again from what the caller has.
    Allow,
}

/// Refuse what cannot become the file that a command writes, before the command does anything: `path` must not be one of
/// `inputs`, which it would take the place of, and must be in a directory that is there.
pub(crate) fn check(path: &Path, inputs: &[&Path]) -> Result<(), CommandError> {
    let shown = path.display();
    if path.is_dir() {
        return Err(CommandError::new(format!("{shown} is a directory, not a file")).hint("name a file in it"));
    }
    if let Some(input) = inputs.iter().find(|input| is_same(path, input)) {
        return Err(CommandError::new(format!("{shown} is not written over: the command reads {}", input.display()))
            .hint("name another file"));
    }
    if path.exists() && is_special(path) {
        return Ok(());
    }
    // Tried, not asked for: there are more reasons for a refusal than a mode says.
    let neighbour = neighbour(path);
    write_new(&neighbour, "").and_then(|()| fs::remove_file(&neighbour)).map_err(|error| cannot_write(path, error))
}

/// Whether two paths lead to one file, be it there already or not.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        (Err(_), Err(_)) => {
            let place = |path: &Path| Some((directory_of(path).canonicalize().ok()?, path.file_name()?.to_owned()));
            place(one).is_some_and(|one| Some(one) == place(other))
        }
        _ => false,
    }
}

/// The directory that a file is in.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A device, a pipe, or what the system shows as a file (`/dev/stdout`): it is written to and never replaced.
fn is_special(path: &Path) -> bool {
    let is_system = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    is_system || (path.exists() && !path.is_file())
}

fn cannot_write(path: &Path, error: std::io::Error) -> CommandError {
    let hint = match error.kind() {
        ErrorKind::NotFound => "make the directory first",
        ErrorKind::NotADirectory => "check the path: a part of it is a file, not a directory",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "name a file where the user who runs vamp may write",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room, or name a file on another disk",
        ErrorKind::FileTooLarge => "raise the limit on the size of files (`ulimit -f`)",
        ErrorKind::InvalidFilename => "name a file with a shorter name",
        _ => "name another file",
    };
    CommandError::new(format!("cannot write {}", path.display())).because(error).hint(hint)
}

/// Write `text` to `path`: into a neighbour first, which then takes its place, so that nobody ever reads a half.
pub(crate) fn write(path: &Path, text: &str, overwrite: Overwrite) -> Result<(), CommandError> {
    let failed = |error: std::io::Error| cannot_write(path, error);
    if overwrite == Overwrite::Refuse {
        return write_new(path, text).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                CommandError::new(format!("{} is there already", path.display())).hint("--force writes over it")
            }
            _ => failed(error),
        });
    }
    if is_special(path) {
        return fs::write(path, text).map_err(failed);
    }
    // What a link leads to is replaced, not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let neighbour = neighbour(&target);
    let written = write_new(&neighbour, text).and_then(|()| fs::rename(&neighbour, &target));
    written.map_err(|error| {
        let _ = fs::remove_file(&neighbour);
        failed(error)
    })
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// A name beside `path` that no other process uses.
fn neighbour(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use planner::render::Style;

    #[test]
    fn a_file_that_is_there_is_only_written_over_when_asked() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("spec.yaml");
        write(&path, "one", Overwrite::Refuse).unwrap();
        let refused = write(&path, "two", Overwrite::Refuse).unwrap_err();
        assert!(refused.text(Style::PLAIN).contains("--force"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        write(&path, "three", Overwrite::Allow).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
