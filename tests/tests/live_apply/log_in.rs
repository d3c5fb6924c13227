//! Logged in to Vault by AppRole, with tokens that end in the middle of the apply.

use super::platform::Platform;
use rustix::process::Signal;
use serde_json::Value;
use std::time::Duration;

#[test]
fn a_token_that_ends_in_the_middle_is_renewed_or_come_by_anew() {
    let Some(platform) = Platform::shared("login") else { return };
    let (bench, mount) = (&platform.bench, format!("approle-{}", platform.name));
    bench.curl_vault("POST", &format!("sys/auth/{mount}"), r#"{"type":"approle"}"#);
    // A token lives for two seconds, and for six with all renewals.
    let role = format!(
        r#"{{"token_policies":"vamp-{}","token_no_default_policy":true,"token_ttl":"2s","token_max_ttl":"6s"}}"#,
        platform.name
    );
    bench.curl_vault("POST", &format!("auth/{mount}/role/vamp"), &role);
    let read = |answer: String, field: &str| {
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["data"][field].as_str().unwrap().to_owned()
    };
    let id = read(bench.curl_vault("GET", &format!("auth/{mount}/role/vamp/role-id"), ""), "role_id");
    let secret = read(bench.curl_vault("POST", &format!("auth/{mount}/role/vamp/secret-id"), "{}"), "secret_id");
    std::fs::write(platform.file("id"), id).unwrap();
    std::fs::write(platform.file("secret"), secret).unwrap();
    platform
        .write(&format!("{{ appRole: {{ mount: {mount}, roleId: {{ file: id }}, secretId: {{ file: secret }} }} }}"), "logIn");

    let run = platform.apply_until(5);
    // Its token ends while it sleeps.
    run.signal(Signal::STOP);
    std::thread::sleep(Duration::from_secs(3));
    run.signal(Signal::CONT);
    let said = run.ended();
    assert_eq!(said.code, Some(0), "{}", said.err);
    platform.is_settled();

    // A log-in that is no more is told as what it is.
    std::fs::write(platform.file("secret"), "no-such-secret").unwrap();
    let refused = platform.vamp(&["plan", "SPEC"]).done();
    assert!(refused.out.contains("unknown vault cannot be looked at"), "{}", refused.out);
    assert!(!refused.out.contains("no-such-secret") && !refused.err.contains("no-such-secret"));
    std::fs::write(platform.file("secret"), "").unwrap();
    platform.write("{ env: VAULT_LOGIN }", "credentials");
}
