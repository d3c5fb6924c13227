//! The tests that stand beside rules of a platform's own, run.

use super::program::{Ground, Verdict};
use super::rule::{Rule, Trial};

/// How one test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<'r> {
    /// Id of the rule.
    pub rule: &'r str,
    /// The file that both stand in.
    pub file: &'r str,
    /// Name of the test.
    pub name: &'r str,
    /// Where it stands.
    pub place: model::Place,
    /// What is wrong, as a sentence without its full stop; nothing if it passed.
    pub failure: Option<String>,
}

/// Every test of `rules`, in their order.
pub fn try_all<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Vec<Outcome<'r>> {
    rules.into_iter().flat_map(|rule| rule.tests.iter().map(|trial| try_one(rule, trial))).collect()
}

fn try_one<'r>(rule: &'r Rule, trial: &'r Trial) -> Outcome<'r> {
    let ground = Ground::new([]);
    let given = ground.with(trial.given.iter().map(|(name, seen)| (*name, &seen.value)));
    let failure = match (rule.program.evaluate(&given), trial.holds) {
        (Verdict::Holds, true) | (Verdict::Broken(_), false) => None,
        (Verdict::Holds, false) => Some("the rule should be broken, and it holds".to_owned()),
        (Verdict::Broken(broken), true) => {
            let seen: Vec<String> = broken.evidence.iter().map(|seen| format!("{} {}", seen.name, seen.value)).collect();
            let seen = if seen.is_empty() { String::new() } else { format!(": {}", seen.join(", ")) };
            Some(format!("the rule should hold, and it is broken{seen}"))
        }
        (Verdict::Failed(reason), _) => Some(format!("the rule cannot be answered: {reason}")),
    };
    Outcome { rule: &rule.id, file: &rule.file, name: &trial.name, place: trial.place, failure }
}
