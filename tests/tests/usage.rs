//! Every usage screen of `vamp` is a golden in `golden/usage`, which reads as the manual of the command line.
//! `UPDATE_GOLDEN=1` writes them anew.

#![allow(clippy::expect_used, reason = "a test may take for granted what it is not about")]
#![allow(clippy::disallowed_methods, reason = "UPDATE_GOLDEN comes from the environment")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Columns of the goldens: what a terminal of the usual size shows.
const WIDTH: usize = 100;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("golden/usage")
}

/// The screen of a command and of all below it, by the name of its golden: `vamp-world-fail.txt`.
fn screens(command: &mut clap::Command, name: &str, screens: &mut BTreeMap<String, String>) {
    let screen = command.render_long_help().to_string();
    let tidy: Vec<&str> = screen.lines().map(str::trim_end).collect();
    screens.insert(format!("{name}.txt"), format!("{}\n", tidy.join("\n")));
    for below in command.get_subcommands_mut() {
        let name = format!("{name}-{}", below.get_name());
        self::screens(below, &name, screens);
    }
}

fn all() -> BTreeMap<String, String> {
    let mut command = vamp::command().term_width(WIDTH);
    command.build();
    let mut found = BTreeMap::new();
    screens(&mut command, "vamp", &mut found);
    found
}

#[test]
fn every_usage_screen_is_its_golden_and_every_golden_a_screen() {
    let screens = all();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).expect("the folder");
        for (name, screen) in &screens {
            fs::write(folder().join(name), screen).expect("a golden");
        }
    }
    let goldens: BTreeMap<String, String> = fs::read_dir(folder())
        .expect("golden/usage")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path()).expect("a golden")))
        .collect();
    let names = |map: &BTreeMap<String, String>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&goldens), names(&screens), "UPDATE_GOLDEN=1 writes them anew");
    for (name, screen) in &screens {
        assert_eq!(&goldens[name], screen, "{name} differs; UPDATE_GOLDEN=1 writes it anew");
    }
}

#[test]
fn every_screen_fits_a_terminal_and_every_option_says_what_it_does() {
    let mut command = vamp::command();
    command.build();
    let mut commands = vec![command];
    while let Some(command) = commands.pop() {
        assert!(command.get_about().is_some(), "{} says nothing of itself", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {} has no help", command.get_name(), argument.get_id());
        }
        commands.extend(command.get_subcommands().cloned());
    }
    for (name, screen) in all() {
        assert!(screen.lines().all(|line| line.chars().count() <= WIDTH), "{name} is too wide:\n{screen}");
    }
}

#[test]
fn the_help_names_every_exit_code() {
    let screens = all();
    for (exit, meaning) in vamp::exit::Exit::TABLE {
        let line = format!("{:>3}  {meaning}", exit.code());
        assert!(screens["vamp.txt"].contains(&line), "{line} is not in the help");
    }
}
