//! What comes from outside: files, with every way in which they can be wrong, and the environment.

use crate::error::CommandError;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Largest spec that is read.
pub(crate) const LARGEST_SPEC: u64 = planner::spec::SIZE_LIMIT as u64;
/// Largest plan that is read: documents of 100,000 resources and room to spare.
pub(crate) const LARGEST_PLAN: u64 = 1 << 30;

/// Bytes that are read before it is decided whether the rest is read.
const HEAD: u64 = 4096;

/// A file of which nothing but the beginning was read yet: enough to see what it is, however long it goes on.
pub(crate) struct Opened<'a> {
    path: &'a Path,
    what: &'a str,
    file: File,
    head: Vec<u8>,
}

/// Open the file `path`, which is a `what` ("spec").
pub(crate) fn open<'a>(path: &'a Path, what: &'a str) -> Result<Opened<'a>, CommandError> {
    let failed = |error: std::io::Error| cannot_read(path, what, error);
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        let shown = path.display();
        return Err(
            CommandError::new(format!("{shown} is a directory, not a {what}")).hint(format!("give the {what} file in it"))
        );
    }
    let mut head = Vec::new();
    (&file).take(HEAD).read_to_end(&mut head).map_err(failed)?;
    Ok(Opened { path, what, file, head })
}

impl Opened<'_> {
    /// Its first bytes: all of them, if it is short.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// All of its bytes, if there are no more than `largest`.
    pub(crate) fn bytes(self, largest: u64) -> Result<Vec<u8>, CommandError> {
        let Opened { path, what, file, head: mut bytes } = self;
        let failed = |error: std::io::Error| cannot_read(path, what, error);
        if file.metadata().map_err(failed)?.len() > largest {
            return Err(too_large(path, what, largest));
        }
        // One byte more than allowed tells a pipe that goes on from one that ends there.
        file.take((largest + 1).saturating_sub(bytes.len() as u64)).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > largest { Err(too_large(path, what, largest)) } else { Ok(bytes) }
    }

    /// The same as text.
    pub(crate) fn text(self, largest: u64) -> Result<String, CommandError> {
        let (path, what) = (self.path, self.what);
        String::from_utf8(self.bytes(largest)?).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            CommandError::new(format!("{} is not UTF-8 text: byte {place} begins no character", path.display()))
                .hint(format!("is this the {what} that you meant?"))
        })
    }
}

/// The bytes of the file `path`, which is a `what` ("spec"), at most `largest` of them.
pub(crate) fn read(path: &Path, what: &str, largest: u64) -> Result<Vec<u8>, CommandError> {
    open(path, what)?.bytes(largest)
}

/// The text of the file `path`.
pub(crate) fn read_text(path: &Path, what: &str, largest: u64) -> Result<String, CommandError> {
    open(path, what)?.text(largest)
}

fn too_large(path: &Path, what: &str, largest: u64) -> CommandError {
    let most = if largest >> 20 > 0 { format!("{} MiB", largest >> 20) } else { format!("{largest} bytes") };
    CommandError::new(format!("{} is larger than {most}, the most that a {what} may have", path.display()))
        .hint(format!("is this the {what} that you meant?"))
}

fn cannot_read(path: &Path, what: &str, error: std::io::Error) -> CommandError {
    let hint = match error.kind() {
        ErrorKind::NotFound if what == "spec" => "`vamp init --model M0 -o vamp.yaml` writes one to begin with",
        ErrorKind::NotFound => "check the path",
        ErrorKind::NotADirectory => "check the path: a part of it is a file, not a directory",
        ErrorKind::PermissionDenied => "let the user who runs vamp read it",
        _ => "check the path and the disk that it is on",
    };
    CommandError::new(format!("cannot read the {what} {}", path.display())).because(error).hint(hint)
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
