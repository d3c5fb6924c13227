//! A look at the file before SQLite touches it: what is no world is refused, and left as it was.

use crate::error::EmbeddedError;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Format of the file. A newer one is refused.
pub(crate) const FORMAT: u32 = 1;

/// `vamp` in ASCII, SQLite's `application_id` of our files.
pub(crate) const APPLICATION_ID: u32 = u32::from_be_bytes(*b"vamp");

/// Length of the header of a SQLite file, and where things stand in it (<https://www.sqlite.org/fileformat2.html>).
const HEADER_LENGTH: usize = 100;
const MAGIC: &[u8] = b"SQLite format 3\0";
const PAGE_SIZE: usize = 16;
const CHANGE_COUNTER: usize = 24;
const PAGES: usize = 28;
const PAGES_VALID_FOR: usize = 92;
const USER_VERSION: usize = 60;
const APPLICATION: usize = 68;

/// A rollback journal begins with this, and says further on how many pages the file had before.
const JOURNAL_MAGIC: &[u8] = &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
const JOURNAL_PAGES: usize = 16;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing, an empty file, or one that somebody died making, which SQLite empties when it is next opened to write.
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
        Ok(found) if found.len() == 0 || is_half_made(path) => return Ok(Found::Nothing),
        Ok(_) => {}
    }
    let header = read_start(path).map_err(|error| EmbeddedError::io(path, false, error))?;
    if !header.starts_with(MAGIC) {
        return Err(EmbeddedError::NotAWorld(path.to_owned()));
    }
    let (Some(application), Some(format)) = (number_at(&header, APPLICATION), number_at(&header, USER_VERSION)) else {
        return Err(EmbeddedError::damaged(path, "the file ends within its header"));
    };
    match (application, format) {
        // SQLite reads zeros where the last page is cut short, and says nothing of it.
        (APPLICATION_ID, 1..=FORMAT) if is_cut_short(path, &header) => {
            Err(EmbeddedError::damaged(path, "the file is shorter than its header says"))
        }
        (APPLICATION_ID, 1..=FORMAT) => Ok(Found::World),
        (APPLICATION_ID, 0) => Err(EmbeddedError::damaged(path, "the header names no format")),
        (APPLICATION_ID, found) => Err(EmbeddedError::Newer { path: path.to_owned(), found, known: FORMAT }),
        _ => Err(EmbeddedError::Foreign(path.to_owned())),
    }
}

/// Whether there is a write-ahead log beside the file, with commits that the file itself may not have yet.
pub(crate) fn has_log(path: &Path) -> bool {
    std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Whether a rollback journal beside the file says that there was nothing before: the transaction that made it never ended.
fn is_half_made(path: &Path) -> bool {
    let journal = read_start(&beside(path, "-journal")).unwrap_or_default();
    journal.starts_with(JOURNAL_MAGIC) && number_at(&journal, JOURNAL_PAGES) == Some(0)
}

/// The path of a file that SQLite keeps beside its own.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whether pages are missing that no write-ahead log can bring back.
fn is_cut_short(path: &Path, header: &[u8]) -> bool {
    // A page of 65536 bytes is written as 1, because the field has two bytes.
    let page = match number_at(header, PAGE_SIZE).map(|number| u64::from(number >> 16)) {
        Some(1) => 65_536,
        Some(size) => size,
        None => return false,
    };
    // The count of pages holds only where the version that it was written with is that of the last change.
    let counts = number_at(header, CHANGE_COUNTER) == number_at(header, PAGES_VALID_FOR);
    let pages = number_at(header, PAGES).map_or(0, u64::from);
    counts && !has_log(path) && std::fs::metadata(path).is_ok_and(|file| file.len() < pages * page)
}

fn read_start(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(HEADER_LENGTH);
    std::fs::File::open(path)?.take(HEADER_LENGTH as u64).read_to_end(&mut start)?;
    Ok(start)
}

fn number_at(header: &[u8], offset: usize) -> Option<u32> {
    let bytes = header.get(offset..offset + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}
