//! Where the API of a cluster is: a word or a map.

use crate::spec::code;
use crate::spec::form::KubeconfigText;
use crate::spec::node::{Node, Tree};
use crate::spec::reader::{Reader, quote};
use crate::spec::shape::{Definitions, Shape, record, record_schema};
use crate::spec::types::KubernetesConnection;
use model::Diagnostic;
use serde_json::{Value as Json, json};

record! {
    /// A context of a kubeconfig file.
    KubernetesContext {
        /// Name of the context.
        context: KubeconfigText = required "context",
        /// Path of the file; the usual one if not given.
        kubeconfig: KubeconfigText = optional "kubeconfig",
    }
}

/// `embedded`, or a context of a kubeconfig file.
pub(in crate::spec) struct Kubernetes;

impl Shape for Kubernetes {
    type Value = KubernetesConnection;

    fn read(node: &Node, reader: &mut Reader) -> Option<KubernetesConnection> {
        if !matches!(node.tree, Tree::Text(_)) {
            let context = KubernetesContext::read(node, reader)?;
            let kubeconfig = context.kubeconfig.yes().map(|path| path.value.clone());
            return Some(KubernetesConnection::Context { context: context.context.yes()?.value.clone(), kubeconfig });
        }
        let text = reader.text(node, "a connection (text)")?;
        if text == "embedded" {
            return Some(KubernetesConnection::Embedded);
        }
        let message = format!("{} may not be {}", reader.owner(), quote(text));
        let help =
            format!("write `embedded`, or `{{ context: {} }}` for a context of a kubeconfig file", quote(text).trim_matches('`'));
        reader.complain(Diagnostic::error(code::UNKNOWN_WORD, node.place, message).help(help));
        None
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({ "anyOf": [{ "const": "embedded" }, record_schema::<KubernetesContext>(definitions)] })
    }
}
