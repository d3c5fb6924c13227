//! Streams that are full, gone, or never were.

use crate::program::Folder;

#[test]
fn a_full_disk_behind_standard_output_is_told() {
    let folder = Folder::applied();
    for call in
        ["plan vamp.yaml --embedded w.sqlite", "graph vamp.yaml", "schema", "init --model M0", "world show --embedded w.sqlite"]
    {
        let ended = folder.shell(&format!("exec $VAMP {call} > /dev/full")).run();
        ended.failed(1, &["cannot write to standard output", "No space left"]);
    }
    for call in ["plan vamp.yaml --embedded w.sqlite", "graph vamp.yaml", "world show --embedded w.sqlite"] {
        let ended = folder.shell(&format!("exec $VAMP {call} --format json > /dev/full")).run();
        ended.failed(1, &["cannot write to standard output"]);
    }
    let ended = folder.shell("exec $VAMP plan none.yaml --format json > /dev/full").run();
    ended.failed(1, &["cannot read the spec none.yaml"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = Folder::applied();
    for call in
        ["graph vamp.yaml", "graph vamp.yaml --format svg", "schema", "world show --format json --embedded w.sqlite", "--help"]
    {
        let ended = folder.shell(&format!("($VAMP {call}; echo $? > code) | head -c 1; cat code >&2")).run();
        assert_eq!((ended.out.len(), ended.err.trim()), (1, "0"), "{ended:?}");
    }
}

#[test]
fn a_run_whose_listeners_go_away_is_carried_out() {
    for line in [
        "($VAMP apply vamp.yaml --yes --embedded w.sqlite; echo $? > code) 2>&1 | head -c 1",
        "$VAMP apply vamp.yaml --yes --embedded w.sqlite >&- 2>&-; echo $? > code",
        "$VAMP apply vamp.yaml --yes --embedded w.sqlite <&- >&- 2>&-; echo $? > code",
        "$VAMP apply vamp.yaml --yes --embedded w.sqlite 2> /dev/full; echo $? > code",
    ] {
        let folder = Folder::new();
        folder.shell(line).run().done();
        assert_eq!(folder.text("code").trim(), "0", "{line}");
        folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").run().done();
    }
}

/// A stream that is closed must not become the first file that is opened, and be written to.
#[test]
fn closed_streams_write_into_no_file() {
    for closed in ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"] {
        let folder = Folder::applied();
        let before = folder.contents();
        for call in [
            "plan vamp.yaml --embedded w.sqlite",
            "graph vamp.yaml",
            "plan none.yaml",
            "frobnicate",
            "world show --embedded w.sqlite",
        ] {
            folder.shell(&format!("$VAMP {call} {closed} || true")).run();
        }
        assert!(folder.contents() == before, "{closed}");
    }
}

#[test]
fn without_a_terminal_nobody_is_asked_and_nothing_is_made() {
    let folder = Folder::new();
    folder.refuses_both("apply vamp.yaml --embedded w.sqlite", &["nobody is there to be asked", "--yes"]);
    folder.refuses_both("apply vamp.yaml", &["nobody is there to be asked", "--yes"]);
    folder.refuses_both("adopt vamp.yaml vault/mount/acme --embedded w.sqlite", &["nobody is there to be asked", "--yes"]);
    assert!(!folder.path(".vamp").exists());
    let folder = Folder::applied();
    let before = folder.world();
    folder.shell("echo yes | $VAMP destroy vamp.yaml --embedded w.sqlite").run().failed(1, &["nobody is there to be asked"]);
    folder.shell("exec $VAMP destroy vamp.yaml --embedded w.sqlite <&-").run().failed(1, &["nobody is there to be asked"]);
    assert_eq!(folder.world(), before);
    folder.vamp("apply vamp.yaml --embedded w.sqlite").run().done();
}
