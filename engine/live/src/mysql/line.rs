//! One connection of the ledger: every statement is counted and shown as it is answered, like those of `server`. What is shown is its text,
//! in which each value is a `?`: holders and journals are nobody's business who looks at requests.

use super::connect::number;
use crate::server::Server;
use crate::traffic::Traffic;
use sqlx::mysql::{MySql, MySqlArguments, MySqlConnection, MySqlQueryResult, MySqlRow};
use sqlx::{Connection as _, Execute as _, Executor as _, SqlStr};

/// A statement, and its values.
pub(super) type Query = sqlx::query::Query<'static, MySql, MySqlArguments>;

/// A connection, and whom its statements are counted for.
#[derive(Debug)]
pub(super) struct Line {
    connection: MySqlConnection,
    server: Server,
    traffic: Traffic,
    /// It is not in the middle of a transaction.
    is_whole: bool,
}

impl Line {
    pub(super) fn new(connection: MySqlConnection, server: Server, traffic: Traffic) -> Self {
        Line { connection, server, traffic, is_whole: true }
    }

    /// Whether it can be used. One that was left in the middle of a transaction has rows in its hands until it goes.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Send a statement that has no values. It is not prepared: not every one can be.
    pub(super) async fn say(&mut self, text: &'static str) -> Result<(), sqlx::Error> {
        let sent = self.connection.execute(sqlx::raw_sql(text));
        shown(&self.server, &self.traffic, text, sent).await.map(drop)
    }

    /// Send a statement; gives back what it changed.
    pub(super) async fn run(&mut self, query: Query) -> Result<MySqlQueryResult, sqlx::Error> {
        let (text, query) = apart(query)?;
        shown(&self.server, &self.traffic, text.as_str(), query.execute(&mut self.connection)).await
    }

    /// Send a statement and take its rows.
    pub(super) async fn rows(&mut self, query: Query) -> Result<Vec<MySqlRow>, sqlx::Error> {
        let (text, query) = apart(query)?;
        shown(&self.server, &self.traffic, text.as_str(), query.fetch_all(&mut self.connection)).await
    }

    /// Send a statement and take its row, if it has one.
    pub(super) async fn row(&mut self, query: Query) -> Result<Option<MySqlRow>, sqlx::Error> {
        let (text, query) = apart(query)?;
        shown(&self.server, &self.traffic, text.as_str(), query.fetch_optional(&mut self.connection)).await
    }

    /// Send a statement that has a row.
    pub(super) async fn one(&mut self, query: Query) -> Result<MySqlRow, sqlx::Error> {
        self.row(query).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Do `work` as a whole or not at all.
    pub(super) async fn at_once<T, E: From<sqlx::Error>>(
        &mut self,
        work: impl AsyncFnOnce(&mut Line) -> Result<T, E>,
    ) -> Result<T, E> {
        self.is_whole = false;
        self.say("START TRANSACTION").await?;
        let done = match work(self).await {
            Ok(done) => self.say("COMMIT").await.map(|()| done).map_err(E::from),
            Err(error) => Err(error),
        };
        // Not when the connection is used next: until then the rows would be nobody else's, and who took over could write nothing.
        self.is_whole = done.is_ok() || self.say("ROLLBACK").await.is_ok();
        done
    }

    /// Close it, so that the server knows at once.
    pub(super) async fn close(self) {
        drop(self.connection.close().await);
    }
}

/// The text of a statement, and the statement: only its text is ever shown.
fn apart(mut query: Query) -> Result<(SqlStr, Query), sqlx::Error> {
    let values = query.take_arguments().map_err(sqlx::Error::Encode)?.unwrap_or_default();
    let text = query.sql();
    Ok((text.clone(), sqlx::query_with(text, values)))
}

/// Wait for the answer to a statement with this text, and show what came of it.
pub(super) async fn shown<T>(
    server: &Server,
    traffic: &Traffic,
    text: &str,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let verb = text.split(' ').next().unwrap_or_default();
    let sent = traffic.sent(server, verb);
    let answer = answer.await;
    let came = match &answer {
        Ok(_) => "ok".to_owned(),
        Err(error) => number(error).map_or_else(|| "no answer".to_owned(), |number| number.to_string()),
    };
    traffic.answered(server, verb, &text, sent, &came);
    answer
}
