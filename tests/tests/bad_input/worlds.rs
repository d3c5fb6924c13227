//! The file of a world, damaged in every way: refused by name with a remedy, and left byte for byte as it was.

use crate::program::Folder;
use std::fs;

/// Every way to open a world.
const CALLS: &[&str] = &[
    "plan vamp.yaml",
    "apply vamp.yaml --yes",
    "status vamp.yaml",
    "destroy vamp.yaml --yes",
    "recover vamp.yaml --yes",
    "history",
    "world show",
];

/// SQLite's page (<https://www.sqlite.org/fileformat2.html>), and where its header has the format of our files.
const PAGE: usize = 4096;
const USER_VERSION: usize = 60;

/// `w.sqlite` is this: nobody takes it for a world, and nobody touches it.
fn refused_by_all(content: &[u8], words: &[&str]) {
    let folder = Folder::new();
    folder.write("w.sqlite", content);
    for call in CALLS {
        folder.refuses_both(&format!("{call} --embedded w.sqlite"), &[&["w.sqlite"], words].concat());
    }
    folder.refuses("world advance 1m --embedded w.sqlite", 1, words);
    folder.refuses("world fail node main/node-1 --embedded w.sqlite", 1, words);
    folder.refuses("plan vamp.yaml --embedded w.sqlite -o plan.json", 1, words);
}

fn whole() -> Vec<u8> {
    Folder::applied().read("w.sqlite")
}

#[test]
fn a_truncated_world_is_damaged() {
    let whole = whole();
    let cut = |length: usize| whole.get(..length).unwrap();
    refused_by_all(cut(50), &["is damaged", "put a copy back"]);
    refused_by_all(cut(PAGE + 1000), &["is damaged"]);
    refused_by_all(cut(whole.len() - PAGE), &["is damaged"]);
    refused_by_all(cut(whole.len() - 1), &["is damaged"]);
}

#[test]
fn a_world_with_noise_in_its_middle_is_damaged() {
    let mut noisy = whole();
    let middle = noisy.len() / 2 / PAGE * PAGE;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for byte in &mut noisy[middle..middle + 3 * PAGE] {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        *byte = state.to_be_bytes()[0];
    }
    refused_by_all(&noisy, &["is damaged"]);
}

#[test]
fn a_world_whose_records_make_no_sense_is_damaged() {
    let whole = whole();
    let text = b"\"status\"";
    let place = whole.windows(text.len()).position(|window| window == text).expect("an object with a status");
    let mut scribbled = whole;
    scribbled[place] = b'#';
    refused_by_all(&scribbled, &["is damaged"]);
}

#[test]
fn what_another_program_wrote_is_left_to_it() {
    let mut foreign = whole();
    foreign[68..72].copy_from_slice(&[0; 4]);
    refused_by_all(&foreign, &["SQLite file of another program", "name another file"]);
    refused_by_all(b"version: 1\nplatform: acme\n", &["is not the file of an embedded platform"]);
    refused_by_all(&[0; 10_000], &["is not the file of an embedded platform"]);
}

#[test]
fn what_a_later_vamp_wrote_is_left_to_it() {
    let mut newer = whole();
    newer[USER_VERSION..USER_VERSION + 4].copy_from_slice(&99_u32.to_be_bytes());
    refused_by_all(&newer, &["has format 99", "use the vamp that wrote it"]);
    newer[USER_VERSION..USER_VERSION + 4].copy_from_slice(&0_u32.to_be_bytes());
    refused_by_all(&newer, &["is damaged"]);
}

#[test]
fn an_empty_log_beside_a_world_is_no_harm() {
    let folder = Folder::applied();
    let before = folder.world();
    folder.write("w.sqlite-wal", "");
    folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").run().done();
    folder.vamp("apply vamp.yaml --embedded w.sqlite --yes").run().done();
    assert_eq!(folder.world(), before);
}

#[test]
fn a_log_full_of_noise_beside_a_world_changes_nothing() {
    let folder = Folder::applied();
    let before = folder.world();
    folder.write("w.sqlite-wal", [0xa5; 50_000]);
    folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").run().done();
    folder.vamp("apply vamp.yaml --embedded w.sqlite --yes").run().done();
    assert_eq!(folder.world(), before);
}

#[test]
fn an_empty_file_is_a_new_world() {
    let folder = Folder::new();
    folder.write("w.sqlite", "");
    assert_eq!(folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").run().code, Some(2));
    assert_eq!(folder.read("w.sqlite"), b"", "a plan makes nothing");
    folder.vamp("apply vamp.yaml --embedded w.sqlite --yes").run().done();
}

#[test]
fn what_is_no_file_is_no_world() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder")).unwrap();
    std::os::unix::fs::symlink("loop", folder.path("loop")).unwrap();
    for (file, words) in [
        ("folder", "is a directory"),
        ("/dev/null", "is not the file of an embedded platform"),
        ("vamp.yaml/w.sqlite", "vamp.yaml/w.sqlite"),
        ("loop", "loop"),
    ] {
        folder.refuses_both(&format!("apply vamp.yaml --yes --embedded {file}"), &[words]);
        folder.refuses_both(&format!("plan vamp.yaml --embedded {file}"), &[words]);
    }
    folder
        .refuses_both("apply vamp.yaml --yes --embedded none/w.sqlite", &["its directory does not exist", "make the directory"]);
    for call in ["history", "world show", "destroy vamp.yaml --yes", "recover vamp.yaml --yes"] {
        folder.refuses_both(&format!("{call} --embedded none.sqlite"), &["there is no embedded platform in none.sqlite"]);
    }
    folder.shell("mkfifo pipe; exec $VAMP plan vamp.yaml --embedded pipe").run().failed(1, &["is not the file"]);
}

#[test]
fn nobody_waits_for_ever_for_a_world_that_another_program_holds() {
    let folder = Folder::applied();
    let before = folder.world();
    let Ok(python) = std::process::Command::new("python3").args(["-c", "import sqlite3"]).status() else { return };
    if !python.success() {
        return;
    }
    let hold = "import sqlite3, time; c = sqlite3.connect('w.sqlite', isolation_level=None); c.execute('BEGIN EXCLUSIVE'); \
                open('held', 'w'); time.sleep(30)";
    let mut holder = std::process::Command::new("python3").args(["-c", hold]).current_dir(folder.path(".")).spawn().unwrap();
    while !folder.path("held").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let ended = folder.vamp("world advance 1m --embedded w.sqlite").run();
    holder.kill().unwrap();
    holder.wait().unwrap();
    ended.failed(1, &["in use by another process", "wait for it"]);
    assert_eq!(folder.world(), before);
}
