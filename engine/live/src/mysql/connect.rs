//! A connection to a MySQL server. TLS checks the name and the authority of whoever answers, unless the address is a socket or says
//! otherwise: the driver's own default would take any certificate without a word.

use super::socket::Socket;
use crate::kubernetes::tunnel::Tunnel;
use crate::server::Server;
use crate::wire::{innermost, remedy};
use model::System;
use port::{PlatformError, Secret};
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlSslMode};
use sqlx::{ConnectOptions, MySqlConnection};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a connection may take to be made.
const PATIENCE: Duration = Duration::from_secs(30);

/// Gives the credentials anew for each connection: `USER:PASSWORD`, or a password alone, which is that of `root`.
pub type Credentials = Box<dyn Fn() -> Result<Secret, String>>;

/// A server, and how to log in there.
pub struct MysqlServer {
    host: String,
    port: u16,
    credentials: Credentials,
    authority: Option<PathBuf>,
}

impl fmt::Debug for MysqlServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MysqlServer({self})")
    }
}

impl fmt::Display for MysqlServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mysql ({}:{})", self.host, self.port)
    }
}

/// A text that is no address of a MySQL server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("mysql: {0:?} is no address of a server; it is written HOST or HOST:PORT")]
pub struct NotAMysqlAddress(String);

/// The port of MySQL (MySQL manual, `port`).
const PORT: u16 = 3306;

impl MysqlServer {
    /// The server at `HOST`, `HOST:PORT` or `mysql://HOST:PORT`. `authority` is a file with the certificates that its own is checked against;
    /// those that the machine trusts if it is not given.
    ///
    /// # Errors
    /// [`NotAMysqlAddress`].
    pub fn new(address: &str, credentials: Credentials, authority: Option<PathBuf>) -> Result<Self, NotAMysqlAddress> {
        let no = || NotAMysqlAddress(address.rsplit('@').next().unwrap_or_default().to_owned());
        let text = address.strip_prefix("mysql://").unwrap_or(address).trim_end_matches('/');
        let authority_of: http::uri::Authority = text.parse().map_err(|_| no())?;
        if text.contains('@') || authority_of.host().is_empty() {
            return Err(no());
        }
        let port = match authority_of.as_str().strip_prefix(authority_of.host()) {
            Some("") => PORT,
            rest => rest.and_then(|rest| rest.strip_prefix(':')?.parse().ok()).ok_or_else(no)?,
        };
        let host = authority_of.host().trim_matches(['[', ']']).to_owned();
        Ok(MysqlServer { host, port, credentials, authority })
    }

    /// It, as its statements are counted.
    pub(crate) fn server(&self) -> Server {
        Server { system: System::Mysql, address: format!("{}:{}", self.host, self.port) }
    }

    /// The way there.
    pub(crate) fn way(&self) -> Way {
        Way::Address { host: self.host.clone(), port: self.port }
    }

    /// How to log in with these credentials. The host is there for its certificate: the way leads to it.
    pub(crate) fn options(&self, secret: &Secret) -> MySqlConnectOptions {
        let text = zeroize::Zeroizing::new(String::from_utf8_lossy(secret.expose()).trim().to_owned());
        let (user, password) = text.split_once(':').unwrap_or(("root", &text));
        let mut options = MySqlConnectOptions::new().host(&self.host).username(user);
        options = options.ssl_mode(MySqlSslMode::VerifyIdentity).timezone(None).disable_statement_logging();
        if !password.is_empty() {
            options = options.password(password);
        }
        if let Some(authority) = &self.authority {
            options = options.ssl_ca(authority);
        }
        options
    }

    /// A new connection.
    ///
    /// # Errors
    /// [`PlatformError`] with what can be done about it.
    pub(crate) async fn connect(&self) -> Result<MySqlConnection, PlatformError> {
        let secret = (self.credentials)().map_err(|why| PlatformError {
            message: format!("{self}: its credentials could not be had: {why}"),
            help: Some("the spec's `credentials` name where they are".to_owned()),
            source: None,
        })?;
        match tokio::time::timeout(PATIENCE, connect(&self.way(), self.options(&secret))).await {
            Ok(connected) => connected.map_err(|error| self.failed(error)),
            Err(_) => Err(PlatformError {
                message: format!("{self} did not answer within {} s", PATIENCE.as_secs()),
                help: Some("does it run, and is this its address?".to_owned()),
                source: None,
            }),
        }
    }

    /// An error of the server, or on the way to it.
    pub(crate) fn failed(&self, error: sqlx::Error) -> PlatformError {
        let help = match number(&error) {
            Some(1045) => Some("check the user and the password that the spec's `credentials` name (USER:PASSWORD)"),
            Some(1044 | 1142 | 1227 | 1370) => Some("`vamp permissions SPEC --system mysql` prints the grants that vamp needs"),
            Some(_) => None,
            None => Some(remedy(&innermost(&error)).trim_start_matches("; ")).filter(|help| !help.is_empty()),
        };
        PlatformError { message: format!("{self} failed"), help: help.map(ToOwned::to_owned), source: Some(Box::new(error)) }
    }
}

/// How a server is come to.
pub(crate) enum Way {
    /// Over a network.
    Address {
        /// Name or address.
        host: String,
        /// Port.
        port: u16,
    },
    /// To a pod of the platform's own.
    Through(Tunnel),
}

/// A connection. The socket under it is ours: that of the client would wait for what it sent to be acknowledged before it sends what is left
/// of a statement, which servers put off for 40 ms (sqlx 0.9.0 sets no `TCP_NODELAY`, transact-rs/sqlx#4335).
pub(crate) async fn connect(way: &Way, options: MySqlConnectOptions) -> Result<MySqlConnection, sqlx::Error> {
    match way {
        Way::Address { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            over(Socket::before(stream)?, options).await
        }
        Way::Through(tunnel) => over(Socket::before(tunnel.open().await.map_err(std::io::Error::other)?)?, options).await,
    }
}

async fn over(socket: Socket, options: MySqlConnectOptions) -> Result<MySqlConnection, sqlx::Error> {
    let connected = options.socket(socket.path()).connect().await;
    connected.map_err(|error| if is_lost(&error) { socket.broken().map_or(error, sqlx::Error::Io) } else { error })
}

/// How to log in as `root` to a server that the platform runs. It has a certificate of its own making, if any: it is the API server that says
/// which pod is at the other end, and the way there is encrypted already.
pub(crate) fn options_inside(password: &Secret) -> MySqlConnectOptions {
    let password = zeroize::Zeroizing::new(String::from_utf8_lossy(password.expose()).into_owned());
    let options = MySqlConnectOptions::new().username("root").password(&password);
    options.ssl_mode(MySqlSslMode::Preferred).timezone(None).disable_statement_logging()
}

/// The number of an error of the server (MySQL manual, "Server Error Message Reference").
pub(crate) fn number(error: &sqlx::Error) -> Option<u16> {
    error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
}

/// Whether the connection is gone, rather than something asked that cannot be: another one may do better.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        // Shutting down, too many connections, gone away, lost, killed, read only for now.
        other => matches!(number(other), Some(1053 | 1040 | 2006 | 2013 | 1927 | 1317 | 1290)),
    }
}

/// Whether the error says that a table, or its schema, is not there.
pub(crate) fn is_missing(error: &sqlx::Error) -> bool {
    matches!(number(error), Some(1049 | 1146))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Result<String, NotAMysqlAddress> {
        let server = MysqlServer::new(text, Box::new(|| Ok(Secret::new("u:p".into()))), None)?;
        Ok(format!("{}|{}", server.host, server.port))
    }

    #[test]
    fn addresses_are_read_and_what_is_none_is_refused_without_its_password() {
        assert_eq!(address("db.acme.example"), Ok("db.acme.example|3306".into()));
        assert_eq!(address("db.acme.example:3307"), Ok("db.acme.example|3307".into()));
        assert_eq!(address("mysql://127.0.0.1:3307/"), Ok("127.0.0.1|3307".into()));
        assert_eq!(address("[::1]:3307"), Ok("::1|3307".into()));
        for wrong in ["", "a b", "db:", "db:99999", "https://db", "root:hunter2@db:3306"] {
            let refused = address(wrong).unwrap_err().to_string();
            assert!(!refused.contains("hunter2"), "{refused}");
        }
    }
}
