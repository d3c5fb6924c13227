//! PRI-2: addresses, request lines, cookies.

use crate::policy::rule::page;
use crate::policy::rules::pri_1::log_formats;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::Resource;

pub(crate) const RULE: Rule = Rule {
    id: "PRI-2",
    severity: Severity::Should,
    title: "what counts as personal data is masked, and kept no longer than a month without a reason",
    page: page!("PRI-2"),
    checks: &[Check::Environment(retention), Check::Resource(logs)],
};

fn retention(case: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let (kept, most) = (&environment.traffic_retention_days, case.spec.policies.thresholds.personal_data_days.value);
    (kept.value > most).then(|| {
        Breach::at(kept.place, format!("{environment} keeps traffic metadata {} days; as personal data it may stay {most} without a reason", kept.value))
            .measured("kept", kept.value, "days")
            .measured("most", most, "days")
            .remedy("lower `retention.traffic`, or give the reason in a waiver")
    })
}

/// Fields of a log that name a person or what they asked for (HAProxy's configuration manual, 8.2.6): address, captured headers and
/// cookies, request line, path, query.
const PERSONAL: &[&str] = &["%ci", "%hr", "%hs", "%hrl", "%hsl", "%CC", "%CS", "%r", "%HU", "%HP", "%HPO", "%HQ"];

fn logs(_: &Case<'_>, resource: &Resource) -> Option<Breach> {
    let field = log_formats(resource).find_map(personal_in)?;
    let breach = Breach::at(resource.place, format!("the log of {} would hold {field} unmasked", resource.scope))
        .saw("field", field)
        .remedy("this is made by vamp itself: report it");
    Some(breach)
}

fn personal_in(format: &str) -> Option<&'static str> {
    if format.contains("capture ") {
        return Some("captured headers");
    }
    let fields = format.split('%').skip(1).map(|rest| rest.split(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default());
    fields.into_iter().find_map(|field| PERSONAL.iter().copied().find(|known| known.strip_prefix('%') == Some(field)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_name_a_person_are_found_and_masked_ones_are_not() {
        assert_eq!(personal_in("log-format '%ci %ST'"), Some("%ci"));
        assert_eq!(personal_in("log-format '%[src,ipmask(24,48)] %HM %rc %Tr'"), None);
        assert_eq!(personal_in("http-request capture req.hdr(x) len 9"), Some("captured headers"));
    }
}
