//! The workflow, from Vault: needed once, and looked at again before every run.

use super::{Answer, Effect, Machine, PATIENCE, Question, Ticket, Workflow};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use vault_session::{Failure, Next};

/// A question that has no answer yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    ticket: Ticket,
    question: Question,
    /// How long it is waited for.
    pub(super) until: Timestamp,
}

impl Machine {
    /// The next question of this round; where there is none, what is known of the workflow has to do.
    pub(super) fn ask_next(&mut self, now: Timestamp) {
        let question = match self.session.next(self.round) {
            Next::LogIn if !self.logged_in => Question::LogIn,
            Next::Renew(ttl) => Question::Renew(ttl),
            Next::Use => Question::Read,
            Next::LogIn | Next::Wait if self.session.is_open(now) => Question::Read,
            Next::LogIn | Next::Wait => return self.run(),
        };
        self.logged_in |= question == Question::LogIn;
        let ticket = self.ticket();
        self.asked = Some(Asked { ticket, question: question.clone(), until: now + PATIENCE });
        self.effects.push(Effect::Ask { ticket, question });
    }

    pub(super) fn answered(&mut self, now: Timestamp, ticket: Ticket, answer: Answer) {
        let Some(asked) = self.asked.take_if(|asked| asked.ticket == ticket) else { return };
        match (asked.question, answer) {
            (Question::LogIn, Answer::LoggedIn(answer)) => {
                self.session.logged_in(self.round, &answer);
                match answer {
                    Err(failure) if !self.session.is_open(now) => self.unread(failure),
                    _ => self.ask_next(now),
                }
            }
            (Question::Renew(_), Answer::Renewed(answer)) => {
                self.session.renewed(self.round, &answer);
                self.ask_next(now);
            }
            (Question::Read, Answer::Read(Ok(workflow))) => self.read(workflow),
            (Question::Read, Answer::Read(Err(Failure::Denied))) if !self.logged_in => {
                self.session.denied();
                self.ask_next(now);
            }
            (Question::Read, Answer::Read(Err(failure))) => {
                if failure == Failure::Denied {
                    self.session.denied();
                }
                self.unread(failure);
            }
            // An answer to another question than was asked is none.
            (_, _) => self.unread(Failure::Away("vault: the answer is not to what was asked".to_owned())),
        }
    }

    fn read(&mut self, workflow: Workflow) {
        let changed = self.workflow.is_none_or(|known| known.period != workflow.period);
        (self.workflow, self.trouble) = (Some(workflow), None);
        if changed {
            self.first_run = Some(self.round);
            self.next_round = self.round_after(self.round);
        }
        self.run();
    }

    fn unread(&mut self, failure: Failure) {
        self.trouble = Some(failure);
        self.run();
    }

    /// A question that has no answer for so long has none.
    pub(super) fn give_up_waiting(&mut self, now: Timestamp) {
        let Some(asked) = self.asked.as_ref().filter(|asked| now >= asked.until) else { return };
        let (ticket, away) = (asked.ticket, Failure::Away("vault does not answer: no answer in time".to_owned()));
        let answer = match asked.question {
            Question::LogIn => Answer::LoggedIn(Err(away)),
            Question::Renew(_) => Answer::Renewed(Err(away)),
            Question::Read => Answer::Read(Err(away)),
        };
        self.answered(now, ticket, answer);
    }
}
