//! Where a command acts: on which world, in words that stand in the first line of every plan.

use crate::error::CommandError;
use model::connection::{Connection, Endpoint};
use model::{Plan, System};
use planner::plan::former::is_named;
use planner::spec::Spec;
use std::path::{Path, PathBuf};

/// The world of those who did not name one.
pub(crate) const DEFAULT_WORLD: &str = ".vamp/world.sqlite";

/// Where a command acts.
#[derive(Debug)]
pub(crate) struct Site {
    /// The world's file.
    pub(crate) file: PathBuf,
    /// Every connection of the spec, as it leads into that world.
    pub(crate) connections: Vec<Connection>,
    /// The same in words, one line a place.
    pub(crate) acts_on: Vec<String>,
}

impl Site {
    /// Where `connections` lead, or all of them into the world of the file `embedded`.
    pub(crate) fn of(connections: Vec<Connection>, embedded: Option<&Path>) -> Result<Self, CommandError> {
        let real: Vec<&Connection> = connections.iter().filter(|connection| is_real(&connection.endpoint)).collect();
        let rehearsal = !real.is_empty();
        if embedded.is_none() && rehearsal {
            return Err(refuse(&real, connections.iter().any(|connection| connection.endpoint == Endpoint::Embedded)));
        }
        let file = world_file(embedded);
        let mut acts_on = vec![format!("Acts on the embedded platform in {}: {}", file.display(), systems(&connections))];
        if rehearsal {
            acts_on.push("A rehearsal: the real systems that the spec names are left alone".to_owned());
        }
        let connections = connections.into_iter().map(into_world).collect();
        Ok(Site { file, connections, acts_on })
    }
}

impl Site {
    /// Where a saved plan acts: where its systems were when it was made.
    pub(crate) fn of_plan(plan: &Plan, embedded: Option<&Path>) -> Self {
        let connections = plan.connections.iter().cloned().map(into_world).collect();
        Site { file: world_file(embedded), connections, acts_on: plan.acts_on.clone() }
    }

    /// The same and the systems that earlier runs applied to and `spec` no longer names, of all that are `known`.
    pub(crate) fn with_former(&self, spec: &Spec, known: Vec<Connection>) -> Self {
        let former: Vec<Connection> = known.into_iter().filter(|known| !is_named(spec, &known.system)).map(into_world).collect();
        let mut acts_on = self.acts_on.clone();
        if !former.is_empty() {
            acts_on.push(format!("No longer in the spec, where earlier runs may have left something: {}", systems(&former)));
        }
        let connections = self.connections.iter().cloned().chain(former).collect();
        Site { file: self.file.clone(), connections, acts_on }
    }
}

/// The world that is meant when this is what the caller gave.
pub(crate) fn world_file(embedded: Option<&Path>) -> PathBuf {
    embedded.unwrap_or(Path::new(DEFAULT_WORLD)).to_owned()
}

fn is_real(endpoint: &Endpoint) -> bool {
    matches!(endpoint, Endpoint::KubeconfigContext { .. } | Endpoint::Server(_))
}

fn into_world(connection: Connection) -> Connection {
    let endpoint = if is_real(&connection.endpoint) { Endpoint::Embedded } else { connection.endpoint };
    Connection { endpoint, ..connection }
}

/// This version drives the embedded platform only, and one run never mixes it with real systems unasked.
fn refuse(real: &[&Connection], mixed: bool) -> CommandError {
    const NAMED: usize = 4;
    let named: Vec<String> = real.iter().take(NAMED).map(|connection| connection.system.to_string()).collect();
    let more = real.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = if mixed {
        format!("the spec mixes real systems ({}{more}) with the embedded platform", named.join(", "))
    } else {
        format!(
            "the spec's connections lead to real systems ({}{more}), and this version of vamp drives the embedded platform only",
            named.join(", ")
        )
    };
    CommandError::new(message).hint("`--embedded FILE` puts every connection into the world of that file, as a rehearsal")
}

/// `clusters eu-1, de-1; Vault; MySQL; Elasticsearch central`.
fn systems(connections: &[Connection]) -> String {
    let (mut clusters, mut searches, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for connection in connections {
        match &connection.system {
            System::Cluster(name) => clusters.push(name.as_str()),
            System::Elasticsearch(name) => searches.push(name.as_str()),
            System::Vault => others.push("Vault".to_owned()),
            System::Mysql => others.push("MySQL".to_owned()),
        }
    }
    if !searches.is_empty() {
        others.push(format!("Elasticsearch {}", searches.join(", ")));
    }
    if !clusters.is_empty() {
        let word = if clusters.len() == 1 { "cluster" } else { "clusters" };
        others.insert(0, format!("{word} {}", clusters.join(", ")));
    }
    others.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Place;
    use model::connection::Capacity;
    use planner::render::Style;

    fn connection(system: &str, endpoint: Endpoint) -> Connection {
        let system = system.parse().unwrap();
        Connection { system, endpoint, credentials: None, place: Place::NOWHERE, capacity: Capacity::default() }
    }

    #[test]
    fn embedded_connections_lead_to_the_default_world() {
        let connections = vec![connection("cluster.main", Endpoint::Embedded), connection("vault", Endpoint::Embedded)];
        let site = Site::of(connections, None).unwrap();
        assert_eq!(site.acts_on, ["Acts on the embedded platform in .vamp/world.sqlite: cluster main; Vault"]);
    }

    #[test]
    fn real_connections_need_the_flag_and_are_then_left_alone() {
        let real = || connection("vault", Endpoint::Server("https://vault.example:8200".into()));
        let refused = Site::of(vec![real()], None).unwrap_err().text(Style::PLAIN);
        assert!(refused.contains("drives the embedded platform only") && refused.contains("--embedded FILE"), "{refused}");
        let mixed = Site::of(vec![real(), connection("mysql", Endpoint::Embedded)], None).unwrap_err().text(Style::PLAIN);
        assert!(mixed.contains("mixes real systems (vault)"), "{mixed}");
        let site = Site::of(vec![real()], Some(Path::new("r.sqlite"))).unwrap();
        assert!(site.connections.iter().all(|connection| connection.endpoint == Endpoint::Embedded));
        assert!(site.acts_on.iter().any(|line| line.starts_with("A rehearsal")));
    }
}
