//! A transaction as one text that SQLite takes at once: every statement by itself would cost a hand-over between two threads, there
//! and back.

use super::Database;
use crate::database::runs::number;
use crate::error::EmbeddedError;
use model::outcome::JournalEntry;
use port::Tally;
use simulator::kernel::Record;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Encode, Executor, Sqlite, Type};

/// Rows of one INSERT. A batch takes the smallest that holds it and leaves the rest of the rows empty, so that few texts have to be prepared.
const ROWS: [usize; 5] = [1, 4, 16, 64, LARGEST];
const LARGEST: usize = 256;

/// What is to become durable as a whole.
#[derive(Debug)]
pub(crate) struct Transaction {
    text: String,
    arguments: SqliteArguments,
    /// Large ones go in parts, since SQLite copies what is in a text until all of it is done.
    before: Vec<(String, SqliteArguments)>,
}

impl Transaction {
    /// Nothing yet. Only one process can be in a transaction that writes.
    pub(crate) fn new() -> Self {
        Transaction { text: "BEGIN IMMEDIATE;".to_owned(), arguments: SqliteArguments::default(), before: Vec::new() }
    }

    fn next_part(&mut self) {
        self.before.push((std::mem::take(&mut self.text), std::mem::take(&mut self.arguments)));
    }

    fn bind<'a>(&mut self, value: impl Encode<'a, Sqlite> + Type<Sqlite>) {
        // Texts and numbers are what they are: nothing in them can fail to be bound.
        drop(self.arguments.add(value));
    }

    /// Append entries to the journal of one run.
    pub(crate) fn append(&mut self, run: u64, entries: &[JournalEntry]) -> Result<(), serde_json::Error> {
        let text = serde_json::to_string(entries)?;
        self.text.push_str("INSERT INTO journal (run, entries) VALUES (?, ?);");
        self.bind(number(run));
        self.bind(text);
        let tally = Tally::of(entries);
        if tally == Tally::default() {
            return Ok(());
        }
        self.text.push_str(
            "UPDATE runs SET steps = steps + ?, done = done + ?, failed = failed + ?, verdict = coalesce(?, verdict), \
             ended = coalesce(?, ended) WHERE run = ?;",
        );
        for count in [tally.steps, tally.done, tally.failed] {
            self.bind(number(count));
        }
        self.bind(tally.verdict.and_then(|verdict| serde_json::to_string(&verdict).ok()));
        self.bind(tally.ended.map(|at| number(at.0)));
        self.bind(number(run));
        Ok(())
    }

    /// Change one value of the file's own settings.
    pub(crate) fn set_setting(&mut self, key: &str, value: &str) {
        self.text.push_str("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?);");
        self.bind(key.to_owned());
        self.bind(value.to_owned());
    }

    /// Write what of the world has changed.
    pub(crate) fn keep(&mut self, records: Vec<Record>) {
        let (kept, gone): (Vec<_>, Vec<_>) = records.into_iter().partition(|record| record.value.is_some());
        let (mut left, mut kept) = (kept.len(), kept.into_iter());
        while left > 0 {
            let rows = ROWS.into_iter().find(|rows| *rows >= left).unwrap_or(LARGEST);
            self.insert(rows, kept.by_ref().take(rows));
            left = left.saturating_sub(rows);
            if rows == LARGEST {
                self.next_part();
            }
        }
        if gone.is_empty() {
            return;
        }
        let keys: Vec<[&str; 2]> = gone.iter().map(|record| [record.table, record.key.as_str()]).collect();
        self.text.push_str("DELETE FROM records WHERE (tbl, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?));");
        self.bind(serde_json::to_string(&keys).unwrap_or_default());
    }

    fn insert(&mut self, rows: usize, records: impl Iterator<Item = Record>) {
        let places = vec!["(?, ?, ?)"; rows].join(", ");
        self.text.push_str(&format!(
            "INSERT INTO records (tbl, key, value) SELECT * FROM (VALUES {places}) WHERE column1 IS NOT NULL \
             ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value;"
        ));
        let mut empty = rows;
        for record in records {
            self.bind(record.table);
            self.bind(record.key);
            self.bind(record.value);
            empty = empty.saturating_sub(1);
        }
        for _ in 0..empty * 3 {
            self.bind(None::<String>);
        }
    }
}

impl Database {
    /// Make all of `transaction` durable, or nothing of it. After one that failed there is no other: what comes later builds on it.
    pub(crate) async fn commit(&mut self, mut transaction: Transaction) -> Result<(), EmbeddedError> {
        if self.is_behind {
            let source = "what happened before could not be written".into();
            return Err(EmbeddedError::Other { path: self.path.clone(), source });
        }
        transaction.text.push_str("COMMIT");
        transaction.next_part();
        for (text, arguments) in transaction.before {
            // The text is made of constants alone; what is kept goes in as arguments.
            let query = sqlx::query_with(AssertSqlSafe(text), arguments);
            if let Err(error) = self.connection.execute(query).await {
                // Undone at once, for others; that nothing was begun says no more than the first error.
                drop(self.run("ROLLBACK").await);
                self.is_behind = true;
                return Err(self.failed(error));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection, Row};

    fn record(key: usize, value: Option<String>) -> Record {
        Record { table: "t", key: format!("key {key}"), value }
    }

    async fn database() -> Database {
        Database::in_memory(&mut (Box::new(|bytes: &mut [u8]| bytes.fill(1)) as port::Entropy)).await.unwrap()
    }

    async fn keep(database: &mut Database, records: Vec<Record>) -> Result<(), EmbeddedError> {
        let mut transaction = Transaction::new();
        transaction.keep(records);
        database.commit(transaction).await
    }

    async fn told(database: &mut Database) -> (i64, String) {
        let select = "SELECT count(*), coalesce(max(value), '') FROM records WHERE tbl = 't' AND key LIKE 'key %'";
        let row = database.connection.fetch_one(select).await.unwrap();
        (row.get(0), row.get(1))
    }

    #[tokio::test]
    async fn every_record_of_a_batch_of_any_size_is_kept_and_taken_away_again() {
        let mut database = database().await;
        for size in [0, 1, 2, 4, 5, 17, 64, 65, 256, 257, 600] {
            let kept: Vec<Record> = (0..size).map(|key| record(key, Some("1".into()))).collect();
            keep(&mut database, kept).await.unwrap();
            assert_eq!(told(&mut database).await.0, size as i64, "{size}");
            let all = database.connection.fetch_one("SELECT count(*) FROM records").await.unwrap();
            assert_eq!(all.get::<i64, _>(0), size as i64, "no empty row is left");
            keep(&mut database, (1..size).map(|key| record(key, None)).collect()).await.unwrap();
            assert_eq!(told(&mut database).await.0, i64::from(size > 0), "{size}");
        }
    }

    #[tokio::test]
    async fn what_is_there_is_changed_and_what_goes_in_the_same_transaction_goes() {
        let mut database = database().await;
        keep(&mut database, vec![record(1, Some("1".into())), record(2, Some("1".into()))]).await.unwrap();
        keep(&mut database, vec![record(1, Some("2".into())), record(2, None)]).await.unwrap();
        assert_eq!(told(&mut database).await, (1, "2".to_owned()));
    }

    #[tokio::test]
    async fn a_full_disk_is_named_and_undone() {
        let mut database = database().await;
        database.run("PRAGMA max_page_count = 20").await.unwrap();
        let records = vec![record(0, Some("1".into())), record(1, Some("x".repeat(1 << 20)))];
        let error = keep(&mut database, records).await.unwrap_err();
        assert!(matches!(error, EmbeddedError::Full { .. }), "{error:?}");
        assert_eq!(told(&mut database).await.0, 0);
        let error = keep(&mut database, vec![record(0, Some("1".into()))]).await.unwrap_err();
        assert!(matches!(error, EmbeddedError::Other { .. }), "what comes later is not written without it: {error:?}");
        assert_eq!(told(&mut database).await.0, 0);
        database.connection.close().await.unwrap();
    }
}
