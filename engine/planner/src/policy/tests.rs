//! The catalogue as a whole, and what the judge makes of it.

mod by_hand;
mod changes;
mod hand;
mod made;
mod steps;
mod waivers;

use super::*;
use crate::compile::compile;
use crate::spec::{Spec, parse};
use jiff::civil::{Date, date};
use std::collections::BTreeSet;

/// The day on which the tests judge.
const TODAY: Date = date(2027, 1, 15);

fn spec(text: &str) -> Spec {
    parse("vamp.yaml", text.as_bytes()).unwrap_or_else(|complaints| panic!("{complaints:?}")).spec
}

/// A development platform of two clusters, with more at the top level.
fn split(more: &str) -> String {
    format!(
        "version: 1
platform: acme
regions: {{ eu-west-1: {{ country: IE }} }}
clusters:
  management: {{ role: management, kubernetes: embedded, nodes: {{ count: 3, cpu: 4, memory: 16Gi, zones: 3 }} }}
  eu-1: {{ role: service, kubernetes: embedded, nodes: {{ count: 5, cpu: 4, memory: 16Gi, zones: 3 }} }}
dependencies:
  mysql: {{ placement: external, address: embedded, version: \"5.6\", backup: nightly }}
  vault: {{ placement: external, address: embedded, backup: nightly }}
  elasticsearch: {{ central: {{ placement: external, address: embedded, nodes: 3 }} }}
{more}
tenants:
  shop:
    administrators: [ops@shop.example]
    environments:
      production:
        gateways: {{ web: {{ port: 8080, routes: {{ web: {{ service: web:8080 }} }} }} }}
"
    )
}

fn judged(spec: &Spec, today: Date) -> Judgement {
    let compiled = compile(spec).unwrap_or_else(|complaints| panic!("{complaints:?}"));
    judge(&Case::of(spec, &compiled.graph, today))
}

fn waive(rest: &str) -> String {
    split(&format!("policies: {{ waive: [{{ id: VER-2, reason: r, owner: o, expires: 2027-03-31{rest} }}] }}"))
}

fn policies(judgement: &Judgement) -> Vec<&str> {
    judgement.open().map(|finding| &*finding.policy).collect()
}

#[test]
fn ids_are_unique_and_titles_are_sentences_without_a_full_stop() {
    let ids: BTreeSet<&str> = catalogue::CATALOGUE.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), catalogue::CATALOGUE.len());
    for rule in catalogue::CATALOGUE {
        assert!(!rule.title.ends_with('.') && !rule.title.is_empty(), "{}", rule.id);
        assert!(catalogue::find(&rule.id.to_lowercase()).is_some());
    }
}

#[test]
fn a_breach_stands_at_the_field_that_decides_with_the_numbers_that_it_looked_at() {
    let judgement = judged(&spec(&split("")), TODAY);
    let [finding] = &judgement.findings[..] else { panic!("{:?}", judgement.findings) };
    assert_eq!((&*finding.policy, finding.severity, finding.subject.as_str()), ("VER-2", Severity::Must, "mysql"));
    assert_eq!((finding.place.line, finding.place.column), (8, 61));
    assert_eq!(finding.evidence.iter().map(ToString::to_string).collect::<Vec<_>>(), ["version 5.6", "oldest 5.7"]);
    assert!(judgement.fails(Severity::Must) && !judgement.rules.is_empty());
}

#[test]
fn a_waiver_waives_through_its_last_day_and_is_itself_reported_after_it() {
    let spec = spec(&waive(""));
    let last = judged(&spec, date(2027, 3, 31));
    assert_eq!(policies(&last), [""; 0]);
    assert_eq!(last.findings[0].waived.as_ref().map(|waived| waived.owner.as_str()), Some("o"));
    assert_eq!(policies(&judged(&spec, date(2027, 4, 1))), ["VER-2", "WAI-1"]);
}

#[test]
fn a_waiver_for_somebody_else_waives_nothing_and_says_so() {
    assert_eq!(policies(&judged(&spec(&waive(", subject: mysql")), TODAY)), [""; 0]);
    let other = judged(&spec(&waive(", subject: vault")), TODAY);
    assert_eq!(policies(&other), ["VER-2", "WAI-2"]);
    assert_eq!(other.findings[1].message, "nothing breaks VER-2 for vault, so the waiver waives nothing");
}

#[test]
fn what_rules_of_the_platform_s_own_found_is_waived_and_sorted_like_the_rest() {
    let spec = spec(&split(""));
    let compiled = compile(&spec).unwrap();
    let found = Finding { policy: "ACME-1".into(), ..judged(&spec, TODAY).findings[0].clone() };
    let own = judge::Own {
        rules: vec![judge::Asked { id: "ACME-1".into(), severity: Severity::Must, title: "t".into() }],
        findings: vec![found],
    };
    let judgement = judge::judge_with(&Case::of(&spec, &compiled.graph, TODAY), catalogue::CATALOGUE, own);
    assert_eq!(policies(&judgement), ["VER-2", "ACME-1"]);
}
