//! What we wrote before and want no more: a port of a Service, a label. A system that fills in defaults shows more than was written, so
//! what is too much there cannot be told field by field in general. It can where names are the writer's own: in maps of labels and the
//! like, and in lists whose items have names.

use crate::plan::diff::Difference;
use crate::plan::lists;
use model::change::SecretState;
use model::kind::{Family, Kind};
use model::observation::Observed;
use model::path::{FieldPath, Segment};
use model::{Map, Value};

/// Maps of Kubernetes whose keys nobody fills in by default.
const OPEN_MAPS: [&str; 7] = ["annotations", "data", "labels", "matchLabels", "nodeSelector", "selector", "stringData"];

/// Fields of `seen` that nobody else owns and that `wanted` no longer has.
pub(crate) fn withdrawn<'a>(kind: Kind, wanted: &Value, seen: &'a Observed) -> Vec<Difference<'a>> {
    let mut walk = Walk { kind, seen, path: Vec::new(), found: Vec::new() };
    if kind.family() == Family::Kubernetes {
        walk.values(wanted, &seen.document);
    }
    walk.found
}

struct Walk<'a> {
    kind: Kind,
    seen: &'a Observed,
    path: Vec<Segment>,
    found: Vec<Difference<'a>>,
}

impl<'a> Walk<'a> {
    fn values(&mut self, wanted: &Value, observed: &'a Value) {
        match (wanted, observed) {
            (Value::Map(left), Value::Map(right)) => self.maps(left, right),
            (Value::List(left), Value::List(right)) => {
                if let Some(Segment::Key(key)) = self.path.last()
                    && let Some(keys) = lists::merge_keys(self.kind, key)
                {
                    self.lists(keys, left, right);
                }
            }
            _ => {}
        }
    }

    fn maps(&mut self, wanted: &Map, observed: &'a Map) {
        let open = matches!(self.path.last(), Some(Segment::Key(key)) if OPEN_MAPS.contains(&key.as_str()));
        for (key, seen) in observed.iter() {
            self.path.push(Segment::Key(key.clone()));
            match wanted.get(key) {
                Some(wanted) => self.values(wanted, seen),
                None if open => self.withdraw(seen),
                None => {}
            }
            self.path.pop();
        }
    }

    fn lists(&mut self, keys: &'static [&'static str], wanted: &[Value], observed: &'a [Value]) {
        for seen in observed {
            let identity = lists::identity(keys, seen);
            self.path.push(Segment::Item(identity.clone()));
            match wanted.iter().find(|item| lists::identity(keys, item) == identity) {
                Some(wanted) => self.values(wanted, seen),
                None => self.withdraw(seen),
            }
            self.path.pop();
        }
    }

    fn withdraw(&mut self, seen: &'a Value) {
        let path = FieldPath(self.path.clone());
        let is_theirs = self.seen.foreign.iter().any(|(field, _)| path.contains(field) || field.contains(&path));
        if !is_theirs {
            // Whatever stands in a Secret is one.
            let secret = (self.kind == Kind::Secret).then_some(SecretState::Changed);
            self.found.push(Difference { path, before: Some(seen), after: None, secret });
        }
    }
}
