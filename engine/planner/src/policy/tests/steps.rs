//! Rules about the steps of a plan, on either side of every line that they draw. What the breach itself looks like: `by_hand`.

use super::hand::*;
use super::*;
use model::change::{Cause, CauseKind};
use model::graph::Edge;
use model::plan::{Action, Note, NoteKind, Step};
use model::resource::Role;
use model::{Graph, Kind, Resource};

const NOTHING: [&str; 0] = [];

/// A plan of one step with the workload of that role, as `change` has it, beside one note.
fn of_step(text: &str, role: Role, action: Action, note: Note, change: impl FnOnce(&mut Step)) -> Vec<String> {
    of_plan(text, |graph| {
        let mut step = step(with_role(graph, role), action);
        change(&mut step);
        plan(vec![step], vec![note])
    })
}

#[test]
fn aud_3_asks_only_of_what_changes_in_the_very_environment_and_only_if_it_is_regulated() {
    let note = || unknown("elasticsearch.central/role/x");
    let of = |change: fn(&mut Step)| of_step(keeps!("AUD-3"), Role::WorkflowAgent, Action::Update, note(), change);
    assert_eq!(of(|_| {}), ["AUD-3"]);
    assert_eq!(of(|step| step.scope.tenant = Some("bank".into())), NOTHING);
    assert_eq!(of(|step| step.scope.environment = Some("staging".into())), NOTHING);
    assert_eq!(of(|step| step.action = Action::Await), NOTHING);
    let waits = Note { kind: NoteKind::Waits, ..note() };
    assert_eq!(of_step(keeps!("AUD-3"), Role::WorkflowAgent, Action::Update, waits, |_| {}), NOTHING);
    let unregulated = keeps!("AUD-3").replace("regulatedAudit: true", "regulatedAudit: false");
    assert_eq!(of_step(&unregulated, Role::WorkflowAgent, Action::Update, note(), |_| {}), NOTHING);
}

#[test]
fn aud_3_counts_what_would_leave_no_trace() {
    let of = |roles: &[Role]| {
        said_of_plan(keeps!("AUD-3"), |graph| {
            let steps = roles.iter().map(|role| step(with_role(graph, *role), Action::Update)).collect();
            plan(steps, vec![unknown("elasticsearch.central/role/x")])
        })
    };
    let said = |what: &str| [format!("{what} of shop/production would leave no trace: its audit log cannot be written")];
    assert_eq!(of(&[Role::WorkflowAgent]), said("1 change"));
    assert_eq!(of(&[Role::WorkflowAgent, Role::GatewayAgent]), said("2 changes"));
}

#[test]
fn vga_5_asks_only_of_gateway_agents_that_start_anew_and_of_what_nobody_could_look_at() {
    let note = || unknown("vault/kv/acme/shop/configuration");
    let of = |role, action| of_step(keeps!("VGA-5"), role, action, note(), |_| {});
    for action in [Action::Update, Action::Replace, Action::Adopt] {
        assert_eq!(of(Role::GatewayAgent, action), ["VGA-5"], "{action:?}");
    }
    for action in [Action::Create, Action::Keep, Action::Delete] {
        assert_eq!(of(Role::GatewayAgent, action), NOTHING, "{action:?}");
    }
    assert_eq!(of(Role::Plain, Action::Update), NOTHING);
    let waits = Note { kind: NoteKind::Waits, ..note() };
    assert_eq!(of_step(keeps!("VGA-5"), Role::GatewayAgent, Action::Update, waits, |_| {}), NOTHING);
}

#[test]
fn vga_6_asks_for_the_key_of_the_very_cell_where_both_are_made() {
    let of = |change: fn(&mut Step, &mut Step)| {
        of_plan(keeps!("VGA-6"), |graph| {
            let made = |role| step(with_role(graph, role), Action::Create);
            let (mut agents, mut key) = (made(Role::GatewayAgent), made(Role::GatewayConfiguration));
            change(&mut agents, &mut key);
            plan(vec![agents, key], Vec::new())
        })
    };
    assert_eq!(of(|_, _| {}), ["VGA-6"]);
    assert_eq!(of(|_, key| key.scope.environment = Some("staging".into())), NOTHING);
    assert_eq!(of(|_, key| key.action = Action::Update), NOTHING);
    assert_eq!(of(|_, key| key.role = Role::Plain), NOTHING);
    assert_eq!(of(|agents, _| agents.action = Action::Update), NOTHING);
    assert_eq!(of(|agents, _| agents.role = Role::Plain), NOTHING);
}

/// The other configuration of the cell is no reason for a gateway agent to wait; nor is the key of somebody else.
#[test]
fn vga_6_another_edge_does_not_stand_in_for_the_key() {
    let others = |of_the_key: fn(&Resource, &Resource) -> bool| {
        of_graph(keeps!("VGA-6"), |graph| {
            let agents = with_role(graph, Role::GatewayAgent).clone();
            let key = with_role(graph, Role::GatewayConfiguration).address.clone();
            let entry = graph.get_mut(&key).unwrap();
            if of_the_key(&agents, entry) {
                entry.scope.environment = Some("staging".into());
            } else {
                entry.role = Role::Plain;
            }
        })
    };
    assert!(others(|_, _| true).contains(&"VGA-6".to_owned()));
    assert!(others(|_, _| false).contains(&"VGA-6".to_owned()));
}

#[test]
fn dur_7_asks_only_where_data_is_taken_away_and_nobody_said_so() {
    let of = |kind: Kind, action| {
        of_plan(keeps!("DUR-7"), |graph| {
            let resource = graph.resources().find(|resource| resource.address.kind() == kind).unwrap();
            plan(vec![step(resource, action)], Vec::new())
        })
    };
    assert_eq!([of(Kind::Schema, Action::Delete), of(Kind::Schema, Action::Replace)], [["DUR-7"], ["DUR-7"]]);
    assert_eq!(of(Kind::Deployment, Action::Delete), NOTHING);
    assert_eq!(of(Kind::Schema, Action::Move), NOTHING);
}

/// A plan of one configuration, with these causes, and of these steps of Vamp.
fn restarted(action: Action, causes: &[CauseKind], vamp: &[Action], note: Option<&str>) -> Vec<String> {
    of_plan(keeps!("VMP-3"), |graph| {
        let configuration = graph.get(&"vault/kv/acme/shop/configuration".parse().unwrap()).unwrap();
        let causes = causes.iter().map(|kind| Cause { kind: *kind, source: "somebody".into() }).collect();
        let changed = Step { causes, ..step(configuration, action) };
        let steps = std::iter::once(changed).chain(vamp.iter().map(|action| step(with_role(graph, Role::Vamp), *action)));
        plan(steps.collect(), note.map(unknown).into_iter().collect())
    })
}

#[test]
fn vmp_3_counts_what_vamp_has_not_read_yet() {
    use CauseKind::{Drift, Spec};
    let told = |action, causes: &[CauseKind]| restarted(action, causes, &[], None);
    for action in [Action::Create, Action::Update, Action::Replace] {
        assert_eq!(told(action, &[Spec]), ["VMP-3"], "{action:?}");
        assert_eq!(told(action, &[Drift]), NOTHING, "{action:?}");
    }
    assert_eq!(told(Action::Update, &[Drift, Spec]), ["VMP-3"]);
    assert_eq!(told(Action::Replace, &[Drift, Spec]), ["VMP-3"]);
    // What was deleted by somebody comes back as it was, whatever else is a reason for it.
    assert_eq!(told(Action::Create, &[Drift, Spec]), NOTHING);
    assert_eq!(told(Action::Await, &[Spec]), NOTHING);
    assert_eq!(told(Action::Keep, &[Spec]), NOTHING);
}

#[test]
fn vmp_3_counts_restarts_of_vamp_and_takes_a_reason_why_there_is_none() {
    let of = |vamp: &[Action], note| restarted(Action::Update, &[CauseKind::Spec], vamp, note);
    let vamp = {
        let graph = compile(&spec(keeps!("VMP-3"))).unwrap().graph;
        with_role(&graph, Role::Vamp).address.clone()
    };
    assert_eq!(of(&[Action::Update], None), NOTHING);
    assert_eq!(of(&[Action::Keep], None), ["VMP-3"]);
    assert_eq!(of(&[Action::Update, Action::Keep], None), NOTHING);
    assert_eq!(of(&[], Some(vamp.as_str())), NOTHING);
    assert_eq!(of(&[], Some("mysql/schema/acme-shop")), ["VMP-3"]);
    assert_eq!(of(&[Action::Update, Action::Update], Some(vamp.as_str())), ["VMP-3"]);
}

#[test]
fn vmp_3_is_about_configurations_alone() {
    let of = |address: &str| {
        of_plan(keeps!("VMP-3"), |graph| {
            let causes = vec![Cause { kind: CauseKind::Spec, source: "somebody".into() }];
            let resource = graph.get(&address.parse().unwrap()).unwrap_or_else(|| panic!("no {address}"));
            plan(vec![Step { causes, ..step(resource, Action::Update) }], Vec::new())
        })
    };
    assert_eq!(of("vault/kv/acme/shop/production/configuration"), ["VMP-3"]);
    assert_eq!(of("vault/kv/acme/shop/credentials/mysql"), NOTHING);
}

#[test]
fn vmp_2_waits_for_each_store_in_a_cluster_and_for_vault() {
    let inside = keeps!("VMP-2").replace("external, address: embedded", "in-cluster");
    let of = |gone: fn(&Resource, &Resource, Edge) -> bool| of_graph(&inside, |graph: &mut Graph| without(graph, gone));
    assert!(!of(|_, _, _| false).contains(&"VMP-2".to_owned()));
    assert!(of(|one, other, _| one.role == Role::Vamp && other.role == Role::Store).contains(&"VMP-2".to_owned()));
    assert!(of(|one, other, _| one.role == Role::Vamp && other.address.kind() == Kind::Mount).contains(&"VMP-2".to_owned()));
}
