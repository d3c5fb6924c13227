//! A shell in a folder of its own, with nothing in its environment but what is said here.

use super::volatile::without_volatile;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use tests::{specs_in, valid_specs};

/// What a terminal would show of `script`, line by line.
pub(super) fn transcript(script: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    furnish(folder.path());
    let mut text = String::new();
    for line in script.lines() {
        if line.is_empty() || line.starts_with('#') {
            text.push_str(&format!("{line}\n"));
            continue;
        }
        let (said, code) = run(folder.path(), line);
        let ended = if code == 0 { String::new() } else { format!("(exit {code})\n") };
        text.push_str(&format!("$ {line}\n{}{ended}", without_volatile(&said)));
    }
    text
}

/// The valid specs and those for simulations, and `vamp` under its own name.
fn furnish(folder: &Path) {
    fs::create_dir(folder.join("bin")).expect("a folder");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_vamp-under-test"), folder.join("bin/vamp")).expect("a link");
    for spec in valid_specs().into_iter().chain(specs_in("simulate")) {
        fs::copy(&spec, folder.join(spec.file_name().expect("a name"))).expect("a spec");
    }
}

/// What one line for the shell writes to both streams, in the order in which it does, and its exit code.
fn run(folder: &Path, line: &str) -> (String, i32) {
    let mut screen = tempfile::tempfile().expect("a file");
    let stream = |file: &File| Stdio::from(file.try_clone().expect("a stream"));
    let path = format!("{}:/usr/bin:/bin", folder.join("bin").display());
    let ended = Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(folder)
        .env_clear()
        .envs([("PATH", path.as_str()), ("HOME", "/nonexistent"), ("USER", "ada"), ("NO_COLOR", "1"), ("COLUMNS", "100")])
        .envs([("LC_ALL", "C"), ("TZ", "UTC")])
        .stdin(Stdio::null())
        .stdout(stream(&screen))
        .stderr(stream(&screen))
        .status()
        .expect("a shell");
    let mut said = String::new();
    screen.seek(SeekFrom::Start(0)).expect("the start");
    screen.read_to_string(&mut said).expect("a text");
    if !said.is_empty() && !said.ends_with('\n') {
        said.push('\n');
    }
    (said, ended.code().expect("no signal"))
}
