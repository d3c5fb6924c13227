//! One line of a spec changed: the rule that is about that line says so, at both places, and no other does.

use super::*;

const BEFORE: &str = include_str!("../../../../../specs/valid/multi-region.yaml");

/// What a change of `from` to `to` in the multi-region spec breaks: rule, subject, line now, line before.
fn change(changes: &[(&str, &str)]) -> Vec<(String, String, u32, u32)> {
    let mut text = BEFORE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    against(BEFORE, &text)
}

fn against(before: &str, now: &str) -> Vec<(String, String, u32, u32)> {
    let read = |file: &str, text: &str| {
        let spec = parse(file, text.as_bytes()).unwrap_or_else(|complaints| panic!("{complaints:?}")).spec;
        let graph = compile(&spec).unwrap().graph;
        (spec, graph)
    };
    let ((old, old_graph), (new, new_graph)) = (read("before.yaml", before), read("vamp.yaml", now));
    let older = Older { spec: &old, graph: &old_graph };
    let judgement = judge(&Case::of(&new, &new_graph, TODAY).older(older));
    let changed = judgement.findings.into_iter().filter(|finding| finding.policy.starts_with("CHG"));
    let told = changed.map(|finding| {
        let before = finding.change.unwrap();
        assert_eq!(before.file, "before.yaml");
        (finding.policy.into_owned(), finding.subject, finding.place.line, before.place.line)
    });
    told.collect()
}

/// The line of the spec that begins so, counted from one.
fn line(start: &str) -> u32 {
    BEFORE.lines().position(|line| line.trim_start().starts_with(start)).unwrap() as u32 + 1
}

#[test]
fn nothing_changed_is_nothing_to_say() {
    assert_eq!(change(&[]), []);
    assert_eq!(change(&[("# A platform over three regions", "# Another comment")]), []);
}

#[test]
fn a_lowered_retention_is_told_for_every_environment_that_it_is_folded_into() {
    let told = change(&[("retention: { audit: 7y,", "retention: { audit: 5y,")]);
    let at = line("retention: { audit: 7y");
    assert!(
        !told.is_empty() && told.iter().all(|(rule, _, now, before)| rule == "CHG-2" && *now == at && *before == at),
        "{told:?}"
    );
    assert_eq!(change(&[("retention: { audit: 7y,", "retention: { audit: 9y,")]), []);
}

#[test]
fn another_country_is_told_at_the_field_that_changed() {
    let told = change(&[("eu-west-1:    { country: IE }", "eu-west-1:    { country: GB }")]);
    let at = line("eu-west-1:");
    assert!(
        !told.is_empty() && told.iter().all(|(rule, _, now, before)| rule == "CHG-3" && (*now, *before) == (at, at)),
        "{told:?}"
    );
    let told =
        change(&[("elasticsearch: { audit: central, traffic: central }", "elasticsearch: { audit: central, traffic: germany }")]);
    assert!(!told.is_empty() && told.iter().all(|(rule, ..)| rule == "CHG-3"), "{told:?}");
}

#[test]
fn fewer_of_anything_is_told_and_more_is_not() {
    let told = change(&[("gatewayAgents: { replicas: 3, cpu", "gatewayAgents: { replicas: 2, cpu")]);
    assert!(!told.is_empty() && told.iter().all(|(rule, ..)| rule == "CHG-4"), "{told:?}");
    assert_eq!(change(&[("gatewayAgents: { replicas: 3, cpu", "gatewayAgents: { replicas: 4, cpu")]), []);
    let told =
        change(&[("nodes: { count: 6, cpu: 8, memory: 32Gi, zones: 2 }", "nodes: { count: 6, cpu: 8, memory: 16Gi, zones: 2 }")]);
    assert_eq!(told.iter().map(|(rule, subject, ..)| format!("{rule} {subject}")).collect::<Vec<_>>(), ["CHG-4 cluster us-2"]);
    let told = change(&[
        ("    storage: raft\n", "    storage: mysql\n"),
        ("    placement: external\n    address: embedded\n    storage: mysql", "    placement: in-cluster\n    storage: mysql"),
    ]);
    assert!(told.iter().any(|(rule, subject, ..)| rule == "CHG-4" && subject == "vault"), "{told:?}");
}

#[test]
fn a_tenant_that_is_gone_is_told_once_and_one_that_is_renamed_is_not() {
    let start = BEFORE.find("  shop:\n").unwrap();
    let next = BEFORE[start + 3..].find("\n  ").map(|_| ()).and_then(|()| {
        BEFORE[start + 8..].match_indices("\n  ").map(|(at, _)| start + 8 + at + 1).find(|at| !BEFORE[*at..].starts_with("   "))
    });
    let without = format!("{}{}", &BEFORE[..start], &BEFORE[next.unwrap()..]);
    let told = against(BEFORE, &without);
    assert_eq!(told.iter().map(|(rule, subject, ..)| format!("{rule} {subject}")).collect::<Vec<_>>(), ["CHG-1 shop"]);
    assert_eq!(told[0].3, line("shop:"));
    let renamed = format!("{}\nmoved:\n  - {{ from: shop, to: store }}\n", BEFORE.replacen("\n  shop:\n", "\n  store:\n", 1));
    assert_eq!(against(BEFORE, &renamed), []);
    let undeclared = BEFORE.replacen("\n  shop:\n", "\n  store:\n", 1);
    assert_eq!(against(BEFORE, &undeclared)[0].0, "CHG-1");
}

#[test]
fn a_waiver_that_comes_or_is_prolonged_is_told_and_one_that_stays_or_shrinks_is_not() {
    let with = |expires: &str| {
        format!("{BEFORE}\npolicies:\n  waive:\n    - {{ id: VGA-1, reason: r, owner: o, expires: {expires} }}\n")
    };
    let rules = |before: &str, now: &str| against(before, now).into_iter().map(|(rule, ..)| rule).collect::<Vec<_>>();
    assert_eq!(rules(BEFORE, &with("2027-03-31")), ["CHG-5"]);
    assert_eq!(rules(&with("2027-03-31"), &with("2027-06-30")), ["CHG-5"]);
    assert_eq!(rules(&with("2027-03-31"), &with("2027-03-31")), [""; 0]);
    assert_eq!(rules(&with("2027-03-31"), &with("2027-02-28")), [""; 0]);
}

const ROUTES: &str = "version: 1
platform: acme
regions: { eu: { country: IE } }
clusters: { main: { role: all-in-one, kubernetes: embedded, nodes: { count: 4, cpu: 4, memory: 16Gi } }, more: { role: service, kubernetes: embedded, nodes: { count: 4, cpu: 4, memory: 16Gi } } }
purpose: development
dependencies:
  mysql: { address: embedded }
  vault: { address: embedded }
  elasticsearch: { central: { address: embedded } }
tenants:
  shop:
    administrators: [ops@shop.example]
    environments:
      production:
        clusters: [main, more]
        gateways:
          web:
            port: 8080
            routes:
              one: { service: one:80, weight: 80 }
              two: { service: two:80, weight: 20 }
";

#[test]
fn traffic_moves_in_steps() {
    let rules = |from: &str, to: &str| {
        let told = against(ROUTES, &ROUTES.replacen(from, to, 1));
        told.into_iter().map(|(rule, subject, now, before)| format!("{rule} {subject} {now} {before}")).collect::<Vec<_>>()
    };
    let weights = "weight: 80 }\n              two: { service: two:80, weight: 20 }";
    let to = |one: u8, two: u8| format!("weight: {one} }}\n              two: {{ service: two:80, weight: {two} }}");
    assert_eq!(rules(weights, &to(30, 70)), [""; 0]);
    assert_eq!(rules(weights, &to(29, 71)), ["CHG-6 shop/production 20 20"]);
    assert_eq!(
        rules(
            "one: { service: one:80, weight: 80 }\n              two: { service: two:80, weight: 20 }",
            "new: { service: new:80 }"
        ),
        ["CHG-6 shop/production 17 17"]
    );
    let gone = "        gateways:
          web:
            port: 8080
            routes:
              one: { service: one:80, weight: 80 }
              two: { service: two:80, weight: 20 }
";
    assert_eq!(rules(gone, "        gateways: {}\n"), ["CHG-6 shop/production 14 17"]);
    assert_eq!(rules(gone, "        retiredGateways: [web]\n"), [""; 0]);
}

#[test]
fn a_cell_that_leaves_its_cluster_is_told() {
    let told = against(ROUTES, &ROUTES.replacen("clusters: [main, more]", "clusters: [main]", 1));
    assert_eq!(told, [("CHG-7".to_owned(), "shop/production".to_owned(), 15, 15)]);
    assert_eq!(against(&ROUTES.replacen("clusters: [main, more]", "clusters: [main]", 1), ROUTES), []);
}
