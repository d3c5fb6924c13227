//! `vamp` once more, so that tests of this crate can start it as a process: cargo builds for them the binaries of their own crate only.

use std::process::ExitCode;

fn main() -> ExitCode {
    vamp::run(std::env::args_os())
}
