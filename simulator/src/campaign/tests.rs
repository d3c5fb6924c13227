//! Campaigns over a small platform: what is drawn, what is searched, and that parts make the whole.

use super::exhaustive::{Exhaustive, Found};
use super::part::{FORMAT_VERSION, NoMerge, Part, belongs, merge};
use super::summary::summary;
use super::*;
use crate::fault::Lasting;
use crate::run::Verdict;
use crate::testing::{SMALL, desired, small};
use std::sync::OnceLock;

fn campaign() -> &'static Campaign {
    static SHARED: OnceLock<Campaign> = OnceLock::new();
    SHARED.get_or_init(|| Campaign::new(small(), DRAWN.iter().copied().collect(), Duration::minutes(120)).unwrap())
}

#[test]
fn every_seed_draws_a_schedule_that_can_be_and_each_another_one() {
    let mut kinds = BTreeSet::new();
    let mut sizes = Vec::new();
    for seed in 0..300 {
        let conditions = campaign().conditions(seed);
        assert_eq!(conditions.schedule.mistakes(campaign().targets().known()), []);
        assert_eq!(conditions, campaign().conditions(seed));
        sizes.push(conditions.schedule.injections().len());
        for injection in conditions.schedule.injections() {
            kinds.insert(injection.fault.kind);
            let ends = injection.ends().unwrap_or(injection.at);
            assert!(ends <= conditions.safety, "{}: {ends}", injection.fault);
            assert!(injection.lasts.is_none() || injection.fault.kind.info().lasting == Lasting::AsSaid);
        }
    }
    let expected: BTreeSet<Kind> = DRAWN.iter().copied().filter(|kind| *kind != Kind::ZoneDead).collect();
    assert_eq!(kinds, expected, "every kind is drawn; one zone cannot be told from its cluster");
    assert!(sizes.iter().any(|size| *size < 5) && sizes.iter().any(|size| *size > 30), "{sizes:?}");
}

#[test]
fn kinds_come_in_random_subsets() {
    let with = |kind: Kind| {
        let has = |seed: &u64| campaign().conditions(*seed).schedule.injections().iter().any(|one| one.fault.kind == kind);
        (0..300).filter(has).count()
    };
    for kind in [Kind::VaultSealed, Kind::ApiDown, Kind::EngineKilled] {
        assert!((80..180).contains(&with(kind)), "{kind} in {} of 300", with(kind));
    }
}

#[test]
fn a_kind_that_is_not_chosen_never_happens_and_leaves_the_others_as_they_were() {
    let fewer: BTreeSet<Kind> = DRAWN.iter().copied().filter(|kind| *kind != Kind::VaultSealed).collect();
    for seed in 0..50 {
        let all = campaign().conditions(seed);
        let without = swarm::conditions(seed, campaign().targets(), &fewer, campaign().duration, false);
        let of = |conditions: &Conditions, kind: Kind| -> Vec<_> {
            let injections = conditions.schedule.injections().iter().filter(|injection| injection.fault.kind == kind);
            injections.map(|injection| (injection.at, injection.fault.clone(), injection.lasts)).collect()
        };
        assert_eq!(of(&without, Kind::VaultSealed), []);
        assert_eq!(of(&all, Kind::ApiDown), of(&without, Kind::ApiDown));
        assert_eq!(all.change, without.change);
    }
}

#[test]
fn seeds_keep_every_promise_twice_with_the_same_hash_in_any_order() {
    let run = |seed: u64| campaign().run(seed);
    let forward: Vec<Report> = (0..12).map(run).collect();
    let mut backward: Vec<Report> = (0..12).rev().map(run).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    for report in &forward {
        let schedule = campaign().conditions(report.seed).schedule;
        assert_ne!(report.verdict, Verdict::Broken, "seed {}: {:?} {schedule:#?}", report.seed, report.breaches);
    }
}

fn part(reports: &[Report], (shard, of): (u64, u64)) -> Part {
    Part {
        format_version: FORMAT_VERSION,
        spec: "vamp.yaml".into(),
        spec_digests: vec!["a".into()],
        kinds: BTreeSet::new(),
        duration: Duration::minutes(1),
        range: (1, 9),
        seeds: reports.iter().filter(|report| belongs(report.seed, (shard, of))).cloned().collect(),
    }
}

#[test]
fn parts_make_the_whole_and_what_is_none_is_refused() {
    let quiet = Campaign::new(small(), BTreeSet::new(), Duration::minutes(5)).unwrap();
    let reports: Vec<Report> = (1..=9).map(|seed| quiet.run(seed)).collect();
    let whole = part(&reports, (1, 1));
    let parts = || (1..=3).map(|shard| part(&reports, (shard, 3))).collect::<Vec<_>>();
    let merged = merge(parts()).unwrap();
    assert_eq!(merged, whole);
    assert_eq!(serde_json::to_string(&summary(&merged.seeds)).unwrap(), serde_json::to_string(&summary(&whole.seeds)).unwrap());
    assert_eq!(merge(Vec::new()), Err(NoMerge::Nothing));
    assert_eq!(merge(parts().into_iter().take(2).collect()), Err(NoMerge::Missing { count: 3, first: 2 }));
    let mut twice = parts();
    twice.push(twice[0].clone());
    assert!(matches!(merge(twice), Err(NoMerge::Twice(_))));
    let mut other = parts();
    other[1].spec_digests = vec!["b".into()];
    assert_eq!(merge(other), Err(NoMerge::Other { part: 2, what: "spec" }));
    let mut newer = parts();
    newer[2].format_version = 9;
    assert_eq!(merge(newer), Err(NoMerge::Version { part: 3, version: 9 }));
}

fn search(campaign: &Campaign, most: usize) -> Found {
    let exhaustive = Exhaustive::new(campaign.clone(), most);
    let mut found = Found::default();
    (0..exhaustive.parts()).for_each(|part| found.add(exhaustive.search(part)));
    found
}

#[test]
fn every_schedule_of_up_to_two_faults_is_run_and_those_that_are_alike_once() {
    let kinds: BTreeSet<Kind> = [Kind::NodeDead].into();
    let campaign = Campaign::new(small(), kinds, Duration::minutes(10)).unwrap();
    let one = search(&campaign, 1);
    let nodes = 4;
    assert_eq!(one.schedules + one.symmetric, 1 + 5 * nodes);
    let two = search(&campaign, 2);
    assert!(two.schedules > one.schedules && two.states > one.states);
    assert_eq!(two.broken, [], "two nodes lost are beyond the budget, and excused");
    assert_eq!(two, search(&campaign, 2));
}

#[test]
fn a_search_finds_what_one_fault_breaks() {
    let fragile = desired(&SMALL.replace("gateways:", "gatewayAgents: { replicas: 2 }\n        gateways:"));
    let campaign = Campaign::new(fragile, [Kind::NodeDead].into(), Duration::minutes(10)).unwrap();
    let found = search(&campaign, 1);
    assert!(!found.broken.is_empty());
    let (schedule, report) = &found.broken[0];
    let exhaustive = Exhaustive::new(campaign.clone(), 1);
    let alone = campaign.begin(exhaustive.conditions(schedule.clone())).finish();
    assert_eq!(alone.breaches, report.breaches, "a schedule that was found breaks the same by itself");
}
