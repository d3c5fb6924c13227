//! Requests that make an object or change it: `POST`, `PUT`, and three kinds of `PATCH`.

use super::form::written;
use super::{Route, Served, status};
use crate::kubernetes::cluster::{Cluster, NamespaceState};
use crate::kubernetes::event::Context;
use crate::kubernetes::key::Key;
use crate::kubernetes::managers::{self, Managers, Written};
use crate::kubernetes::object::Object;
use crate::server::{Answer, Question};
use model::operation::Mark;
use model::path::{FieldPath, Segment};
use model::value::Text;
use model::{Value, mark};
use std::sync::Arc;

/// Who writes without saying who it is.
const NAMELESS: &str = "unknown";
/// What names are made of (`apimachinery/pkg/util/rand`): no vowels, and nothing that looks like another.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
/// How many letters a generated name gets (`apiserver/pkg/storage/names`).
const GENERATED: u64 = 5;

/// An object as it is about to be written.
struct Draft {
    next: Written,
    mark: Option<Mark>,
}

impl Cluster {
    pub(super) fn create(&mut self, route: &Route<'_>, question: &Question, context: &mut Context<'_>) -> Served {
        let mut body = question.body.clone();
        let named = body.str_at(&["metadata", "name"]).filter(|name| !name.is_empty()).map(ToOwned::to_owned);
        let prefix = body.str_at(&["metadata", "generateName"]).map(ToOwned::to_owned);
        let name = match (named, prefix) {
            (Some(name), _) => name,
            (None, Some(prefix)) => self.generated_name(&prefix, context),
            (None, None) => {
                return Err(status::invalid(
                    route.resource,
                    "",
                    "metadata.name: Required value: name or generateName is required",
                ));
            }
        };
        in_its_place(route, &body)?;
        if body.str_at(&["metadata", "resourceVersion"]).is_some_and(|version| !version.is_empty()) {
            return Err(status::storage_refuses("resourceVersion should not be set on objects to be created"));
        }
        let key = route.key(&name);
        self.has_its_namespace(route, &key)?;
        if self.objects.contains(&key) {
            return Err(status::already_exists(route.resource, &name));
        }
        body = written(route.resource, &key, body);
        let mark = mark::take(&mut body);
        let none = Written { document: Arc::new(Value::EMPTY_MAP), managers: Managers::Several(Vec::new()) };
        let next = managers::update(&none, manager(question), &none.document, &body);
        self.put(route, &key, Draft { next, mark }, (question, 201), context)
    }

    pub(super) fn replace(&mut self, route: &Route<'_>, name: &str, question: &Question, context: &mut Context<'_>) -> Served {
        let body = &question.body;
        in_its_place(route, body)?;
        if let Some(other) = body.str_at(&["metadata", "name"]).filter(|other| *other != name) {
            let message = format!("the name of the object ({other}) does not match the name on the URL ({name})");
            return Err(status::bad_request(&message));
        }
        self.update_to(route, name, body.clone(), question, context)
    }

    pub(super) fn patch(&mut self, route: &Route<'_>, name: &str, question: &Question, context: &mut Context<'_>) -> Served {
        if route.subresource.is_some() {
            return Err(status::not_allowed());
        }
        match question.content_type.as_str() {
            "application/apply-patch+yaml" => self.apply_patch(route, name, question, context),
            "application/merge-patch+json" | "application/strategic-merge-patch+json" => {
                let mut body = self.shown(route, name)?;
                // A patch without a version is applied to whatever is there.
                body.remove(&["metadata", "resourceVersion"]);
                merge(&mut body, &question.body);
                self.update_to(route, name, body, question, context)
            }
            other => Err(status::unknown_format(other)),
        }
    }

    /// Any write that is no apply: the object becomes `body`, if it is still what whoever wrote it had seen.
    fn update_to(
        &mut self,
        route: &Route<'_>,
        name: &str,
        mut body: Value,
        question: &Question,
        context: &mut Context<'_>,
    ) -> Served {
        let key = route.key(name);
        let present = self.objects.get(&key).ok_or_else(|| status::not_found(route.resource, name))?;
        self.as_it_was(route, &key, present, &body)?;
        if let Some(uid) = body.str_at(&["metadata", "uid"]).filter(|uid| *uid != present.uid_text()) {
            let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", present.uid_text());
            return Err(status::conflict(route.resource, name, &why));
        }
        let said = accounts_in(question);
        body = written(route.resource, &key, body);
        let mark = mark::take(&mut body);
        // What the path says is written in every object, whoever made it.
        let before = written(route.resource, &key, (*present.live(key.kind)).clone());
        let next = managers::update(&present.written(), manager(question), &before, &body);
        let next = if said.is_empty() { next } else { managers::accounted(&next, &pairs(&said)) };
        no_new_finalizers(route, name, present, &next)?;
        self.put(route, &key, Draft { next, mark }, (question, 200), context)
    }

    fn apply_patch(&mut self, route: &Route<'_>, name: &str, question: &Question, context: &mut Context<'_>) -> Served {
        let key = route.key(name);
        let Some(manager) = question.asked("fieldManager").filter(|manager| !manager.is_empty()) else {
            let why = "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch";
            return Err(Answer { status: 422, ..status::bad_request(why) });
        };
        in_its_place(route, &question.body)?;
        self.has_its_namespace(route, &key)?;
        let present = self.objects.get(&key);
        if let Some(present) = present {
            self.as_it_was(route, &key, present, &question.body)?;
        }
        let code = if present.is_some() { 200 } else { 201 };
        let mut body = written(route.resource, &key, question.body.clone());
        let wanted = mark::take(&mut body);
        let live = present.map(Object::written);
        let force = question.asked("force") == Some("true");
        let next = managers::apply(live.as_ref(), manager, &Arc::new(body), force).map_err(|conflict| {
            let applies =
                |name: &str| present.is_some_and(|present| present.managers.with_operations().contains(&(name, "Apply")));
            let who = |name: &str| {
                if applies(name) { format!("{name:?}") } else { format!("{name:?} using {}", route.resource.version) }
            };
            status::owned(&conflict.0.iter().map(|(name, path)| (who(name), in_notation(path))).collect::<Vec<_>>())
        })?;
        let mark = wanted.or_else(|| present.and_then(|present| present.mark.clone()));
        self.put(route, &key, Draft { next, mark }, (question, code), context)
    }

    /// Put a draft in place, or only say what would be there.
    fn put(
        &mut self,
        route: &Route<'_>,
        key: &Key,
        draft: Draft,
        (question, code): (&Question, u16),
        context: &mut Context<'_>,
    ) -> Served {
        let refused = |why: String| {
            let why = why.split_once(": ").map_or(why.as_str(), |(_, rest)| rest);
            status::invalid(route.resource, key.own_name(), why)
        };
        if question.asked("dryRun") == Some("All") {
            let object = self.draft(key, draft.next, draft.mark, context.agenda.now()).map_err(refused)?;
            return Ok(Answer::new(code, self.form(key, &object)));
        }
        let written = self.write(key, draft.next, draft.mark, context);
        written.map_err(|error| refused(error.to_string()))?;
        self.answer_with(code, key)
    }

    /// Whether the object is still the one that `body` was made from, if it says which.
    fn as_it_was(&self, route: &Route<'_>, key: &Key, present: &Object, body: &Value) -> Result<(), Answer> {
        let seen = body.str_at(&["metadata", "resourceVersion"]).filter(|version| !version.is_empty());
        match seen {
            Some(version) if version != self.version_of(key, present).to_string() => {
                Err(status::overtaken(route.resource, key.own_name()))
            }
            _ => Ok(()),
        }
    }

    fn has_its_namespace(&self, route: &Route<'_>, key: &Key) -> Result<(), Answer> {
        let Some(namespace) = key.namespace() else { return Ok(()) };
        match self.namespace_state(namespace) {
            NamespaceState::Active => Ok(()),
            NamespaceState::Terminating if self.objects.contains(key) => Ok(()),
            NamespaceState::Terminating => Err(status::namespace_terminating(route, key.own_name(), namespace)),
            NamespaceState::Absent => Err(status::no_namespace(namespace)),
        }
    }

    fn generated_name(&self, prefix: &str, context: &Context<'_>) -> String {
        let entity = self.entity(prefix);
        let letter = |n: u64| {
            let drawn = context.agenda.between(&entity, "name", self.meta.uid * GENERATED + n, 0, LETTERS.len() as u64 - 1);
            usize::try_from(drawn).ok().and_then(|index| LETTERS.get(index)).map_or('x', |letter| char::from(*letter))
        };
        prefix.chars().chain((0..GENERATED).map(letter)).collect()
    }
}

/// The account of managers that a body writes, if it does: who, and how.
fn accounts_in(question: &Question) -> Vec<(Text, Text)> {
    let entries = question.body.at(&["metadata", "managedFields"]).and_then(Value::as_list).unwrap_or_default();
    entries.iter().filter_map(|entry| Some((entry.str_at(&["manager"])?.into(), entry.str_at(&["operation"])?.into()))).collect()
}

fn pairs(said: &[(Text, Text)]) -> Vec<(&str, &str)> {
    said.iter().map(|(who, how)| (who.as_str(), how.as_str())).collect()
}

fn manager(question: &Question) -> &str {
    question.asked("fieldManager").filter(|manager| !manager.is_empty()).unwrap_or(NAMELESS)
}

fn in_its_place(route: &Route<'_>, body: &Value) -> Result<(), Answer> {
    let named = body.str_at(&["metadata", "namespace"]).filter(|named| !named.is_empty());
    if named.is_some_and(|named| Some(named) != route.namespace) {
        let message = "the namespace of the provided object does not match the namespace sent on the request";
        return Err(status::bad_request(message));
    }
    Ok(())
}

fn no_new_finalizers(route: &Route<'_>, name: &str, present: &Object, next: &Written) -> Result<(), Answer> {
    let after = next.document.at(&["metadata", "finalizers"]).and_then(Value::as_list).unwrap_or_default();
    let new: Vec<&str> =
        after.iter().filter(|finalizer| !present.finalizers().contains(finalizer)).filter_map(Value::as_str).collect();
    if present.deleted.is_none() || new.is_empty() {
        return Ok(());
    }
    let why = format!(
        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers \
         []string{{{}}}",
        new.iter().map(|finalizer| format!("{finalizer:?}")).collect::<Vec<_>>().join(", ")
    );
    Err(status::invalid(route.resource, name, &why))
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Map(changes) = patch else {
        *target = patch.clone();
        return;
    };
    let map = target.make_map();
    for (key, change) in changes.iter() {
        match change {
            Value::Null => drop(map.remove(key)),
            change => merge(map.entry(key), change),
        }
    }
}

/// A path in the API's own notation: `.spec.template.spec.containers[name="web"].image`.
fn in_notation(path: &FieldPath) -> String {
    let segment = |segment: &Segment| match segment {
        Segment::Key(key) => format!(".{key}"),
        Segment::Item(item) => {
            let pair = |pair: &str| match pair.split_once('=') {
                Some((key, value)) if value.parse::<i64>().is_err() => format!("{key}={value:?}"),
                Some(_) => pair.to_owned(),
                None => format!("={pair:?}"),
            };
            format!("[{}]", item.split(',').map(pair).collect::<Vec<_>>().join(","))
        }
        Segment::Index(index) => format!("[{index}]"),
    };
    path.0.iter().map(segment).collect()
}
