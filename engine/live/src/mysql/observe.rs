//! Looking at a server: the catalogue as a whole, one query a kind (two for tables), and the marks. Of what is found only that is told which
//! is ours, another platform's, or has a name that we want.

use super::catalogue::Which;
use super::refusal::Trouble;
use super::server::{Mysql, column};
use super::thing::{Against, Thing};
use model::observation::{Gap, Listing, Objects};
use model::{Address, Kind, System};
use port::Secret;
use std::collections::{BTreeMap, BTreeSet};

/// Passwords that users are to have, as far as they could be fetched.
pub(crate) type Passwords = BTreeMap<Address, Secret>;

/// The oldest servers that understand all that we write.
const OLDEST_MYSQL: (u64, u64) = (8, 0);
const OLDEST_MARIADB: (u64, u64) = (10, 5);

impl Mysql {
    /// All objects of a kind.
    pub(crate) async fn list(&self, kind: Kind, passwords: &Passwords) -> Listing {
        match self.listed(kind, passwords).await {
            Ok(objects) => Listing::Complete(objects),
            Err(trouble) => Listing::Unknown(trouble.into_gap()),
        }
    }

    fn wanted_of(&self, kind: Kind) -> impl Iterator<Item = &Address> {
        let here = move |address: &&Address| address.kind() == kind && address.system() == System::Mysql;
        self.wanted.iter().map(|(address, _)| address).filter(here)
    }

    async fn listed(&self, kind: Kind, passwords: &Passwords) -> Result<Objects, Trouble> {
        let mut session = self.session().await?;
        let mut marks = session.marks(kind, None).await?;
        let which = match kind {
            Kind::Table => {
                let keys = marks.keys().map(String::as_str).chain(self.wanted_of(kind).map(Address::key));
                Which::Within(keys.filter_map(|key| key.split_once('/')).map(|(schema, _)| schema).collect())
            }
            _ => Which::All,
        };
        let seen = session.seen(kind, &which).await?;
        let wanted: BTreeSet<&str> = self.wanted_of(kind).map(Address::key).collect();
        let mut objects = Objects::default();
        for (key, seen) in seen {
            let entry = marks.remove(&key);
            if entry.is_none() && !wanted.contains(key.as_str()) {
                continue;
            }
            let address = Address::new(&System::Mysql, kind, &key);
            let against =
                Against { document: self.wanted.document(&address), password: passwords.get(&address), secrets: &self.secrets };
            objects.insert(address, Thing::of(kind, seen, entry, against).observed());
        }
        Ok(objects)
    }

    /// What tells this server from every other: `server_uuid` of MySQL, `server_uid` of MariaDB; a MariaDB that has none is told by its
    /// name and port.
    ///
    /// # Errors
    /// The gap, if nobody could look, or the server is too old.
    pub(crate) async fn identity(&self) -> Result<String, Gap> {
        let asked = async {
            let mut session = self.session().await?;
            let version = session.rows("SELECT CAST(VERSION() AS CHAR)").await?;
            let names = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port')";
            Ok((version, session.rows(names).await?))
        };
        let (version, variables) = asked.await.map_err(Trouble::into_gap)?;
        let version = version.first().map(|row| column(row, 0)).unwrap_or_default();
        if let Some(oldest) = too_old(version) {
            return Err(Gap::Unreachable(format!("{} is {version}; vamp needs {oldest} or later", self.server())));
        }
        let value =
            |name: &str| variables.iter().find(|row| column(row, 0) == name).map(|row| column(row, 1)).unwrap_or_default();
        let own = [value("server_uuid"), value("server_uid")].into_iter().find(|id| !id.is_empty());
        Ok(own.map_or_else(|| format!("{}:{}", value("hostname"), value("port")), ToOwned::to_owned))
    }
}

/// What would be new enough, if this is not.
fn too_old(version: &str) -> Option<String> {
    let is_mariadb = version.contains("MariaDB");
    // MariaDB behind old replication protocols says `5.5.5-10.11.19-MariaDB`.
    let plain = version.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(version);
    let mut numbers = plain.split(['.', '-']).map_while(|part| part.parse::<u64>().ok());
    let found = (numbers.next()?, numbers.next().unwrap_or(0));
    let (name, oldest) = if is_mariadb { ("MariaDB", OLDEST_MARIADB) } else { ("MySQL", OLDEST_MYSQL) };
    (found < oldest).then(|| format!("{name} {}.{}", oldest.0, oldest.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_that_are_too_old_are_told_so() {
        assert_eq!(too_old("10.11.19-MariaDB-0+deb12u1"), None);
        assert_eq!(too_old("5.5.5-10.6.2-MariaDB"), None);
        assert_eq!(too_old("8.0.36"), None);
        assert_eq!(too_old("5.7.44-log"), Some("MySQL 8.0".into()));
        assert_eq!(too_old("10.3.1-MariaDB"), Some("MariaDB 10.5".into()));
    }
}
