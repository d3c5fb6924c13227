//! The file: made, found again, looked at without a trace, and left as it was when something is wrong with it.

use crate::common::{addresses, inputs, look, open, operations, run};
use embedded::{EmbeddedError, EmbeddedPlatform};
use port::{Ledger, Observe, Platform};
use std::path::Path;

#[tokio::test]
async fn what_was_done_is_there_when_the_file_is_opened_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let mut platform = open(&path).await;
    run(&mut platform, &operations()).await.unwrap();
    let (before, now, hash) = (look(&mut platform).await, platform.now(), platform.world().hash());
    platform.close().await.unwrap();

    let mut platform = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    assert_eq!(look(&mut platform).await, before);
    assert_eq!((platform.now(), platform.world().hash()), (now, hash));
    assert_eq!(addresses(&mut platform).await.len(), 7);
    let runs = platform.runs(10).await.unwrap();
    assert_eq!((runs.len(), runs[0].steps, runs[0].done, runs[0].holder.name.as_str()), (1, 7, 7, "alice"));
    assert_eq!(runs[0].verdict, Some(model::outcome::Verdict::Converged));
    assert_eq!(platform.journal(runs[0].run).await.unwrap().len(), 16);
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut platform = open(&directory.path().join("world.db")).await;
    assert!(run(&mut platform, &operations()).await.unwrap().iter().all(|receipt| receipt.changed));
    assert!(run(&mut platform, &operations()).await.unwrap().iter().all(|receipt| !receipt.changed));
}

#[tokio::test]
async fn looking_makes_and_changes_no_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let mut nowhere = EmbeddedPlatform::open_to_look(&path, inputs()).await.unwrap();
    assert!(addresses(&mut nowhere).await.is_empty());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);

    let mut platform = open(&path).await;
    run(&mut platform, &operations()).await.unwrap();
    platform.close().await.unwrap();
    let names = |path: &Path| {
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect::<std::collections::BTreeSet<_>>()
    };
    let (bytes, files) = (std::fs::read(&path).unwrap(), names(directory.path()));
    let mut looking = EmbeddedPlatform::open_to_look(&path, inputs()).await.unwrap();
    assert_eq!(addresses(&mut looking).await.len(), 7);
    assert!(looking.begin(crate::common::holder("bob")).await.unwrap_err().to_string().contains("to look at it only"));
    looking.close().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!(names(directory.path()), files);
}

/// What a process leaves that dies between the first page of a new file and the end of the transaction that makes it: the pages, and a
/// journal that says that there were none before (<https://www.sqlite.org/fileformat2.html#the_rollback_journal>).
async fn half_made(path: &Path) {
    EmbeddedPlatform::open(path, inputs()).await.unwrap().close().await.unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    // Not yet told to keep a write-ahead log.
    bytes[18..20].fill(1);
    std::fs::write(path, bytes).unwrap();
    let mut journal = vec![0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    for number in [0_u32, 1, 0, 512, 4096] {
        journal.extend(number.to_be_bytes());
    }
    journal.resize(512, 0);
    std::fs::write(path.with_extension("db-journal"), journal).unwrap();
}

#[tokio::test]
async fn a_file_that_somebody_died_making_is_made_by_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    half_made(&path).await;
    let before = std::fs::read(&path).unwrap();
    let mut looking = EmbeddedPlatform::open_to_look(&path, inputs()).await.unwrap();
    assert!(addresses(&mut looking).await.is_empty());
    looking.close().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let mut platform = open(&path).await;
    run(&mut platform, &operations()).await.unwrap();
    platform.close().await.unwrap();
    assert!(!path.with_extension("db-journal").exists());
    let mut again = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    assert_eq!(addresses(&mut again).await.len(), 7);
}

#[tokio::test]
async fn looking_sees_the_last_commit_of_a_platform_that_is_still_open() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let mut platform = open(&path).await;
    run(&mut platform, &operations()).await.unwrap();
    let mut looking = EmbeddedPlatform::open_to_look(&path, inputs()).await.unwrap();
    assert_eq!(addresses(&mut looking).await.len(), 7);
}

#[tokio::test]
async fn a_plan_for_a_file_that_is_not_there_yet_fits_the_file_that_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let nowhere = EmbeddedPlatform::open_to_look(&path, inputs()).await.unwrap();
    let mut platform = open(&path).await;
    assert_eq!(nowhere.identities(), platform.identities());
    run(&mut platform, &operations()).await.unwrap();
    platform.close().await.unwrap();
    let again = EmbeddedPlatform::open(&path, inputs()).await.unwrap();
    assert_ne!(again.identities(), nowhere.identities());
}

async fn refused(path: &Path) -> EmbeddedError {
    let before = std::fs::read(path).ok();
    let error = EmbeddedPlatform::open(path, inputs()).await.unwrap_err();
    let look = EmbeddedPlatform::open_to_look(path, inputs()).await;
    if before.is_some() {
        assert_eq!(look.unwrap_err().to_string(), error.to_string());
    }
    assert_eq!(std::fs::read(path).ok(), before, "the file is as it was");
    assert!(!error.help().is_empty());
    error
}

#[tokio::test]
async fn what_is_no_world_is_refused_and_left_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    assert!(matches!(refused(directory.path()).await, EmbeddedError::Directory(_)));
    assert!(matches!(refused(&directory.path().join("missing/world.db")).await, EmbeddedError::NoDirectory(_)));
    std::fs::write(&path, "version: 1\nplatform: acme\n").unwrap();
    assert!(matches!(refused(&path).await, EmbeddedError::NotAWorld(_)));
    let mut header = vec![0; 4096];
    header[..16].copy_from_slice(b"SQLite format 3\0");
    std::fs::write(&path, &header).unwrap();
    assert!(matches!(refused(&path).await, EmbeddedError::Foreign(_)));
    header[68..72].copy_from_slice(b"vamp");
    header[60..64].copy_from_slice(&7_u32.to_be_bytes());
    std::fs::write(&path, &header).unwrap();
    assert!(matches!(refused(&path).await, EmbeddedError::Newer { found: 7, known: 1, .. }));
    std::fs::write(&path, &header[..30]).unwrap();
    assert!(matches!(refused(&path).await, EmbeddedError::Damaged { .. }));
}

#[tokio::test]
async fn a_damaged_world_is_refused_and_left_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    let mut platform = open(&path).await;
    run(&mut platform, &operations()).await.unwrap();
    platform.close().await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut scribbled = whole.clone();
    scribbled[4096..].fill(0xa5);
    std::fs::write(&path, &scribbled).unwrap();
    assert!(matches!(refused(&path).await, EmbeddedError::Damaged { .. }));
    std::fs::write(&path, &whole[..4096 * 2]).unwrap();
    assert!(matches!(refused(&path).await, EmbeddedError::Damaged { .. }));
}

#[cfg(unix)]
#[tokio::test]
async fn a_device_is_no_world() {
    let device = Path::new("/dev/null");
    assert!(matches!(EmbeddedPlatform::open(device, inputs()).await.unwrap_err(), EmbeddedError::NotAWorld(_)));
}

#[tokio::test]
async fn an_empty_file_becomes_a_world() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("world.db");
    std::fs::write(&path, "").unwrap();
    let mut platform = open(&path).await;
    run(&mut platform, &operations()).await.unwrap();
}
