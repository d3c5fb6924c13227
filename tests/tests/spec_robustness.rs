//! However a spec is damaged, the answer is a spec or a complaint that points into the file: never a panic, never silence.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may take for granted what it is not about")]

use model::{Diagnostic, Severity};
use planner::render::{Style, diagnostics::diagnostics};
use planner::spec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::path::Path;

const SPECS: [&str; 3] = ["valid/quickstart.yaml", "valid/m4.yaml", "invalid/several-mistakes-at-once.yaml"];

fn read(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs").join(name)).unwrap()
}

/// Parses, and checks what holds for every answer.
fn answer(text: &[u8]) -> Vec<Diagnostic> {
    let source = String::from_utf8_lossy(text);
    let complaints = match spec::parse("vamp.yaml", text) {
        Ok(parsed) => {
            assert!(parsed.warnings.iter().all(|warning| warning.severity == Severity::Warning));
            parsed.warnings
        }
        Err(complaints) => {
            let errors = complaints.iter().filter(|complaint| complaint.severity == Severity::Error).count();
            assert!(errors > 0, "refused without a reason:\n{source}");
            complaints
        }
    };
    let lines = source.split('\n').count();
    for complaint in &complaints {
        let place = complaint.place.unwrap_or_else(|| panic!("{complaint:?} points nowhere"));
        assert!((1..=lines + 1).contains(&(place.line as usize)) && place.column > 0 && place.length > 0, "{complaint:?}");
        assert!(spec::explain_error(complaint.code).is_some(), "{} has no page", complaint.code);
    }
    let shown = diagnostics(&complaints, "vamp.yaml", &source, Style::PLAIN);
    assert!(!shown.contains(['\u{1b}', '\r', '\u{202e}']), "a control character reaches the terminal:\n{shown}");
    complaints
}

/// Ways to damage a text.
#[derive(Clone, Debug)]
enum Damage {
    Cut(usize),
    Flip(usize, u8),
    Insert(usize, &'static str),
    RemoveLine(usize),
    RepeatLine(usize),
    SwapLines(usize, usize),
}

const SCRAPS: &[&str] = &[
    "\0",
    "\u{1b}[2J",
    "\t",
    "\n",
    "\r\n",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a ",
    "<<: ",
    "!!binary ",
    "!x ",
    "|\n",
    "\"",
    "'",
    "#",
    "%",
    "? ",
    "~",
    "null",
    ".nan",
    "1e999",
    "-0",
    "0x7f",
    "99999999999999999999999999999999999999999",
    "\u{202e}",
    "é",
    "\u{10ffff}",
    "---\n",
    "...\n",
];

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<usize>();
    prop_oneof![
        1 => at.prop_map(Damage::Cut),
        3 => (at, any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        4 => (at, prop::sample::select(SCRAPS)).prop_map(|(at, scrap)| Damage::Insert(at, scrap)),
        2 => at.prop_map(Damage::RemoveLine),
        2 => at.prop_map(Damage::RepeatLine),
        2 => (at, at).prop_map(|(left, right)| Damage::SwapLines(left, right)),
    ]
}

fn damaged(text: &[u8], damage: &Damage) -> Vec<u8> {
    let mut text = text.to_vec();
    let length = text.len().max(1);
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let count = lines.len().max(1);
    match *damage {
        Damage::Cut(at) => text.truncate(at % length),
        Damage::Flip(at, byte) => {
            if let Some(found) = text.get_mut(at % length) {
                *found = byte;
            }
        }
        Damage::Insert(at, scrap) => {
            let at = (at % length).min(text.len());
            text.splice(at..at, scrap.bytes());
        }
        Damage::RemoveLine(at) if !lines.is_empty() => {
            lines.remove(at % count);
            text = lines.concat();
        }
        Damage::RepeatLine(at) if !lines.is_empty() => {
            lines.insert(at % count, lines[at % count].clone());
            text = lines.concat();
        }
        Damage::SwapLines(left, right) if !lines.is_empty() => {
            lines.swap(left % count, right % count);
            text = lines.concat();
        }
        _ => {}
    }
    text
}

#[test]
fn a_damaged_spec_is_answered() {
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let damages = (0..SPECS.len(), prop::collection::vec(damage(), 1..4));
    let specs: Vec<Vec<u8>> = SPECS.iter().map(|name| read(name)).collect();
    runner
        .run(&damages, |(which, damages)| {
            let text = damages.iter().fold(specs[which].clone(), |text, damage| damaged(&text, damage));
            answer(&text);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_spec_that_ends_anywhere_is_answered() {
    let text = read(SPECS[0]);
    for end in 0..text.len() {
        answer(&text[..end]);
    }
}

#[test]
fn a_thousand_mistakes_are_all_found() {
    let environment =
        |index: usize| format!("      e{index}: {{ clusters: [mian], traffik: {{}}, retention: {{ audit: {index}w }} }}\n");
    let text = String::from_utf8(read(SPECS[0])).unwrap();
    let text =
        text.replace("    environments:\n", &format!("    environments:\n{}", (0..1000).map(environment).collect::<String>()));
    let complaints = answer(text.as_bytes());
    assert_eq!(complaints.len(), 3000);
    assert!(complaints.iter().filter(|complaint| complaint.code == "SPEC-302").all(|complaint| complaint.help.is_some()));
}
