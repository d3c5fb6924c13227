//! The real systems, opened for a command: with the platform's ledger, secrets of whoever runs `vamp`, and a trace of every
//! request if somebody asked for it.

use crate::clock;
use crate::error::CommandError;
use crate::input::environment;
use crate::outside::{entropy, fetch, is_missing, kubeconfig};
use crate::prepare::Prepared;
use crate::site::{Real, Site};
use live::{Inputs, LedgerInputs, Limits, LivePlatform, PlatformLedger, Trace, Traffic};
use model::SecretReference;
use model::connection::{Connection, Endpoint, LogIn};
use planner::render::style::escape;
use std::io::Write;
use std::sync::Arc;

/// Real systems, and where their runs are written down.
pub(crate) type RealPlatform = LivePlatform<PlatformLedger>;

/// The real systems of `site`. Nothing is connected before somebody looks.
pub(crate) fn open(site: &Site, real: &Real) -> Result<RealPlatform, CommandError> {
    let inputs = LedgerInputs {
        secrets: Box::new(fetch),
        kubeconfig: kubeconfig(),
        traffic: Traffic::new(Arc::new(clock::now), real.is_traced.then(trace)),
        limits: Limits::default(),
        tell: Box::new(say),
    };
    let ledger = PlatformLedger::of(&site.connections, &real.platform, inputs)
        .map_err(|error| CommandError::new("the lock and the journal of the platform cannot be had").because(error))?;
    let inputs = Inputs {
        clock: Arc::new(clock::now),
        trace: real.is_traced.then(trace),
        secrets: Box::new(fetch),
        entropy: entropy()?,
        kubeconfig: kubeconfig(),
        vault_namespace: environment("VAULT_NAMESPACE"),
        platform: real.platform.as_str().into(),
        wanted: real.wanted.clone(),
        limits: Limits::default(),
        way: None,
    };
    Ok(LivePlatform::new(inputs, ledger))
}

/// Shows each request on a line of standard error. Nobody is told if that cannot be written: there is no other place left.
fn trace() -> Trace {
    Box::new(say)
}

fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", escape(line));
}

/// Refuse before anything is looked at if secrets are not there: real systems take no stand-ins.
pub(crate) fn check_secrets(prepared: &Prepared) -> Result<(), CommandError> {
    let of_documents = prepared.secrets.iter();
    refuse_missing(of_documents.chain(log_ins(&prepared.connections)))
}

/// The same for what logs in to `connections`.
pub(crate) fn check_credentials(connections: &[Connection]) -> Result<(), CommandError> {
    refuse_missing(log_ins(connections))
}

fn refuse_missing<'a>(secrets: impl Iterator<Item = &'a SecretReference>) -> Result<(), CommandError> {
    let mut missing: Vec<String> = secrets.filter(|secret| is_missing(secret)).map(ToString::to_string).collect();
    missing.sort();
    missing.dedup();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(CommandError::new(format!("a secret that the spec names is not there: {one}")).hint(SET)),
        _ => Err(CommandError::new(format!("secrets that the spec names are not there: {}", missing.join(", "))).hint(SET)),
    }
}

const SET: &str = "set it where vamp runs; real systems take no stand-ins";

/// Secrets that log in to what is there already. A store that the platform runs itself may be made first, and what logs in to it only then be
/// known: who initialises a Vault is told its first token. It is asked for when somebody logs in.
fn log_ins(connections: &[Connection]) -> impl Iterator<Item = &SecretReference> {
    let outside = connections.iter().filter(|one| !matches!(one.endpoint, Endpoint::InCluster { .. }));
    outside.flat_map(|one| one.credentials.iter().chain(one.log_in.iter().flat_map(LogIn::secrets)))
}
