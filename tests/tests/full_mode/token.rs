//! The token with which whoever runs `vamp` comes to Vault: one that lives for a short time only, which somebody beside it keeps fresh, as
//! Vault's own agent does. A run that takes longer has to renew it, and in the end to take another one.

use model::value::Value;
use model::{Duration, System, Timestamp};
use simulator::server::Question;
use simulator::world::World;
use std::sync::{Arc, Mutex};

/// How long a token lives, and at most if it is renewed.
const LIFE: &str = "20s";
const LONGEST_LIFE: &str = "60s";
/// When another one is made: early enough for whoever takes this one to live with it for a while.
const AGE: Duration = Duration::seconds(10);

/// The file with the token.
#[derive(Default)]
pub(crate) struct Token {
    pub(crate) file: Arc<Mutex<String>>,
    made: Option<(Timestamp, u64)>,
}

impl Token {
    /// Let a good token stand in the file, if Vault gives one.
    pub(crate) fn keep_fresh(&mut self, world: &mut World) {
        let (now, generation) = (world.now(), world.stores().vault.state().generation);
        if self.made.is_some_and(|(at, of)| now.since(at) < AGE && of == generation) {
            return;
        }
        let mut body = Value::EMPTY_MAP;
        body.set(&["ttl"], LIFE);
        body.set(&["explicit_max_ttl"], LONGEST_LIFE);
        let path = "/v1/auth/token/create".to_owned();
        let question = Question { method: "POST".into(), path, body, ..Question::default() };
        let Ok(answer) = world.ask(&System::Vault, &question) else { return };
        if let Some(token) = answer.body.str_at(&["auth", "client_token"]) {
            *self.file.lock().unwrap() = token.to_owned();
            self.made = Some((now, generation));
        }
    }
}
