//! Agents whose rounds are passed over are seen exactly as agents that go through every one of them, whatever happens around them.

use super::clusters::*;
use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Happening {
    Break(Target, bool),
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

fn target() -> impl Strategy<Value = Target> {
    let node = |name: &str| Target::Node { cluster: "eu-1".into(), node: name.into() };
    prop_oneof![
        4 => Just(Target::Vault),
        2 => Just(Target::Mysql),
        3 => Just(Target::Elasticsearch("central".into())),
        1 => Just(Target::Api("eu-1".into())),
        1 => Just(Target::Cluster("eu-1".into())),
        1 => Just(node("node-1")),
        1 => Just(node("node-2")),
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
        6 => (target(), any::<bool>()).prop_map(|(target, broken)| Happening::Break(target, broken)),
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
        Happening::Break(target, true) => drop(world.fail(target)),
        Happening::Break(target, false) => drop(world.heal(target)),
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
