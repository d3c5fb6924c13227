//! A tenant: what it has of its own, then its environments. Its configuration is the gate between the two (TEN-6): it comes after all
//! that it names, and every environment comes after it.

use super::compiler::Compiler;
use super::draft::{Owner, origin_of};
use super::{configuration, elasticsearch, environment, mysql, vault};
use crate::spec::types::Tenant;
use model::address::Address;
use model::graph::EdgeReason::{IsAllowedBy, ReadsKeyOf, References};
use model::path::FieldPath;
use model::resource::{Origin, Scope};
use model::secret::SecretReference;
use model::source::Place;
use model::value::{Map, Value};

/// What the environments of a tenant need to know of it.
pub(crate) struct Organization<'s> {
    pub(crate) name: &'s str,
    /// Its MySQL user.
    pub(crate) user: Address,
    /// Its configuration, which is there once all else of it is.
    pub(crate) configuration: Address,
}

/// A tenant and its environments. Gives back what Vamp is restarted after, and digests of the configurations among it.
pub(crate) fn compile<'s>(
    compiler: &mut Compiler<'s>,
    name: &'s str,
    tenant: &'s Tenant,
    place: Place,
    settled: &mut Vec<Settled>,
) {
    let scope = Scope { tenant: Some(name.into()), ..Scope::PLATFORM };
    let organization = organization(compiler, name, tenant, Owner::new(&scope, place), settled);
    for (environment_name, declared) in &tenant.environments {
        let place = if declared.place.is_written() { declared.place } else { place };
        environment::compile(compiler, &organization, environment_name, &declared.value, place, settled);
    }
}

/// A configuration that Vamp reads when it starts.
pub(crate) struct Settled {
    pub(crate) address: Address,
    /// Digest of its document.
    pub(crate) digest: String,
}

fn organization<'s>(
    compiler: &mut Compiler,
    name: &'s str,
    tenant: &Tenant,
    owner: Owner,
    settled: &mut Vec<Settled>,
) -> Organization<'s> {
    let namespace = compiler.names.tenant(name);
    let credentials = credentials(compiler, name, tenant, owner);
    let user = mysql::tenant_user(compiler, name, &credentials, owner);
    let tables = mysql::namespace(compiler, name, &namespace, &user, owner);
    let audit = elasticsearch::tenant(compiler, &namespace, tenant, owner);
    let path = compiler.names.tenant_entry(name, "configuration");
    let fields = configuration::tenant(compiler, name, tenant);
    let mut draft = vault::entry(compiler, &path, fields, owner)
        .after(&credentials, ReadsKeyOf)
        .after(&user, IsAllowedBy)
        .after_all(&tables, References)
        .after_all(&audit, References)
        .origin(data("vamp.metadata.namespace.title"), origin_of(&tenant.title, "name of the tenant"));
    if let Some(first) = tenant.administrators.first() {
        draft = draft.origin(data("vamp.security.administrators"), Origin::Spec(first.place));
    }
    let digest = draft.resource.document.digest().to_string();
    let configuration = compiler.add(draft);
    settled.push(Settled { address: configuration.clone(), digest });
    Organization { name, user, configuration }
}

/// Path to a field of an entry.
pub(crate) fn data(field: &str) -> FieldPath {
    FieldPath::keys(&["data", field])
}

/// The password of the tenant's MySQL user, generated unless the spec gives it.
fn credentials(compiler: &mut Compiler, name: &str, tenant: &Tenant, owner: Owner) -> Address {
    let given = tenant.mysql_password.as_ref();
    let generated = SecretReference::Generated { length: super::stores::PASSWORD_LENGTH };
    let password = given.map_or(generated, |given| given.value.clone());
    let origin = given.map_or(Origin::Default("generated once and kept"), |given| Origin::Spec(given.place));
    let fields: Map = [("password", Value::from(password))].into_iter().collect();
    let path = compiler.names.tenant_entry(name, "credentials/mysql");
    let draft = vault::entry(compiler, &path, fields, owner).origin(data("password"), origin);
    compiler.add(draft)
}
