//! Programs of others that are measured beside `vamp`: from the folder that `docs/benchmarks.md` installs them into, or from the path.

use std::path::PathBuf;

/// The program at `installed` in that folder, or the one called `name` on the path; nothing where it is in neither.
pub(super) fn find(installed: &str, name: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_the_path = std::env::split_paths(&path).map(|folder| folder.join(name));
    let mut found =
        std::iter::once(cache.join("vamp-bench").join(installed)).chain(on_the_path).filter(|candidate| candidate.is_file());
    found.next()
}
