//! What an assertion can look at, what is wrong with one before it is evaluated, and what it says when it is.

use super::*;
use crate::spec::types::{Environment, Spec};

const SPEC: &str = include_str!("../../../../../specs/valid/multi-region.yaml");

fn spec() -> Spec {
    crate::spec::parse("vamp.yaml", SPEC.as_bytes()).unwrap().spec
}

fn scope() -> Scope {
    Scope::new([("spec", Spec::shape()), ("environment", Environment::shape())])
}

fn mistakes(text: &str) -> Vec<String> {
    let say = |mistake: Mistake| {
        let marked = text.get(mistake.range).unwrap_or("(nowhere)");
        let help = mistake.help.map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{marked:?}: {}{help}", mistake.message)
    };
    match Program::compile(text, &scope()) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.into_iter().map(say).collect(),
    }
}

fn verdict(text: &str) -> Verdict {
    let program = Program::compile(text, &scope()).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"));
    let spec = spec();
    let environment = spec.tenants[0].environments[0].seen().value;
    let spec = spec.seen().value;
    let ground = Ground::new([("spec", &spec)]);
    program.evaluate(&ground.with([("environment", &environment)]))
}

#[test]
fn an_assertion_holds_or_is_broken_at_the_place_of_the_field_and_says_what_it_looked_at() {
    assert_eq!(verdict("environment.gatewayAgents.replicas >= 2"), Verdict::Holds);
    assert_eq!(verdict("spec.clusters.all(c, c.nodes.count >= 3)"), Verdict::Holds);
    assert_eq!(verdict("spec.tenants.exists(t, t.environments.exists(e, e.name == 'production'))"), Verdict::Holds);
    let Verdict::Broken(broken) = verdict("environment.traffic.requestsPerSecond * 2 < 5 || spec.platform == 'other'") else {
        panic!("it holds")
    };
    let line = SPEC.lines().nth(broken.place.line as usize - 1).unwrap();
    assert!(line.contains("requestsPerSecond"), "{line}");
    let evidence: Vec<String> = broken.evidence.iter().map(|one| format!("{} = {}", one.name, one.value)).collect();
    assert!(evidence[0].starts_with("environment.traffic.requestsPerSecond = "), "{evidence:?}");
    assert!(evidence[1].starts_with("spec.platform = "), "{evidence:?}");
}

#[test]
fn a_misspelt_name_field_or_function_is_found_before_anything_is_evaluated_where_it_stands() {
    for (text, wanted) in [
        ("enviroment.regulatedAudit", "\"enviroment\": there is no `enviroment` here (did you mean `environment`?)"),
        ("environment.gatewayAgents.replica > 2", "\"replica\": `replica` is no field of the agents (did you mean `replicas`?)"),
        (
            "spec.tenants.all(t, t.administrator.size() > 0)",
            "`administrator` is no field of the tenant (did you mean `administrators`?)",
        ),
        (
            "spec.tenants.title == 'x'",
            "`title` is no field of a list (`exists(item, item.title == …)` asks whether one of them has it)",
        ),
        ("environment.gatewayAgents.replicas == '3'", "a number is never equal to a text"),
        ("environment.users.countries > 1", "`>` cannot compare a list with a number"),
        ("size(environment.regulatedAudit) > 1", "true or false has no size"),
        ("environment.users.countries.contains('DE')", "`item in list` asks whether it is there"),
        ("'DE' in environment.clusters && 7 in environment.clusters", "a number is never in a list of texts"),
        ("environment.title.upper() == 'X'", "`title` is no field of the environment"),
        ("spec.platform.upper() == 'X'", "there is no function `upper` of a text"),
        ("now() > 3", "there is no function `now`"),
        ("environment.gatewayAgents.replicas", "a rule says true or false, and this is a number"),
        ("environment.regulatedAudit &&", "this is not an expression"),
        ("environment.regulatedAudit && 3", "`&&` wants true or false, and this is true or false and a number"),
        ("-environment.clusters[0] == 'x'", "`-` wants a number, and this is a text"),
    ] {
        let found = mistakes(text);
        assert!(found.iter().any(|found| found.contains(wanted)), "{text}\n  wanted {wanted}\n  found {found:#?}");
    }
}

#[test]
fn one_mistake_is_told_once() {
    assert_eq!(mistakes("enviroment.traffic.requestsPerSecond + 1 > 3 && !enviroment.regulatedAudit").len(), 2);
    assert_eq!(mistakes("(environment.traffic.rps + 1) * 2 > 3 ? true : false").len(), 1);
}

#[test]
fn map_filter_and_conditions_keep_their_types() {
    assert_eq!(mistakes("environment.gateways.map(g, g.port).exists(p, p > 80)"), Vec::<String>::new());
    assert_eq!(mistakes("environment.gateways.filter(g, g.protocol == 'http').map(g, g.name).size() >= 0"), Vec::<String>::new());
    assert!(!mistakes("environment.gateways.map(g, g.port).exists(p, p == 'x')").is_empty());
    assert!(!mistakes("(environment.regulatedAudit ? 3 : 4) == 'x'").is_empty());
}

#[test]
fn what_cannot_be_said_fails_with_a_reason() {
    let failed = |text: &str| match verdict(text) {
        Verdict::Failed(reason) => reason,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(failed("1 / (environment.gatewayAgents.replicas - environment.gatewayAgents.replicas) > 0"), "it divides by zero");
    assert_eq!(failed("9223372036854775807 + environment.gatewayAgents.replicas > 0"), "a number in it grows beyond 64 bits");
    assert_eq!(failed("environment.clusters[99] == 'x'"), "it asks for an item that the list does not have");
    assert_eq!(failed("spec.dependencies.vault.cluster + 'x' == 'x'"), "it cannot add null and string");
}

#[test]
fn an_expression_that_would_go_on_and_on_ends() {
    let items = "[0,1,2,3,4,5,6,7,8,9]";
    let nested = |depth: usize| {
        let open: String = (0..depth).map(|level| format!("{items}.all(x{level}, ")).collect();
        format!("{open}true{}", ")".repeat(depth))
    };
    assert_eq!(verdict(&nested(4)), Verdict::Holds);
    assert_eq!(verdict(&nested(7)), Verdict::Failed("it goes through more than 1000000 items".to_owned()));
}

#[test]
fn what_is_too_long_or_too_deep_is_refused_and_nothing_panics() {
    let long = format!("true{}", " || true".repeat(2_000));
    let texts = ["(".repeat(5_000), "!".repeat(9_000), "[".repeat(2_000), "a.".repeat(3_000), long, "1?2:".repeat(1_000)];
    for text in &texts {
        let found = mistakes(text);
        assert!(found[0].contains("the most"), "{found:?}");
    }
    // Just inside the limits: whatever comes of it, nothing overflows.
    for text in [
        format!("{}true{}", "(".repeat(32), ")".repeat(32)),
        format!("{}1{}", "[".repeat(32), "]".repeat(32)),
        format!("{}true", "!".repeat(300)),
        format!("spec{}", ".a".repeat(300)),
        format!("true{}", " || true".repeat(150)),
        format!("true{}", " && true".repeat(150)),
        format!("1{} > 0", " + 1".repeat(298)),
        format!("{}true", "true ? false : ".repeat(150)),
        format!("{}1 > 0", "-".repeat(299)),
        format!("{}true{}", "[1].all(x, ".repeat(32), ")".repeat(32)),
    ] {
        let Ok(program) = Program::compile(&text, &scope()) else { continue };
        drop(program.evaluate(&Ground::new([]).with([])));
    }
    for text in ["", " ", "\u{0}", "a\u{301} == 1", "'", "{", "spec.", ".spec", "spec..platform", "x -> y", "spec{platform: 1}"] {
        assert!(!mistakes(text).is_empty(), "{text:?}");
    }
}

#[test]
fn a_map_in_a_document_goes_by_its_keys_in_order() {
    let document: model::Value = serde_json::from_str(r#"{"b":1,"a":2,"d":3,"c":4}"#).unwrap();
    let scope = Scope::new([("document", model::Value::shape())]);
    let program = Program::compile("document.map(k, k) == ['a', 'b', 'c', 'd']", &scope).unwrap();
    let document = document.seen().value;
    let ground = Ground::new([]);
    for _ in 0..20 {
        assert_eq!(program.evaluate(&ground.with([("document", &document)])), Verdict::Holds);
    }
}

#[test]
fn every_value_of_every_valid_spec_is_of_the_type_that_is_promised() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/valid")).unwrap() {
        let path = entry.unwrap().path();
        let spec = crate::spec::parse("vamp.yaml", &std::fs::read(&path).unwrap()).unwrap().spec;
        conforms(&spec.seen().value, &Spec::shape(), &path.display().to_string());
    }
}

fn conforms(seen: &Seen, shape: &Shape, at: &str) {
    match (seen, shape) {
        (Seen::Null, Shape::Optional(_)) | (_, Shape::Any) => {}
        (seen, Shape::Optional(inner)) => conforms(seen, inner, at),
        (Seen::Bool(_), Shape::Bool) | (Seen::Int(_), Shape::Int) | (Seen::Text(_), Shape::Text) => {}
        (Seen::List(items), Shape::List(item)) => items.iter().for_each(|seen| conforms(&seen.value, item, at)),
        (Seen::Object(fields), Shape::Object(object)) => {
            assert_eq!(fields.len(), object.fields.len(), "{at}");
            for (name, shape) in &object.fields {
                conforms(&fields[*name].value, shape, &format!("{at}.{name}"));
            }
        }
        (seen, shape) => panic!("{at}: {seen:?} is not {shape}"),
    }
}
