//! The world in pieces that can be kept: a record is one value of one table, as text.

/// One value of one table that changed, for whoever keeps the world between two commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The table.
    pub table: &'static str,
    /// The key in that table.
    pub key: String,
    /// The value as JSON; `None` if it is gone.
    pub value: Option<String>,
}

/// A record that cannot be read back.
#[derive(Debug, thiserror::Error)]
#[error("the record {key:?} of {table:?} cannot be read")]
pub struct Damaged {
    /// Its table.
    pub table: String,
    /// Its key.
    pub key: String,
    /// What is wrong with it, where serde can say.
    #[source]
    pub source: Option<serde_json::Error>,
}

impl Damaged {
    /// A record whose table or key means nothing.
    pub fn unknown(table: &str, key: &str) -> Self {
        Damaged { table: table.to_owned(), key: key.to_owned(), source: None }
    }
}
