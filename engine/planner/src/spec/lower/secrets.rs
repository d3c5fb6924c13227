//! Secrets that could only be read with themselves: what must be there before Vault may not be kept in Vault.

use super::{Lower, entries};
use crate::spec::builtin;
use crate::spec::code;
use crate::spec::form::registry;
use crate::spec::reader::{Given, quote};
use crate::spec::types::VaultStorage;
use crate::spec::written::{self, Placed};
use model::secret::SecretReference;
use model::source::Located;

impl Lower<'_> {
    pub(super) fn secret_cycles(&mut self) {
        if let Some(dependencies) = self.document.dependencies.yes() {
            self.before_vault(dependencies);
        }
        self.tenant_passwords();
    }

    /// Whatever Vault needs in order to run, and what that needs.
    fn before_vault(&mut self, dependencies: &written::Dependencies) {
        let none = written::Images::default();
        let images = self.document.images.yes().map_or(&none, |images| &images.value);
        let Some(vault) = dependencies.vault.yes() else { return };
        self.refuse_vault(&vault.credentials, "Vault → is opened with `dependencies.vault.credentials` → Vault");
        if let Some(log_in) = vault.log_in.yes() {
            for secret in log_in.value.secrets() {
                let secret = Given::Yes(Located::at(secret.clone(), log_in.place));
                self.refuse_vault(&secret, "Vault → is opened with `dependencies.vault.logIn` → Vault");
            }
        }
        if in_cluster(&vault.placement, &vault.cluster) {
            self.refuse_pull_secret(images, &images.vault.or(builtin::VAULT_IMAGE.to_owned()), "Vault");
        }
        let stores_in_mysql = vault.storage.yes().is_some_and(|storage| storage.value == VaultStorage::Mysql);
        let Some(mysql) = dependencies.mysql.yes().filter(|_| stores_in_mysql) else { return };
        self.refuse_vault(
            &mysql.credentials,
            "Vault → stores in MySQL → is opened with `dependencies.mysql.credentials` → Vault",
        );
        if in_cluster(&mysql.placement, &mysql.cluster) {
            self.refuse_pull_secret(images, &images.mysql.or(builtin::MYSQL_IMAGE.to_owned()), "Vault → stores in MySQL");
        }
    }

    fn refuse_pull_secret(&mut self, images: &written::Images, image: &str, path: &str) {
        let host = registry(image);
        if let Some(secret) = entries(&images.pull_secrets).and_then(|secrets| secrets.get(host)) {
            let path = format!("{path} → runs the image {} → is pulled with `images.pullSecrets` → Vault", quote(image));
            self.refuse_vault(&secret.password, &path);
        }
    }

    fn refuse_vault(&mut self, secret: &Given<SecretReference>, path: &str) {
        if let Some(Located { value: SecretReference::Vault { .. }, place }) = secret.yes() {
            let message = format!("this secret could only be read with itself: {path}");
            self.error(code::SECRET_CYCLE, *place, message, "take it from the environment or from a file: `{ env: NAME }`");
        }
    }

    /// The password of a tenant is kept in Vault by vamp itself, at a path of its own.
    fn tenant_passwords(&mut self) {
        let Some(platform) = self.document.platform.yes() else { return };
        for (tenant, written) in entries(&self.document.tenants).into_iter().flatten() {
            let own = format!("{}/{tenant}/credentials/mysql", platform.value);
            if let Some(Located { value: SecretReference::Vault { path, .. }, place }) = written.mysql_password.yes()
                && *path == own
            {
                let message = format!("this secret could only be read with itself: {} is where vamp keeps it", quote(&own));
                self.error(code::SECRET_CYCLE, *place, message, "remove `mysqlPassword`: vamp generates one and keeps it there");
            }
        }
    }
}

fn in_cluster(placement: &Given<Placed>, cluster: &Given<String>) -> bool {
    placement.yes().map_or(!cluster.is_no(), |placement| placement.value == Placed::InCluster)
}
