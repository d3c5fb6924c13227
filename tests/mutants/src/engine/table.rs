//! What came of all mutants: `docs/mutants.md`.

use super::{Mutant, PARTS};
use std::collections::BTreeMap;

/// Where it lies.
pub const FILE: &str = "docs/mutants.md";
/// Mark of what nothing notices.
pub const SURVIVED: &str = "**SURVIVED**";
/// Share that has to be caught, in percent.
pub const SHARE: usize = 95;

const HEAD: &str = "# Mutants of engine and world

A simulator is worth what it notices. Each line is something that the engine, an agent or the world does wrongly, and a scenario of
`specs/scenarios` or a seed of `golden/hashes.txt` that notices it: these are the standard seed set, which every commit runs.

A mutant is *caught* when, with it,

* a scenario breaks a promise, or does not see something else that it expects;
* a seed breaks a promise, or is excused where the golden run keeps all promises;
* the platform of either does not come up, is refused, stops with a failed assertion, or does not end in five times its time.

That the hash of a run is another is not enough: it is with every mutant that acts at all. Nor is a story that reads otherwise than its
golden. A run that ends better than the golden one catches nothing. The sentence beside a survivor comes from reading, not from a run: it
says which scenario or promise is missing.

`cargo run -p mutants --bin engine` writes this file, `cargo run -p mutants --bin engine -- P01 W07` the lines of those only. The
mutants lie in `tests/mutants/engine`; the command weaves all of them into one copy of the crates, each behind a switch, builds that
once with the profile `sim`, sees that the set holds without any of them, hash by hash, and runs it with one after the other.
`cargo run -p mutants` alone is about the rules of the catalogue: `docs/mutations.md`.
";

/// What noticed each mutant by its id; an empty text for what nothing did.
pub type Caught = BTreeMap<String, String>;

/// What a table that was written before says.
pub fn read(table: &str) -> Caught {
    let row = |line: &str| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let [id, _, _, caught] = cells[..] else { return None };
        let caught = if caught.starts_with(SURVIVED) { "" } else { caught };
        Some((id.to_owned(), caught.replace("\\|", "|"))).filter(|_| id.len() == 3 && id != "id")
    };
    table.lines().filter_map(row).collect()
}

/// How many there are, and how many are caught.
pub fn count(mutants: &[Mutant], caught: &Caught) -> (usize, usize) {
    let tried: Vec<&String> = mutants.iter().filter_map(|mutant| caught.get(&mutant.id)).collect();
    (tried.len(), tried.iter().filter(|by| !by.is_empty()).count())
}

/// Mutants that were never tried.
pub fn untried<'m>(mutants: &'m [Mutant], caught: &Caught) -> Vec<&'m str> {
    mutants.iter().map(|mutant| &*mutant.id).filter(|id| !caught.contains_key(*id)).collect()
}

/// The whole table; mutants that were never tried are named above it.
pub fn table(mutants: &[Mutant], caught: &Caught) -> String {
    let (all, found) = count(mutants, caught);
    let share = found * 1000 / all.max(1);
    let mut text = format!(
        "{HEAD}\n{all} mutants: {found} are caught ({}.{} %), {} survive. At least {SHARE} % have to be caught.\n",
        share / 10,
        share % 10,
        all - found
    );
    let untried = untried(mutants, caught);
    if !untried.is_empty() {
        text += &format!("\nNobody tried these yet: {}.\n", untried.join(", "));
    }
    for (_, title, letter) in PARTS {
        text += &format!(
            "\n## {title}\n\n| id | what is done wrongly | what harm it could do | caught by |\n| --- | --- | --- | --- |\n"
        );
        for mutant in mutants.iter().filter(|mutant| mutant.id.starts_with(*letter)) {
            let Some(by) = caught.get(&mutant.id) else { continue };
            let because = || format!("{SURVIVED}: {}", mutant.survives.as_deref().unwrap_or("nobody knows why"));
            let by = if by.is_empty() { because() } else { by.clone() };
            let cell = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
            text += &format!("| {} | {} | {} | {} |\n", mutant.id, cell(&mutant.what), cell(&mutant.why), cell(&by));
        }
    }
    text
}
