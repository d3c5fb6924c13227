//! The difference between a wanted document and an observed one, by the meaning of the fields rather than by their text.
//!
//! Kubernetes and Elasticsearch fill in defaults and let others add fields, so there only what is wanted must be there, and little else must
//! not be (`model::additions`).
//! Vault and MySQL give back what was written, so there anything more is a difference too.

use crate::plan::lists;
use model::additions;
use model::change::SecretState;
use model::kind::{Family, Kind};
use model::path::{FieldPath, Segment};
use model::value::{Map, Text};
use model::{SecretDigest, SecretReference, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<'a> {
    /// Where.
    pub path: FieldPath,
    /// What was seen.
    pub before: Option<&'a Value>,
    /// What is wanted.
    pub after: Option<&'a Value>,
    /// What may be said, if either side is a secret.
    pub secret: Option<SecretState>,
}

/// Digests of the secrets that could be fetched.
pub type Digests = BTreeMap<SecretReference, SecretDigest>;

/// The fields in which `observed` is not what `wanted` asks for.
pub fn diff<'a>(kind: Kind, wanted: &'a Value, observed: &'a Value, digests: &Digests) -> Vec<Difference<'a>> {
    if wanted == observed {
        return Vec::new();
    }
    let extras = match (kind.family(), kind) {
        (Family::Kubernetes | Family::Elasticsearch, _) | (_, Kind::Table) => Extras::Ignored,
        _ => Extras::Differ,
    };
    let mut walk = Walk { kind, extras, digests, path: Vec::new(), found: Vec::new() };
    walk.values(wanted, observed);
    walk.found
}

/// The fields in which `after` is another object than `before`, both as their system shows them: those that only one of them has among them.
pub fn between<'a>(kind: Kind, after: &'a Value, before: &'a Value) -> Vec<Difference<'a>> {
    if after == before {
        return Vec::new();
    }
    let mut walk = Walk { kind, extras: Extras::Differ, digests: &Digests::new(), path: Vec::new(), found: Vec::new() };
    walk.values(after, before);
    walk.found
}

/// What to make of a field that was seen and is not wanted.
#[derive(Clone, Copy, PartialEq)]
enum Extras {
    Ignored,
    Differ,
}

/// A part of the way to a value. It becomes a [`Segment`] where something differs, which is seldom.
enum Part<'a> {
    Key(&'a Text),
    Index(usize),
    /// An item that is told apart by these fields.
    Item(&'static [&'static str], &'a Value),
}

impl Part<'_> {
    fn segment(&self) -> Segment {
        match self {
            Part::Key(key) => Segment::Key((*key).clone()),
            Part::Index(index) => Segment::Index(u32::try_from(*index).unwrap_or(u32::MAX)),
            Part::Item(keys, item) => Segment::Item(lists::identity(keys, item)),
        }
    }
}

struct Walk<'a, 'd> {
    kind: Kind,
    extras: Extras,
    digests: &'d Digests,
    path: Vec<Part<'a>>,
    found: Vec<Difference<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn report(&mut self, before: Option<&'a Value>, after: Option<&'a Value>, secret: Option<SecretState>) {
        let path = FieldPath(self.path.iter().map(Part::segment).collect());
        self.found.push(Difference { path, before, after, secret });
    }

    fn inside(&mut self, part: Part<'a>, visit: impl FnOnce(&mut Self)) {
        self.path.push(part);
        visit(self);
        self.path.pop();
    }

    fn values(&mut self, wanted: &'a Value, observed: &'a Value) {
        match (wanted, observed) {
            (Value::Map(left), Value::Map(right)) => self.maps(left, right),
            (Value::List(left), Value::List(right)) if left == right => {}
            (Value::List(left), Value::List(right)) => self.lists(wanted, left, observed, right),
            (Value::Secret(reference), seen) => self.secret(reference, wanted, seen),
            _ if self.same_scalar(wanted, observed) => {}
            _ => self.report(Some(observed), Some(wanted), None),
        }
    }

    /// Both are sorted, and read side by side.
    fn maps(&mut self, left: &'a Map, right: &'a Map) {
        let mut rest = right.iter().peekable();
        for (key, value) in left.iter() {
            while rest.next_if(|(other, _)| *other < key).is_some() {}
            match rest.next_if(|(other, _)| *other == key) {
                Some((_, seen)) => self.inside(Part::Key(key), |walk| walk.values(value, seen)),
                None if self.is_default(key, value) || (is_empty(value) && !self.counts(key, value)) => {}
                None => self.inside(Part::Key(key), |walk| walk.missing(value)),
            }
        }
        if self.extras == Extras::Differ || self.kind.family() == Family::Elasticsearch {
            for (key, seen) in right.iter().filter(|(key, _)| !left.contains(key)) {
                if self.extras == Extras::Differ || self.counts(key, seen) {
                    self.inside(Part::Key(key), |walk| walk.extra(seen));
                }
            }
        }
    }

    /// Whether what is there makes the object another one, though nobody asked for it; then the object without it is another one, too, though
    /// it be empty, as an action of a lifecycle policy is.
    fn counts(&self, key: &str, seen: &Value) -> bool {
        let keys = self.path.iter().filter_map(|part| match part {
            Part::Key(key) => Some(key.as_str()),
            Part::Index(_) | Part::Item(..) => None,
        });
        additions::counts(self.kind, &keys.collect::<Vec<_>>(), key, seen)
    }

    /// Whether the system means this where nothing is written: an account without a host is one for every host (MySQL manual,
    /// "Specifying Account Names").
    fn is_default(&self, key: &str, value: &Value) -> bool {
        self.kind == Kind::Grant && self.path.is_empty() && key == "host" && value.as_str() == Some("%")
    }

    fn missing(&mut self, wanted: &'a Value) {
        let secret = matches!(wanted, Value::Secret(_)).then_some(SecretState::Changed);
        self.report(None, Some(wanted), secret);
    }

    fn extra(&mut self, seen: &'a Value) {
        let secret = matches!(seen, Value::Digest(_)).then_some(SecretState::Changed);
        self.report(Some(seen), None, secret);
    }

    fn secret(&mut self, reference: &SecretReference, wanted: &'a Value, seen: &'a Value) {
        let state = match (reference, seen) {
            // Any value that is there is the right one: it was generated when the object was made.
            (SecretReference::Generated { .. }, Value::Digest(_)) => return,
            (_, Value::Digest(digest)) => match self.digests.get(reference) {
                Some(known) if *known == **digest => return,
                Some(_) => SecretState::Changed,
                None => SecretState::Unknown,
            },
            _ => SecretState::Changed,
        };
        self.report(Some(seen), Some(wanted), Some(state));
    }

    fn same_scalar(&self, wanted: &Value, observed: &Value) -> bool {
        wanted == observed
            || match (wanted.as_str(), observed.as_str()) {
                (Some(left), Some(right)) if self.is_quantity() => crate::quantity::same(left, right),
                _ => false,
            }
    }

    /// Kubernetes writes quantities in a form of its own (`1000m` comes back as `1`).
    fn is_quantity(&self) -> bool {
        let key = |part: &Part<'_>| matches!(part, Part::Key(key) if matches!(key.as_str(), "requests" | "limits" | "hard"));
        self.kind.family() == Family::Kubernetes && self.path.iter().rev().nth(1).is_some_and(key)
    }

    fn lists(&mut self, wanted: &'a Value, left: &'a [Value], observed: &'a Value, right: &'a [Value]) {
        if self.kind == Kind::Grant {
            if !lists::same_set_ignoring_case(left, right) {
                self.report(Some(observed), Some(wanted), None);
            }
            return;
        }
        let keys = match self.path.last() {
            Some(Part::Key(key)) => lists::merge_keys(self.kind, key),
            _ => None,
        };
        match keys {
            Some(keys) => self.keyed_lists(keys, left, right),
            None if left.len() == right.len() => {
                for (index, (value, seen)) in left.iter().zip(right).enumerate() {
                    self.inside(Part::Index(index), |walk| walk.values(value, seen));
                }
            }
            None => self.report(Some(observed), Some(wanted), None),
        }
    }

    fn keyed_lists(&mut self, keys: &'static [&'static str], left: &'a [Value], right: &'a [Value]) {
        if lists::are_in_step(keys, left, right) {
            for (item, seen) in left.iter().zip(right) {
                self.inside(Part::Item(keys, item), |walk| walk.values(item, seen));
            }
            return;
        }
        let seen: BTreeMap<_, _> = right.iter().map(|item| (lists::identity(keys, item), item)).collect();
        for item in left {
            let found = seen.get(&lists::identity(keys, item)).copied();
            self.inside(Part::Item(keys, item), |walk| match found {
                Some(observed) => walk.values(item, observed),
                None => walk.missing(item),
            });
        }
        if self.extras == Extras::Differ {
            let wanted: BTreeSet<_> = left.iter().map(|item| lists::identity(keys, item)).collect();
            for item in right.iter().filter(|item| !wanted.contains(&lists::identity(keys, item))) {
                self.inside(Part::Item(keys, item), |walk| walk.extra(item));
            }
        }
    }
}

/// Whether leaving a value out means the same as writing it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Map(map) => map.is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    fn paths(kind: Kind, wanted: &str, observed: &str) -> Vec<String> {
        let (wanted, observed) = (value(wanted), value(observed));
        diff(kind, &wanted, &observed, &Digests::new()).iter().map(|difference| difference.path.to_string()).collect()
    }

    #[test]
    fn fields_that_kubernetes_fills_in_are_no_difference() {
        assert!(paths(Kind::Service, r#"{"spec":{"a":1}}"#, r#"{"spec":{"a":1,"clusterIP":"10.0.0.1"}}"#).is_empty());
    }

    #[test]
    fn in_vault_anything_more_is_a_difference() {
        assert_eq!(paths(Kind::Kv, r#"{"data":{"a":"1"}}"#, r#"{"data":{"a":"1","b":"2"}}"#), ["data.b"]);
    }

    #[test]
    fn in_elasticsearch_what_was_added_counts_where_it_does_something_and_what_the_server_fills_in_does_not() {
        let role = r#"{"cluster":["monitor"],"indices":[{"names":["a"],"privileges":["read"]}]}"#;
        let added = r#"{"cluster":["monitor"],"indices":[{"names":["a"],"privileges":["read"],"allow_restricted_indices":false,
            "field_security":{"grant":["*"]}}],"applications":[],"run_as":["elastic"],"transient_metadata":{"enabled":true}}"#;
        assert_eq!(paths(Kind::SearchRole, role, added), ["indices[0].field_security", "run_as"]);
        let policy = r#"{"policy":{"phases":{"delete":{"actions":{"delete":{}},"min_age":"30d"}}}}"#;
        let added = r#"{"policy":{"phases":{"delete":{"actions":{"delete":{"delete_searchable_snapshot":true}},"min_age":"30d"},
            "frozen":{"min_age":"1d","actions":{}}}},"version":2}"#;
        assert_eq!(paths(Kind::LifecyclePolicy, policy, added), ["policy.phases.frozen"]);
        let kept = r#"{"policy":{"phases":{"delete":{"actions":{},"min_age":"30d"}}}}"#;
        assert_eq!(paths(Kind::LifecyclePolicy, policy, kept), ["policy.phases.delete.actions.delete"]);
        let strayed = policy.replacen('{', r#"{"indices":"1 of 2 does not live by it, .ds-a-000001: it has no policy","#, 1);
        assert_eq!(paths(Kind::LifecyclePolicy, policy, &strayed), ["indices"]);
    }

    #[test]
    fn containers_are_told_apart_by_name_and_their_order_does_not_matter() {
        let wanted = r#"{"spec":{"containers":[{"name":"b","image":"x:2"},{"name":"a","image":"y:1"}]}}"#;
        let observed = r#"{"spec":{"containers":[{"name":"a","image":"y:1"},{"name":"injected"},{"name":"b","image":"x:1"}]}}"#;
        assert_eq!(paths(Kind::Deployment, wanted, observed), ["spec.containers[name=b].image"]);
    }

    #[test]
    fn quantities_compare_by_their_amount() {
        let wanted = r#"{"resources":{"requests":{"cpu":"1000m","memory":"1Gi"}}}"#;
        assert!(paths(Kind::Deployment, wanted, r#"{"resources":{"requests":{"cpu":"1","memory":"1024Mi"}}}"#).is_empty());
        assert_eq!(
            paths(Kind::Deployment, wanted, r#"{"resources":{"requests":{"cpu":"2","memory":"1Gi"}}}"#),
            ["resources.requests.cpu"]
        );
    }

    #[test]
    fn grants_are_sets() {
        assert!(paths(Kind::Grant, r#"{"privileges":["SELECT","INSERT"]}"#, r#"{"privileges":["insert","SELECT"]}"#).is_empty());
        assert_eq!(paths(Kind::Grant, r#"{"privileges":["SELECT"]}"#, r#"{"privileges":["SELECT","DROP"]}"#), ["privileges"]);
        assert!(paths(Kind::Grant, r#"{"host":"%"}"#, "{}").is_empty());
        assert_eq!(paths(Kind::Grant, r#"{"host":"10.%"}"#, "{}"), ["host"]);
    }

    #[test]
    fn a_secret_is_compared_by_its_digest_and_a_generated_one_only_has_to_be_there() {
        let digest = SecretDigest::of(&[1; 32], b"one");
        let reference = SecretReference::Env("A".into());
        let mut wanted = Value::Null;
        wanted.set(&["data", "password"], reference.clone());
        let mut observed = Value::Null;
        observed.set(&["data", "password"], Value::Digest(Box::new(digest)));
        let state =
            |digests: &Digests, wanted: &Value| diff(Kind::Kv, wanted, &observed, digests).first().and_then(|found| found.secret);
        assert_eq!(state(&Digests::from([(reference.clone(), digest)]), &wanted), None);
        let other = SecretDigest::of(&[1; 32], b"two");
        assert_eq!(state(&Digests::from([(reference, other)]), &wanted), Some(SecretState::Changed));
        assert_eq!(state(&Digests::new(), &wanted), Some(SecretState::Unknown));
        wanted.set(&["data", "password"], SecretReference::Generated { length: 32 });
        assert_eq!(state(&Digests::new(), &wanted), None);
    }
}
