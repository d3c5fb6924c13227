//! Indices that live by a policy of OpenSearch. Each has a copy of it from the time when it was made; one that stood before its policy
//! has none. So whoever writes a policy gives it to the indices of its data streams, and to those alone. The server keeps what an index is
//! given, and the index lives by it from the next run of its job on. An index whose policy was given up (`opensearch::explained`) is said to be
//! given another, and never lives by it; so its policy is taken off it first. It goes through all states anew then, each by its own age.

use super::client::{Elasticsearch, Trouble};
use super::opensearch::explained::all_given_up;
use super::streams::Indices;
use elasticsearch::indices::IndicesGetDataStreamParts;
use http::Method;
use model::Value;
use model::operation::OperationError;

/// Takes the policy off an index, whichever it has.
const REMOVE: &str = "remove";
/// An index has no policy.
const NOT_MANAGED: &str = "This index is not being managed";
/// An index has one, whoever gave it.
const MANAGED: &str = "This index already has a policy";
/// An index has none that could be taken off it.
const BARE: &str = "This index does not have a policy to remove";
/// What passes by itself with the next run of an index's job, which comes every five to eight minutes where nobody said otherwise.
const PASSES: [&str; 3] = ["Cannot change policy while transitioning", "Cannot change policy until metadata", "version conflict"];

/// What came of telling the indices of a data stream something.
struct Told {
    updated: usize,
    /// Each index that was not told, and why.
    failed: Vec<(String, String)>,
}

impl Told {
    fn of(answer: &Value) -> Option<Told> {
        let updated = usize::try_from(answer.integer_at(&["updated_indices"])?).ok()?;
        let text = |value: &Value, key: &str| value.str_at(&[key]).unwrap_or_default().to_owned();
        let failed = answer.get("failed_indices")?.as_list()?.iter();
        Some(Told { updated, failed: failed.map(|one| (text(one, "index_name"), text(one, "reason"))).collect() })
    }

    /// How many failed for this reason.
    fn count(&self, reason: &str) -> usize {
        self.failed.iter().filter(|(_, why)| why.starts_with(reason)).count()
    }

    /// The first that failed for another one; what passes by itself last.
    fn other_than(&self, reason: &str) -> Option<&(String, String)> {
        let others = self.failed.iter().filter(|(_, why)| !why.starts_with(reason));
        others.min_by_key(|(_, why)| passes(why))
    }
}

fn passes(why: &str) -> bool {
    PASSES.iter().any(|passing| why.contains(passing))
}

/// The path of a request to index management about indices, or data streams.
pub(super) fn path(what: &str, names: &[&str]) -> String {
    IndicesGetDataStreamParts::Name(names).url().replacen("/_data_stream", &format!("/_plugins/_ism/{what}"), 1)
}

impl Elasticsearch {
    /// Give a policy, as it is now, to all indices of data streams. One that is gone needs none.
    ///
    /// # Errors
    /// `Busy` while an index is between two states.
    pub(super) async fn give(&self, policy: &str, streams: &Indices) -> Result<(), OperationError> {
        let explained = self.explained(streams).await.map_err(|trouble| trouble.into_operation_error(self.server()))?;
        for index in all_given_up(&explained) {
            self.tell(REMOVE, policy, index, BARE).await?;
        }
        for stream in streams.keys() {
            self.give_to(policy, stream).await?;
        }
        Ok(())
    }

    async fn give_to(&self, policy: &str, stream: &str) -> Result<(), OperationError> {
        let changed = self.tell("change_policy", policy, stream, NOT_MANAGED).await?;
        let left = changed.count(NOT_MANAGED);
        if left == 0 {
            return Ok(());
        }
        let added = self.tell("add", policy, stream, MANAGED).await?;
        if added.updated + added.failed.len() >= left {
            return Ok(());
        }
        // It says nothing of an index on which we have no right, nor of one that is gone.
        let there = self.indices_of(&[stream]).await.map_err(|trouble| trouble.into_operation_error(self.server()))?;
        if there.is_empty() {
            return Ok(());
        }
        Err(OperationError::Refused(format!(
            "{}: of {left} indices of the data stream {stream} that have no lifecycle policy it gives one to {}: `vamp permissions` prints \
             the role that vamp needs",
            self.server(),
            added.updated
        )))
    }

    /// Tell an index, or those of a data stream, something about a policy. An index for which it does not hold is no error.
    async fn tell(&self, what: &str, policy: &str, name: &str, unless: &str) -> Result<Told, OperationError> {
        let mut body = Value::EMPTY_MAP;
        body.set(&["policy_id"], policy);
        let body = Some(&body).filter(|_| what != REMOVE);
        let answer = match self.ask(Method::POST, &path(what, &[name]), body).await {
            Ok(answer) => answer,
            Err(Trouble::Refusal(refusal)) if refusal.is_no_such_index() => return Ok(Told { updated: 0, failed: Vec::new() }),
            Err(trouble) => return Err(trouble.into_operation_error(self.server())),
        };
        let told = Told::of(&answer).ok_or_else(|| {
            OperationError::Unreachable(format!(
                "{} does not say which indices have the lifecycle policy {policy}",
                self.server()
            ))
        })?;
        match told.other_than(unless) {
            None => Ok(told),
            Some((index, why)) => {
                let message = format!("{}: {index} is not given the lifecycle policy {policy}: {why}", self.server());
                Err(if passes(why) {
                    OperationError::Busy { message, retry_after: None }
                } else {
                    OperationError::Refused(message)
                })
            }
        }
    }
}
