//! What whoever runs `vamp` needs, in the language of each system, ready for its own tool.
//!
//! * `kubernetes`: objects for `kubectl apply`; `hcl`: a policy of Vault; `sql`: statements; `search`: bodies of roles.

mod hcl;
mod kubernetes;
mod search;
mod sql;

use super::style::{Paint, Style, escape};
use crate::permissions::{Needs, Permissions};
use model::System;
use serde_json::{Value, json};

/// Which words a role of an Elasticsearch is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Elasticsearch's.
    Elasticsearch,
    /// Those of OpenSearch's security plugin.
    OpenSearch,
}

/// Everything, each system under a head of its own. One system alone is written without a head, for its tool.
pub fn text(permissions: &Permissions, dialect: Dialect, style: Style) -> String {
    let written = permissions.systems.iter().map(|(system, needs)| {
        let body = body(permissions, system, needs, dialect);
        match permissions.systems.len() {
            1 => body,
            _ => format!("{}\n\n{body}", style.paint(Paint::Heading, &escape(&head(permissions, system, dialect)))),
        }
    });
    written.collect::<Vec<_>>().join("\n")
}

/// The system, and where its part goes.
fn head(permissions: &Permissions, system: &System, dialect: Dialect) -> String {
    let name = &permissions.name;
    let tool = match (system, dialect) {
        (System::Cluster(_), _) => "kubectl apply -f -".to_owned(),
        (System::Vault, _) => format!("vault policy write {name} -"),
        (System::Mysql, _) => "mysql".to_owned(),
        (System::Elasticsearch(_), Dialect::Elasticsearch) => format!("PUT /_security/role/{name}"),
        (System::Elasticsearch(_), Dialect::OpenSearch) => format!("PUT /_plugins/_security/api/roles/{name}"),
    };
    format!("{system}: {tool}")
}

fn body(permissions: &Permissions, system: &System, needs: &Needs, dialect: Dialect) -> String {
    match needs {
        Needs::Kubernetes(rights) => kubernetes::yaml(permissions, rights),
        Needs::Vault(rules) => hcl::policy(rules),
        Needs::Mysql(grants) => sql::script(permissions, grants),
        Needs::Elasticsearch(rights) => {
            debug_assert!(matches!(system, System::Elasticsearch(_)));
            let role = serde_json::to_string_pretty(&search::role(rights, dialect)).unwrap_or_default();
            format!("{role}\n")
        }
    }
}

/// The same for programs.
pub fn json(permissions: &Permissions) -> Value {
    let one = |(system, needs): &(System, Needs)| match needs {
        Needs::Kubernetes(rights) => json!({ "system": system, "objects": kubernetes::objects(permissions, rights) }),
        Needs::Vault(rules) => json!({ "system": system, "policy": permissions.name, "rules": rules }),
        Needs::Mysql(grants) => json!({ "system": system, "statements": sql::statements(&permissions.user, grants) }),
        Needs::Elasticsearch(rights) => json!({
            "system": system,
            "role": permissions.name,
            "elasticsearch": search::role(rights, Dialect::Elasticsearch),
            "openSearch": search::role(rights, Dialect::OpenSearch),
        }),
    };
    json!({
        "platform": permissions.platform,
        "user": permissions.user,
        "systems": permissions.systems.iter().map(one).collect::<Vec<_>>(),
    })
}
