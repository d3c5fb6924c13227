//! Every rule on a case: what is broken, what of it is waived, in an order that is the same every time.

use super::case::Case;
use super::catalogue::{CATALOGUE, find};
use super::finding::{Breach, Finding};
use super::own;
use super::rule::{Check, Rule, Severity};
use super::subject::first_written;
use super::waiver;
use model::plan::Note;
use model::{Address, Place};
use std::borrow::Cow;

/// What came of judging a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What is broken: the heaviest first, then in the order of the file.
    pub findings: Vec<Finding>,
    /// The rules that were asked, in the order in which they are listed.
    pub rules: Vec<Asked>,
}

/// A rule that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its id.
    pub id: Cow<'static, str>,
    /// How much it weighs.
    pub severity: Severity,
    /// What it asks for.
    pub title: Cow<'static, str>,
}

impl Judgement {
    /// What is broken and not waived.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.waived.is_none())
    }

    /// Whether anything that weighs at least `severity` is broken and not waived.
    pub fn fails(&self, severity: Severity) -> bool {
        self.open().any(|finding| finding.severity <= severity)
    }
}

/// Every rule of the catalogue on `case`.
pub fn judge(case: &Case<'_>) -> Judgement {
    judge_with(case, CATALOGUE, Own::default())
}

/// What rules of a platform's own said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// Those that were asked.
    pub rules: Vec<Asked>,
    /// What they found.
    pub findings: Vec<Finding>,
}

/// What planning left out because a rule forbids it: the plan keeps the rule, and whoever wants it to do more should know.
pub fn withheld(case: &Case<'_>) -> Own {
    let notes = case.plan.into_iter().flat_map(|plan| &plan.report);
    let finding = |note: &Note| {
        let rule = find(note.rule.as_deref()?)?;
        let resource = note.subject.parse::<Address>().ok().and_then(|address| case.graph.get(&address));
        let place = resource.map_or(Place::NOWHERE, |resource| resource.place);
        let subject = resource.map_or("platform".to_owned(), |resource| resource.scope.to_string());
        let breach = Breach::at(place, format!("left out of the plan: {}", note.message))
            .saw("step", note.subject.as_str())
            .remedy(note.help.as_deref().unwrap_or("mend it, and plan again"));
        Some(finding(rule, breach, subject, case.spec.platform.place))
    };
    Own { rules: Vec::new(), findings: notes.filter_map(finding).collect() }
}

/// The rules `rules` on `case`, with its rules of a platform's own; what they found, and `own`, goes through the same waivers and order.
pub fn judge_with(case: &Case<'_>, rules: &[Rule], own: Own) -> Judgement {
    let asked: Vec<&Rule> = rules.iter().filter(|rule| rule.applies(case)).collect();
    let said = own::ask(case, &case.own);
    let own = Own {
        rules: own.rules.into_iter().chain(said.rules).collect(),
        findings: own.findings.into_iter().chain(said.findings).collect(),
    };
    let mut findings = own.findings;
    let questions: Vec<(&Rule, &Check)> = asked.iter().flat_map(|rule| rule.checks.iter().map(|check| (*rule, check))).collect();
    questions.iter().for_each(|(rule, check)| ask(case, rule, check, &mut findings));
    ask_of_resources(case, &questions, &mut findings);
    waiver::apply(case, &asked, &own.rules, &mut findings);
    let position = |finding: &Finding| rules.iter().position(|rule| rule.id == finding.policy).unwrap_or(rules.len());
    findings.sort_by_cached_key(|finding| {
        (finding.severity, finding.place.line, finding.place.column, position(finding), finding.subject.clone())
    });
    let asked = asked.into_iter().map(|rule| Asked { id: rule.id.into(), severity: rule.severity, title: rule.title.into() });
    Judgement { findings, rules: asked.chain(own.rules).collect() }
}

/// What is asked of resources, all of it of one resource after the other: a large platform is gone through once, not once a rule.
fn ask_of_resources<'r>(case: &Case<'_>, questions: &[(&'r Rule, &Check)], findings: &mut Vec<Finding>) {
    let of_resource = |(rule, check): &(&'r Rule, &Check)| match check {
        Check::Resource(check) => Some((*rule, *check)),
        _ => None,
    };
    let questions: Vec<_> = questions.iter().filter_map(of_resource).collect();
    for resource in case.graph.resources() {
        for (rule, check) in &questions {
            findings.extend(found(case, rule, check(case, resource), &resource.scope, || resource.place));
        }
    }
}

/// One question, asked of everything that it is about but resources.
fn ask(case: &Case<'_>, rule: &Rule, check: &Check, findings: &mut Vec<Finding>) {
    let platform = case.spec.platform.place;
    let mut tell = |breach: Option<Breach>, subject: &dyn ToString, place: Place| {
        findings.extend(found(case, rule, breach, subject, || place));
    };
    match check {
        Check::Platform(check) => tell(check(case), &"platform", platform),
        Check::Cluster(check) => case.clusters().for_each(|it| tell(check(case, &it), &it, it.declared.place)),
        Check::Store(check) => case.stores().for_each(|it| tell(check(case, &it), &it, it.place())),
        Check::Tenant(check) => case.tenants().for_each(|it| tell(check(case, &it), &it, it.declared.place)),
        Check::Environment(check) => case.environments().for_each(|it| tell(check(case, &it), &it, it.declared.place)),
        Check::Cell(check) => case.cells().for_each(|it| tell(check(case, &it), &it, it.place())),
        Check::Resource(_) => {}
        Check::Step(check) => {
            let told = case.steps().filter_map(|it| found(case, rule, check(case, it), &it.scope, || case.place_of(it)));
            findings.extend(told);
        }
        Check::Plan(check) => case.plan.iter().for_each(|plan| {
            check(case, plan).into_iter().for_each(|(subject, breach)| tell(Some(breach), &subject, platform));
        }),
        Check::Change(check) => case.older.iter().for_each(|older| {
            check(case, older).into_iter().for_each(|(subject, breach)| tell(Some(breach), &subject, platform));
        }),
    }
}

/// The finding that a breach of `rule` by `subject` is, if there is one; only then somebody asks for the place.
fn found(
    case: &Case<'_>,
    rule: &Rule,
    breach: Option<Breach>,
    subject: &dyn ToString,
    place: impl FnOnce() -> Place,
) -> Option<Finding> {
    let breach = breach?;
    Some(finding(rule, breach, subject.to_string(), first_written([place(), case.spec.platform.place])))
}

/// The finding that a breach of `rule` is; `place` stands in where nobody wrote the field that decides.
pub(super) fn finding(rule: &Rule, breach: Breach, subject: String, place: Place) -> Finding {
    Finding {
        policy: rule.id.into(),
        severity: rule.severity,
        subject,
        message: breach.message,
        place: first_written([breach.place, place]),
        evidence: breach.evidence,
        remedy: breach.remedy,
        waived: None,
        change: breach.change,
    }
}
