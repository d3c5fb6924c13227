//! Rules of the catalogue (`policy::rules`) that a plan must keep. A step that would break one is taken out and reported.
//!
//! Each is a pure question about one step.

mod gateway_agents;
mod gateway_configuration;
mod vamp;

use crate::plan::{Draft, Request};
use crate::policy;
use model::plan::{Note, NoteKind, Step};

/// What a rule has against a step.
pub(crate) struct Objection {
    rule: policy::Rule,
    message: String,
    help: String,
}

/// A question about a step: what a rule has against it, if anything.
type Question = fn(&Request<'_>, &Step) -> Option<Objection>;

const QUESTIONS: &[Question] = &[
    gateway_agents::keeps_two_ready,
    gateway_agents::a_new_one_could_start,
    gateway_configuration::does_not_shrink,
    gateway_configuration::keeps_open_what_is_served,
    vamp::is_alone,
    vamp::starts_from_stores_that_answer,
];

/// Take out every step that a rule forbids, and say so.
pub(crate) fn check(request: &Request<'_>, draft: &mut Draft) {
    let mut notes = Vec::new();
    let asked = |objection: &Objection| !request.options.unasked.contains(objection.rule.id);
    draft.steps.retain(|step| match QUESTIONS.iter().filter_map(|ask| ask(request, step)).find(asked) {
        None => true,
        Some(objection) => {
            notes.push(refused(step, objection));
            false
        }
    });
    draft.notes.append(&mut notes);
}

fn refused(step: &Step, objection: Objection) -> Note {
    Note {
        kind: NoteKind::Refused,
        subject: step.address.as_str().into(),
        rule: Some(objection.rule.id.into()),
        message: objection.message,
        help: Some(objection.help),
    }
}
