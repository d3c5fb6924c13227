//! What the API server would make of a document: server-side apply with `dryRun=All`, of which nothing stays.
//!
//! One request an object, and one more for a Secret, whose generated entries only the server has. The object is named by its `uid`, and by
//! no version: a status that moves meanwhile is nobody's business here, and an object that is gone is not made anew.

use super::cluster::Cluster;
use super::object;
use super::refusal::Trouble;
use crate::secret::Fetched;
use model::preview::{Preview, Proposal};
use model::{Kind, SecretReference};
use port::Secret;
use std::collections::BTreeMap;

impl Cluster {
    /// What would become of an object. `secrets` are those that its document refers to.
    pub(crate) async fn preview(&self, proposal: &Proposal, secrets: BTreeMap<SecretReference, Secret>) -> Preview {
        let mut fetched = Fetched { secrets: &self.secrets, by_reference: secrets };
        match self.previewed(proposal, &mut fetched).await {
            Ok(preview) => preview,
            Err(trouble) => Preview::Unsaid(trouble.into_operation_error(self.server()).to_string()),
        }
    }

    async fn previewed(&self, proposal: &Proposal, fetched: &mut Fetched<'_>) -> Result<Preview, Trouble> {
        let Proposal { address, document, mark, incarnation } = proposal;
        let api = match self.api(address) {
            Ok(api) => api,
            Err(error) => return Ok(Preview::Unsaid(error.to_string())),
        };
        let found = if address.kind() == Kind::Secret { self.get(address, api).await? } else { None };
        let mut manifest = object::manifest(address, api, document, mark);
        manifest.set(&["metadata", "uid"], incarnation.clone());
        let body = self.serialized(address, &manifest, found.as_ref(), fetched);
        Ok(Preview::Becomes(self.dry_run(address, api, body).await?.observed.document))
    }
}
