//! A scratch repository that holds a spec.

use crate::program::Folder;

/// Who commits, and nothing of what the user or the machine has configured.
const GIT: &str = "git -c user.name=t -c user.email=t@t.example -c init.defaultBranch=main -c commit.gpgsign=false";

/// A folder with the multi-region spec as `vamp.yaml`, committed once.
pub(crate) fn multi_region() -> Folder {
    let folder = Folder::new();
    let spec = std::fs::read(tests::root().join("specs/valid/multi-region.yaml")).unwrap();
    folder.write("vamp.yaml", spec);
    git(&folder, "init -q");
    commit(&folder);
    folder
}

/// Everything in the folder, committed.
pub(crate) fn commit(folder: &Folder) {
    git(folder, "add -A");
    git(folder, "commit -q -m spec");
}

/// A call of Git that goes well.
pub(crate) fn git(folder: &Folder, arguments: &str) {
    folder.shell(&format!("GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent {GIT} {arguments}")).run().done();
}
