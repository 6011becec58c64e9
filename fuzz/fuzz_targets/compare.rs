//! Comparing two payloads, which a line `---` divides.
#![cfg_attr(fuzzing, no_main)]

use stepgate::app::reader::differences;

/// A text differs from itself nowhere, and two texts differ in both directions or in none.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (left, right) = text.split_once("\n---\n").unwrap_or((&text, ""));
    assert_eq!(differences(left, left), []);
    let (there, back) = (differences(left, right), differences(right, left));
    assert_eq!(there.is_empty(), back.is_empty());
    for difference in &there {
        assert!(difference.left.is_some() || difference.right.is_some(), "{difference:?}");
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
