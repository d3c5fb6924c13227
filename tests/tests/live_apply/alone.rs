//! Two applies at once: the second is refused, and told who is at work.

use super::platform::Platform;
use rustix::process::Signal;

#[test]
fn of_two_applies_at_once_the_second_is_refused_with_the_holder_of_the_lock() {
    let Some(platform) = Platform::shared("twice") else { return };
    let first = platform.apply_until(3);
    first.signal(Signal::STOP);
    let second = platform.apply();
    first.signal(Signal::CONT);
    let first = first.ended();
    assert_eq!(second.code, Some(1), "{}", second.err);
    assert!(second.err.contains("another run is at work on this platform"), "{}", second.err);
    assert!(second.err.contains("anna on ") && second.err.contains("holds the lock (process "), "{}", second.err);
    assert_eq!(first.code, Some(0), "{}", first.err);
    platform.is_settled();
}
