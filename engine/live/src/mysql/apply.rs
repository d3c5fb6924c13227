//! Steps carried out on MySQL: read, judge, note what is about to be done, do it, note that it was. All of that on one connection that holds
//! a lock by the object's name, so that two who change the same object do it one after the other; the lock falls with the connection.

use super::catalogue::{Account, Seen, Which};
use super::marks::{Entry, Password, Pending, inner};
use super::refusal::Trouble;
use super::server::{Mysql, Session, column};
use super::statement;
use super::text::literal;
use super::thing::{Against, Thing, digest, host_of};
use crate::judge::{self, Asked, Decision, receipt};
use crate::secret::Fetched;
use model::operation::{Expectation, Operation, OperationError, Receipt};
use model::{Address, Kind, SecretReference, Value};
use port::Secret;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// How long is waited for somebody else who changes the same object, in seconds.
const LOCK_WAIT: u32 = 20;
/// Characters of a salt.
const SALT: u16 = 22;

/// The password of a document, if it has one.
struct Wanted<'a> {
    document: &'a Value,
    password: Zeroizing<String>,
    secret: Option<Secret>,
}

impl<'a> Wanted<'a> {
    fn new(document: &'a Value, fetched: &mut Fetched<'_>) -> Self {
        let password = match document.get("password") {
            Some(Value::Secret(reference)) => fetched.take(reference),
            _ => String::new(),
        };
        let is_given = !password.is_empty();
        let password = Zeroizing::new(password);
        Wanted { document, secret: is_given.then(|| Secret::new(password.to_string())), password }
    }
}

impl Mysql {
    /// Carry out one operation. `secrets` are those that its document refers to.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart.
    pub(crate) async fn execute(
        &self,
        operation: &Operation,
        secrets: BTreeMap<SecretReference, Secret>,
    ) -> Result<Receipt, OperationError> {
        self.carry_out(operation, secrets).await.map_err(Trouble::into_operation_error)
    }

    async fn carry_out(&self, operation: &Operation, secrets: BTreeMap<SecretReference, Secret>) -> Result<Receipt, Trouble> {
        let kept = self.secrets.clone();
        let mut fetched = Fetched { secrets: &kept, by_reference: secrets };
        let mut session = self.session().await?;
        session.lock(operation.address()).await?;
        let done = match operation {
            Operation::Apply { address, document, mark, expected, force } => {
                self.prepared.get_or_try_init(|| session.prepare(&mark.platform)).await?;
                let asked = Asked { address, mark, expected, force: *force };
                session.apply(&asked, Wanted::new(document, &mut fetched)).await?
            }
            Operation::Delete { address, expected, .. } => session.delete(address, expected).await?,
            Operation::Move { from, to, document, mark, expected } => {
                self.prepared.get_or_try_init(|| session.prepare(&mark.platform)).await?;
                let asked = Asked { address: to, mark, expected, force: false };
                session.rename(from, &asked, Wanted::new(document, &mut fetched)).await?
            }
        };
        session.unlock().await?;
        Ok(done)
    }
}

impl Session<'_> {
    async fn lock(&mut self, address: &Address) -> Result<(), Trouble> {
        // A lock's name has 64 characters at most (MySQL manual, "GET_LOCK").
        let name = format!("vamp {}", &blake3::hash(address.as_str().as_bytes()).to_hex()[..40]);
        self.locked = true;
        let rows = self.rows(format!("SELECT CAST(GET_LOCK({}, {LOCK_WAIT}) AS CHAR)", literal(&name).as_str())).await?;
        if rows.first().is_some_and(|row| column(row, 0) == "1") {
            return Ok(());
        }
        let message = format!("{}: somebody else is changing {address}", self.mysql.server());
        Err(OperationError::Busy { message, retry_after: None }.into())
    }

    async fn unlock(&mut self) -> Result<(), Trouble> {
        self.rows("DO RELEASE_ALL_LOCKS()").await?;
        self.locked = false;
        Ok(())
    }

    /// Make our schema if it is not there, and forget the marks of this platform on what is gone: whoever makes something of that name
    /// by hand makes it for himself.
    async fn prepare(&mut self, platform: &str) -> Result<(), Trouble> {
        self.make_marks().await?;
        for kind in [Kind::Schema, Kind::Table, Kind::User, Kind::Grant] {
            let marks = self.marks(kind, None).await?;
            let ours = marks.iter().filter(|(_, entry)| entry.owner().is_some_and(|mark| mark.platform == platform));
            let keys: Vec<&String> = ours.map(|(key, _)| key).collect();
            if keys.is_empty() {
                continue;
            }
            let which = match kind {
                Kind::Table => {
                    Which::Within(keys.iter().filter_map(|key| key.split_once('/')).map(|(schema, _)| schema).collect())
                }
                _ => Which::All,
            };
            // Who may not look knows nothing of what is gone.
            let Ok(seen) = self.seen(kind, &which).await else { continue };
            for key in keys.into_iter().filter(|key| !seen.contains_key(*key)) {
                self.drop_mark(&Address::new(&model::System::Mysql, kind, key)).await?;
            }
        }
        Ok(())
    }

    /// The object as it is now, and what is kept of it.
    async fn look(&mut self, address: &Address, wanted: Option<&Wanted<'_>>) -> Result<(Option<Thing>, Option<Entry>), Trouble> {
        let (kind, key) = (address.kind(), address.key());
        let seen = self.seen(kind, &Which::One(key)).await?.remove(key);
        let entry = self.marks(kind, Some(key)).await?.remove(key);
        let against = Against {
            document: wanted.map(|wanted| wanted.document),
            password: wanted.and_then(|wanted| wanted.secret.as_ref()),
            secrets: &self.mysql.secrets,
        };
        Ok((seen.map(|seen| Thing::of(kind, seen, entry.clone(), against)), entry))
    }

    async fn apply(&mut self, asked: &Asked<'_>, mut wanted: Wanted<'_>) -> Result<Receipt, Trouble> {
        let (address, kind) = (asked.address, asked.address.kind());
        let (there, entry) = self.look(address, Some(&wanted)).await?;
        if let (Some(Value::Secret(reference)), Some(there)) = (wanted.document.get("password"), &there)
            && matches!(**reference, SecretReference::Generated { .. })
            && there.entry.as_ref().is_some_and(|entry| entry.mark.is_some())
        {
            // Any password that is there is the right one.
            return self.keep_generated(asked, there).await;
        }
        let pending = Pending { mark: asked.mark.clone(), expected: asked.expected.clone() };
        let begun = entry.as_ref().is_some_and(|entry| entry.pending.as_ref() == Some(&pending));
        // A step that was begun goes on, whatever it left half done.
        if !(begun && there.as_ref().is_some_and(|thing| thing.entry.is_some())) {
            let present = there.as_ref().map(|thing| thing.present(kind, Some(wanted.document)));
            if let Decision::Done(version) = judge::apply(asked, present.as_ref())? {
                return Ok(receipt(Some(version), false));
            }
        }
        let statements = statement::apply(address, wanted.document, &wanted.password, there.as_ref())?;
        let mut kept = there.as_ref().and_then(|thing| thing.entry.clone()).unwrap_or_default();
        kept.detail.hosts = hosts(kind, there.as_ref(), wanted.document);
        self.put_mark(address, &Entry { pending: Some(pending), ..kept }).await?;
        for (index, statement) in statements.into_iter().enumerate() {
            if let Err(trouble) = self.run(statement).await {
                // The server refused to begin: what comes into being at that name later may be somebody else's.
                if there.is_none() && index == 0 && trouble.number().is_some() {
                    self.drop_mark(address).await?;
                }
                return Err(trouble);
            }
        }
        wanted.password = Zeroizing::default();
        self.settle(asked, &wanted).await
    }

    async fn keep_generated(&mut self, asked: &Asked<'_>, there: &Thing) -> Result<Receipt, Trouble> {
        let mut present = there.present(Kind::User, None);
        present.same = true;
        match judge::apply(asked, Some(&present))? {
            Decision::Done(version) => Ok(receipt(Some(version), false)),
            Decision::Write => {
                let detail = there.entry.clone().unwrap_or_default().detail;
                self.put_mark(asked.address, &Entry { mark: Some(asked.mark.clone()), pending: None, detail }).await?;
                let (there, _) = self.look(asked.address, None).await?;
                Ok(receipt(there.map(|thing| thing.version), true))
            }
        }
    }

    /// Note that it was done, and by what its password is known again.
    async fn settle(&mut self, asked: &Asked<'_>, wanted: &Wanted<'_>) -> Result<Receipt, Trouble> {
        let kind = asked.address.kind();
        let (there, entry) = self.look(asked.address, Some(wanted)).await?;
        let Some(there) = there else {
            let found = format!("nothing at {} after it was written", asked.address);
            return Err(OperationError::Stale { expected: "what was just written".to_owned(), found }.into());
        };
        let mut detail = entry.unwrap_or_default().detail;
        if matches!(kind, Kind::User | Kind::Grant) {
            detail.hosts = vec![there.host.clone()];
        }
        if let (Seen::User(accounts), Some(password)) = (&there.seen, &wanted.secret)
            && let Some(Account { password: account, .. }) = accounts.iter().find(|account| account.host == there.host)
        {
            let salt = self.mysql.secrets.generate(SALT);
            detail.password = Some(Password { digest: digest(&salt, password.expose()), salt, account: account.clone() });
        }
        self.put_mark(asked.address, &Entry { mark: Some(asked.mark.clone()), pending: None, detail }).await?;
        let (there, _) = self.look(asked.address, Some(wanted)).await?;
        Ok(receipt(there.map(|thing| thing.version), true))
    }

    async fn delete(&mut self, address: &Address, expected: &Expectation) -> Result<Receipt, Trouble> {
        let kind = address.kind();
        let (there, _) = self.look(address, None).await?;
        let present = there.as_ref().map(|thing| thing.present(kind, None));
        let Some(there) = there.filter(|_| present.is_some()) else { return Ok(receipt(None, false)) };
        judge::delete(address, expected, present.as_ref())?;
        if kind == Kind::Schema {
            let foreign = self.foreign_tables(address.key()).await?;
            if !foreign.is_empty() {
                let tables = foreign.join(", ");
                let why =
                    format!("{address} holds tables that are not the platform's ({tables}): move them, or drop them by hand");
                return Err(OperationError::Refused(why).into());
            }
        }
        for statement in statement::delete(address, &there)? {
            self.run(statement).await?;
        }
        self.drop_mark(address).await?;
        Ok(receipt(None, true))
    }

    async fn tables_of(&mut self, schema: &str) -> Result<Vec<String>, Trouble> {
        let tables = self.seen(Kind::Table, &Which::Within([schema].into())).await?;
        Ok(tables.into_keys().filter_map(|key| key.split_once('/').map(|(_, table)| table.to_owned())).collect())
    }

    async fn foreign_tables(&mut self, schema: &str) -> Result<Vec<String>, Trouble> {
        let marks = self.marks(Kind::Table, None).await?;
        let mut tables = self.tables_of(schema).await?;
        tables.retain(|table| !marks.contains_key(&format!("{schema}/{table}")));
        Ok(tables)
    }

    /// The mark goes along in three moves: it is pending at the new name, the object moves, it stands at the new name and at the old no more.
    async fn rename(&mut self, from: &Address, asked: &Asked<'_>, wanted: Wanted<'_>) -> Result<Receipt, Trouble> {
        let (to, kind) = (asked.address, asked.address.kind());
        let (source, _) = self.look(from, None).await?;
        let (target, entry) = self.look(to, Some(&wanted)).await?;
        let pending = Pending { mark: asked.mark.clone(), expected: asked.expected.clone() };
        let begun = entry.as_ref().is_some_and(|entry| entry.pending.as_ref() == Some(&pending)) && target.is_some();
        if !begun {
            let old = source.as_ref().map(|thing| thing.present(kind, None));
            let new = target.as_ref().map(|thing| thing.present(kind, Some(wanted.document)));
            if let Decision::Done(version) = judge::rename(from, asked, old.as_ref(), new.as_ref())? {
                return Ok(receipt(Some(version), false));
            }
        }
        if let Some(source) = source {
            let tables = if kind == Kind::Schema { self.tables_of(from.key()).await? } else { Vec::new() };
            let mut statements = statement::rename(from, to, &source, &tables)?;
            let detail = source.entry.clone().unwrap_or_default().detail;
            self.put_mark(to, &Entry { mark: None, pending: Some(pending), detail }).await?;
            if begun && kind == Kind::Schema {
                // The new schema is there, and perhaps some of the tables.
                statements.remove(0);
            }
            for statement in statements {
                self.run(statement).await?;
            }
        }
        self.move_marks(from, to).await?;
        self.change(asked, &wanted).await
    }

    /// What belongs to a schema or a user goes with it, and its mark as well.
    async fn move_marks(&mut self, from: &Address, to: &Address) -> Result<(), Trouble> {
        if let Some(inner) = inner(from.kind()) {
            let prefix = format!("{}/", from.key());
            for (key, entry) in self.marks(inner, None).await? {
                if let Some(rest) = key.strip_prefix(&prefix) {
                    let moved = Address::new(&model::System::Mysql, inner, &format!("{}/{rest}", to.key()));
                    self.put_mark(&moved, &entry).await?;
                }
            }
        }
        self.drop_mark(from).await
    }

    /// What moved is brought to its document, and the move noted as done.
    async fn change(&mut self, asked: &Asked<'_>, wanted: &Wanted<'_>) -> Result<Receipt, Trouble> {
        let (there, _) = self.look(asked.address, Some(wanted)).await?;
        for statement in statement::apply(asked.address, wanted.document, &wanted.password, there.as_ref())? {
            self.run(statement).await?;
        }
        self.settle(asked, wanted).await
    }
}

/// The hosts of accounts that are ours while a step is under way: where it was, and where it will be.
fn hosts(kind: Kind, there: Option<&Thing>, wanted: &Value) -> Vec<String> {
    if !matches!(kind, Kind::User | Kind::Grant) {
        return Vec::new();
    }
    let mut hosts: Vec<String> = there.iter().map(|thing| thing.host.clone()).collect();
    hosts.push(host_of(wanted).to_owned());
    hosts.dedup();
    hosts
}
