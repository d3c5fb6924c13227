//! From a kubeconfig to a client of one cluster. Credentials that end (an exec plugin's, a token file's) are renewed by the client.

use crate::server::Server;
use crate::wire::innermost;
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use model::System;
use std::path::{Path, PathBuf};

/// Why there is no client, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotConnected(pub String);

/// A client of the cluster `system` by a context of a kubeconfig, and the server that it leads to. `files` are the kubeconfig files: the
/// one that the spec names, or the usual ones.
///
/// # Errors
/// [`NotConnected`].
pub(crate) async fn connect(system: &System, context: &str, files: &[PathBuf]) -> Result<(kube::Client, Server), NotConnected> {
    let named = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ");
    let fail = |why: String| NotConnected(format!("{system}: {why}"));
    let kubeconfig = read(files).map_err(|why| fail(format!("the kubeconfig {why}")))?;
    if !kubeconfig.contexts.iter().any(|one| one.name == context) {
        let known: Vec<&str> = kubeconfig.contexts.iter().map(|one| one.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(fail(format!("the kubeconfig {named} has no context {context:?}; it has: {known}")));
    }
    let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    let mut config = config.map_err(|error| fail(format!("the context {context:?} of {named}: {}", innermost(&error))))?;
    // The driver decides what is tried again, and `Wire` how long is waited; a watch may be silent for longer than any request.
    config.default_retry = false;
    config.read_timeout = None;
    let server = Server { system: system.clone(), address: config.cluster_url.to_string().trim_end_matches('/').to_owned() };
    let client = kube::Client::try_from(config)
        .map_err(|error| fail(format!("the context {context:?} of {named}: {}", innermost(&error))))?;
    Ok((client, server))
}

/// Merge the files, as kubectl does with a list in `KUBECONFIG`; of the usual ones those that are there.
fn read(files: &[PathBuf]) -> Result<Kubeconfig, String> {
    let mut merged: Option<Kubeconfig> = None;
    let there: Vec<&Path> = files.iter().map(PathBuf::as_path).filter(|file| files.len() == 1 || file.exists()).collect();
    for file in there {
        let failed = |error: &dyn std::error::Error| format!("{}: {error}", file.display());
        let one = Kubeconfig::read_from(file).map_err(|error| failed(&error))?;
        merged = Some(match merged {
            None => one,
            Some(first) => first.merge(one).map_err(|error| failed(&error))?,
        });
    }
    merged.ok_or_else(|| "is not there".to_owned())
}
