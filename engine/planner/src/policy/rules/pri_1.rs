//! PRI-1: metadata only.

use crate::policy::rule::page;
use crate::policy::subject::Environment;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use model::Resource;
use model::resource::Role;

pub(crate) const RULE: Rule = Rule {
    id: "PRI-1",
    severity: Severity::Must,
    title: "no payload of a request or an answer is looked at, stored or processed",
    page: page!("PRI-1"),
    checks: &[Check::Environment(conditions), Check::Resource(logs)],
};

/// Criteria of HAProxy that look into a body (its configuration manual, 7.3 "Fetching samples"; `_len` and `_size` only measure it).
const PAYLOAD: &[&str] = &["req.body", "req.payload", "res.payload", "res.body", "payload", "payload_lv", "req.rdp_cookie", "rdp_cookie"];

fn conditions(_: &Case<'_>, environment: &Environment<'_>) -> Option<Breach> {
    let gateways = || environment.declared.value.gateways.iter();
    let routes = gateways().flat_map(|(name, gateway)| gateway.value.routes.values().map(move |route| (name, route)));
    let of_routes = routes.filter_map(|(name, route)| route.value.condition.as_ref().map(|condition| (name, condition.place, condition.value.as_str())));
    let rewrites = gateways().flat_map(|(name, gateway)| gateway.value.rewrites.iter().map(move |rewrite| (name, rewrite)));
    let of_rewrites = rewrites.filter_map(|(name, rewrite)| rewrite.value.condition.as_deref().map(|condition| (name, rewrite.place, condition)));
    let (gateway, place, criterion) = of_routes.chain(of_rewrites).find_map(|(name, place, condition)| Some((name, place, payload_in(condition)?)))?;
    let breach = Breach::at(place, format!("a condition of the gateway {gateway} looks into the payload: {criterion}"))
        .saw("criterion", criterion)
        .saw("gateway", gateway.as_str())
        .remedy("decide by path, header, cookie or address instead");
    Some(breach)
}

/// The criterion of raw HAProxy that looks into a payload, if the text has one.
fn payload_in(text: &str) -> Option<&'static str> {
    if !text.contains(['<', '%']) {
        return None;
    }
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    let mut words = text.split(|character| !is_name(character));
    words.find_map(|word| PAYLOAD.iter().copied().find(|criterion| word == *criterion || is_form_of(word, criterion)))
}

/// `req.body_param` is a form of `req.body`; what only measures is none.
fn is_form_of(word: &str, criterion: &str) -> bool {
    let rest = word.strip_prefix(criterion).filter(|_| criterion.contains('.'));
    rest.is_some_and(|rest| rest.starts_with('_') && !matches!(rest, "_len" | "_size"))
}

fn logs(_: &Case<'_>, resource: &Resource) -> Option<Breach> {
    let criterion = log_formats(resource).find_map(payload_in)?;
    let breach = Breach::at(resource.place, format!("the log of {} would hold the payload: {criterion}", resource.scope))
        .saw("criterion", criterion)
        .remedy("this is made by vamp itself: report it");
    Some(breach)
}

/// The forms in which gateway agents log, of a gateway configuration.
pub(in crate::policy) fn log_formats(resource: &Resource) -> impl Iterator<Item = &str> {
    let text = Some(&resource.document).filter(|_| resource.role == Role::GatewayConfiguration);
    let lines = text.and_then(|document| document.str_at(&["data", "configuration"])).unwrap_or_default().lines();
    lines.map(str::trim_start).filter(|line| line.starts_with("log-format") || line.contains("capture "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_into_a_payload_is_found_and_what_measures_it_is_not() {
        assert_eq!(payload_in("< req.body -m sub secret >"), Some("req.body"));
        assert_eq!(payload_in("< res.payload(0,4) -m bin 00 >"), Some("res.payload"));
        assert_eq!(payload_in("< req.body_param(card) -m found >"), Some("req.body"));
        for name in ["req.body", "req.payload", "res.payload", "res.body", "payload", "payload_lv", "req.rdp_cookie", "rdp_cookie"] {
            assert_eq!(payload_in(&format!("< {name}(0,4) -m bin 00 >")), Some(name));
        }
        let measures = ["< req.body_len gt 100 >", "< req.body_size gt 100 >"];
        let only_sounds_like_it =
            ["< path_beg /payloads >", "< path_beg /payload_archive >", "user-agent == payload", "< hdr(x-payload-id) -m found >", "< hdr(req.bodyguard) -m found >"];
        for harmless in measures.into_iter().chain(only_sounds_like_it) {
            assert_eq!(payload_in(harmless), None, "{harmless}");
        }
    }
}
