//! Requests to Elasticsearch: the paths of its typed API, carried by our own wire, because its own client can only be a socket.

use crate::json::{Json, looks_like, parse};
use crate::server::Server;
use crate::wanted::Wanted;
use crate::wire::{Failure, Wire};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Method, Request, header};
use model::observation::Gap;
use model::operation::OperationError;
use model::value::Text;
use model::{Duration, Kind, Value};
use port::Secret;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::pin::pin;
use tokio::sync::{Mutex, MutexGuard, OnceCell};

/// How OpenSearch begins to say that its settings do not allow an action of a lifecycle policy.
const NOT_ON_ITS_LIST: &str = "You have actions that are not allowed in your policy";
/// The oldest Elasticsearch whose lifecycle policies have a place for a mark (`_meta`).
const OLDEST: (u32, u32) = (7, 14);
/// How long a role waits for its turn while none of those before it comes to an end. OpenSearch writes two to three a second.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// A server that can be asked.
pub(crate) struct Elasticsearch {
    wire: Wire,
    authorization: Option<HeaderValue>,
    pub(super) wanted: Wanted,
    /// What OpenSearch's policies say of the wanted templates, by the policy's name.
    pub(super) templates: std::cell::OnceCell<BTreeMap<Text, Vec<Value>>>,
    /// Whether it is OpenSearch, and the `cluster_uuid`.
    kind: OnceCell<(bool, String)>,
    /// Held by whoever writes a role of OpenSearch, in the order in which they came; how many held it.
    roles: Mutex<()>,
    turns: Cell<usize>,
}

/// A request that brought nothing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// No whole answer came.
    Failure(Failure),
    /// The server refused.
    Refusal(Box<Refusal>),
    /// It answers something else than it should.
    Nonsense(String),
    /// It has nothing that could do this.
    Missing(String),
}

/// An answer other than success.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// What it says of itself: `type: reason`.
    message: String,
    genuine: bool,
    /// It has answered us before, so that it knows us. Elasticsearch knows nobody for some seconds after its start.
    let_us_in: bool,
    retry_after: Option<Duration>,
}

/// The header that says who we are: `USER:PASSWORD` of credentials, or an API key alone.
///
/// # Errors
/// If it cannot stand in a header; nothing of it is told.
pub(crate) fn authorization(secret: &Secret) -> Result<HeaderValue, &'static str> {
    let form = "its credentials are neither USER:PASSWORD nor an API key";
    let text = std::str::from_utf8(secret.expose()).map_err(|_| form)?.trim();
    sensitive(&if text.contains(':') { format!("Basic {}", STANDARD.encode(text)) } else { format!("ApiKey {text}") }, form)
}

/// The same for this user, whose password the credentials are.
///
/// # Errors
/// As [`authorization`].
pub(crate) fn authorization_of(user: &str, password: &Secret) -> Result<HeaderValue, &'static str> {
    let password = String::from_utf8_lossy(password.expose());
    sensitive(&format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))), "its password cannot be sent")
}

fn sensitive(header: &str, trouble: &'static str) -> Result<HeaderValue, &'static str> {
    let mut header = HeaderValue::from_str(header).map_err(|_| trouble)?;
    header.set_sensitive(true);
    Ok(header)
}

impl Elasticsearch {
    pub(crate) fn new(wire: Wire, authorization: Option<HeaderValue>, wanted: Wanted) -> Self {
        let templates = std::cell::OnceCell::new();
        Elasticsearch {
            wire,
            authorization,
            wanted,
            templates,
            kind: OnceCell::new(),
            roles: Mutex::new(()),
            turns: Cell::new(0),
        }
    }

    pub(crate) fn server(&self) -> &Server {
        self.wire.server()
    }

    pub(crate) async fn is_opensearch(&self) -> Result<bool, Trouble> {
        Ok(self.server_kind().await?.0)
    }

    /// Whether it is OpenSearch, and what tells it from every other.
    pub(crate) async fn server_kind(&self) -> Result<(bool, String), Trouble> {
        let kind = self.kind.get_or_try_init(async || {
            let answer = self.ask(Method::GET, "/", None).await?;
            let is_opensearch = answer.str_at(&["version", "distribution"]) == Some("opensearch");
            let number = answer.str_at(&["version", "number"]).unwrap_or_default();
            if !is_opensearch && release(number).is_some_and(|release| release < OLDEST) {
                return Err(Trouble::Missing(format!(
                    "{} is Elasticsearch {number}; from {}.{} on a lifecycle policy says whose it is: upgrade it",
                    self.server(),
                    OLDEST.0,
                    OLDEST.1
                )));
            }
            match answer.str_at(&["cluster_uuid"]) {
                // Before there is a master it has none.
                None | Some("" | "_na_") => Err(Trouble::Nonsense(format!("{} does not say which cluster it is", self.server()))),
                Some(uuid) => Ok((is_opensearch, uuid.to_owned())),
            }
        });
        kind.await.cloned()
    }

    /// The turn of an object of this kind to be written. All roles of OpenSearch are one document, so of those that are written at the same
    /// time it takes one and refuses the others (409). Nobody waits long for one that gets no answer: he is refused at worst.
    pub(super) async fn turn(&self, kind: Kind) -> Result<Option<MutexGuard<'_, ()>>, Trouble> {
        if kind != Kind::SearchRole || !self.is_opensearch().await? {
            return Ok(None);
        }
        let mut turn = pin!(self.roles.lock());
        loop {
            let before = self.turns.get();
            match tokio::time::timeout(PATIENCE, &mut turn).await {
                Ok(turn) => {
                    self.turns.set(self.turns.get() + 1);
                    return Ok(Some(turn));
                }
                Err(_) if self.turns.get() == before => return Ok(None),
                Err(_) => {}
            }
        }
    }

    /// Send one request; the document that comes back.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Trouble> {
        let body = body.map(|body| ("application/json", serde_json::to_vec(body).unwrap_or_default()));
        self.send(method, path, body).await
    }

    /// Send lines of JSON, each with its newline.
    pub(crate) async fn ask_lines(&self, method: Method, path: &str, lines: Vec<u8>) -> Result<Value, Trouble> {
        self.send(method, path, Some(("application/x-ndjson", lines))).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<(&'static str, Vec<u8>)>) -> Result<Value, Trouble> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        if let Some((form, _)) = &body {
            request = request.header(header::CONTENT_TYPE, *form);
        }
        let request = request.body(body.map(|(_, body)| body).unwrap_or_default());
        let request = request.map_err(|error| Trouble::Nonsense(format!("{}: {error}", self.server())))?;
        let reply = self.wire.call(request).await.map_err(Trouble::Failure)?;
        let parsed = parse::<Json>(&reply.body).map(|Json(value)| value);
        if reply.status.is_success() {
            return parsed.map_err(|_| {
                let seen = looks_like(&reply.body);
                Trouble::Nonsense(format!("{} answers with {seen}: is a proxy or a login page in the way?", self.server()))
            });
        }
        let said = parsed.ok().and_then(|answer| said(&answer)).or_else(|| said_plainly(&reply.body));
        let genuine = said.is_some();
        let message = said.unwrap_or_else(|| looks_like(&reply.body).to_owned());
        Err(Trouble::Refusal(Box::new(Refusal {
            status: reply.status.as_u16(),
            message,
            genuine,
            let_us_in: self.kind.initialized(),
            retry_after: reply.retry_after,
        })))
    }
}

/// The release that a version number is of.
fn release(number: &str) -> Option<(u32, u32)> {
    let mut parts = number.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// What an answer says went wrong: Elasticsearch's form, that of a path that nobody handles, that of OpenSearch's security plugin.
fn said(answer: &Value) -> Option<String> {
    match answer.get("error") {
        Some(error @ Value::Map(_)) => {
            let part = |key: &str| error.str_at(&[key]).unwrap_or_default().to_owned();
            Some(format!("{}: {}", part("type"), part("reason")))
        }
        Some(Value::String(text)) => Some(text.to_string()),
        _ => Some(answer.str_at(&["message"])?.to_owned()),
    }
}

/// The one sentence that OpenSearch says as plain text.
fn said_plainly(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    (text.starts_with(NOT_ON_ITS_LIST) && text.ends_with(']') && text.len() < 1000).then(|| text.to_owned())
}

impl Refusal {
    /// What became of one item of a bulk request.
    pub(super) fn of_item(status: u16, item: &Value) -> Self {
        let message = said(item).unwrap_or_default();
        Refusal { status, message, genuine: true, let_us_in: true, retry_after: None }
    }

    /// An index that was to be made is there.
    pub(super) fn is_there_already(&self) -> bool {
        self.status == 400 && self.message.starts_with("resource_already_exists_exception")
    }

    /// What was asked for is an index, or a data stream, that is not there.
    pub(super) fn is_no_such_index(&self) -> bool {
        self.status == 404 && self.message.starts_with("index_not_found_exception")
    }

    /// Index management was asked about indices of which none is there.
    pub(super) fn is_about_no_index(&self) -> bool {
        self.status == 400 && self.message.contains("no documents to get")
    }

    /// The document is another one than the request names.
    pub(super) fn is_version_conflict(&self) -> bool {
        self.status == 409 && self.message.starts_with("version_conflict_engine_exception")
    }

    /// It has nobody who answers such a request.
    pub(super) fn has_no_handler(&self) -> bool {
        self.status == 400 && self.message.starts_with("no handler found")
            // Nobody but whoever takes documents: the first part of the path might be an index.
            || self.status == 405 && self.message.starts_with("Incorrect HTTP method for uri")
    }

    /// It does not know us any more, or not yet again.
    fn has_forgotten_us(&self) -> bool {
        self.status == 401 && self.let_us_in
    }

    fn sentence(&self, server: &Server) -> String {
        let Refusal { status, message, .. } = self;
        if !self.genuine {
            return match status {
                401 if self.let_us_in => format!("{server} does not take our credentials any more"),
                401 => format!("{server} does not take our credentials: check those that the spec names"),
                _ => format!("{server} answers {status} with {message}: is a proxy or a login page in the way?"),
            };
        }
        let remedy = match status {
            401 if self.let_us_in => "; it took our credentials before, and takes nobody's when it has only just started",
            401 => "; check the credentials that the spec names, unless it has only just started",
            403 if message.contains("FORBIDDEN/12") || message.contains("flood") => "; its disk is full: make room on it",
            403 if message.contains("read-only") => "; somebody set it read-only",
            403 if message.starts_with(NOT_ON_ITS_LIST) => "; `plugins.index_state_management.allow_list` says which are",
            403 if message.contains("Do not have permission for policy") => {
                "; it belongs to other backend roles (`plugins.index_management.filter_by_backend_roles`)"
            }
            403 => "; `vamp permissions` prints the role that vamp needs",
            400 | 405 if self.has_no_handler() => "; it has no plugin for that",
            _ => "",
        };
        format!("{server} answers {status}: {message}{remedy}")
    }
}

impl Trouble {
    pub(crate) fn into_operation_error(self, server: &Server) -> OperationError {
        match self {
            Trouble::Failure(Failure::Silent(text)) | Trouble::Nonsense(text) => OperationError::Unreachable(text),
            Trouble::Failure(Failure::Credentials(text)) => OperationError::Secret(text),
            Trouble::Missing(text) => OperationError::Refused(text),
            Trouble::Refusal(refusal) => {
                let text = refusal.sentence(server);
                match refusal.status {
                    429 | 503 => OperationError::Busy { message: text, retry_after: refusal.retry_after },
                    // Somebody wrote at the same instant, maybe something else: all roles of OpenSearch are one document. Nothing was
                    // done, and whoever tries again looks again first.
                    409 => OperationError::Busy { message: text, retry_after: None },
                    // Whether it has just started or our credentials are at their end shows when it is asked again.
                    _ if refusal.has_forgotten_us() => OperationError::Busy { message: text, retry_after: None },
                    408 | 500.. => OperationError::Unreachable(text),
                    401 => OperationError::Refused(text),
                    _ if !refusal.genuine => OperationError::Unreachable(text),
                    _ => OperationError::Refused(text),
                }
            }
        }
    }

    /// Why nobody could look.
    pub(crate) fn into_gap(self, server: &Server) -> Gap {
        match self {
            Trouble::Failure(failure) => Gap::Unreachable(failure.to_string()),
            Trouble::Nonsense(text) => Gap::Unreachable(text),
            Trouble::Missing(text) => Gap::Unavailable(text),
            Trouble::Refusal(refusal) if refusal.status == 503 => Gap::Unavailable(refusal.sentence(server)),
            Trouble::Refusal(refusal) => Gap::Unreachable(refusal.sentence(server)),
        }
    }
}
