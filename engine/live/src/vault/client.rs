//! Requests to Vault: the typed ones of `vaultrs`, carried by one wire, with a session that logs in, renews and logs in anew.
//!
//! `vaultrs`' own client can only be a socket. Its requests are endpoints of `rustify`, and those go over anything that can send, so the
//! same requests meet a real server here and a function in tests. What an endpoint's errors would quote (whole answers, with secrets in
//! them) never leaves this file.

use super::login::Login;
use super::refusal::{Refusal, Trouble};
use crate::kubernetes::clusters::Clusters;
use crate::secret::Secrets;
use crate::server::Server;
use crate::wanted::Wanted;
use crate::wire::{Failure, Reply, Wire};
use async_trait::async_trait;
use http::{HeaderValue, Request, Response};
use model::value::Text;
use model::{Duration, Value};
use rustify::client::Client;
use rustify::endpoint::Endpoint;
use rustify::enums::{RequestMethod, RequestType, ResponseType};
use rustify::errors::ClientError;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use vault_session::{Lease, Next, Session};
use vaultrs::api::token::requests::LookupTokenSelfRequest;
use zeroize::Zeroizing;

/// A Vault that can be asked.
pub(crate) struct Vault {
    wire: Wire,
    namespace: Option<HeaderValue>,
    login: Login,
    /// Held while somebody logs in or renews: the others wait for the token instead of asking for one of their own.
    token: tokio::sync::Mutex<Held>,
    pub(super) secrets: Rc<Secrets>,
    pub(super) wanted: Wanted,
    pub(super) clusters: Clusters,
    /// The platform, in whose mount marks are kept of what cannot carry one.
    pub(super) platform: Text,
}

struct Held {
    session: Session,
    token: Option<Token>,
    /// Why there is none.
    why: Trouble,
}

#[derive(Clone)]
struct Token(Zeroizing<String>);

/// What a Vault is made of beside its wire.
pub(crate) struct Setting {
    pub(crate) login: Login,
    pub(crate) namespace: Option<String>,
    pub(crate) secrets: Rc<Secrets>,
    pub(crate) wanted: Wanted,
    pub(crate) clusters: Clusters,
    pub(crate) platform: Text,
}

impl Vault {
    /// # Errors
    /// If the namespace cannot stand in a header.
    pub(crate) fn new(wire: Wire, setting: Setting) -> Result<Self, String> {
        let namespace = setting.namespace.map(|namespace| HeaderValue::from_str(&namespace)).transpose();
        let namespace = namespace.map_err(|_| format!("{}: its namespace has characters that none can have", wire.server()))?;
        Ok(Vault {
            wire,
            namespace,
            login: setting.login,
            token: tokio::sync::Mutex::new(Held {
                session: Session::new("vamp"),
                token: None,
                why: Trouble::LoggedOut(String::new()),
            }),
            secrets: setting.secrets,
            wanted: setting.wanted,
            clusters: setting.clusters,
            platform: setting.platform,
        })
    }

    pub(crate) fn server(&self) -> &Server {
        self.wire.server()
    }

    /// Carry out a request, logged in. A token that is not taken any more is replaced once: nothing was done with it.
    pub(crate) async fn ask<E: Endpoint>(&self, endpoint: &E) -> Result<Vec<u8>, Trouble> {
        let token = self.token(None).await?;
        match self.send(endpoint, Some(&token)).await {
            Err(Trouble::Refusal(refusal)) if refusal.is_denied() || self.has_ended(&refusal, &token).await => {
                let token = self.token(Some(&token)).await.map_err(|_| Trouble::Refusal(refusal))?;
                self.send(endpoint, Some(&token)).await
            }
            result => result,
        }
    }

    /// Whether a token that may not do something may not even ask who it is. OpenBao says no more of one that has ended than of one that lacks
    /// a right (2.6: `permission denied` for both).
    async fn has_ended(&self, refusal: &Refusal, token: &Token) -> bool {
        refusal.is_forbidden()
            && matches!(self.send(&LookupTokenSelfRequest {}, Some(token)).await, Err(Trouble::Refusal(said)) if said.is_forbidden())
    }

    /// The same, with its `data` read.
    pub(crate) async fn data<E: Endpoint>(&self, endpoint: &E) -> Result<Value, Trouble> {
        let body = self.ask(endpoint).await?;
        let whole = self.parsed(&body)?;
        match whole {
            Value::Map(mut map) => Ok(map.remove("data").unwrap_or_default()),
            _ => Err(self.nonsense(&body)),
        }
    }

    pub(super) fn parsed(&self, body: &[u8]) -> Result<Value, Trouble> {
        let parsed = crate::json::parse::<crate::json::Json>(body);
        parsed.map(|crate::json::Json(value)| value).map_err(|_| self.nonsense(body))
    }

    fn nonsense(&self, body: &[u8]) -> Trouble {
        let seen = crate::json::looks_like(body);
        Trouble::Nonsense(format!(
            "{} answers with {seen}, not with what Vault answers: is a proxy or another server in the way?",
            self.server()
        ))
    }

    /// A good token: another one than `denied`.
    async fn token(&self, denied: Option<&Token>) -> Result<Token, Trouble> {
        let mut held = self.token.lock().await;
        if denied.is_some_and(|denied| held.token.as_ref().is_some_and(|token| token.0 == denied.0)) {
            held.session.denied();
            held.token = None;
        }
        let now = self.wire.traffic().now();
        match held.session.next(now) {
            Next::Use => {}
            Next::Renew(ttl) => self.renew(&mut held, ttl).await,
            Next::LogIn => self.log_in(&mut held).await,
            Next::Wait => {}
        }
        // A renewal may have shown that the token is gone.
        if held.token.is_none() && held.session.next(now) == Next::LogIn {
            self.log_in(&mut held).await;
        }
        held.token.clone().ok_or_else(|| held.why.clone())
    }

    async fn log_in(&self, held: &mut Held) {
        let now = self.wire.traffic().now();
        let answer = match self.login.token(self).await {
            Ok((token, ttl)) => {
                held.token = Some(Token(token));
                Ok(Lease { ttl })
            }
            Err(trouble) => {
                let answer = trouble.of_session(self.server());
                held.why = trouble.of_log_in(self.server());
                Err(answer)
            }
        };
        held.session.logged_in(now, &answer);
        if !held.session.is_open(now) {
            held.token = None;
        }
    }

    async fn renew(&self, held: &mut Held, ttl: Duration) {
        let now = self.wire.traffic().now();
        let Some(token) = held.token.clone() else { return };
        let increment = serde_json::json!({ "increment": format!("{}s", ttl.0 / 1000) });
        let answer = self.send(&Raw::post("auth/token/renew-self", Some(&increment)), Some(&token)).await;
        let answer = answer.and_then(|body| super::login::lease(&self.parsed(&body)?, self));
        let answer = answer.map(|ttl| Lease { ttl }).map_err(|trouble| trouble.of_session(self.server()));
        held.session.renewed(now, &answer);
        if !held.session.is_open(now) {
            held.token = None;
        }
    }

    /// Carry out a request with this token, or without one.
    pub(super) async fn send_with<E: Endpoint>(&self, endpoint: &E, token: Option<&str>) -> Result<Vec<u8>, Trouble> {
        let token = token.map(|token| Token(Zeroizing::new(token.to_owned())));
        self.send(endpoint, token.as_ref()).await
    }

    async fn send<E: Endpoint>(&self, endpoint: &E, token: Option<&Token>) -> Result<Vec<u8>, Trouble> {
        let path = endpoint.path();
        if path.split('/').any(|segment| segment == ".." || segment == ".") || path.chars().any(char::is_control) {
            return Err(Trouble::Nonsense(format!("{path:?} is no path in Vault")));
        }
        let call = Call { wire: &self.wire, token, namespace: self.namespace.as_ref(), came: Mutex::new(None) };
        match endpoint.exec(&call).await {
            Ok(result) => Ok(result.response.into_body()),
            Err(error) => Err(match call.came.into_inner().unwrap_or_else(PoisonError::into_inner) {
                Some(trouble) => trouble,
                None => Trouble::Nonsense(format!("{}: the request could not be made: {}", self.server(), kind_of(&error))),
            }),
        }
    }
}

/// What went wrong before anything was sent, without what the error holds.
fn kind_of(error: &ClientError) -> &'static str {
    match error {
        ClientError::UrlBuildError { .. } | ClientError::UrlParseError { .. } | ClientError::UrlQueryParseError { .. } => {
            "its path is no URL"
        }
        ClientError::DataParseError { .. } => "its data is no JSON",
        _ => "it is malformed",
    }
}

/// One request on its way. What comes of it beside success is kept here, because the errors of an endpoint hold too much and too little.
struct Call<'a> {
    wire: &'a Wire,
    token: Option<&'a Token>,
    namespace: Option<&'a HeaderValue>,
    came: Mutex<Option<Trouble>>,
}

impl Call<'_> {
    fn failed(&self, trouble: Trouble) -> ClientError {
        *self.came.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
        ClientError::ServerResponseError { code: 0, content: None }
    }
}

#[async_trait]
impl Client for Call<'_> {
    async fn send(&self, mut request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ClientError> {
        // An endpoint's path may begin with a slash, which `rustify` takes for an empty segment.
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).replace("//", "/");
        let nonsense = |what: &str| self.failed(Trouble::Nonsense(format!("{}: {what}", self.wire.server())));
        *request.uri_mut() = path.parse().map_err(|_| nonsense("the path of a request is no URL"))?;
        if let Some(token) = self.token {
            let mut token =
                HeaderValue::from_str(&token.0).map_err(|_| nonsense("the token has characters that none can have"))?;
            token.set_sensitive(true);
            request.headers_mut().insert("x-vault-token", token);
        }
        if let Some(namespace) = self.namespace {
            request.headers_mut().insert("x-vault-namespace", namespace.clone());
        }
        let path = request.uri().path().to_owned();
        match self.wire.call(request).await {
            Ok(Reply { status, body, .. }) if status.is_success() => Ok(Response::new(body)),
            Ok(reply) => Err(self.failed(Trouble::Refusal(Box::new(Refusal::of(&reply, &path))))),
            Err(failure @ (Failure::Silent(_) | Failure::Credentials(_))) => Err(self.failed(Trouble::Failure(failure))),
        }
    }

    fn base(&self) -> &str {
        // The wire knows the address; only the path counts here.
        "http://vault/v1"
    }
}

/// A request that `vaultrs` has no struct for, or whose struct knows fewer fields than are written.
pub(crate) struct Raw {
    method: RequestMethod,
    path: String,
    body: Option<Zeroizing<Vec<u8>>>,
}

impl Raw {
    pub(crate) fn post(path: impl Into<String>, body: Option<&serde_json::Value>) -> Self {
        let body = body.map(|body| Zeroizing::new(serde_json::to_vec(body).unwrap_or_default()));
        Raw { method: RequestMethod::POST, path: path.into(), body }
    }
}

impl Endpoint for Raw {
    type Response = serde::de::IgnoredAny;
    const REQUEST_BODY_TYPE: RequestType = RequestType::JSON;
    const RESPONSE_BODY_TYPE: ResponseType = ResponseType::JSON;

    fn path(&self) -> String {
        self.path.clone()
    }

    fn method(&self) -> RequestMethod {
        self.method.clone()
    }

    fn body(&self) -> Result<Option<Vec<u8>>, ClientError> {
        Ok(self.body.as_ref().map(|body| body.to_vec()))
    }
}
