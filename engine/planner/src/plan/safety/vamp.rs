//! VMP-1 and VMP-2: one Vamp only, and it starts only from stores that answer. (One that started without them would publish nothing.)

use super::Objection;
use crate::plan::Request;
use crate::plan::decide::comes_up_first;
use crate::plan::former::silent;
use crate::policy::rules::{self, not_alone};
use model::observation::Listing;
use model::plan::{Action, Step};
use model::resource::Role;
use model::{Kind, System};

fn starts_vamp(step: &Step) -> bool {
    step.role == Role::Vamp && matches!(step.action, Action::Create | Action::Update | Action::Replace | Action::Adopt)
}

/// VMP-1: exactly one replica, and the old one stops before the new one starts. So none starts while one may still run where nobody
/// can look, in a cluster that the spec no longer names.
pub(super) fn is_alone(request: &Request<'_>, step: &Step) -> Option<Objection> {
    let document = step.document.as_deref().filter(|_| starts_vamp(step))?;
    if let Some(system) = may_still_run_in(request) {
        return Some(Objection {
            rule: rules::VMP_1,
            message: format!(
                "another Vamp may still run in {system}, which the spec no longer names and which cannot be looked at"
            ),
            help: format!("bring {system} back; if it is gone for good, `vamp forget {} {system}`", request.spec.file),
        });
    }
    let message = not_alone(document)?;
    Some(Objection { rule: rules::VMP_1, message, help: "one replica, strategy Recreate".to_owned() })
}

/// A silent cluster of earlier days in which a run started Vamp.
fn may_still_run_in<'a>(request: &Request<'a>) -> Option<&'a System> {
    let started = |system: &System| {
        let mut made = request.options.remembered.iter();
        made.any(|address| address.system() == *system && address.kind() == Kind::Deployment && address.name() == "vamp")
    };
    silent(request).map(|(system, _)| system).find(|system| started(system))
}

/// VMP-2: MySQL and Vault must answer, or be made by this very plan.
pub(super) fn starts_from_stores_that_answer(request: &Request<'_>, step: &Step) -> Option<Objection> {
    if !starts_vamp(step) {
        return None;
    }
    [(System::Mysql, Kind::Schema), (System::Vault, Kind::Kv)].into_iter().find_map(|(system, kind)| {
        match request.snapshot.listing(&system, kind) {
            Some(Listing::Unknown(gap)) if !comes_up_first(request, gap) => Some(Objection {
                rule: rules::VMP_2,
                message: format!("Vamp would start without its stores: {system} cannot be read: {gap}"),
                help: format!("bring {system} back first; a running Vamp goes on from memory"),
            }),
            _ => None,
        }
    })
}
