//! Documents and data streams over HTTP. A write may say after which other one it is meant (`if_seq_no`), and is refused where somebody
//! wrote in between. The primary term is 1: no shard of a world ever moves.

use super::{acknowledged, error};
use crate::elasticsearch::documents::Place;
use crate::elasticsearch::{Elasticsearch, streams};
use crate::server::{Answer, Question};
use model::Value;

const TERM: u64 = 1;

type Served = Result<Answer, Answer>;

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn no_index(name: &str) -> Answer {
    error(404, "index_not_found_exception", &format!("no such index [{name}]"))
}

fn conflict(id: &str, why: &str) -> Answer {
    error(409, "version_conflict_engine_exception", &format!("[{id}]: version conflict, {why}"))
}

fn placed(index: &str, id: &str, place: Place) -> Value {
    let mut body = Value::EMPTY_MAP;
    body.set(&["_index"], index);
    body.set(&["_id"], id);
    body.set(&["_version"], number(place.version));
    body.set(&["_seq_no"], number(place.number));
    body.set(&["_primary_term"], number(TERM));
    body
}

/// The write after which this one is meant: number and primary term.
fn meant_after(question: &Question) -> Result<Option<(u64, u64)>, Answer> {
    let asked = |name| question.asked(name).and_then(|text| text.parse::<u64>().ok());
    let invalid = |why: &str| error(400, "action_request_validation_exception", &format!("Validation Failed: 1: {why};"));
    match (asked("if_seq_no"), asked("if_primary_term")) {
        (None, None) => Ok(None),
        (Some(number), Some(term)) if term > 0 => Ok(Some((number, term))),
        (Some(_), _) => Err(invalid("ifSeqNo is set, but primary term is [0]")),
        (None, Some(term)) => Err(invalid(&format!("ifSeqNo is unassigned, but primary term is [{term}]"))),
    }
}

fn listed(streams: Vec<Value>) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&["data_streams"], Value::List(streams));
    Answer::new(200, body)
}

impl Elasticsearch {
    /// A request about one document; `create` if it has to be a new one.
    pub(super) fn serve_document(&mut self, name: &str, id: &str, create: bool, question: &Question) -> Served {
        let create = create || question.asked("op_type") == Some("create");
        match question.method.as_str() {
            "GET" => self.read_document(name, id),
            "PUT" | "POST" => self.write_document(name, id, create, question),
            "DELETE" => self.delete_document(name, id, question),
            _ => Err(error(405, "method_not_allowed", "incorrect HTTP method")),
        }
    }

    fn read_document(&self, name: &str, id: &str) -> Served {
        if !self.documents.has(name) {
            return Err(no_index(name));
        }
        let Some((document, place)) = self.documents.get(name, id) else {
            let mut body = Value::EMPTY_MAP;
            body.set(&["_index"], name);
            body.set(&["_id"], id);
            body.set(&["found"], false);
            return Err(Answer::new(404, body));
        };
        let mut body = placed(name, id, place);
        body.set(&["found"], true);
        body.set(&["_source"], document);
        Ok(Answer::new(200, body))
    }

    fn write_document(&mut self, name: &str, id: &str, create: bool, question: &Question) -> Served {
        let after = meant_after(question)?;
        self.takes_writes()?;
        let index = match self.stream_template(name) {
            Some(_) if !create => {
                let why = "only write ops with an op_type of create are allowed in data streams";
                return Err(error(400, "illegal_argument_exception", why));
            }
            Some(_) if question.body.get("@timestamp").is_none() => {
                let why = "documents must contain a single-valued timestamp field '@timestamp' of date type";
                return Err(error(400, "mapper_parsing_exception", why));
            }
            Some(template) => {
                self.streams.insert(name.to_owned(), template);
                streams::backing(name)
            }
            None => name.to_owned(),
        };
        let there = self.documents.get(&index, id).map(|(_, place)| place);
        if let (Some(place), true) = (there, create) {
            return Err(conflict(id, &format!("document already exists (current version [{}])", place.version)));
        }
        Self::came_after(id, there, after)?;
        let place = self.documents.write(&index, id, Some(question.body.clone()));
        let mut body = placed(&index, id, place);
        body.set(&["result"], if there.is_some() { "updated" } else { "created" });
        Ok(Answer::new(if there.is_some() { 200 } else { 201 }, body))
    }

    fn delete_document(&mut self, name: &str, id: &str, question: &Question) -> Served {
        let after = meant_after(question)?;
        self.takes_writes()?;
        if !self.documents.has(name) {
            return Err(no_index(name));
        }
        let there = self.documents.get(name, id).map(|(_, place)| place);
        Self::came_after(id, there, after)?;
        let mut body = placed(name, id, self.documents.write(name, id, None));
        body.set(&["result"], if there.is_some() { "deleted" } else { "not_found" });
        Ok(Answer::new(if there.is_some() { 200 } else { 404 }, body))
    }

    /// Whether the last write of a document is the one after which the next is meant.
    fn came_after(id: &str, there: Option<Place>, after: Option<(u64, u64)>) -> Result<(), Answer> {
        let Some((number, term)) = after else { return Ok(()) };
        let required = format!("required seqNo [{number}], primary term [{term}].");
        match there {
            None => Err(conflict(id, &format!("{required} but no document was found"))),
            Some(place) if (place.number, TERM) != (number, term) => {
                let found = format!("current document has seqNo [{}] and primary term [{TERM}]", place.number);
                Err(conflict(id, &format!("{required} {found}")))
            }
            Some(_) => Ok(()),
        }
    }

    fn takes_writes(&self) -> Result<(), Answer> {
        self.lets_write()?;
        let why = "index has exceeded flood-stage watermark; blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]";
        if self.state().flooded { Err(error(429, "cluster_block_exception", why)) } else { Ok(()) }
    }

    /// An index goes.
    pub(super) fn drop_index(&mut self, name: &str) -> Served {
        self.lets_write()?;
        if !self.documents.has(name) {
            return Err(no_index(name));
        }
        self.documents.drop_index(name);
        Ok(acknowledged())
    }

    /// All data streams.
    pub(super) fn all_streams(&self) -> Answer {
        listed(self.streams.iter().filter_map(|(name, _)| self.shown_stream(name)).collect())
    }

    /// A request about a data stream.
    pub(super) fn serve_stream(&mut self, name: &str, question: &Question) -> Served {
        match (question.method.as_str(), self.shown_stream(name)) {
            ("GET", Some(stream)) => Ok(listed(vec![stream])),
            ("GET", None) => Err(no_index(name)),
            ("PUT", Some(_)) => {
                Err(error(400, "resource_already_exists_exception", &format!("data_stream [{name}] already exists")))
            }
            ("PUT", None) => {
                self.lets_write()?;
                let why = format!("no matching index template found for data stream [{name}]");
                let template = self.stream_template(name).ok_or_else(|| error(400, "illegal_argument_exception", &why))?;
                self.streams.insert(name.to_owned(), template);
                Ok(acknowledged())
            }
            ("DELETE", found) => {
                self.lets_write()?;
                found.ok_or_else(|| no_index(name))?;
                self.drop_stream(name);
                Ok(acknowledged())
            }
            _ => Err(error(405, "method_not_allowed", "incorrect HTTP method")),
        }
    }
}
