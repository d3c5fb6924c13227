//! Rules of a platform's own: each assertion held against the types of what it can look at, and so is what its tests are given.

use crate::policy::own::{self, Mistake, Rule, Trial, fit, origin};
use crate::spec::code;
use crate::spec::reader::{Given, Reader};
use crate::spec::written;
use model::Diagnostic;
use model::source::{Located, Place};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The file that rules stand in.
#[derive(Clone, Copy)]
pub(in crate::spec) struct File<'f> {
    pub(in crate::spec) name: &'f str,
    pub(in crate::spec) text: &'f str,
}

/// The rules, or nothing if one of them cannot be used; all are read, so that all complaints are made.
pub(in crate::spec) fn rules(written: &[Located<written::Rule>], file: File<'_>, reader: &mut Reader) -> Option<Vec<Arc<Rule>>> {
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    let rules: Vec<Option<Arc<Rule>>> = written
        .iter()
        .map(|written| {
            let id = written.id.yes().filter(|id| is_free(id, &mut first, reader));
            let rule = rule(&written.value, file, reader);
            id.and(rule).map(Arc::new)
        })
        .collect();
    rules.into_iter().collect()
}

/// Complains about an id that another rule has, or that a rule of the catalogue may have one day.
fn is_free(id: &Located<String>, first: &mut BTreeMap<String, Place>, reader: &mut Reader) -> bool {
    if own::is_of_catalogue(id) {
        let family = id.split('-').next().unwrap_or_default().to_ascii_uppercase();
        let message = format!("ids that begin with {family} are kept for the rules of the catalogue");
        reader.error(code::RULE_TAKEN, id.place, message, "begin it with a word of your own, as in `ACME-1`");
        return false;
    }
    if let Some(place) = first.get(&id.to_ascii_uppercase()) {
        let taken = Diagnostic::error(code::RULE_TAKEN, id.place, format!("two rules are called {}", id.value));
        reader.complain(taken.help("give one of them another id").related(*place, "it is taken here first"));
        return false;
    }
    first.insert(id.to_ascii_uppercase(), id.place);
    true
}

fn rule(written: &written::Rule, file: File<'_>, reader: &mut Reader) -> Option<Rule> {
    let (on, text) = (written.on.yes()?.value, written.assert.yes()?);
    let tests = written.tests.yes().map_or(&[] as &[_], |tests| &tests.value);
    let tests: Vec<Option<Trial>> = tests.iter().map(|test| trial(on, test, reader)).collect();
    let compiled = on.compile(text).map_err(|mistakes| complain(&mistakes, text, file, reader));
    Some(Rule {
        id: written.id.yes()?.value.clone(),
        severity: written.severity.yes()?.value,
        on,
        message: written.message.yes()?.value.clone(),
        remedy: written.remedy.yes().map(|remedy| remedy.value.clone()),
        text: text.value.clone(),
        program: compiled.ok()?,
        file: file.name.to_owned(),
        place: text.place,
        tests: tests.into_iter().collect::<Option<_>>()?,
    })
}

fn complain(mistakes: &[Mistake], text: &Located<String>, file: File<'_>, reader: &mut Reader) {
    for mistake in mistakes {
        let place = origin::place(file.text, text.place, text, mistake.range.clone());
        let complaint = Diagnostic::error(code::BAD_EXPRESSION, place, mistake.message.clone());
        reader.complain(Diagnostic { help: mistake.help.clone(), ..complaint });
    }
}

fn trial(on: own::On, test: &Located<written::RuleTest>, reader: &mut Reader) -> Option<Trial> {
    let samples = [
        ("spec", &test.spec),
        ("cluster", &test.cluster),
        ("tenant", &test.tenant),
        ("environment", &test.environment),
        ("resource", &test.resource),
        ("change", &test.change),
        ("observed", &test.observed),
    ];
    let names = on.names();
    let mut given = Vec::new();
    let mut fits = true;
    for (name, sample) in samples {
        let Given::Yes(sample) = sample else { continue };
        let Some((_, shape)) = names.iter().find(|(known, _)| *known == name) else {
            let known = names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            let message = format!("this rule cannot look at `{name}`");
            reader.error(code::BAD_SAMPLE, sample.place, message, format!("it can look at {known}"));
            fits = false;
            continue;
        };
        let mut misfits = Vec::new();
        given.push((name, fit(sample.value.clone(), shape, &mut misfits)));
        fits &= misfits.is_empty();
        for misfit in misfits {
            reader
                .complain(Diagnostic { help: misfit.help, ..Diagnostic::error(code::BAD_SAMPLE, misfit.place, misfit.message) });
        }
    }
    let (name, holds) = (test.name.yes()?.value.clone(), test.expect.yes()?.value);
    fits.then_some(Trial { name, place: test.place, holds, given })
}
