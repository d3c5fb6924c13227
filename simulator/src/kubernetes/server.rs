//! The API server as its clients see it: paths, verbs, status codes, and the words of its refusals (observed on Kubernetes 1.37.2).
//!
//! * here: which request is which;
//! * `resource`: the kinds by their names in the API; `form`: an object as it is shown, and what of a body is written;
//! * `write`, `remove`, `pods`, `nodes`: what changes something; `list`: pages, and what happened since;
//! * `surroundings`: the version of the server, and the namespace that every cluster has;
//! * `status`: refusals.

mod form;
mod list;
mod nodes;
mod pods;
mod remove;
mod resource;
mod status;
mod surroundings;
mod write;

pub(super) use list::Memory;

use super::cluster::Cluster;
use super::event::Context;
use super::key::Key;
use crate::server::{Answer, Question};
use resource::Resource;

/// What a request is about.
struct Route<'a> {
    resource: &'static Resource,
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    subresource: Option<&'a str>,
}

impl Route<'_> {
    fn key(&self, name: &str) -> Key {
        let whole = self.namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"));
        Key::new(self.resource.kind, &whole)
    }
}

/// A refusal is an answer like any other; this way it ends whatever found it.
type Served = Result<Answer, Answer>;

impl Cluster {
    /// Answer a request; nothing while the API server does not answer.
    pub fn ask(&mut self, question: &Question, context: &mut Context<'_>) -> Option<Answer> {
        if self.meta.api_down {
            return None;
        }
        let segments = question.segments();
        if let Some(answer) = self.surroundings(&segments, question) {
            return Some(answer);
        }
        let served = match (pods::route(&segments), nodes::route(&segments)) {
            (Some(route), _) => self.serve_pods(&route, question, context),
            (_, Some(route)) => self.serve_nodes(&route, question, context),
            _ => route(&segments).ok_or_else(status::no_such_path).and_then(|route| self.serve(&route, question, context)),
        };
        Some(served.unwrap_or_else(|refusal| refusal))
    }

    fn serve(&mut self, route: &Route<'_>, question: &Question, context: &mut Context<'_>) -> Served {
        match (question.method.as_str(), route.name) {
            ("GET", None) if question.asked("watch").is_some() => self.watch(route, question),
            ("GET", None) => self.list_page(route, question),
            ("GET", Some(name)) => self.shown(route, name).map(|object| Answer::new(200, object)),
            ("POST", None) => self.create(route, question, context),
            ("PUT", Some(name)) => self.replace(route, name, question, context),
            ("PATCH", Some(name)) => self.patch(route, name, question, context),
            ("DELETE", Some(name)) => self.take_away(route, name, question, context),
            _ => Err(status::not_allowed()),
        }
    }
}

/// What a request is about, as far as trouble of the API server tells requests apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// All objects of a kind, by its word, or all nodes.
    All(&'static str),
    /// One object.
    One(Key),
}

impl Subject {
    /// What `question` is about; nothing where it is about neither.
    pub fn of(question: &Question) -> Option<Self> {
        let segments = question.segments();
        if matches!(segments.as_slice(), ["api", "v1", "nodes"]) {
            return Some(Subject::All("nodes"));
        }
        if surroundings::is_one(&segments) {
            return None;
        }
        let route = route(&segments)?;
        let named = || question.body.str_at(&["metadata", "name"]).filter(|_| question.method == "POST");
        match route.name.or_else(named) {
            Some(name) => Some(Subject::One(route.key(name))),
            None => Some(Subject::All(route.resource.kind.word())),
        }
    }
}

/// What a path leads to; nothing if it leads nowhere.
fn route<'a>(segments: &[&'a str]) -> Option<Route<'a>> {
    let (group_version, rest) = match segments {
        ["api", version, rest @ ..] => ((*version).to_owned(), rest),
        ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
        _ => return None,
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        _ => (None, rest),
    };
    let resource = resource::find(&group_version, rest.first()?)?;
    let fits = namespace.is_some() == resource.is_namespaced() || rest.len() == 1;
    (fits && rest.len() <= 3).then(|| Route {
        resource,
        namespace,
        name: rest.get(1).copied(),
        subresource: rest.get(2).copied(),
    })
}
