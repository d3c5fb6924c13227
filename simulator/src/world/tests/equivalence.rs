//! Agents whose rounds are passed over are seen exactly as agents that go through every one of them, whatever happens around them.

use super::clusters::*;
use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happening {
    Break(Fault, bool),
    Seal(bool),
    Publish(Vec<&'static str>),
    PublishInvalid,
    Delete(&'static str),
    Mend,
    Crash(usize),
    CrashHaproxy(usize),
    Stall(usize),
    TargetLives(bool),
    Pass(u64),
}

fn fault() -> impl Strategy<Value = Fault> {
    let of = |word: &str, name: &str| Fault::by_hand(word, Some(name).filter(|name| !name.is_empty())).unwrap();
    prop_oneof![
        4 => Just(of("vault", "")),
        2 => Just(of("mysql", "")),
        3 => Just(of("elasticsearch", "central")),
        1 => Just(of("api", "eu-1")),
        1 => Just(of("cluster", "eu-1")),
        1 => Just(of("node", "eu-1/node-1")),
        1 => Just(of("node", "eu-1/node-2")),
        1 => Just(of("vault-quorum-lost", "")),
        1 => Just(of("vault-slow", "")),
        1 => Just(of("mysql-read-only", "")),
        1 => Just(of("tokens-revoked", "eu-1/acme")),
        1 => Just(of("policy-lost", "eu-1/acme")),
        1 => Just(of("entry-blanked", "eu-1/acme")),
        1 => Just(of("entry-deleted", "eu-1/acme")),
        1 => Just(of("clock-ahead", "vault").with("by", 3_600_000)),
        1 => Just(of("clock-stepped", "vault").with("by", -3_600_000)),
        2 => Just(of("network-cut", "from node eu-1/node-1 to vault")),
        2 => Just(of("network-slow", "from cluster eu-1 to vault").with("delay", 3_000)),
        3 => Just(of("network-lossy", "from cluster eu-1 to vault")),
        2 => Just(of("network-flapping", "from vault to mysql")),
    ]
}

fn happening() -> impl Strategy<Value = Happening> {
    let gateways = prop::sample::subsequence(vec!["storefront", "checkout", "search"], 1..=3);
    let objects = prop::sample::select(vec![
        "vault/kv/acme/shop/production/gateways/eu-1",
        "vault/auth-role/acme-eu-1/agent",
        "vault/policy/agent",
        "vault/mount/acme",
        "cluster.eu-1/deployment/acme/vamp",
    ]);
    prop_oneof![
        6 => (fault(), any::<bool>()).prop_map(|(fault, broken)| Happening::Break(fault, broken)),
        2 => any::<bool>().prop_map(Happening::Seal),
        3 => gateways.prop_map(Happening::Publish),
        1 => Just(Happening::PublishInvalid),
        2 => objects.prop_map(Happening::Delete),
        2 => Just(Happening::Mend),
        1 => (0..4_usize).prop_map(Happening::Crash),
        1 => (0..4_usize).prop_map(Happening::CrashHaproxy),
        1 => (0..4_usize).prop_map(Happening::Stall),
        1 => any::<bool>().prop_map(Happening::TargetLives),
        10 => (1..8_000_u64).prop_map(Happening::Pass),
        4 => (1..60_u64).prop_map(Happening::Pass),
    ]
}

/// `NAMESPACE/POD` of the `index`-th agent of the cell.
fn pod(world: &World, index: usize) -> Option<String> {
    let cell = world.cells().into_iter().next()?;
    let pods = cell.agents.iter().map(|agent| &agent.pod).chain(cell.workflow_agents.iter().map(|agent| &agent.pod));
    pods.cycle().nth(index).map(|pod| format!("acme/{pod}"))
}

fn happen(world: &mut World, happening: &Happening) {
    match happening {
        Happening::Break(fault, true) => drop(world.inject(fault)),
        Happening::Break(fault, false) => drop(world.mend(fault)),
        Happening::Seal(true) => drop(world.seal()),
        Happening::Seal(false) => drop(world.unseal()),
        Happening::Publish(gateways) => publish_gateways(world, gateways),
        Happening::PublishInvalid => publish_gateways(world, &["storefront", "bad\n    nonsense"]),
        Happening::Delete(address) => drop(world.edit(&address.parse().unwrap(), &Edit::Delete)),
        Happening::Mend => super::workflow::mend(world),
        Happening::Crash(index) => {
            let Some(pod) = pod(world, *index) else { return };
            world.in_cluster("eu-1", |cluster, context| cluster.kill_container(&pod, context));
        }
        Happening::CrashHaproxy(index) => {
            if let Some(pod) = pod(world, *index) {
                world.crash_haproxy("eu-1", &pod);
            }
        }
        Happening::Stall(index) => {
            if let Some(pod) = pod(world, *index) {
                world.stall_agent("eu-1", &pod);
            }
        }
        Happening::TargetLives(lives) => drop(world.set_target("eu-1", "acme", "web.acme.svc.cluster.local:80", *lives)),
        // A millisecond more each time: two things at the very same instant may come in either order.
        Happening::Pass(seconds) => world.advance(Duration(seconds * 1000 + 1)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 12 } else { 400 }))]

    #[test]
    fn rounds_that_are_passed_over_change_nothing_that_anybody_sees(happenings in prop::collection::vec(happening(), 1..30)) {
        let (mut lazy, mut eager) = (super::workflow::world(), super::workflow::world());
        eager.pass_over_nothing();
        for (index, happening) in happenings.iter().enumerate() {
            happen(&mut lazy, happening);
            happen(&mut eager, happening);
            prop_assert_eq!(lazy.cells(), eager.cells(), "after {} ({:?})", index, happening);
        }
    }
}
