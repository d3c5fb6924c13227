//! Which waivers are reported, by what became of the rule that they name: asked and kept, not asked, or not known at all.

use super::*;

/// What is said of a platform that keeps all rules but VER-2, with rules of its own, one of which is about a plan, and a waiver of `id`.
fn with_waiver_of(id: &str) -> Vec<String> {
    let own = |id: &str, on: &str, assert: &str| {
        format!("{{ id: {id}, severity: must, on: {on}, message: m, remedy: r, assert: \"{assert}\" }}")
    };
    let kept = |id: &str| own(id, "platform", "spec.platform == 'acme'");
    let rules = [kept("ACME-1"), own("ACME-2", "change", "change.action != 'delete'"), kept("ACME-3")].join(", ");
    let waiver = format!("{{ id: {id}, reason: r, owner: o, expires: 2027-03-31 }}");
    let spec = spec(&split(&format!("policies: {{ rules: [{rules}], waive: [{waiver}] }}")));
    let about = |finding: &Finding| finding.policy.starts_with("WAI").then(|| format!("{}: {}", finding.policy, finding.message));
    judged(&spec, TODAY).open().filter_map(about).collect()
}

#[test]
fn a_waiver_of_a_rule_that_is_kept_waives_nothing() {
    for id in ["VGA-1", "ACME-1"] {
        assert_eq!(with_waiver_of(id), [format!("WAI-2: nothing breaks {id}, so the waiver waives nothing")]);
    }
}

/// A rule about a change, or about a plan, may be broken where there is one.
#[test]
fn a_waiver_of_a_rule_that_was_not_asked_is_let_be() {
    for id in ["CHG-1", "VGA-5", "ACME-2"] {
        assert_eq!(with_waiver_of(id), [""; 0], "{id}");
    }
}

#[test]
fn a_waiver_of_no_rule_waives_nothing_and_one_that_waives_is_let_be() {
    assert_eq!(with_waiver_of("OTHER-7"), ["WAI-2: no rule is called OTHER-7, so the waiver waives nothing"]);
    assert_eq!(with_waiver_of("VER-2"), [""; 0]);
}
