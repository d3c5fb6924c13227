//! A MySQL server that can be asked: every statement is counted, limited in time, and answered in texts. Nothing is tried again here.

use super::connect::{Way, connect};
use super::line::shown;
use super::refusal::Trouble;
use crate::secret::Secrets;
use crate::server::Server;
use crate::traffic::Traffic;
use crate::wanted::Wanted;
use crate::wire::Limits;
use model::Duration;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Connection, Executor, Row as _, ValueRef};
use std::cell::RefCell;
use std::rc::Rc;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

/// Connections at a time.
const CONNECTIONS: usize = 8;

/// How every session reads what it is sent: a backslash escapes, a double quote does not quote a name, a value that does not fit is an
/// error and not cut off. In MariaDB a grant could make a user without a password; MySQL 8 has no such mode, and no such grant.
const SQL_MODE: &str = "CONCAT('STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', \
                        IF(VERSION() LIKE '%MariaDB%', ',NO_AUTO_CREATE_USER', ''))";

/// How long a statement waits for others' locks, in seconds: shorter than a request may take, so that the server says so itself.
const LOCK_WAIT: u64 = 20;

/// One row, each column as text.
pub(crate) type Row = Vec<Option<String>>;

/// How a server is come to, and logged in to.
pub(crate) struct Access {
    pub(crate) way: Way,
    pub(crate) options: MySqlConnectOptions,
}

/// A server that can be asked.
pub(crate) struct Mysql {
    access: Access,
    server: Server,
    traffic: Traffic,
    limits: Limits,
    pub(super) secrets: Rc<Secrets>,
    pub(super) wanted: Wanted,
    idle: RefCell<Vec<MySqlConnection>>,
    places: Semaphore,
    /// Whether our own schema is there, and what is left over of former runs gone.
    pub(super) prepared: OnceCell<()>,
    /// After how many statements the process dies, in a test.
    #[cfg(test)]
    pub(super) fuse: std::cell::Cell<Option<u32>>,
}

/// What a statement is, and how it is shown.
pub(crate) struct Statement {
    text: Zeroizing<String>,
    /// It in words, if it holds a secret.
    shown: Option<String>,
}

impl Statement {
    pub(crate) fn open(text: String) -> Self {
        Statement { text: Zeroizing::new(text), shown: None }
    }

    /// One that holds a secret.
    pub(crate) fn secret(text: Zeroizing<String>, shown: String) -> Self {
        Statement { text, shown: Some(shown) }
    }

    pub(crate) fn shown(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.text)
    }

    /// What traffic is counted by: its first word.
    fn verb(&self) -> &str {
        self.shown().split_whitespace().next().unwrap_or_default()
    }
}

impl From<String> for Statement {
    fn from(text: String) -> Self {
        Statement::open(text)
    }
}

impl From<&str> for Statement {
    fn from(text: &str) -> Self {
        Statement::open(text.to_owned())
    }
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shown())
    }
}

/// One connection, and with it one place among [`CONNECTIONS`].
pub(crate) struct Session<'a> {
    pub(super) mysql: &'a Mysql,
    /// Nothing once a statement got no answer: what the server makes of it is not known, so nothing more is said on this connection.
    connection: Option<MySqlConnection>,
    /// It holds a lock by name, which falls with the connection.
    pub(super) locked: bool,
    _place: SemaphorePermit<'a>,
}

impl Mysql {
    pub(crate) fn new(
        access: Access,
        server: Server,
        traffic: Traffic,
        limits: Limits,
        secrets: Rc<Secrets>,
        wanted: Wanted,
    ) -> Self {
        Mysql {
            access,
            server,
            traffic,
            limits,
            secrets,
            wanted,
            idle: RefCell::default(),
            places: Semaphore::new(CONNECTIONS),
            prepared: OnceCell::new(),
            #[cfg(test)]
            fuse: std::cell::Cell::new(None),
        }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// A connection: one that nobody uses if it still answers, otherwise a new one.
    pub(crate) async fn session(&self) -> Result<Session<'_>, Trouble> {
        let place = self.places.acquire().await.map_err(|_| Trouble::Silent(format!("{} is closed", self.server)))?;
        let idle = self.idle.borrow_mut().pop();
        if let Some(mut connection) = idle {
            let time = std::time::Duration::from_millis(self.limits.time.0);
            if matches!(tokio::time::timeout(time, connection.ping()).await, Ok(Ok(()))) {
                return Ok(Session { mysql: self, connection: Some(connection), locked: false, _place: place });
            }
        }
        let connection = open(&self.access, &self.server, &self.traffic, self.limits.time).await?;
        Ok(Session { mysql: self, connection: Some(connection), locked: false, _place: place })
    }
}

impl Session<'_> {
    /// Send a statement and take its rows.
    pub(crate) async fn rows(&mut self, statement: impl Into<Statement>) -> Result<Vec<Row>, Trouble> {
        let statement = statement.into();
        let texts = |rows: Vec<MySqlRow>| rows.iter().map(texts).collect::<Result<Vec<Row>, sqlx::Error>>();
        self.send(&statement, async |connection, sql| texts(connection.fetch_all(sqlx::raw_sql(sql)).await?)).await
    }

    /// Send a statement; gives back the number of rows that it changed.
    pub(crate) async fn run(&mut self, statement: impl Into<Statement>) -> Result<u64, Trouble> {
        let statement = statement.into();
        self.send(&statement, async |connection, sql| Ok(connection.execute(sqlx::raw_sql(sql)).await?.rows_affected())).await
    }

    async fn send<T>(
        &mut self,
        statement: &Statement,
        work: impl AsyncFnOnce(&mut MySqlConnection, AssertSqlSafe<String>) -> Result<T, sqlx::Error>,
    ) -> Result<T, Trouble> {
        let (server, traffic, limits) = (&self.mysql.server, &self.mysql.traffic, self.mysql.limits);
        #[cfg(test)]
        self.burn();
        let Some(mut connection) = self.connection.take() else {
            return Err(Trouble::Silent(format!("{server}: the connection is lost")));
        };
        let sent = traffic.sent(server, statement.verb());
        let time = std::time::Duration::from_millis(limits.time.0);
        let sql = AssertSqlSafe(statement.text.to_string());
        let answer = match tokio::time::timeout(time, work(&mut connection, sql)).await {
            Ok(answer) => answer.map_err(|error| Trouble::of(&error, server, statement.shown.as_deref())),
            Err(_) => Err(Trouble::Silent(format!("{server} did not answer within {}", limits.time))),
        };
        // An answer, even a refusal, leaves the connection as it was.
        if !matches!(answer, Err(Trouble::Silent(_))) {
            self.connection = Some(connection);
        }
        let came = match &answer {
            Ok(_) => "ok".to_owned(),
            Err(Trouble::Refusal { number, .. }) => number.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        traffic.answered(server, statement.verb(), statement.shown(), sent, &came);
        answer
    }

    /// The process dies when its statements are used up.
    #[cfg(test)]
    fn burn(&mut self) {
        match self.mysql.fuse.get() {
            Some(0) => self.connection = None,
            Some(left) => self.mysql.fuse.set(Some(left - 1)),
            None => {}
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // One that was left in the middle of something is not used again.
        let whole = self.connection.take().filter(|_| !self.locked);
        self.mysql.idle.borrow_mut().extend(whole);
    }
}

/// A connection whose session is as everything here expects it.
async fn open(access: &Access, server: &Server, traffic: &Traffic, time: Duration) -> Result<MySqlConnection, Trouble> {
    let opening = async {
        // Its own modes would be added to ours.
        let options = access.options.clone().pipes_as_concat(false).no_engine_substitution(false).statement_cache_capacity(0);
        let mut connection = connect(&access.way, options).await?;
        let settings =
            format!("SET SESSION sql_mode = {SQL_MODE}, lock_wait_timeout = {LOCK_WAIT}, innodb_lock_wait_timeout = {LOCK_WAIT}");
        let sent = connection.execute(sqlx::raw_sql(AssertSqlSafe(settings.clone())));
        shown(server, traffic, &settings, sent).await?;
        Ok(connection)
    };
    match tokio::time::timeout(std::time::Duration::from_millis(time.0), opening).await {
        Ok(opened) => opened.map_err(|error: sqlx::Error| Trouble::of(&error, server, None)),
        Err(_) => Err(Trouble::Silent(format!("{server} did not answer within {time}"))),
    }
}

fn texts(row: &MySqlRow) -> Result<Row, sqlx::Error> {
    let text = |index: usize| {
        let is_null = row.try_get_raw(index)?.is_null();
        if is_null { Ok(None) } else { row.try_get::<String, _>(index).map(Some) }
    };
    (0..row.len()).map(text).collect()
}

/// A column of a row, empty if it is null or not there.
pub(crate) fn column(row: &Row, index: usize) -> &str {
    row.get(index).and_then(Option::as_deref).unwrap_or_default()
}
