//! A spec and a world file: what a person at a shell has, without the shell.

use driver::{Answer, Consent, Machine, Settings};
use embedded::{EmbeddedPlatform, Inputs};
use model::audit::Chain;
use model::audit::verify::Account;
use model::observation::Gap;
use model::outcome::Outcome;
use model::preview::Previews;
use model::{Address, Kind, Plan, SecretReference, Timestamp};
use planner::compile::audit::chains;
use planner::compile::{Compiled, compile};
use planner::plan::{Draft, Options, Request, moves, plan};
use planner::spec::{self, Spec};
use port::{Holder, Ledger, Observe, PlatformError, Secret};
use std::path::{Path, PathBuf};

/// A spec and the world that it is applied to.
pub struct Stage {
    /// The spec.
    pub spec: Spec,
    /// What it compiles to.
    pub compiled: Compiled,
    file: PathBuf,
    folder: tempfile::TempDir,
    secrets: fn(&SecretReference) -> String,
}

/// What stands in for every secret of the environment: a text that no output may ever show.
pub const CANARY: &str = "canary-8f1c2e77-never-to-be-seen";

impl Stage {
    /// The spec in this file, and a world that does not exist yet.
    pub fn of_file(path: &Path) -> Stage {
        let text = std::fs::read_to_string(path).expect("a spec");
        Stage::of_text(&path.file_name().expect("a name").to_string_lossy(), &text)
    }

    /// This text, and a world that does not exist yet.
    pub fn of_text(name: &str, text: &str) -> Stage {
        let folder = tempfile::tempdir().expect("a folder");
        let (spec, compiled) = compiled(name, text);
        Stage { spec, compiled, file: folder.path().join("world.sqlite"), folder, secrets: |_| CANARY.to_owned() }
    }

    /// The spec is this text from now on; the world stays.
    pub fn change(&mut self, text: &str) {
        (self.spec, self.compiled) = compiled(&self.spec.file.clone(), text);
    }

    /// The folder of the world file.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The world file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Begin with a copy of this world, with what stands in the write-ahead log beside it, or with none.
    pub fn begin_with(&self, world: Option<&Path>) {
        for ending in ["", "-wal", "-shm", ".lock"] {
            drop(std::fs::remove_file(beside(&self.file, ending)));
        }
        if let Some(world) = world {
            copy_world(world, &self.file);
        }
    }

    /// The platform behind the world file.
    pub async fn open(&self) -> EmbeddedPlatform {
        EmbeddedPlatform::open(&self.file, self.inputs()).await.expect("a platform")
    }

    /// A platform like that of the world file, and in no file.
    pub async fn open_in_memory(&self) -> EmbeddedPlatform {
        EmbeddedPlatform::in_memory(self.inputs()).await.expect("a platform")
    }

    fn inputs(&self) -> Inputs {
        let secrets = self.secrets;
        let mut counter = 0_u8;
        Inputs {
            secrets: Box::new(move |reference| Ok(Secret::new(secrets(reference)))),
            entropy: Box::new(move |bytes| {
                counter = counter.wrapping_add(1);
                bytes.fill(counter);
            }),
            seed: 7,
        }
    }

    /// Look, and plan.
    pub async fn plan(&self, platform: &mut EmbeddedPlatform, options: Options) -> Plan {
        let snapshot = platform.observe(&self.compiled.connections, Kind::ALL).await.expect("a look");
        let references: Vec<_> = self.compiled.graph.secrets().into_iter().collect();
        let digests = platform.digests(&references).await.expect("digests");
        let pinned_to = platform.identities();
        let options = Options { moved: moves(&self.spec, &self.compiled.graph), ..options };
        let unasked = Previews::new();
        let request = Request {
            spec: &self.spec,
            graph: &self.compiled.graph,
            snapshot: &snapshot,
            connections: &self.compiled.connections,
            digests: &digests,
            previews: &unasked,
            options: &options,
            acts_on: &["the embedded platform of a test".to_owned()],
            pinned_to: &pinned_to,
            now: Timestamp(0),
        };
        let previews = platform.preview(&Draft::of(&request).proposals(&request)).await.expect("previews");
        plan(&Request { previews: &previews, ..request })
    }

    /// Plan, and carry it out under the lock.
    ///
    /// # Errors
    /// What the platform says when it dies on the way.
    pub async fn apply(&self, platform: &mut EmbeddedPlatform, options: Options) -> Result<Outcome, PlatformError> {
        let allowed: Vec<Address> = options.allow_destroy.iter().cloned().collect();
        let plan = self.plan(platform, options).await;
        self.carry_out(platform, &plan, allowed).await
    }

    /// Carry out a plan under the lock.
    ///
    /// # Errors
    /// What the platform says when it dies on the way.
    pub async fn carry_out(
        &self,
        platform: &mut EmbeddedPlatform,
        plan: &Plan,
        allowed: Vec<Address>,
    ) -> Result<Outcome, PlatformError> {
        let run = match platform.begin(holder()).await {
            Ok(run) => run,
            Err(port::LedgerError::Platform(error)) => return Err(error),
            Err(held) => panic!("{held}"),
        };
        let consent = Consent::given(plan, Answer::Flag, allowed).expect("a flag is a yes");
        let machine = Machine::new(plan, Settings::default(), consent, run).expect("a plan that was consented to");
        self.keep_audit(platform).await?;
        let outcome = driver::run(platform, machine, &mut |_| {}).await?;
        self.keep_audit(platform).await?;
        match platform.end().await {
            Ok(()) => Ok(outcome),
            Err(port::LedgerError::Platform(error)) => Err(error),
            Err(held) => panic!("{held}"),
        }
    }

    async fn keep_audit(&self, platform: &mut EmbeddedPlatform) -> Result<(), PlatformError> {
        match driver::audit::keep(platform).await {
            Ok(_) => Ok(()),
            Err(port::LedgerError::Platform(error)) => Err(error),
            Err(held) => panic!("{held}"),
        }
    }

    /// What every audit chain of the platform is found to be.
    pub async fn audit(&self, platform: &mut EmbeddedPlatform) -> Vec<(Chain, Result<Account, Gap>)> {
        platform.observe(&self.compiled.connections, &[]).await.expect("a look");
        driver::audit::verify(platform, chains(&self.spec)).await.expect("a journal")
    }

    /// Everything that holds data and may be destroyed.
    pub async fn all_data(&self, platform: &mut EmbeddedPlatform) -> Options {
        let options = Options { destroy: true, ..Options::default() };
        let plan = self.plan(platform, options.clone()).await;
        let subjects = plan.report.iter().filter(|note| note.kind == model::plan::NoteKind::NeedsConsent);
        let allow_destroy = subjects.map(|note| note.subject.parse().expect("an address")).collect();
        Options { allow_destroy, ..options }
    }
}

fn copy_world(from: &Path, to: &Path) {
    for ending in ["", "-wal"] {
        let (from, to) = (beside(from, ending), beside(to, ending));
        drop(std::fs::remove_file(&to));
        if from.exists() {
            std::fs::copy(&from, &to).expect("a copy");
        }
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn compiled(name: &str, text: &str) -> (Spec, Compiled) {
    let spec = spec::parse(name, text.as_bytes()).unwrap_or_else(|diagnostics| panic!("{name}: {diagnostics:?}")).spec;
    let compiled = compile(&spec).unwrap_or_else(|diagnostics| panic!("{name}: {diagnostics:?}"));
    (spec, compiled)
}

/// Who a test is, for the lock.
pub fn holder() -> Holder {
    Holder {
        name: "a test".to_owned(),
        host: "here".to_owned(),
        process: 1,
        command: "apply".to_owned(),
        since: Timestamp(0),
        expires: Timestamp(u64::MAX),
    }
}

/// The steps of a plan in words, for messages of failed tests.
pub fn words(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.iter().map(|step| {
        let changes: Vec<String> =
            step.changes.iter().map(|change| format!("{} {:?} -> {:?}", change.path, change.before, change.after)).collect();
        format!("{} {} {}", step.action.word(), step.address, changes.join("; "))
    });
    let notes = plan.report.iter().map(|note| format!("{:?} {}: {}", note.kind, note.subject, note.message));
    steps.chain(notes).collect()
}
