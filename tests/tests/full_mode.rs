//! The full mode: the very run of a schedule, with the engine's requests carried by the adapters of real systems and their real clients,
//! which meet the world's servers inside of the process. What the engine asks for, when, and what it is told, is the same as in the fast
//! mode, in which requests meet the world directly.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may take for granted what it is not about"
)]

#[path = "full_mode/log.rs"]
mod log;
#[path = "full_mode/post.rs"]
mod post;
#[path = "full_mode/real.rs"]
mod real;
#[path = "full_mode/secrets.rs"]
mod secrets;
#[path = "full_mode/servers.rs"]
mod servers;
#[path = "full_mode/token.rs"]
mod token;

use log::{difference, log};
use model::Duration;
use real::{Real, Remembering};
use simulator::campaign::{Campaign, DRAWN};
use simulator::fault::Kind;
use simulator::operator::secrets::CANARY;
use simulator::operator::{Desired, Direct};
use simulator::run::{Change, Conditions, Run, Setup, Start, To, Warm};
use simulator::server::Question;
use std::sync::Arc;

/// One cluster of four nodes with one cell of three gateway agents; its stores are outside.
const SMALL: &str = include_str!("../../simulator/src/testing/small.yaml");

fn small() -> Arc<Desired> {
    Desired::read("vamp.yaml", SMALL.as_bytes()).unwrap()
}

/// A run from nothing, in which everything is rolled out anew after half an hour, in both modes.
fn both(full: &mut Real) -> (Vec<log::Effect>, Option<String>) {
    let desired = small();
    let warm = Warm::up(&desired).unwrap();
    known(&desired).iter().for_each(|secret| full.servers.plain.know(secret));
    let mut conditions = Conditions::calm(1, Duration::minutes(60));
    conditions.start = Start::Empty;
    conditions.change = Some(Change { at: Duration::minutes(30), to: To::Roll });
    let setup = Setup { conditions, first: desired.clone(), second: Some(Arc::new(desired.rolled().unwrap())) };
    let (fast, report) = log(Run::new(setup.clone(), &warm), &mut Direct);
    let (full, other) = log(Run::new(setup, &warm), full);
    let difference = difference(&fast, &full);
    assert!(difference.is_some() || (report.verdict, report.breaches) == (other.verdict, other.breaches));
    (fast, difference)
}

#[test]
fn where_nothing_goes_wrong_a_platform_is_brought_up_and_rolled_with_the_same_effects() {
    let (effects, difference) = both(&mut Real::new());
    assert!(effects.len() > 50, "{}", effects.len());
    assert_eq!(difference, None, "{}", difference.as_deref().unwrap_or_default());
}

#[test]
fn a_client_that_does_not_say_who_writes_is_found_out() {
    let mut full = Real::new();
    full.servers.spoil = Some(|question| drop(question.query.remove("fieldManager")));
    let (_, difference) = both(&mut full);
    let difference = difference.expect("fields of ours are those of a stranger");
    assert!(difference.contains("plans"), "{difference}");
}

/// Without its mark, whatever was written is a stranger's when somebody looks again.
#[test]
fn a_client_that_leaves_no_mark_in_a_store_is_found_out() {
    let in_vault: fn(&mut Question) = |question| drop(question.body.remove(&["custom_metadata"]));
    let in_elasticsearch: fn(&mut Question) = |question| drop(question.body.remove(&["_meta"]));
    for (store, spoil) in [("vault", in_vault), ("elasticsearch", in_elasticsearch)] {
        let mut full = Real::new();
        full.servers.spoil = Some(spoil);
        let (_, difference) = both(&mut full);
        let difference = difference.unwrap_or_else(|| panic!("nothing differs without marks in {store}"));
        assert!(difference.contains(store), "{difference}");
    }
}

/// The secrets of a platform that was brought up the fast way, in the open.
fn known(desired: &Arc<Desired>) -> Vec<String> {
    let mut remembering = Remembering::default();
    Warm::up_over(desired, &mut remembering).unwrap();
    let named = desired.secrets.iter().map(|reference| format!("{CANARY}{reference}"));
    remembering.secrets.into_iter().chain(named).collect()
}

/// How many schedules are compared where nobody says otherwise (`SCHEDULES`, or `SCHEDULES=FROM..TO` in the environment).
const SCHEDULES: u64 = 5;

fn schedules() -> std::ops::RangeInclusive<u64> {
    let Ok(asked) = std::env::var("SCHEDULES") else { return 1..=SCHEDULES };
    match asked.split_once("..") {
        Some((from, to)) => from.parse().unwrap()..=to.parse().unwrap(),
        None => 1..=asked.parse().unwrap(),
    }
}

#[test]
fn under_faults_both_modes_have_the_same_effects() {
    compare(DRAWN);
}

/// What goes wrong with API servers, Vault and Elasticsearch, and on the way of the engine to them.
const TROUBLE: &[Kind] = &[
    Kind::ApiDown,
    Kind::ApiSlow,
    Kind::ApiThrottled,
    Kind::ApiFailing,
    Kind::ApiConflicting,
    Kind::NodeDead,
    Kind::VaultDown,
    Kind::VaultSealed,
    Kind::VaultRestarted,
    Kind::VaultLeaderLost,
    Kind::VaultQuorumLost,
    Kind::VaultEmptied,
    Kind::VaultSlow,
    Kind::PolicyLost,
    Kind::EntryBlanked,
    Kind::EntryBroken,
    Kind::EntryDeleted,
    Kind::ElasticsearchDown,
    Kind::ElasticsearchRed,
    Kind::ElasticsearchYellow,
    Kind::ElasticsearchFull,
    Kind::ElasticsearchReadOnly,
    Kind::ElasticsearchSlow,
    Kind::NetworkCut,
    Kind::NetworkFlapping,
    Kind::NetworkLossy,
    Kind::EngineKilled,
    Kind::AnswersFailed,
    Kind::AnswersLost,
    Kind::RequestsDoubled,
];

#[test]
fn under_trouble_of_servers_both_modes_have_the_same_effects() {
    compare(TROUBLE);
}

/// Run every schedule in both modes.
fn compare(kinds: &[Kind]) {
    let campaign = Campaign::new(small(), kinds.iter().copied().collect(), Duration::minutes(120)).unwrap();
    let (mut effects, mut differences) = (0, Vec::<u64>::new());
    let known = known(&campaign.desired);
    for seed in schedules() {
        let conditions = campaign.conditions(seed);
        let (fast, _) = log(campaign.begin(conditions.clone()), &mut Direct);
        let (full, _) = log(campaign.begin(conditions), &mut Real::knowing(&known));
        effects += fast.len();
        if let Some(difference) = difference(&fast, &full) {
            // At once: with many schedules the end is far.
            eprintln!("seed {seed}: {difference}");
            differences.push(seed);
        }
    }
    assert!(differences.is_empty(), "seeds {differences:?} differ");
    assert!(effects > 100, "{effects}");
}
