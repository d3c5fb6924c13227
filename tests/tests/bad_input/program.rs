//! `vamp` as a process in a folder of its own, watched: what holds for every call, whatever it was given, is asserted here.

use planner::render::style::is_unsafe;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The program.
pub(crate) const VAMP: &str = env!("CARGO_BIN_EXE_vamp-under-test");

/// No call with bad input may take so long, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What every failure is told with.
const ALWAYS: &[&str] = &["error", "help:"];

/// A folder with a spec and nothing else.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    /// The quickstart as `vamp.yaml`.
    pub(crate) fn new() -> Folder {
        let folder = tempfile::tempdir().expect("a folder");
        fs::copy(tests::root().join("specs/valid/quickstart.yaml"), folder.path().join("vamp.yaml")).expect("the spec");
        Folder { folder }
    }

    /// The same with a world that the spec was applied to.
    pub(crate) fn applied() -> Folder {
        let folder = Folder::new();
        folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").run().done();
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("a file")
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).expect("text")
    }

    /// The spec with something else in it.
    pub(crate) fn edit_spec(&self, from: &str, to: &str) {
        let spec = self.text("vamp.yaml");
        assert!(spec.contains(from), "{from}");
        self.write("vamp.yaml", spec.replace(from, to));
    }

    /// Names and contents of everything in the folder, but for the world's lock file, which is always empty.
    pub(crate) fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder").map(|entry| entry.expect("an entry").path());
        let files = entries.filter(|path| path.is_file() && path.extension() != Some(OsStr::new("lock")));
        files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())).collect()
    }

    /// A call of `vamp` with these arguments, separated by blanks.
    pub(crate) fn vamp(&self, arguments: &str) -> Call {
        self.vamp_with(arguments.split_whitespace())
    }

    /// A call of `vamp` with these arguments.
    pub(crate) fn vamp_with(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Call {
        let mut command = Command::new(VAMP);
        command.args(arguments);
        self.call(command)
    }

    /// A line for the shell in which `$VAMP` is the program.
    pub(crate) fn shell(&self, line: &str) -> Call {
        let mut command = Command::new("sh");
        command.args(["-c", line]).env("VAMP", VAMP);
        self.call(command)
    }

    fn call(&self, mut command: Command) -> Call {
        command.current_dir(self.folder.path()).env_remove("NO_COLOR").env_remove("RUST_BACKTRACE");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Call { command }
    }

    /// What is in the world, in words that do not depend on how the file is laid out.
    pub(crate) fn world(&self) -> Value {
        self.vamp("world show --format json --embedded w.sqlite").run().json()
    }

    /// Refused, with the folder and the world in it as they were.
    pub(crate) fn refuses(&self, arguments: &str, code: i32, words: &[&str]) -> Ended {
        let before = self.contents();
        let ended = self.vamp(arguments).run();
        ended.failed(code, words);
        assert_same(&before, &self.contents(), arguments);
        ended
    }

    /// The same as text and as JSON.
    pub(crate) fn refuses_both(&self, arguments: &str, words: &[&str]) {
        self.refuses(arguments, 1, words);
        let before = self.contents();
        let ended = self.vamp(&format!("{arguments} --format json")).run();
        ended.refused_as_json(words);
        assert_same(&before, &self.contents(), arguments);
    }
}

fn assert_same(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>, what: &str) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(before), names(after), "{what}: other files than before");
    for (name, content) in before {
        assert!(after.get(name) == Some(content), "{what}: {name} was changed");
    }
}

/// A call that has not been made yet.
pub(crate) struct Call {
    command: Command,
}

impl Call {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Call {
        self.command.env(name, value);
        self
    }

    /// With this environment alone.
    pub(crate) fn env_only(mut self, variables: &[(&str, &str)]) -> Call {
        self.command.env_clear().envs(variables.iter().copied());
        self
    }

    pub(crate) fn start(mut self) -> Child {
        self.command.spawn().expect("vamp starts")
    }

    /// Run to the end, and assert what holds for every call.
    pub(crate) fn run(self) -> Ended {
        let said = format!("{:?}", self.command);
        let mut child = self.start();
        let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("a status") {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                child.kill().expect("it ends");
                panic!("{said} does not come to an end");
            }
            thread::sleep(Duration::from_millis(5));
        };
        let text = |stream: thread::JoinHandle<Vec<u8>>| String::from_utf8(stream.join().unwrap()).expect("UTF-8");
        let ended = Ended { said, code: status.code(), signal: status.signal(), out: text(out), err: text(err) };
        ended.check();
        ended
    }
}

fn collect(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            stream.read_to_end(&mut bytes).expect("output");
        }
        bytes
    })
}

/// How a call ended.
pub(crate) struct Ended {
    said: String,
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// What a failed test shows of it: not all, for some of the inputs are huge.
impl fmt::Debug for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = |text: &str| text.chars().take(3000).collect::<String>();
        let Ended { said, code, signal, out, err } = self;
        write!(formatter, "{}\n{code:?} {signal:?}\nout: {}\nerr: {}", head(said), head(out), head(err))
    }
}

impl Ended {
    fn check(&self) {
        for stream in [&self.out, &self.err] {
            for word in ["panicked", "RUST_BACKTRACE", "unwrap()", "src/"] {
                assert!(!stream.contains(word), "{word} in {self:?}");
            }
            let steers = |character: char| character != '\n' && is_unsafe(character);
            assert!(!stream.contains(steers), "what steers a terminal is shown as it is: {self:?}");
        }
    }

    /// All went well.
    pub(crate) fn done(&self) {
        assert_eq!((self.code, self.signal), (Some(0), None), "{self:?}");
    }

    /// It failed with this code, said these words on standard error with a remedy, and wrote no data.
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.signal), (Some(code), None), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        // Of the argument parser, which has no "help:", the usage is the remedy.
        let always = if code == 64 && !self.err.contains("help:") { &["error", "--help"] } else { ALWAYS };
        for word in always.iter().chain(words) {
            assert!(self.err.contains(word), "no {word:?} in {self:?}");
        }
    }

    /// It failed with 1 and told it to a program: diagnostics as JSON, with these words and a remedy.
    pub(crate) fn refused_as_json(&self, words: &[&str]) {
        assert_eq!((self.code, self.signal), (Some(1), None), "{self:?}");
        let json = self.json();
        let found = json["diagnostics"].as_array().unwrap_or_else(|| panic!("no diagnostics: {self:?}"));
        assert!(!found.is_empty(), "{self:?}");
        for diagnostic in found {
            assert!(diagnostic["severity"].is_string() && diagnostic["message"].is_string(), "{self:?}");
        }
        assert!(found.iter().any(|diagnostic| diagnostic["help"].is_string()), "no remedy: {self:?}");
        let text = decoded(&json);
        for word in words {
            assert!(text.contains(word), "no {word:?} in {self:?}");
        }
    }

    /// Its data.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// All texts of a JSON value, as a program reads them.
fn decoded(json: &Value) -> String {
    match json {
        Value::String(text) => format!("{text}\n"),
        Value::Array(items) => items.iter().map(decoded).collect(),
        Value::Object(fields) => fields.values().map(decoded).collect(),
        other => format!("{other}\n"),
    }
}
