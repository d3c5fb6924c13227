//! One agent in the world: the library that is its process, its token, and the directory that outlives its container.

use super::account::{Account, Token, sink};
use super::gateway::{Checked, Loaded, Texts};
use crate::kernel::EventId;
use crate::kubernetes::{AgentPod, PodRun, Program};
use crate::network::Spot;
use crate::world::Stores;
use model::value::Text;
use model::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use vault_session::{Failure, Lease};

/// The process of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Process {
    /// A gateway agent.
    Gateway(gateway_agent::Machine),
    /// A workflow agent.
    Workflow(workflow_agent::Machine),
}

/// A pod of an agent, with or without a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hosted {
    pub(crate) program: Program,
    /// Which start of its container.
    pub(crate) run: PodRun,
    pub(crate) cluster: Text,
    pub(crate) node: Text,
    pub(crate) zone: Text,
    pub(crate) account: Option<Account>,
    /// URL of the Elasticsearch that its documents go to, and the stream there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sink: Option<(Text, Text)>,
    /// Nothing while its container does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) process: Option<Process>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
    /// How often it has logged in.
    #[serde(default)]
    pub(crate) log_ins: u64,
    /// Whether its directory outlives its container.
    keeps: bool,
    /// What a gateway agent loaded last: what lies in its directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) loaded: Option<Loaded>,
    /// Its next round that is gone through, or what else it does by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scheduled: Option<EventId>,
    /// The round in which it looks at what has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) looks_at: Option<Timestamp>,
    /// Path of the gateway configuration that a workflow agent's results depend on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gateways: Option<Text>,
    /// Whether its session hangs on something that was changed since it logged in: no round of it is passed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) watched: bool,
    /// Whether its way to Vault loses requests: no round is like the last, so none is passed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unsteady: bool,
    /// Whether its process stands still.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) stalled: bool,
    /// Whether it takes any configuration that HAProxy takes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    credulous: bool,
}

/// What surrounds an agent while it acts.
pub(crate) struct Around<'a> {
    pub(crate) stores: &'a mut Stores,
    pub(crate) texts: &'a mut Texts,
    pub(crate) reach: &'a Reach,
}

/// What an agent reaches beside the stores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Why Vault cannot be reached from its node, if it cannot.
    pub(crate) vault_cut: Option<String>,
    /// Why Vamp does not answer, if it does not.
    pub(crate) vamp_away: Option<String>,
    /// Why the Elasticsearch of its documents finds none, if it does not.
    pub(crate) sink_silent: Option<String>,
    /// Why the Elasticsearch of its documents takes none, if it does not.
    pub(crate) sink_full: Option<String>,
    /// Path of the gateway configuration of its cell.
    pub(crate) gateways: Option<Text>,
}

impl Hosted {
    /// The agent of a pod whose container has not run yet.
    pub(crate) fn new(cluster: &str, run: PodRun, pod: &AgentPod) -> Self {
        Hosted {
            program: pod.program,
            run,
            cluster: cluster.into(),
            node: pod.node.clone(),
            zone: pod.zone.clone(),
            account: Account::new(cluster, pod),
            sink: sink(&pod.variables),
            process: None,
            token: None,
            log_ins: 0,
            keeps: pod.keeps,
            loaded: None,
            scheduled: None,
            looks_at: None,
            gateways: None,
            watched: false,
            unsteady: false,
            stalled: false,
            credulous: false,
        }
    }

    /// It takes any configuration that HAProxy takes, from now on.
    pub(crate) fn believe_anything(&mut self) {
        self.credulous = true;
        if let Some(Process::Gateway(machine)) = &mut self.process {
            machine.believe_anything();
        }
    }

    /// Its container's process is up.
    pub(crate) fn begin(&mut self, run: PodRun, now: Timestamp, around: &mut Around<'_>) {
        let name = format!("{}/{}", self.cluster, run.key);
        (self.run, self.token, self.watched, self.stalled, self.looks_at) = (run, None, false, false, None);
        if self.program == Program::WorkflowAgent {
            self.process = Some(Process::Workflow(workflow_agent::Machine::new(&name, now)));
            return self.tell_workflow(workflow_agent::Input::Started, now, around);
        }
        let kept = self.kept(around.texts);
        self.process = Some(Process::Gateway(gateway_agent::Machine::new(&name, now)));
        if self.credulous {
            self.believe_anything();
        }
        self.tell_gateway(gateway_agent::Input::Started { kept }, now, around);
    }

    /// Its container's process has ended.
    pub(crate) fn end(&mut self) {
        (self.process, self.token, self.watched, self.stalled, self.looks_at) = (None, None, false, false, None);
    }

    /// The instant that it asked for has come, or something around it has changed.
    pub(crate) fn wake(&mut self, now: Timestamp, around: &mut Around<'_>) {
        self.looks_at = self.looks_at.filter(|at| *at > now);
        match &self.process {
            _ if self.stalled => {}
            Some(Process::Gateway(_)) => self.tell_gateway(gateway_agent::Input::Woken, now, around),
            Some(Process::Workflow(_)) => self.tell_workflow(workflow_agent::Input::Woken, now, around),
            None => {}
        }
    }

    /// It is asked to end, while so many documents wait in the buffer of a gateway agent.
    pub(crate) fn terminate(&mut self, documents: u64, now: Timestamp, around: &mut Around<'_>) {
        match &self.process {
            _ if self.stalled => {}
            Some(Process::Gateway(_)) => {
                self.tell_gateway(gateway_agent::Input::Logged { documents }, now, around);
                self.tell_gateway(gateway_agent::Input::Terminate, now, around);
            }
            Some(Process::Workflow(_)) => self.tell_workflow(workflow_agent::Input::Terminate, now, around),
            None => {}
        }
    }

    /// Paths of the entries that it looks at.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Text> {
        self.account.iter().map(|account| &account.path).chain(&self.gateways)
    }

    /// Log in to Vault.
    pub(super) fn log_in(&mut self, now: Timestamp, around: &mut Around<'_>) -> Result<Lease, Failure> {
        let (token, lease) = self.reached(around.reach)?.log_in(around.stores, now)?;
        (self.token, self.watched) = (Some(token), false);
        self.log_ins += 1;
        Ok(lease)
    }

    /// Renew the token.
    pub(super) fn renew(&mut self, ttl: Duration, now: Timestamp, around: &mut Around<'_>) -> Result<Lease, Failure> {
        self.reached(around.reach)?;
        Account::renew(self.token.as_mut(), ttl, around.stores, now)
    }

    /// Read the entry.
    pub(super) fn read(&self, now: Timestamp, around: &mut Around<'_>) -> Result<super::account::Entry, Failure> {
        self.reached(around.reach)?.read(self.token.as_ref(), around.stores, now)
    }

    fn reached(&self, reach: &Reach) -> Result<&Account, Failure> {
        if let Some(why) = &reach.vault_cut {
            return Err(Failure::Away(why.clone()));
        }
        self.account.as_ref().ok_or_else(|| Failure::Refused("VAMP_KEY_VALUE_STORE_PATH is not set".to_owned()))
    }

    /// Its token means nothing any more.
    pub(crate) fn revoke(&mut self) {
        if let Some(token) = &mut self.token {
            token.revoke();
            self.watched = true;
        }
    }

    /// Where it is.
    pub(crate) fn spot(&self) -> Spot {
        Spot::Node { cluster: self.cluster.clone(), zone: self.zone.clone(), node: self.node.clone() }
    }

    /// Whether a change of this policy or role could make a difference to it.
    pub(crate) fn hangs_on(&self, name: &str) -> bool {
        self.token.as_ref().is_none_or(|token| token.hangs_on(name)) || self.process.as_ref().is_some_and(Process::is_troubled)
    }

    /// The gateway agent that runs here.
    pub(crate) fn gateway(&self) -> Option<&gateway_agent::Machine> {
        match &self.process {
            Some(Process::Gateway(machine)) => Some(machine),
            _ => None,
        }
    }

    /// The workflow agent that runs here.
    pub(crate) fn workflow(&self) -> Option<&workflow_agent::Machine> {
        match &self.process {
            Some(Process::Workflow(machine)) => Some(machine),
            _ => None,
        }
    }

    /// Whether its directory outlives its container.
    pub(crate) fn keeps(&self) -> bool {
        self.keeps
    }

    /// What HAProxy makes of what a gateway agent has loaded.
    pub(crate) fn text<'a>(&self, texts: &'a Texts) -> Option<&'a Checked> {
        texts.get(&self.loaded.as_ref()?.digest).map(|checked| &**checked)
    }
}

impl Process {
    /// As [`gateway_agent::Machine::next_at`].
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        match self {
            Process::Gateway(machine) => machine.next_at(),
            Process::Workflow(machine) => machine.next_at(),
        }
    }

    /// As [`gateway_agent::Machine::quiet_until`].
    pub(crate) fn quiet_until(&self) -> Option<Timestamp> {
        match self {
            Process::Gateway(machine) => machine.quiet_until(),
            Process::Workflow(machine) => machine.quiet_until(),
        }
    }

    /// As [`gateway_agent::Machine::shows_at`]. What a workflow agent does by itself never shows: it has its workflow, or asks for it
    /// in vain.
    pub(crate) fn shows_at(&self) -> Option<Timestamp> {
        match self {
            Process::Gateway(machine) => machine.shows_at(),
            Process::Workflow(_) => None,
        }
    }

    /// As [`gateway_agent::Machine::round_from`].
    pub(crate) fn round_from(&self, now: Timestamp) -> Timestamp {
        match self {
            Process::Gateway(machine) => machine.round_from(now),
            Process::Workflow(machine) => machine.round_from(now),
        }
    }

    /// As [`gateway_agent::Machine::pass_over`].
    pub(crate) fn pass_over(&mut self, now: Timestamp) {
        match self {
            Process::Gateway(machine) => machine.pass_over(now),
            Process::Workflow(machine) => machine.pass_over(now),
        }
    }

    /// Whether it was asked to go and has not gone.
    pub(crate) fn is_draining(&self) -> bool {
        matches!(self, Process::Gateway(machine) if machine.is_draining())
    }

    /// Why it is not ready, if it is not.
    pub(crate) fn lacks(&self) -> Option<String> {
        let (ready, trouble) = match self {
            Process::Gateway(machine) => (machine.is_ready(), machine.trouble().map(ToString::to_string)),
            Process::Workflow(machine) => (machine.is_ready(), machine.trouble().map(ToString::to_string)),
        };
        (!ready).then(|| trouble.unwrap_or_else(|| "starting".to_owned()))
    }

    fn is_troubled(&self) -> bool {
        match self {
            Process::Gateway(machine) => machine.trouble().is_some(),
            Process::Workflow(machine) => machine.trouble().is_some(),
        }
    }
}
