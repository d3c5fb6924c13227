//! `kill -9` at moments that a seed chooses: the next apply converges, and no person is needed.

#![allow(clippy::disallowed_methods, reason = "real processes run in real time")]

use crate::shell::{Shell, wait};
use std::process::Stdio;
use tests::root;

/// Numbers that look random and are the same in every run (the 64-bit LCG of Knuth's MMIX).
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn an_apply_of_the_multi_region_platform_killed_at_any_moment_goes_on() {
    let spec = std::fs::read_to_string(root().join("specs/valid/multi-region.yaml")).unwrap();
    let undisturbed = Shell::with_spec(&spec);
    let since = std::time::Instant::now();
    undisturbed.well("apply vamp.yaml --yes");
    let length = since.elapsed().as_millis() as u64;
    let mut state = 4;
    let mut cut_off = 0;
    for _ in 0..12 {
        let shell = Shell::with_spec(&spec);
        let mut child = shell.command("apply vamp.yaml --yes").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait(draw(&mut state) % length);
        child.kill().unwrap();
        child.wait().unwrap();
        let begun = shell.folder().join(".vamp/world.sqlite").exists();
        cut_off += u32::from(begun && shell.vamp("plan vamp.yaml --detailed-exitcode").status.code() == Some(2));
        shell.converges();
        assert_eq!(objects(&shell), objects(&undisturbed));
    }
    assert!(cut_off > 0, "no kill came in time");
}

/// How many objects of each kind there are.
fn objects(shell: &Shell) -> String {
    let world: serde_json::Value = serde_json::from_str(&shell.well("world show --format json")).unwrap();
    let clusters = world["clusters"].as_object().unwrap().iter();
    clusters.map(|(name, shown)| format!("{name} {} {}\n", shown["objects"], shown["deployments"])).collect()
}
