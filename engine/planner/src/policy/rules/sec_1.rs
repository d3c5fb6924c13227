//! SEC-1: nothing in the open.

use crate::policy::rule::page;
use crate::policy::subject::Store;
use crate::policy::{Breach, Case, Check, Rule, Severity};
use crate::spec::types::Placement;
use model::{Kind, Resource, Value};

pub(crate) const RULE: Rule = Rule {
    id: "SEC-1",
    severity: Severity::Should,
    title: "connections are encrypted, and no secret is one that was shipped",
    page: page!("SEC-1"),
    checks: &[Check::Store(encrypted), Check::Resource(secrets)],
};

fn encrypted(_: &Case<'_>, store: &Store<'_>) -> Option<Breach> {
    let Placement::External { address: Some(address) } = &store.placement().value else { return None };
    address.starts_with("http://").then(|| {
        Breach::at(store.placement().place, format!("the connection to {store} is not encrypted"))
            .saw("address", address.as_str())
            .remedy("use `https://`")
    })
}

/// Values of these keys are references to secrets, never texts.
const SECRET: &[&str] = &["password", "salt", "token", "secret"];

fn secrets(_: &Case<'_>, resource: &Resource) -> Option<Breach> {
    let data = match resource.address.kind() {
        Kind::Kv => resource.document.get("data"),
        Kind::Secret => resource.document.get("stringData"),
        _ => None,
    };
    let entries = data.and_then(Value::as_map)?.iter();
    let is_secret = |key: &str| SECRET.iter().any(|word| key.rsplit(['.', '-']).next() == Some(word));
    let (key, _) = entries.filter(|(key, _)| is_secret(key)).find(|(_, value)| matches!(value, Value::String(_)))?;
    let breach = Breach::at(resource.place, format!("{} would hold {key} as it was shipped", resource.address))
        .saw("field", key.as_str())
        .remedy("this is made by vamp itself: report it");
    Some(breach)
}
