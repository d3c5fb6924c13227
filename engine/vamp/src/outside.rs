//! What whoever runs `vamp` hands in from outside: secrets of the environment and of files, entropy, and where kubeconfig files are.

use crate::clock;
use crate::error::CommandError;
use crate::input::{environment, read_text};
use model::SecretReference;
use port::{Entropy, Secret};
use rustix::rand::{GetRandomFlags, getrandom};
use std::path::{Path, PathBuf};

/// Largest file that a secret may be in.
const LARGEST_SECRET: u64 = 1 << 20;

/// A secret of the environment or of a file. The error holds none of it.
pub(crate) fn fetch(reference: &SecretReference) -> Result<Secret, String> {
    match reference {
        SecretReference::Env(name) => {
            environment(name).map(Secret::new).ok_or_else(|| format!("the environment variable {name} is not set"))
        }
        SecretReference::File(path) => {
            let text = read_text(Path::new(path), "secret", LARGEST_SECRET).map_err(|error| error.sentence())?;
            Ok(Secret::new(without_line_break(text)))
        }
        other => Err(format!("{other} is not fetched from outside")),
    }
}

/// Whether there is nothing to fetch.
pub(crate) fn is_missing(reference: &SecretReference) -> bool {
    match reference {
        SecretReference::Env(name) => environment(name).is_none(),
        SecretReference::File(path) => !Path::new(path).exists(),
        _ => false,
    }
}

fn without_line_break(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// Fresh entropy, of the system.
pub(crate) fn entropy() -> Result<Entropy, CommandError> {
    let failed = |error| CommandError::new("the system gives no entropy").because(error);
    fill(&mut [0; 16]).map_err(failed)?;
    Ok(Box::new(|bytes: &mut [u8]| {
        // It was there a moment ago. If it went away, what is made is at least never the zeros of a known key.
        if fill(bytes).is_err() {
            bytes.iter_mut().zip(clock::now().0.to_le_bytes().iter().cycle()).for_each(|(byte, tick)| *byte ^= tick);
        }
    }))
}

fn fill(mut bytes: &mut [u8]) -> Result<(), rustix::io::Errno> {
    while !bytes.is_empty() {
        let filled = getrandom(&mut *bytes, GetRandomFlags::empty())?;
        bytes = bytes.get_mut(filled..).unwrap_or_default();
    }
    Ok(())
}

/// The usual kubeconfig files, as kubectl looks for them: those that `KUBECONFIG` lists, or the one in the home directory.
pub(crate) fn kubeconfig() -> Vec<PathBuf> {
    match environment("KUBECONFIG") {
        Some(list) => std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect(),
        None => environment("HOME").map(|home| PathBuf::from(home).join(".kube/config")).into_iter().collect(),
    }
}
