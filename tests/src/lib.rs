//! What tests share: a spec on an embedded platform of its own, observed, planned and applied through the real seams.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may take for granted what it is not about")]

pub mod picture;
pub mod stage;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Every spec in `specs/valid`, by name.
pub fn valid_specs() -> Vec<PathBuf> {
    specs_in("valid")
}

/// Every spec in a folder of `specs`, by name.
pub fn specs_in(folder: &str) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(root().join("specs").join(folder)).expect("a folder of specs");
    let mut specs: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    specs.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    specs.sort();
    specs
}

/// Run a future to its end on this thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(future)
}
