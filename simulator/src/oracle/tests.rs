//! Each oracle speaks up where its promise is broken on purpose, and is silent where it is kept.

use super::convergence::{Circumstances, Excuse, Lack, excuses, unmet};
use super::*;
use crate::fault::{Fault, Injection, Kind};
use crate::operator::secrets::CANARY;
use crate::operator::{Desired, Fact, Settings};
use crate::run::{Change, Conditions, Run, Setup, To, Verdict};
use crate::testing::{SMALL, desired, injection, setup, small, warm};
use crate::world::{Cell, Edit, World};
use model::observation::{Condition, Gap, Listing, Observed, Owner, Snapshot};
use model::operation::{Expectation, Mark, Operation, Receipt};
use model::plan::Plan;
use model::resource::{Role, Scope};
use model::{Address, Duration, System, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const AGENTS: &str = "cluster.main/deployment/acme-shop-production/gateway-agent";

/// Shows oracles what it is told to.
struct Show {
    world: World,
    wanted: Vec<Arc<Desired>>,
    cells: Vec<Cell>,
    recent: Vec<Injection>,
    oracles: Oracles,
}

impl Show {
    fn new() -> Self {
        let world = warm().world.clone();
        let mut show = Show { world, wanted: vec![small()], cells: Vec::new(), recent: Vec::new(), oracles: Oracles::default() };
        let cells = show.world.cells();
        assert_eq!(show.cells(cells), []);
        show
    }

    fn moment(&mut self, cells: Option<Vec<Cell>>, facts: &[Fact], began: Option<&Injection>) -> Vec<Promise> {
        let touched: BTreeSet<Address> = self.world.touched();
        let moment = Moment {
            now: self.world.now(),
            event: None,
            world: &self.world,
            facts,
            touched: &touched,
            before: &self.cells,
            cells: cells.as_deref().unwrap_or(&self.cells),
            began,
            ended: None,
            recent: &self.recent,
            wanted: &self.wanted,
        };
        let breaches = self.oracles.see(&moment);
        if let Some(cells) = cells {
            self.cells = cells;
        }
        breaches.into_iter().map(|breach| breach.promise).collect()
    }

    fn cells(&mut self, cells: Vec<Cell>) -> Vec<Promise> {
        self.moment(Some(cells), &[], None)
    }

    fn facts(&mut self, facts: &[Fact]) -> Vec<Promise> {
        self.moment(None, facts, None)
    }

    /// The cell, changed like this.
    fn changed(&self, change: impl FnOnce(&mut Cell)) -> Vec<Cell> {
        let mut cells = self.cells.clone();
        change(&mut cells[0]);
        cells
    }
}

fn lose(cell: &mut Cell, index: usize, terminating: bool) {
    let agent = &mut cell.agents[index];
    (agent.ready, agent.serving, agent.available, agent.terminating) = (false, terminating, false, terminating);
}

fn carried(operation: Operation) -> Fact {
    let result = Ok(Receipt { version: None, changed: true });
    Fact::Carried { operator: 0, operation: Arc::new(operation), announced: true, result }
}

fn applied(address: &str, document: Value) -> Fact {
    applied_over(address, document, Expectation::Absent)
}

fn applied_over(address: &str, document: Value, expected: Expectation) -> Fact {
    let mark = Mark { platform: "acme".into(), applied: "x".into(), scope: Scope::PLATFORM };
    let (address, document) = (address.parse().unwrap(), Arc::new(document));
    carried(Operation::Apply { address, document, mark, expected, force: false })
}

fn deleted(address: &str) -> Fact {
    deleted_over(address, Expectation::Version("1".into()))
}

fn deleted_over(address: &str, expected: Expectation) -> Fact {
    carried(Operation::Delete { address: address.parse().unwrap(), expected, with_data: false })
}

fn planned(snapshot: Snapshot, steps: bool) -> Fact {
    let mut plan = Plan {
        format_version: 1,
        made_at: String::new(),
        platform: "acme".into(),
        spec_digest: "x".into(),
        acts_on: Vec::new(),
        pinned_to: Default::default(),
        connections: small().connections.clone(),
        steps: Vec::new(),
        report: Vec::new(),
        waived: Vec::new(),
        audit: Vec::new(),
        unchanged: 0,
        digest: "x".into(),
    };
    if steps {
        let step = serde_json::json!({
            "address": "vault/policy/x", "action": "delete", "causes": [], "after": [], "expected": "unseen", "scope": {}, "role": "plain",
        });
        plan.steps.push(serde_json::from_value(step).unwrap());
    }
    Fact::Planned { operator: 0, snapshot: Arc::new(snapshot), plan: Arc::new(plan) }
}

#[test]
fn one_loss_must_leave_two_and_a_second_one_is_excused() {
    let mut show = Show::new();
    assert_eq!(show.cells(show.changed(|cell| lose(cell, 0, false))), []);
    assert_eq!(show.cells(show.changed(|cell| lose(cell, 1, false))), [], "two losses are beyond the budget");
    let mut show = Show::new();
    assert_eq!(show.cells(show.changed(|cell| lose(cell, 0, false))), []);
    assert_eq!(show.cells(show.changed(|cell| lose(cell, 1, true))), [Promise::TwoAgents], "one was lost, and one taken away");
    let mut show = Show::new();
    let both = show.changed(|cell| (lose(cell, 0, true), lose(cell, 1, true)).0);
    assert_eq!(show.cells(both), [Promise::TwoAgents], "nothing was lost, and two taken away");
}

#[test]
fn a_node_with_two_agents_is_one_loss() {
    let mut show = Show::new();
    let together = show.changed(|cell| cell.agents[1].node = cell.agents[0].node.clone());
    assert_eq!(show.cells(together), []);
    let node = show.cells[0].agents[0].node.clone().unwrap();
    let dead = Injection {
        id: 0,
        at: Duration::ZERO,
        fault: Fault::new(Kind::NodeDead, format!("node main/{node}").parse().unwrap()),
        lasts: None,
    };
    show.recent = vec![dead.clone()];
    let lost = show.changed(|cell| (lose(cell, 0, false), lose(cell, 1, false)).0);
    assert_eq!(show.moment(Some(lost), &[], Some(&dead)), [Promise::TwoAgents]);
}

fn agents(change: impl FnOnce(&mut Value)) -> Fact {
    let mut document = (*warm().world.document(&AGENTS.parse().unwrap()).unwrap()).clone();
    change(&mut document);
    applied(AGENTS, document)
}

#[test]
fn agents_are_not_made_fewer_nor_rolled_while_vault_is_away() {
    let fewer = || agents(|document| document.set(&["spec", "replicas"], 2_i64));
    let rolled = || agents(|document| document.set(&["spec", "template", "metadata", "labels", "new"], "yes"));
    let seal = |show: &mut Show| show.world.seal().unwrap();
    let looked = || {
        let mut snapshot = Snapshot::default();
        snapshot.record(System::Cluster("main".into()), model::Kind::Deployment, Listing::Complete(Default::default()));
        planned(snapshot, true)
    };
    let mut show = Show::new();
    assert_eq!(show.facts(&[looked(), fewer()]), []);
    let mut show = Show::new();
    seal(&mut show);
    assert_eq!(show.facts(&[fewer()]), [Promise::NoneTakenAway]);
    let mut show = Show::new();
    seal(&mut show);
    assert_eq!(show.facts(&[looked(), rolled()]), [Promise::NoneTakenAway]);
    let mut show = Show::new();
    assert_eq!(show.facts(&[looked()]), []);
    show.world.advance(Duration::minutes(1));
    seal(&mut show);
    assert_eq!(show.facts(&[rolled()]), [], "Vault failed after the look, and the roll makes before it breaks");
    let mut show = Show::new();
    assert!(show.facts(&[deleted(AGENTS)]).contains(&Promise::NoneTakenAway));
}

#[test]
fn requests_are_not_lost_while_the_load_balancer_has_a_ready_agent() {
    let mut show = Show::new();
    assert!(show.cells[0].agents.iter().any(|agent| agent.balanced));
    assert_eq!(show.cells(show.changed(|cell| cell.requests.lost += 5)), [Promise::Requests]);
    let mut show = Show::new();
    show.cells = show.changed(|cell| cell.agents.iter_mut().for_each(|agent| agent.ready = false));
    assert!(!show.cells(show.changed(|cell| cell.requests.lost += 5)).contains(&Promise::Requests));
}

#[test]
fn what_is_served_neither_shrinks_nor_goes_back() {
    let mut show = Show::new();
    assert_eq!(show.cells(show.changed(|cell| cell.agents[0].gateways.clear())), [Promise::Configuration]);
    let mut show = Show::new();
    let back = show.changed(|cell| {
        if let Some(revision) = &mut cell.agents[0].revision {
            revision.written.0 -= 1;
        }
    });
    assert_eq!(show.cells(back), [Promise::Configuration]);
    let mut show = Show::new();
    let asked =
        SMALL.replace("storefront: {", "other: {").replace("gateways:", "retiredGateways: [storefront]\n        gateways:");
    show.wanted.push(desired(&asked));
    assert_eq!(show.cells(show.changed(|cell| cell.agents[0].gateways.clear())), [], "somebody asked for that");
}

fn seen(owner: Owner) -> Snapshot {
    let address: Address = "vault/policy/x".parse().unwrap();
    let observed = Observed {
        document: Arc::new(Value::EMPTY_MAP),
        version: "1".into(),
        incarnation: Default::default(),
        owner,
        applied: None,
        scope: Scope::PLATFORM,
        foreign: Vec::new(),
        condition: Condition::Ready,
        streams: Vec::new(),
    };
    let mut snapshot = Snapshot::default();
    snapshot.record(System::Vault, address.kind(), Listing::Complete([(address, observed)].into_iter().collect()));
    snapshot
}

#[test]
fn only_what_was_seen_and_is_ours_is_deleted() {
    let mut unknown = Snapshot::default();
    unknown.record(System::Vault, model::Kind::Policy, Listing::Unknown(Gap::Unavailable("sealed".into())));
    let cases = [
        (seen(Owner::Platform("acme".into())), false),
        (seen(Owner::Platform("globex".into())), true),
        (seen(Owner::Foreign), true),
        (unknown, true),
        (Snapshot::default(), true),
    ];
    for (snapshot, broken) in cases {
        let told = Show::new().facts(&[planned(snapshot, true), deleted("vault/policy/x")]);
        assert_eq!(told == [Promise::NoBlindDelete], broken, "{told:?}");
    }
    let whatever = deleted_over("vault/policy/x", Expectation::Unseen);
    assert_eq!(Show::new().facts(&[planned(seen(Owner::Platform("acme".into())), true), whatever]), [Promise::NoBlindDelete]);
}

#[test]
fn only_what_was_seen_is_written_over_and_only_as_long_as_it_is_so() {
    let ours = || seen(Owner::Platform("acme".into()));
    let version = |version: &str| Expectation::Version(version.into());
    let gap = |gap: Gap| {
        let mut snapshot = Snapshot::default();
        snapshot.record(System::Vault, model::Kind::Policy, Listing::Unknown(gap));
        snapshot
    };
    let workload = || "cluster.main/stateful-set/acme/vault".parse().unwrap();
    let starting = || gap(Gap::Starting { workload: workload(), why: "0 of 1 pods ready".into() });
    let cases = [
        (ours(), version("1"), false),
        (ours(), version("2"), true),
        (ours(), Expectation::Unseen, true),
        (ours(), Expectation::Absent, false),
        (seen(Owner::Foreign), version("1"), true),
        (seen(Owner::Platform("globex".into())), version("1"), true),
        (gap(Gap::Unavailable("sealed".into())), Expectation::Absent, true),
        (gap(Gap::NotYet { workload: workload() }), Expectation::Unseen, false),
        (starting(), Expectation::Unseen, false),
        (Snapshot::default(), Expectation::Unseen, true),
    ];
    for (snapshot, expected, broken) in cases {
        let case = format!("{snapshot:?} {expected:?}");
        let told = Show::new().facts(&[planned(snapshot, true), applied_over("vault/policy/x", Value::EMPTY_MAP, expected)]);
        assert_eq!(told == [Promise::NoBlindWrite], broken, "{case}: {told:?}");
    }
    let mut once = Snapshot::default();
    for kind in model::Kind::of(System::Vault.family()) {
        once.record(System::Vault, kind, Listing::Complete(Default::default()));
    }
    let written = || applied_over("vault/policy/x", Value::EMPTY_MAP, Expectation::Unseen);
    let told = Show::new().facts(&[planned(once, false), planned(starting(), true), written()]);
    assert_eq!(told, [Promise::NoBlindWrite], "it served before, and may hold anything");
}

#[test]
fn what_no_journal_announced_is_noticed() {
    let unannounced = |changed| {
        let Fact::Carried { operator, operation, .. } = applied("vault/policy/x", Value::EMPTY_MAP) else {
            panic!("it is carried")
        };
        Fact::Carried { operator, operation, announced: false, result: Ok(Receipt { version: None, changed }) }
    };
    let asked = |fact| Show::new().facts(&[fact]).contains(&Promise::WrittenAhead);
    assert!(asked(unannounced(true)));
    assert!(!asked(unannounced(false)), "nothing was changed");
    assert!(!asked(applied("vault/policy/x", Value::EMPTY_MAP)));
}

#[test]
fn a_second_run_beside_the_first_is_noticed_and_one_that_goes_on_after_it_was_overtaken() {
    let began = |operator| Fact::Began { operator, run: u64::from(operator) + 1 };
    let ended = |operator| Fact::Ended { operator, verdict: None };
    let wrote = || applied("vault/policy/x", Value::EMPTY_MAP);
    assert_eq!(Show::new().facts(&[began(0), began(1)]), [Promise::OneRun]);
    assert_eq!(Show::new().facts(&[began(0), ended(0), began(1), ended(1), began(0)]), []);
    assert_eq!(Show::new().facts(&[began(0), Fact::Killed { operator: 0 }, began(1)]), []);
    let mut show = Show::new();
    assert_eq!(show.facts(&[began(0)]), []);
    show.world.advance(Duration::minutes(3));
    assert_eq!(show.facts(&[began(1), wrote()]), [], "the lock had ended, and what was on its way may arrive");
    show.world.advance(Duration::minutes(2));
    assert_eq!(show.facts(&[wrote()]), [Promise::OneRun]);
}

#[test]
fn a_second_vamp_is_noticed() {
    let mut show = Show::new();
    let vamp: Address = show.wanted[0]
        .graph
        .resources()
        .find(|resource| resource.address.name() == "vamp" && resource.address.kind() == model::Kind::Deployment)
        .unwrap()
        .address
        .clone();
    show.world.advance(Duration::minutes(5));
    assert_eq!(show.facts(&[]), []);
    show.world.edit(&vamp, &Edit::Set { path: vec!["spec".into(), "replicas".into()], value: 2_i64.into() }).unwrap();
    show.world.advance(Duration::minutes(5));
    assert_eq!(show.facts(&[]), [Promise::OneVamp]);
}

#[test]
fn documents_that_go_elsewhere_are_noticed() {
    let mut show = Show::new();
    let stored = |show: &Show, sink: &str| show.changed(|cell| *cell.documents.stored.entry(sink.into()).or_default() += 5);
    assert_eq!(show.cells(stored(&show, "central")), []);
    assert_eq!(show.cells(stored(&show, "america")), [Promise::Residency]);
}

#[test]
fn a_secret_in_the_open_is_noticed() {
    let mut document = Value::EMPTY_MAP;
    document.set(&["data", "password"], format!("{CANARY}x"));
    assert_eq!(Show::new().facts(&[applied("vault/kv/acme/x", document)]), [Promise::Secrets]);
    let mut document = Value::EMPTY_MAP;
    document.set(&["data", "title"], "The shop");
    assert_eq!(Show::new().facts(&[applied("vault/kv/acme/x", document)]), []);
}

#[test]
fn a_platform_that_is_as_it_should_be_is_left_alone() {
    let write = || applied("vault/policy/x", Value::EMPTY_MAP);
    let mut show = Show::new();
    assert_eq!(show.facts(&[write()]), []);
    assert_eq!(show.facts(&[planned(Snapshot::default(), false)]), []);
    let fault = injection(0, 1, Kind::VaultSealed, "vault", None);
    assert_eq!(show.moment(None, &[write()], Some(&fault)), [], "something has happened");
    assert_eq!(show.facts(&[planned(Snapshot::default(), false)]), []);
    assert_eq!(show.facts(&[write()]), [Promise::Quiet]);
}

#[test]
fn what_is_not_as_wanted_is_found_without_the_planner() {
    let mut world = warm().world.clone();
    assert_eq!(unmet(&world, &small()), []);
    let role: Address = "vault/policy/acme-vamp".parse().unwrap();
    world.edit(&role, &Edit::Set { path: vec!["policy".into()], value: "none".into() }).unwrap();
    let gone =
        small().graph.resources().find(|resource| resource.address.kind() == model::Kind::Service).unwrap().address.clone();
    world.edit(&gone, &Edit::Delete).unwrap();
    let found: Vec<(Address, Lack)> = unmet(&world, &small()).into_iter().map(|unmet| (unmet.address, unmet.lack)).collect();
    assert!(found.contains(&(role.clone(), Lack::Differs)) && found.contains(&(gone, Lack::Missing)), "{found:?}");
    let judged = excuses(&world, &small(), &unmet(&world, &small()), Circumstances { operators: true, rolled: &BTreeMap::new() });
    assert_eq!((judged.excused.len(), judged.inexcusable.len()), (0, 2), "nothing excuses what an engine could mend");
    let nobody =
        excuses(&world, &small(), &unmet(&world, &small()), Circumstances { operators: false, rolled: &BTreeMap::new() });
    assert_eq!(nobody.excused.get(&role), Some(&Excuse::NoOperator));
}

#[test]
fn an_auth_method_is_excused_while_the_cluster_that_alone_can_tell_its_keys_is_away() {
    let mut world = warm().world.clone();
    let method: Address = "vault/auth-method/acme-main".parse().unwrap();
    world.edit(&method, &Edit::Delete).unwrap();
    let judged = |world: &World| {
        excuses(world, &small(), &unmet(world, &small()), Circumstances { operators: true, rolled: &BTreeMap::new() })
    };
    assert!(judged(&world).inexcusable.iter().any(|unmet| unmet.address == method));
    world.inject(&injection(0, 1, Kind::ApiDown, "cluster main", None).fault).unwrap();
    let judged = judged(&world);
    assert_eq!(
        (judged.excused.get(&method), judged.inexcusable.len()),
        (Some(&Excuse::ClusterAway), 0),
        "{:?}",
        judged.inexcusable
    );
}

#[test]
fn what_is_published_and_not_taken_is_not_as_wanted() {
    let mut world = warm().world.clone();
    let set_back = injection(0, 1, Kind::ClockStepped, "vault", None);
    world.start_fault(&Injection { fault: set_back.fault.clone().with("by", -86_400_000), ..set_back });
    world.advance(Duration::minutes(2));
    let entry = small().graph.resources().find(|resource| resource.role == Role::GatewayConfiguration).unwrap().clone();
    let text = entry.document.at(&["data", "configuration"]).unwrap().clone();
    for value in ["".into(), text] {
        world.edit(&entry.address, &Edit::Set { path: vec!["data".into(), "configuration".into()], value }).unwrap();
    }
    world.advance(Duration::seconds(6));
    let found = unmet(&world, &small());
    assert!(matches!(&found[..], [one] if one.address == entry.address && matches!(one.lack, Lack::NotTaken(_))), "{found:?}");
}

fn roll(injections: &[Injection], operators: Vec<Settings>) -> crate::run::Report {
    let change = Some(Change { at: Duration::minutes(10), to: To::Roll });
    let conditions = Conditions { change, operators, ..setup(injections).conditions };
    let second = Some(Arc::new(small().rolled().unwrap()));
    Run::new(Setup { conditions, first: small(), second }, warm()).finish()
}

#[test]
fn a_roll_out_without_a_node_to_spare_is_excused_and_with_one_it_is_not() {
    let dead = |lasts| [injection(0, 5, Kind::NodeDead, "node main/node-4", lasts)];
    let report = roll(&dead(None), vec![Settings::default()]);
    assert_eq!(report.verdict, Verdict::Excused, "{:?}", report.breaches);
    assert!(report.excuses.contains(&Excuse::NoNodeToRoll), "{:?}", report.excuses);
    assert_eq!(roll(&dead(Some(20)), vec![Settings::default()]).verdict, Verdict::Kept);
    // The roll-out begins at 10 min, and its first new pod takes the only node to spare with it.
    for seconds in [2, 4, 6, 8] {
        let mut late = dead(None);
        late[0].at = Duration::seconds(600 + seconds);
        let report = roll(&late, vec![Settings::default()]);
        assert_eq!(report.verdict, Verdict::Excused, "{seconds}: {:?}", report.breaches);
        assert!(report.excuses.contains(&Excuse::NoNodeToRoll), "{seconds}: {:?}", report.excuses);
    }
}

#[test]
fn a_cluster_without_nodes_and_a_platform_without_an_operator_are_excused() {
    let dead: Vec<Injection> =
        (1..=4).map(|node| injection(node, 5, Kind::NodeDead, &format!("node main/node-{node}"), None)).collect();
    let report = roll(&dead, vec![Settings::default()]);
    assert_eq!(report.verdict, Verdict::Excused, "{:?}", report.breaches);
    assert!(report.excuses.contains(&Excuse::NoNode), "{:?}", report.excuses);
    let report = roll(&[], Vec::new());
    assert_eq!((report.verdict, report.excuses.contains(&Excuse::NoOperator)), (Verdict::Excused, true), "{:?}", report.excuses);
}

#[test]
fn an_engine_that_gives_up_for_good_is_told() {
    let lost = [injection(0, 9, Kind::RequestsLost, "engine 0", Some(45))].map(|mut injection| {
        injection.fault = injection.fault.with("rate", 1_000_000);
        injection
    });
    let lazy = Settings { every: Duration::minutes(60 * 24 * 30), ..Settings::default() };
    let report = roll(&lost, vec![lazy]);
    assert!(report.breaks(Promise::Convergence), "{:?} {:?}", report.breaches, report.excuses);
    assert_eq!(roll(&lost, vec![Settings::default()]).verdict, Verdict::Kept);
}
