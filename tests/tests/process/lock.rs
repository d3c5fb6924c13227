//! Two applies at once: the second is refused, and told by whom; a dead holder's lock is free at once.

use crate::shell::{Held, Shell};
use benches::generate::{Layout, spec};

#[test]
fn the_second_apply_is_refused_with_the_holder_and_goes_on_when_that_is_dead() {
    let shell = Shell::with_spec(&spec(Layout::of_cells(60)));
    let held = Held::apply(&shell, 20);
    held.until_it_stands_still();
    let refused = shell.vamp("apply vamp.yaml --yes");
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let holder = format!("ada on {host} holds the lock (process {}, apply since 20", held.id());
    assert!(told.contains("another run is at work") && told.contains(&holder), "{told}");

    let run = shell.latest_run();
    assert_eq!(run["run"], 1, "the refused run is none");
    held.kill();
    shell.converges();
    assert_eq!(shell.latest_run()["run"], 2);
}

#[test]
fn worlds_commands_are_refused_while_a_run_is_at_work_and_looking_is_not() {
    let shell = Shell::with_spec(&spec(Layout::of_cells(60)));
    let held = Held::apply(&shell, 20);
    held.until_it_stands_still();
    let refused = shell.vamp("world advance 1h");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("holds the lock"));
    shell.well("world show");
    shell.well("history");
    let (status, told, _) = held.let_go();
    assert!(status.success(), "{told}");
}
