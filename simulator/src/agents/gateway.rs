//! What a gateway agent wants, carried out: questions to Vault, HAProxy's check and start.

use super::haproxy;
use super::hosted::{Around, Hosted, Process};
use gateway_agent::{Answer, Configuration, Effect, Failure, Input, Question, Revision};
use model::Timestamp;
use model::value::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A text in an agent's directory. The text itself is kept once for all agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Loaded {
    pub(crate) revision: Revision,
    pub(crate) digest: Text,
}

/// Texts that agents have read, by digest, each with what HAProxy makes of it.
pub(crate) type Texts = BTreeMap<Text, Arc<Checked>>;

/// A text that was looked at once.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) text: Arc<str>,
    pub(crate) result: Result<(), String>,
    routing: OnceLock<haproxy::Routing>,
}

impl Checked {
    pub(crate) fn of(text: &Arc<str>) -> Self {
        Checked { text: text.clone(), result: haproxy::check(text), routing: OnceLock::new() }
    }

    /// How it leads requests: read when the first one comes.
    pub(crate) fn routing(&self) -> &haproxy::Routing {
        self.routing.get_or_init(|| haproxy::routing(&self.text))
    }
}

fn digest(text: &str) -> Text {
    model::Value::from(text).digest()
}

impl Hosted {
    /// What an earlier process of this pod left in its directory.
    pub(super) fn kept(&mut self, texts: &Texts) -> Option<Configuration> {
        self.loaded = self.loaded.take().filter(|_| self.keeps());
        let left = self.loaded.as_ref()?;
        let text = texts.get(&left.digest)?.text.clone();
        Some(Configuration { revision: left.revision, text, retired: Vec::new() })
    }

    /// Tell a gateway agent something, and carry out what it wants, at `now`.
    pub(super) fn tell_gateway(&mut self, input: Input, now: Timestamp, around: &mut Around<'_>) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let Some(Process::Gateway(machine)) = &mut self.process else { return };
            for effect in machine.step(now, input) {
                inputs.extend(self.carry_out(effect, now, around));
            }
        }
    }

    /// Its HAProxy has ended.
    pub(super) fn haproxy_ended(&mut self, now: Timestamp, around: &mut Around<'_>) {
        self.tell_gateway(Input::HaproxyEnded, now, around);
    }

    fn carry_out(&mut self, effect: Effect, now: Timestamp, around: &mut Around<'_>) -> Option<Input> {
        Some(match effect {
            Effect::Ask { ticket, question } => Input::Answered { ticket, answer: self.ask(&question, now, around) },
            Effect::Check { ticket, text } => {
                let checked = around.texts.entry(digest(&text)).or_insert_with(|| Arc::new(Checked::of(&text)));
                Input::Checked { ticket, result: checked.result.clone() }
            }
            Effect::Load { ticket, configuration } => {
                self.loaded = Some(Loaded { revision: configuration.revision, digest: digest(&configuration.text) });
                Input::Loaded { ticket, result: Ok(()) }
            }
            Effect::Start { ticket } => Input::Loaded { ticket, result: Ok(()) },
            // Connections are not followed here: what was begun is finished at once.
            Effect::Finish => Input::HaproxyEnded,
            // Documents are followed by the accounts of traffic, not one by one; an agent hears of those that wait when it is to end.
            Effect::Ship { ticket, .. } => Input::Shipped { ticket, taken: around.reach.sink_full.is_none() },
            Effect::Forget { .. } => return None,
            Effect::Exit => {
                self.end();
                return None;
            }
        })
    }

    fn ask(&mut self, question: &Question, now: Timestamp, around: &mut Around<'_>) -> Answer {
        match question {
            Question::LogIn => Answer::LoggedIn(self.log_in(now, around)),
            Question::Renew(ttl) => Answer::Renewed(self.renew(*ttl, now, around)),
            Question::Read => Answer::Read(self.configuration(now, around)),
        }
    }

    fn configuration(&mut self, now: Timestamp, around: &mut Around<'_>) -> Result<Configuration, Failure> {
        let entry = self.read(now, around)?;
        let data = entry.data();
        let retired = data.get("retired").and_then(model::Value::as_list).unwrap_or_default();
        Ok(Configuration {
            revision: Revision { version: entry.version, written: entry.written },
            text: data.str_at(&["configuration"]).unwrap_or_default().into(),
            retired: retired.iter().filter_map(model::Value::as_str).map(Text::from).collect(),
        })
    }
}
