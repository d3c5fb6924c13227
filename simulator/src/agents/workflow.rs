//! What a workflow agent wants, carried out: questions to Vault, to Vamp and to Elasticsearch.

use super::hosted::{Around, Hosted, Process};
use model::inventory::inventory;
use model::{Duration, Timestamp};
use workflow_agent::{Answer, Effect, Failure, Input, Question, Subject, Tally, Workflow};

impl Hosted {
    /// Tell a workflow agent something, and carry out what it wants, at `now`.
    pub(super) fn tell_workflow(&mut self, input: Input, now: Timestamp, around: &mut Around<'_>) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let Some(Process::Workflow(machine)) = &mut self.process else { return };
            for effect in machine.step(now, input) {
                inputs.extend(self.carry_out_workflow(effect, now, around));
            }
        }
    }

    fn carry_out_workflow(&mut self, effect: Effect, now: Timestamp, around: &mut Around<'_>) -> Option<Input> {
        let away = |why: &Option<String>| why.clone().map_or(Ok(()), Err);
        Some(match effect {
            Effect::Ask { ticket, question } => {
                let answer = match question {
                    Question::LogIn => Answer::LoggedIn(self.log_in(now, around)),
                    Question::Renew(ttl) => Answer::Renewed(self.renew(ttl, now, around)),
                    Question::Read => Answer::Read(self.workflow_read(now, around)),
                };
                Input::Answered { ticket, answer }
            }
            Effect::List { ticket } => Input::Listed { ticket, result: away(&around.reach.vamp_away).map(|()| subjects(around)) },
            // How many lines there are is told by the accounts of traffic; a run in the world only finds out whether it can be counted.
            Effect::Count { ticket, subjects, .. } => {
                let tallies = subjects.into_iter().map(|subject| (subject, Tally::default())).collect();
                Input::Counted { ticket, result: away(&around.reach.sink_silent).map(|()| tallies) }
            }
            Effect::Write { ticket, .. } => Input::Written { ticket, result: away(&around.reach.sink_full) },
            Effect::Forget { .. } => return None,
            Effect::Exit => {
                self.end();
                return None;
            }
        })
    }

    fn workflow_read(&mut self, now: Timestamp, around: &mut Around<'_>) -> Result<Workflow, Failure> {
        let entry = self.read(now, around)?;
        let seconds = |field: &str, default: u64| {
            let seconds = entry.data().integer_at(&[field]).and_then(|seconds| u64::try_from(seconds).ok());
            Duration::seconds(seconds.unwrap_or(default))
        };
        // What the workflow does not say is as quantification has it: a run a minute.
        Ok(Workflow {
            period: seconds("period-seconds", 60).max(Duration::seconds(1)),
            timeout: seconds("timeout-seconds", 60),
            window: seconds("window-seconds", 500),
        })
    }
}

/// The gateways and routes of the cell, as Vamp has published them.
fn subjects(around: &Around<'_>) -> Vec<Subject> {
    let entry = around.reach.gateways.as_deref().and_then(|path| around.stores.vault.entry(path));
    let text = entry.and_then(|entry| {
        let document = entry.data.as_ref()?.value();
        document.str_at(&["data", "configuration"]).map(str::to_owned)
    });
    let found = inventory(&text.unwrap_or_default());
    let of_gateway = |(gateway, routes): (&String, &std::collections::BTreeSet<String>)| {
        let whole = Subject { gateway: gateway.as_str().into(), route: None };
        let parts = routes.iter().map(|route| Subject { route: Some(route.as_str().into()), ..whole.clone() });
        std::iter::once(whole.clone()).chain(parts.collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    found.gateways.iter().flat_map(of_gateway).collect()
}
