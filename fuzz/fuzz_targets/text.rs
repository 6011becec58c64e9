//! Text from outside, made safe and measured. The first line is a width in cells.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/numbers.rs"]
mod numbers;

use stepgate::format::text::{column, fit, split_at_width, visible, visible_json, width};
use stepgate::format::wrap::wrap;

/// Nothing is left that a terminal would act on, nothing is wider than asked for, and nothing is lost.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (first, text) = text.split_once('\n').unwrap_or((&text, ""));
    let cells = usize::from(numbers::pair(first).0 % 300);
    let shown = visible(text);
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert_eq!(visible(&shown), shown, "what is safe stays as it is");
    let json = serde_json::to_string(text).unwrap_or_default();
    let safe = visible_json(&json);
    assert_eq!(visible(&safe), safe, "JSON is as safe");
    assert_eq!(serde_json::from_str::<String>(&safe).ok().as_deref(), Some(text), "and says the same");
    assert!(width(&fit(&shown, cells)) <= cells);
    assert_eq!(width(&column(&shown, cells)), cells);
    let mut rest = &*shown;
    while !rest.is_empty() {
        let (head, tail) = split_at_width(rest, cells);
        assert!(!head.is_empty() && head.len() + tail.len() == rest.len());
        rest = tail;
    }
    // A single character may take three cells: U+17D8.
    let lines = wrap(&shown, cells.max(3));
    assert!(lines.iter().all(|line| width(line) <= cells.max(3)), "{lines:?}");
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    assert_eq!(bare(&lines.concat()), bare(&shown));
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
