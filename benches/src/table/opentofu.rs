//! OpenTofu on as many resources that do nothing: its bare engine, measured in the same run where it is installed, and otherwise what it needed
//! once.

use crate::measure::{Process, run};
use crate::table::{Failure, peers, processes};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// Resources of one chain: each takes what the one before it gives.
const CHAIN: usize = 10;

/// What OpenTofu needs.
pub(super) struct OpenTofu {
    /// Seconds to plan and apply.
    pub(super) apply: f64,
    /// Seconds for the plan that finds nothing.
    pub(super) again: f64,
    /// Peak memory of that plan, in megabytes.
    pub(super) memory: f64,
    /// Whether it was measured just now.
    pub(super) is_measured: bool,
}

/// What OpenTofu 1.12.6 needed for 5,000 `terraform_data` in chains of ten, on two quiet cores. It keeps their state in a file and does nothing
/// else.
const ONCE: OpenTofu = OpenTofu { apply: 9.6, again: 6.3, memory: 479.0, is_measured: false };

pub(super) fn measure(resources: usize) -> Result<OpenTofu, Failure> {
    let Some(tofu) = peers::find("opentofu/tofu", "tofu") else { return Ok(ONCE) };
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    std::fs::write(folder.path().join("main.tf"), configuration(resources))
        .map_err(|error| format!("no configuration can be written: {error}"))?;
    let call = |arguments: &[&str]| called(&tofu, folder.path(), arguments);
    call(&["init"])?;
    let apply = call(&["apply", "-auto-approve"])?;
    // It ends with 2 where it finds anything.
    let again = call(&["plan", "-detailed-exitcode"])?;
    Ok(OpenTofu {
        apply: apply.took.as_secs_f64(),
        again: again.took.as_secs_f64(),
        memory: again.peak_bytes as f64 / 1e6,
        is_measured: true,
    })
}

fn called(tofu: &Path, folder: &Path, arguments: &[&str]) -> Result<Process, Failure> {
    let mut command = Command::new(tofu);
    // It asks nobody whether there is a newer one.
    command.args(arguments).args(["-input=false", "-no-color"]).current_dir(folder).env("CHECKPOINT_DISABLE", "1");
    let process = run(&mut command).map_err(|error| format!("{} cannot be started: {error}", tofu.display()))?;
    processes::succeeded(process, &format!("tofu {}", arguments.join(" ")))
}

/// So many resources that are built in and do nothing, in chains.
fn configuration(resources: usize) -> String {
    let mut text = String::new();
    for number in 0..resources {
        let input = match number % CHAIN {
            0 => format!("\"{number}\""),
            _ => format!("terraform_data.r{}.output", number - 1),
        };
        let _ = writeln!(text, "resource \"terraform_data\" \"r{number}\" {{\n  input = {input}\n}}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_hang_together_in_chains_of_ten() {
        let text = configuration(12);
        assert!(text.starts_with("resource \"terraform_data\" \"r0\" {\n  input = \"0\"\n}\n"), "{text}");
        assert!(
            text.contains("\"r9\" {\n  input = terraform_data.r8.output\n}") && text.contains("\"r10\" {\n  input = \"10\"\n}")
        );
    }
}
