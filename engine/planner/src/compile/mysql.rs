//! Schemas, users, grants and tables: one physical shape for every namespace, two layouts.

use super::compiler::Compiler;
use super::draft::{Draft, Owner, document, texts};
use super::names::mysql_user;
use crate::spec::types::Layout;
use model::address::Address;
use model::graph::EdgeReason::{LivesIn, NeedsReady, ReadsKeyOf, References};
use model::kind::Kind;
use model::path::FieldPath;
use model::resource::Origin;
use model::secret::SecretReference;
use model::system::System;
use model::value::Value;

/// A user may come from anywhere: pods have no fixed address.
pub(crate) const ANY_HOST: &str = "%";
/// Table of a namespace that has a schema to itself.
const ARTIFACTS: &str = "artifacts";

/// Where the artifacts of one namespace (a tenant's or an environment's) are kept.
pub(crate) struct Home {
    pub(crate) schema: String,
    pub(crate) table: String,
}

/// Schema and table of the namespace `namespace` of the tenant whose own namespace is `tenant`.
pub(crate) fn home(layout: Layout, tenant: &str, namespace: &str) -> Home {
    match layout {
        Layout::TablePerNamespace => Home { schema: tenant.to_owned(), table: namespace.to_owned() },
        Layout::SchemaPerNamespace => Home { schema: namespace.to_owned(), table: ARTIFACTS.to_owned() },
    }
}

/// After the workload that runs MySQL, if it runs in a cluster.
pub(crate) fn in_mysql(compiler: &Compiler, draft: Draft) -> Draft {
    draft.after_all(&compiler.topology.mysql.workload, NeedsReady)
}

pub(crate) fn schema(compiler: &Compiler, name: &str, owner: Owner) -> Draft {
    let shape = document([("character_set", "utf8mb4".into()), ("collation", "utf8mb4_unicode_ci".into())]);
    in_mysql(compiler, Draft::at(&System::Mysql, Kind::Schema, name, shape, owner)).alike()
}

pub(crate) fn user(compiler: &Compiler, name: &str, password: SecretReference, owner: Owner) -> Draft {
    let shape = document([("host", ANY_HOST.into()), ("password", password.into())]);
    in_mysql(compiler, Draft::at(&System::Mysql, Kind::User, name, shape, owner))
}

/// The tenant's user, whose password is kept in the entry `credentials`.
pub(crate) fn tenant_user(compiler: &mut Compiler, tenant: &str, credentials: &Address, owner: Owner) -> Address {
    let name = mysql_user(&compiler.names.tenant(tenant));
    let password = SecretReference::Vault { path: credentials.key().to_owned(), field: "password".to_owned() };
    let draft = user(compiler, &name, password, owner)
        .after(credentials, ReadsKeyOf)
        .origin(FieldPath::keys(&["password"]), Origin::Dependency(credentials.clone()));
    compiler.add(draft)
}

/// Schema with its grant (unless the tenant's schema serves for all) and table of one namespace. Gives back what the namespace's
/// configuration comes after.
pub(crate) fn namespace(compiler: &mut Compiler, tenant: &str, name: &str, user: &Address, owner: Owner) -> Vec<Address> {
    let layout = &compiler.spec.dependencies.mysql.layout;
    let home = home(layout.value, &compiler.names.tenant(tenant), name);
    let schema_address = Address::new(&System::Mysql, Kind::Schema, &home.schema);
    let mut made = Vec::new();
    if home.schema == name {
        compiler.add(schema(compiler, name, owner));
        made.push(grant(compiler, user, &schema_address, owner));
    }
    let key = format!("{}/{}", home.schema, home.table);
    let origin = if layout.place.is_written() { Origin::Spec(layout.place) } else { Origin::Default("one table a namespace") };
    let draft = Draft::at(&System::Mysql, Kind::Table, &key, table(), owner)
        .alike()
        .after(&schema_address, LivesIn)
        .origin(FieldPath::ROOT, origin);
    made.push(compiler.add(draft));
    made
}

/// What Vamp does with its tables and nothing else: schemas and tables are the engine's to make.
fn grant(compiler: &mut Compiler, user: &Address, schema: &Address, owner: Owner) -> Address {
    let privileges = texts(["DELETE", "INSERT", "SELECT", "UPDATE"]);
    let shape = document([("host", ANY_HOST.into()), ("privileges", privileges)]);
    let key = format!("{}/{}", user.key(), schema.key());
    let draft = Draft::at(&System::Mysql, Kind::Grant, &key, shape, owner).alike().after(user, References).after(schema, LivesIn);
    compiler.add(draft)
}

/// One row is one artifact: a number, and JSON text (as the original platform keeps it).
fn table() -> Value {
    let column = |name: &str, kind: &str, counts: bool| {
        document([("auto_increment", counts.into()), ("name", name.into()), ("nullable", false.into()), ("type", kind.into())])
    };
    let columns = Value::List(vec![column("ID", "int", true), column("Record", "mediumtext", false)]);
    document([("columns", columns), ("primary_key", texts(["ID"]))])
}
