//! Arguments that say nothing sensible: exit code 64, and nothing is read or made.

use crate::program::Folder;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// Calls, and the words of their refusals.
const WRONG: &[(&str, &[&str])] = &[
    ("frobnicate", &["unrecognized subcommand 'frobnicate'"]),
    ("pln vamp.yaml", &["unrecognized subcommand 'pln'", "'plan'"]),
    ("plan vamp.yaml --frobnicate", &["unexpected argument '--frobnicate'"]),
    ("plan vamp.yaml --detailed-exitcodes", &["'--detailed-exitcode'"]),
    ("plan vamp.yaml other.yaml", &["unexpected argument 'other.yaml'"]),
    ("plan", &["<SPEC>"]),
    ("apply", &["<SPEC|PLAN>"]),
    ("show", &["<PLAN>"]),
    ("explain", &["<ADDRESS|CODE|RULE>"]),
    ("explain nothing-of-this-kind vamp.yaml", &["neither an address, nor the code of an error, nor a rule", "SYSTEM/KIND/KEY"]),
    ("adopt vamp.yaml", &["<ADDRESS>"]),
    ("adopt vamp.yaml nonsense", &["is no address", "SYSTEM/KIND/KEY"]),
    ("plan vamp.yaml --target nonsense", &["is no address", "SYSTEM/KIND/KEY"]),
    ("plan vamp.yaml --target", &["a value is required"]),
    ("plan vamp.yaml --target vault/nothing/acme", &["vault/nothing/acme"]),
    ("destroy vamp.yaml --allow-destroy /", &["is no address"]),
    ("plan vamp.yaml --format nonsense", &["nonsense", "text, json"]),
    ("graph vamp.yaml --format pdf", &["pdf", "svg"]),
    ("plan vamp.yaml --color sometimes", &["sometimes", "never"]),
    ("history --limit many", &["many"]),
    ("history --run -1", &["'-1'"]),
    ("history --limit 99999999999999999999", &["99999999999999999999"]),
    ("init", &["--model"]),
    ("init --model M9", &["M9", "M5"]),
    ("init --model M0 --force", &["--out"]),
    ("completions tcsh", &["tcsh", "bash"]),
    ("world fail", &["<KIND>"]),
    ("world fail unicorn main", &["unicorn", "node CLUSTER/NODE"]),
    ("world fail node", &["node"]),
    ("world heal node main", &["node"]),
    ("world advance", &["<LENGTH>"]),
    ("world advance 10", &["10m"]),
    ("world advance -5m", &["-5"]),
    ("world advance 99999999999999999999d", &["no length of time"]),
    ("world edit vault/mount/acme", &["--set", "--delete"]),
    ("world edit vault/mount/acme --set nonsense", &["PATH=VALUE"]),
    ("world edit vault/mount/acme --set a..b=1", &["no path into a document"]),
    ("world edit vault/mount/acme --set a=1 --delete", &["cannot be used with"]),
    ("world edit nonsense --delete", &["is no address"]),
];

#[test]
fn a_wrong_call_is_refused_with_64_and_touches_nothing() {
    let folder = Folder::applied();
    for (arguments, words) in WRONG {
        let mut arguments = (*arguments).to_owned();
        if arguments.starts_with("world ") {
            arguments.push_str(" --embedded w.sqlite");
        }
        folder.refuses(&arguments, 64, words);
    }
}

#[test]
fn no_argument_at_all_shows_the_help_and_fails() {
    let folder = Folder::new();
    for (arguments, words) in [("", "Commands:"), ("world", "Commands:")] {
        let ended = folder.vamp(arguments).run();
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{ended:?}");
        assert!(ended.err.contains(words), "{ended:?}");
    }
}

#[test]
fn an_empty_argument_is_none() {
    let folder = Folder::new();
    let calls: [&[&str]; 4] =
        [&["plan", ""], &["plan", "vamp.yaml", "--embedded="], &["plan", "vamp.yaml", "--out="], &["show", ""]];
    for arguments in calls {
        let ended = folder.vamp_with(arguments).run();
        assert_eq!(ended.code, Some(64), "{ended:?}");
    }
}

#[test]
fn what_the_spec_does_not_make_is_no_target() {
    let folder = Folder::applied();
    folder.refuses_both("plan vamp.yaml --embedded w.sqlite --target vault/mount/acne", &["makes no vault/mount/acne"]);
    folder.refuses_both("adopt vamp.yaml vault/mount/acne --embedded w.sqlite --yes", &["makes no vault/mount/acne"]);
    folder.refuses_both("explain vault/mount/acne vamp.yaml", &["makes no vault/mount/acne"]);
    folder.refuses_both("history --run 77 --embedded w.sqlite", &["no run 77"]);
    let before = folder.world();
    for (call, word) in [("fail node main/node-77", "node-77"), ("edit vault/mount/acne --delete", "vault/mount/acne")] {
        folder.vamp(&format!("world {call} --embedded w.sqlite")).run().failed(1, &[word, "vamp world show"]);
    }
    assert_eq!(folder.world(), before);
}

#[test]
fn arguments_that_are_no_text_are_told_as_far_as_they_are() {
    let folder = Folder::new();
    let wrong = || OsString::from_vec(b"no\xff\x1bspec".to_vec());
    folder.vamp_with(["plan".into(), wrong()]).run().failed(1, &["no\u{fffd}\\u{1b}spec"]);
    let ended = folder.vamp_with(["explain".into(), wrong()]).run();
    assert_eq!(ended.code, Some(64), "{ended:?}");
}

#[test]
fn a_very_long_argument_is_no_harm() {
    let folder = Folder::applied();
    let long = "x".repeat(100_000);
    folder.refuses(&format!("plan {long}"), 1, &["cannot read the spec"]);
    folder.refuses(&format!("plan vamp.yaml --target vault/mount/{long}"), 64, &["is no address"]);
    folder.refuses(&format!("plan vamp.yaml --target vault/mount/{}", "x".repeat(200)), 1, &["makes no"]);
    folder.refuses(&format!("plan vamp.yaml --embedded {long}"), 1, &["xxx"]);
    folder.refuses(&format!("plan vamp.yaml --embedded w.sqlite -o {long}"), 1, &["cannot write"]);
}

/// What is written too deep overflows the stack, or cannot be read back.
#[test]
fn a_value_too_deep_for_the_world_is_not_taken_into_it() {
    let folder = Folder::applied();
    let edit = "world edit cluster.main/namespace/acme --embedded w.sqlite";
    folder.refuses(&format!("{edit} --set {}=1", vec!["a"; 30_000].join(".")), 64, &["no path into a document"]);
    folder.refuses(&format!("{edit} --set {}=1", vec!["a"; 65].join(".")), 64, &["no path into a document"]);
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    folder.refuses(&format!("{edit} --set a={}", nested(64)), 64, &["levels deep"]);
    folder.write("deep.json", nested(100));
    folder.refuses("world edit cluster.main/config-map/acme/deep --embedded w.sqlite --create deep.json", 64, &["levels deep"]);
    folder.vamp(&format!("{edit} --set {}={}", vec!["a"; 32].join("."), nested(32))).run().done();
    folder.vamp("world show --embedded w.sqlite").run().done();
    folder.vamp("plan vamp.yaml --embedded w.sqlite").run().done();
    folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").run().done();
}
