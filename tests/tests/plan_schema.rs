//! The published JSON Schema of a plan, held against plans as they are really made: every action, every kind of note.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]
#![allow(clippy::disallowed_methods, reason = "UPDATE_GOLDEN comes from the environment")]

#[path = "plan_schema/platform.rs"]
mod platform;

use model::kind::Kind;
use model::observation::Gap;
use model::plan::{Action, NoteKind, Plan};
use model::resource::Role;
use model::{System, Value};
use planner::plan::PLAN_SCHEMA;
use planner::plan::saved::to_json;
use platform::Platform;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const MOUNT: &str = "vault/mount/acme";
const POLICY: &str = "vault/policy/acme-shop";
const PASSWORD: &str = "vault/kv/acme/shop/credentials/mysql";
const SCHEMA: &str = "mysql/schema/acme-shop";
const TABLE: &str = "mysql/table/acme-shop/artifacts";
const RENAMED: &str = "mysql/table/acme-shop/renamed";
const BINDING: &str = "cluster.eu/role-binding/acme/vamp";
const AGENTS: &str = "cluster.eu/deployment/acme-shop-production/gateway-agent";

fn schema() -> Json {
    serde_json::from_str(PLAN_SCHEMA).expect("JSON")
}

fn json(plan: &Plan) -> Json {
    serde_json::from_str(&to_json(plan)).expect("JSON")
}

/// What the schema has against `plan`.
fn complaints(plan: &Json) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    validator.iter_errors(plan).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// A platform in which something of every kind is to be done, or not done.
fn everything() -> Vec<Plan> {
    let mut plans = vec![changes(), hub(), destroy(), deferred(), cut_off()];
    plans.extend(notes());
    plans
}

fn changes() -> Plan {
    let mut platform = Platform::default();
    platform.wants(MOUNT, r#"{"type":"kv","description":"new"}"#).sees(
        MOUNT,
        r#"{"type":"kv","description":"old"}"#,
        Some("acme"),
    );
    platform.wants(PASSWORD, r#"{"data":{"password":{"$secret":{"generated":{"length":32}}}}}"#);
    platform.wants(
        "vault/kv/acme/shop/configuration",
        r#"{"data":{"env":{"$secret":{"env":"A"}},"file":{"$secret":{"file":"/a"}},
            "vault":{"$secret":{"vault":{"path":"acme/a","field":"b"}}},
            "kubernetes":{"$secret":{"kubernetes":{"cluster":"eu","namespace":"acme","name":"mysql","field":"root"}}}}}"#,
    );
    let digest = "0".repeat(32);
    platform.sees("vault/kv/acme/shop/configuration", &format!(r#"{{"data":{{"env":{{"$digest":"{digest}"}}}}}}"#), Some("acme"));
    platform.wants(BINDING, r#"{"roleRef":{"name":"new"}}"#).sees(BINDING, r#"{"roleRef":{"name":"old"}}"#, Some("acme"));
    platform.wants(SCHEMA, r#"{"collation":"utf8mb4_bin"}"#).sees(SCHEMA, r#"{"collation":"utf8"}"#, None);
    platform.options.adopt.insert(SCHEMA.parse().expect("an address"));
    platform.sees(POLICY, r#"{"policy":""}"#, Some("acme"));
    platform.wants(RENAMED, "{}").sees(TABLE, "{}", Some("acme"));
    platform.options.moved.push((TABLE.parse().expect("an address"), RENAMED.parse().expect("an address")));
    platform.depends(RENAMED, SCHEMA).depends(PASSWORD, MOUNT);
    platform.plan()
}

/// Many steps before and after one thing that does not change.
fn hub() -> Plan {
    let mut platform = Platform::default();
    platform.wants(MOUNT, "{}").sees(MOUNT, "{}", Some("acme"));
    for index in 0..10 {
        let (before, after) = (format!("vault/policy/before-{index}"), format!("vault/policy/after-{index}"));
        platform.wants(&before, "{}").wants(&after, "{}").depends(MOUNT, &before).depends(&after, MOUNT);
    }
    platform.plan()
}

fn destroy() -> Plan {
    let mut platform = Platform::default();
    platform.wants(SCHEMA, "{}").sees(SCHEMA, "{}", Some("acme"));
    platform.options.destroy = true;
    platform.options.allow_destroy.insert(SCHEMA.parse().expect("an address"));
    platform.plan()
}

fn deferred() -> Plan {
    let mut platform = Platform::default();
    let workload = "cluster.eu/stateful-set/acme/vault";
    platform.wants(workload, "{}").wants(MOUNT, "{}").depends(MOUNT, workload);
    platform.gap(System::Vault, Gap::NotYet { workload: workload.parse().expect("an address") });
    platform.plan()
}

/// What a run that was cut off leaves behind: a store that comes up, and all that is to be put into it.
fn cut_off() -> Plan {
    let mut platform = Platform::default();
    let workload = "cluster.eu/stateful-set/acme/vault";
    platform.wants(workload, "{}").sees(workload, "{}", Some("acme")).waits_for(workload);
    platform.wants(MOUNT, "{}").depends(MOUNT, workload);
    let workload = workload.parse().expect("an address");
    platform.gap(System::Vault, Gap::Starting { workload, why: "0 of 1 pods".to_owned() });
    platform.plan()
}

fn notes() -> [Plan; 3] {
    let mut unknown = Platform::default();
    unknown.wants(MOUNT, "{}").wants(SCHEMA, "{}").wants(TABLE, "{}").depends(TABLE, MOUNT);
    unknown.gap(System::Vault, Gap::Unreachable("connection refused".into()));
    unknown.sees("mysql/schema/acme-old", "{}", Some("acme")).sees(SCHEMA, "{}", None);

    let mut refused = Platform::default();
    let agents = |image: &str| {
        format!(
            r#"{{"spec":{{"replicas":1,"template":{{"spec":{{"containers":[{{"name":"gateway-agent","image":"{image}"}}]}}}}}}}}"#
        )
    };
    refused.wants(AGENTS, &agents("new")).sees(AGENTS, &agents("old"), Some("acme"));
    refused.graph.get_mut(&AGENTS.parse().expect("an address")).expect("a resource").role = Role::GatewayAgent;

    let mut targeted = Platform::default();
    targeted.wants(MOUNT, "{}").wants(SCHEMA, "{}");
    targeted.options.targets.insert(MOUNT.parse().expect("an address"));
    [unknown.plan(), refused.plan(), targeted.plan()]
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn every_plan_that_is_made_fits_the_schema() {
    for plan in everything() {
        let plan = json(&plan);
        assert_eq!(complaints(&plan), Vec::<String>::new(), "{plan:#}");
    }
}

/// The fuzzer begins with plans of today: one in a form of yesterday is refused before anything in it is looked at.
#[test]
fn the_seeds_of_the_fuzzer_are_plans_of_today() {
    let [unknown, refused, targeted] = notes();
    let made = [
        ("changes", changes()),
        ("hub", hub()),
        ("destroy", destroy()),
        ("deferred", deferred()),
        ("cut-off", cut_off()),
        ("unknown", unknown),
        ("refused", refused),
        ("targeted", targeted),
    ];
    for (name, plan) in made {
        let path = tests::root().join(format!("fuzz/seeds/plan/{name}.json"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, to_json(&plan)).expect("a seed");
        }
        let seed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(seed == to_json(&plan), "{} is not the plan of today: UPDATE_GOLDEN=1 writes it anew", path.display());
    }
}

#[test]
fn the_plans_of_this_test_hold_every_action_and_every_kind_of_note() {
    let plans = everything();
    let actions: BTreeSet<Action> = plans.iter().flat_map(|plan| &plan.steps).map(|step| step.action).collect();
    assert_eq!(actions, BTreeSet::from(Action::ALL));
    let notes: BTreeSet<NoteKind> = plans.iter().flat_map(|plan| &plan.report).map(|note| note.kind).collect();
    use NoteKind::{Foreign, NeedsConsent, NotTargeted, Refused, Unknown, Waits};
    assert_eq!(notes, BTreeSet::from([Unknown, Waits, Refused, NeedsConsent, Foreign, NotTargeted]));
    assert!(plans.iter().flat_map(|plan| &plan.steps).any(|step| step.deferred));
    assert!(plans.iter().flat_map(|plan| &plan.steps).any(|step| step.destroys_data));
    let secrets = plans.iter().map(to_json).filter(|text| text.contains(r#""secret": "#)).count();
    assert!(secrets > 0, "a change of a secret is shown in one of them");
}

#[test]
fn the_schema_names_every_kind_and_every_action() {
    let schema = schema();
    let pattern = schema["$defs"]["address"]["pattern"].as_str().expect("a pattern").to_owned();
    let words = |text: &str| text.split(['(', ')', '|']).map(str::to_owned).collect::<BTreeSet<String>>();
    for kind in Kind::ALL {
        assert!(words(&pattern).contains(kind.word()), "{kind} is missing");
    }
    let actions: BTreeSet<&str> =
        schema["$defs"]["action"]["oneOf"].as_array().expect("a list").iter().filter_map(|one| one["const"].as_str()).collect();
    assert_eq!(actions, Action::ALL.iter().map(|action| action.word()).collect());
}

#[test]
fn a_plan_that_is_none_is_refused() {
    let good = json(&changes());
    let breakages: [(&str, Json); 8] = [
        ("/formatVersion", json!(2)),
        ("/madeAt", json!("yesterday")),
        ("/steps/0/action", json!("destroy")),
        ("/steps/0/address", json!("moon/thing/acme")),
        ("/steps/0/expected", json!("whatever")),
        ("/steps/0/causes", json!([])),
        ("/steps/0/scope", json!({"environment": "production"})),
        ("/digest", json!("no digest")),
    ];
    for (place, value) in breakages {
        let mut broken = good.clone();
        *broken.pointer_mut(place).expect("the place") = value;
        assert!(!complaints(&broken).is_empty(), "{place} may be anything");
    }
    let mut longer = good.clone();
    longer.as_object_mut().expect("a map").insert("surprise".to_owned(), Json::Null);
    assert!(!complaints(&longer).is_empty(), "an unknown key is taken");
}

#[test]
fn the_schema_has_no_place_for_the_digest_of_a_secret() {
    let mut plan = changes();
    let mut document = Value::EMPTY_MAP;
    document.set(&["data", "password"], Value::Digest(Box::new(model::SecretDigest([0; 16]))));
    plan.steps[0].document = Some(document.into());
    assert!(!complaints(&json(&plan)).is_empty());
}
