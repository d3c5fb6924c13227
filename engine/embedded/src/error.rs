//! What may be wrong with the file of a world, and what a person can do about it.

use port::PlatformError;
use std::path::{Path, PathBuf};

/// Why the embedded platform cannot be opened, read or written. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// A directory stands where the file should.
    #[error("{0:?} is a directory, not the file of an embedded platform")]
    Directory(PathBuf),
    /// The directory that the file should be in is not there.
    #[error("{0:?} cannot be made: its directory does not exist")]
    NoDirectory(PathBuf),
    /// Some other kind of file.
    #[error("{0:?} is not the file of an embedded platform")]
    NotAWorld(PathBuf),
    /// A SQLite file of another program.
    #[error("{0:?} is a SQLite file of another program")]
    Foreign(PathBuf),
    /// Written by a later `vamp`.
    #[error("{path:?} has format {found}; this vamp knows formats up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this `vamp` knows.
        known: u32,
    },
    /// Its content cannot be read.
    #[error("{path:?} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Not allowed.
    #[error("{path:?} may not be {}", if *.write { "written" } else { "read" })]
    Permission {
        /// The file.
        path: PathBuf,
        /// Whether it was to be written.
        write: bool,
        /// What the operating system says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No room.
    #[error("{path:?} cannot be written: the disk is full")]
    Full {
        /// The file.
        path: PathBuf,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The disk, or a limit on what may be written to it.
    #[error("{path:?} cannot be read or written")]
    Disk {
        /// The file.
        path: PathBuf,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another process writes and does not come to an end.
    #[error("{path:?} is in use by another process")]
    Busy {
        /// The file.
        path: PathBuf,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Anything else that the operating system or SQLite says.
    #[error("{path:?} cannot be used")]
    Other {
        /// The file.
        path: PathBuf,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl EmbeddedError {
    /// What a person can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            EmbeddedError::Directory(_) => "name a file; it is made if it does not exist",
            EmbeddedError::NoDirectory(_) => "make the directory first",
            EmbeddedError::NotAWorld(_) | EmbeddedError::Foreign(_) => "name another file; it is made if it does not exist",
            EmbeddedError::Newer { .. } => "use the vamp that wrote it, or a later one",
            EmbeddedError::Damaged { .. } => "put a copy back, or move the file away and apply the spec to a new one",
            EmbeddedError::Permission { .. } => "check the owner and the mode of the file and of its directory",
            EmbeddedError::Full { .. } => "make room on the disk and run the command again",
            EmbeddedError::Disk { .. } => "check the disk, its quota, and the limit on the size of files (`ulimit -f`)",
            EmbeddedError::Busy { .. } => "wait for it to end and run the command again",
            EmbeddedError::Other { .. } => "check the path, or name another file",
        }
    }

    pub(crate) fn io(path: &Path, write: bool, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                EmbeddedError::Permission { path, write, source: Box::new(source) }
            }
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                EmbeddedError::Full { path, source: Box::new(source) }
            }
            std::io::ErrorKind::NotFound if write => EmbeddedError::NoDirectory(path),
            _ => EmbeddedError::Other { path, source: Box::new(source) },
        }
    }

    /// What SQLite's result code means (<https://www.sqlite.org/rescode.html>).
    pub(crate) fn sql(path: &Path, source: sqlx::Error) -> Self {
        const BUSY: u32 = 5;
        const IO_ERROR: u32 = 10;
        const CORRUPT: u32 = 11;
        const NOT_A_DATABASE: u32 = 26;
        const FULL: u32 = 13;
        const READ_ONLY: u32 = 8;
        const CANNOT_OPEN: u32 = 14;
        let code = match &source {
            sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<u32>().ok()),
            _ => None,
        };
        let path = path.to_owned();
        // The low byte is the primary code, the rest says more precisely what happened.
        match code.map(|code| code & 0xff) {
            Some(CORRUPT | NOT_A_DATABASE) => EmbeddedError::Damaged { path, source: Box::new(source) },
            Some(FULL) => EmbeddedError::Full { path, source: Box::new(source) },
            Some(READ_ONLY | CANNOT_OPEN) => EmbeddedError::Permission { path, write: true, source: Box::new(source) },
            Some(IO_ERROR) => EmbeddedError::Disk { path, source: Box::new(source) },
            Some(BUSY) => EmbeddedError::Busy { path, source: Box::new(source) },
            _ => EmbeddedError::Other { path, source: Box::new(source) },
        }
    }

    pub(crate) fn damaged(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        EmbeddedError::Damaged { path: path.to_owned(), source: source.into() }
    }
}

impl From<EmbeddedError> for PlatformError {
    fn from(error: EmbeddedError) -> Self {
        let help = error.help().to_owned();
        let message = error.to_string();
        let source = match error {
            EmbeddedError::Damaged { source, .. }
            | EmbeddedError::Permission { source, .. }
            | EmbeddedError::Full { source, .. }
            | EmbeddedError::Disk { source, .. }
            | EmbeddedError::Busy { source, .. }
            | EmbeddedError::Other { source, .. } => Some(source),
            _ => None,
        };
        PlatformError { message, help: Some(help), source }
    }
}
