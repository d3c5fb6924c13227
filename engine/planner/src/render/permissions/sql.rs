//! Grants as statements, which MySQL and MariaDB both take.

use crate::permissions::Permissions;
use crate::permissions::mysql::{Grant, Level};

/// The statements, after a remark on what they take for granted.
pub(super) fn script(permissions: &Permissions, grants: &[Grant]) -> String {
    let user = account(&permissions.user);
    let mut text = format!("-- The user has to be there: CREATE USER {user} IDENTIFIED BY '...' REQUIRE SSL;\n");
    for statement in statements(&permissions.user, grants) {
        text.push_str(&format!("{statement};\n"));
    }
    text
}

/// One statement a grant.
pub(super) fn statements(user: &str, grants: &[Grant]) -> Vec<String> {
    let statement = |grant: &Grant| {
        let on = match &grant.on {
            Level::Server => "*.*".to_owned(),
            Level::Schema(schema) => format!("{}.*", pattern(schema)),
            Level::Catalogue(table) => format!("mysql.{table}"),
        };
        let option = if grant.grant_option { " WITH GRANT OPTION" } else { "" };
        format!("GRANT {} ON {on} TO {}{option}", grant.privileges.join(", "), account(user))
    };
    grants.iter().map(statement).collect()
}

/// From wherever it comes.
fn account(user: &str) -> String {
    format!("'{}'@'%'", user.replace('\\', "\\\\").replace('\'', "''"))
}

/// A schema's name as grants take it: they take it for a pattern, in which `_` and `%` stand for others (MySQL manual, "GRANT Statement").
fn pattern(schema: &str) -> String {
    let escaped = schema.replace('\\', "\\\\").replace('_', "\\_").replace('%', "\\%");
    format!("`{}`", escaped.replace('`', "``"))
}
