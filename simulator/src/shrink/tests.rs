//! A failing run becomes small, and its replay file repeats it.

use super::*;
use crate::fault::Kind;
use crate::replay::{NoReplay, Replay};
use crate::testing::{SMALL, injection};
use planner::spec::parse;

/// Two cells with two gateway agents each, on clusters of three nodes: one node lost is too much.
const WIDE: &str = "
version: 1
platform: acme
purpose: production
regions: { eu-west-1: { country: IE } }
clusters:
  management: { role: management, region: eu-west-1, kubernetes: embedded, nodes: { count: 3, cpu: 4, memory: 16Gi } }
  eu-1: { role: service, region: eu-west-1, kubernetes: embedded, nodes: { count: 4, cpu: 8, memory: 32Gi } }
  eu-2: { role: service, region: eu-west-1, kubernetes: embedded, nodes: { count: 4, cpu: 8, memory: 32Gi } }
dependencies:
  mysql: { placement: external, address: embedded, credentials: { env: A } }
  vault: { placement: external, address: embedded, storage: raft, credentials: { env: B } }
  elasticsearch:
    central: { placement: external, region: eu-west-1, address: embedded, credentials: { env: C } }
defaults: { gatewayAgents: { replicas: 2 } }
tenants:
  shop:
    administrators: [ops@shop.example]
    environments:
      production:
        clusters: [eu-1]
        gateways: { storefront: { port: 8080, routes: { web: { service: web:8080 } } } }
      test:
        clusters: [eu-2]
        gateways: { storefront: { port: 8080, routes: { web: { service: web:8080 } } } }
";

fn subject() -> Subject {
    let spec = parse("wide.yaml", WIDE.as_bytes()).unwrap().spec;
    let mut injections: Vec<Injection> = (0..20)
        .map(|n| {
            let kind = [Kind::VaultSealed, Kind::ElasticsearchDown, Kind::MysqlDown][n as usize % 3];
            let target = ["vault", "elasticsearch central", "mysql"][n as usize % 3];
            injection(n, 3 * u64::from(n), kind, target, Some(2))
        })
        .collect();
    injections.extend(
        (1..=4).map(|node| {
            injection(20 + node, 62 + 4 * u64::from(node), Kind::NodeDead, &format!("node eu-1/node-{node}"), Some(3))
        }),
    );
    let schedule = injections.into_iter().collect();
    let conditions = Conditions { schedule, ..Conditions::calm(5, Duration::minutes(100)) };
    Subject { spec, second: None, cuts: Vec::new(), conditions }
}

#[test]
fn of_twenty_four_faults_and_a_platform_one_fault_and_a_cell_are_left() {
    let small = shrink(subject(), Promise::TwoAgents, 500);
    let injections = small.conditions.schedule.injections();
    assert_eq!(injections.len(), 1, "{injections:?}");
    assert_eq!(injections[0].fault.kind, Kind::NodeDead);
    assert_eq!((injections[0].at, injections[0].lasts), (Duration::minutes(1), Some(Duration::seconds(1))));
    assert!(small.cuts.contains(&Cut::Environment("shop".into(), "test".into())), "{:?}", small.cuts);
    assert!(small.cuts.contains(&Cut::Cluster("eu-2".into())), "{:?}", small.cuts);
    let (setup, warm) = small.stage().unwrap();
    let without = Conditions { schedule: Schedule::NONE, ..setup.conditions.clone() };
    assert!(Run::new(setup.clone(), &warm).finish().breaks(Promise::TwoAgents));
    assert!(!Run::new(Setup { conditions: without, ..setup }, &warm).finish().breaks(Promise::TwoAgents));
}

#[test]
fn a_replay_file_repeats_the_run_and_notices_every_change() {
    let mut subject = subject();
    subject.conditions.schedule = subject.conditions.schedule.injections()[20..].iter().cloned().collect();
    let (setup, warm) = subject.stage().unwrap();
    let report = Run::new(setup, &warm).until(Promise::TwoAgents).finish();
    let text = Replay::of(&subject, (WIDE, None), &report, Some(Promise::TwoAgents)).to_text().unwrap();
    let replay = Replay::read(&text).unwrap();
    assert!(replay.is_met_by(&replay.run().unwrap().finish()));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for field in ["formatVersion", "seed", "schedule", "hash", "topology", "expected"] {
        assert!(value.get(field).is_some(), "{field}");
    }
    assert!(matches!(Replay::read(&text.replace("node-2", "node-3")), Err(NoReplay::Edited)));
    assert!(matches!(Replay::read(&text.replace("\"seed\": 5", "\"seed\": 6")), Err(NoReplay::Edited)));
    let newer = text.replace("\"formatVersion\": 1", "\"formatVersion\": 2");
    assert!(matches!(Replay::read(&newer), Err(NoReplay::Version { found: 2, .. })));
    assert!(matches!(Replay::read("{}"), Err(NoReplay::Form(_))));
    assert!(matches!(Replay::read(&text[..text.len() / 2]), Err(NoReplay::Form(_))));
    assert!(matches!(Replay::read(&" ".repeat(70_000)), Err(NoReplay::TooLarge(_))));
}

#[test]
fn cuts_read_back() {
    let spec = parse("wide.yaml", WIDE.as_bytes()).unwrap().spec;
    for cut in candidates(&spec) {
        assert_eq!(cut.to_string().parse(), Ok(cut));
    }
    assert!("moon x".parse::<Cut>().is_err() && "nodes a/b".parse::<Cut>().is_err() && "".parse::<Cut>().is_err());
    let small = parse("small.yaml", SMALL.as_bytes()).unwrap().spec;
    assert_eq!(candidates(&small), [Cut::Nodes("main".into(), 3)]);
}
