//! Whether an Elasticsearch lives by its lifecycle policies. Somebody may have stopped all of them (`POST _ilm/stop`), and an action may fail on an
//! index, which the server then tries again for ever. Either way documents stay beyond their time, and there is nothing to be written for it: it
//! is the policy's condition.

use super::client::{Elasticsearch, Trouble};
use elasticsearch::ilm::{IlmExplainLifecycleParts, IlmGetStatusParts};
use http::Method;
use model::Value;
use model::observation::{Condition, Objects};
use model::value::Text;
use std::collections::BTreeMap;

/// What the server says while it lives by its policies (`OperationMode` of its index lifecycle management).
const RUNNING: &str = "RUNNING";

/// Of each policy, the indices on which an action of it fails now, each with what the server says of it.
type Failing = BTreeMap<Text, BTreeMap<Text, String>>;

impl Elasticsearch {
    /// Let each of these policies say why it has no effect now, where it has none.
    pub(super) async fn add_effect(&self, policies: &mut Objects) -> Result<(), Trouble> {
        if policies.is_empty() {
            return Ok(());
        }
        let stopped = self.stopped().await?;
        // Nothing is tried while all is stopped; and where no index is to live by a policy, there need not be a right to ask for any.
        let is_asked = stopped.is_none() && self.living().next().is_some();
        let failing = if is_asked { self.failing().await? } else { Failing::new() };
        for (address, seen) in policies.iter_mut() {
            if let Some(why) = stopped.clone().or_else(|| failing.get(address.key()).and_then(sentence)) {
                seen.condition = Condition::Failed(why);
            }
        }
        Ok(())
    }

    /// Why no policy at all has an effect, if none has.
    async fn stopped(&self) -> Result<Option<String>, Trouble> {
        let answer = self.ask(Method::GET, &IlmGetStatusParts::None.url(), None).await?;
        match answer.str_at(&["operation_mode"]) {
            Some(RUNNING) => Ok(None),
            Some(mode) => Ok(Some(format!(
                "{} lives by no lifecycle policy ({mode}, after POST /_ilm/stop): no index is rolled over, no document goes at its age",
                self.server()
            ))),
            None => Err(Trouble::Nonsense(format!("{} does not say whether it lives by its lifecycle policies", self.server()))),
        }
    }

    /// What fails, in the indices on which we have a right: the server names no others where a pattern asks for them.
    async fn failing(&self) -> Result<Failing, Trouble> {
        let path = format!("{}?only_errors=true", IlmExplainLifecycleParts::Index("*").url());
        let answer = self.ask(Method::GET, &path, None).await?;
        let nonsense = || Trouble::Nonsense(format!("{} does not say which lifecycle actions fail", self.server()));
        let indices = answer.get("indices").and_then(Value::as_map).ok_or_else(nonsense)?;
        let mut failing = Failing::new();
        for (index, told) in indices.iter() {
            if let Some(policy) = told.str_at(&["policy"]) {
                failing.entry(policy.into()).or_default().insert(index.clone(), reason(told));
            }
        }
        Ok(failing)
    }
}

/// What the server says of an index on which something fails.
fn reason(told: &Value) -> String {
    let reason = told.str_at(&["step_info", "reason"]).unwrap_or("the server does not say why");
    match told.str_at(&["action"]) {
        Some(action) => format!("{action}: {reason}"),
        None => reason.to_owned(),
    }
}

fn sentence(indices: &BTreeMap<Text, String>) -> Option<String> {
    let ((index, why), count) = (indices.first_key_value()?, indices.len());
    Some(match count {
        1 => format!("it fails on {index}, {why}"),
        _ => format!("it fails on {count} indices, {index} first, {why}"),
    })
}
