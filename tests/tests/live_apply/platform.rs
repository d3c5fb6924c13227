//! A platform of its own on the bench, and `vamp` as a process that acts on it.

use super::rights::{self, Logins};
use super::search::{self, Search};
use super::specs;
use crate::bench::{Bench, unique};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Tests that break servers have the bench for themselves.
static BENCH: RwLock<()> = RwLock::new(());

/// What holds the bench while a test is at work.
#[expect(dead_code, reason = "held, not looked at")]
enum Hold {
    Shared(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

/// One platform, its spec, and the bench that it is on.
pub(crate) struct Platform {
    pub(crate) bench: Bench,
    /// Its name: nobody else's.
    pub(crate) name: String,
    /// Its Elasticsearch.
    pub(crate) search: Search,
    /// With what `vamp` logs in: what `vamp permissions` prints, and no more.
    pub(crate) logins: Logins,
    folder: tempfile::TempDir,
    _hold: Hold,
}

/// What a call of `vamp` came to.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The plan that it printed.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn done(self) -> Said {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self
    }
}

impl Platform {
    /// A platform whose test breaks nothing that others use; nothing if the bench is not up.
    pub(crate) fn shared(name: &str) -> Option<Platform> {
        let hold = Hold::Shared(BENCH.read().unwrap_or_else(|poisoned| poisoned.into_inner()));
        Platform::new(name, hold)
    }

    /// A platform whose test breaks servers.
    pub(crate) fn alone(name: &str) -> Option<Platform> {
        let hold = Hold::Alone(BENCH.write().unwrap_or_else(|poisoned| poisoned.into_inner()));
        Platform::new(name, hold)
    }

    /// A platform that runs its stores itself, in one cluster with everything else, and a Vault that stores so.
    pub(crate) fn inside(name: &str, vault: &str) -> Option<Platform> {
        let hold = Hold::Shared(BENCH.read().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let mut platform = Platform::bare(name, hold)?;
        std::fs::write(platform.spec(), specs::inside(&platform, vault)).unwrap();
        platform.logins = rights::give_in_clusters(&platform, &[platform.home()]);
        Some(platform)
    }

    /// A platform without a spec so far; what the administrator may do is open to it.
    pub(crate) fn anywhere(name: &str) -> Option<Platform> {
        let hold = Hold::Shared(BENCH.read().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let mut platform = Platform::bare(name, hold)?;
        platform.logins.insert("SEARCH_LOGIN".into(), "elastic:known".into());
        std::fs::copy(platform.bench.get("VAMP_BENCH_KUBECONFIG"), platform.file("kubeconfig")).unwrap();
        Some(platform)
    }

    fn new(name: &str, hold: Hold) -> Option<Platform> {
        let mut platform = Platform::bare(name, hold)?;
        platform.write("{ env: VAULT_LOGIN }", "credentials");
        platform.logins = rights::give(&platform);
        Some(platform)
    }

    fn bare(name: &str, hold: Hold) -> Option<Platform> {
        let bench = Bench::with("VAMP_BENCH_KUBECONFIG")?;
        let name = unique(name).replace('-', "");
        let (search, folder) = (search::serve(), tempfile::tempdir().unwrap());
        Some(Platform { bench, name, search, logins: Logins::new(), folder, _hold: hold })
    }

    /// Its spec, with this way to log in to Vault.
    pub(crate) fn write(&self, log_in: &str, key: &str) {
        std::fs::write(self.spec(), specs::outside(self, &format!("{key}: {log_in}"))).unwrap();
    }

    pub(crate) fn spec(&self) -> PathBuf {
        self.folder.path().join("spec.yaml")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The namespace of the only environment.
    pub(crate) fn namespace(&self) -> String {
        format!("{}-shop-staging", self.name)
    }

    /// The cluster of a platform that has one only.
    pub(crate) fn home(&self) -> String {
        self.bench.clusters().remove(1)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vamp-under-test"));
        command.args(arguments).current_dir(self.folder.path()).env("USER", "anna").envs(&self.logins).stdin(Stdio::null());
        command
    }

    /// Run `vamp`; SPEC stands for the spec's file.
    pub(crate) fn vamp(&self, arguments: &[&str]) -> Said {
        let spec = self.spec();
        let arguments: Vec<&str> =
            arguments.iter().map(|one| if *one == "SPEC" { spec.to_str().unwrap() } else { one }).collect();
        let output = self.command(&arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    pub(crate) fn apply(&self) -> Said {
        self.vamp(&["apply", "SPEC", "--yes"])
    }

    /// Nothing is left to do, as far as a new look tells.
    pub(crate) fn is_settled(&self) {
        let said = self.vamp(&["plan", "SPEC", "--detailed-exitcode"]);
        assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
        assert!(said.out.contains("Nothing to do"), "{}", said.out);
    }

    /// An apply that is under way: so many steps are done.
    pub(crate) fn apply_until(&self, steps: usize) -> Running {
        self.apply_until_said(&format!("({steps} of "))
    }

    /// An apply that is under way, and has said this.
    pub(crate) fn apply_until_said(&self, text: &str) -> Running {
        let mut command = self.command(&["apply", self.spec().to_str().unwrap(), "--yes"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        for line in lines.by_ref().map_while(Result::ok) {
            said.push_str(&line);
            said.push('\n');
            if line.contains(text) {
                break;
            }
        }
        // It goes on talking, and somebody has to listen.
        let rest = std::thread::spawn(move || lines.map_while(Result::ok).map(|line| line + "\n").collect::<String>());
        Running { child, said, rest }
    }

    /// The same while something is done to a server: the process stands still meanwhile, or it might be done before. So short a time that
    /// it keeps its lock.
    pub(crate) fn apply_until_and(&self, steps: usize, done: impl FnOnce()) -> Running {
        let run = self.apply_until(steps);
        run.signal(rustix::process::Signal::STOP);
        done();
        run.signal(rustix::process::Signal::CONT);
        run
    }

    pub(crate) fn kubectl(&self, cluster: &str, arguments: &[&str]) -> String {
        self.bench.kubectl_in(cluster, &[&["--namespace", &self.namespace()], arguments].concat(), "")
    }

    /// Where the API server of a cluster is.
    pub(crate) fn server(&self, cluster: &str) -> String {
        let path = format!("jsonpath={{.clusters[?(@.name==\"{cluster}\")].cluster.server}}");
        self.bench.kubectl(&["config", "view", "--output", &path], "")
    }

    /// Break or mend a server of the bench.
    pub(crate) fn fault(&self, what: &str, server: &str) {
        let done = Command::new(tests::root().join("tests/bench/fault"))
            .args([what, server])
            .env("VAMP_BENCH_DIR", self.bench.get("VAMP_BENCH_DIR"))
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Start all that does not run, and unseal Vault.
    pub(crate) fn mend(&self) {
        let done = Command::new(tests::root().join("tests/bench/up"))
            .env("VAMP_BENCH_DIR", self.bench.get("VAMP_BENCH_DIR"))
            .output()
            .unwrap();
        assert!(matches!(done.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Platform {
    /// Its pods make room for those of others; what is in the stores goes with the bench.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.mend();
        }
        for cluster in self.bench.clusters() {
            let namespaces = [self.name.as_str(), &self.namespace()];
            let delete = [&["delete", "namespace", "--ignore-not-found", "--wait=false"], &namespaces[..]].concat();
            self.bench.kubectl_in(&cluster, &delete, "");
            rights::take(self, &cluster);
        }
    }
}

/// A `vamp` that is at work.
pub(crate) struct Running {
    child: Child,
    said: String,
    rest: std::thread::JoinHandle<String>,
}

impl Running {
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, signal).unwrap();
    }

    /// Wait for its end.
    pub(crate) fn ended(mut self) -> Said {
        let code = self.child.wait().unwrap().code();
        let rest = self.rest.join().unwrap();
        Said { code, out: String::new(), err: self.said + &rest }
    }
}
