//! Prints a spec that compiles to about as many resources as are asked for: within five in a hundred from 500 upwards.

use benches::generate::spec;
use benches::size::layout_for;
use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

/// Fewest resources that a spec can have.
const FEWEST: u64 = 100;
/// Most resources that the generator was tried with, a little above what is measured.
const MOST: u64 = 250_000;

/// Print a spec of a wanted size. The same size always gives the same text.
#[derive(Parser)]
struct Arguments {
    /// Number of resources that it compiles to, about
    #[arg(long, value_parser = clap::value_parser!(u64).range(FEWEST..=MOST))]
    resources: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let text = layout_for(arguments.resources as usize).map(spec);
    match text.and_then(|text| print(&text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// A reader that has seen enough (`generate … | head`) is no failure.
fn print(text: &str) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(format!("cannot print: {error}")),
        _ => Ok(()),
    }
}
