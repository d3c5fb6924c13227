//! What differs from machine to machine and from day to day, replaced by placeholders of the same width where it stands in columns.

use std::process::Command;

/// The virtual clock of a new world begins here (`simulator::kernel::EPOCH`): its times are the same every day and are kept.
const VIRTUAL_MONTH: &str = "2026-01-";
const PLACEHOLDER: &str = "YYYY-MM-DDThh:mm:ssZ";

/// `text` without wall-clock times and the name of this machine.
pub(super) fn without_volatile(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let taken = if is_time(rest) && !rest.starts_with(VIRTUAL_MONTH) { PLACEHOLDER.len() } else { 0 };
        if taken > 0 {
            kept.push_str(PLACEHOLDER);
        } else {
            kept.push(character);
        }
        rest = &rest[taken.max(character.len_utf8())..];
    }
    kept.replace(&format!("ada@{}", host()), "ada@host")
}

/// Whether `text` begins with a time as RFC 3339 writes it, in seconds and UTC.
fn is_time(text: &str) -> bool {
    let fits = |(wanted, found): (u8, u8)| {
        if wanted.is_ascii_alphabetic() && !b"TZ".contains(&wanted) { found.is_ascii_digit() } else { wanted == found }
    };
    text.len() >= PLACEHOLDER.len() && PLACEHOLDER.bytes().zip(text.bytes()).all(fits)
}

fn host() -> String {
    let said = Command::new("/bin/uname").arg("-n").output().expect("the name of this machine");
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

#[test]
fn times_of_the_wall_clock_are_replaced_and_those_of_the_world_are_kept() {
    assert_eq!(without_volatile("at 2031-05-06T07:08:09Z."), "at YYYY-MM-DDThh:mm:ssZ.");
    assert_eq!(without_volatile("at 2026-01-01T00:00:09Z, é 12"), "at 2026-01-01T00:00:09Z, é 12");
}
