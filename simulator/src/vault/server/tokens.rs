//! What a client asks of its own token, and for others.

use super::{Served, missing, nothing, with_data};
use crate::server::{Answer, Question};
use crate::vault::{Refusal, Token, Vault};
use model::{Duration, Timestamp, Value};

/// Lifetime of a token that asks for none (`default_lease_ttl`), and its longest life (`max_lease_ttl`): 768 hours.
const LONGEST: Duration = Duration::seconds(768 * 3600);
/// The policy that allows everything.
pub(super) const ROOT: &str = "root";

fn seconds(value: Option<&Value>) -> Option<Duration> {
    let value = value?;
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.parse::<u64>().ok().map(|number| Duration::seconds(number.saturating_mul(factor)))
}

fn whole(seconds: Duration) -> i64 {
    i64::try_from(seconds.0 / 1000).unwrap_or(i64::MAX)
}

fn lease(token: &str, ttl: Duration) -> Answer {
    let mut body = Value::EMPTY_MAP;
    body.set(&["auth", "lease_duration"], whole(ttl));
    body.set(&["auth", "renewable"], true);
    body.set(&["auth", "client_token"], token);
    Answer::new(200, body)
}

fn looked_up(ttl: i64, renewable: bool) -> Answer {
    let mut data = Value::EMPTY_MAP;
    data.set(&["ttl"], ttl);
    data.set(&["renewable"], renewable);
    with_data(data)
}

impl Vault {
    pub(super) fn serve_token(&mut self, action: &str, question: &Question, now: Timestamp) -> Served {
        self.stored(true)?;
        match (action, question.token.as_deref()) {
            ("create", creator) => Ok(self.new_token(creator, &question.body, now)),
            // The administrator's own lives for ever.
            ("lookup-self", None) => Ok(looked_up(0, false)),
            (action, name) => self.serve_own_token(action, name.unwrap_or_default(), &question.body, now),
        }
    }

    /// A token with the policies that are asked for, or else those of whoever asks.
    fn new_token(&mut self, creator: Option<&str>, body: &Value, now: Timestamp) -> Answer {
        let longest = seconds(body.get("explicit_max_ttl")).unwrap_or(LONGEST);
        let ttl = seconds(body.get("ttl")).unwrap_or(LONGEST).min(longest);
        let asked = body.get("policies").and_then(Value::as_list);
        let policies = match (asked, creator) {
            (Some(asked), _) => asked.iter().filter_map(Value::as_str).map(Into::into).collect(),
            (None, None) => vec![ROOT.into()],
            (None, Some(creator)) => self.tokens.get(creator).map(|token| token.policies.clone()).unwrap_or_default(),
        };
        let generation = self.state().generation;
        let token = Token { policies, role: Default::default(), ends: now + ttl, life_ends: now + longest, generation };
        let name = format!("hvs.{}", self.tokens.len());
        self.tokens.insert(name.as_str().into(), token);
        lease(&name, ttl)
    }

    fn serve_own_token(&mut self, action: &str, name: &str, body: &Value, now: Timestamp) -> Served {
        let token = self.tokens.get_mut(name).ok_or(Refusal::InvalidToken)?;
        match action {
            "lookup-self" => Ok(looked_up(whole(token.ends.since(now)), true)),
            "renew-self" => {
                let asked = seconds(body.get("increment")).unwrap_or(LONGEST);
                Ok(lease(name, token.renew(asked, now)))
            }
            "revoke-self" => {
                self.tokens.remove(name);
                Ok(nothing())
            }
            _ => Err(missing()),
        }
    }
}
