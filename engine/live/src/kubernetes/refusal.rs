//! What the API server answers when it does not do what was asked, and what a step has to know of it.

use crate::server::Server;
use crate::wire::{Failure, Reply};
use kube::core::Status;
use model::Duration;
use model::observation::Gap;
use model::operation::OperationError;

/// An answer other than success.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) code: u16,
    /// What the API server says of it; nothing sensible if it was not the API server that answered.
    pub(crate) status: Status,
    /// Whether it speaks as an API server does.
    genuine: bool,
    /// How long to wait, if it said so.
    retry_after: Option<Duration>,
    /// What answered instead, in a word.
    looks_like: &'static str,
}

/// A request that brought nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// No whole answer came.
    Failure(Failure),
    /// The server refused.
    Refusal(Box<Refusal>),
    /// It says that all is well, and what it says is not what was asked for.
    Nonsense(String),
    /// It refused because it has just been started, and does not know yet who may do what.
    Starting(String),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble::Failure(failure)
    }
}

/// The body of an answer that is a success.
pub(crate) fn success(reply: Reply) -> Result<Vec<u8>, Box<Refusal>> {
    if reply.status.is_success() {
        return Ok(reply.body);
    }
    let parsed = serde_json::from_slice::<Status>(&reply.body);
    let genuine = parsed.is_ok();
    let status = parsed.unwrap_or_default();
    let asked = status.details.as_ref().map(|details| details.retry_after_seconds).filter(|seconds| *seconds > 0);
    Err(Box::new(Refusal {
        code: reply.status.as_u16(),
        genuine,
        retry_after: reply.retry_after.or(asked.map(|seconds| Duration::seconds(seconds.into()))),
        looks_like: crate::json::looks_like(&reply.body),
        status,
    }))
}

impl Refusal {
    fn causes(&self) -> impl Iterator<Item = &kube::core::response::StatusCause> {
        self.status.details.iter().flat_map(|details| &details.causes)
    }

    fn has_cause(&self, reason: &str) -> bool {
        self.causes().any(|cause| cause.reason == reason)
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.genuine && self.code == 404
    }

    pub(crate) fn is_already_there(&self) -> bool {
        self.status.reason == "AlreadyExists"
    }

    /// A precondition (uid, resourceVersion) does not hold: somebody was quicker. Fields that belong to others are another matter.
    pub(crate) fn is_overtaken(&self) -> bool {
        self.code == 409 && !self.is_already_there() && self.conflicts().is_empty()
    }

    /// What a list is continued with, or a watch goes on from, is too old.
    pub(crate) fn is_expired(&self) -> bool {
        self.code == 410
    }

    /// Nobody gave us the right (`k8s.io/apiserver`, `responsewriters.ForbiddenStatusError`; of giving on what one has not, `ValidatingAdmissionPolicy`
    /// of writes elsewhere), rather than a quota or a namespace that ends.
    pub(crate) fn is_for_want_of_a_right(&self) -> bool {
        const WORDS: [&str; 3] = ["\" cannot ", "attempting to grant", "ValidatingAdmissionPolicy"];
        WORDS.iter().any(|word| self.status.message.contains(word))
    }

    /// The fields that other managers own: manager and field.
    pub(crate) fn conflicts(&self) -> Vec<(String, String)> {
        let of_fields = self.causes().filter(|cause| cause.reason == "FieldManagerConflict");
        of_fields.map(|cause| (manager_in(&cause.message), super::fields::written(&cause.field))).collect()
    }

    /// Whether it says more of the state of the server, or of what stands before it, than of what was asked. Who checks credentials may
    /// be away for a while, too.
    fn is_passing(&self) -> bool {
        !self.genuine || matches!(self.code, 401 | 408 | 429 | 500..)
    }

    /// It in one sentence.
    pub(crate) fn sentence(&self, server: &Server) -> String {
        // An API server says so in plain words, before it reads what is asked (`pkg/server/filters/maxinflight.go`, `tooManyRequests`).
        if self.code == 429 && !self.genuine {
            return format!("{server} answers 429: it has more to do than it takes on");
        }
        if !self.genuine {
            let code = self.code;
            return format!("{server} answers {code} with {}: is a proxy or a login page in the way?", self.looks_like);
        }
        let message = &self.status.message;
        match self.code {
            401 => format!(
                "{server} does not take our credentials ({message}): log in again, or renew what the kubeconfig's user names"
            ),
            403 => {
                let remedy = if self.is_for_want_of_a_right() {
                    format!("; `vamp permissions SPEC --system {}` prints the rights that vamp needs", server.system)
                } else {
                    String::new()
                };
                format!("{server} does not allow it: {message}{remedy}")
            }
            code => format!("{server} answers {code}: {message}"),
        }
    }

    /// What a step has to know of it.
    pub(crate) fn into_operation_error(self, server: &Server) -> OperationError {
        let conflicts = self.conflicts();
        if !conflicts.is_empty() {
            return OperationError::Conflict(conflicts);
        }
        let text = self.sentence(server);
        let kind = self.status.details.as_ref().map_or("", |details| details.kind.as_str());
        match self.code {
            // Before anything is done: `pkg/server/filters/maxinflight.go`, and a server that is not ready yet.
            429 | 503 => OperationError::Busy { message: text, retry_after: self.retry_after },
            // The namespace that it is to go into.
            404 if self.genuine && kind == "namespaces" => OperationError::NotYet(text),
            403 if self.has_cause("NamespaceTerminating") => OperationError::NotYet(text),
            409 if self.is_already_there() => OperationError::NotYet(text),
            409 => OperationError::Stale { expected: "another state".to_owned(), found: text },
            // Somewhere behind the server something failed, or a proxy before it: whether it was done is not known.
            408 | 500.. => OperationError::Unreachable(text),
            _ if !self.genuine => OperationError::Unreachable(text),
            _ => OperationError::Refused(text),
        }
    }
}

impl Trouble {
    pub(crate) fn into_operation_error(self, server: &Server) -> OperationError {
        match self {
            Trouble::Failure(Failure::Silent(text)) | Trouble::Nonsense(text) => OperationError::Unreachable(text),
            Trouble::Failure(Failure::Credentials(text)) => OperationError::Secret(text),
            Trouble::Starting(message) => OperationError::Busy { message, retry_after: None },
            Trouble::Refusal(refusal) => refusal.into_operation_error(server),
        }
    }

    /// After how long the same may be asked again, and may come out otherwise; nothing if it would not.
    pub(crate) fn again_after(&self) -> Option<Duration> {
        match self {
            Trouble::Failure(_) | Trouble::Nonsense(_) | Trouble::Starting(_) => Some(Duration::ZERO),
            Trouble::Refusal(refusal) if refusal.is_passing() => Some(refusal.retry_after.unwrap_or(Duration::ZERO)),
            Trouble::Refusal(_) => None,
        }
    }

    /// It in one sentence.
    pub(crate) fn into_sentence(self, server: &Server) -> String {
        match self {
            Trouble::Failure(failure) => failure.to_string(),
            Trouble::Nonsense(text) | Trouble::Starting(text) => text,
            Trouble::Refusal(refusal) => refusal.sentence(server),
        }
    }

    /// Why nobody could look.
    pub(crate) fn into_gap(self, server: &Server) -> Gap {
        match self {
            Trouble::Failure(failure) => Gap::Unreachable(failure.to_string()),
            Trouble::Nonsense(text) => Gap::Unreachable(text),
            Trouble::Starting(text) => Gap::Unavailable(text),
            Trouble::Refusal(refusal) if refusal.code == 503 => Gap::Unavailable(refusal.sentence(server)),
            Trouble::Refusal(refusal) => Gap::Unreachable(refusal.sentence(server)),
        }
    }
}

/// `conflict with "kubectl-edit" using apps/v1`: who.
fn manager_in(message: &str) -> String {
    message.split('"').nth(1).unwrap_or("another manager").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;
    use serde_json::json;

    fn server() -> Server {
        Server { system: "cluster.eu-1".parse().unwrap(), address: "https://a.test:6443".into() }
    }

    fn error(code: u16, body: serde_json::Value, retry_after: Option<u64>) -> OperationError {
        let reply = Reply {
            status: StatusCode::from_u16(code).unwrap(),
            retry_after: retry_after.map(Duration::seconds),
            date: None,
            body: body.as_str().map_or_else(|| body.to_string(), ToOwned::to_owned).into_bytes(),
        };
        success(reply).unwrap_err().into_operation_error(&server())
    }

    fn status(code: u16, reason: &str, message: &str, details: serde_json::Value) -> serde_json::Value {
        json!({"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message, "details": details})
    }

    #[test]
    fn fields_of_others_are_a_conflict_that_names_manager_and_field() {
        let cause = |field: &str| {
            json!({"reason": "FieldManagerConflict", "field": field,
            "message": "conflict with \"kubectl-edit\" using apps/v1"})
        };
        let causes = json!({"causes": [cause(".spec.replicas"),
            cause(".spec.template.spec.containers[name=\"web\"].image")]});
        let expected = [("kubectl-edit", "spec.replicas"), ("kubectl-edit", "spec.template.spec.containers[name=web].image")];
        let expected = expected.map(|(manager, field)| (manager.to_owned(), field.to_owned())).to_vec();
        assert_eq!(error(409, status(409, "Conflict", "Apply failed", causes), None), OperationError::Conflict(expected));
    }

    #[test]
    fn patience_is_asked_for_with_a_header_or_in_the_status() {
        let busy = |seconds: u64, error| match error {
            OperationError::Busy { retry_after, .. } => assert_eq!(retry_after, Some(Duration::seconds(seconds))),
            other => panic!("{other:?}"),
        };
        busy(7, error(429, json!("Too many requests, please try again later.\n"), Some(7)));
        busy(3, error(429, status(429, "TooManyRequests", "busy", json!({"retryAfterSeconds": 3})), None));
        busy(1, error(503, status(503, "ServiceUnavailable", "not ready", json!({"retryAfterSeconds": 1})), None));
    }

    #[test]
    fn who_has_too_much_to_do_is_not_taken_for_a_login_page() {
        let text = error(429, json!("Too many requests, please try again later.\n"), Some(1)).to_string();
        assert_eq!(text, "cluster.eu-1 (https://a.test:6443) answers 429: it has more to do than it takes on");
    }

    #[test]
    fn each_answer_becomes_what_a_step_has_to_know() {
        let namespace = json!({"kind": "namespaces", "name": "shop"});
        let missing = status(404, "NotFound", "namespaces \"shop\" not found", namespace);
        assert!(
            matches!(error(404, missing, None), OperationError::NotYet(text) if text.contains("namespaces \"shop\" not found"))
        );
        let ending =
            json!({"causes": [{"reason": "NamespaceTerminating", "message": "being terminated", "field": "metadata.namespace"}]});
        assert!(matches!(error(403, status(403, "Forbidden", "unable", ending), None), OperationError::NotYet(_)));
        let forbidden = error(403, status(403, "Forbidden", "exceeded quota: few", json!({})), None);
        assert_eq!(forbidden.to_string(), "cluster.eu-1 (https://a.test:6443) does not allow it: exceeded quota: few");
        let forbidden = error(403, status(403, "Forbidden", "User \"ada\" cannot list resource \"secrets\"", json!({})), None);
        assert!(
            forbidden.to_string().ends_with("; `vamp permissions SPEC --system cluster.eu-1` prints the rights that vamp needs")
        );
        assert!(matches!(error(401, status(401, "Unauthorized", "Unauthorized", json!({})), None), OperationError::Refused(_)));
        assert!(matches!(error(422, status(422, "Invalid", "bad", json!({})), None), OperationError::Refused(_)));
        assert!(matches!(error(409, status(409, "Conflict", "modified", json!({})), None), OperationError::Stale { .. }));
        assert!(matches!(error(500, status(500, "InternalError", "webhook", json!({})), None), OperationError::Unreachable(_)));
        assert!(matches!(error(504, status(504, "Timeout", "etcd", json!({})), None), OperationError::Unreachable(_)));
    }

    #[test]
    fn a_proxy_in_between_is_named_and_its_page_is_not_shown() {
        let text = error(404, json!("<html>password=hunter2</html>"), None).to_string();
        assert_eq!(text, "cluster.eu-1 (https://a.test:6443) answers 404 with HTML: is a proxy or a login page in the way?");
    }
}
