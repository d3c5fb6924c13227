//! Container images, each with its default.

use super::{Lower, each, entries};
use crate::spec::builtin;
use crate::spec::types::{Images, Named, PullSecret};
use crate::spec::written;

impl Lower<'_> {
    pub(super) fn images(&mut self) -> Option<Images> {
        let none = written::Images::default();
        let written = self.document.images.yes().map_or(&none, |images| &images.value);
        Some(Images {
            vamp: written.vamp.or(builtin::VAMP_IMAGE.to_owned()),
            lifter: written.lifter.or(builtin::LIFTER_IMAGE.to_owned()),
            gateway_agent: written.gateway_agent.or(builtin::GATEWAY_AGENT_IMAGE.to_owned()),
            workflow_agent: written.workflow_agent.or(builtin::WORKFLOW_AGENT_IMAGE.to_owned()),
            mysql: written.mysql.or(builtin::MYSQL_IMAGE.to_owned()),
            vault: written.vault.or(builtin::VAULT_IMAGE.to_owned()),
            elasticsearch: written.elasticsearch.or(builtin::ELASTICSEARCH_IMAGE.to_owned()),
            pull_secrets: pull_secrets(written)?,
        })
    }
}

fn pull_secrets(written: &written::Images) -> Option<Named<PullSecret>> {
    let Some(entries) = entries(&written.pull_secrets) else { return Some(Named::default()) };
    each(entries, |_, secret| {
        Some(PullSecret { username: secret.username.yes()?.clone(), password: secret.password.yes()?.clone() })
    })
}
