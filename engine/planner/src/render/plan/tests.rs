//! What a plan says to a person.

use super::*;
use model::Value;
use model::change::{Cause, CauseKind, FieldChange, SecretState, Shown};
use model::operation::Expectation;
use model::plan::{FORMAT_VERSION, Note};
use model::resource::Role;

fn cause(kind: CauseKind, source: &str) -> Cause {
    Cause { kind, source: source.into() }
}

fn step(address: &str, action: Action, cause: Cause) -> Step {
    Step {
        address: address.parse().unwrap(),
        action,
        causes: vec![cause],
        after: Vec::new(),
        expected: Expectation::Absent,
        scope: Scope::PLATFORM,
        role: Role::Plain,
        changes: Vec::new(),
        document: None,
        moved_from: None,
        deferred: false,
        destroys_data: false,
    }
}

fn change(path: &str, before: Option<Shown>, after: Option<Shown>, cause: Cause) -> FieldChange {
    FieldChange { path: path.into(), before, after, cause }
}

fn note(kind: NoteKind, subject: &str, message: &str) -> Note {
    Note { kind, subject: subject.into(), rule: None, message: message.into(), help: Some("bring it back".into()) }
}

fn made(steps: Vec<Step>, report: Vec<Note>) -> Plan {
    Plan {
        format_version: FORMAT_VERSION,
        made_at: "2026-11-24T12:00:00Z".into(),
        platform: "acme".into(),
        spec_digest: "d".into(),
        acts_on: vec!["Acts on the embedded platform in world.sqlite: clusters eu-1".into()],
        connections: Vec::new(),
        pinned_to: Default::default(),
        steps,
        report,
        waived: Vec::new(),
        audit: Vec::new(),
        unchanged: 7,
        digest: "d".into(),
    }
}

fn value(number: i64) -> Option<Shown> {
    Some(Shown::Value(Value::Integer(number)))
}

#[test]
fn a_plan_groups_its_steps_and_says_why() {
    let spec = || cause(CauseKind::Spec, "vamp.yaml:44:20");
    let cell = Scope { tenant: Some("shop".into()), environment: Some("production".into()), cluster: Some("eu-1".into()) };
    let mut update = step("cluster.eu-1/deployment/acme-shop-production/gateway-agent", Action::Update, spec());
    update.scope = cell;
    update.changes = vec![
        change("spec.replicas", value(3), value(5), spec()),
        change("metadata.labels.a", value(1), None, cause(CauseKind::Drift, "kubectl")),
        change("data.password", Some(Shown::Secret(SecretState::Unknown)), Some(Shown::Secret(SecretState::Changed)), spec()),
    ];
    let create = step("vault/mount/acme", Action::Create, cause(CauseKind::Spec, "vamp.yaml:2:1"));
    let expected = "\
Acts on the embedded platform in world.sqlite: clusters eu-1

platform
  + vault/mount/acme  vamp.yaml:2:1

shop/production on eu-1
  ~ cluster.eu-1/deployment/acme-shop-production/gateway-agent  vamp.yaml:44:20
      spec.replicas: 3 -> 5
      metadata.labels.a: 1 -> (removed)  (drift: changed by kubectl)
      data.password: (secret) changed

not done
  unknown cluster.de-1: no answer
      help: bring it back

Plan: 1 to create, 1 to update; not done: 1 unknown; 7 resources unchanged.
";
    let made = made(vec![update, create], vec![note(NoteKind::Unknown, "cluster.de-1", "no answer")]);
    assert_eq!(plan(&made, Detail::Short, Style::PLAIN), expected);
}

#[test]
fn nothing_to_do_is_said_in_one_sentence() {
    assert_eq!(summary(&made(Vec::new(), Vec::new())), "Nothing to do: 7 resources as wanted.");
}

#[test]
fn notes_of_one_reason_stand_together_and_a_short_plan_names_a_few() {
    let notes: Vec<Note> = (0..40).map(|index| note(NoteKind::Unknown, &format!("vault/kv/{index}"), "no answer")).collect();
    let short = plan(&made(Vec::new(), notes.clone()), Detail::Short, Style::PLAIN);
    assert!(short.contains("unknown no answer:\n") && short.contains("… and 35 more"), "{short}");
    let full = plan(&made(Vec::new(), notes), Detail::Full, Style::PLAIN);
    assert_eq!(full.matches("vault/kv/").count(), 40);
}

#[test]
fn a_short_plan_counts_what_only_waits() {
    let notes =
        |count| (0..count).map(|index| note(NoteKind::Waits, &format!("vault/kv/{index}"), &format!("waits for {index}")));
    let said = |count, detail| plan(&made(Vec::new(), notes(count).collect()), detail, Style::PLAIN);
    assert!(said(40, Detail::Short).contains("waits 40 steps that come after"));
    assert!(said(4, Detail::Short).contains("vault/kv/3: waits for 3") && said(40, Detail::Full).contains("vault/kv/39"));
}

#[test]
fn a_text_of_several_lines_shows_the_lines_that_differ() {
    let text = |weight: u8| {
        let lines: Vec<String> =
            (0..20).map(|n| if n == 10 { format!("weight {weight}") } else { format!("line {n}") }).collect();
        Some(Shown::Value(Value::String(lines.join("\n").into())))
    };
    let mut update = step("vault/kv/acme/gateways", Action::Update, cause(CauseKind::Spec, "f:1:1"));
    update.changes = vec![change("data.configuration", text(1), text(2), cause(CauseKind::Spec, "f:1:1"))];
    let expected = "      data.configuration:
          line 8
          line 9
        - weight 1
        + weight 2
          line 11
          line 12
";
    let shown = plan(&made(vec![update], Vec::new()), Detail::Short, Style::PLAIN);
    assert!(shown.contains(expected), "{shown}");
}

#[test]
fn a_long_value_is_cut_to_the_window() {
    let long = Some(Shown::Value(Value::String("x".repeat(500).into())));
    let mut update = step("vault/policy/a", Action::Update, cause(CauseKind::Spec, "f:1:1"));
    update.changes = vec![change("policy", long.clone(), long, cause(CauseKind::Spec, "f:1:1"))];
    let shown = plan(&made(vec![update], Vec::new()), Detail::Short, Style { colour: false, width: 80 });
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn a_full_plan_shows_documents_and_never_a_secret() {
    let mut create = step("vault/kv/acme/a", Action::Create, cause(CauseKind::Spec, "f:1:1"));
    let mut document = Value::EMPTY_MAP;
    document.set(&["data", "password"], Value::Secret(Box::new(model::SecretReference::Env("PW".into()))));
    document.set(&["data", "list"], Value::List(vec![Value::Integer(1), Value::EMPTY_MAP]));
    create.document = Some(document.into());
    let shown = plan(&made(vec![create], Vec::new()), Detail::Full, Style::PLAIN);
    let expected = "      data:\n        list:\n        - 1\n        - {}\n        password: (secret: environment variable PW)\n";
    assert!(shown.contains(expected), "{shown}");
}
