//! The systems of the world as the HTTP servers that they are: a request in, status and body out, as a real server answers.
//!
//! Steps of the engine reach the world as operations, which say no more than a step has to know. Whoever wants to know what a server
//! itself says (a client of its API, the contract that is held against real servers) asks here.

use model::value::Text;
use model::{System, Value};
use std::collections::BTreeMap;

/// Where a server of the world is for whoever speaks HTTP to it.
pub fn address_of(system: &System) -> String {
    format!("https://{system}.inside")
}

/// The reverse of [`address_of`].
pub fn system_at(address: &str) -> Option<System> {
    address.strip_prefix("https://")?.trim_end_matches('/').strip_suffix(".inside")?.parse().ok()
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `LIST`.
    pub method: Text,
    /// The path, without what stands after `?`.
    pub path: String,
    /// What stands after `?`.
    pub query: BTreeMap<String, String>,
    /// The type of the body; of weight only where a server reads the same body in several ways (a patch).
    pub content_type: String,
    /// The body; `null` if there is none.
    pub body: Value,
    /// The token that comes with it, where a server takes one.
    pub token: Option<String>,
}

impl Question {
    /// One value of the query.
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The parts of the path.
    pub fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; `null` if there is none. A stream (a watch) is a list.
    pub body: Value,
}

impl Answer {
    /// A status and a body.
    pub fn new(status: u16, body: impl Into<Value>) -> Self {
        Answer { status, body: body.into() }
    }
}
