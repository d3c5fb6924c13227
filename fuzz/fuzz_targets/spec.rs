//! Any bytes as a spec.

#![no_main]

#[path = "../properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::any_bytes_as_a_spec(bytes));
