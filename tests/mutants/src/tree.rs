//! A copy of the sources in which every change is woven in, built once.

use crate::find::{Constants, Mutation, constants, mutations};
use crate::weave::{SWITCH, weave};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What has gone wrong, for whoever sits at the terminal.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the engine's planner is built from.
const PLANNER: &[&str] = &["Cargo.toml", "Cargo.lock", "engine/model", "engine/planner", "docs", "specs"];

/// What the tests of rules are built from and look at.
const SEEN: &[&str] = &["docs/policies", "specs", "golden/policies", "tests/schemas", "tests/tests/policies.rs"];

/// Manifest of the only crate of tests in the copy: `tests/tests/policies.rs` needs no more, and the rest takes minutes to build.
const MANIFEST: &str = r#"[package]
name = "tests"
edition.workspace = true
[dev-dependencies]
planner.workspace = true
serde_json.workspace = true
jsonschema.workspace = true
"#;

/// What changed sources may do: `x - 1` of a constant may overflow, parentheses are too many.
const ALLOWED: &[&str] = &["warnings", "arithmetic_overflow", "unconditional_panic"];

/// Where the rules are.
const RULES: &str = "engine/planner/src/policy/rules";
/// What several of them decide by.
const SHARED: &[&str] = &["capacity", "facts", "older", "residency", "subject", "waiver"];

/// A source with everything that can be changed in it.
pub struct Source {
    /// `VGA-1` for a rule, `capacity` for what several share.
    pub name: String,
    path: String,
    text: String,
    /// Each change with its number, which is unique among all sources.
    pub mutations: Vec<(usize, Mutation)>,
}

impl Source {
    /// Whether it is a rule, which has specs of its own.
    pub fn is_rule(&self) -> bool {
        self.path.starts_with(RULES)
    }
}

/// The sources of all rules and of what they share, in order.
pub fn sources(root: &Path) -> Result<Vec<Source>> {
    let mut files: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir(root.join(RULES))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let stem = name.trim_end_matches(".rs").to_owned();
        files.push((format!("{RULES}/{name}"), stem));
    }
    files.sort();
    files.extend(SHARED.iter().map(|stem| (format!("engine/planner/src/policy/{stem}.rs"), (*stem).to_owned())));
    let texts: Vec<String> = files.iter().map(|(path, _)| fs::read_to_string(root.join(path))).collect::<std::io::Result<_>>()?;
    let mut known = Constants::new();
    for ((_, stem), text) in files.iter().zip(&texts) {
        known.extend(constants(stem, text)?);
    }
    let mut number = 0;
    let mut sources = Vec::new();
    for ((path, stem), text) in files.into_iter().zip(texts) {
        let numbered = mutations(&stem, &text, &known)?.into_iter().map(|mutation| {
            number += 1;
            (number, mutation)
        });
        let mutations = numbered.collect();
        let name = if path.starts_with(RULES) { stem.to_uppercase().replace('_', "-") } else { stem };
        sources.push(Source { name, path, text, mutations });
    }
    Ok(sources)
}

/// The crates of the copy.
const MEMBERS: &[&str] = &["engine/model", "engine/planner", "seen/tests"];

/// Folder of what the tests look at, beside what is built: it changes with the rule that is tried, and nothing is built anew for that.
const INSIDE: &str = "seen";
const SPECS: &str = "specs/policies";

impl Tree {
    /// Lets the tests see the specs of this rule only, or of all rules.
    pub fn show(&self, rule: Option<&str>) -> Result<()> {
        let shown = self.folder.join(INSIDE).join(SPECS);
        if shown.exists() {
            fs::remove_dir_all(&shown)?;
        }
        let inside = rule.unwrap_or_default();
        copy(&self.folder.join(SPECS).join(inside), &shown.join(inside))
    }
}

/// The copy, with the programs that run its tests.
pub struct Tree {
    /// Its folder.
    pub folder: PathBuf,
    /// The tests of `tests/tests/policies.rs`.
    pub policies: PathBuf,
    /// The unit tests of the planner.
    pub units: PathBuf,
}

/// Makes the copy and builds it. What was built before is used again: it lies beside the copy, and what did not change is not written.
pub fn grow(root: &Path, sources: &[Source]) -> Result<Tree> {
    let folder = root.join("target/mutants/tree");
    let inside = folder.join(INSIDE);
    SEEN.iter().try_for_each(|needed| copy(&root.join(needed), &inside.join(needed)))?;
    write(&inside.join("tests/Cargo.toml"), MANIFEST.as_bytes())?;
    let woven: BTreeMap<PathBuf, String> =
        sources.iter().map(|source| (root.join(&source.path), weave(&source.text, &source.mutations))).collect();
    let library = root.join("engine/planner/src/lib.rs");
    let edited = |from: &Path| match from {
        from if *from == library => Ok(Some(fs::read_to_string(from)? + SWITCH)),
        from if *from == root.join("Cargo.toml") => workspace(&fs::read_to_string(from)?, MEMBERS).map(Some),
        from => Ok(woven.get(from).cloned()),
    };
    PLANNER.iter().try_for_each(|needed| copy_edited(&root.join(needed), &folder.join(needed), &edited))?;
    build(&folder)
}

/// The manifest of the workspace with the members of a copy alone, and without the lints.
pub(crate) fn workspace(manifest: &str, members: &[&str]) -> Result<String> {
    let mut manifest: toml::Table = manifest.parse()?;
    let workspace = manifest.get_mut("workspace").and_then(toml::Value::as_table_mut).ok_or("no workspace")?;
    workspace.insert("members".to_owned(), toml::Value::try_from(members)?);
    let allowed: BTreeMap<&str, &str> = ALLOWED.iter().map(|lint| (*lint, "allow")).collect();
    workspace.insert("lints".to_owned(), toml::Value::try_from(BTreeMap::from([("rust", allowed)]))?);
    Ok(toml::to_string(&manifest)?)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    copy_edited(from, to, &|_| Ok(None))
}

/// Makes `to` the same as `from`, but for files that `edited` has another text for.
pub(crate) fn copy_edited(from: &Path, to: &Path, edited: &dyn Fn(&Path) -> Result<Option<String>>) -> Result<()> {
    if !from.is_dir() {
        let text = edited(from)?.map_or_else(|| fs::read(from), |text| Ok(text.into_bytes()))?;
        return write(to, &text);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let path = entry?.path();
        let is_there = path.file_name().is_some_and(|name| from.join(name).exists());
        match path.is_dir() {
            _ if is_there => {}
            true => fs::remove_dir_all(path)?,
            false => fs::remove_file(path)?,
        }
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        copy_edited(&from.join(&name), &to.join(&name), edited)?;
    }
    Ok(())
}

/// Writes a file, if it does not say the same already: cargo builds anew what was written anew.
pub(crate) fn write(to: &Path, text: &[u8]) -> Result<()> {
    if fs::read(to).is_ok_and(|before| before == text) {
        return Ok(());
    }
    to.parent().map_or(Ok(()), fs::create_dir_all)?;
    Ok(fs::write(to, text)?)
}

/// Builds the tests of the copy.
fn build(folder: &Path) -> Result<Tree> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--no-run", "--offline", "--message-format=json-render-diagnostics"]);
    cargo.args(["-p", "planner", "-p", "tests", "--lib", "--test", "policies"]);
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", folder.with_file_name("build"));
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("the changed sources do not build: a change makes something that is no Rust".into());
    }
    let told = String::from_utf8(output.stdout)?;
    let program = |name: &str| {
        let lies = told.lines().filter_map(|line| line.split_once("\"executable\":\"")?.1.split('"').next());
        let program =
            lies.map(PathBuf::from).find(|path| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name)));
        program.ok_or_else(|| format!("cargo built no {name}"))
    };
    Ok(Tree { policies: program("policies-")?, units: program("planner-")?, folder: folder.to_owned() })
}
