//! A folder of goldens that pairs up with what is made: a page too few or too many is as wrong as a page that differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Holds `folder` against `pages`, by path inside the folder; with `UPDATE_GOLDEN` set, writes it instead.
pub(crate) fn check(folder: &Path, pages: &BTreeMap<String, String>) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        update(folder, pages);
    }
    let mut differences = Vec::new();
    for (name, page) in pages {
        match std::fs::read_to_string(folder.join(name)) {
            Ok(golden) if golden == *page => {}
            Ok(golden) => differences.push(format!("{name}: {}", first_difference(&golden, page))),
            Err(error) => differences.push(format!("{name}: {error}")),
        }
    }
    let stale = files(folder).into_iter().filter(|name| !pages.contains_key(name));
    differences.extend(stale.map(|name| format!("{name}: nothing makes it any more")));
    assert!(differences.is_empty(), "{} (UPDATE_GOLDEN=1 writes them anew):\n{}", folder.display(), differences.join("\n"));
}

fn update(folder: &Path, pages: &BTreeMap<String, String>) {
    for name in files(folder).into_iter().filter(|name| !pages.contains_key(name)) {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    for (name, page) in pages {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, page).unwrap();
    }
}

fn first_difference(golden: &str, page: &str) -> String {
    let mut lines = golden.lines().zip(page.lines()).enumerate();
    match lines.find(|(_, (golden, page))| golden != page) {
        Some((number, (golden, page))) => format!("line {}\n  golden {golden}\n  now    {page}", number + 1),
        None => format!("{} lines, now {}", golden.lines().count(), page.lines().count()),
    }
}

/// Every file below `folder`, by its path inside.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let (list, item): (&mut Vec<PathBuf>, _) = if path.is_dir() { (&mut folders, path) } else { (&mut found, path) };
            list.push(item);
        }
    }
    found.iter().map(|path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned()).collect()
}
