//! Prints the table of figures: `name<TAB>value<TAB>unit<TAB>aim<TAB>meets|short`. A figure that is short is no failure of this
//! program; one that cannot be measured is.

use benches::generate;
use benches::size::layout_for;
use benches::subject::{self, Place, Subject};
use benches::table::GROUPS;
use clap::Parser;
use mimalloc::MiMalloc;
use std::io::Write;
use std::process::ExitCode;

/// The one that `vamp` has, so that what is measured here is what it takes there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measure speed and memory, and print one line a figure.
#[derive(Parser)]
struct Arguments {
    /// Only the groups with these names
    #[arg(value_name = "GROUP")]
    groups: Vec<String>,
    /// Rounds of what is taken by turns, instead of as many as docs/benchmarks.md says
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: Option<u8>,
    /// Measure one subject in this process and print its readings
    #[arg(long, hide = true, requires = "size")]
    subject: Option<Subject>,
    /// Print a generated spec of this many resources
    #[arg(long, hide = true, value_name = "RESOURCES")]
    spec: Option<usize>,
    /// Size of the subject
    #[arg(long, hide = true)]
    size: Option<usize>,
    /// Where a subject on a real cluster is measured, `KUBECONFIG:NAMESPACE`
    #[arg(long, hide = true)]
    place: Option<Place>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.subject, arguments.size) {
        (Some(subject), Some(size)) => {
            subject::measure(subject, size, arguments.place.as_ref()).and_then(|readings| print(&subject::to_lines(&readings)))
        }
        _ => match arguments.spec {
            Some(resources) => layout_for(resources).and_then(|layout| print(&generate::spec(layout))),
            None => table(&arguments.groups, arguments.rounds),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Every group that is asked for; a group that cannot be measured does not keep the others from the table.
fn table(chosen: &[String], rounds: Option<u8>) -> Result<(), String> {
    if let Some(unknown) = chosen.iter().find(|name| !GROUPS.iter().any(|group| group.name == name.as_str())) {
        let names: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
        return Err(format!("no group is called {unknown}; there are {}", names.join(", ")));
    }
    let mut failures = Vec::new();
    for group in GROUPS.iter().filter(|group| chosen.is_empty() || chosen.iter().any(|name| name == group.name)) {
        match (group.measure)(rounds) {
            Ok(figures) => print(&figures.iter().map(|figure| format!("{figure}\n")).collect::<String>())?,
            Err(failure) => failures.push(format!("{}: {failure}", group.name)),
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

fn print(text: &str) -> Result<(), String> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(|error| format!("cannot print: {error}"))
}
