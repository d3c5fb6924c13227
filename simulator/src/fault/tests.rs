//! Faults as data: words, targets and numbers read back, and what cannot be is named with its place and a remedy.

use super::*;
use model::Duration;

fn known() -> Known {
    let names = |names: &[&str]| names.iter().copied().map(Text::from).collect();
    let cluster = KnownCluster { nodes: names(&["node-1", "node-2"]), zones: names(&["zone-1"]) };
    Known {
        clusters: [("eu-1".into(), cluster)].into(),
        regions: names(&["eu"]),
        vault: true,
        mysql: false,
        elasticsearch: names(&["central"]),
        engines: Some(1),
    }
}

fn injection(id: u32, at: u64, kind: Kind, target: &str, lasts: Option<u64>) -> Injection {
    let fault = Fault::new(kind, target.parse().unwrap());
    Injection { id, at: Duration::seconds(at), fault, lasts: lasts.map(Duration::seconds) }
}

fn mistakes(injections: &[Injection]) -> Vec<(u32, Field, String, String)> {
    let schedule: Schedule = injections.iter().cloned().collect();
    let found = schedule.mistakes(&known()).into_iter();
    found.map(|mistake| (mistake.injection, mistake.field, mistake.message, mistake.help)).collect()
}

#[test]
fn the_catalogue_is_in_order_complete_and_says_something_of_each_kind() {
    assert_eq!(KINDS.len(), Kind::ALL.len());
    for (info, kind) in KINDS.iter().zip(Kind::ALL) {
        assert_eq!(info.kind, *kind);
        assert_eq!(kind.word().parse(), Ok(*kind));
        assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{kind}\""));
        assert!(!info.targets.is_empty() && !info.line.is_empty() && !info.line.ends_with('.'), "{kind}");
        for parameter in info.parameters {
            let range = parameter.low..=parameter.high;
            assert!(range.contains(&parameter.usual) && parameter.low < parameter.high, "{kind} {}", parameter.name);
        }
    }
    assert!(KINDS.len() > 30);
}

#[test]
fn targets_read_back_as_they_are_written() {
    for text in [
        "pod eu-1/acme-shop-production/gateway-agent/2",
        "cell eu-1/acme-shop-production",
        "backend eu-1/acme-shop-production/web:8080",
        "node eu-1/node-1",
        "zone eu-1/zone-1",
        "cluster eu-1",
        "region eu",
        "vault",
        "mysql",
        "elasticsearch central",
        "engine 0",
        "from region eu to vault",
        "from zone eu-1/zone-1 to control-plane eu-1",
        "from load-balancers eu-1 to node eu-1/node-1",
        "from engine to elasticsearch central",
        "from cluster eu-1 to mysql",
    ] {
        assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "moon",
        "node",
        "node eu-1",
        "node eu-1/",
        "node eu-1/a b",
        "node eu-1/a/b",
        "vault x",
        "pod a/b/c/d",
        "from vault",
        "from vault to moon",
        "engine x",
        "zone /",
    ] {
        assert_eq!(text.parse::<Target>().map_err(drop), Err(()), "{text:?}");
    }
}

#[test]
fn a_schedule_is_ordered_and_reads_back_from_json() {
    let slow = Fault::new(Kind::NetworkSlow, "from region eu to vault".parse().unwrap()).with("delay", 200);
    let late = Injection { id: 1, at: Duration(9_000), fault: slow, lasts: Some(Duration(500)) };
    let schedule: Schedule = [late, injection(2, 3, Kind::VaultEmptied, "vault", None)].into_iter().collect();
    let text = serde_json::to_string(&schedule).unwrap();
    assert_eq!(
        text,
        r#"[{"id":2,"at":3000,"fault":{"kind":"vault-emptied","target":"vault"}},"#.to_owned()
            + r#"{"id":1,"at":9000,"fault":{"kind":"network-slow","target":"from region eu to vault","parameters":{"delay":200}},"lasts":500}]"#
    );
    assert_eq!(serde_json::from_str::<Schedule>(&text).unwrap(), schedule);
    assert_eq!(schedule.last(), Duration(9_500));
    assert_eq!(schedule.without(1).injections().len(), 1);
    assert!(serde_json::from_str::<Schedule>(r#"[{"id":2,"at":-3,"fault":{"kind":"vault-emptied","target":"vault"}}]"#).is_err());
}

#[test]
fn a_fault_says_what_it_is_with_its_numbers() {
    let fault = Fault::new(Kind::ApiThrottled, "cluster eu-1".parse().unwrap());
    assert_eq!(fault.to_string(), "api-throttled cluster eu-1, rate 500000 in a million");
    assert_eq!(fault.clone().with("rate", 7_000).count("rate"), 7_000);
    assert_eq!(fault.parameter("colour"), 0);
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let cases = [
        ("node eu-1/node-9", Kind::NodeDead, "there is no node node-9 in cluster eu-1", "there are node-1, node-2"),
        ("node us-1/node-1", Kind::NodeDead, "there is no cluster us-1", "the only cluster is eu-1"),
        ("zone eu-1/zone-2", Kind::ZoneDead, "there is no zone zone-2 in cluster eu-1", "the only zone is zone-1"),
        ("region us", Kind::RegionLost, "there is no region us", "the only region is eu"),
        ("mysql", Kind::MysqlDown, "there is no mysql", "the platform has none"),
        ("elasticsearch west", Kind::ElasticsearchRed, "there is no elasticsearch west", "the only elasticsearch is central"),
        ("engine 1", Kind::EnginePaused, "there is no engine 1", "they are counted from 0; there are 1"),
        ("from vault to vault", Kind::NetworkCut, "the way from vault leads nowhere else", "name two different places"),
        ("vault", Kind::NodeDead, "node-dead does not happen to vault", "it happens to node CLUSTER/NODE"),
    ];
    for (target, kind, message, help) in cases {
        let found = mistakes(&[injection(3, 0, kind, target, None)]);
        assert_eq!(found, [(3, Field::Target, message.to_owned(), help.to_owned())], "{target}");
    }
}

#[test]
fn numbers_and_lengths_that_cannot_be_are_named() {
    let fault = Fault::new(Kind::ApiSlow, "cluster eu-1".parse().unwrap()).with("delay", -4).with("colour", 1);
    let found = mistakes(&[Injection { id: 0, at: Duration::ZERO, fault, lasts: Some(Duration::ZERO) }]);
    let fields: Vec<Field> = found.iter().map(|(_, field, ..)| field.clone()).collect();
    assert_eq!(fields, [Field::Lasts, Field::Parameter("colour".into()), Field::Parameter("delay".into())]);
    assert_eq!(found[2].3, "it lies between 10 and 120000 ms");
    let found = mistakes(&[injection(0, 0, Kind::PodKilled, "pod eu-1/a/b/0", Some(4))]);
    assert_eq!((&found[0].1, found[0].2.as_str()), (&Field::Lasts, "pod-killed has no length: it is over at once"));
}

#[test]
fn what_contradicts_itself_is_named() {
    let found = mistakes(&[
        injection(1, 0, Kind::NodeDead, "node eu-1/node-1", Some(60)),
        injection(2, 59, Kind::NodeDead, "node eu-1/node-1", Some(60)),
        injection(3, 60, Kind::NodeCordoned, "node eu-1/node-1", Some(60)),
    ]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].2.as_str()), (2, "node-dead node eu-1/node-1 is going on already, since injection 1"));
    let found = mistakes(&[
        injection(1, 0, Kind::NodeRemoved, "node eu-1/node-1", None),
        injection(1, 5, Kind::NodeDead, "node eu-1/node-1", None),
    ]);
    let messages: Vec<&str> = found.iter().map(|mistake| mistake.2.as_str()).collect();
    assert_eq!(messages, ["its number was used before", "node eu-1/node-1 is gone for good since injection 1"]);
}
