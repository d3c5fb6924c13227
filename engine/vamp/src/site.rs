//! Where a command acts: on which world or on which real systems, in words that stand in the first line of every plan.

use crate::cli::World;
use crate::error::CommandError;
use crate::prepare::Prepared;
use crate::ui::Ui;
use crate::{real, world};
use live::Wanted;
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
    /// On what.
    pub(crate) ground: Ground,
    /// Every connection of the spec, as it leads there.
    pub(crate) connections: Vec<Connection>,
    /// The same in words, one line a place.
    pub(crate) acts_on: Vec<String>,
}

/// On what a command acts: never on both.
#[derive(Clone, Debug)]
pub(crate) enum Ground {
    /// On the embedded platform of this file.
    World(PathBuf),
    /// On the real systems.
    Real(Real),
}

/// What has to be known of a platform to look at it in real systems.
#[derive(Clone, Debug)]
pub(crate) struct Real {
    /// Its name.
    pub(crate) platform: String,
    /// What it wants.
    pub(crate) wanted: Wanted,
    /// Whether every request is shown.
    pub(crate) is_traced: bool,
}

impl Site {
    /// Where the connections of a spec lead, or all of them into the world that the caller names.
    pub(crate) fn of(prepared: &Prepared, place: &World) -> Result<Self, CommandError> {
        let wanted = || prepared.graph.resources().map(|one| (one.address.clone(), one.document.clone())).collect();
        let real = || Real { platform: prepared.spec.platform.value.clone(), wanted: wanted(), is_traced: place.trace_requests };
        Site::choose(prepared.connections.clone(), place.embedded.as_deref(), real)
    }

    fn choose(connections: Vec<Connection>, embedded: Option<&Path>, real: impl FnOnce() -> Real) -> Result<Self, CommandError> {
        let is_rehearsal = connections.iter().any(|connection| connection.endpoint.is_real());
        if embedded.is_none() && is_rehearsal {
            refuse_mixed(&connections)?;
            let acts_on = vec![format!("Acts on real systems: {}", systems(&connections, true))];
            return Ok(Site { ground: Ground::Real(real()), connections, acts_on });
        }
        let file = world_file(embedded);
        let mut acts_on = vec![format!("Acts on the embedded platform in {}: {}", file.display(), systems(&connections, false))];
        if is_rehearsal {
            acts_on.push("A rehearsal: the real systems that the spec names are left alone".to_owned());
        }
        let connections = connections.into_iter().map(Connection::into_world).collect();
        Ok(Site { ground: Ground::World(file), connections, acts_on })
    }

    /// Where a saved plan acts: where its systems were when it was made.
    pub(crate) fn of_plan(plan: &Plan, place: &World) -> Result<Self, CommandError> {
        let (connections, acts_on) = (plan.connections.clone(), plan.acts_on.clone());
        if !connections.iter().any(|connection| connection.endpoint.is_real()) {
            return Ok(Site { ground: Ground::World(world_file(place.embedded.as_deref())), connections, acts_on });
        }
        if place.embedded.is_some() {
            let refused = CommandError::new("the plan was made for real systems, and --embedded names a world");
            return Err(refused.hint("plan the spec with --embedded for a rehearsal, or leave it out here"));
        }
        let wanted = plan.steps.iter().filter_map(|step| Some((step.address.clone(), step.document.clone()?))).collect();
        let real = Real { platform: plan.platform.to_string(), wanted, is_traced: place.trace_requests };
        Ok(Site { ground: Ground::Real(real), connections, acts_on })
    }

    /// The same and the systems that earlier runs applied to and `spec` no longer names, of all that are `known`.
    pub(crate) fn with_former(&self, spec: &Spec, known: Vec<Connection>) -> Self {
        let is_world = matches!(self.ground, Ground::World(_));
        let former: Vec<Connection> = known
            .into_iter()
            .filter(|known| !is_named(spec, &known.system))
            .map(|known| if is_world { known.into_world() } else { known })
            .collect();
        let mut acts_on = self.acts_on.clone();
        if !former.is_empty() {
            let former = systems(&former, !is_world);
            acts_on.push(format!("No longer in the spec, where earlier runs may have left something: {former}"));
        }
        let connections = self.connections.iter().cloned().chain(former).collect();
        Site { ground: self.ground.clone(), connections, acts_on }
    }

    /// The file of its world, if it is one.
    pub(crate) fn world(&self) -> Option<&Path> {
        match &self.ground {
            Ground::World(file) => Some(file),
            Ground::Real(_) => None,
        }
    }

    /// Files that are not to be written over.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        self.world().map(world::files).unwrap_or_default()
    }

    /// What is meant, where one word has to do.
    pub(crate) fn name(&self) -> String {
        self.world().map_or_else(|| "these systems".to_owned(), |file| file.display().to_string())
    }

    /// Say for which secrets of the spec the embedded platform takes stand-ins; real systems take none.
    pub(crate) fn check_secrets(&self, prepared: &Prepared, ui: &Ui) -> Result<(), CommandError> {
        match self.ground {
            Ground::World(_) => {
                world::tell_stand_ins(prepared, ui);
                Ok(())
            }
            Ground::Real(_) => real::check_secrets(prepared),
        }
    }

    /// Refuse if something that logs in to a real system is not there.
    pub(crate) fn check_credentials(&self) -> Result<(), CommandError> {
        match self.ground {
            Ground::World(_) => Ok(()),
            Ground::Real(_) => real::check_credentials(&self.connections),
        }
    }
}

/// The world that is meant when this is what the caller gave.
pub(crate) fn world_file(embedded: Option<&Path>) -> PathBuf {
    embedded.unwrap_or(Path::new(DEFAULT_WORLD)).to_owned()
}

/// One run never mixes real systems with the embedded platform.
fn refuse_mixed(connections: &[Connection]) -> Result<(), CommandError> {
    let named = |real: bool| {
        let chosen: Vec<Connection> = connections
            .iter()
            .filter(|one| if real { one.endpoint.is_real() } else { one.endpoint == Endpoint::Embedded })
            .cloned()
            .collect();
        systems(&chosen, false)
    };
    let embedded = named(false);
    if embedded.is_empty() {
        return Ok(());
    }
    let message = format!("the spec mixes real systems ({}) with the embedded platform ({embedded})", named(true));
    Err(CommandError::new(message).hint(
        "say of each where it really is; `--embedded FILE` puts every one of them into the world of that file, as a rehearsal",
    ))
}

/// `clusters eu-1, de-1; Vault; MySQL; Elasticsearch central`, with where each is if that is asked for.
fn systems(connections: &[Connection], with_ends: bool) -> String {
    let (mut clusters, mut searches, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for connection in connections {
        let end = if with_ends { end(connection) } else { String::new() };
        match &connection.system {
            System::Cluster(name) => clusters.push(format!("{name}{end}")),
            System::Elasticsearch(name) => searches.push(format!("{name}{end}")),
            System::Vault => others.push(format!("Vault{end}")),
            System::Mysql => others.push(format!("MySQL{end}")),
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

/// Where a connection leads, behind its name. A context that is called as the cluster is not said twice.
fn end(connection: &Connection) -> String {
    match &connection.endpoint {
        Endpoint::KubeconfigContext { context, kubeconfig } => {
            let is_plain = matches!(&connection.system, System::Cluster(name) if name == context);
            let context = (!is_plain).then(|| format!("context {context}"));
            let words: Vec<String> = context.into_iter().chain(kubeconfig.iter().map(|file| format!("of {file}"))).collect();
            if words.is_empty() { String::new() } else { format!(" ({})", words.join(" ")) }
        }
        Endpoint::Server(address) => format!(" at {address}"),
        Endpoint::InCluster { workload } => format!(" in {}", workload.system()),
        Endpoint::Embedded => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use planner::render::Style;

    fn connection(system: &str, endpoint: Endpoint) -> Connection {
        Connection::new(system.parse().unwrap(), endpoint)
    }

    fn choose(connections: Vec<Connection>, embedded: Option<&str>) -> Result<Site, CommandError> {
        let real = || Real { platform: "acme".to_owned(), wanted: Wanted::default(), is_traced: false };
        Site::choose(connections, embedded.map(Path::new), real)
    }

    #[test]
    fn embedded_connections_lead_to_the_default_world() {
        let connections = vec![connection("cluster.main", Endpoint::Embedded), connection("vault", Endpoint::Embedded)];
        let site = choose(connections, None).unwrap();
        assert_eq!(site.acts_on, ["Acts on the embedded platform in .vamp/world.sqlite: cluster main; Vault"]);
        assert_eq!(site.world(), Some(Path::new(DEFAULT_WORLD)));
    }

    #[test]
    fn real_connections_are_acted_on_and_the_first_line_says_where_they_lead() {
        let context = |context: &str, kubeconfig: Option<&str>| Endpoint::KubeconfigContext {
            context: context.to_owned(),
            kubeconfig: kubeconfig.map(ToOwned::to_owned),
        };
        let connections = vec![
            connection("cluster.eu", context("eu", None)),
            connection("cluster.de", context("acme-de", Some("/etc/kube"))),
            connection("vault", Endpoint::Server("https://vault.example:8200".into())),
            connection("elasticsearch.central", Endpoint::Server("https://search.example".into())),
        ];
        let site = choose(connections.clone(), None).unwrap();
        assert!(site.world().is_none() && site.connections == connections);
        let expected = "Acts on real systems: clusters eu, de (context acme-de of /etc/kube); Vault at https://vault.example:8200; \
                        Elasticsearch central at https://search.example";
        assert_eq!(site.acts_on, [expected]);
    }

    #[test]
    fn the_flag_leaves_real_systems_alone_and_nothing_is_mixed() {
        let real = || connection("vault", Endpoint::Server("https://vault.example:8200".into()));
        let mixed = choose(vec![real(), connection("mysql", Endpoint::Embedded)], None).unwrap_err().text(Style::PLAIN);
        assert!(mixed.contains("mixes real systems (Vault) with the embedded platform (MySQL)"), "{mixed}");
        let site = choose(vec![real()], Some("r.sqlite")).unwrap();
        assert!(site.connections.iter().all(|connection| connection.endpoint == Endpoint::Embedded));
        assert!(site.acts_on.iter().any(|line| line.starts_with("A rehearsal")));
    }
}
