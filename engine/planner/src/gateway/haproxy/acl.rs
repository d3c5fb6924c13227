//! Tests of conditions as HAProxy's access control lists.

use super::text::quoted;
use crate::gateway::condition::{Alternative, Carrier, Condition, Test};

/// A condition as named lists, and alternatives over their names.
pub(super) struct Lists {
    /// `acl NAME CRITERION`, one for each different test.
    pub(super) definitions: Vec<String>,
    /// What stands behind `if`, one for each alternative.
    pub(super) alternatives: Vec<String>,
}

/// The lists of `condition`, named `OWNER.1`, `OWNER.2` and so on.
pub(super) fn lists(owner: &str, condition: &Condition) -> Lists {
    let mut tests: Vec<Test> = Vec::new();
    let mut alternatives = Vec::new();
    for alternative in condition.alternatives() {
        alternatives.push(words(owner, &alternative, &mut tests));
    }
    let definition = |(index, test): (usize, &Test)| format!("acl {owner}.{} {}", index + 1, criterion(test));
    Lists { definitions: tests.iter().enumerate().map(definition).collect(), alternatives }
}

fn words(owner: &str, alternative: &Alternative, tests: &mut Vec<Test>) -> String {
    let words = alternative.iter().map(|literal| {
        let known = tests.iter().position(|test| *test == literal.test);
        let index = known.unwrap_or_else(|| {
            tests.push(literal.test.clone());
            tests.len() - 1
        });
        format!("{}{owner}.{}", if literal.negated { "!" } else { "" }, index + 1)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// `--` ends the flags, so that a value may begin with a dash. Whole headers are compared: a user agent may hold commas.
fn criterion(test: &Test) -> String {
    match test {
        Test::UserAgent(value) => format!("req.fhdr(user-agent) -m sub -- {}", quoted(value)),
        Test::Host(host) => host_is(host),
        Test::Has(carrier, name) => format!("{} -m found", fetch(*carrier, name)),
        Test::Contains(carrier, name, value) => format!("{} -m sub -- {}", fetch(*carrier, name), quoted(value)),
        Test::Raw(text) => text.clone(),
    }
}

/// The criterion that a request is for `host`, whatever its case and port.
pub(super) fn host_is(host: &str) -> String {
    format!("req.hdr(host),host_only -m str -i -- {}", quoted(host))
}

fn fetch(carrier: Carrier, name: &str) -> String {
    match carrier {
        Carrier::Cookie => format!("req.cook({name})"),
        Carrier::Header => format!("req.fhdr({name})"),
    }
}
