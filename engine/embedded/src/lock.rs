//! One run at a time. The operating system's lock on a file beside the world dies with its process; the row in the world says who.

use crate::error::EmbeddedError;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// A lock that is held until this value is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// The file that is locked: beside the world, because SQLite's own locks on the world would be lost when we close it.
pub(crate) fn path_of(world: &Path) -> PathBuf {
    let mut name = world.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Take the lock of the world at `path`; nothing if somebody else holds it.
pub(crate) fn take(path: &Path) -> Result<Option<Lock>, EmbeddedError> {
    let path = path_of(path);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(|error| EmbeddedError::io(&path, true, error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(EmbeddedError::io(&path, true, error)),
    }
}
