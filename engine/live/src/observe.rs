//! Looking at every system at once. What does not answer is a gap, and the rest goes on.

use crate::journal::Journal;
use crate::platform::LivePlatform;
use crate::systems::{Adapter, Hosting, Systems};
use futures::future::{join, join_all};
use futures::{StreamExt, stream};
use model::audit::{Chain, Stored};
use model::connection::Connection;
use model::identity::Identities;
use model::observation::{Gap, Listing, Snapshot};
use model::preview::{Preview, Previews, Proposal};
use model::{Address, Kind, SecretDigest, SecretReference, System};
use port::{Observe, PlatformError};
use std::collections::BTreeMap;

/// Dry runs under way at once in one system. An API server lets 200 changing requests in (`--max-mutating-requests-inflight` of
/// kube-apiserver), and a dry run is one.
const AT_ONCE: usize = 32;

/// What a look at one system gave.
struct Look {
    system: System,
    identity: Result<String, Gap>,
    listings: Vec<(Kind, Listing)>,
    nodes: Option<Vec<model::observation::Node>>,
}

/// A look at one system. What the platform runs itself may not be there yet, or be on its way: that is said of it rather than that it
/// does not answer.
async fn look(systems: &Systems, connection: &Connection, kinds: &[Kind]) -> Look {
    let system = connection.system.clone();
    let kinds: Vec<Kind> = kinds.iter().copied().filter(|kind| kind.family() == system.family()).collect();
    let starting = match systems.hosting(connection).await {
        Hosting::Gone(gap) => return blind(system, &kinds, gap),
        Hosting::There(starting) => starting,
    };
    match (look_into(systems, connection, &kinds).await, starting) {
        (Ok(look), _) => look,
        (Err(gap), None) => blind(system, &kinds, systems.unless_coming(connection, gap).await),
        (Err(gap), Some((workload, why))) => {
            let why = format!("{gap} ({workload}: {why})");
            blind(system, &kinds, Gap::Starting { workload, why })
        }
    }
}

/// Nothing was seen.
fn blind(system: System, kinds: &[Kind], gap: Gap) -> Look {
    let listings = kinds.iter().map(|kind| (*kind, Listing::Unknown(gap.clone()))).collect();
    Look { system, listings, identity: Err(gap), nodes: None }
}

async fn look_into(systems: &Systems, connection: &Connection, kinds: &[Kind]) -> Result<Look, Gap> {
    let adapter = systems.connect(connection).await;
    let identity = adapter.identity().await?;
    let (listings, nodes) = match adapter {
        Adapter::Nothing(gap) => return Err(gap),
        Adapter::Vault(vault) => (join_all(kinds.iter().map(|kind| vault.list(*kind))).await, None),
        Adapter::Mysql(mysql) => {
            let passwords = if kinds.contains(&Kind::User) { systems.passwords().await } else { BTreeMap::new() };
            (join_all(kinds.iter().map(|kind| mysql.list(*kind, &passwords))).await, None)
        }
        Adapter::Elasticsearch(elasticsearch) => (join_all(kinds.iter().map(|kind| elasticsearch.list(*kind))).await, None),
        Adapter::Cluster(cluster) => join(join_all(kinds.iter().map(|kind| cluster.list(*kind))), cluster.nodes()).await,
    };
    let listings = kinds.iter().copied().zip(listings).collect();
    Ok(Look { system: connection.system.clone(), identity: Ok(identity), listings, nodes })
}

/// What one system says to all that is proposed to it.
async fn previews(systems: &Systems, proposals: Vec<&Proposal>) -> Vec<(Address, Preview)> {
    let ask = async |proposal: &Proposal| (proposal.address.clone(), systems.preview(proposal).await);
    stream::iter(proposals).map(ask).buffer_unordered(AT_ONCE).collect().await
}

impl<J: Journal> Observe for LivePlatform<J> {
    async fn observe(&mut self, connections: &[Connection], kinds: &[Kind]) -> Result<Snapshot, PlatformError> {
        let systems = self.systems();
        // The clusters are connected before anything is looked at: they are on the way to others, and Vault is asked what it knows of them. Of
        // the stores it is known where they are, in case one needs another; one that is not there yet has nobody to connect to.
        let (clusters, stores): (Vec<_>, Vec<_>) =
            connections.iter().partition(|connection| matches!(connection.system, System::Cluster(_)));
        join_all(clusters.into_iter().map(|connection| systems.connect(connection))).await;
        stores.into_iter().for_each(|connection| systems.remember(connection));
        let looks = join_all(connections.iter().map(|connection| look(&systems, connection, kinds))).await;
        let is_absent = |look: &&Look| matches!(look.identity, Err(Gap::NotYet { .. }));
        systems.know_absent(looks.iter().filter(is_absent).map(|look| look.system.clone()).collect());
        let mut snapshot = Snapshot::default();
        for look in looks {
            for (kind, listing) in look.listings {
                snapshot.record(look.system.clone(), kind, listing);
            }
            if let (System::Cluster(name), Some(nodes)) = (&look.system, look.nodes) {
                snapshot.nodes.insert(name.clone(), nodes);
            }
            self.identify(&look.system, look.identity.ok().map(Into::into));
        }
        Ok(snapshot)
    }

    async fn preview(&mut self, proposals: &[Proposal]) -> Result<Previews, PlatformError> {
        let systems = self.systems();
        let mut by_system: BTreeMap<&str, Vec<&Proposal>> = BTreeMap::new();
        for proposal in proposals {
            by_system.entry(proposal.address.system_text()).or_default().push(proposal);
        }
        // One that takes its time holds up its own alone.
        let told = join_all(by_system.into_values().map(|those| previews(&systems, those))).await;
        Ok(told.into_iter().flatten().collect())
    }

    async fn digests(
        &mut self,
        references: &[SecretReference],
    ) -> Result<BTreeMap<SecretReference, SecretDigest>, PlatformError> {
        let systems = self.systems();
        let digest = async |reference: &SecretReference| {
            // Whoever asks a store logs in to it first.
            if matches!(reference, SecretReference::Vault { .. }) && systems.is_absent(&System::Vault) {
                return None;
            }
            let secret = systems.secret(reference).await.ok()?;
            Some((reference.clone(), systems.secrets.digest_of(secret.expose())))
        };
        Ok(join_all(references.iter().map(digest)).await.into_iter().flatten().collect())
    }

    async fn audit(&mut self, chain: &Chain) -> Result<Result<Vec<Stored>, Gap>, PlatformError> {
        Ok(self.systems().audit(chain).await)
    }

    fn identities(&self) -> Identities {
        self.who_they_are()
    }
}
