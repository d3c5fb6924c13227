//! Plans over small graphs, stated as facts.

mod fields;
mod preview;
mod world;

use super::*;
use model::observation::{Condition, Gap, Listing, Node};
use model::plan::{Action, NoteKind};
use model::resource::Role;
use model::{Kind, System, Value};
use world::*;

#[test]
fn what_is_absent_is_created_after_what_it_lives_in() {
    let world = World::new(&[(KEY, "{}"), (MOUNT, "{}")], &[(KEY, MOUNT)]);
    assert_eq!(world.steps(), [format!("create {MOUNT}"), format!("create {KEY}")]);
    assert_eq!(world.plan().steps[1].after, [MOUNT.parse().unwrap()]);
    assert_eq!(world.plan().steps[0].causes[0].source, "vamp.yaml:7:3");
}

#[test]
fn what_is_there_and_ours_and_the_same_is_nothing_to_do() {
    let mut world = World::new(&[(MOUNT, r#"{"type":"kv"}"#)], &[]);
    world.seen(MOUNT, r#"{"type":"kv"}"#, Some("acme"));
    assert!(world.plan().is_empty() && world.plan().report.is_empty());
    assert_eq!(world.plan().unchanged, 1);
}

#[test]
fn an_order_over_what_does_not_change_is_kept() {
    let mut world = World::new(&[(MOUNT, "{}"), (KEY, "{}"), (ROLE, "{}")], &[(KEY, MOUNT), (ROLE, KEY)]);
    world.seen(KEY, "{}", Some("acme"));
    assert_eq!(world.plan().steps[1].after, [MOUNT.parse().unwrap()]);
}

#[test]
fn a_field_that_somebody_changed_is_drift_and_a_field_that_the_spec_changed_is_not() {
    let mut world = World::new(&[(KEY, r#"{"data":{"a":"1"}}"#)], &[]);
    world.seen(KEY, r#"{"data":{"a":"2"}}"#, Some("acme"));
    let change = world.plan().steps[0].changes[0].clone();
    assert_eq!((change.path.as_str(), change.cause.kind), ("data.a", model::change::CauseKind::Spec));

    let wanted: Value = serde_json::from_str(r#"{"data":{"a":"1"}}"#).unwrap();
    let address: Address = KEY.parse().unwrap();
    let Some(Listing::Complete(objects)) = world.snapshot.listing(&System::Vault, Kind::Kv).cloned() else { panic!() };
    let mut objects = objects;
    objects.get_mut(&address).unwrap().applied = Some(wanted.digest());
    world.snapshot.record(System::Vault, Kind::Kv, Listing::Complete(objects));
    assert_eq!(world.plan().steps[0].changes[0].cause.kind, model::change::CauseKind::Drift);
}

#[test]
fn what_is_not_ours_is_left_alone_and_what_stands_on_it_waits() {
    let mut world = World::new(&[(MOUNT, "{}"), (KEY, "{}")], &[(KEY, MOUNT)]);
    world.seen(MOUNT, "{}", None);
    assert!(world.plan().is_empty());
    assert_eq!(world.notes(), [(NoteKind::Waits, KEY.into()), (NoteKind::Foreign, MOUNT.into())]);
    world.options.adopt.insert(MOUNT.parse().unwrap());
    assert_eq!(world.steps(), [format!("adopt {MOUNT}"), format!("create {KEY}")]);
}

#[test]
fn an_unknown_system_loses_nothing_and_the_rest_goes_on() {
    let mut world = World::new(&[(MOUNT, "{}"), (SCHEMA, "{}")], &[]);
    world.seen("vault/policy/old", "{}", Some("acme"));
    world.gap(System::Vault, Gap::Unreachable("connection refused".into()));
    assert_eq!(world.steps(), [format!("create {SCHEMA}")]);
    assert_eq!(world.notes(), [(NoteKind::Unknown, MOUNT.into())]);
}

#[test]
fn what_lies_behind_a_system_that_does_not_exist_yet_is_deferred() {
    let vault = "cluster.eu/stateful-set/acme/vault";
    let mut world = World::new(&[(vault, "{}"), (MOUNT, "{}")], &[(MOUNT, vault)]);
    world.gap(System::Vault, Gap::NotYet { workload: vault.parse().unwrap() });
    let plan = world.plan();
    assert_eq!((plan.steps[0].deferred, plan.steps[1].deferred), (false, true));
    assert_eq!(plan.steps[1].after, [vault.parse().unwrap()]);
}

const VAULT: &str = "cluster.eu/stateful-set/acme/vault";

/// Vault's workload is there as wanted, and not ready.
fn vault_comes_up() -> World {
    let mut world = World::new(&[(VAULT, "{}"), (MOUNT, "{}")], &[(MOUNT, VAULT)]);
    world.seen(VAULT, "{}", Some("acme"));
    let (system, workload): (System, Address) = ("cluster.eu".parse().unwrap(), VAULT.parse().unwrap());
    let Some(Listing::Complete(objects)) = world.snapshot.listing(&system, Kind::StatefulSet) else { panic!("a listing") };
    let mut objects = objects.clone();
    objects.get_mut(&workload).unwrap().condition = Condition::NotReady("0 of 1 pods".into());
    world.snapshot.record(system, Kind::StatefulSet, Listing::Complete(objects));
    world.gap(System::Vault, Gap::Starting { workload, why: "vault does not answer".into() });
    world
}

#[test]
fn a_workload_that_has_failed_as_it_was_asked_for_is_told_and_what_comes_after_it_waits() {
    const NEXT: &str = "cluster.eu/stateful-set/acme/other";
    let mut world = World::new(&[(VAULT, "{}"), (NEXT, "{}")], &[(NEXT, VAULT)]);
    world.seen(VAULT, "{}", Some("acme"));
    world.alter(VAULT, |seen| seen.condition = Condition::Failed("no progress for 10m00s".into()));
    let plan = world.plan();
    let [waits, failing] = &plan.report[..] else { panic!("{:?}", plan.report) };
    assert_eq!((failing.kind, failing.subject.as_str(), plan.steps.len()), (NoteKind::Failing, VAULT, 0));
    assert!(failing.message.contains("no progress for 10m00s"), "{}", failing.message);
    assert_eq!((waits.kind, waits.subject.as_str()), (NoteKind::Waits, NEXT), "a fault shows in one place");
    assert!(waits.message.contains(VAULT), "{}", waits.message);
}

#[test]
fn a_policy_that_its_server_does_not_act_on_is_told_and_nothing_waits_for_it() {
    const POLICY: &str = "elasticsearch.central/lifecycle-policy/audit";
    const TEMPLATE: &str = "elasticsearch.central/index-template/audit";
    let mut world = World::new(&[(POLICY, "{}"), (TEMPLATE, "{}")], &[(TEMPLATE, POLICY)]);
    world.seen(POLICY, "{}", Some("acme"));
    world.alter(POLICY, |seen| seen.condition = Condition::Failed("it fails on .ds-audit-1".into()));
    let plan = world.plan();
    let [note] = &plan.report[..] else { panic!("{:?}", plan.report) };
    assert_eq!((note.kind, note.subject.as_str()), (NoteKind::Ineffective, POLICY));
    assert!(note.message.contains("it fails on .ds-audit-1") && note.kind.withholds(), "{}", note.message);
    assert_eq!(plan.steps.iter().map(|step| step.address.as_str()).collect::<Vec<_>>(), [TEMPLATE]);
}

#[test]
fn what_a_cut_off_run_left_not_ready_is_awaited_and_what_lies_behind_it_is_deferred() {
    let plan = vault_comes_up().plan();
    assert_eq!((plan.steps[0].action, plan.steps[1].action), (Action::Await, Action::Create));
    assert!(plan.steps[1].deferred && plan.steps[1].expected == model::operation::Expectation::Unseen);
    assert_eq!(plan.steps[1].after, [VAULT.parse().unwrap()]);
    assert!(plan.report.is_empty() && !plan.is_empty());
}

#[test]
fn a_store_that_served_before_and_comes_up_again_may_hold_anything() {
    let mut world = vault_comes_up();
    world.options.remembered.insert(VAULT.parse().unwrap());
    assert_eq!(world.steps(), [format!("await {VAULT}")]);
    assert_eq!(world.notes(), [(NoteKind::Unknown, MOUNT.into())]);
    assert!(world.plan().only_waits());
}

#[test]
fn what_is_no_longer_wanted_goes_content_first_but_data_only_with_consent() {
    let mut world = World::new(&[], &[]);
    world.seen(SCHEMA, "{}", Some("acme")).seen(TABLE, "{}", Some("acme")).seen("mysql/user/acme-shop", "{}", Some("acme"));
    world.seen("mysql/schema/other", "{}", None).seen("mysql/schema/theirs", "{}", Some("globex"));
    assert_eq!(world.steps(), ["delete mysql/user/acme-shop"]);
    assert_eq!(world.notes(), [(NoteKind::NeedsConsent, SCHEMA.into()), (NoteKind::NeedsConsent, TABLE.into())]);
    world.options.allow_destroy.insert(SCHEMA.parse().unwrap());
    assert_eq!(world.steps(), ["delete mysql/user/acme-shop"], "a schema stays as long as a table in it does");
    world.options.allow_destroy.insert(TABLE.parse().unwrap());
    assert_eq!(world.steps(), [format!("delete {TABLE}"), "delete mysql/user/acme-shop".into(), format!("delete {SCHEMA}")]);
}

#[test]
fn an_index_template_goes_by_name_only_while_a_data_stream_stands_on_it_and_its_policy_stays_with_it() {
    let (template, policy) =
        ("elasticsearch.central/index-template/acme-audit", "elasticsearch.central/lifecycle-policy/acme-audit");
    let other = "elasticsearch.central/lifecycle-policy/acme-other";
    for destroy in [false, true] {
        let (wanted, edges) = ([(template, "{}"), (policy, "{}"), (other, "{}")], [(template, policy)]);
        let mut world = if destroy { World::new(&wanted, &edges) } else { World::new(&[], &[]) };
        let document = r#"{"template": {"settings": {"index": {"lifecycle": {"name": "acme-audit"}}}}}"#;
        world.seen(template, document, Some("acme")).seen(policy, "{}", Some("acme")).seen(other, "{}", Some("acme"));
        world.options.destroy = destroy;
        let order = |plan: &model::Plan, address: &str| plan.steps.iter().position(|step| step.address.as_str() == address);
        let plan = world.plan();
        assert!(order(&plan, template) < order(&plan, policy) && plan.steps.len() == 3, "{:?}", plan.steps);
        assert!(plan.steps.iter().all(|step| !step.destroys_data), "nothing stands on it");

        world.alter(template, |seen| seen.streams = vec!["acme-audit-1".into(), "acme-audit-2".into()]);
        assert_eq!(world.steps(), [format!("delete {other}")]);
        assert_eq!(world.notes(), [(NoteKind::Waits, policy.into()), (NoteKind::NeedsConsent, template.into())]);
        let said = "bears the data streams acme-audit-1, acme-audit-2, whose documents would be lost";
        let note = world.plan().report[1].message.clone();
        assert!(note.ends_with(said) && note.starts_with("is no longer wanted") != destroy, "{note}");

        world.options.allow_destroy.insert(template.parse().unwrap());
        let plan = world.plan();
        assert!(order(&plan, template) < order(&plan, policy) && plan.steps.len() == 3, "{:?}", plan.steps);
        let losing: Vec<_> = plan.steps.iter().filter(|step| step.destroys_data).map(|step| step.address.as_str()).collect();
        assert_eq!(losing, [template]);
    }
}

#[test]
fn what_a_data_stream_needs_does_not_move_but_is_made_anew_beside_it() {
    let name = |kind: &str, word: &str| format!("elasticsearch.central/{kind}/acme-{word}-audit");
    let [old, new] = ["shop", "store"].map(|word| (name("index-template", word), name("lifecycle-policy", word)));
    let mut world = World::new(&[(&new.0, "{}"), (&new.1, "{}")], &[(&new.0, &new.1)]);
    let document = r#"{"template": {"settings": {"index": {"lifecycle": {"name": "acme-shop-audit"}}}}}"#;
    world.seen(&old.0, document, Some("acme")).seen(&old.1, "{}", Some("acme"));
    for (from, to) in [(&old.0, &new.0), (&old.1, &new.1)] {
        world.options.moved.push((from.parse().unwrap(), to.parse().unwrap()));
    }
    let actions = |world: &World| world.plan().steps.iter().map(|step| step.action).collect::<Vec<_>>();
    assert_eq!(actions(&world), [Action::Move, Action::Move]);

    world.alter(&old.0, |seen| seen.streams = vec!["acme-shop-audit".into()]);
    assert_eq!(world.steps(), [format!("create {}", new.1), format!("create {}", new.0)]);
    assert_eq!(world.notes(), [(NoteKind::Waits, old.1.clone()), (NoteKind::NeedsConsent, old.0.clone())]);
}

#[test]
fn destroy_goes_against_the_edges() {
    let mut world = World::new(&[(MOUNT, "{}"), (KEY, "{}"), (ROLE, "{}")], &[(KEY, MOUNT), (ROLE, KEY)]);
    for address in [MOUNT, KEY, ROLE] {
        world.seen(address, "{}", Some("acme"));
    }
    world.options.destroy = true;
    world.options.allow_destroy.insert(MOUNT.parse().unwrap());
    assert_eq!(world.steps(), [format!("delete {ROLE}"), format!("delete {KEY}"), format!("delete {MOUNT}")]);
}

#[test]
fn a_target_brings_what_it_needs_and_nothing_else() {
    let mut world = World::new(&[(MOUNT, "{}"), (KEY, "{}"), (SCHEMA, "{}")], &[(KEY, MOUNT)]);
    world.options.targets.insert(KEY.parse().unwrap());
    assert_eq!(world.steps(), [format!("create {MOUNT}"), format!("create {KEY}")]);
    assert_eq!(world.notes(), [(NoteKind::NotTargeted, SCHEMA.into())]);
}

#[test]
fn a_move_keeps_the_data_and_deletes_nothing() {
    let new = "mysql/table/acme-shop/renamed";
    let mut world = World::new(&[(new, "{}")], &[]);
    world.seen(TABLE, "{}", Some("acme"));
    world.options.moved.push((TABLE.parse().unwrap(), new.parse().unwrap()));
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1);
    assert_eq!((plan.steps[0].action, plan.steps[0].moved_from.clone()), (Action::Move, Some(TABLE.parse().unwrap())));
}

#[test]
fn a_schema_goes_by_name_only_and_after_every_table_has_moved_out_of_it() {
    let (new, other) = ("mysql/table/acme-store/artifacts", "mysql/schema/acme-store");
    let mut world = World::new(&[(other, "{}"), (new, "{}")], &[(new, other)]);
    world.seen(SCHEMA, "{}", Some("acme")).seen(TABLE, "{}", Some("acme"));
    world.options.moved.push((TABLE.parse().unwrap(), new.parse().unwrap()));
    assert_eq!(world.notes(), [(NoteKind::NeedsConsent, SCHEMA.into())]);
    assert!(world.plan().report[0].message.contains("holds nothing once its tables have moved"));
    world.options.allow_destroy.insert(SCHEMA.parse().unwrap());
    let plan = world.plan();
    let delete = plan.steps.iter().find(|step| step.address.as_str() == SCHEMA).unwrap();
    assert!(delete.destroys_data && delete.after.contains(&new.parse().unwrap()), "{delete:?}");
}

#[test]
fn what_was_written_before_and_is_no_longer_wanted_is_named_and_what_others_added_is_not() {
    const SERVICE: &str = "cluster.eu/service/acme/web";
    let wanted = r#"{"metadata":{"labels":{"a":"1"}},"spec":{"ports":[{"port":80}]}}"#;
    let mut world = World::new(&[(SERVICE, wanted)], &[]);
    let seen = r#"{"metadata":{"labels":{"a":"1","b":"2","theirs":"3"}},"spec":{"clusterIP":"10.0.0.1","ports":[{"port":80},{"port":81}]}}"#;
    world.seen(SERVICE, seen, Some("acme"));
    let (system, kind) = (System::Cluster("eu".into()), Kind::Service);
    let Some(Listing::Complete(mut objects)) = world.snapshot.listing(&system, kind).cloned() else { panic!("a list") };
    let theirs = (model::FieldPath::keys(&["metadata", "labels", "theirs"]), "kubectl-edit".into());
    objects.get_mut(&SERVICE.parse::<Address>().unwrap()).unwrap().foreign.push(theirs);
    world.snapshot.record(system, kind, Listing::Complete(objects));
    let plan = world.plan();
    let changes: Vec<&str> = plan.steps[0].changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(changes, ["metadata.labels.b", "spec.ports[port=81,protocol=TCP]"]);
    assert!(
        plan.steps[0].changes.iter().all(|change| change.after.is_none() && change.cause.kind == model::change::CauseKind::Spec)
    );
}

const AGENTS: &str = "cluster.eu/deployment/acme-shop-production/gateway-agent";

fn agents(replicas: u32, image: &str) -> String {
    format!(
        r#"{{"spec":{{"replicas":{replicas},"strategy":{{"rollingUpdate":{{"maxSurge":1,"maxUnavailable":0}}}},
        "template":{{"spec":{{"containers":[{{"name":"gateway-agent","image":"{image}"}}]}}}}}}}}"#
    )
}

fn rolling(replicas: u32, nodes: usize) -> World {
    let mut world = World::new(&[(AGENTS, &agents(replicas, "new"))], &[]);
    world.graph.get_mut(&AGENTS.parse().unwrap()).unwrap().role = Role::GatewayAgent;
    world.seen(AGENTS, &agents(replicas, "old"), Some("acme"));
    let node = |index| Node { name: format!("n{index}").into(), zone: "a".into(), schedulable: true };
    world.snapshot.nodes.insert("eu".into(), (0..nodes).map(node).collect());
    world
}

fn rules(world: &World) -> Vec<String> {
    world.plan().report.iter().filter_map(|note| note.rule.as_ref().map(ToString::to_string)).collect()
}

#[test]
fn gateway_agents_are_not_rolled_without_a_node_to_spare() {
    assert_eq!(rolling(3, 4).steps().len(), 1);
    assert!(rolling(3, 3).plan().is_empty());
    assert_eq!(rules(&rolling(3, 3)), ["VGA-4"]);
    assert_eq!(rules(&rolling(1, 4)), ["VGA-4"]);
}

#[test]
fn gateway_agents_are_not_touched_while_vault_cannot_be_read() {
    let mut world = rolling(3, 4);
    world.gap(System::Vault, Gap::Unavailable("Vault is sealed".into()));
    assert!(world.plan().is_empty());
    assert_eq!(rules(&world), ["VGA-5"]);
}

#[test]
fn vamp_is_not_started_without_its_stores() {
    let vamp = "cluster.eu/deployment/acme/vamp";
    let document = r#"{"spec":{"replicas":1,"strategy":{"type":"Recreate"}}}"#;
    let mut world = World::new(&[(vamp, document)], &[]);
    world.graph.get_mut(&vamp.parse().unwrap()).unwrap().role = Role::Vamp;
    assert_eq!(world.steps().len(), 1);
    world.gap(System::Mysql, Gap::Unreachable("no route".into()));
    assert_eq!(rules(&world), ["VMP-2"]);
}

#[test]
fn many_steps_that_meet_in_one_thing_do_not_make_all_pairs_of_edges() {
    let befores: Vec<String> = (0..100).map(|index| format!("vault/policy/before-{index}")).collect();
    let afters: Vec<String> = (0..100).map(|index| format!("vault/policy/after-{index}")).collect();
    let resources: Vec<(&str, &str)> = befores
        .iter()
        .chain([&MOUNT.to_owned()])
        .chain(&afters)
        .map(|address| (address.as_str(), "{}"))
        .map(|(a, d)| (Box::leak(a.to_owned().into_boxed_str()) as &str, d))
        .collect();
    let edges: Vec<(&str, &str)> =
        befores.iter().map(|before| (MOUNT, before.as_str())).chain(afters.iter().map(|after| (after.as_str(), MOUNT))).collect();
    let mut world = World::new(&resources, &edges);
    world.seen(MOUNT, "{}", Some("acme"));
    let plan = world.plan();
    assert_eq!(plan.count(Action::Keep), 1);
    assert_eq!(plan.steps.iter().map(|step| step.after.len()).sum::<usize>(), 200);
}

#[test]
fn a_saved_plan_comes_back_the_same_and_an_edited_one_is_refused() {
    let world = World::new(&[(KEY, "{}"), (MOUNT, "{}")], &[(KEY, MOUNT)]);
    let text = saved::to_json(&world.plan());
    assert_eq!(saved::from_json(&text).unwrap(), world.plan());
    assert!(matches!(saved::from_json(&text.replace("create", "delete")), Err(saved::NotAPlan::Edited)));
    assert!(matches!(
        saved::from_json(&text.replace("\"formatVersion\": 1", "\"formatVersion\": 2")),
        Err(saved::NotAPlan::Version { found: 2 })
    ));
    assert!(matches!(saved::from_json("nonsense"), Err(saved::NotAPlan::Form(_))));
}

#[test]
fn a_plan_is_stale_where_the_world_moved_on_and_not_where_it_was_carried_out() {
    let mut world = World::new(&[(KEY, "{}"), (MOUNT, "{}")], &[(KEY, MOUNT)]);
    let plan = world.plan();
    assert!(saved::stale_steps(&plan, &world.snapshot).is_empty());
    world.seen(MOUNT, "{}", Some("acme"));
    assert!(saved::stale_steps(&plan, &world.snapshot).is_empty(), "the plan itself made it");
    world.seen(KEY, r#"{"data":{}}"#, None);
    let stale = saved::stale_steps(&plan, &world.snapshot);
    assert_eq!((stale.len(), stale[0].address.as_str()), (1, KEY));
}

#[test]
fn two_plans_of_the_same_are_the_same_to_the_byte() {
    let world = World::new(&[(KEY, "{}"), (MOUNT, "{}")], &[(KEY, MOUNT)]);
    assert_eq!(saved::to_json(&world.plan()), saved::to_json(&world.plan()));
}

const CONFIGURATION: &str = "vault/kv/acme/shop/production/gateways/eu";

type Served = (&'static str, &'static [&'static str]);

fn serving(gateways: &[Served]) -> String {
    let mut text = String::from("# haproxy\n");
    for (gateway, routes) in gateways {
        text += &format!("frontend gateway:{gateway} from http\n    bind :8080\n");
        routes.iter().for_each(|route| text += &format!("backend route:{gateway}:{route} from http\n"));
    }
    serde_json::json!({ "data": { "configuration": text } }).to_string()
}

fn publishing(live: &[Served], wanted: &[Served]) -> World {
    let mut world = World::new(&[(CONFIGURATION, &serving(wanted))], &[]);
    world.graph.get_mut(&CONFIGURATION.parse().unwrap()).unwrap().role = Role::GatewayConfiguration;
    world.seen(CONFIGURATION, &serving(live), Some("acme"));
    world
}

#[test]
fn a_gateway_configuration_may_grow_and_change_but_not_shrink_by_accident() {
    let (web, api): (Served, Served) = (("web", &["v1"]), ("api", &["v1"]));
    assert_eq!(publishing(&[web], &[web, api]).steps().len(), 1);
    assert_eq!(publishing(&[web], &[("web", &["v2"])]).steps().len(), 1);
    assert_eq!(rules(&publishing(&[web, api], &[web])), ["VGA-8"]);
    assert_eq!(rules(&publishing(&[web], &[])), ["VGA-8"]);
    assert_eq!(rules(&publishing(&[web], &[("web", &[])])), ["VGA-8"]);
}

#[test]
fn the_ports_of_a_gateway_stay_open_while_its_configuration_may_not_shrink() {
    const DOOR: &str = "cluster.eu/service/acme-shop-production/gateway-agent";
    let (web, api): (Served, Served) = (("web", &["v1"]), ("api", &["v1"]));
    let (wanted, live) = (serving(&[web]), serving(&[web, api]));
    let resources = [(CONFIGURATION, wanted.as_str()), (DOOR, r#"{"spec":{"ports":[{"port":80}]}}"#), (AGENTS, "{}")];
    let mut world = World::new(&resources, &[(AGENTS, CONFIGURATION), (AGENTS, DOOR)]);
    world.graph.get_mut(&CONFIGURATION.parse().unwrap()).unwrap().role = Role::GatewayConfiguration;
    world.graph.get_mut(&AGENTS.parse().unwrap()).unwrap().role = Role::GatewayAgent;
    world.seen(CONFIGURATION, &live, Some("acme")).seen(AGENTS, "{}", Some("acme"));
    world.seen(DOOR, r#"{"spec":{"ports":[{"port":80},{"port":81}]}}"#, Some("acme"));
    let refused = |world: &World| world.notes().iter().any(|note| *note == (NoteKind::Refused, DOOR.into()));
    assert!(refused(&world), "{:?}", world.notes());
    world.seen(CONFIGURATION, &wanted, Some("acme"));
    assert_eq!(world.steps(), [format!("update {DOOR}")]);
    world.gap(System::Vault, Gap::Unreachable("no route to host".into()));
    assert!(refused(&world), "{:?}", world.notes());
    world.seen(DOOR, r#"{"spec":{"ports":[]}}"#, Some("acme"));
    assert_eq!(world.steps(), [format!("update {DOOR}")], "to open a door is safe");
}

#[test]
fn the_workload_of_a_store_goes_only_with_consent_since_its_data_goes_with_it() {
    let store = "cluster.eu/stateful-set/acme/elasticsearch-central";
    let mut world = World::new(&[(store, r#"{"spec":{"serviceName":"new"}}"#)], &[]);
    world.graph.get_mut(&store.parse().unwrap()).unwrap().role = Role::Store;
    world.seen(store, r#"{"spec":{"serviceName":"old"}}"#, Some("acme"));
    assert_eq!(world.notes(), [(NoteKind::NeedsConsent, store.into())], "replacing it");
    world.options.destroy = true;
    assert_eq!(world.notes(), [(NoteKind::NeedsConsent, store.into())], "deleting it");
    world.options.allow_destroy.insert(store.parse().unwrap());
    assert_eq!(world.steps(), [format!("delete {store}")]);
}

/// A system that an earlier run applied to; the spec of these tests names no cluster.
fn former(world: &mut World, system: System) {
    use model::connection::Endpoint;
    world.connections.push(Connection::new(system, Endpoint::Embedded));
}

#[test]
fn what_is_ours_in_a_system_of_earlier_days_is_pruned_and_if_that_is_silent_nothing_is_and_the_way_out_is_said() {
    const SERVICE: &str = "cluster.eu/service/acme/web";
    let mut world = World::new(&[], &[]);
    former(&mut world, System::Cluster("eu".into()));
    world.seen(SERVICE, "{}", Some("acme"));
    assert_eq!(world.steps(), [format!("delete {SERVICE}")]);
    world.gap(System::Cluster("eu".into()), Gap::Unreachable("no route to host".into()));
    assert!(world.steps().is_empty());
    let note = world.plan().report.remove(0);
    assert_eq!((note.kind, note.subject.as_str()), (NoteKind::Unknown, "cluster.eu"));
    assert!(note.message.contains("no route to host") && note.help.unwrap().contains("vamp forget vamp.yaml cluster.eu"));
}

#[test]
fn a_system_of_earlier_days_whose_workload_is_gone_is_nothing_to_speak_of() {
    let mut world = World::new(&[], &[]);
    former(&mut world, System::Elasticsearch("central".into()));
    let workload = "cluster.eu/stateful-set/acme/elasticsearch".parse().unwrap();
    world.gap(System::Elasticsearch("central".into()), Gap::NotYet { workload });
    assert!(world.plan().is_empty() && world.plan().report.is_empty());
    assert!(former::is_empty_of("acme", &System::Elasticsearch("central".into()), &world.snapshot));
}

#[test]
fn no_vamp_starts_while_one_may_still_run_in_a_silent_cluster_of_earlier_days() {
    const VAMP: &str = "cluster.eu/deployment/acme/vamp";
    let mut world = World::new(&[(VAMP, r#"{"spec":{"replicas":1,"strategy":{"type":"Recreate"}}}"#)], &[]);
    world.graph.get_mut(&VAMP.parse().unwrap()).unwrap().role = Role::Vamp;
    let old = System::Cluster("old".into());
    former(&mut world, old.clone());
    world.gap(old, Gap::Unreachable("no route to host".into()));
    world.options.remembered.insert("cluster.old/deployment/acme/gateway-agent".parse().unwrap());
    assert_eq!(world.steps(), [format!("create {VAMP}")]);
    world.options.remembered.insert("cluster.old/deployment/acme/vamp".parse().unwrap());
    assert!(world.steps().is_empty());
    assert!(world.plan().report.iter().any(|note| note.rule.as_deref() == Some("VMP-1")));
}

#[test]
fn an_auth_method_waits_with_its_roles_while_the_cluster_whose_keys_it_is_to_hold_is_silent() {
    let (method, config) = ("vault/auth-method/acme-eu", r#"{"config": {"cluster": "eu"}, "type": "jwt"}"#);
    let mut world = World::new(&[(MOUNT, "{}"), (method, config), (ROLE, "{}")], &[(ROLE, method)]);
    assert_eq!(world.steps().len(), 3);
    world.gap(System::Cluster("eu".into()), Gap::Unreachable("no route".into()));
    assert_eq!(world.steps(), [format!("create {MOUNT}")]);
    assert_eq!(world.notes(), [(NoteKind::Unknown, method.into()), (NoteKind::Waits, ROLE.into())]);
    let note = &world.plan().report[0];
    assert_eq!(note.message, "cluster.eu cannot be looked at: no route");
    // What is there and as it is wanted needs nobody.
    world.seen(method, config, Some("acme")).seen(ROLE, "{}", Some("acme"));
    assert!(world.notes().is_empty());
}
