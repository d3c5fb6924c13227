//! Specs that cannot be read, or say what cannot be.

use crate::program::Folder;
use std::fs::File;
use std::path::Path;
use std::process::Command;

/// What is put in place of a part of the quickstart, and what is said of it.
const WRONG: &[(&str, &str, &[&str])] = &[
    ("version: 1", "version: [1", &["SPEC-", "vamp.yaml:"]),
    ("version: 1", "version: 99", &["this vamp reads version 1 of the spec only", "vamp.yaml:"]),
    ("version: 1", "\tversion: 1", &["SPEC-", "vamp.yaml:"]),
    ("platform: acme", "platfrom: acme", &["platfrom", "did you mean `platform`?"]),
    ("platform: acme", "platform: acme\nplatform: acne", &["`platform` stands twice", "it stands here first"]),
    ("platform: acme", "platform: [acme]", &["platform", "vamp.yaml:"]),
    ("platform: acme", "platform: &a [*a]", &["SPEC-"]),
    ("platform: acme", "platform: *nowhere", &["no anchor of this name"]),
    ("weight: 90", "weight: 80", &["weight"]),
    ("weight: 90", "weight: ninety", &["weight"]),
    ("weight: 90", "weight: 99999999999999999999999", &["weight"]),
    ("weight: 90", "weight: -1", &["weight"]),
    ("country: IE", "country: XX", &["XX"]),
    ("memory: 16Gi", "memory: 16Qi", &["16Qi"]),
    ("memory: 16Gi", "memory: 99999999999999999999Ei", &["99999999999999999999Ei"]),
    ("count: 4", "count: 1e999", &["count"]),
    ("count: 4", "count: 18446744073709551615", &["count"]),
    ("port: 8080", "port: 0", &["port"]),
    ("port: 8080", "port: 65536", &["port"]),
];

#[test]
fn a_wrong_spec_is_refused_at_its_place_and_nothing_is_made() {
    for (from, to, words) in WRONG {
        let folder = Folder::new();
        folder.edit_spec(from, to);
        folder.refuses_both("plan vamp.yaml --embedded w.sqlite", words_of_json(words).as_slice());
        folder.refuses("apply vamp.yaml --yes --embedded w.sqlite", 1, words);
        folder.refuses("graph vamp.yaml --format svg -o graph.svg", 1, words);
        folder.refuses("plan vamp.yaml -o plan.json", 1, words);
    }
}

/// JSON tells places as numbers, and codes apart.
fn words_of_json<'a>(words: &[&'a str]) -> Vec<&'a str> {
    words.iter().copied().filter(|word| !word.ends_with(':') && !word.contains("stands here first")).collect()
}

#[test]
fn a_wrong_spec_leaves_the_platform_as_it_was() {
    let folder = Folder::applied();
    let before = folder.world();
    folder.edit_spec("weight: 90", "weight: 91");
    for command in ["plan", "apply --yes", "status", "destroy --yes", "recover --yes"] {
        folder.refuses_both(&format!("{command} vamp.yaml --embedded w.sqlite"), &["weight"]);
    }
    assert_eq!(folder.world(), before);
}

#[test]
fn an_alias_bomb_goes_off_in_the_parser() {
    let folder = Folder::new();
    let mut bomb = String::from("version: 1\nplatform: acme\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let again = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{again}]\n"));
    }
    folder.write("vamp.yaml", bomb);
    let ended = folder.shell("ulimit -v 400000; exec $VAMP plan vamp.yaml").run();
    ended.failed(1, &["aliases blow the document up"]);
    folder.write("vamp.yaml", format!("version: {}", "[".repeat(100_000)));
    folder.refuses_both("plan vamp.yaml", &["nested more than"]);
    folder.write("vamp.yaml", format!("version: {}", "{a: ".repeat(100_000)));
    folder.refuses_both("plan vamp.yaml", &["nested more than"]);
}

#[test]
fn a_huge_file_is_not_read_to_its_end() {
    let folder = Folder::new();
    for name in ["huge.yaml", "huge.json"] {
        File::create(folder.path(name)).unwrap().set_len(100 << 20).unwrap();
        for command in ["plan", "apply --yes", "show"] {
            let line = format!("ulimit -v 160000; exec $VAMP {command} {name}");
            let ended = folder.shell(&line).run();
            ended.failed(1, &[name]);
        }
    }
    for command in ["plan", "apply --yes", "show", "graph", "status"] {
        folder.shell(&format!("ulimit -v 200000; exec $VAMP {command} /dev/zero")).run().failed(1, &["/dev/zero"]);
    }
    assert!(!folder.path("w.sqlite").exists());
}

#[test]
fn what_is_no_text_is_refused_at_its_byte() {
    let folder = Folder::new();
    folder.write("vamp.yaml", b"version: 1\nplatform: ac\xffme\n");
    folder.refuses_both("plan vamp.yaml", &["0xff is not UTF-8", "save the file as UTF-8"]);
    folder.write("vamp.yaml", "version: 1\nplatform: acme\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    folder.refuses("plan vamp.yaml", 1, &["vamp.yaml"]);
    folder.write("vamp.yaml", [0; 100]);
    folder.refuses("plan vamp.yaml", 1, &["vamp.yaml"]);
    folder.write("vamp.yaml", "");
    folder.refuses_both("plan vamp.yaml", &["holds no spec", "vamp init"]);
}

#[test]
fn what_is_no_file_is_refused_by_what_it_is() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("folder")).unwrap();
    std::os::unix::fs::symlink("loop", folder.path("loop")).unwrap();
    for command in ["plan", "apply --yes", "graph", "status", "destroy --yes"] {
        folder.refuses(&format!("{command} folder"), 1, &["folder is a directory"]);
        folder.refuses(&format!("{command} nowhere.yaml"), 1, &["cannot read the spec nowhere.yaml", "vamp init"]);
        folder.refuses(&format!("{command} vamp.yaml/x"), 1, &["cannot read the spec vamp.yaml/x", "Not a directory"]);
        folder.refuses(&format!("{command} loop"), 1, &["cannot read the spec loop"]);
        folder.refuses(&format!("{command} /dev/null"), 1, &["holds no spec"]);
    }
    folder.refuses("show folder", 1, &["folder is a directory, not a plan"]);
    folder.refuses("show nowhere.json", 1, &["cannot read the plan nowhere.json"]);
}

/// Nothing is forbidden to root, so somebody else is asked to read; where there is no way to become somebody else, nothing is
/// proven here.
#[test]
fn what_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let mode = |name: &str, mode| std::fs::set_permissions(folder.path(name), PermissionsExt::from_mode(mode)).unwrap();
    mode("vamp.yaml", 0o000);
    let line = if File::open(folder.path("vamp.yaml")).is_ok() {
        if !can_become_nobody() {
            return;
        }
        mode(".", 0o755);
        "cp $VAMP vamp; chmod 755 vamp; exec setpriv --reuid=65534 --regid=65534 --clear-groups ./vamp plan vamp.yaml"
    } else {
        "exec $VAMP plan vamp.yaml"
    };
    folder.shell(line).run().failed(1, &["cannot read the spec vamp.yaml", "Permission denied", "let the user who runs vamp"]);
}

fn can_become_nobody() -> bool {
    let tried = Command::new("setpriv").args(["--reuid=65534", "--regid=65534", "--clear-groups", "true"]).status();
    Path::new("/tmp").exists() && tried.is_ok_and(|status| status.success())
}

#[test]
fn a_pipe_is_read_like_a_file() {
    let folder = Folder::applied();
    folder.shell("cat vamp.yaml | $VAMP plan /dev/stdin --embedded w.sqlite --detailed-exitcode").run().done();
    folder.shell("mkfifo pipe; cat vamp.yaml > pipe & exec $VAMP plan pipe --embedded w.sqlite --detailed-exitcode").run().done();
    folder.edit_spec("weight: 90", "weight: 80");
    folder.edit_spec("weight: 10", "weight: 20");
    folder.vamp("plan vamp.yaml --embedded w.sqlite -o plan.json").run().done();
    folder.shell("cat plan.json | $VAMP apply /dev/stdin --embedded w.sqlite --yes").run().done();
    folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").run().done();
}

#[test]
fn a_pipe_that_nobody_writes_to_can_be_left() {
    let folder = Folder::new();
    let ended = folder.shell("mkfifo pipe; exec timeout -s INT 0.3 $VAMP plan pipe").run();
    assert_ne!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn a_condition_nested_as_deep_as_it_may_be_long_is_no_harm() {
    for condition in
        ["(".repeat(4000), "not ".repeat(1000), "!".repeat(4000), format!("{}a{}", "(".repeat(2000), ")".repeat(2000))]
    {
        let folder = Folder::new();
        folder.edit_spec("weight: 90 }", &format!("weight: 90, condition: '{condition}' }}"));
        folder.refuses_both("plan vamp.yaml --embedded w.sqlite", &["condition"]);
    }
}
