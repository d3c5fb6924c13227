//! CHG-1: what holds data is not taken out of the spec, and not renamed behind its back.

use super::super::rule::page;
use super::super::{Breach, Case, Check, Older, Rule, Severity};
use crate::spec::Suggestions;
use model::Place;

pub(crate) const RULE: Rule = Rule {
    id: "CHG-1",
    severity: Severity::Must,
    title: "no tenant, environment or Elasticsearch with data goes without a word, and a rename is declared",
    page: page!("CHG-1"),
    checks: &[Check::Change(check)],
};

fn check(case: &Case<'_>, older: &Older<'_>) -> Vec<(String, Breach)> {
    let tenants = older.tenants(case).filter(|(_, now)| now.is_none()).map(|(before, _)| {
        let fresh = case.spec.tenants.keys().map(String::as_str).filter(|name| !older.spec.tenants.contains_key(*name));
        let what = format!("the tenant {before} is gone, with its schema and everything that it keeps in Vault");
        (before.to_string(), gone(older, Place::NOWHERE, before.declared.place, what, before.name, fresh))
    });
    let environments = older.environments(case).filter(|(_, now)| now.is_none()).map(|(before, _)| {
        let tenant = case.spec.tenants.get(before.tenant.name);
        let known = before.tenant.declared.value.environments.clone();
        let now: Vec<&str> = tenant.map(|tenant| tenant.value.environments.keys().map(String::as_str).collect()).unwrap_or_default();
        let fresh = now.into_iter().filter(|name| !known.contains_key(*name));
        let place = tenant.map_or(Place::NOWHERE, |tenant| tenant.place);
        let what = format!("the environment {before} is gone, with its table and everything that it keeps in Vault");
        (before.to_string(), gone(older, place, before.declared.place, what, before.name, fresh))
    });
    let searches = older.spec.dependencies.elasticsearch.iter();
    let searches = searches.filter(|(name, _)| !case.spec.dependencies.elasticsearch.contains_key(*name)).map(|(name, before)| {
        let what = format!("the Elasticsearch {name} is gone, with the audit logs and the traffic metadata in it");
        (format!("elasticsearch.{name}"), gone(older, Place::NOWHERE, before.place, what, name, std::iter::empty()))
    });
    tenants.chain(environments).chain(searches).collect()
}

/// The breach, at `place`, that something which stood at `before` is gone; `fresh` are new names, one of which may be what it is called now.
fn gone<'n>(
    older: &Older<'_>,
    place: Place,
    before: Place,
    what: String,
    name: &str,
    mut fresh: impl Iterator<Item = &'n str> + Clone,
) -> Breach {
    let near = Suggestions::new().nearest(name, fresh.clone()).or_else(|| fresh.next().filter(|_| fresh.next().is_none()));
    let remedy = match near {
        Some(new) => format!("if it is called {new} now, say so under `moved`, and its data moves with it; otherwise bring it back, or waive this"),
        None => "bring it back; if it is meant to go, waive this, and name its data to `vamp apply --allow-destroy`".to_owned(),
    };
    Breach::at(place, what).remedy(remedy).instead_of(older.file(), before)
}
