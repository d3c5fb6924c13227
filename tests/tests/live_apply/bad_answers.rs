//! Servers that answer, and badly: with a certificate that is over, without end, as an older release, or with one kind among all that we may not
//! see. The error names system, address and remedy, and the rest is looked at.

use super::platform::Platform;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn openssl(folder: &Path, arguments: &str) {
    let made = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&made.stderr));
}

/// A server with a certificate of yesterday, by an authority of its own (`ca.pem`); it ends with the value.
struct Expired(Child);

impl Expired {
    fn serve(folder: &Path, port: u16) -> Expired {
        let new = "-newkey ed25519 -nodes";
        openssl(folder, &format!("req -x509 {new} -subj /CN=authority -keyout ca.key -out ca.pem"));
        openssl(folder, &format!("req {new} -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout s.key -out s.csr"));
        openssl(folder, "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -days -1 -copy_extensions copyall -out s.pem");
        let mut command = Command::new("openssl");
        command.args(["s_server", "-quiet", "-www", "-cert", "s.pem", "-key", "s.key", "-accept", &format!("127.0.0.1:{port}")]);
        Expired(command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Expired {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// A server that answers every request so; where it is.
fn server(answer: impl Fn(&mut dyn Write) -> std::io::Result<()> + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Whoever hangs up first is no failure of the test.
            let _ = stream.read(&mut [0; 4096]).and_then(|_| answer(&mut stream));
        }
    });
    port
}

/// JSON that goes on and on.
fn endless(stream: &mut dyn Write) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\n")?;
    let chunk = format!("10000\r\n{}\r\n", "1,".repeat(0x8000));
    loop {
        stream.write_all(chunk.as_bytes())?;
    }
}

fn old(stream: &mut dyn Write) -> std::io::Result<()> {
    let body = r#"{"major":"1","minor":"28","gitVersion":"v1.28.3"}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes())
}

/// What a plan of `spec` says; it is made all the same, and plans for what does answer.
fn plan(platform: &Platform, spec: &str, words: &[&str]) {
    std::fs::write(platform.spec(), spec).unwrap();
    let said = platform.vamp(&["plan", "SPEC"]).done();
    for word in words {
        assert!(said.out.contains(word), "{word}: {}{}", said.out, said.err);
    }
    assert!(said.out.contains("\n  + "), "{}", said.out);
}

#[test]
fn servers_that_answer_badly_are_named_and_the_rest_goes_on() {
    let Some(platform) = Platform::shared("worse") else { return };
    let spec = std::fs::read_to_string(platform.spec()).unwrap();
    let folder = platform.file("");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _expired = Expired::serve(&folder, port);
    let address = format!("https://127.0.0.1:{port}");
    let authority = folder.join("ca.pem");
    let secure = format!("\"{address}\", certificateAuthority: {}", authority.display());
    let quoted = format!("\"{}\"", platform.search.address);
    assert!(spec.contains(&quoted), "{spec}");
    plan(
        &platform,
        &spec.replace(&quoted, &secure),
        &[&format!("elasticsearch.central ({address})"), "its certificate has to be renewed"],
    );

    let without_end = format!("\"http://127.0.0.1:{}\"", server(endless));
    plan(
        &platform,
        &spec.replace(&quoted, &without_end),
        &["elasticsearch.central (http://127", "answered with more than 256 MiB"],
    );

    let cluster = platform.bench.clusters().remove(1);
    let right = format!("context: {cluster}, kubeconfig: {}", platform.file("kubeconfig").display());
    assert!(spec.contains(&right), "{spec}");
    let file = platform.file("old.kubeconfig");
    let context = |server: &str, user: &str| {
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{ name: c, context: {{ cluster: c, user: u }} }}]\n\
             clusters: [{{ name: c, cluster: {server} }}]\nusers: [{{ name: u, user: {user} }}]\n"
        )
    };
    let address = format!("http://127.0.0.1:{}", server(old));
    std::fs::write(&file, context(&format!("{{ server: \"{address}\" }}"), "{}")).unwrap();
    let wrong = format!("context: c, kubeconfig: {}", file.display());
    let said = format!("cluster.{cluster} ({address}) is Kubernetes v1.28.3; vamp needs 1.33 or later");
    plan(&platform, &spec.replace(&right, &wrong), &[&said]);

    // Everything but one kind may be seen.
    let kubectl = |arguments: &[&str], input: &str| platform.bench.kubectl_in(&cluster, arguments, input);
    let name = platform.name.clone();
    let role = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "default"}},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [
            {"apiGroups": ["", "apps", "batch", "networking.k8s.io", "rbac.authorization.k8s.io"], "resources": ["*"], "verbs": ["get", "list"]},
            {"nonResourceURLs": ["*"], "verbs": ["get"]}]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": "default"}]},
    ]});
    kubectl(&["apply", "--filename", "-"], &role.to_string());
    let token = kubectl(&["create", "token", &name, "--namespace", "default"], "");
    let address = kubectl(&["config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}"], "");
    let server = format!("{{ server: \"{address}\", certificate-authority: {} }}", platform.bench.get("VAMP_BENCH_CA_FILE"));
    std::fs::write(&file, context(&server, &format!("{{ token: {token} }}"))).unwrap();
    let said = format!("cluster.{cluster} ({address}) does not allow it");
    let forbidden = spec.replace(&right, &wrong);
    plan(
        &platform,
        &forbidden,
        &[&said, "poddisruptionbudgets", &format!("cluster.{cluster}/service/{}/gateway-agent", platform.namespace())],
    );
    let said = platform.vamp(&["plan", "SPEC"]).done();
    assert!(!said.out.contains(&token) && !said.err.contains(&token));
    kubectl(&["delete", "clusterrolebinding,clusterrole", &name], "");
    kubectl(&["delete", "serviceaccount", &name, "--namespace", "default"], "");
}
