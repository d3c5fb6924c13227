//! What breaks in a scenario, in either arm.

use crate::contract::arm::{Answer, Arm, Question};
use crate::contract::case::Subject;
use crate::contract::real::Real;
use crate::contract::simulated::{CLUSTER, Simulated};
use serde_json::Value;
use simulator::fault::Fault;
use simulator::kubernetes::ContainerTimes;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What can break, and be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    Node(String),
    Drain(String),
    Api,
}

/// An arm whose nodes and servers can break.
#[allow(async_fn_in_trait, reason = "a test runs on one thread")]
pub(crate) trait Breakable {
    /// Whether time passes only when it is told to.
    const VIRTUAL: bool;

    async fn answer(&mut self, question: &Question) -> Answer;

    async fn pass(&mut self, length: Duration);

    /// Let pods start, become ready and end as the annotations of the scenarios say, where they are not heeded.
    async fn prepare(&mut self) {}

    async fn make_break(&mut self, what: &Break);

    async fn mend(&mut self, what: &Break);

    /// Everything that was begun has come to its end.
    async fn settle(&mut self) {}
}

/// Ask the API server.
pub(crate) async fn ask(arm: &mut impl Breakable, method: &str, path: &str, body: Option<Value>) -> Answer {
    let content = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let question = Question {
        subject: Subject::Kubernetes,
        method: method.into(),
        path: path.into(),
        query: BTreeMap::new(),
        content: content.into(),
        body,
        token: None,
    };
    arm.answer(&question).await
}

fn fault(what: &Break) -> Fault {
    let (word, name) = match what {
        Break::Node(node) => ("node", format!("{CLUSTER}/{node}")),
        Break::Drain(node) => ("node-drained", format!("{CLUSTER}/{node}")),
        Break::Api => ("api", CLUSTER.to_owned()),
    };
    Fault::by_hand(word, Some(&name)).unwrap()
}

impl Breakable for Simulated {
    const VIRTUAL: bool = true;

    async fn answer(&mut self, question: &Question) -> Answer {
        self.ask(question).await
    }

    async fn pass(&mut self, length: Duration) {
        Arm::pass(self, length).await;
    }

    async fn prepare(&mut self) {
        let times = ContainerTimes { pull: (0, 0), start: (1_000, 1_000), stop: (1_500, 1_500) };
        self.alter(|world| world.set_container_times(CLUSTER, times)).await;
    }

    async fn make_break(&mut self, what: &Break) {
        self.alter(|world| world.inject(&fault(what))).await.unwrap();
    }

    async fn mend(&mut self, what: &Break) {
        self.alter(|world| world.mend(&fault(what))).await.unwrap();
    }
}

/// The real arm, and the commands that somebody runs beside it.
pub(crate) struct Bench {
    pub(crate) real: Real,
    running: Vec<Child>,
}

impl Bench {
    pub(crate) fn new(real: Real) -> Self {
        Bench { real, running: Vec::new() }
    }

    /// Begin a script of the bench, and look on meanwhile.
    fn begin(&mut self, name: &str, arguments: &[&str]) {
        let command = self.real.servers.command(name, arguments);
        self.spawn(command);
    }

    fn begin_kubectl(&mut self, arguments: &[&str]) {
        let (bench, cluster) = (&self.real.servers.bench, &self.real.servers.cluster);
        let mut command = Command::new(bench.get("VAMP_BENCH_KUBECTL"));
        command.args(["--kubeconfig", bench.get("VAMP_BENCH_KUBECONFIG"), "--context", cluster]).args(arguments);
        self.spawn(command);
    }

    fn spawn(&mut self, mut command: Command) {
        self.running.push(command.stdout(Stdio::null()).spawn().unwrap());
    }
}

impl Breakable for Bench {
    const VIRTUAL: bool = false;

    async fn answer(&mut self, question: &Question) -> Answer {
        self.real.ask(question).await
    }

    async fn pass(&mut self, length: Duration) {
        self.real.pass(length).await;
    }

    async fn make_break(&mut self, what: &Break) {
        let cluster = self.real.servers.cluster.clone();
        match what {
            Break::Node(node) => self.begin("node-fail", &[&format!("{cluster}/{node}")]),
            Break::Drain(node) => self.begin_kubectl(&["drain", node]),
            Break::Api => self.begin("fault", &["kill", &format!("{cluster}/apiserver")]),
        }
    }

    async fn mend(&mut self, what: &Break) {
        let cluster = self.real.servers.cluster.clone();
        match what {
            Break::Node(node) => self.begin("node-heal", &[&format!("{cluster}/{node}")]),
            Break::Drain(node) => self.begin_kubectl(&["uncordon", node]),
            Break::Api => self.begin("fault", &["start", &format!("{cluster}/apiserver")]),
        }
    }

    async fn settle(&mut self) {
        for mut child in std::mem::take(&mut self.running) {
            let status = child.wait().unwrap();
            assert!(status.success(), "a command of the bench ended with {status}");
        }
    }
}
