//! One round: bring the session up to date, then read the entry.

use super::{Answer, Effect, Life, Machine, Question, Ticket, round_after, round_from};
use crate::configuration::Rejection;
use crate::state::Trouble;
use crate::{PATIENCE, POLL};
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
    /// Begin a round if it is time to, and the last one has ended.
    pub(super) fn begin_round(&mut self, now: Timestamp) {
        if self.life != Life::Running || now < self.next_round {
            return;
        }
        self.next_round = round_after(self.started, now, POLL);
        if self.asked.is_some() || self.candidate.is_some() {
            return;
        }
        (self.round, self.logged_in) = (now, false);
        self.go_on(now);
    }

    /// The next question of this round, if there is one.
    fn go_on(&mut self, now: Timestamp) {
        let question = match self.session.next(self.round) {
            Next::LogIn if !self.logged_in => Question::LogIn,
            Next::Renew(ttl) => Question::Renew(ttl),
            Next::Use => Question::Read,
            Next::LogIn | Next::Wait if self.session.is_open(now) => Question::Read,
            Next::LogIn | Next::Wait => {
                // The token has ended before there was another.
                if self.trouble.is_none() {
                    self.unread(Failure::Denied);
                }
                return;
            }
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
                    _ => self.go_on(now),
                }
            }
            (Question::Renew(_), Answer::Renewed(answer)) => {
                self.session.renewed(self.round, &answer);
                self.go_on(now);
            }
            (Question::Read, Answer::Read(Ok(read))) => self.consider(now, read),
            (Question::Read, Answer::Read(Err(Failure::Denied))) if !self.logged_in => {
                self.session.denied();
                self.go_on(now);
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

    /// Vault did not give the entry: what is served goes on, or what was kept is.
    fn unread(&mut self, failure: Failure) {
        self.trouble = Some(Trouble::Unread(failure));
        self.serve_what_was_kept();
    }

    /// The next round of which something else may come than of the last, as long as Vault stays as it is.
    pub(super) fn due(&self) -> Option<Timestamp> {
        if self.round == self.started && self.trouble.is_none() && self.served.is_none() {
            return Some(self.next_round);
        }
        if matches!(self.trouble, Some(Trouble::Rejected(_, Rejection::NotLoaded(_)))) {
            return Some(self.next_round);
        }
        let due = self.session.due().map(|at| round_from(self.started, at.max(self.next_round), POLL));
        due.or_else(|| self.says_otherwise_at())
    }
}
