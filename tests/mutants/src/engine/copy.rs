//! A copy of the crates of engine and world, with every mutant in it behind its switch, built once with optimisation.

use super::{Mutant, woven};
use crate::tree::{Result, copy_edited, workspace};
use crate::weave::SWITCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The crates of the copy.
const MEMBERS: &[&str] = &[
    "engine/model",
    "engine/port",
    "engine/planner",
    "engine/driver",
    "engine/vault-session",
    "engine/gateway-agent",
    "engine/workflow-agent",
    "simulator",
];
/// What they need beside their sources, to be built and to be run.
const BESIDE: &[&str] = &["Cargo.toml", "Cargo.lock", "docs", "specs", "golden/hashes.txt"];

/// The two largest crates are optimised a little only: that is most of the build, and what it would make faster runs for seconds.
const HASTE: &str = "
[profile.sim.package.planner]
opt-level = 1

[profile.sim.package.simulator]
opt-level = 1
";

/// Makes the copy and builds the detector in it. What was built before is used again: it lies beside the copy, and what did not change
/// is not written.
pub fn grow(root: &Path, mutants: &[Mutant]) -> Result<PathBuf> {
    let folder = root.join("target/mutants/engine/tree");
    let woven = woven(root, mutants)?;
    let switches: Vec<PathBuf> = MEMBERS.iter().map(|member| root.join(member).join("src/lib.rs")).collect();
    let edited = |from: &Path| {
        if *from == root.join("Cargo.toml") {
            let manifest = workspace(&fs::read_to_string(from)?, MEMBERS)?;
            return Ok(Some(manifest + HASTE));
        }
        let inside = from.strip_prefix(root)?.to_string_lossy().into_owned();
        let text = woven.get(&inside).cloned();
        if switches.iter().any(|library| library == from) {
            return Ok(Some(text.map_or_else(|| fs::read_to_string(from), Ok)? + SWITCH));
        }
        Ok(text)
    };
    MEMBERS.iter().chain(BESIDE).try_for_each(|needed| copy_edited(&root.join(needed), &folder.join(needed), &edited))?;
    build(&folder)
}

/// Builds the detector, and says where it is.
fn build(folder: &Path) -> Result<PathBuf> {
    let target = folder.with_file_name("build");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--offline", "--profile", "sim", "-p", "simulator", "--example", "standard"]);
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", &target).stderr(Stdio::inherit());
    if !cargo.status()?.success() {
        return Err("the mutants do not build".into());
    }
    Ok(target.join("sim/examples/standard"))
}
