//! Looking at the embedded platform. A spec's clusters and external stores are there as soon as somebody looks for them.

use crate::platform::EmbeddedPlatform;
use model::audit::{Chain, Stored};
use model::connection::Connection;
use model::identity::Identities;
use model::observation::{Gap, Snapshot};
use model::preview::{Preview, Previews, Proposal};
use model::{Kind, SecretDigest, SecretReference};
use port::{Observe, PlatformError};
use simulator::digest::digest as digest_of;
use std::collections::BTreeMap;

impl Observe for EmbeddedPlatform {
    async fn observe(&mut self, connections: &[Connection], kinds: &[Kind]) -> Result<Snapshot, PlatformError> {
        self.furnish(connections);
        let mut snapshot = Snapshot::default();
        for connection in connections {
            let system = &connection.system;
            for kind in kinds.iter().copied().filter(|kind| kind.family() == system.family()) {
                snapshot.record(system.clone(), kind, self.world().list(system, kind));
            }
            if let Some((cluster, nodes)) = self.world().nodes(system) {
                snapshot.nodes.insert(cluster, nodes);
            }
        }
        Ok(snapshot)
    }

    async fn preview(&mut self, proposals: &[Proposal]) -> Result<Previews, PlatformError> {
        let mut previews = Previews::new();
        for proposal in proposals {
            let said = self.resolve(&proposal.address, &proposal.document);
            let said = said.and_then(|document| self.world().preview(&Proposal { document, ..proposal.clone() }));
            let said = said.map_or_else(|error| Preview::Unsaid(error.to_string()), Preview::Becomes);
            previews.insert(proposal.address.clone(), said);
        }
        Ok(previews)
    }

    async fn digests(
        &mut self,
        references: &[SecretReference],
    ) -> Result<BTreeMap<SecretReference, SecretDigest>, PlatformError> {
        let digest =
            |reference: &SecretReference| Some((reference.clone(), digest_of(self.world(), self.digester(), reference).ok()?));
        Ok(references.iter().filter_map(digest).collect())
    }

    async fn audit(&mut self, chain: &Chain) -> Result<Result<Vec<Stored>, Gap>, PlatformError> {
        Ok(self.world().audit_chain(chain))
    }

    fn identities(&self) -> Identities {
        crate::identities(self.identity_text())
    }
}
