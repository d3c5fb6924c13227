//! Log-in, renewal and answers over a server that is a function.

use super::client::{Raw, Setting, Vault};
use super::login::Login;
use super::refusal::Trouble;
use crate::secret::Secrets;
use crate::secret::tests::secrets;
use crate::wanted::Wanted;
use crate::wire::fake::{Answer, block_on, wire};
use http::Request;
use model::connection::LogIn;
use model::observation::{Gap, Listing, Owner};
use model::operation::OperationError;
use model::{Kind, SecretReference};
use serde_json::json;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

type Log = Arc<Mutex<Vec<String>>>;

fn env(name: &str) -> SecretReference {
    SecretReference::Env(name.into())
}

/// A Vault that answers as `answer` says, given method with path and the token that came; and its log.
fn vault(login: Login, namespace: Option<&str>, answer: impl Fn(&str, &str) -> Answer + Clone + Send + 'static) -> (Vault, Log) {
    vault_with(secrets(), login, namespace, answer)
}

/// The same, with what logs in from elsewhere.
fn vault_with(
    source: Secrets,
    login: Login,
    namespace: Option<&str>,
    answer: impl Fn(&str, &str) -> Answer + Clone + Send + 'static,
) -> (Vault, Log) {
    let log = Log::default();
    let heard = log.clone();
    let wire = wire("vault", move |request: &Request<Vec<u8>>| {
        let header = |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let line = format!("{} {}", request.method(), request.uri());
        let (token, namespace) = (header("x-vault-token"), header("x-vault-namespace"));
        let shown = [line.as_str(), token.as_str(), namespace.as_str()].join(" ").trim_end().to_owned();
        let mut log = heard.lock().unwrap();
        log.push(shown);
        answer(&line, &token)
    });
    let setting = Setting {
        login,
        namespace: namespace.map(ToOwned::to_owned),
        secrets: Rc::new(source),
        wanted: Wanted::default(),
        clusters: Default::default(),
        platform: "acme".into(),
    };
    (Vault::new(wire, setting).unwrap(), log)
}

fn given(token: &str, seconds: u64) -> Answer {
    Answer::json(json!({"auth": {"client_token": token, "lease_duration": seconds, "renewable": true}}))
}

fn denied() -> Answer {
    Answer::Is(403, json!({"errors": ["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}).to_string())
}

fn approle() -> Login {
    Login::Method(LogIn::AppRole { mount: "approle".into(), role_id: env("ROLE"), secret_id: env("SECRET") })
}

fn lines(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}

/// The simplest request that needs a token.
fn ask() -> Raw {
    Raw::post("sys/x", None)
}

#[test]
fn a_given_token_is_looked_up_and_used_with_its_namespace() {
    let (vault, log) = vault(Login::Token(env("T")), Some("team"), |_, _| Answer::json(json!({"data": {"ttl": 0}})));
    block_on(async {
        vault.ask(&ask()).await.unwrap();
        vault.ask(&ask()).await.unwrap();
    });
    let token = "the environment variable T";
    assert_eq!(
        lines(&log),
        [
            format!("GET /v1/auth/token/lookup-self {token} team"),
            format!("POST /v1/sys/x {token} team"),
            format!("POST /v1/sys/x {token} team"),
        ]
    );
}

#[test]
fn a_token_is_renewed_at_half_of_its_time_and_replaced_when_it_nears_its_longest_life() {
    let (vault, log) = vault(approle(), None, |line, _| match line {
        "POST /v1/auth/approle/login" => given("one", 100),
        "POST /v1/auth/token/renew-self" => given("one", 30),
        _ => Answer::json(json!({})),
    });
    block_on(async {
        for _ in 0..4 {
            vault.ask(&ask()).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_secs(25)).await;
        }
    });
    assert_eq!(
        lines(&log),
        [
            "POST /v1/auth/approle/login",
            "POST /v1/sys/x one",
            "POST /v1/sys/x one",
            "POST /v1/auth/token/renew-self one",
            "POST /v1/sys/x one",
            "POST /v1/auth/approle/login",
            "POST /v1/sys/x one",
        ]
    );
}

/// A Vault that gives the token `one` at the first log-in and `two` at the second.
fn giving_two_tokens(answer: impl Fn(&str, &str) -> Answer + Clone + Send + 'static) -> (Vault, Log) {
    let tokens = Arc::new(Mutex::new(vec!["two", "one"]));
    vault(approle(), None, move |line, token| match line {
        "POST /v1/auth/approle/login" => given(tokens.lock().unwrap().pop().unwrap(), 100),
        _ => answer(line, token),
    })
}

#[test]
fn a_token_that_is_not_taken_any_more_is_replaced_once_and_the_request_repeated() {
    let (vault, log) = giving_two_tokens(|_, token| if token == "one" { denied() } else { Answer::json(json!({})) });
    block_on(vault.ask(&ask())).unwrap();
    assert_eq!(
        lines(&log),
        ["POST /v1/auth/approle/login", "POST /v1/sys/x one", "POST /v1/auth/approle/login", "POST /v1/sys/x two"]
    );
}

#[test]
fn a_token_that_has_ended_is_known_by_what_it_may_ask_of_itself_where_the_server_tells_no_more() {
    let forbidden = || Answer::Is(403, json!({"errors": ["permission denied"]}).to_string());
    let (vault, log) = giving_two_tokens(move |line, token| match (line, token) {
        (_, "one") => forbidden(),
        ("GET /v1/auth/token/lookup-self", _) => Answer::json(json!({"data": {"ttl": 100}})),
        ("POST /v1/sys/y", _) => forbidden(),
        _ => Answer::json(json!({})),
    });
    block_on(vault.ask(&ask())).unwrap();
    let lacks = block_on(vault.ask(&Raw::post("sys/y", None))).unwrap_err();
    assert!(lacks.refusal().is_some_and(|refusal| refusal.is_forbidden() && !refusal.is_denied()));
    assert_eq!(
        lines(&log),
        [
            "POST /v1/auth/approle/login",
            "POST /v1/sys/x one",
            "GET /v1/auth/token/lookup-self one",
            "POST /v1/auth/approle/login",
            "POST /v1/sys/x two",
            "POST /v1/sys/y two",
            "GET /v1/auth/token/lookup-self two",
        ],
        "what lacks a right logs in no second time"
    );
}

#[test]
fn many_requests_at_once_log_in_once() {
    let (vault, log) = vault(approle(), None, |line, _| match line {
        "POST /v1/auth/approle/login" => given("one", 100),
        _ => Answer::json(json!({})),
    });
    block_on(async {
        let request = ask();
        let all = futures::future::join_all((0..20).map(|_| vault.ask(&request))).await;
        assert!(all.iter().all(Result::is_ok));
    });
    assert_eq!(lines(&log).iter().filter(|line| line.contains("login")).count(), 1);
}

#[test]
fn a_log_in_that_is_refused_says_why_and_is_not_tried_again_at_once() {
    let login = Login::Method(LogIn::Kubernetes { mount: "kubernetes".into(), role: "ci".into(), token: env("JWT") });
    let (vault, log) = vault(login, None, |_, _| Answer::Is(400, json!({"errors": ["invalid role name \"ci\""]}).to_string()));
    block_on(async {
        for _ in 0..3 {
            let Err(Trouble::LoggedOut(why)) = vault.ask(&ask()).await else { panic!("logged in") };
            assert_eq!(why, "vault (https://server.test) answers 400: invalid role name \"ci\"");
        }
    });
    assert_eq!(lines(&log), ["POST /v1/auth/kubernetes/login"]);
}

/// What a request hears of a Vault whose health is this, while there is no file that logs in; and what was sent.
fn without_a_token(health: impl Fn() -> Answer + Clone + Send + 'static) -> (OperationError, Vec<String>) {
    let nothing = |_: &SecretReference| Err("the file vault.token is not there".to_owned());
    let secrets = Secrets::new(Box::new(nothing), Box::new(|bytes| bytes.fill(7)));
    let token = Login::Token(SecretReference::File("vault.token".to_owned()));
    let (vault, log) = vault_with(secrets, token, None, move |_, _| health());
    let error = block_on(vault.ask(&ask())).unwrap_err().into_operation_error(vault.server());
    (error, lines(&log))
}

#[test]
fn what_logs_in_lacks_first_of_all_because_nobody_initialised_or_unsealed_it() {
    let health = |status: u16| move || Answer::Is(status, json!({"initialized": status != 501, "sealed": true}).to_string());
    let then = "; then file vault.token has to hold what logs in: the file vault.token is not there";
    let cases = [
        (501, "is not initialised: `vault operator init` does that once"),
        (503, "is sealed: whoever holds its keys has to unseal it"),
    ];
    for (status, why) in cases {
        let (error, sent) = without_a_token(health(status));
        let message = format!("vault (https://server.test) {why}{then}");
        assert_eq!(error, OperationError::Busy { message, retry_after: None });
        assert_eq!(sent, ["GET /v1/sys/health?"]);
    }
    let lacks = "vault (https://server.test): the file vault.token is not there";
    for answer in [Answer::Is(200, json!({"initialized": true}).to_string()), Answer::Refused] {
        let (error, _) = without_a_token(move || answer.clone());
        assert_eq!(error.to_string(), lacks, "there is nothing else to say");
    }
}

/// What was asked for fares as if the log-in before it had been it: it is tried again at the same times.
#[test]
fn a_log_in_that_meets_nobody_is_a_vault_that_does_not_answer() {
    let (vault, _) = vault(approle(), None, |_, _| Answer::Refused);
    let error = block_on(vault.ask(&ask())).unwrap_err().into_operation_error(vault.server());
    assert!(matches!(&error, OperationError::Unreachable(why) if why.contains("Connection refused")), "{error:?}");
}

#[test]
fn what_cannot_be_a_path_or_a_token_is_never_sent() {
    let (vault, log) = vault(approle(), None, |line, _| match line {
        "POST /v1/auth/approle/login" => given("one\ntwo", 100),
        _ => Answer::json(json!({})),
    });
    for path in ["acme/data/../../sys/seal", "acme/data/a\nb", "./x"] {
        let refused = block_on(vault.ask(&Raw::post(path, None))).unwrap_err();
        assert!(matches!(&refused, Trouble::Nonsense(why) if why.contains("is no path in Vault")), "{refused:?}");
    }
    let refused = block_on(vault.ask(&ask())).unwrap_err();
    assert!(
        matches!(&refused, Trouble::Nonsense(why) if why.contains("the token has characters") && !why.contains("two")),
        "{refused:?}"
    );
    assert_eq!(lines(&log), ["POST /v1/auth/approle/login"]);
}

fn identity(answer: impl Fn() -> Answer + Clone + Send + 'static) -> Result<String, Gap> {
    let (vault, _) = vault(approle(), None, move |_, _| answer());
    block_on(vault.identity())
}

#[test]
fn health_tells_who_it_is_and_why_it_cannot_serve() {
    let health = |sealed: bool| json!({"initialized": true, "sealed": sealed, "standby": true, "cluster_id": "c-1"}).to_string();
    assert_eq!(identity(move || Answer::Is(200, health(false))), Ok("c-1".into()));
    assert_eq!(identity(move || Answer::Is(429, health(false))), Ok("c-1".into()));
    let why = |status: u16| match identity(move || {
        Answer::Is(status, json!({"initialized": status != 501, "sealed": true}).to_string())
    }) {
        Err(Gap::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(503), "vault (https://server.test) is sealed: whoever holds its keys has to unseal it");
    assert_eq!(why(501), "vault (https://server.test) is not initialised: `vault operator init` does that once");
    assert!(matches!(identity(|| Answer::Refused), Err(Gap::Unreachable(why)) if why.contains("Connection refused")));
    assert!(matches!(identity(|| Answer::Is(200, "<html>".into())), Err(Gap::Unreachable(why)) if why.contains("HTML")));
    for status in [501, 503] {
        let Err(gap) = identity(move || Answer::Is(status, "<html>at work</html>".into())) else { panic!("no gap") };
        assert!(gap.to_string().contains("HTML") && !gap.to_string().contains("sealed"), "{gap}");
    }
}

#[test]
fn a_look_in_which_an_auth_method_goes_is_begun_anew() {
    let looks = Arc::new(Mutex::new(0));
    let (vault, _) = vault(approle(), None, move |line, _| match line {
        "POST /v1/auth/approle/login" => given("one", 100),
        "GET /v1/sys/auth" => {
            let mut looks = looks.lock().unwrap();
            *looks += 1;
            let mark = r#"vamp: {"platform":"acme","applied":"d","scope":{}}"#;
            let method = json!({"type": "jwt", "description": mark});
            let all = if *looks == 1 { json!({"gone/": method, "here/": method}) } else { json!({"here/": method}) };
            Answer::json(json!({ "data": all }))
        }
        "GET /v1/auth/gone/config" => {
            Answer::Is(404, json!({"errors": ["no handler for route \"auth/gone/config\". route entry not found."]}).to_string())
        }
        _ => Answer::json(json!({"data": {"bound_issuer": "https://k"}})),
    });
    let Listing::Complete(seen) = block_on(vault.list(Kind::AuthMethod)) else { panic!("not seen") };
    assert_eq!(seen.addresses().map(|address| address.key()).collect::<Vec<_>>(), ["here"]);
}

#[test]
fn one_kind_that_may_not_be_looked_at_is_one_gap() {
    let (vault, _) = vault(approle(), None, |line, _| match line {
        "POST /v1/auth/approle/login" => given("one", 100),
        "GET /v1/sys/policy" => Answer::Is(403, json!({"errors": ["1 error occurred:\n\t* permission denied\n\n"]}).to_string()),
        _ => Answer::json(json!({"data": {}})),
    });
    block_on(async {
        assert!(matches!(vault.list(Kind::Mount).await, Listing::Complete(_)));
        let Listing::Unknown(gap) = vault.list(Kind::Policy).await else { panic!("seen") };
        assert!(gap.to_string().contains("does not allow it: permission denied (sys/policy); `vamp permissions"), "{gap}");
    });
}

#[test]
fn of_others_no_more_is_read_than_that_they_are_there() {
    let theirs = r#"Theirs
vamp: {"platform":"other","applied":"d","scope":{}}"#;
    let (vault, _) = vault(approle(), None, move |line, _| match line {
        "POST /v1/auth/approle/login" => given("one", 100),
        "GET /v1/sys/auth" => Answer::json(json!({"data": {"theirs/": {"type": "jwt", "description": theirs}}})),
        "GET /v1/sys/mounts" => {
            let options = json!({"version": "2"});
            Answer::json(json!({"data": {"theirs/": {"type": "kv", "description": theirs, "options": options}}}))
        }
        "GET /v1/sys/policy" => Answer::json(json!({"data": {"keys": ["default", "theirs", "acme-vamp"]}})),
        "GET /v1/sys/policy/acme-vamp" => Answer::json(json!({"data": {"name": "acme-vamp", "rules": ""}})),
        _ => Answer::Is(403, json!({"errors": ["1 error occurred:\n\t* permission denied\n\n"]}).to_string()),
    });
    block_on(async {
        for kind in [Kind::Mount, Kind::AuthMethod] {
            let Listing::Complete(all) = vault.list(kind).await else { panic!("{kind} not seen") };
            assert_eq!(all.values().next().unwrap().owner, Owner::Platform("other".into()));
        }
        for kind in [Kind::AuthRole, Kind::Kv] {
            assert_eq!(vault.list(kind).await, Listing::Complete(Default::default()), "{kind}");
        }
        let Listing::Complete(policies) = vault.list(Kind::Policy).await else { panic!("not seen") };
        assert_eq!(policies.addresses().map(|address| address.key()).collect::<Vec<_>>(), ["acme-vamp"]);
    });
}
