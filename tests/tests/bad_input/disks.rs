//! Disks that are full or read-only: what was done is kept, nothing is left half-written, and with room the next run goes on.

use crate::program::{Ended, Folder};

fn is_told(ended: &Ended) {
    let told = ["the disk is full", "cannot be read or written", "cannot write"];
    assert!(ended.code == Some(1) && ended.err.contains("help:"), "{ended:?}");
    assert!(told.iter().any(|word| ended.err.contains(word)), "{ended:?}");
}

/// With room, the next run carries out what is left.
fn goes_on(folder: &Folder) {
    folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").run().done();
    folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").run().done();
}

#[test]
fn a_file_that_may_not_grow_is_told_and_the_next_run_goes_on() {
    // In blocks of 512 bytes: from a world that cannot even be made to one that is full in the middle of an apply.
    for blocks in [0, 1, 8, 40, 100, 200, 300] {
        let folder = Folder::new();
        let line = format!("ulimit -f {blocks}; exec $VAMP apply vamp.yaml --yes --embedded w.sqlite");
        let ended = folder.shell(&line).run();
        if ended.code != Some(0) {
            is_told(&ended);
        }
        goes_on(&folder);
    }
}

#[test]
fn a_plan_that_does_not_fit_is_not_left_in_part() {
    let folder = Folder::applied();
    folder.edit_spec("weight: 90", "weight: 80");
    folder.edit_spec("weight: 10 }", "weight: 20 }");
    for (call, file) in
        [("plan vamp.yaml --embedded w.sqlite -o", "out"), ("graph vamp.yaml -o", "out"), ("init --model M5 -o", "out")]
    {
        let before = folder.contents();
        let ended = folder.shell(&format!("ulimit -f 1; exec $VAMP {call} {file}")).run();
        ended.failed(1, &["cannot write out", "ulimit -f"]);
        assert!(folder.contents() == before, "{call}");
        folder.write("out", "what was there before");
        let before = folder.contents();
        let forced = if call.starts_with("init") { "--force" } else { "" };
        folder.shell(&format!("ulimit -f 1; exec $VAMP {call} {file} {forced}")).run().failed(1, &["cannot write out"]);
        assert!(folder.contents() == before, "{call}");
        std::fs::remove_file(folder.path("out")).unwrap();
    }
}

/// Mounts are for root in a namespace of its own; where there is none, nothing is proven here.
fn on_a_small_disk(folder: &Folder, options: &str, then: &str) -> Option<Ended> {
    let can = folder
        .shell("unshare -m true 2>/dev/null && unshare -m sh -c 'mkdir -p small && mount -t tmpfs none small' || exit 9")
        .run();
    (can.code == Some(0)).then(|| {
        let line =
            format!("mkdir -p small; exec unshare -m sh -c 'mount -t tmpfs -o {options} none small && cd small && {then}'");
        folder.shell(&line).run()
    })
}

#[test]
fn a_full_disk_is_told_and_the_next_run_goes_on_where_there_is_room() {
    for size in ["16k", "64k", "128k", "256k", "400k"] {
        let folder = Folder::new();
        let then = "$VAMP apply ../vamp.yaml --yes --embedded w.sqlite; echo $? > ../code; cp w.sqlite* .. 2>/dev/null; exit $(cat ../code)";
        let Some(ended) = on_a_small_disk(&folder, &format!("size={size}"), then) else { return };
        if ended.code != Some(0) {
            is_told(&ended);
        }
        goes_on(&folder);
    }
}

#[test]
fn on_a_read_only_disk_everything_can_be_looked_at_and_nothing_changed() {
    let folder = Folder::applied();
    let look = |call: &str| {
        let then =
            format!("cp ../w.sqlite ../vamp.yaml . && mount -o remount,ro none . && exec $VAMP {call} --embedded w.sqlite");
        on_a_small_disk(&folder, "size=2m", &then)
    };
    for call in
        ["plan vamp.yaml --detailed-exitcode", "status vamp.yaml --detailed-exitcode", "history", "world show --format json"]
    {
        let Some(ended) = look(call) else { return };
        ended.done();
    }
    for call in ["apply vamp.yaml --yes", "destroy vamp.yaml --yes", "world advance 1m", "world fail node main/node-1"] {
        let Some(ended) = look(call) else { return };
        ended.failed(1, &["w.sqlite", "help:"]);
    }
    let Some(ended) = look("plan vamp.yaml -o plan.json") else { return };
    ended.failed(1, &["cannot write plan.json", "Read-only file system"]);
}

#[test]
fn in_a_read_only_folder_the_default_world_cannot_be_made_and_that_is_told() {
    let folder = Folder::new();
    let call = |call: &str| {
        let then = format!("mount -o remount,ro none . && exec $VAMP {call}");
        on_a_small_disk(&folder, "size=1m", &then)
    };
    let Some(ended) = call("apply ../vamp.yaml --yes") else { return };
    ended.failed(1, &["cannot make the directory .vamp", "--embedded FILE"]);
    let Some(ended) = call("plan ../vamp.yaml --detailed-exitcode") else { return };
    assert_eq!(ended.code, Some(2), "{ended:?}");
}
