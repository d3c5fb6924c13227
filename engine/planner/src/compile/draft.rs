//! A resource on its way into the graph, together with what it comes after: both are said in one place.

use model::Kind;
use model::address::Address;
use model::graph::{Edge, EdgeReason};
use model::path::{FieldPath, Segment};
use model::resource::{Origin, Resource, Role, Scope};
use model::source::{Located, Place};
use model::system::System;
use model::value::Value;
use std::sync::Arc;

/// Whom a resource is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    /// What it belongs to.
    pub(crate) scope: &'a Scope,
    /// The spec's place that asks for it.
    pub(crate) place: Place,
    /// For what belongs to an environment, the configuration of its tenant: a tenant is complete before anything of its environments is
    /// begun (TEN-6).
    pub(crate) gate: Option<&'a Address>,
}

impl<'a> Owner<'a> {
    /// Something with nothing to wait for.
    pub(crate) fn new(scope: &'a Scope, place: Place) -> Self {
        Owner { scope, place, gate: None }
    }
}

/// A resource and its edges.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) resource: Resource,
    pub(crate) after: Vec<(Address, Edge)>,
    /// Whether many resources have this very document, so that they share one.
    pub(crate) alike: bool,
}

impl Draft {
    /// A resource that nobody has said more about yet.
    pub(crate) fn new(address: Address, document: impl Into<Arc<Value>>, scope: &Scope, place: Place) -> Self {
        let holds_data = address.kind().holds_data();
        let resource = Resource {
            address,
            document: document.into(),
            scope: scope.clone(),
            role: Role::Plain,
            place,
            origins: Vec::new(),
            holds_data,
        };
        Draft { resource, after: Vec::new(), alike: false }
    }

    /// The resource `key` of `kind` in `system`, after its owner's gate.
    pub(crate) fn at(system: &System, kind: Kind, key: &str, document: impl Into<Arc<Value>>, owner: Owner) -> Self {
        let draft = Draft::new(Address::new(system, kind, key), document, owner.scope, owner.place);
        owner.gate.into_iter().fold(draft, |draft, gate| draft.after_by(gate, EdgeReason::StartsAfter, "TEN-6"))
    }

    #[must_use]
    pub(crate) fn role(mut self, role: Role) -> Self {
        self.resource.role = role;
        self
    }

    /// Many resources have this very document: they share one.
    #[must_use]
    pub(crate) fn alike(mut self) -> Self {
        self.alike = true;
        self
    }

    /// It comes after `dependency`.
    #[must_use]
    pub(crate) fn after(mut self, dependency: &Address, reason: EdgeReason) -> Self {
        self.after.push((dependency.clone(), Edge { reason, rule: None }));
        self
    }

    /// It comes after `dependency`, because rule `rule` of the domain says so.
    #[must_use]
    pub(crate) fn after_by(mut self, dependency: &Address, reason: EdgeReason, rule: &'static str) -> Self {
        self.after.push((dependency.clone(), Edge { reason, rule: Some(rule) }));
        self
    }

    /// It comes after each of `dependencies`.
    #[must_use]
    pub(crate) fn after_all<'a>(self, dependencies: impl IntoIterator<Item = &'a Address>, reason: EdgeReason) -> Self {
        dependencies.into_iter().fold(self, |draft, dependency| draft.after(dependency, reason))
    }

    /// What stands at `path` comes from `origin`.
    #[must_use]
    pub(crate) fn origin(mut self, path: FieldPath, origin: Origin) -> Self {
        self.resource.origins.push((path, origin));
        self
    }
}

/// Where a value comes from: the place where it was written, or the default that `default` describes.
pub(crate) fn origin_of<T>(value: &Located<T>, default: &'static str) -> Origin {
    if value.place.is_written() { Origin::Spec(value.place) } else { Origin::Default(default) }
}

/// Path to a field of a container in a pod template.
pub(crate) fn container_path(container: &str, field: &[&str]) -> FieldPath {
    let mut path = FieldPath::keys(&["spec", "template", "spec", "containers"]);
    path.0.push(Segment::Item(format!("name={container}").into()));
    path.0.extend(field.iter().map(|key| Segment::Key((*key).into())));
    path
}

/// A document from keys and values.
pub(crate) fn document<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().collect())
}

/// A list of strings.
pub(crate) fn texts<'a>(items: impl IntoIterator<Item = &'a str>) -> Value {
    Value::List(items.into_iter().map(Value::from).collect())
}
