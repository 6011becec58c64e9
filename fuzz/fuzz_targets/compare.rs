//! Comparing two payloads, separated by a line `---`.
#![cfg_attr(fuzzing, no_main)]

use stepgate::app::reader::{Compared, differences};

/// A text differs from itself nowhere, and two texts differ in both directions or in none.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (left, right) = text.split_once("\n---\n").unwrap_or((&text, ""));
    assert_eq!(differences(left, left), Compared::Differences(Vec::new(), false));
    let (Compared::Differences(there, _), Compared::Differences(back, _)) =
        (differences(left, right), differences(right, left))
    else {
        panic!("texts of a few kilobytes are compared");
    };
    assert_eq!(there.is_empty(), back.is_empty());
    for difference in &there {
        assert!(difference.left.is_some() || difference.right.is_some(), "{difference:?}");
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
