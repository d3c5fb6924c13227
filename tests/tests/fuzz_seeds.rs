//! The seeds of the fuzz targets, replayed: every spec of the repository, saved plans, and every input that once broke something.

#![allow(clippy::expect_used, reason = "a test may take for granted what it is not about")]
#![allow(dead_code, unreachable_pub, reason = "the properties belong to the fuzz targets as well")]

#[path = "../../fuzz/properties.rs"]
mod properties;

use std::path::{Path, PathBuf};

/// The files of a folder, in order; none if there is no such folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn replay(folder: &str, property: impl Fn(&[u8])) -> usize {
    let files = files(folder);
    for file in &files {
        property(&std::fs::read(file).expect("a file"));
    }
    files.len()
}

#[test]
fn every_spec_is_taken_or_refused_in_words() {
    assert!(replay("specs/valid", properties::any_bytes_as_a_spec) > 0);
    replay("specs/invalid", properties::any_bytes_as_a_spec);
    assert!(replay("fuzz/seeds/spec", properties::any_bytes_as_a_spec) > 0);
}

/// Cutting a spec off anywhere must not break anything: it is what an editor shows while a person types.
#[test]
fn a_spec_that_is_cut_off_is_taken_or_refused_in_words() {
    for file in files("specs/valid") {
        let bytes = std::fs::read(&file).expect("a file");
        for end in (0..bytes.len()).step_by(97) {
            properties::any_bytes_as_a_spec(&bytes[..end]);
        }
    }
}

#[test]
fn every_saved_plan_is_taken_or_refused_in_words() {
    let property = |bytes: &[u8]| properties::any_text_as_a_plan(&String::from_utf8_lossy(bytes));
    assert!(replay("fuzz/seeds/plan", property) > 0);
}
