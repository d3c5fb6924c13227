//! Signals to an apply that is under way: it stops in the way that was asked for, the journal is right, the lock is free, and the
//! next apply goes on.

use crate::shell::{Held, Shell, wait};
use benches::generate::{Layout, spec};
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt;

/// Some 1,800 steps: a run that tells more than a pipe holds.
fn long() -> Shell {
    Shell::with_spec(&spec(Layout::of_cells(60)))
}

/// What the journal says of a run that a signal stopped: stopped, with an end for everything that was begun.
fn is_stopped_and_goes_on(shell: &Shell) {
    let run = shell.latest_run();
    assert_eq!(run["verdict"], "cancelled", "{run}");
    assert!(run["done"].as_u64() > Some(0) && run["done"].as_u64() < run["steps"].as_u64(), "{run}");
    let (begun, ended) = shell.begun_and_ended(&run);
    assert_eq!(begun, ended, "what was begun has an end");
    shell.converges();
}

#[test]
fn the_first_sigint_stops_after_the_running_steps() {
    let shell = long();
    let held = Held::apply(&shell, 20);
    held.send(Signal::INT);
    let (status, told, took) = held.let_go();
    assert_eq!(status.code(), Some(130), "{told}");
    assert!(told.contains("stopping: nothing new is begun"), "{told}");
    assert!(told.contains("Stopped: "), "{told}");
    assert!(took.as_millis() < 7500, "hosted CI sends SIGTERM after 7.5 s; it took {took:?}");
    is_stopped_and_goes_on(&shell);
}

#[test]
fn sigterm_alone_stops_cleanly_too_and_says_so_by_its_code() {
    let shell = long();
    let held = Held::apply(&shell, 20);
    held.send(Signal::TERM);
    let (status, told, _) = held.let_go();
    assert_eq!(status.code(), Some(143), "{told}");
    assert!(told.contains("stopping: nothing new is begun"), "{told}");
    is_stopped_and_goes_on(&shell);
}

#[test]
fn a_second_signal_stops_now() {
    for second in [Signal::INT, Signal::TERM] {
        let shell = long();
        let held = Held::apply(&shell, 20);
        held.send(Signal::INT);
        // Two signals that nobody has heard of yet are one to a process, if they are the same.
        wait(50);
        held.send(second);
        let (status, told, _) = held.let_go();
        assert_eq!(status.code(), Some(130), "{told}");
        is_stopped_and_goes_on(&shell);
    }
}

#[test]
fn the_sequence_of_hosted_ci_leaves_a_journal_that_is_right_even_when_nobody_reads_the_log() {
    let shell = long();
    let mut held = Held::apply(&shell, 20);
    held.until_it_stands_still();
    held.send(Signal::INT);
    wait(7_500);
    held.send(Signal::TERM);
    wait(2_500);
    assert!(held.is_running(), "it is held by its reader");
    assert_eq!(held.kill().signal(), Some(9));
    let run = shell.latest_run();
    assert_eq!(run["verdict"], serde_json::Value::Null, "its end is not known: {run}");
    let (begun, ended) = shell.begun_and_ended(&run);
    assert!(begun > 0 && begun >= ended, "{begun} begun, {ended} ended");
    shell.converges();
    let runs = shell.well("history");
    assert!(runs.contains("no end known") && runs.contains("converged"), "{runs}");
}
