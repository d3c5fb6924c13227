//! The API server goes away and comes back.

use super::bench::{Bench, deployment};
use model::Duration;

const WEB: &str = "deployment/shop/web";

fn web(seed: u64) -> Bench {
    let mut bench = Bench::new(seed, 5, 3);
    bench.put(WEB, &deployment("web", 2, |_| {})).unwrap();
    bench.run(Duration::minutes(1));
    assert_eq!(bench.ready(WEB), 2);
    bench
}

/// How long, in milliseconds, it takes until a pod is replaced and bound that is deleted when the API server is back after `away`.
fn replaced_after(seed: u64, away: Duration) -> u64 {
    let mut bench = web(seed);
    bench.with(|cluster, context| cluster.fail_api(context));
    bench.run(away);
    bench.with(|cluster, context| cluster.heal_api(context));
    let pod = bench.cluster.pods_of(&WEB.parse().unwrap())[0].key.clone();
    bench.with(|cluster, context| cluster.evict(&pod, context)).unwrap();
    let began = bench.now();
    while bench.places(WEB).len() < 2 {
        bench.run(Duration::milliseconds(50));
    }
    bench.now().since(began).0
}

#[test]
fn controllers_hear_of_what_happened_when_their_watches_try_again() {
    let over = |away: Duration| (0..60).map(|seed| replaced_after(seed, away)).collect::<Vec<u64>>();
    let (short, long) = (over(Duration::milliseconds(100)), over(Duration::minutes(30)));
    assert!(short.iter().all(|after| *after <= 1_700), "after a blink: {short:?}");
    assert!(long.iter().all(|after| *after <= 60_100), "{long:?}");
    assert!(long.iter().any(|after| *after > 30_000), "{long:?}");
    assert!(long.iter().any(|after| *after < 15_000), "{long:?}");
}

#[test]
fn what_ran_out_while_the_api_server_was_away_is_gone_on_with_when_it_is_back() {
    let mut bench = web(3);
    let node = bench.places(WEB)[0].clone();
    bench.fail_node(&node);
    bench.run(Duration::seconds(120));
    bench.with(|cluster, context| cluster.fail_api(context));
    // The pods' toleration of 300 s ends meanwhile.
    bench.run(Duration::minutes(10));
    bench.with(|cluster, context| cluster.heal_api(context));
    bench.run(Duration::minutes(7));
    assert_eq!(bench.ready(WEB), 2, "{:?}", bench.condition(WEB));
    assert!(!bench.places(WEB).contains(&node));
}

#[test]
fn a_cluster_that_is_away_again_before_its_controllers_are_back_waits_anew() {
    let mut bench = web(4);
    for _ in 0..20 {
        bench.with(|cluster, context| cluster.fail_api(context));
        bench.run(Duration::minutes(5));
        bench.with(|cluster, context| cluster.heal_api(context));
        bench.run(Duration::milliseconds(20));
    }
    bench.put(WEB, &deployment("web", 3, |_| {})).unwrap();
    bench.run(Duration::minutes(2));
    assert_eq!(bench.ready(WEB), 3);
}
