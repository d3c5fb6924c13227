//! The agent against a Vault and an HAProxy of a few lines: each transition, each thing that can be lost, and what holds whatever
//! happens.

mod loss;
mod properties;
mod start;

use super::*;
use crate::configuration::Rejection;
use crate::configuration::tests::{configuration, text};
use model::value::Text;

pub(super) const SECOND: Duration = Duration::seconds(1);

/// What surrounds an agent. Everything is answered at once.
pub(super) struct Bench {
    pub(super) now: Timestamp,
    pub(super) machine: Machine,
    /// What Vault answers to everything; nothing while it is well.
    pub(super) vault: Option<Failure>,
    /// What Vault answers to a log-in; nothing while it is well.
    pub(super) log_in: Option<Failure>,
    pub(super) entry: Option<Configuration>,
    /// Tokens with a lower number are not taken; the number of the agent's own.
    pub(super) valid_from: u64,
    pub(super) token: u64,
    pub(super) ttl: Duration,
    /// When the agent's token reaches the end of its longest life.
    pub(super) life_ends: Timestamp,
    pub(super) longest_life: Duration,
    /// Whether the bench loads and starts HAProxy, or leaves these effects to the test.
    pub(super) haproxy: bool,
    /// What was asked and done, in order.
    pub(super) log: Vec<(Timestamp, Effect)>,
    pub(super) loads: Vec<Configuration>,
    pub(super) elasticsearch: bool,
}

impl Bench {
    /// An agent that has not started, a Vault that is well and holds one gateway.
    pub(super) fn new() -> Self {
        let now = Timestamp(7_000);
        Bench {
            now,
            machine: Machine::new("eu-1/shop/agent", now),
            vault: None,
            log_in: None,
            entry: Some(configuration(1, &["a"])),
            valid_from: 0,
            token: 0,
            ttl: Duration::minutes(60),
            life_ends: Timestamp(0),
            longest_life: Duration::minutes(60 * 768),
            haproxy: true,
            log: Vec::new(),
            loads: Vec::new(),
            elasticsearch: true,
        }
    }

    /// The same, started.
    pub(super) fn started() -> Self {
        let mut bench = Bench::new();
        bench.tell(Input::Started { kept: None });
        bench
    }

    pub(super) fn publish(&mut self, version: u64, gateways: &[&str]) {
        self.entry = Some(configuration(version, gateways));
    }

    pub(super) fn tell(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for effect in self.machine.step(self.now, input) {
                self.log.push((self.now, effect.clone()));
                inputs.extend(self.answer(effect));
            }
        }
    }

    fn answer(&mut self, effect: Effect) -> Option<Input> {
        Some(match effect {
            Effect::Ask { ticket, question } => Input::Answered { ticket, answer: self.ask(&question) },
            Effect::Check { ticket, text } => {
                let result = if text.contains("bad") { Err("line 3".to_owned()) } else { Ok(()) };
                Input::Checked { ticket, result }
            }
            Effect::Load { ticket, configuration } if self.haproxy => {
                self.loads.push(configuration);
                Input::Loaded { ticket, result: Ok(()) }
            }
            Effect::Start { ticket } if self.haproxy => Input::Loaded { ticket, result: Ok(()) },
            Effect::Finish if self.haproxy => Input::HaproxyEnded,
            Effect::Ship { ticket, .. } => Input::Shipped { ticket, taken: self.elasticsearch },
            _ => return None,
        })
    }

    fn ask(&mut self, question: &Question) -> Answer {
        let well = self.vault.clone().map_or(Ok(()), Err);
        let valid = if self.token < self.valid_from { Err(Failure::Denied) } else { Ok(()) };
        match question {
            Question::LogIn => Answer::LoggedIn(well.and(self.log_in.clone().map_or(Ok(()), Err)).map(|()| {
                self.token = self.valid_from;
                self.life_ends = self.now + self.longest_life;
                Lease { ttl: self.ttl }
            })),
            Question::Renew(ttl) => {
                let left = self.life_ends.since(self.now);
                Answer::Renewed(well.and(valid).map(|()| Lease { ttl: (*ttl).min(left) }))
            }
            Question::Read => {
                let missing = || Failure::Missing("404".to_owned());
                Answer::Read(well.and(valid).and_then(|()| self.entry.clone().ok_or_else(missing)))
            }
        }
    }

    /// Let time pass, with every instant at which the agent wants to be woken.
    pub(super) fn run(&mut self, length: Duration) {
        let end = self.now + length;
        while let Some(at) = self.machine.next_at().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.tell(Input::Woken);
        }
        self.now = end;
    }

    pub(super) fn state(&self) -> State {
        self.machine.state()
    }

    pub(super) fn version(&self) -> Option<u64> {
        self.machine.revision().map(|revision| revision.version)
    }

    /// Seconds since the start at which `what` was done.
    pub(super) fn times(&self, what: impl Fn(&Effect) -> bool) -> Vec<u64> {
        let since = |at: &Timestamp| at.since(self.machine.started()).0 / 1000;
        self.log.iter().filter(|(_, effect)| what(effect)).map(|(at, _)| since(at)).collect()
    }
}

pub(super) fn away() -> Option<Failure> {
    Some(Failure::Away("vault does not answer".to_owned()))
}

pub(super) fn is_log_in(effect: &Effect) -> bool {
    matches!(effect, Effect::Ask { question: Question::LogIn, .. })
}

pub(super) fn is_read(effect: &Effect) -> bool {
    matches!(effect, Effect::Ask { question: Question::Read, .. })
}

pub(super) fn is_renewal(effect: &Effect) -> bool {
    matches!(effect, Effect::Ask { question: Question::Renew(_), .. })
}

pub(super) fn rejection(bench: &Bench) -> Option<Rejection> {
    match bench.machine.trouble() {
        Some(Trouble::Rejected(_, rejection)) => Some(rejection.clone()),
        _ => None,
    }
}

/// A text that HAProxy's check does not accept.
pub(super) fn invalid(version: u64) -> Configuration {
    Configuration { text: format!("{}bad\n", text(&["a", "b"])).into(), ..configuration(version, &[]) }
}

pub(super) fn retiring(version: u64, gateways: &[&str], retired: &[&str]) -> Configuration {
    let retired = retired.iter().map(|name| Text::from(*name)).collect();
    Configuration { retired, ..configuration(version, gateways) }
}
