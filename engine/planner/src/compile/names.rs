//! Every name that the platform owns, in one place: two parts of the compilation never spell one name differently.

use crate::spec::Spec;
use model::names::MYSQL_USER_LENGTH;

/// Names made from the platform's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'s> {
    pub(crate) platform: &'s str,
}

impl<'s> Names<'s> {
    pub(crate) fn of(spec: &'s Spec) -> Self {
        Names { platform: &spec.platform.value }
    }

    /// Namespace of a tenant (its organization namespace): `acme-shop`. Also the name of its MySQL schema.
    pub(crate) fn tenant(&self, tenant: &str) -> String {
        format!("{}-{tenant}", self.platform)
    }

    /// Namespace of an environment: `acme-shop-production`.
    pub(crate) fn environment(&self, tenant: &str, environment: &str) -> String {
        format!("{}-{tenant}-{environment}", self.platform)
    }

    /// Schema and user of a Vault that stores in MySQL.
    pub(crate) fn vault_storage(&self) -> String {
        format!("{}-vault", self.platform)
    }

    /// Path of the Vault auth method of a cluster: `acme-eu-1`.
    pub(crate) fn auth_method(&self, cluster: &str) -> String {
        format!("{}-{cluster}", self.platform)
    }

    /// Path of a Vault entry of a tenant, the mount first: `acme/shop/configuration`.
    pub(crate) fn tenant_entry(&self, tenant: &str, entry: &str) -> String {
        format!("{}/{tenant}/{entry}", self.platform)
    }

    /// Path of a Vault entry of an environment, the mount first: `acme/shop/production/gateways/eu-1`.
    pub(crate) fn environment_entry(&self, tenant: &str, environment: &str, entry: &str) -> String {
        format!("{}/{tenant}/{environment}/{entry}", self.platform)
    }
}

/// A MySQL user's name: `wanted` if it is short enough, otherwise its beginning and eight digits of its digest, which stay the
/// same as long as the name does.
pub(crate) fn mysql_user(wanted: &str) -> String {
    if wanted.chars().count() <= MYSQL_USER_LENGTH {
        return wanted.to_owned();
    }
    let digest = model::Value::from(wanted).digest();
    let start: String = wanted.chars().take(MYSQL_USER_LENGTH - 9).collect();
    format!("{start}-{}", &digest[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_user_name_is_shortened_to_a_name_of_its_own() {
        let long = "acme-a-tenant-with-a-very-long-name-one";
        assert_eq!(mysql_user("acme-shop"), "acme-shop");
        assert_eq!(mysql_user(long).len(), MYSQL_USER_LENGTH);
        assert!(mysql_user(long).starts_with("acme-a-tenant-with-a-ve-"));
        assert_eq!(mysql_user(long), mysql_user(long));
        assert_ne!(mysql_user(long), mysql_user(&format!("{long}x")));
    }
}
