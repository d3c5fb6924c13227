//! Ways between places: what a rule concerns, and how several add up.

use super::*;

fn network(rules: &[(Scope, Trouble)]) -> Network {
    let spec = "
version: 1
platform: acme
purpose: development
regions: { eu: { country: IE }, us: { country: US } }
clusters:
  main: { role: management, region: eu, kubernetes: embedded, nodes: { count: 3, cpu: 4, memory: 16Gi } }
  far: { role: service, region: us, kubernetes: embedded, nodes: { count: 3, cpu: 4, memory: 16Gi } }
dependencies:
  mysql: { placement: in-cluster, storage: durable }
  vault: { placement: external, address: embedded, storage: raft, credentials: { env: B } }
  elasticsearch:
    west: { placement: external, region: us, address: embedded, credentials: { env: C } }
tenants:
  shop:
    administrators: [ops@shop.example]
    environments:
      production:
        clusters: [far]
        gateways:
          storefront: { port: 8080, routes: { web: { service: web:8080 } } }
";
    let parsed = planner::spec::parse("vamp.yaml", spec.as_bytes()).unwrap_or_else(|complaints| panic!("{complaints:?}"));
    let mut network = Network::default();
    network.settle(Geography::of(&parsed.spec));
    let rule = |(scope, trouble): &(Scope, Trouble)| Rule { scope: scope.clone(), trouble: *trouble };
    assert!(network.is_clear());
    network.set_rules((0..).zip(rules.iter().map(rule)).collect(), 1);
    network
}

fn place(text: &str) -> Place {
    text.parse().unwrap()
}

fn node(cluster: &str, zone: &str, node: &str) -> Spot {
    Spot::Node { cluster: cluster.into(), zone: zone.into(), node: node.into() }
}

fn cut(scope: Scope, from: &Spot, to: &Spot) -> bool {
    network(&[(scope, Trouble::Cut)]).way(from, to).cut
}

#[test]
fn a_place_holds_what_lies_in_it() {
    let far = node("far", "zone-1", "node-1");
    let between = |first: &str, second: &str| Scope::Between(place(first), place(second));
    let cases = [
        ("region us", "vault", true),
        ("region eu", "vault", false),
        ("cluster far", "vault", true),
        ("cluster main", "vault", false),
        ("zone far/zone-1", "vault", true),
        ("zone far/zone-2", "vault", false),
        ("node far/node-1", "region eu", true),
        ("node far/node-1", "engine", false),
        ("control-plane far", "vault", false),
    ];
    for (first, second, expected) in cases {
        assert_eq!(cut(between(first, second), &far, &Spot::Vault), expected, "between {first} and {second}");
        assert_eq!(cut(between(second, first), &far, &Spot::Vault), expected, "between {second} and {first}");
    }
    // MySQL runs in cluster main, the engine beside it.
    assert!(cut(between("cluster main", "region us"), &Spot::Mysql, &Spot::Elasticsearch("west".into())));
    assert!(cut(between("cluster far", "region eu"), &Spot::Engine, &Spot::ControlPlane("far".into())));
}

#[test]
fn one_way_is_one_way() {
    let scope = Scope::From(place("vault"), place("mysql"));
    assert!(cut(scope.clone(), &Spot::Vault, &Spot::Mysql));
    assert!(!cut(scope, &Spot::Mysql, &Spot::Vault));
}

#[test]
fn a_region_that_is_partitioned_goes_on_inside() {
    let across = || Scope::Across("us".into());
    let far = node("far", "zone-1", "node-1");
    assert!(cut(across(), &far, &Spot::Vault) && cut(across(), &Spot::Engine, &far));
    assert!(!cut(across(), &far, &Spot::ControlPlane("far".into())));
    assert!(!cut(across(), &far, &Spot::Elasticsearch("west".into())));
    assert!(!cut(across(), &Spot::Engine, &Spot::Vault));
}

#[test]
fn troubles_of_one_way_add_up() {
    let between = || Scope::Between(place("region us"), place("vault"));
    let far = node("far", "zone-1", "node-1");
    let slow = network(&[(between(), Trouble::Slow(Duration(300))), (between(), Trouble::Slow(Duration(200)))]);
    let way = slow.way(&far, &Spot::Vault);
    assert_eq!(way, Way { cut: false, delay: Duration(1000), loss: 0 });
    assert!(way.answers_within(Duration(1001)) && !way.answers_within(Duration(1000)));
    let lossy = network(&[(between(), Trouble::Lossy(500_000)), (between(), Trouble::Lossy(500_000))]);
    assert_eq!(lossy.way(&far, &Spot::Vault).loss, 750_000);
    assert_eq!(lossy.way(&Spot::Engine, &Spot::Vault), Way::CLEAR);
}

#[test]
fn losses_come_as_often_as_they_are_set_and_hang_on_who_asks_and_when() {
    let way = Way { loss: 300_000, ..Way::CLEAR };
    let network = network(&[]);
    let lost = (0..10_000).filter(|n| network.loses(&way, "a", Timestamp(*n))).count();
    assert!((2850..3150).contains(&lost), "{lost}");
    assert!((0..100).any(|n| network.loses(&way, "a", Timestamp(n)) != network.loses(&way, "b", Timestamp(n))));
    assert!(!network.loses(&Way::CLEAR, "a", Timestamp(0)));
}
