//! Every script in `tests/scripts` is run as a person at a shell would run it, and what the shell showed is its golden in
//! `golden/transcripts`: commands, what they said (standard output and standard error as a terminal mixes them), and how they
//! ended where that was not with 0. `UPDATE_GOLDEN=1` writes the goldens anew.
//!
//! A script is lines for a shell. A comment is shown as it is. What a line does is part of the golden, so a line that fails is not
//! an error of the test: a reader of the golden sees it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]
#![allow(clippy::disallowed_methods, reason = "UPDATE_GOLDEN comes from the environment")]

#[path = "transcripts/shell.rs"]
mod shell;
#[path = "transcripts/volatile.rs"]
mod volatile;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tests::root;

/// The text files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let entries = entries.map(|entry| entry.expect("an entry"));
    entries
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path()).expect("a text")))
        .collect()
}

/// The first line in which two texts differ.
fn first_difference(expected: &str, found: &str) -> String {
    let same = expected.lines().zip(found.lines()).take_while(|(expected, found)| expected == found).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").to_owned();
    format!("line {}\n  golden: {}\n  now:    {}", same + 1, line(expected), line(found))
}

#[test]
fn every_script_gives_its_transcript_and_every_transcript_has_its_script() {
    let folder = root().join("golden/transcripts");
    let scripts = files(&root().join("tests/scripts"));
    let only = std::env::var("SCRIPT").ok();
    let chosen = |name: &str| only.as_deref().is_none_or(|only| name == format!("{only}.txt"));
    let shown: BTreeMap<&String, String> =
        scripts.iter().filter(|(name, _)| chosen(name)).map(|(name, script)| (name, shell::transcript(script))).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(&folder).expect("the folder");
        for name in files(&folder).keys().filter(|name| !scripts.contains_key(*name)) {
            fs::remove_file(folder.join(name)).expect("a golden without its script");
        }
        for (name, transcript) in &shown {
            fs::write(folder.join(name), transcript).expect("a golden");
        }
    }
    let goldens = files(&folder);
    let scripted: Vec<&String> = scripts.keys().collect();
    assert_eq!(goldens.keys().collect::<Vec<_>>(), scripted, "UPDATE_GOLDEN=1 writes them anew");
    let differ: Vec<String> = shown
        .iter()
        .filter(|(name, transcript)| goldens[**name] != **transcript)
        .map(|(name, transcript)| format!("{name}, {}", first_difference(&goldens[*name], transcript)))
        .collect();
    assert!(differ.is_empty(), "UPDATE_GOLDEN=1 writes them anew:\n{}", differ.join("\n"));
}
