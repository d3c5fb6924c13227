//! Where a command is told to write: never over what it reads, never half, and refused before anything is done.

use crate::program::Folder;
use std::fs;

#[test]
fn nothing_is_written_over_what_is_read() {
    let folder = Folder::applied();
    fs::hard_link(folder.path("vamp.yaml"), folder.path("same.yaml")).unwrap();
    std::os::unix::fs::symlink("vamp.yaml", folder.path("link.yaml")).unwrap();
    for out in ["vamp.yaml", "./vamp.yaml", "same.yaml", "link.yaml", "w.sqlite", "w.sqlite-wal", "w.sqlite.lock"] {
        folder.refuses_both(&format!("plan vamp.yaml --embedded w.sqlite -o {out}"), &[out, "is not written over"]);
    }
    for out in ["vamp.yaml", "same.yaml", "link.yaml"] {
        folder.refuses(&format!("graph vamp.yaml -o {out}"), 1, &[out, "is not written over"]);
    }
    folder.refuses("init --model M0 -o vamp.yaml", 1, &["is there already", "--force"]);
}

#[test]
fn a_world_that_is_yet_to_be_made_is_not_written_over_either() {
    let folder = Folder::new();
    folder.refuses_both("plan vamp.yaml --embedded w.sqlite -o ./w.sqlite", &["is not written over"]);
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_anything_is_made() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder")).unwrap();
    let places = [("none/x", "make the directory"), ("folder", "is a directory"), ("vamp.yaml/x", "Not a directory")];
    for (out, words) in places {
        folder.refuses_both(&format!("plan vamp.yaml --embedded w.sqlite -o {out}"), &[out, words]);
        folder.refuses(&format!("graph vamp.yaml -o {out}"), 1, &[out, words]);
        folder.refuses(&format!("init --model M0 -o {out}"), 1, &[out, words]);
    }
    folder.refuses("plan vamp.yaml --embedded w.sqlite -o /proc/x", 1, &["/proc/x"]);
}

#[test]
fn a_device_is_written_to_and_stays_a_device() {
    let folder = Folder::new();
    let before = fs::symlink_metadata("/dev/stdout").unwrap().file_type();
    folder.shell("exec $VAMP graph vamp.yaml -o /dev/stdout > graph.dot").run().done();
    assert!(folder.text("graph.dot").starts_with("digraph"), "the graph went to the file behind standard output");
    assert_eq!(fs::symlink_metadata("/dev/stdout").unwrap().file_type(), before);
    folder.refuses("graph vamp.yaml -o /dev/full", 1, &["cannot write /dev/full", "make room"]);
}

#[test]
fn a_link_to_a_file_stays_a_link() {
    let folder = Folder::new();
    folder.write("real.dot", "old");
    std::os::unix::fs::symlink("real.dot", folder.path("link.dot")).unwrap();
    folder.vamp("graph vamp.yaml -o link.dot").run().done();
    assert!(folder.path("link.dot").is_symlink() && folder.text("real.dot").starts_with("digraph"));
}

#[test]
fn a_report_that_cannot_be_written_takes_nothing_from_the_results() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder")).unwrap();
    let said = folder.vamp("check vamp.yaml").run();
    let places = [
        ("none/x.html", "make the directory"),
        ("folder", "is a directory"),
        ("vamp.yaml/x", "Not a directory"),
        ("vamp.yaml", "is not written over"),
        ("/dev/full", "make room"),
    ];
    for (out, words) in places {
        let before = folder.contents();
        let ended = folder.vamp(&format!("check vamp.yaml --report {out}")).run();
        assert!(ended.code == Some(1) && ended.err.contains(out) && ended.err.contains(words), "{ended:?}");
        assert_eq!(ended.out, said.out, "{out}");
        assert_eq!(folder.contents(), before, "{out}: nothing is left behind");
        // What programs read stays one document: the complaint is for whoever started them.
        let ended = folder.vamp(&format!("check vamp.yaml --format json --report {out}")).run();
        assert!(ended.code == Some(1) && ended.err.contains(words), "{ended:?}");
        assert!(serde_json::from_str::<serde_json::Value>(&ended.out).unwrap()["results"].is_array(), "{ended:?}");
    }
}

#[test]
fn a_report_is_written_whatever_the_rules_say() {
    let folder = Folder::new();
    let ended = folder.vamp("check vamp.yaml --report good.html").run();
    assert!(ended.code == Some(0) && ended.err.contains("good.html is written"), "{ended:?}");
    folder.edit_spec("purpose: development", "purpose: production");
    let ended = folder.vamp("check vamp.yaml --report bad.html").run();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(folder.text("good.html").contains("verdict good") && folder.text("bad.html").contains("verdict bad"));
}
