//! One gateway agent in the world: the library, its token, and the directory that outlives its container.

use super::account::{Account, Token, sink};
use super::haproxy;
use crate::kernel::EventId;
use crate::kubernetes::{AgentPod, PodRun};
use crate::world::Stores;
use gateway_agent::{Answer, Configuration, Effect, Input, Machine, Question, Revision};
use model::Timestamp;
use model::value::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A pod of a gateway agent, with or without a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayAgent {
    /// Which start of its container.
    pub(crate) run: PodRun,
    pub(crate) cluster: Text,
    pub(crate) node: Text,
    pub(crate) account: Option<Account>,
    /// URL of the Elasticsearch that its documents go to, and the stream there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sink: Option<(Text, Text)>,
    /// Nothing while its container does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) machine: Option<Machine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
    /// Whether its directory outlives its container.
    keeps: bool,
    /// What it loaded last: what lies in its directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) loaded: Option<Loaded>,
    /// Its next round that is gone through, or what else it does by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scheduled: Option<EventId>,
    /// Whether its session hangs on something that was changed since it logged in: no round of it is passed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) watched: bool,
}

/// A text in an agent's directory. The text itself is kept once for all agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Loaded {
    pub(crate) revision: Revision,
    pub(crate) digest: Text,
}

/// Texts that agents have loaded, by digest, each with what HAProxy makes of it.
pub(crate) type Texts = BTreeMap<Text, Arc<Checked>>;

/// A text that was looked at once.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) text: Arc<str>,
    pub(crate) result: Result<(), String>,
    pub(crate) routing: haproxy::Routing,
}

impl Checked {
    pub(crate) fn of(text: &Arc<str>) -> Self {
        Checked { text: text.clone(), result: haproxy::check(text), routing: haproxy::routing(text) }
    }
}

pub(crate) fn digest(text: &str) -> Text {
    model::Value::from(text).digest()
}

/// What surrounds an agent while it acts.
pub(crate) struct Around<'a> {
    pub(crate) stores: &'a mut Stores,
    pub(crate) texts: &'a mut Texts,
    /// Why Vault cannot be reached from its node, if it cannot.
    pub(crate) cut: Option<String>,
}

impl GatewayAgent {
    /// The agent of a pod whose container has not run yet.
    pub(crate) fn new(cluster: &str, run: PodRun, pod: &AgentPod) -> Self {
        GatewayAgent {
            run,
            cluster: cluster.into(),
            node: pod.node.clone(),
            account: Account::new(cluster, pod),
            sink: sink(&pod.variables),
            machine: None,
            token: None,
            keeps: pod.keeps,
            loaded: None,
            scheduled: None,
            watched: false,
        }
    }

    /// Its container's process is up.
    pub(crate) fn begin(&mut self, run: PodRun, now: Timestamp, around: &mut Around<'_>) {
        let left = self.loaded.take().filter(|_| self.keeps);
        let kept = left.as_ref().and_then(|left| {
            let text = around.texts.get(&left.digest)?.text.clone();
            Some(Configuration { revision: left.revision, text, retired: Vec::new() })
        });
        self.loaded = left;
        self.machine = Some(Machine::new(&format!("{}/{}", self.cluster, run.key), now));
        (self.run, self.token, self.watched) = (run, None, false);
        self.tell(Input::Started { kept }, now, around);
    }

    /// Its container's process has ended.
    pub(crate) fn end(&mut self) {
        (self.machine, self.token, self.watched) = (None, None, false);
    }

    /// Tell the agent something, and carry out what it wants, at `now`.
    pub(crate) fn tell(&mut self, input: Input, now: Timestamp, around: &mut Around<'_>) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let Some(machine) = &mut self.machine else { return };
            for effect in machine.step(now, input) {
                inputs.extend(self.carry_out(effect, now, around));
            }
        }
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
            // Documents are followed by the accounts of traffic, not one by one.
            Effect::Ship { ticket, .. } => Input::Shipped { ticket, taken: true },
            Effect::Forget { .. } => return None,
            Effect::Exit => {
                self.end();
                return None;
            }
        })
    }

    fn ask(&mut self, question: &Question, now: Timestamp, around: &mut Around<'_>) -> Answer {
        let reached = match (&around.cut, &self.account) {
            (Some(why), _) => Err(gateway_agent::Failure::Away(why.clone())),
            (None, None) => Err(gateway_agent::Failure::Refused("VAMP_KEY_VALUE_STORE_PATH is not set".to_owned())),
            (None, Some(account)) => Ok(account),
        };
        match question {
            Question::LogIn => {
                let answer = reached.and_then(|account| account.log_in(around.stores, now));
                Answer::LoggedIn(answer.map(|(token, lease)| {
                    (self.token, self.watched) = (Some(token), false);
                    lease
                }))
            }
            Question::Renew(ttl) => {
                let token = self.token.as_mut();
                Answer::Renewed(reached.and_then(|_| Account::renew(token, *ttl, around.stores, now)))
            }
            Question::Read => Answer::Read(reached.and_then(|account| account.read(self.token.as_ref(), around.stores, now))),
        }
    }

    /// Whether a change of this policy or role could make a difference to it.
    pub(crate) fn hangs_on(&self, name: &str) -> bool {
        self.token.as_ref().is_none_or(|token| token.hangs_on(name))
    }

    /// Whether its directory outlives its container.
    pub(crate) fn keeps(&self) -> bool {
        self.keeps
    }

    /// Why it does not serve, for people.
    pub(crate) fn reason(&self) -> String {
        let trouble = self.machine.as_ref().and_then(Machine::trouble);
        trouble.map_or_else(|| "starting".to_owned(), ToString::to_string)
    }
}
