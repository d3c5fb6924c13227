//! Files that a command writes: whole or not at all.

use crate::error::CommandError;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Whether a file that is there may be written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwrite {
    /// Never: somebody may have worked on it.
    Refuse,
    /// It is made again from what the caller has.
    Allow,
}

/// Write `text` to `path`: into a neighbour first, which then takes its place, so that nobody ever reads a half.
pub(crate) fn write(path: &Path, text: &str, overwrite: Overwrite) -> Result<(), CommandError> {
    let failed = |error: std::io::Error| CommandError::new(format!("cannot write {}", path.display())).because(error);
    if path.is_dir() {
        return Err(CommandError::new(format!("{} is a directory, not a file", path.display())));
    }
    if overwrite == Overwrite::Refuse {
        return write_new(path, text).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                CommandError::new(format!("{} is there already", path.display())).hint("--force writes over it")
            }
            _ => failed(error),
        });
    }
    if path.exists() && !path.is_file() {
        // A device or a pipe (/dev/stdout) is written to, not replaced.
        return fs::write(path, text).map_err(failed);
    }
    let neighbour = neighbour(path);
    let written = write_new(&neighbour, text).and_then(|()| fs::rename(&neighbour, path));
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
