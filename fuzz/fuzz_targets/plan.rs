//! Any text as a saved plan.

#![no_main]

#[path = "../properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| properties::any_text_as_a_plan(text));
