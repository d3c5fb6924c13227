//! VGA-4 and VGA-5: no step takes a cell below two ready gateway agents on two nodes, and none is touched while a new one could not start.

use super::Objection;
use crate::plan::{Request, preview};
use crate::policy::rules;
use model::Value;
use model::change::FieldChange;
use model::observation::{Gap, Listing, Observation};
use model::plan::{Action, Step};
use model::resource::Role;
use model::{Kind, System};

/// Gateway agents that every cell has ready at all times (VGA-1).
const FEWEST_READY: i64 = 2;

/// VGA-4: a roll-out must have room. With no pod to spare it needs a node more than replicas (required anti-affinity); with some
/// to spare, enough must stay.
pub(super) fn keeps_two_ready(request: &Request<'_>, step: &Step) -> Option<Objection> {
    if step.role != Role::GatewayAgent {
        return None;
    }
    match step.action {
        Action::Replace => {
            Some(objection("replacing the Deployment takes every gateway agent of the cell away at once".to_owned()))
        }
        Action::Update | Action::Adopt => room_to_roll(request, step),
        _ => None,
    }
}

fn room_to_roll(request: &Request<'_>, step: &Step) -> Option<Objection> {
    let wanted = preview::of(request, &step.address).or(step.document.as_deref())?;
    let replicas = replicas(request, step, wanted);
    if replicas < FEWEST_READY {
        return Some(objection(format!("{replicas} replicas are fewer than the two that must always be ready")));
    }
    if !rolls(request, step, wanted) {
        return None;
    }
    let unavailable = bound(wanted, "maxUnavailable", replicas, Rounding::Down);
    let surge = bound(wanted, "maxSurge", replicas, Rounding::Up);
    if replicas - unavailable < FEWEST_READY {
        return Some(objection(format!(
            "rolling {replicas} replicas with up to {unavailable} unavailable leaves fewer than two ready"
        )));
    }
    if unavailable > 0 {
        return None;
    }
    let System::Cluster(cluster) = step.address.system() else { return None };
    let schedulable = request.snapshot.nodes.get(&cluster)?.iter().filter(|node| node.schedulable).count() as i64;
    (surge < 1 || schedulable <= replicas).then(|| {
        objection(format!("a new gateway agent has no node to start on: {schedulable} nodes can take pods, and {replicas} agents already stand on one each"))
    })
}

/// How many there are to be. Where the number is left to somebody else, those that there are.
fn replicas(request: &Request<'_>, step: &Step, wanted: &Value) -> i64 {
    let of = |document: &Value| document.integer_at(&["spec", "replicas"]);
    let seen = || match request.snapshot.observe(&step.address) {
        Observation::Present(seen) => of(&seen.document),
        Observation::Absent | Observation::Unknown(_) => None,
    };
    of(wanted).or_else(seen).unwrap_or(1)
}

/// Whether the update starts pods anew: the pod template changes.
fn rolls(request: &Request<'_>, step: &Step, wanted: &Value) -> bool {
    let Observation::Present(seen) = request.snapshot.observe(&step.address) else { return false };
    let template = ["spec", "template"];
    match (wanted.at(&template), seen.document.at(&template)) {
        (Some(wanted), Some(seen)) => {
            !crate::plan::diff::diff(Kind::Deployment, wanted, seen, request.digests).is_empty()
                || step.changes.iter().any(|change| change.path.starts_with("spec.template") || is_of_the_whole(change))
        }
        _ => true,
    }
}

/// Whether all that is known is that the object was written from another document.
fn is_of_the_whole(change: &FieldChange) -> bool {
    change.before.is_none() && change.after.is_none()
}

enum Rounding {
    Up,
    Down,
}

/// `maxSurge` or `maxUnavailable` in pods; 25 % if it is left out, surge rounded up and unavailable down
/// (Kubernetes `pkg/apis/apps/v1/defaults.go` and `util/intstr`).
fn bound(deployment: &Value, field: &str, replicas: i64, rounding: Rounding) -> i64 {
    let value = deployment.at(&["spec", "strategy", "rollingUpdate", field]);
    if let Some(number) = value.and_then(Value::as_integer) {
        return number;
    }
    let percent = value
        .and_then(Value::as_str)
        .and_then(|text| text.strip_suffix('%'))
        .and_then(|text| text.parse::<i64>().ok())
        .unwrap_or(25);
    match rounding {
        Rounding::Up => (replicas * percent + 99) / 100,
        Rounding::Down => replicas * percent / 100,
    }
}

fn objection(message: String) -> Objection {
    let help = "a cell needs three replicas, and a node more than replicas that can take pods; then apply again".to_owned();
    Objection { rule: rules::VGA_4, message, help }
}

/// VGA-5: a new gateway agent reads its configuration from Vault before it serves, so none is rolled, replaced or made smaller while
/// Vault cannot be read.
pub(super) fn a_new_one_could_start(request: &Request<'_>, step: &Step) -> Option<Objection> {
    let touches = matches!(step.action, Action::Update | Action::Replace | Action::Adopt);
    if step.role != Role::GatewayAgent || !touches {
        return None;
    }
    let gap = match request.snapshot.listing(&System::Vault, Kind::Kv) {
        Some(Listing::Complete(_)) => return None,
        Some(Listing::Unknown(gap)) => gap.to_string(),
        None => Gap::Unreachable("it was not looked at".to_owned()).to_string(),
    };
    Some(Objection {
        rule: rules::VGA_5,
        message: format!("a new gateway agent could not start, since Vault cannot be read: {gap}"),
        help: "bring Vault back first; the agents that run keep serving".to_owned(),
    })
}
