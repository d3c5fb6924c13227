//! What the platform is held against: thresholds, and waivers of rules and subjects that there are.

use super::Lower;
use crate::policy::{own, waiver};
use crate::spec::builtin;
use crate::spec::code;
use crate::spec::form::RuleId;
use crate::spec::reader::{Given, quote};
use crate::spec::shape::TextShape;
use crate::spec::types::{Policies, Thresholds, Waiver};
use crate::spec::written;
use model::Diagnostic;
use model::source::Located;

impl Lower<'_> {
    pub(super) fn policies(&mut self) -> Option<Policies> {
        let none = written::Policies::default();
        let document = self.document;
        let written = document.policies.yes().map_or(&none, |policies| &policies.value);
        let waivers = written.waive.yes().map_or(&[] as &[_], |waivers| &waivers.value);
        let subjects = if waivers.is_empty() { Vec::new() } else { self.subjects() };
        let rules = written.rules.yes().map_or(&[] as &[_], |rules| &rules.value);
        let own: Vec<&str> = rules.iter().filter_map(|rule| Some(rule.id.yes()?.value.as_str())).collect();
        let waivers: Vec<Option<Waiver>> = waivers.iter().map(|waiver| self.waiver(waiver, &own, &subjects)).collect();
        let rules = super::rules::rules(rules, self.file, &mut self.reader);
        Some(Policies {
            rules: rules?,
            waivers: waivers.into_iter().collect::<Option<_>>()?,
            thresholds: thresholds(written),
            residency_countries: match &written.residency_countries {
                Given::Yes(countries) => countries.value.clone(),
                Given::No | Given::Bad => Policies::default().residency_countries,
            },
        })
    }

    fn waiver(&mut self, written: &Located<written::Waiver>, own: &[&str], subjects: &[String]) -> Option<Waiver> {
        if let Some(id) = written.id.yes() {
            self.known_rule(id, own);
        }
        if let Some(subject) = written.subject.yes().filter(|subject| !subjects.contains(&subject.value)) {
            let help = self.reader.did_you_mean(subject, subjects.iter().map(String::as_str));
            let message = format!("there is no {} that a rule could be about", quote(subject));
            self.reader.complain(Diagnostic { help, ..Diagnostic::error(code::UNKNOWN_SUBJECT, subject.place, message) });
        }
        Some(Waiver {
            id: written.id.yes()?.clone(),
            subject: written.subject.yes().cloned(),
            reason: written.reason.yes()?.clone(),
            owner: written.owner.yes()?.clone(),
            expires: *written.expires.yes()?,
            place: written.place,
        })
    }

    /// Complains about an id that no rule has. One that is like none may be of a file that is given with `--policy`: whether that
    /// is so is found when the rules are asked (WAI-2).
    fn known_rule(&mut self, id: &Located<String>, own: &[&str]) {
        let known: Vec<&str> = waiver::ids().map(|id| id as &str).chain(own.iter().copied()).collect();
        if known.contains(&id.value.as_str()) {
            return;
        }
        if waiver::is_about_waivers(&id.value) {
            let message = format!("{} is about waivers, and cannot be waived itself", id.value);
            return self.error(code::UNKNOWN_POLICY, id.place, message, "mend or remove the waiver that it reports");
        }
        let near = self.reader.nearest(id, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        if near.is_none() && !own::is_of_catalogue(id) && RuleId::parse(id, id.place).is_ok() {
            return;
        }
        let help = near.or_else(|| Some("`vamp explain VGA-1` explains a rule; docs/policies has a page for each".to_owned()));
        let message = format!("no rule is called {}", quote(id));
        self.reader.complain(Diagnostic { help, ..Diagnostic::error(code::UNKNOWN_POLICY, id.place, message) });
    }

    /// Everybody whom a rule may be about, as findings name them.
    fn subjects(&self) -> Vec<String> {
        let document = self.document;
        let mut subjects: Vec<String> = ["platform", "mysql", "vault"].map(str::to_owned).into();
        let clusters = super::entries(&document.clusters).into_iter().flat_map(|clusters| clusters.keys());
        let clusters: Vec<&str> = clusters.map(String::as_str).collect();
        subjects.extend(clusters.iter().map(|cluster| format!("cluster {cluster}")));
        let dependencies = document.dependencies.yes().and_then(|written| super::entries(&written.elasticsearch));
        subjects
            .extend(dependencies.into_iter().flat_map(|searches| searches.keys()).map(|name| format!("elasticsearch.{name}")));
        for (name, tenant) in super::entries(&document.tenants).into_iter().flatten() {
            subjects.push(name.clone());
            for environment in super::entries(&tenant.environments).into_iter().flat_map(|environments| environments.keys()) {
                subjects.push(format!("{name}/{environment}"));
                subjects.extend(clusters.iter().map(|cluster| format!("{name}/{environment} on {cluster}")));
            }
        }
        subjects
    }
}

fn thresholds(written: &written::Policies) -> Thresholds {
    let none = written::Thresholds::default();
    let written = written.thresholds.yes().map_or(&none, |thresholds| &thresholds.value);
    Thresholds {
        high_volume: written.high_volume.or(builtin::HIGH_VOLUME),
        high_total_volume: written.high_total_volume.or(builtin::HIGH_VOLUME),
        regulated_audit_days: written.regulated_audit.or(builtin::REGULATED_AUDIT_DAYS),
        personal_data_days: written.personal_data.or(builtin::PERSONAL_DATA_DAYS),
        weight_step: written.weight_step.or(builtin::WEIGHT_STEP),
    }
}

impl Default for Policies {
    fn default() -> Self {
        let countries = builtin::RESIDENCY_COUNTRIES.iter();
        Policies {
            waivers: Vec::new(),
            rules: Vec::new(),
            thresholds: thresholds(&written::Policies::default()),
            residency_countries: countries.map(|country| Located::default_value((*country).to_owned())).collect(),
        }
    }
}
