//! The test bench, as tests of the adapters find it: what its servers are called, and the real time in which they answer.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "real time against a real server; says why it is passed over"
)]

use std::collections::BTreeMap;

/// What `bench.env` says of the bench that is up.
pub(crate) struct Bench(BTreeMap<String, String>);

impl Bench {
    /// The bench that `VAMP_BENCH_DIR` names; without one, says that the test is passed over.
    pub(crate) fn found() -> Option<Bench> {
        let directory = std::env::var("VAMP_BENCH_DIR").unwrap_or_default();
        let Ok(text) = std::fs::read_to_string(format!("{directory}/bench.env")) else {
            eprintln!("skipped: no bench; tests/bench/up starts one, and VAMP_BENCH_DIR names it");
            return None;
        };
        let settings = text.lines().filter_map(|line| line.split_once('='));
        Some(Bench(settings.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()))
    }

    /// The value of a setting; nothing if it has none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Wait for `future`.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
