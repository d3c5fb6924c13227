//! What MySQL answers when it does not do what was asked, and what a step has to know of it
//! (MySQL 8.0 Error Message Reference, "Server Error Message Reference"; MariaDB has the same numbers).

use crate::server::Server;
use crate::wire::innermost;
use model::observation::Gap;
use model::operation::OperationError;
use sqlx::mysql::MySqlDatabaseError;

/// A statement that brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The server was not reached, or did not answer to the end: what it did is not known.
    Silent(String),
    /// The server refused.
    Refusal {
        /// Its number.
        number: u16,
        /// It in one sentence, with the server's name and a remedy.
        sentence: String,
    },
    /// Somebody was quicker, or it cannot be done this way: no statement was sent.
    Operation(OperationError),
}

pub(crate) const NO_SUCH_SCHEMA: u16 = 1049;
pub(crate) const NO_SUCH_TABLE: u16 = 1146;
pub(crate) const SCHEMA_EXISTS: u16 = 1007;
pub(crate) const TABLE_EXISTS: u16 = 1050;
/// `Operation CREATE USER failed for …`: there is one, or with `DROP USER` there is none.
pub(crate) const CANNOT_USER: u16 = 1396;
const SYNTAX: u16 = 1064;

impl From<OperationError> for Trouble {
    fn from(error: OperationError) -> Self {
        Trouble::Operation(error)
    }
}

impl Trouble {
    /// What `sqlx` says. `secret` names the statement in words, if it held a secret: then nothing of what the server quotes is told.
    pub(crate) fn of(error: &sqlx::Error, server: &Server, secret: Option<&str>) -> Self {
        let database = error.as_database_error().and_then(|error| error.try_downcast_ref::<MySqlDatabaseError>());
        let Some(refusal) = database else {
            let why = innermost(error);
            return Trouble::Silent(format!("{server} does not answer: {why}{}", crate::wire::remedy(&why)));
        };
        let number = refusal.number();
        let message = match secret {
            Some(shown) => format!("{shown} failed"),
            // A syntax error quotes what is near it, a duplicate key its value: neither is ever ours to show.
            None if number == SYNTAX => "a statement that it does not understand".to_owned(),
            None => refusal.message().to_owned(),
        };
        Trouble::refused(server, number, &message)
    }

    pub(crate) fn refused(server: &Server, number: u16, message: &str) -> Self {
        let sentence = format!("{server} answers {number}: {message}{}", remedy(number, message));
        Trouble::Refusal { number, sentence }
    }

    pub(crate) fn number(&self) -> Option<u16> {
        match self {
            Trouble::Refusal { number, .. } => Some(*number),
            _ => None,
        }
    }

    /// What a step has to know of it.
    pub(crate) fn into_operation_error(self) -> OperationError {
        match self {
            Trouble::Operation(error) => error,
            Trouble::Silent(text) => OperationError::Unreachable(text),
            Trouble::Refusal { number, sentence } => match number {
                // Too many connections (of all, of a user), lock wait timeout, deadlock, NOWAIT.
                1040 | 1203 | 1226 | 1205 | 1213 | 3572 => OperationError::Busy { message: sentence, retry_after: None },
                // No such schema, table, or user.
                NO_SUCH_SCHEMA | NO_SUCH_TABLE | 1133 | 1410 => OperationError::NotYet(sentence),
                // Shutdown in progress, killed, out of memory: what was under way may be done or not.
                1053 | 1317 | 1927 | 1037 | 1041 => OperationError::Unreachable(sentence),
                _ => OperationError::Refused(sentence),
            },
        }
    }

    /// Why nobody could look.
    pub(crate) fn into_gap(self) -> Gap {
        match self {
            Trouble::Refusal { number: 1040 | 1203 | 1226, sentence } => Gap::Unavailable(sentence),
            Trouble::Refusal { sentence, .. } | Trouble::Silent(sentence) => Gap::Unreachable(sentence),
            Trouble::Operation(error) => Gap::Unreachable(error.to_string()),
        }
    }
}

/// What can be done about the commonest errors.
fn remedy(number: u16, message: &str) -> &'static str {
    match number {
        1045 | 1698 => "; is the password right, and may this user come from here over TLS?",
        1044 | 1142 | 1143 | 1227 | 1370 => "; `vamp permissions SPEC --system mysql` prints the grants that vamp needs",
        1129 => "; `mariadb-admin flush-hosts` (`mysqladmin flush-hosts`) lets this host in again",
        1836 | 1290 if message.contains("read-only") || message.contains("read_only") || number == 1836 => {
            "; it is a replica, or set read-only: name the primary server"
        }
        1021 | 1114 | 3 => "; its disk is full: make room on it",
        1040 | 1203 | 1226 => "; it is tried again",
        1862 | 1820 => "; the password has expired: set another",
        1819 => "; its password policy does not take this password: make it longer, or of more kinds of characters",
        SCHEMA_EXISTS | TABLE_EXISTS | CANNOT_USER => "; somebody made it meanwhile, or whoever runs vamp may not see it",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Server {
        Server { system: model::System::Mysql, address: "db.test:3306".into() }
    }

    fn told(number: u16, message: &str) -> OperationError {
        Trouble::refused(&server(), number, message).into_operation_error()
    }

    #[test]
    fn each_number_becomes_what_a_step_has_to_know() {
        for number in [1040, 1203, 1205, 1213] {
            assert!(matches!(told(number, "x"), OperationError::Busy { .. }), "{number}");
        }
        for number in [1049, 1146, 1133, 1410] {
            assert!(matches!(told(number, "x"), OperationError::NotYet(_)), "{number}");
        }
        assert!(matches!(told(1053, "Server shutdown in progress"), OperationError::Unreachable(_)));
        for number in [1044, 1045, 1142, 1290, 1836, 1007, 9999] {
            assert!(matches!(told(number, "x"), OperationError::Refused(_)), "{number}");
        }
    }

    #[test]
    fn an_error_names_system_address_object_and_remedy() {
        let text = told(1044, "Access denied for user 'ops'@'%' to database 'acme-shop'").to_string();
        assert_eq!(
            text,
            "mysql (db.test:3306) answers 1044: Access denied for user 'ops'@'%' to database 'acme-shop'; `vamp permissions SPEC --system \
             mysql` prints the grants that vamp needs"
        );
        let text = told(1290, "The MariaDB server is running with the --read-only option so it cannot execute this statement");
        assert!(text.to_string().ends_with("name the primary server"), "{text}");
        assert!(!told(1290, "running with the --skip-grant-tables option").to_string().contains("primary"));
    }

    #[test]
    fn a_server_that_nobody_reaches_is_silent() {
        let error =
            sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "Connection refused (os error 111)"));
        let trouble = Trouble::of(&error, &server(), None);
        assert_eq!(
            trouble.into_gap(),
            Gap::Unreachable(
                "mysql (db.test:3306) does not answer: Connection refused; does it run, and is this its address?".into()
            )
        );
    }

    #[test]
    fn too_many_connections_are_no_unreachable_server() {
        assert!(matches!(Trouble::refused(&server(), 1040, "Too many connections").into_gap(), Gap::Unavailable(_)));
    }
}
