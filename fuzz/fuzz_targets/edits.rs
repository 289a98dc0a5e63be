#![no_main]

#[allow(dead_code, reason = "each target needs a part")]
#[path = "../../tests/main/robustness/invariants.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|text: &str| invariants::edits(text));
