//! The directions of dependence of `docs/ARCHITECTURE.md`, kept true by the manifests and the sources themselves.

#![allow(clippy::expect_used, reason = "a test may take for granted what it is not about")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Which room may know which. What is not named here is not allowed.
const MAY_KNOW: &[(&str, &str, &[&str])] = &[
    ("model", "engine/model", &[]),
    ("port", "engine/port", &["model"]),
    ("planner", "engine/planner", &["model"]),
    ("driver", "engine/driver", &["model", "port"]),
    ("vault-session", "engine/vault-session", &["model"]),
    ("gateway-agent", "engine/gateway-agent", &["model", "port", "vault-session"]),
    ("workflow-agent", "engine/workflow-agent", &["model", "port", "vault-session"]),
    ("simulator", "simulator", &["model", "port", "planner", "driver", "vault-session", "gateway-agent", "workflow-agent"]),
    ("embedded", "engine/embedded", &["model", "port", "simulator"]),
    ("live", "engine/live", &["model", "port", "vault-session"]),
    ("vamp", "engine/vamp", &["model", "port", "planner", "driver", "simulator", "embedded", "live"]),
];

/// Rooms that know neither files, nor the network, nor a runtime.
const PURE: &[&str] = &["model", "port", "planner", "driver", "vault-session", "gateway-agent", "workflow-agent", "simulator"];

/// What a pure room may not reach for, in its manifest or in its sources.
const OUTSIDE: &[&str] = &["tokio", "sqlx", "kube", "reqwest", "hyper", "rand", "getrandom"];
const OUTSIDE_IN_SOURCES: &[&str] = &["std::fs", "std::net", "std::env", "std::process", "std::thread", "println!", "eprintln!"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The folders of all crates.
fn crates() -> impl Iterator<Item = &'static str> {
    MAY_KNOW.iter().map(|(_, folder, _)| *folder).chain(["tests", "tests/mutants", "benches"])
}

fn manifest(folder: &str) -> toml::Table {
    let text = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
    text.parse().expect("a manifest")
}

fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    manifest
        .get("dependencies")
        .and_then(|table| table.as_table())
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The part of a source that ships: without its inline tests, and nothing of a file of tests.
fn shipped(path: &Path) -> String {
    let inside = path.strip_prefix(root()).unwrap_or(path);
    if inside.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs") {
        return String::new();
    }
    let text = std::fs::read_to_string(path).expect("a source");
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

#[test]
fn every_room_knows_only_what_it_may() {
    let rooms: BTreeSet<&str> = MAY_KNOW.iter().map(|(name, ..)| *name).collect();
    for (name, folder, allowed) in MAY_KNOW {
        for dependency in dependencies(&manifest(folder)) {
            let allowed = !rooms.contains(dependency.as_str()) || allowed.contains(&dependency.as_str());
            assert!(allowed, "{name} must not know {dependency}");
            assert!(dependency != "tests" && dependency != "benches", "{name} depends on {dependency}");
        }
    }
}

#[test]
fn every_member_is_a_room_of_this_map() {
    let workspace: toml::Table = std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let known: BTreeSet<&str> = crates().collect();
    let members: BTreeSet<&str> = members.iter().filter_map(|member| member.as_str()).collect();
    assert_eq!(members, known);
}

#[test]
fn pure_rooms_reach_for_nothing_outside() {
    let folders: BTreeMap<&str, &str> = MAY_KNOW.iter().map(|(name, folder, _)| (*name, *folder)).collect();
    for room in PURE {
        let folder = folders[room];
        for dependency in dependencies(&manifest(folder)) {
            assert!(!OUTSIDE.contains(&dependency.as_str()), "{room} depends on {dependency}");
        }
        for source in sources(&root().join(folder).join("src")) {
            let text = shipped(&source);
            for outside in OUTSIDE_IN_SOURCES {
                assert!(!text.contains(outside), "{} uses {outside}", source.display());
            }
        }
    }
}

#[test]
fn every_crate_opts_into_the_lints() {
    for folder in crates() {
        let lints = manifest(folder).get("lints").and_then(|lints| lints.get("workspace")).and_then(|flag| flag.as_bool());
        assert_eq!(lints, Some(true), "{folder}");
    }
}

#[test]
fn every_source_says_why_it_exists() {
    for folder in ["engine", "simulator", "tests", "benches"] {
        for source in sources(&root().join(folder)) {
            let text = std::fs::read_to_string(&source).expect("a source");
            assert!(text.starts_with("//!"), "{} does not open with //!", source.display());
        }
    }
}

/// A reason that stands in a document of somebody's own is none for who reads the source.
#[test]
fn every_page_that_a_source_names_is_one_of_docs() {
    for folder in ["engine", "simulator", "tests", "benches"] {
        for source in sources(&root().join(folder)) {
            let text = std::fs::read_to_string(&source).expect("a source");
            for page in text.split('`').filter(|name| name.ends_with(".md") && !name.contains([' ', '\n'])) {
                assert!(page.starts_with("docs/"), "{} names {page}", source.display());
            }
        }
    }
}

/// No crate has tests in its docs, each of which would be compiled and linked by itself, and none is looked for. So nobody writes one that is never
/// run: a block of code says what it is.
#[test]
fn no_block_of_code_in_the_docs_passes_for_a_test() {
    for folder in crates() {
        let library = manifest(folder).get("lib").and_then(|library| library.get("doctest")).and_then(|flag| flag.as_bool());
        assert_eq!(library, Some(false), "{folder}");
        for source in sources(&root().join(folder)) {
            let text = std::fs::read_to_string(&source).expect("a source");
            let docs = text
                .lines()
                .map(str::trim_start)
                .filter_map(|line| line.strip_prefix("///").or_else(|| line.strip_prefix("//!")));
            let fences: Vec<&str> = docs.filter_map(|line| line.trim_start().strip_prefix("```")).collect();
            for opens in fences.iter().step_by(2) {
                assert!(["text", "json", "yaml", "sh"].contains(opens), "{}: a block of {opens:?}", source.display());
            }
        }
    }
}
