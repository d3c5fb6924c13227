//! The binary: hands over to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    vamp::run(std::env::args_os())
}
