//! Surroundings that give nothing: no home, no language, no width, no time to wait.

use crate::program::Folder;

#[test]
fn without_any_environment_everything_works() {
    let folder = Folder::new();
    folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").env_only(&[]).run().done();
    folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").env_only(&[]).run().done();
    folder.vamp("history --embedded w.sqlite").env_only(&[]).run().done();
    folder.vamp("--help").env_only(&[]).run().done();
}

#[test]
fn no_language_and_no_width_change_what_is_said() {
    let folder = Folder::applied();
    folder.edit_spec("weight: 90", "weight: 80");
    for call in [
        "plan vamp.yaml --embedded w.sqlite",
        "status vamp.yaml --embedded w.sqlite",
        "graph vamp.yaml",
        "world show --embedded w.sqlite",
    ] {
        let usual = folder.vamp(call).run();
        for (name, value) in [
            ("LANG", "C"),
            ("LC_ALL", "tlh"),
            ("COLUMNS", "20"),
            ("COLUMNS", "0"),
            ("COLUMNS", "-1"),
            ("TERM", "dumb"),
            ("HOME", ""),
        ] {
            let ended = folder.vamp(call).env(name, value).run();
            assert_eq!((ended.code, &ended.out, &ended.err), (usual.code, &usual.out, &usual.err), "{name}={value}");
        }
    }
}

#[test]
fn help_is_no_failure_in_any_window() {
    let folder = Folder::new();
    for columns in ["0", "1", "20", "99999999999999999999", "wide"] {
        for call in ["--help", "plan --help", "world edit --help", "--version"] {
            folder.vamp(call).env("COLUMNS", columns).run().done();
        }
    }
}

#[test]
fn the_user_s_name_is_escaped_where_it_is_shown() {
    let folder = Folder::new();
    folder.vamp("apply vamp.yaml --yes --embedded w.sqlite").env("USER", "eve\u{1b}[31m\u{202e}").run().done();
    let ended = folder.vamp("history --embedded w.sqlite").run();
    assert!(ended.out.contains("eve\\u{1b}[31m\\u{202e}@"), "{ended:?}");
}

#[test]
fn the_spec_may_change_or_go_between_plan_and_apply() {
    let folder = Folder::applied();
    let spec = folder.text("vamp.yaml");
    folder.edit_spec("weight: 90", "weight: 80");
    folder.edit_spec("weight: 10 }", "weight: 20 }");
    folder.vamp("plan vamp.yaml --embedded w.sqlite -o plan.json").run().done();
    let planned = folder.text("vamp.yaml");
    folder.write("vamp.yaml", spec);
    folder.vamp("apply plan.json --yes --embedded w.sqlite").run().done();
    let ended = folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").run();
    assert_eq!(ended.code, Some(2), "the plan is what was carried out, not what the file says now: {ended:?}");
    folder.write("vamp.yaml", planned);
    folder.vamp("plan vamp.yaml --embedded w.sqlite --detailed-exitcode").run().done();
}
