//! Connections that lead nowhere, to something else, or to a server that does not know us: an error that names the system and what can be
//! done about it, and the rest is looked at all the same.

use super::platform::Platform;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A server that answers every request with this, whatever it is asked, and hangs up.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            // Whoever hangs up first is no failure of the test.
            let _ = stream.read(&mut request).and_then(|_| stream.write_all(answer.as_bytes()));
        }
    });
    address
}

#[test]
fn what_cannot_be_reached_is_named_with_a_remedy_and_the_rest_goes_on() {
    let Some(platform) = Platform::shared("bad") else { return };
    let spec = std::fs::read_to_string(platform.spec()).unwrap();
    let cluster = platform.bench.clusters().remove(1);
    let vault = platform.bench.get("VAMP_BENCH_VAULT_ADDRESSES").split(' ').next().unwrap().to_owned();
    let authority = platform.bench.get("VAMP_BENCH_CA_FILE").to_owned();
    let in_vault = format!("certificateAuthority: {authority}\n    credentials");
    let other = platform.file("other.pem");
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=another", "-keyout"])
        .args([platform.file("other.key"), "-out".into(), other.clone()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let html = server("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html>log in<");
    let half = server("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"cluster_uuid\":");
    let old = server("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}");
    let context = format!("context: {cluster},");
    let file = |path: &str| format!("certificateAuthority: {path}\n    credentials");
    let search = platform.search.address.as_str();
    let cases: [(&str, &str, String, &[&str]); 9] = [
        ("a context", &context, "context: nowhere,".into(), &["has no context \"nowhere\"; it has: bench-"]),
        ("HTML", search, html, &["elasticsearch.central (http://", "HTML"]),
        ("half an answer", search, half, &["elasticsearch.central (http://", "broke off"]),
        ("another server", search, old, &["elasticsearch.central"]),
        ("nobody", search, "http://127.0.0.1:9".into(), &["elasticsearch.central (http://127.0.0.1:9)", "does it run"]),
        ("no TLS", &vault, vault.replace("https", "http"), &["vault (http://"]),
        ("another authority", &in_vault, file(other.to_str().unwrap()), &["vault (https://", "`certificateAuthority`"]),
        ("no authority", &in_vault, file("/nowhere.pem"), &["the file /nowhere.pem of its authority cannot be read"]),
        ("a wrong token", "VAULT_LOGIN", "SEARCH_LOGIN".into(), &["vault (https://", "does not take the token"]),
    ];
    for (what, right, wrong, said) in cases {
        assert!(spec.contains(right), "{what}: {right}");
        std::fs::write(platform.spec(), spec.replace(right, &wrong)).unwrap();
        let plan = platform.vamp(&["plan", "SPEC"]).done();
        for word in said {
            assert!(plan.out.contains(word), "{what}: {word}: {}{}", plan.out, plan.err);
        }
        assert!(plan.out.contains("\n  + "), "{what}: {}", plan.out);
        assert!(!plan.out.contains("hunter2") && !plan.err.contains("hunter2"), "{what}");
    }
    // What keeps the lock and the journal has to answer, and nothing is looked at with a secret that is not there.
    let refused: [(&str, &str, &[&str]); 2] = [
        ("MYSQL_LOGIN", "SEARCH_LOGIN", &["Access denied for user 'elastic'", "check the user and the password"]),
        ("MYSQL_LOGIN", "NOT_THERE", &["a secret that the spec names is not there: environment variable NOT_THERE"]),
    ];
    for (right, wrong, said) in refused {
        std::fs::write(platform.spec(), spec.replace(right, wrong)).unwrap();
        let plan = platform.vamp(&["plan", "SPEC"]);
        assert_eq!(plan.code, Some(1), "{}{}", plan.out, plan.err);
        assert!(said.iter().all(|word| plan.err.contains(word)), "{said:?}: {}", plan.err);
        assert!(!plan.err.contains("hunter2"), "{}", plan.err);
    }
}
