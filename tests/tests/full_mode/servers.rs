//! The servers of the world, as real clients meet them: a letter becomes a question to the world, and its answer a reply.

use super::post::{Letter, Reply};
use super::secrets::Plain;
use bytes::Bytes;
use futures::channel::mpsc;
use http::header;
use model::value::Text;
use model::{Address, Duration, System, Timestamp, Value};
use simulator::server::{Answer, Question};
use simulator::world::World;
use std::collections::BTreeSet;

/// The header with a token of Vault.
const TOKEN: header::HeaderName = header::HeaderName::from_static("x-vault-token");

/// All servers.
#[derive(Default)]
pub(crate) struct Servers {
    pub(crate) plain: Plain,
    streams: Vec<Stream>,
    /// Whether those who ask now want to watch: what goes wrong with requests does not go wrong with streams.
    pub(crate) listening: bool,
    /// What a client that is wrong does to its requests; nothing but in a test that has to find it.
    pub(crate) spoil: Option<fn(&mut Question)>,
}

/// A watch that goes on.
struct Stream {
    system: System,
    question: Question,
    lines: mpsc::UnboundedSender<Bytes>,
    /// When the server ends it.
    ends: Timestamp,
}

impl Servers {
    /// Answer a letter.
    pub(crate) fn answer(&mut self, world: &mut World, letter: Letter) {
        let mut question = question(&letter.request);
        self.spoil.iter().for_each(|spoil| spoil(&mut question));
        let holds = Holds::of(&letter.system, &question.path);
        question.body = match holds {
            Holds::Secrets => self.plain.secret_hidden(question.body),
            Holds::Anything => self.plain.hidden(&question.body),
            Holds::Nothing => question.body,
        };
        let reply = if question.asked("watch").is_some() {
            self.open(world, &letter.system, question)
        } else {
            self.reply(world, &letter.system, &question, holds)
        };
        // Whoever asked may have given up.
        let _ = letter.reply.send(reply);
    }

    fn reply(&self, world: &mut World, system: &System, question: &Question, holds: Holds) -> Reply {
        let answer =
            if self.listening { world.ask_from_watcher(system, question) } else { world.ask_from_engine(system, question) };
        match answer {
            Ok(Answer { status, body }) => {
                let retry_after = body.integer_at(&["details", "retryAfterSeconds"]).and_then(|seconds| seconds.try_into().ok());
                let body = match holds {
                    Holds::Secrets => self.secrets_shown(body),
                    Holds::Anything => self.plain.shown(&body),
                    Holds::Nothing => body,
                };
                let body = if body == Value::Null { Vec::new() } else { serde_json::to_vec(&body).unwrap() };
                Reply::Whole { status, retry_after, body }
            }
            Err(why) => Reply::Broken(why),
        }
    }

    /// A Secret, or a list of them.
    fn secrets_shown(&self, mut body: Value) -> Value {
        if let Some(Value::List(items)) = body.remove(&["items"]) {
            body.set(&["items"], Value::List(items.into_iter().map(|item| self.plain.secret_shown(item)).collect()));
        }
        self.plain.secret_shown(body)
    }

    fn open(&mut self, world: &mut World, system: &System, question: Question) -> Reply {
        let (lines, stream) = mpsc::unbounded();
        let lasts: u64 = question.asked("timeoutSeconds").and_then(|seconds| seconds.parse().ok()).unwrap();
        let ends = world.now() + Duration::seconds(lasts);
        let mut watch = Stream { system: system.clone(), question, lines, ends };
        match watch.go_on(world, self) {
            Ok(()) => {
                self.streams.push(watch);
                Reply::Stream(stream)
            }
            Err(why) => Reply::Broken(why),
        }
    }

    /// Let those who watch hear what was `touched`, and end what has lasted for as long as it may.
    pub(crate) fn tell(&mut self, world: &mut World, touched: &BTreeSet<Address>) {
        let systems: BTreeSet<System> = touched.iter().map(Address::system).collect();
        let mut streams = std::mem::take(&mut self.streams);
        streams.retain_mut(|stream| {
            let told = !systems.contains(&stream.system) || stream.go_on(world, self).is_ok();
            told && stream.ends > world.now() && !stream.lines.is_closed()
        });
        self.streams = streams;
    }
}

impl Stream {
    /// Send what happened since the last time.
    fn go_on(&mut self, world: &mut World, servers: &Servers) -> Result<(), String> {
        let answer = world.ask_from_watcher(&self.system, &self.question)?;
        let secret = Holds::of(&self.system, &self.question.path) == Holds::Secrets;
        for mut event in answer.body.as_list().unwrap_or_default().to_vec() {
            if let Some(version) = event.str_at(&["object", "metadata", "resourceVersion"]) {
                self.question.query.insert("resourceVersion".to_owned(), version.to_owned());
            }
            if secret && let Some(object) = event.remove(&["object"]) {
                event.set(&["object"], servers.plain.secret_shown(object));
            }
            let line = serde_json::to_string(&event).unwrap() + "\n";
            let _ = self.lines.unbounded_send(line.into());
        }
        Ok(())
    }
}

/// Where secrets may stand in what is asked and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// In the entries of Kubernetes' Secrets.
    Secrets,
    /// In any text.
    Anything,
    Nothing,
}

impl Holds {
    fn of(system: &System, path: &str) -> Self {
        match system {
            System::Vault => Holds::Anything,
            System::Cluster(_) if path.split('/').any(|segment| segment == "secrets") => Holds::Secrets,
            _ => Holds::Nothing,
        }
    }
}

fn question(request: &http::Request<Vec<u8>>) -> Question {
    let query = request.uri().query().unwrap_or_default();
    let pair = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| (name.into_owned(), value.into_owned());
    let text = |name: &header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Question {
        method: Text::from(request.method().as_str()),
        path: request.uri().path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes()).map(pair).collect(),
        content_type: text(&header::CONTENT_TYPE).to_owned(),
        body: serde_json::from_slice(request.body()).unwrap_or_default(),
        token: Some(text(&TOKEN).to_owned()).filter(|token| !token.is_empty()).or(Some("none".to_owned())),
    }
}
