//! A file as it was at a revision. The `git` program is asked: it knows every form that a repository can take (work trees, partial
//! clones, what the user configured), and whoever has a repository has it.

use crate::error::CommandError;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a hook of Git sets: it would lead away from the repository that holds the file.
const OF_A_HOOK: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"];

/// What to do where there is no older revision.
const BY_FILE: &str = "give the older spec as a file: `--against OLD.yaml`";

/// The file `path` at `revision` of the repository that holds it, and what it is called: `vamp.yaml@main`. A revision may name
/// another file, as Git writes it: `main:old/vamp.yaml`.
pub(crate) fn read(path: &Path, revision: &str) -> Result<(String, Vec<u8>), CommandError> {
    let repository = Repository::of(path)?;
    let (commit, file) = match revision.split_once(':') {
        Some((commit, file)) => (commit, file.to_owned()),
        None => (revision, format!("./{}", repository.name)),
    };
    repository.check(commit, revision)?;
    let blob = repository.git([OsStr::new("cat-file"), OsStr::new("blob"), OsStr::new(&format!("{commit}:{file}"))])?;
    if blob.status.success() {
        let name = if revision.contains(':') { file } else { path.display().to_string() };
        return Ok((format!("{name}@{commit}"), blob.stdout));
    }
    let shown = file.trim_start_matches("./");
    Err(said(format!("there is no file {shown} at {commit}"), &blob)
        .hint(format!("if it was called otherwise then, name it: `--against {commit}:OLD/PATH.yaml`")))
}

/// The repository that holds a file.
struct Repository {
    folder: PathBuf,
    /// Name of the file in its folder.
    name: String,
}

impl Repository {
    fn of(path: &Path) -> Result<Self, CommandError> {
        // A link is followed to the file that the repository knows.
        let real = path.canonicalize().map_err(|error| no_repository(path).because(error))?;
        let (folder, name) = (real.parent().unwrap_or(Path::new("/")), real.file_name().unwrap_or_default());
        let repository = Repository { folder: folder.to_owned(), name: name.to_string_lossy().into_owned() };
        if !folder.is_dir() {
            return Err(no_repository(path));
        }
        let inside = repository.git(["rev-parse", "--git-dir"])?;
        if inside.status.success() { Ok(repository) } else { Err(said_of(no_repository(path), &inside)) }
    }

    /// Refuses what is no commit here.
    fn check(&self, commit: &str, revision: &str) -> Result<(), CommandError> {
        // Git knows no revision that begins so, and would take it for an option.
        let known = |name: &str| -> Result<bool, CommandError> {
            let form = format!("{name}^{{commit}}");
            Ok(!name.starts_with('-') && self.git(["rev-parse", "--verify", "--quiet", &form])?.status.success())
        };
        if known(commit)? {
            return Ok(());
        }
        if !known("HEAD")? && self.git(["rev-list", "--max-count=1", "--all"])?.stdout.is_empty() {
            let message = format!("the repository has no commit yet, so there is no {revision} to compare with");
            return Err(CommandError::new(message).hint(BY_FILE));
        }
        let failure = CommandError::new(format!("there is neither a file nor a revision {revision}"));
        let shallow = self.git(["rev-parse", "--is-shallow-repository"])?.stdout.starts_with(b"true");
        Err(if shallow {
            failure.hint(format!("this clone has a part of the history only; `git fetch --depth=1 origin {commit}` gets more"))
        } else {
            failure.hint("`git log --oneline` names revisions; `main`, `HEAD~1` and `v1.2` are such names")
        })
    }

    fn git(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Output, CommandError> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).args(arguments).stdin(Stdio::null()).env("GIT_TERMINAL_PROMPT", "0");
        for name in OF_A_HOOK {
            command.env_remove(name);
        }
        command.output().map_err(|error| {
            CommandError::new("cannot run git, which knows what the spec was before")
                .because(error)
                .hint(format!("install it, or {BY_FILE}"))
        })
    }
}

fn no_repository(path: &Path) -> CommandError {
    CommandError::new(format!("{} is in no Git repository, so nobody knows what it was before", path.display())).hint(BY_FILE)
}

fn said(message: String, output: &Output) -> CommandError {
    said_of(CommandError::new(message), output)
}

/// A failure with what Git said of it.
fn said_of(failure: CommandError, output: &Output) -> CommandError {
    let words = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
    if words.is_empty() { failure } else { failure.because(words) }
}
