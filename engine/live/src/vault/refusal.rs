//! What Vault answers when it does not do what was asked (statuses and texts as seen on Vault 1.21.0), and what a step has to know of it.

use crate::server::Server;
use crate::wire::{Failure, Reply};
use model::Duration;
use model::observation::Gap;
use model::operation::OperationError;
use serde::Deserialize;
use vault_session::Failure as SessionFailure;

/// What a storage that is away makes Vault say: Vault of its own tables, and under it, in its words or alone, Go's `net` and
/// `database/sql` with the driver of MySQL of what happened to a connection.
const NOT_KEPT: [&str; 10] = [
    "failed to update auth table",
    "failed to update mount table",
    "failed to persist policy",
    "dial tcp",
    "connection refused",
    "connection reset by peer",
    "i/o timeout",
    "broken pipe",
    "bad connection",
    "invalid connection",
];

/// An answer other than success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// What was asked for: the path of the request, without the version of the API.
    path: String,
    /// The list `errors` of the body.
    errors: Vec<String>,
    /// The number of the latest version of an entry, where it was deleted or destroyed.
    pub(crate) latest: Option<u64>,
    /// Who owns such an entry is still known.
    pub(crate) custom_metadata: Option<std::collections::BTreeMap<String, String>>,
    /// The identity that a standby tells with its health.
    pub(crate) cluster_id: Option<String>,
    /// Whether it speaks as Vault does; otherwise what it looks like.
    looks_like: Option<&'static str>,
    retry_after: Option<Duration>,
}

/// A request that brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No whole answer came.
    Failure(Failure),
    /// Vault refused.
    Refusal(Box<Refusal>),
    /// It says that all is well, and what it says is not what was asked for; or we cannot even ask.
    Nonsense(String),
    /// There is no token, because Vault gave none, for this reason.
    LoggedOut(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    errors: Option<Vec<String>>,
    data: Option<Data>,
    cluster_id: Option<String>,
    initialized: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    metadata: Option<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    version: u64,
    custom_metadata: Option<std::collections::BTreeMap<String, String>>,
}

impl Refusal {
    pub(crate) fn of(reply: &Reply, path: &str) -> Self {
        let parsed = serde_json::from_slice::<Body>(&reply.body);
        let genuine =
            parsed.as_ref().is_ok_and(|body| body.errors.is_some() || body.data.is_some() || body.initialized.is_some());
        let looks_like = (!genuine).then(|| crate::json::looks_like(&reply.body));
        let body = parsed.unwrap_or_default();
        let metadata = body.data.and_then(|data| data.metadata);
        Refusal {
            status: reply.status.as_u16(),
            path: path.trim_start_matches("/v1/").to_owned(),
            errors: body.errors.unwrap_or_default(),
            latest: metadata.as_ref().map(|metadata| metadata.version),
            custom_metadata: metadata.and_then(|metadata| metadata.custom_metadata),
            cluster_id: body.cluster_id,
            looks_like,
            retry_after: reply.retry_after,
        }
    }

    fn says(&self, text: &str) -> bool {
        self.errors.iter().any(|error| error.contains(text))
    }

    /// Vault said it, and nobody on the way there.
    pub(crate) fn is_vaults_own(&self) -> bool {
        self.looks_like.is_none()
    }

    /// Nothing was ever written there, or it was deleted: no mistake of ours.
    pub(crate) fn is_nothing(&self) -> bool {
        self.status == 404 && self.errors.is_empty() && self.looks_like.is_none()
    }

    /// Nothing is mounted there.
    pub(crate) fn is_no_mount(&self) -> bool {
        self.status == 404 && self.says("no handler for route")
    }

    /// The token may not do this, or is none that is taken.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.status == 403
    }

    /// The token is wrong, expired or revoked; a good one that may not do this is another matter.
    pub(crate) fn is_denied(&self) -> bool {
        self.is_forbidden() && self.says("invalid token")
    }

    pub(crate) fn is_check_and_set(&self) -> bool {
        self.status == 400 && self.says("check-and-set parameter did not match")
    }

    /// What was asked could not be done: Vault's storage was away. Of what lies below `sys/` it says so with a 400
    /// (`vault/logical_system.go`, `handleError`), of anything else with a 500.
    fn is_not_kept(&self) -> bool {
        self.status == 400 && NOT_KEPT.iter().any(|words| self.says(words))
    }

    /// A fresh mount is not ready for a moment (`kv`, upgrade to versioned data).
    fn is_upgrading(&self) -> bool {
        self.says("Upgrading from non-versioned to versioned data")
    }

    /// A standby that has nobody to hand the request to (`http/handler.go`, `respondStandby`): nothing was done.
    fn is_without_leader(&self) -> bool {
        self.status == 500 && self.says("local node not active but active cluster node not found")
    }

    /// It in one sentence.
    pub(crate) fn sentence(&self, server: &Server) -> String {
        let status = self.status;
        if let Some(looks_like) = self.looks_like {
            return format!("{server} answers {status} with {looks_like}: is a proxy or another server in the way?");
        }
        let words: Vec<String> = self.errors.iter().map(|error| one_line(error)).collect();
        let said = if words.is_empty() { String::new() } else { format!(": {}", words.join("; ")) };
        match status {
            503 if self.says("not initialized") => format!("{server} is not initialised: `vault operator init` does that once"),
            503 if self.says("sealed") => format!("{server} is sealed: whoever holds its keys has to unseal it"),
            403 if self.is_denied() => {
                format!("{server} does not take the token{said}: it is wrong, has ended or was revoked")
            }
            403 => format!(
                "{server} does not allow it{said} ({}); `vamp permissions SPEC --system vault` prints the policy that vamp needs",
                self.path
            ),
            _ => format!("{server} answers {status}{said}"),
        }
    }

    fn into_operation_error(self, server: &Server) -> OperationError {
        let text = self.sentence(server);
        match self.status {
            // Sealed, not initialised, a quota, a replica that lags behind: nothing was done.
            412 | 429 | 472 | 473 | 503 => OperationError::Busy { message: text, retry_after: self.retry_after },
            500 if self.is_without_leader() => OperationError::Busy { message: text, retry_after: self.retry_after },
            400 if self.is_check_and_set() => OperationError::Stale { expected: "another version".to_owned(), found: text },
            400 if self.is_upgrading() => OperationError::NotYet(text),
            400 if self.is_not_kept() => OperationError::Unreachable(text),
            // A mount, or an auth method, that is not there yet.
            404 if self.looks_like.is_none() => OperationError::NotYet(text),
            _ if self.looks_like.is_some() || self.status >= 500 => OperationError::Unreachable(text),
            _ => OperationError::Refused(text),
        }
    }
}

impl Trouble {
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Trouble::Refusal(refusal) => Some(refusal),
            _ => None,
        }
    }

    pub(crate) fn into_operation_error(self, server: &Server) -> OperationError {
        match self {
            Trouble::Failure(Failure::Silent(text)) | Trouble::Nonsense(text) => OperationError::Unreachable(text),
            Trouble::Failure(Failure::Credentials(text)) => OperationError::Secret(text),
            Trouble::LoggedOut(text) => OperationError::Busy { message: text, retry_after: None },
            Trouble::Refusal(refusal) => refusal.into_operation_error(server),
        }
    }

    /// Why nobody could look.
    pub(crate) fn into_gap(self, server: &Server) -> Gap {
        match self {
            Trouble::Failure(failure) => Gap::Unreachable(failure.to_string()),
            Trouble::Nonsense(text) | Trouble::LoggedOut(text) => Gap::Unreachable(text),
            Trouble::Refusal(refusal) if matches!(refusal.status, 429 | 472 | 473 | 500..) => {
                Gap::Unavailable(refusal.sentence(server))
            }
            Trouble::Refusal(refusal) => Gap::Unreachable(refusal.sentence(server)),
        }
    }

    /// What it is for a request that a token was wanted for. One that met nobody is as the request would have been.
    pub(crate) fn of_log_in(self, server: &Server) -> Trouble {
        match self {
            Trouble::Failure(Failure::Silent(_)) => self,
            trouble => Trouble::LoggedOut(trouble.into_operation_error(server).to_string()),
        }
    }

    /// What it says of how we are logged in.
    pub(crate) fn of_session(&self, server: &Server) -> SessionFailure {
        match self {
            Trouble::Failure(failure) => SessionFailure::Away(failure.to_string()),
            Trouble::Nonsense(text) | Trouble::LoggedOut(text) => SessionFailure::Refused(text.clone()),
            Trouble::Refusal(refusal) => {
                let text = refusal.sentence(server);
                match refusal.status {
                    429 | 472 | 473 | 500.. => SessionFailure::Away(text),
                    403 if refusal.is_denied() => SessionFailure::Denied,
                    403 => SessionFailure::Forbidden(text),
                    404 => SessionFailure::Missing(text),
                    _ => SessionFailure::Refused(text),
                }
            }
        }
    }
}

/// `2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n` as `permission denied, invalid token`.
fn one_line(error: &str) -> String {
    let points: Vec<&str> = error.split("\n\t* ").skip(1).map(str::trim).collect();
    let text = if points.is_empty() { error.trim().to_owned() } else { points.join(", ") };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    fn refusal(status: u16, body: &str) -> Refusal {
        let status = StatusCode::from_u16(status).unwrap();
        Refusal::of(&Reply { status, retry_after: None, date: None, body: body.as_bytes().to_vec() }, "/v1/sys/mounts")
    }

    fn server() -> Server {
        Server { system: model::System::Vault, address: "https://v.test:8200".into() }
    }

    fn error(status: u16, body: &str) -> OperationError {
        refusal(status, body).into_operation_error(&server())
    }

    #[test]
    fn a_token_that_is_not_taken_is_told_from_a_right_that_is_lacking() {
        let wrong = r#"{"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}"#;
        let lacking = r#"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#;
        assert!(refusal(403, wrong).is_denied() && !refusal(403, lacking).is_denied());
        assert_eq!(
            refusal(403, wrong).sentence(&server()),
            "vault (https://v.test:8200) does not take the token: permission denied, invalid token: it is wrong, has ended or was revoked"
        );
        assert_eq!(
            refusal(403, lacking).sentence(&server()),
            "vault (https://v.test:8200) does not allow it: permission denied (sys/mounts); `vamp permissions SPEC --system vault` prints \
             the policy that vamp needs"
        );
    }

    #[test]
    fn sealed_and_uninitialised_are_told_apart_and_nothing_was_done() {
        let busy = |body: &str| match error(503, body) {
            OperationError::Busy { message, .. } => message,
            other => panic!("{other:?}"),
        };
        assert!(busy(r#"{"errors":["Vault is sealed"]}"#).contains("is sealed: whoever holds its keys"));
        assert!(busy(r#"{"errors":["Vault is not initialized"]}"#).contains("is not initialised"));
    }

    #[test]
    fn a_standby_that_has_no_leader_has_done_nothing_and_any_other_500_may_have() {
        let alone = r#"{"errors":["local node not active but active cluster node not found"]}"#;
        assert!(matches!(error(500, alone), OperationError::Busy { .. }));
        assert!(matches!(error(500, r#"{"errors":["internal error"]}"#), OperationError::Unreachable(_)));
    }

    #[test]
    fn every_404_is_told_from_the_others() {
        let nothing = refusal(404, r#"{"errors":[]}"#);
        assert!(nothing.is_nothing() && nothing.latest.is_none());
        let deleted = r#"{"data":{"data":null,"metadata":{"version":4,"deletion_time":"2026-11-26T00:00:00Z","destroyed":false,
            "custom_metadata":{"vamp-platform":"acme"}}}}"#;
        let deleted = refusal(404, deleted);
        assert!(deleted.is_nothing());
        assert_eq!((deleted.latest, deleted.custom_metadata.unwrap()["vamp-platform"].as_str()), (Some(4), "acme"));
        let no_mount = r#"{"errors":["no handler for route \"nomount/x\". route entry not found."]}"#;
        assert!(!refusal(404, no_mount).is_nothing());
        assert!(matches!(error(404, no_mount), OperationError::NotYet(_)));
        let page = refusal(404, "<html>hunter2</html>").sentence(&server());
        assert_eq!(page, "vault (https://v.test:8200) answers 404 with HTML: is a proxy or another server in the way?");
    }

    #[test]
    fn writes_that_met_another_version_or_a_fresh_mount_or_a_broken_store() {
        let cas = r#"{"errors":["check-and-set parameter did not match the current version"]}"#;
        assert!(matches!(error(400, cas), OperationError::Stale { .. }));
        let fresh = r#"{"errors":["Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period"]}"#;
        assert!(matches!(error(400, fresh), OperationError::NotYet(_)));
        assert!(matches!(
            error(400, r#"{"errors":["check-and-set parameter required for this call"]}"#),
            OperationError::Refused(_)
        ));
        assert!(matches!(error(500, r#"{"errors":["internal error"]}"#), OperationError::Unreachable(_)));
        let seen = [
            "failed to update auth table",
            "failed to update mount table: invalid connection",
            "failed looking up conflicting policy: dial tcp 127.0.0.1:3306: connect: connection refused",
            "failed to persist policy: driver: bad connection",
        ];
        for not_kept in seen.map(|seen| format!(r#"{{"errors":["{seen}"]}}"#)) {
            assert!(matches!(error(400, &not_kept), OperationError::Unreachable(_)), "a storage that is away comes back");
        }
        let ours = r#"{"errors":["failed to parse policy: expected an object"]}"#;
        assert!(matches!(error(400, ours), OperationError::Refused(_)), "what is wrong with it stays wrong");
    }
}
