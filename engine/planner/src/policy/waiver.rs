//! What the spec lets pass for a time, and waivers that do not do what they were written for.

use super::case::Case;
use super::catalogue::CATALOGUE;
use super::finding::{Breach, Finding, Waived};
use super::judge::Asked;
use super::rule::Rule;
use super::rules::{WAI_1, WAI_2};
use crate::spec::types::Waiver;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A day as it is written, `2027-03-31`; nothing if it is none.
pub fn day(text: &str) -> Option<Date> {
    text.parse().ok().filter(|day: &Date| day.to_string() == text)
}

/// Ids of the rules that can be waived: all but those about waivers.
pub fn ids() -> impl Iterator<Item = &'static str> + Clone {
    CATALOGUE.iter().map(|rule| rule.id).filter(|id| !is_about_waivers(id))
}

/// Whether a rule is about waivers: such a rule cannot be waived.
pub fn is_about_waivers(id: &str) -> bool {
    [WAI_1.id, WAI_2.id].contains(&id)
}

/// Whether a waiver for `waived` is one for `subject`: the same, or something inside of it.
pub fn covers(waived: &str, subject: &str) -> bool {
    let inside = subject.strip_prefix(waived);
    inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with(" on "))
}

/// Marks what is waived, and adds what is wrong with the waivers themselves. `own` are the ids of rules of the platform's own that
/// were asked.
pub(super) fn apply(case: &Case<'_>, asked: &[&Rule], own: &[Asked], findings: &mut Vec<Finding>) {
    let waivers = &case.spec.policies.waivers;
    let mut used = vec![false; waivers.len()];
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, waiver) in waivers.iter().enumerate().filter(|(_, waiver)| waiver.expires.value >= case.today) {
        by_id.entry(&waiver.id.value).or_default().push(index);
    }
    for finding in findings.iter_mut() {
        let candidates = by_id.get(&*finding.policy).into_iter().flatten().copied();
        let mut covering = candidates.filter(|index| is_for(&waivers[*index], &finding.subject)).peekable();
        finding.waived = covering.peek().map(|index| waived(&waivers[*index]));
        covering.for_each(|index| used[index] = true);
    }
    let was_asked = |id: &str| asked.iter().any(|rule| rule.id == id) || own.iter().any(|rule| rule.id == id);
    for (waiver, used) in waivers.iter().zip(used) {
        if waiver.expires.value < case.today {
            findings.push(expired(case, waiver));
        } else if !used && was_asked(&waiver.id.value) {
            findings.push(waives_nothing(waiver));
        } else if !is_known(case, &waiver.id.value) {
            findings.push(of_no_rule(waiver));
        }
    }
}

/// Whether there is a rule of that name, asked or not.
fn is_known(case: &Case<'_>, id: &str) -> bool {
    CATALOGUE.iter().any(|rule| rule.id == id) || case.own.iter().any(|rule| rule.id == id)
}

fn is_for(waiver: &Waiver, subject: &str) -> bool {
    waiver.subject.as_ref().is_none_or(|waived| covers(&waived.value, subject))
}

fn waived(waiver: &Waiver) -> Waived {
    Waived { reason: waiver.reason.value.clone(), owner: waiver.owner.value.clone(), expires: waiver.expires.value }
}

fn expired(case: &Case<'_>, waiver: &Waiver) -> Finding {
    let id = &waiver.id.value;
    let breach = Breach::at(
        waiver.expires.place,
        format!("the waiver of {id} ended on {} and waives nothing any more", waiver.expires.value),
    )
    .saw("expires", waiver.expires.value.to_string())
    .saw("today", case.today.to_string())
    .saw("owner", waiver.owner.value.as_str())
    .remedy(format!("mend what breaks {id}, or let {} decide on a later day", waiver.owner.value));
    about_waiver(&WAI_1, waiver, breach)
}

fn waives_nothing(waiver: &Waiver) -> Finding {
    let (id, whom) = (&waiver.id.value, waiver.subject.as_ref());
    let (place, whom) =
        whom.map_or((waiver.id.place, String::new()), |subject| (subject.place, format!(" for {}", subject.value)));
    let breach = Breach::at(place, format!("nothing breaks {id}{whom}, so the waiver waives nothing"))
        .saw("owner", waiver.owner.value.as_str())
        .remedy("remove the waiver, before it hides what comes later");
    about_waiver(&WAI_2, waiver, breach)
}

fn of_no_rule(waiver: &Waiver) -> Finding {
    let message = format!("no rule is called {}, so the waiver waives nothing", waiver.id.value);
    let breach = Breach::at(waiver.id.place, message)
        .saw("owner", waiver.owner.value.as_str())
        .remedy("remove the waiver, or give the file that has the rule with `--policy`");
    about_waiver(&WAI_2, waiver, breach)
}

fn about_waiver(rule: &Rule, waiver: &Waiver, breach: Breach) -> Finding {
    let subject = waiver.subject.as_ref().map_or("platform".to_owned(), |subject| subject.value.clone());
    super::judge::finding(rule, breach, subject, waiver.place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiver_covers_what_lies_inside_and_not_what_is_called_alike() {
        assert!(covers("shop", "shop/production on eu-1") && covers("shop/production", "shop/production on eu-1"));
        assert!(covers("vault", "vault") && !covers("shop", "shopping/production") && !covers("shop/pro", "shop/production"));
        assert!(!covers("shop/production on eu-1", "shop/production on eu-10") && !covers("vault", "mysql"));
    }

    #[test]
    fn what_is_about_waivers_cannot_be_waived() {
        assert_eq!(["WAI-1", "WAI-2", "VGA-1"].map(is_about_waivers), [true, true, false]);
        assert_eq!(["WAI-1", "WAI-2", "VGA-1"].map(|id| ids().any(|known| known == id)), [false, false, true]);
    }

    #[test]
    fn a_day_is_written_in_one_way_only() {
        assert!(day("2028-02-29").is_some());
        assert!(
            ["2027-02-29", "2027-3-1", "2027-03-31T00:00:00", "20270331", "+002027-03-31", ""]
                .into_iter()
                .all(|text| day(text).is_none())
        );
    }
}
