//! No secret reaches any system in the open: what operators write holds digests, and nothing that begins like a secret of theirs.

use super::{Breach, Moment, Promise};
use crate::operator::Fact;
use crate::operator::secrets::CANARY;
use model::Value;
use model::operation::Operation;

#[derive(Clone, Debug, Default)]
pub(super) struct Secrets;

impl Secrets {
    pub(super) fn see(&mut self, moment: &Moment<'_>, breaches: &mut Vec<Breach>) {
        for fact in moment.facts {
            let Fact::Carried { operation, result: Ok(_), .. } = fact else { continue };
            let (Operation::Apply { document, .. } | Operation::Move { document, .. }) = &**operation else { continue };
            if shows(document) {
                breaches.push(moment.breach(Promise::Secrets, operation.address().as_str(), "a secret is written in the open"));
            }
        }
    }
}

fn shows(value: &Value) -> bool {
    match value {
        Value::Secret(_) => true,
        Value::String(text) => text.contains(CANARY),
        Value::List(items) => items.iter().any(shows),
        Value::Map(map) => map.iter().any(|(key, value)| key.contains(CANARY) || shows(value)),
        _ => false,
    }
}
