//! What comes from outside: files, with every way in which they can be wrong, and the environment.

use crate::error::CommandError;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Largest spec that is read.
pub(crate) const LARGEST_SPEC: u64 = planner::spec::SIZE_LIMIT as u64;
/// Largest plan that is read: documents of 100,000 resources and room to spare.
pub(crate) const LARGEST_PLAN: u64 = 1 << 30;

/// The bytes of the file `path`, which is a `what` ("spec"), at most `largest` of them.
pub(crate) fn read(path: &Path, what: &str, largest: u64) -> Result<Vec<u8>, CommandError> {
    let shown = path.display();
    let failed = |error: std::io::Error| cannot_read(path, what, error);
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(
            CommandError::new(format!("{shown} is a directory, not a {what}")).hint(format!("give the {what} file in it"))
        );
    }
    let too_large = || {
        let megabytes = largest >> 20;
        CommandError::new(format!("{shown} is larger than {megabytes} MiB, the most that a {what} may have"))
    };
    if metadata.len() > largest {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells a pipe that goes on from one that ends there.
    file.take(largest + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > largest { Err(too_large()) } else { Ok(bytes) }
}

/// The text of the file `path`.
pub(crate) fn read_text(path: &Path, what: &str, largest: u64) -> Result<String, CommandError> {
    String::from_utf8(read(path, what, largest)?).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        CommandError::new(format!("{} is not UTF-8 text: byte {place} begins no character", path.display()))
    })
}

fn cannot_read(path: &Path, what: &str, error: std::io::Error) -> CommandError {
    let hint = match error.kind() {
        ErrorKind::NotFound if what == "spec" => Some("`vamp init --model M0 -o vamp.yaml` writes one to begin with"),
        ErrorKind::PermissionDenied => Some("let the user who runs vamp read it"),
        _ => None,
    };
    let failure = CommandError::new(format!("cannot read the {what} {}", path.display())).because(error);
    hint.into_iter().fold(failure, CommandError::hint)
}

/// A variable of the environment, if it is set to text.
#[allow(clippy::disallowed_methods, reason = "this is the edge at which the environment is read")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use planner::render::Style;

    #[test]
    fn every_wrong_file_has_its_own_words() {
        let directory = tempfile::tempdir().unwrap();
        let large = directory.path().join("large");
        std::fs::write(&large, [b'x'; 2000]).unwrap();
        let binary = directory.path().join("binary");
        std::fs::write(&binary, [b'a', 0xff]).unwrap();
        let said = |result: Result<String, CommandError>| result.unwrap_err().text(Style::PLAIN);
        assert!(said(read_text(directory.path(), "spec", 9)).contains("is a directory"));
        assert!(said(read_text(&directory.path().join("none"), "spec", 9)).contains("vamp init"));
        assert!(said(read_text(&large, "spec", 9)).contains("is larger than"));
        assert!(said(read_text(&binary, "spec", 9)).contains("byte 1 begins no character"));
    }
}
