//! What a client looks at that is no object of the platform: which version the server has, which cluster it is, and by which key it signs.

use crate::issuer;
use crate::kernel::random;
use crate::kubernetes::cluster::Cluster;
use crate::kubernetes::object::uid_text;
use crate::server::{Answer, Question};
use model::Value;
use model::value::Text;

/// The server that this one behaves like.
const VERSION: [(&str, &str); 3] = [("major", "1"), ("minor", "37"), ("gitVersion", "v1.37.2")];
/// The namespace that every cluster has and that nobody makes; by its uid a cluster is known.
const OLDEST: &str = "kube-system";

/// Whether a path leads to one of these.
pub(super) fn is_one(segments: &[&str]) -> bool {
    matches!(segments, ["version"] | [".well-known", _] | ["openid", ..] | ["api", "v1", "namespaces", OLDEST])
}

impl Cluster {
    /// The answer to a question about one of these.
    pub(super) fn surroundings(&self, segments: &[&str], question: &Question) -> Option<Answer> {
        let body = match (question.method.as_str(), segments) {
            ("GET", ["version"]) => map(&VERSION),
            ("GET", [".well-known", "openid-configuration"]) => issuer::discovery(&self.name),
            ("GET", ["openid", "v1", "jwks"]) => issuer::keys(&self.name),
            ("GET", ["api", "v1", "namespaces", OLDEST]) => self.oldest(),
            _ => return None,
        };
        Some(Answer::new(200, body))
    }

    fn oldest(&self) -> Value {
        let mut namespace = Value::EMPTY_MAP;
        namespace.set(&["apiVersion"], "v1");
        namespace.set(&["kind"], "Namespace");
        namespace.set(&["metadata", "name"], OLDEST);
        // Another one in every cluster, and never that of an object, which are counted.
        let drawn = random::draw(0, &self.name, "the uid of its oldest namespace", 0);
        namespace.set(&["metadata", "uid"], uid_text(1 << 47 | drawn >> 17));
        namespace.set(&["status", "phase"], "Active");
        namespace
    }
}

/// A document of texts.
pub(super) fn map(fields: &[(&str, &str)]) -> Value {
    Value::Map(fields.iter().map(|(field, value)| (Text::from(*field), Value::from(*value))).collect())
}
