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

/// Samples that name a person or what they asked for, by how their names begin (HAProxy's configuration manual, 7.3): address, headers,
/// cookies, request line, path and query. A log may hold an address that [`MASK`] shortens.
const SAMPLES: &[&str] = &["src", "req.hdr", "req.fhdr", "req.cook", "hdr", "cook", "path", "url", "base", "query", "capture."];
const MASK: &str = "ipmask(";

fn personal_in(format: &str) -> Option<&'static str> {
    if format.contains("capture ") {
        return Some("captured headers");
    }
    format.split('%').skip(1).find_map(|rest| match flags_off(rest).strip_prefix('[') {
        Some(sample) => SAMPLES.iter().copied().find(|known| sample.starts_with(known) && !is_masked(sample)),
        None => {
            let name = flags_off(rest).split(|character: char| !character.is_ascii_alphabetic()).next();
            PERSONAL.iter().copied().find(|known| known.strip_prefix('%') == name)
        }
    })
}

/// Whether what is taken of the request is the address of a client, and shortened before anything else is made of it.
fn is_masked(sample: &str) -> bool {
    sample.strip_prefix("src,").is_some_and(|converters| converters.starts_with(MASK))
}

/// What comes after the flags of a field: `{+Q}r` is `r` in quotes.
fn flags_off(field: &str) -> &str {
    field.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or(field, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Address, captured headers and cookies, request line, path and query, as HAProxy's manual names them.
    #[test]
    fn every_field_that_names_a_person_is_found_with_flags_or_without() {
        for field in ["ci", "hr", "hs", "hrl", "hsl", "CC", "CS", "r", "HU", "HP", "HPO", "HQ"] {
            let found = Some(format!("%{field}"));
            for format in [format!("log-format '%ST %{field} %Tr'"), format!("log-format '%{{+Q,+E}}{field}'")] {
                assert_eq!(personal_in(&format).map(str::to_owned), found, "{format}");
            }
        }
        assert_eq!(personal_in("log-format '%{+Q}HM'"), None);
    }

    /// A sample tells as much as the field of the same content does.
    #[test]
    fn samples_that_name_a_person_are_found_unless_they_are_masked_first() {
        for (format, found) in [
            ("%[src]", "src"),
            ("%{+Q}[src]", "src"),
            ("%[src,lower,ipmask(24)]", "src"),
            ("%ST %[req.hdr(cookie)]", "req.hdr"),
            ("%[req.fhdr(authorization),ipmask(24)]", "req.fhdr"),
            ("%[req.cook(session)]", "req.cook"),
            ("%[hdr(referer)]", "hdr"),
            ("%[cook(x)]", "cook"),
            ("%[path]", "path"),
            ("%[pathq]", "path"),
            ("%[url_param(q)]", "url"),
            ("%[base]", "base"),
            ("%[query]", "query"),
            ("%[capture.req.hdr(0)]", "capture."),
        ] {
            assert_eq!(personal_in(&format!("log-format '{format}'")), Some(found), "{format}");
        }
    }

    #[test]
    fn fields_that_name_a_person_are_found_and_masked_ones_are_not() {
        assert_eq!(personal_in("log-format '%ci %ST'"), Some("%ci"));
        assert_eq!(personal_in("log-format '%[src,ipmask(24,48)] %HM %rc %Tr'"), None);
        assert_eq!(personal_in("log-format '%{+Q}[src,ipmask(24,48)] %[rand]'"), None);
        assert_eq!(personal_in("r %ST"), None);
        assert_eq!(personal_in("http-request capture req.hdr(x) len 9"), Some("captured headers"));
    }
}
