//! Rules of a platform's own, each asked of everything that it is about.
//!
//! A subject is made visible once, and every rule that is about its kind is asked of it. What a rule may go through is bounded for one
//! subject and for all of them together: whatever somebody writes, the check ends.

use super::program::{BUDGET, Broken, Given, Ground, Verdict};
use super::rule::{On, Rule};
use super::view::{Change, Observed, Viewed, named};
use crate::policy::case::Case;
use crate::policy::finding::{Evidence, Finding, Quantity};
use crate::policy::judge::{Asked, Own};
use crate::policy::subject::first_written;
use model::Place;
use std::collections::BTreeMap;

/// Items that one rule may go through, in all that it is asked of together.
pub const BUDGET_OF_A_RULE: u64 = 10 * BUDGET;

/// What the rules `rules` say of `case`. One that looks at what the case has not (a plan, an observation) is not asked.
pub fn ask(case: &Case<'_>, rules: &[&Rule]) -> Own {
    ask_within(case, rules, BUDGET_OF_A_RULE)
}

/// The same, where one rule may go through `budget` items.
fn ask_within(case: &Case<'_>, rules: &[&Rule], budget: u64) -> Own {
    let rules: Vec<&Rule> = rules.iter().copied().filter(|rule| applies(rule, case)).collect();
    if rules.is_empty() {
        return Own::default();
    }
    let spec = case.spec.seen().value;
    let observed = case.observed.map(|snapshot| Observed::of(snapshot).seen().value);
    let ground = Ground::new([("spec", &spec)].into_iter().chain(observed.iter().map(|observed| ("observed", observed))));
    let mut asking = Asking { case, budget, turns: BTreeMap::new(), findings: Vec::new() };
    for rule in &rules {
        asking.turns.entry(rule.on).or_default().push(Turn { rule, spent: 0 });
    }
    asking.everything(&ground);
    let asked = |rule: &&Rule| Asked { id: rule.id.clone().into(), severity: rule.severity, title: rule.message.clone().into() };
    Own { rules: rules.iter().map(asked).collect(), findings: asking.findings }
}

/// Whether a case has all that a rule looks at.
fn applies(rule: &Rule, case: &Case<'_>) -> bool {
    let looks_at = |path: &[&str]| rule.program.looks_at(path);
    (rule.on != On::Change || case.plan.is_some())
        && (case.observed.is_some() || !(looks_at(&["observed"]) || looks_at(&["change", "before"])))
}

struct Asking<'c> {
    case: &'c Case<'c>,
    budget: u64,
    turns: BTreeMap<On, Vec<Turn<'c>>>,
    findings: Vec<Finding>,
}

/// A rule, and what it has gone through so far.
struct Turn<'r> {
    rule: &'r Rule,
    spent: u64,
}

impl Asking<'_> {
    fn everything(&mut self, ground: &Ground<'_>) {
        let case = self.case;
        self.about(On::Platform, "platform", case.spec.platform.place, &ground.with([]), None);
        if self.asks(On::Cluster) {
            for it in case.clusters() {
                let seen = named(it.name, it.declared).value;
                self.about(On::Cluster, &it.to_string(), it.declared.place, &ground.with([("cluster", &seen)]), None);
            }
        }
        if self.asks(On::Tenant) || self.asks(On::Environment) {
            for it in case.tenants() {
                let tenant = named(it.name, it.declared).value;
                self.about(On::Tenant, it.name, it.declared.place, &ground.with([("tenant", &tenant)]), None);
                for it in it.environments().filter(|_| self.asks(On::Environment)).collect::<Vec<_>>() {
                    let seen = named(it.name, it.declared).value;
                    let given = ground.with([("tenant", &tenant), ("environment", &seen)]);
                    self.about(On::Environment, &it.to_string(), it.declared.place, &given, None);
                }
            }
        }
        if self.asks(On::Resource) {
            for it in case.graph.resources() {
                let seen = it.seen().value;
                let given = ground.with([("resource", &seen)]);
                self.about(On::Resource, &it.scope.to_string(), it.place, &given, Some(("resource", it.address.as_str())));
            }
        }
        if self.asks(On::Change) {
            for step in case.plan.iter().flat_map(|plan| &plan.steps) {
                let seen = Change::of(step, case.observed).seen().value;
                let place = case.graph.get(&step.address).map_or(Place::NOWHERE, |resource| resource.place);
                let given = ground.with([("change", &seen)]);
                self.about(On::Change, &step.scope.to_string(), place, &given, Some(("step", step.address.as_str())));
            }
        }
    }

    fn asks(&self, on: On) -> bool {
        self.turns.contains_key(&on)
    }

    /// Every rule on `on`, asked of one subject.
    fn about(&mut self, on: On, subject: &str, place: Place, given: &Given<'_>, of: Option<(&'static str, &str)>) {
        let (platform, budget) = (self.case.spec.platform.place, self.budget);
        for turn in self.turns.get_mut(&on).into_iter().flatten().filter(|turn| turn.spent < budget) {
            let rule = turn.rule;
            let verdict = rule.program.evaluate(given);
            turn.spent += given.spent();
            let given_up = turn.spent >= budget;
            let finding = match verdict {
                Verdict::Holds if given_up => Some(unanswered(rule, &too_much(budget), self.case)),
                Verdict::Holds => None,
                Verdict::Broken(broken) => Some(broken_by(rule, broken)),
                Verdict::Failed(reason) => Some(unanswered(rule, &reason, self.case)),
            };
            self.findings.extend(finding.map(|mut finding| {
                let of = of.map(|(name, value)| evidence(name.to_owned(), value.to_owned()));
                finding.evidence = of.into_iter().chain(finding.evidence).collect();
                Finding { subject: subject.to_owned(), place: first_written([finding.place, place, platform]), ..finding }
            }));
        }
    }
}

fn too_much(budget: u64) -> String {
    format!("it goes through more than {budget} items in all, and was not asked of the rest")
}

fn broken_by(rule: &Rule, broken: Broken) -> Finding {
    let remedy = rule.remedy.clone().unwrap_or_else(|| format!("make it so that `{}`", one_line(&rule.text)));
    let seen = broken.evidence.into_iter().map(|seen| evidence(seen.name, seen.value)).collect();
    finding(rule, rule.message.clone(), broken.place, seen, remedy)
}

/// A rule that could not be answered: at the rule itself if it stands in the spec, or else at the subject.
fn unanswered(rule: &Rule, reason: &str, case: &Case<'_>) -> Finding {
    let place = if rule.file == case.spec.file { rule.place } else { Place::NOWHERE };
    let message = format!("{} cannot be answered: {reason}", rule.id);
    let stands = evidence("assert".to_owned(), format!("{}:{}", rule.file, rule.place));
    finding(rule, message, place, vec![stands], "mend its `assert`, and give it a test for this".to_owned())
}

fn finding(rule: &Rule, message: String, place: Place, evidence: Vec<Evidence>, remedy: String) -> Finding {
    Finding {
        policy: rule.id.clone().into(),
        severity: rule.severity,
        subject: String::new(),
        message,
        place,
        evidence,
        remedy,
        waived: None,
        change: None,
    }
}

fn evidence(name: String, value: String) -> Evidence {
    Evidence { name: name.into(), value: Quantity::Text(value), unit: None }
}

/// An expression as it fits into a sentence.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::spec::{Spec, parse, parse_rules};
    use jiff::civil::date;
    use model::observation::{Node, Snapshot};
    use std::sync::Arc;

    fn spec() -> Spec {
        parse("vamp.yaml", include_bytes!("../../../../../specs/valid/multi-region.yaml")).unwrap().spec
    }

    fn rule(on: &str, assert: &str) -> Vec<Arc<Rule>> {
        let text = format!(
            "rules: [{{ id: ACME-1, severity: should, on: {on}, message: broken, assert: '{}' }}]",
            assert.replace('\'', "\'\'")
        );
        parse_rules("acme.yaml", text.as_bytes()).unwrap_or_else(|complaints| panic!("{complaints:?}"))
    }

    /// Rules asked, and subjects of what they found.
    fn said(on: &str, assert: &str, snapshot: Option<&Snapshot>, budget: u64) -> (usize, Vec<String>) {
        let spec = spec();
        let graph = compile(&spec).unwrap().graph;
        let case = Case { observed: snapshot, ..Case::of(&spec, &graph, date(2027, 1, 15)) };
        let rules = rule(on, assert);
        let own = ask_within(&case, &rules.iter().map(AsRef::as_ref).collect::<Vec<_>>(), budget);
        (own.rules.len(), own.findings.into_iter().map(|finding| format!("{}: {}", finding.subject, finding.message)).collect())
    }

    #[test]
    fn each_subject_is_asked_once_under_its_name() {
        let all = |on, assert| said(on, assert, None, BUDGET_OF_A_RULE).1;
        assert_eq!(all("platform", "spec.platform != 'acme'"), ["platform: broken"]);
        assert_eq!(all("cluster", "cluster.nodes.zones == 3"), ["cluster us-2: broken"]);
        assert_eq!(all("tenant", "tenant.title != 'The bank'"), ["bank: broken"]);
        assert_eq!(all("environment", "environment.name != 'staging' || tenant.name != 'shop'"), ["shop/staging: broken"]);
        assert_eq!(all("resource", "resource.kind != 'mount'"), ["platform: broken"]);
    }

    #[test]
    fn what_looks_at_what_nobody_saw_or_planned_is_not_asked() {
        assert_eq!(said("change", "false", None, BUDGET_OF_A_RULE), (0, vec![]));
        let nodes = "observed.nodes.all(n, n.schedulable)";
        assert_eq!(said("platform", nodes, None, BUDGET_OF_A_RULE), (0, vec![]));
        let mut snapshot = Snapshot::default();
        let node = Node { name: "node-1".into(), zone: "a".into(), schedulable: false };
        snapshot.nodes.insert("eu-1".into(), vec![node]);
        assert_eq!(said("platform", nodes, Some(&snapshot), BUDGET_OF_A_RULE), (1, vec!["platform: broken".to_owned()]));
    }

    #[test]
    fn a_rule_that_goes_through_too_much_in_all_is_told_once_and_not_asked_any_further() {
        let (asked, told) = said("environment", "[1, 2, 3].all(x, x > 0)", None, 10);
        assert_eq!(asked, 1);
        let wanted = "ACME-1 cannot be answered: it goes through more than 10 items in all, and was not asked of the rest";
        assert_eq!(told.iter().filter(|told| told.contains(wanted)).count(), 1, "{told:?}");
        assert_eq!(told.len(), 1, "{told:?}");
    }
}
