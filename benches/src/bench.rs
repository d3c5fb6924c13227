//! The test bench, as far as it is measured on: what it wrote down of itself, its `kubectl`, and kubeconfigs that lead to it.

use crate::measure::{Process, run};
use crate::proxy::delayed;
use crate::subject::CONTEXT;
use crate::table::Failure;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The bench, and where this writes down what it needs.
#[derive(Debug)]
pub struct Bench {
    known: BTreeMap<String, String>,
    /// Files of this process; they go with it.
    pub folder: tempfile::TempDir,
}

/// How long the servers rest before something is measured on them.
const REST: Duration = Duration::from_secs(5);

/// An error as a sentence.
pub(crate) fn worded(error: impl std::fmt::Display) -> Failure {
    error.to_string()
}

impl Bench {
    /// The bench, if it is up and has clusters: what it wrote down of itself. It names only what could be had.
    ///
    /// # Errors
    /// What the operating system says when no folder can be had.
    pub fn found() -> Result<Option<Bench>, Failure> {
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
        let state = || std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(home).map(|state| state.join("vamp-bench"));
        let Some(directory) = std::env::var_os("VAMP_BENCH_DIR").map(PathBuf::from).or_else(state) else { return Ok(None) };
        let Ok(text) = std::fs::read_to_string(directory.join("bench.env")) else { return Ok(None) };
        let entry = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()));
        let known: BTreeMap<String, String> = text.lines().filter_map(entry).collect();
        if !known.contains_key("VAMP_BENCH_KUBECONFIG") {
            return Ok(None);
        }
        Ok(Some(Bench { known, folder: tempfile::tempdir().map_err(worded)? }))
    }

    /// What it wrote down under this name.
    ///
    /// # Errors
    /// A sentence, if it did not.
    pub fn get(&self, name: &str) -> Result<&str, Failure> {
        self.known.get(name).map(String::as_str).ok_or_else(|| format!("the bench has no {name}"))
    }

    /// Names of its clusters, which are those of their contexts.
    ///
    /// # Errors
    /// A sentence, if it has none.
    pub fn clusters(&self) -> Result<Vec<&str>, Failure> {
        Ok(self.get("VAMP_BENCH_CLUSTERS")?.split(' ').collect())
    }

    /// Run kubectl.
    ///
    /// # Errors
    /// What it says, if it fails.
    pub fn kubectl(&self, kubeconfig: &Path, arguments: &[&str]) -> Result<Process, Failure> {
        let mut command = Command::new(self.get("VAMP_BENCH_KUBECTL")?);
        command.arg("--kubeconfig").arg(kubeconfig).arg("--cache-dir").arg(self.folder.path().join("discovery")).args(arguments);
        let process = run(&mut command).map_err(worded)?;
        if process.code == Some(0) { Ok(process) } else { Err(format!("kubectl {arguments:?}: {}", process.errors.trim())) }
    }

    /// The time that curl takes to send `bodies`, each as one `POST` to `path`, and as many under way at once: what the server takes, with next
    /// to nothing before it.
    ///
    /// # Errors
    /// What curl says, if one of them is refused.
    pub fn curl(&self, kubeconfig: &Path, path: &str, bodies: &[serde_json::Value], at_once: u32) -> Result<Duration, Failure> {
        let config: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(kubeconfig).map_err(worded)?).map_err(worded)?;
        let (server, token) = (&config["clusters"][0]["cluster"]["server"], &config["users"][0]["user"]["token"]);
        let url = format!("{}{path}", server.as_str().unwrap_or_default());
        let authorization = format!("Authorization: Bearer {}", token.as_str().unwrap_or_default());
        let one = |body: &serde_json::Value| {
            let body = body.to_string();
            format!(
                "url = {url:?}\ncacert = {:?}\nfail\nsilent\nshow-error\noutput = \"/dev/null\"\nheader = {authorization:?}\n\
                 header = \"Content-Type: application/json\"\ndata = {body:?}\n",
                self.get("VAMP_BENCH_CA_FILE").unwrap_or_default()
            )
        };
        // Arguments are for everybody to see; a file of this process is not.
        let requests = self.folder.path().join("requests");
        std::fs::write(&requests, bodies.iter().map(one).collect::<Vec<_>>().join("next\n")).map_err(worded)?;
        let mut command = Command::new("curl");
        command.args(["--parallel", "--parallel-max", &at_once.to_string(), "--config"]).arg(&requests);
        let process = run(&mut command).map_err(worded)?;
        if process.code == Some(0) { Ok(process.took) } else { Err(format!("curl: {}", process.errors.trim())) }
    }

    /// What the bench's kubeconfig says of one cluster, whose server is so far away.
    ///
    /// # Errors
    /// A sentence, if there is no such cluster, or no port for a proxy.
    pub fn config(&self, cluster: &str, away: Option<Duration>) -> Result<serde_json::Value, Failure> {
        let all = Path::new(self.get("VAMP_BENCH_KUBECONFIG")?);
        let view = ["config", "view", "--raw", "--minify", "--flatten", "--output", "json", "--context", cluster];
        let mut config: serde_json::Value = serde_json::from_str(&self.kubectl(all, &view)?.output).map_err(worded)?;
        if let Some(away) = away {
            let server = config["clusters"][0]["cluster"]["server"].as_str().unwrap_or_default().trim_start_matches("https://");
            let proxy = delayed(server.parse().map_err(worded)?, away).map_err(worded)?;
            config["clusters"][0]["cluster"]["server"] = format!("https://{proxy}").into();
        }
        Ok(config)
    }

    /// A kubeconfig for the last cluster of the bench, whose server is so far away.
    ///
    /// # Errors
    /// As [`Bench::config`].
    pub fn kubeconfig(&self, away: Option<Duration>) -> Result<PathBuf, Failure> {
        let mut config = self.config(self.clusters()?.last().copied().unwrap_or_default(), away)?;
        config["contexts"][0]["name"] = CONTEXT.into();
        config["current-context"] = CONTEXT.into();
        let path = self.folder.path().join(format!("kubeconfig-{}", away.map_or(0, |away| away.as_millis())));
        std::fs::write(&path, config.to_string()).map_err(worded)?;
        Ok(path)
    }

    /// Wait until the servers are done with what was asked before: their controllers hear of it later.
    #[allow(clippy::disallowed_methods, reason = "a pause is what this is for")]
    pub fn rest(&self) {
        std::thread::sleep(REST);
    }

    /// `work` in a namespace of its own, which goes again.
    ///
    /// # Errors
    /// What kubectl says, or `work`.
    pub fn within<T>(&self, kubeconfig: &Path, name: &str, work: impl FnOnce(&str) -> Result<T, Failure>) -> Result<T, Failure> {
        let name = format!("figures-{}-{name}", std::process::id());
        self.kubectl(kubeconfig, &["create", "namespace", &name])?;
        let result = work(&name);
        // Nobody waits for it, and nothing that is measured afterwards looks into it: it is gone by then.
        self.kubectl(kubeconfig, &["delete", "namespace", &name, "--wait=true", "--timeout=300s"])?;
        result
    }
}
