//! CHG-5: a waiver is looked at by somebody when it comes and when it is prolonged.

use super::super::rule::page;
use super::super::{Breach, Case, Check, Older, Rule, Severity};
use crate::spec::types::Waiver;
use model::Place;

pub(crate) const RULE: Rule = Rule {
    id: "CHG-5",
    severity: Severity::Should,
    title: "no waiver is added or prolonged without somebody looking at it",
    page: page!("CHG-5"),
    checks: &[Check::Change(check)],
};

fn check(case: &Case<'_>, older: &Older<'_>) -> Vec<(String, Breach)> {
    case.spec.policies.waivers.iter().filter_map(|waiver| judged(older, waiver)).collect()
}

/// Where a new waiver was not yet: after the last one, or in the spec as a whole if there was none.
fn end_of_waivers(older: &Older<'_>) -> Place {
    older.spec.policies.waivers.last().map_or(older.spec.platform.place, |last| last.place)
}

fn judged(older: &Older<'_>, waiver: &Waiver) -> Option<(String, Breach)> {
    let subject = |waiver: &Waiver| waiver.subject.as_ref().map(|subject| subject.value.clone());
    let same = |other: &&Waiver| other.id.value == waiver.id.value && subject(other) == subject(waiver);
    let (id, expires, whom) = (&waiver.id.value, waiver.expires.value, subject(waiver));
    let of = format!("the waiver of {id} for {}", whom.as_deref().unwrap_or("the whole platform"));
    let breach = match older.spec.policies.waivers.iter().find(same) {
        None => Breach::at(waiver.place, format!("{of} is new; it would last until {expires}"))
            .saw("reason", waiver.reason.value.as_str())
            .instead_of(older.file(), end_of_waivers(older)),
        Some(before) if before.expires.value < expires => {
            let message = format!("{of} would last until {expires} instead of {}", before.expires.value);
            Breach::at(waiver.expires.place, message)
                .saw("before", before.expires.value.to_string())
                .saw("now", expires.to_string())
                .instead_of(older.file(), before.expires.place)
        }
        Some(_) => return None,
    };
    let owner = waiver.owner.value.as_str();
    let remedy = format!("mend what breaks {id}; if it has to wait, whoever reviews the change agrees to it, and {owner} answers for it");
    Some((whom.unwrap_or_else(|| "platform".to_owned()), breach.saw("owner", owner).remedy(remedy)))
}
