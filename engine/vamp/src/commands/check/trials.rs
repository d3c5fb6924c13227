//! `vamp check --test`: the tests that stand beside rules of a platform's own, in its spec and in files.

use super::{Ended, Form};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::prepare::prepare;
use crate::rules::PolicyFiles;
use crate::ui::Ui;
use planner::policy::own::{Rule, try_all};
use planner::render::trials::{failed, json, junit, text};
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(spec: Option<&Path>, policies: &PolicyFiles, form: Form, ui: &mut Ui) -> Ended {
    let rules = rules(spec, policies, ui)?;
    let rules: Vec<&Rule> = rules.iter().map(AsRef::as_ref).collect();
    let outcomes = try_all(rules.iter().copied());
    ui.data(&match form {
        Form::Text => text(&rules, &outcomes, ui.out()),
        Form::Json => json(&rules, &outcomes),
        Form::Junit => junit(&outcomes),
        Form::Sarif | Form::Annotations => {
            return Err(CommandError::new("tests are told as text, json or junit").hint("give `--format junit`").usage());
        }
    })?;
    Ok(if failed(&outcomes) > 0 { Exit::Failed } else { Exit::Done })
}

/// The rules of the spec, if one is given, and of the files.
fn rules(spec: Option<&Path>, policies: &PolicyFiles, ui: &Ui) -> Result<Vec<Arc<Rule>>, CommandError> {
    let rules = match spec {
        None => policies.alone()?,
        Some(spec) => {
            let mut prepared = prepare(spec, ui)?;
            policies.read(&mut prepared)?;
            prepared.spec.policies.rules.iter().chain(&prepared.rules).cloned().collect()
        }
    };
    if rules.is_empty() {
        let failure = CommandError::new("there are no rules of the platform's own to test");
        return Err(failure.hint("name a file that has some: `--policy FILE`").usage());
    }
    Ok(rules)
}
