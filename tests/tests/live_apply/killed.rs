//! Killed in the middle, again and again: the next apply goes on, and in the end everything is as wanted and nothing is there twice.

use super::platform::Platform;
use rustix::process::Signal;

#[test]
fn killed_at_any_step_the_next_apply_goes_on_to_the_end() {
    let Some(platform) = Platform::shared("killed") else { return };
    // Each run begins with what is left over by the one before.
    for steps in [1, 8, 15, 20, 3, 1] {
        let run = platform.apply_until(steps);
        run.signal(Signal::KILL);
        let said = run.ended();
        assert!(said.code.is_none() || said.code == Some(0), "{said:?}");
    }
    platform.apply().done();
    platform.is_settled();
    let history = platform.vamp(&["history", "SPEC"]).done();
    assert!(history.out.contains("no end known"), "{}", history.out);
}
