//! `DELETE`: with what its options ask to hold, and what then still keeps the object.

use super::{Route, Served, status};
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::event::Context;
use crate::server::{Answer, Question};
use model::{Kind, Value};

impl Cluster {
    pub(super) fn take_away(&mut self, route: &Route<'_>, name: &str, question: &Question, context: &mut Context<'_>) -> Served {
        let key = route.key(name);
        let present = self.objects.get(&key).ok_or_else(|| status::not_found(route.resource, name))?;
        let (uid, version) = (present.uid_text(), self.version_of(&key, present).to_string());
        let asked = |field: &str| question.body.str_at(&["preconditions", field]);
        let conflict = |what: &str, (asked, found): (&str, &str), guess: &str| {
            let why = format!("the {what} in the precondition ({asked}) does not match the {what} in record ({found}). {guess}");
            status::not_as_asked(route.resource, name, &why)
        };
        if let Some(other) = asked("uid").filter(|asked| *asked != uid) {
            return Err(conflict("UID", (other, &uid), "The object might have been deleted and then recreated"));
        }
        if let Some(other) = asked("resourceVersion").filter(|asked| *asked != version) {
            return Err(conflict("ResourceVersion", (other, &version), "The object might have been modified"));
        }
        if question.asked("dryRun") == Some("All") {
            return self.answer_with(200, &key);
        }
        match question.body.str_at(&["propagationPolicy"]) {
            Some("Foreground") => self.begin_foreground_deletion(&key, context),
            Some("Orphan") => {
                self.orphan_dependents(&key);
                self.begin_deletion(&key, context);
            }
            _ => self.begin_deletion(&key, context),
        }
        // A namespace is emptied by its controller, so that it is never gone at once.
        let shown = self.objects.get(&key).map(|object| self.form(&key, object));
        Ok(match shown {
            Some(object) => Answer::new(200, object),
            None if route.resource.kind == Kind::Namespace => Answer::new(200, terminating(name)),
            None => status::success(200, Some((route.resource, name, &uid))),
        })
    }
}

fn terminating(name: &str) -> Value {
    let mut namespace = Value::EMPTY_MAP;
    namespace.set(&["apiVersion"], "v1");
    namespace.set(&["kind"], "Namespace");
    namespace.set(&["metadata", "name"], name);
    namespace.set(&["status", "phase"], "Terminating");
    namespace
}
