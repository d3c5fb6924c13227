//! Audit chains: documents that are created and never changed (`op_type=create`), each under its position, so that a second writer is
//! refused where he would fork the chain.

use super::client::{Elasticsearch, Refusal, Trouble};
use elasticsearch::indices::IndicesCreateParts;
use elasticsearch::{BulkParts, ClearScrollParts, MgetParts, ScrollParts, SearchParts};
use http::Method;
use model::Value;
use model::audit::{Chain, Stored, id_of};
use model::observation::Gap;
use model::operation::OperationError;
use std::collections::BTreeMap;

/// Documents of a page when a chain is read back.
const PAGE: u32 = 1000;
/// How long the server keeps the place of a reader who has not asked for the next page yet.
const PATIENCE: &str = "1m";
/// What documents are found by; the rest is kept as it was written.
const FIELDS: [(&str, &str); 12] = [
    ("@timestamp", "date"),
    ("action", "keyword"),
    ("actor", "keyword"),
    ("address", "keyword"),
    ("command", "keyword"),
    ("digest", "keyword"),
    ("environment", "keyword"),
    ("position", "long"),
    ("previous", "keyword"),
    ("result", "keyword"),
    ("run", "long"),
    ("type", "keyword"),
];

impl Elasticsearch {
    /// Put documents into a chain; those that are there already have to be the same.
    ///
    /// # Errors
    /// As [`OperationError`] tells them apart; `Stale` if another document stands in the place of one.
    pub(crate) async fn append(&self, chain: &Chain, documents: &[Value]) -> Result<(), OperationError> {
        let taken = match self.create(chain, documents).await {
            Ok(taken) => taken,
            Err(trouble) => return Err(trouble.into_operation_error(self.server())),
        };
        if taken.is_empty() {
            return Ok(());
        }
        let there = self.documents(chain, &taken).await.map_err(|trouble| trouble.into_operation_error(self.server()))?;
        for document in documents {
            let id = id_of(document);
            match there.get(&id) {
                Some(there) if there != document => {
                    let expected = format!("nothing at {} of {} in {}", id, chain.index, self.server());
                    return Err(OperationError::Stale { expected, found: "another document".to_owned() });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Create documents; the identifiers of those whose place was taken.
    async fn create(&self, chain: &Chain, documents: &[Value]) -> Result<Vec<String>, Trouble> {
        if documents.first().is_some_and(|first| first.integer_at(&["position"]) == Some(1)) {
            self.create_index(chain).await?;
        }
        let mut lines = Vec::new();
        for document in documents {
            let action = serde_json::json!({ "create": { "_id": id_of(document) } });
            for line in [serde_json::to_vec(&action), serde_json::to_vec(document)] {
                lines.extend(line.unwrap_or_default());
                lines.push(b'\n');
            }
        }
        // Whoever reads afterwards finds them.
        let path = format!("{}?refresh=true", BulkParts::Index(&chain.index).url());
        let answer = self.ask_lines(Method::POST, &path, lines).await?;
        let items = answer.get("items").and_then(Value::as_list).unwrap_or_default();
        if items.len() != documents.len() {
            return Err(Trouble::Nonsense(format!("{} answers a bulk request with something else", self.server())));
        }
        let mut taken = Vec::new();
        for item in items {
            let Some(made) = item.get("create") else { continue };
            match made.integer_at(&["status"]).and_then(|status| u16::try_from(status).ok()) {
                Some(200..=299) => {}
                Some(409) => taken.extend(made.str_at(&["_id"]).map(ToOwned::to_owned)),
                status => return Err(Trouble::Refusal(Box::new(Refusal::of_item(status.unwrap_or(500), made)))),
            }
        }
        Ok(taken)
    }

    /// One that is there already is a success.
    async fn create_index(&self, chain: &Chain) -> Result<(), Trouble> {
        let mut body = Value::EMPTY_MAP;
        body.set(&["mappings", "dynamic"], false);
        for (field, kind) in FIELDS {
            body.set(&["mappings", "properties", field, "type"], kind);
        }
        body.set(&["settings", "index", "number_of_shards"], 1);
        // A copy as soon as there is a second node for it.
        body.set(&["settings", "index", "auto_expand_replicas"], "0-1");
        match self.ask(Method::PUT, &IndicesCreateParts::Index(&chain.index).url(), Some(&body)).await {
            Err(Trouble::Refusal(refusal)) if refusal.is_there_already() => Ok(()),
            answer => answer.map(drop),
        }
    }

    async fn documents(&self, chain: &Chain, ids: &[String]) -> Result<BTreeMap<String, Value>, Trouble> {
        let mut body = Value::EMPTY_MAP;
        body.set(&["ids"], ids.iter().map(String::as_str).collect::<Vec<_>>());
        let answer = self.ask(Method::POST, &MgetParts::Index(&chain.index).url(), Some(&body)).await?;
        let found = answer.get("docs").and_then(Value::as_list).unwrap_or_default().iter();
        let document = |one: &Value| Some((one.str_at(&["_id"])?.to_owned(), one.get("_source")?.clone()));
        Ok(found.filter_map(document).collect())
    }

    /// All documents of a chain.
    ///
    /// # Errors
    /// The gap, if nobody can look, or not at all of it.
    pub(crate) async fn audit(&self, chain: &Chain) -> Result<Vec<Stored>, Gap> {
        self.read(chain).await.map_err(|trouble| trouble.into_gap(self.server()))
    }

    async fn read(&self, chain: &Chain) -> Result<Vec<Stored>, Trouble> {
        let mut search = Value::EMPTY_MAP;
        search.set(&["size"], PAGE);
        search.set(&["sort"], vec!["_doc"]);
        let path = format!("{}?scroll={PATIENCE}", SearchParts::Index(&[&chain.index]).url());
        let mut page = match self.ask(Method::POST, &path, Some(&search)).await {
            Err(Trouble::Refusal(refusal)) if refusal.status == 404 => return Ok(Vec::new()),
            page => page?,
        };
        let mut read = Vec::new();
        loop {
            let failed = page.integer_at(&["_shards", "failed"]);
            let timed_out = page.get("timed_out").and_then(Value::as_bool);
            if failed != Some(0) || timed_out != Some(false) {
                return Err(Trouble::Nonsense(format!("{} shows not all of {}", self.server(), chain.index)));
            }
            let hits = page.at(&["hits", "hits"]).and_then(Value::as_list).unwrap_or_default();
            let stored = |hit: &Value| {
                let document = hit.get("_source").cloned().unwrap_or(Value::Null);
                Some(Stored { id: hit.str_at(&["_id"])?.into(), document })
            };
            let before = read.len();
            read.extend(hits.iter().filter_map(stored));
            let scroll = page.str_at(&["_scroll_id"]).map(ToOwned::to_owned);
            let Some(scroll) = scroll.filter(|_| read.len() > before) else {
                self.forget_place(page.get("_scroll_id")).await;
                return Ok(read);
            };
            let mut next = Value::EMPTY_MAP;
            next.set(&["scroll"], PATIENCE);
            next.set(&["scroll_id"], scroll);
            page = self.ask(Method::POST, &ScrollParts::None.url(), Some(&next)).await?;
        }
    }

    /// If that fails, the server forgets it by itself.
    async fn forget_place(&self, scroll: Option<&Value>) {
        if let Some(scroll) = scroll {
            let mut body = Value::EMPTY_MAP;
            body.set(&["scroll_id"], scroll.clone());
            drop(self.ask(Method::DELETE, &ClearScrollParts::None.url(), Some(&body)).await);
        }
    }
}
