//! A look at the file before SQLite touches it: what is no world is refused, and left as it was.

use crate::error::EmbeddedError;
use std::io::Read;
use std::path::Path;

/// Format of the file. A newer one is refused.
pub(crate) const FORMAT: u32 = 1;

/// `vamp` in ASCII, SQLite's `application_id` of our files.
pub(crate) const APPLICATION_ID: u32 = u32::from_be_bytes(*b"vamp");

/// Length of the header of a SQLite file, and where things stand in it (<https://www.sqlite.org/fileformat2.html>).
const HEADER_LENGTH: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";
const USER_VERSION: usize = 60;
const APPLICATION: usize = 68;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing, or an empty file.
    Nothing,
    /// A world.
    World,
}

/// Look at `path`.
pub(crate) fn inspect(path: &Path) -> Result<Found, EmbeddedError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(EmbeddedError::io(path, false, error)),
        Ok(found) if found.is_dir() => return Err(EmbeddedError::Directory(path.to_owned())),
        Ok(found) if !found.is_file() => return Err(EmbeddedError::NotAWorld(path.to_owned())),
        Ok(found) if found.len() == 0 => return Ok(Found::Nothing),
        Ok(_) => {}
    }
    let header = read_header(path).map_err(|error| EmbeddedError::io(path, false, error))?;
    if !header.starts_with(MAGIC) {
        return Err(EmbeddedError::NotAWorld(path.to_owned()));
    }
    let (Some(application), Some(format)) = (number_at(&header, APPLICATION), number_at(&header, USER_VERSION)) else {
        return Err(EmbeddedError::damaged(path, "the file ends within its header"));
    };
    match (application, format) {
        (APPLICATION_ID, 1..=FORMAT) => Ok(Found::World),
        (APPLICATION_ID, 0) => Err(EmbeddedError::damaged(path, "the header names no format")),
        (APPLICATION_ID, found) => Err(EmbeddedError::Newer { path: path.to_owned(), found, known: FORMAT }),
        _ => Err(EmbeddedError::Foreign(path.to_owned())),
    }
}

fn read_header(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(HEADER_LENGTH);
    std::fs::File::open(path)?.take(HEADER_LENGTH as u64).read_to_end(&mut header)?;
    Ok(header)
}

fn number_at(header: &[u8], offset: usize) -> Option<u32> {
    let bytes = header.get(offset..offset + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}
