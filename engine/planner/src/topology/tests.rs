//! The models of the valid specs, and the conversations that each model has.

use super::*;
use crate::spec::Spec;

fn spec(name: &str) -> Spec {
    let path = format!("{}/../../specs/valid/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    crate::spec::parse("vamp.yaml", &std::fs::read(path).unwrap()).unwrap().spec
}

fn lines(spec: &Spec) -> Vec<String> {
    let site =
        |site: &Site| site.cluster.as_ref().or(site.region.as_ref()).or(site.country.as_ref()).cloned().unwrap_or_default();
    let line = |one: Conversation| {
        let (from, to) = (format!("{} {}", one.from.0, site(&one.from.1)), format!("{} {}", one.to.0, site(&one.to.1)));
        format!("{} -> {} :{} {}", from.trim(), to.trim(), one.port, one.carries.phrase())
    };
    conversations(spec).into_iter().map(line).collect()
}

#[test]
fn each_spec_amounts_to_the_model_that_it_is_named_after() {
    use DeploymentModel::{M0, M1, M2, M3, M4, M5};
    for (name, model, regional) in [
        ("m0", M0, 0),
        ("m1", M1, 0),
        ("m2", M2, 0),
        ("m3", M3, 0),
        ("m4", M4, 1),
        ("m5", M5, 0),
        ("quickstart", M0, 0),
        ("multi-region", M5, 2),
    ] {
        let verdict = classify(&spec(name));
        assert_eq!((verdict.model, verdict.regional.len()), (model, regional), "{name}: {verdict:?}");
        assert!(verdict.place.is_written(), "{name}");
    }
}

#[test]
fn vault_in_mysql_talks_to_it_and_no_other_does() {
    let talks = |name: &str| lines(&spec(name)).iter().any(|line| line.starts_with("Vault") && line.contains("-> MySQL"));
    assert!(talks("m2") && !talks("m1") && !talks("m3"));
}

#[test]
fn agents_of_a_region_talk_to_its_own_elasticsearch_only() {
    let lines = lines(&spec("m4"));
    let of = |start: &str| -> Vec<&String> { lines.iter().filter(|line| line.starts_with(start)).collect() };
    assert_eq!(
        of("gateway agents de-1 -> Elasticsearch"),
        ["gateway agents de-1 -> Elasticsearch germany de-1 :9200 traffic metadata"]
    );
    assert_eq!(
        of("gateway agents eu-1 -> Elasticsearch"),
        ["gateway agents eu-1 -> Elasticsearch central management :9200 traffic metadata"]
    );
    assert!(lines.contains(&"Vamp management -> Elasticsearch germany de-1 :9200 audit log".to_owned()), "{lines:#?}");
    assert!(lines.contains(&"Lifter management -> Elasticsearch germany de-1 :9200 configuration".to_owned()));
    assert!(lines.contains(&"users DE -> gateway agents de-1 :0 requests".to_owned()));
}

#[test]
fn what_leaves_a_country_is_told() {
    let leaving: Vec<String> = conversations(&spec("m4"))
        .into_iter()
        .filter(|one| one.from.1.leaves_country_to(&one.to.1) && one.carries == Carries::AuditLog)
        .flat_map(|one| one.environments)
        .collect();
    assert_eq!(leaving, ["shop/germany"]);
}
