//! `docs/likeness.md`: written, and read again for what the real control plane did.

use super::compare::{Comparison, Instants, LATE, ORDER, SAME};
use super::scenario::Scenario;
use std::fmt::Write;

fn head() -> String {
    format!(
        "# Likeness of behaviour

The same scenarios on the control planes of the bench (Kubernetes 1.37.2: API server, controller manager, scheduler; KWOK for the nodes) and in
the simulator. This page is written by a command, on a bench that is up (`docs/bench.md`):

```sh
LIKENESS=write cargo test -p tests --test likeness the_simulator   # all scenarios on the bench, some seven minutes; writes this page
cargo test -p tests --test likeness                                # holds the simulator against this page, and a bench that is up, too
```

Without a bench the test holds the simulator against the real instants that stand here; with one the scenarios that take no more than three
minutes together run there again (all but the one that is called long). Either fails when something happens in one arm only, when two
events come the other way round, when pods lie otherwise in the end, or when a duration differs without a reason that is known.

Both arms are asked the same by HTTP, and looked at ten times a second. What a kubelet and an image decide is the same in both: a pod starts 1 s
after it is bound, is ready 3 s after that, and ends 1.5 s after it is asked to. Instants are in seconds since the scenario began; a duration
is the time since what stands under *since*. Events less than {ORDER} s apart have no order. Durations less than {SAME} s apart are the same: a look
comes every 0.1 s, and the simulator's controllers answer in 13 ms. The real arm may be up to {LATE} s later, since the machine had
other work, and what follows from something late may come that much sooner after it.
"
    )
}

/// What stands where a difference has no reason.
const UNEXPLAINED: &str = "**unexplained**";

pub(crate) fn page(comparisons: &[Comparison]) -> String {
    let mut page = head();
    for comparison in comparisons {
        section(&mut page, comparison);
    }
    page
}

fn section(page: &mut String, comparison: &Comparison) {
    let scenario = comparison.scenario;
    let long = if scenario.long { " (long)" } else { "" };
    let order = match comparison.disorder.as_slice() {
        [] => "the same".to_owned(),
        disorder => format!("{UNEXPLAINED}: {}", disorder.join("; ")),
    };
    let _ = write!(
        page,
        "\n## {}{long}\n\n{}\n\n* order of events: {order}\n* in the end, real: {}\n* in the end, simulated: {}\n\n",
        scenario.title, scenario.story, comparison.real_end, comparison.simulated_end
    );
    page.push_str("| what | real at | simulated at | since | real | simulated | why it differs |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for row in &comparison.rows {
        let at = row.real_at.map_or_else(|| "–".to_owned(), |at| format!("{at:.1}"));
        let since = row.since.as_deref().unwrap_or("the beginning");
        let why = row.why.as_ref().unwrap_or(&UNEXPLAINED);
        let _ = writeln!(
            page,
            "| {} | {at} | {:.1} | {since} | {:.1} | {:.1} | {why} |",
            row.name, row.simulated_at, row.real, row.simulated
        );
    }
}

/// What the page has of the real control plane in a scenario: instants by name of the row, and how pods lay in the end.
pub(crate) fn recorded(page: &str, scenario: &Scenario) -> (Instants, String) {
    let mut lines =
        page.lines().skip_while(|line| !is_heading(line, scenario)).skip(1).take_while(|line| !line.starts_with("## "));
    let (mut instants, mut end) = (Instants::new(), String::new());
    for line in lines.by_ref() {
        if let Some(text) = line.strip_prefix("* in the end, real: ") {
            text.clone_into(&mut end);
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, what, at, ..] = cells.as_slice()
            && let Ok(at) = at.parse()
        {
            instants.entry((*what).to_owned()).or_default().push(at);
        }
    }
    (instants, end)
}

fn is_heading(line: &str, scenario: &Scenario) -> bool {
    line.strip_prefix("## ").is_some_and(|title| title.trim_end_matches(" (long)") == scenario.title)
}
