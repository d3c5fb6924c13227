//! One run as a small file: all that it takes to repeat it, and what came of it. It is repeated without drawing a schedule again, so that
//! it means the same when the generator has changed.

use crate::fault::Schedule;
use crate::operator::Settings;
use crate::oracle::Promise;
use crate::run::{Change, Conditions, Report, Run, Start, Verdict};
use crate::shrink::Subject;
use crate::shrink::cut::Cut;
use model::{Diagnostic, Duration};
use planner::spec::parse;
use serde::{Deserialize, Serialize};

/// Version of the form. A file of another one is refused.
pub const FORMAT_VERSION: u32 = 1;
/// Largest file, in bytes.
pub const LARGEST: usize = 64 * 1024;

/// One run as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Replay {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Version of the `vamp` that made it.
    pub made_by: String,
    /// Seed of its draws.
    pub seed: u64,
    /// What the world is at the beginning.
    pub start: Start,
    /// How long faults come and go.
    pub safety: Duration,
    /// What is asked for later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Those who run the engine.
    pub operators: Vec<Settings>,
    /// What goes wrong.
    pub schedule: Schedule,
    /// The platform.
    pub topology: Topology,
    /// What came of it.
    pub expected: Expected,
    /// The rolling hash over everything that happened.
    pub hash: String,
    /// Digest of all the rest.
    pub digest: String,
}

/// The platform of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Topology {
    /// Name of the spec's file.
    pub file: String,
    /// Text of the spec.
    pub spec: String,
    /// Text of the second spec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    /// What of both is not needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Expected {
    /// How it ended.
    pub verdict: Verdict,
    /// The promise that was broken, at which the run ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
}

/// A replay file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoReplay {
    /// It is too large to be one.
    #[error("a replay file has at most {} KiB; this one has {}", LARGEST / 1024, .0.div_ceil(1024))]
    TooLarge(usize),
    /// It is no JSON, or has other fields.
    #[error("it is no replay file")]
    Form(#[source] serde_json::Error),
    /// Another version made it.
    #[error("it has format version {found}, made by vamp {made_by}; this vamp reads version {FORMAT_VERSION}")]
    Version {
        /// Its version.
        found: u64,
        /// Who made it.
        made_by: String,
    },
    /// It is not as it was written.
    #[error("it was changed since it was written")]
    Edited,
    /// Its spec is none for this version.
    #[error("the spec in it cannot be read by this vamp")]
    Spec(Vec<Diagnostic>),
    /// Its platform does not come up.
    #[error("the platform in it does not come up")]
    Platform,
}

impl Replay {
    /// The run of `subject`, which ended like this.
    pub fn of(subject: &Subject, texts: (&str, Option<&str>), report: &Report, promise: Option<Promise>) -> Self {
        let Conditions { seed, start, safety, change, operators, schedule } = subject.conditions.clone();
        let (spec, second) = texts;
        let topology = Topology {
            file: subject.spec.file.clone(),
            spec: spec.to_owned(),
            second: second.map(str::to_owned),
            cuts: subject.cuts.clone(),
        };
        let mut replay = Replay {
            format_version: FORMAT_VERSION,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            seed,
            start,
            safety,
            change,
            operators,
            schedule,
            topology,
            expected: Expected { verdict: report.verdict, promise },
            hash: report.hash.clone(),
            digest: String::new(),
        };
        replay.digest = replay.reckon();
        replay
    }

    fn reckon(&self) -> String {
        let bare = Replay { digest: String::new(), ..self.clone() };
        let text = serde_json::to_string(&bare).unwrap_or_default();
        blake3::hash(text.as_bytes()).to_hex().chars().take(32).collect()
    }

    /// As text.
    ///
    /// # Errors
    /// [`NoReplay::TooLarge`] if its spec is very large.
    pub fn to_text(&self) -> Result<String, NoReplay> {
        let text = serde_json::to_string_pretty(self).map_err(NoReplay::Form)? + "\n";
        if text.len() > LARGEST { Err(NoReplay::TooLarge(text.len())) } else { Ok(text) }
    }

    /// Read back what [`Replay::to_text`] wrote.
    ///
    /// # Errors
    /// [`NoReplay`] says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, NoReplay> {
        if text.len() > LARGEST {
            return Err(NoReplay::TooLarge(text.len()));
        }
        let value: serde_json::Value = serde_json::from_str(text).map_err(NoReplay::Form)?;
        let version = value.get("formatVersion").and_then(serde_json::Value::as_u64);
        if let Some(found) = version.filter(|found| *found != u64::from(FORMAT_VERSION)) {
            let made_by = value.get("madeBy").and_then(serde_json::Value::as_str).unwrap_or("of another version").to_owned();
            return Err(NoReplay::Version { found, made_by });
        }
        let replay: Replay = serde_json::from_value(value).map_err(NoReplay::Form)?;
        if replay.reckon() == replay.digest { Ok(replay) } else { Err(NoReplay::Edited) }
    }

    /// The run, with its specs read.
    ///
    /// # Errors
    /// [`NoReplay::Spec`].
    pub fn subject(&self) -> Result<Subject, NoReplay> {
        let read = |text: &str| Ok(parse(&self.topology.file, text.as_bytes()).map_err(NoReplay::Spec)?.spec);
        let conditions = Conditions {
            seed: self.seed,
            start: self.start,
            safety: self.safety,
            change: self.change,
            operators: self.operators.clone(),
            schedule: self.schedule.clone(),
        };
        let second = self.topology.second.as_deref().map(read).transpose()?;
        Ok(Subject { spec: read(&self.topology.spec)?, second, cuts: self.topology.cuts.clone(), conditions })
    }

    /// The run itself, about to begin.
    ///
    /// # Errors
    /// [`NoReplay`] if its platform is none.
    pub fn run(&self) -> Result<Run, NoReplay> {
        let (setup, warm) = self.subject()?.stage().ok_or(NoReplay::Platform)?;
        let run = Run::new(setup, &warm);
        Ok(match self.expected.promise {
            Some(promise) => run.until(promise),
            None => run,
        })
    }

    /// Whether `report` is what was written down.
    pub fn is_met_by(&self, report: &Report) -> bool {
        report.hash == self.hash && report.verdict == self.expected.verdict
    }
}
