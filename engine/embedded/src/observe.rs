//! Looking at the embedded platform. A spec's clusters and external stores are there as soon as somebody looks for them.

use crate::platform::EmbeddedPlatform;
use model::connection::Connection;
use model::identity::Identities;
use model::observation::Snapshot;
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

    async fn digests(
        &mut self,
        references: &[SecretReference],
    ) -> Result<BTreeMap<SecretReference, SecretDigest>, PlatformError> {
        let digest =
            |reference: &SecretReference| Some((reference.clone(), digest_of(self.world(), self.digester(), reference).ok()?));
        Ok(references.iter().filter_map(digest).collect())
    }

    fn identities(&self) -> Identities {
        crate::identities(self.identity_text())
    }
}
