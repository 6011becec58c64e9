//! Reading a payload: layout, folds, search, paths.
//!
//! The first line has the size of the pane, the second the keys, the third what is searched for; then comes the text.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/numbers.rs"]
mod numbers;

use serde::de::IgnoredAny;
use stepgate::app::Step;
use stepgate::app::reader::{Layout, Reader, Row, contains};
use stepgate::format::text::{visible, width};
use unicode_segmentation::UnicodeSegmentation;

/// Whatever is pressed, the rows fit, the cursor is in sight, and the text is the text.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (size, rest) = first_line(&text);
    let (keys, rest) = first_line(rest);
    let (needle, text) = first_line(rest);
    let (cells, height) = numbers::pair(size);
    let (cells, height) = (12 + usize::from(cells % 200), 1 + usize::from(height % 50));
    is_all_there(text, cells);
    is_found(text, needle);
    let is_one_value = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let mut reader = Reader::new(text.into());
    reader.fit(cells, height);
    for key in keys.chars().take(64) {
        press(&mut reader, key, needle);
        check(&reader, cells, is_one_value);
    }
}

/// The first line, and everything behind it.
fn first_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

fn press(reader: &mut Reader, key: char, needle: &str) {
    match key {
        'f' => reader.toggle_fold(),
        'F' => reader.fold_all(),
        'U' => reader.unfold_all(),
        'r' => reader.toggle_raw(),
        'w' => reader.toggle_wrap(),
        '/' => reader.find(needle),
        'n' => drop(reader.find_next(true)),
        'N' => drop(reader.find_next(false)),
        'p' => drop(reader.go_to_path(needle)),
        'l' => drop(reader.go_sideways(true)),
        'h' => drop(reader.go_sideways(false)),
        'g' => reader.go(Step::First),
        'G' => reader.go(Step::Last),
        'k' => reader.go(Step::By(-1)),
        'd' => reader.go(Step::Pages(1)),
        'u' => reader.go(Step::Pages(-1)),
        _ => reader.go(Step::By(1)),
    }
}

fn check(reader: &Reader, cells: usize, is_one_value: bool) {
    let rows = reader.rows();
    assert_eq!(rows.iter().filter(|(_, has_cursor)| *has_cursor).count(), usize::from(!reader.is_empty()));
    for (row, _) in &rows {
        let line = line(row);
        assert!(width(&line) <= cells, "{line:?} in {cells}");
        assert_eq!(visible(&line), line);
    }
    let (shown, all) = reader.scroll_position();
    assert!(all == 0 || shown <= all);
    if reader.layout() == Layout::Raw || reader.is_empty() || !is_one_value {
        return;
    }
    assert!(serde_json::from_str::<IgnoredAny>(reader.value()).is_ok(), "no value: {}", reader.value());
    let path = reader.path().expect("laid out JSON has paths");
    let mut there = reader.clone();
    assert_eq!((there.go_to_path(&path), there.path()), (Ok(()), Some(path)));
}

fn line(row: &Row) -> String {
    let text: String = row.spans.iter().map(|span| span.text.as_str()).collect();
    format!("{}{text}", " ".repeat(row.indent))
}

/// All rows one after another are the text. White space is reformatted, and what stands for a character without a
/// cell of its own depends on where a row ends.
fn is_all_there(text: &str, cells: usize) {
    let by_grapheme: String = text.graphemes(true).map(visible).collect();
    if by_grapheme != visible(text) || text.graphemes(true).any(|g| g.chars().count() > 1 && g != "\r\n") {
        return;
    }
    let mut reader = Reader::new(text.into());
    reader.fit(cells, text.len() + 1);
    let rows: String = reader.rows().iter().map(|(row, _)| line(row)).collect();
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let lines: String = text.split('\n').map(|line| visible(line.trim_end_matches('\r')).into_owned()).collect();
    if reader.layout() == Layout::Pretty {
        // Between the pieces of JSON there is white space only.
        assert_eq!(bare(&rows).replace(['␉', '␊', '␍'], ""), bare(&visible(text)).replace(['␉', '␊', '␍'], ""));
    } else {
        assert_eq!(bare(&rows), bare(&lines));
    }
}

/// A search finds what a search in the whole text finds.
fn is_found(text: &str, needle: &str) {
    let any_case = !needle.chars().any(char::is_uppercase);
    let folded = |text: &str| if any_case { text.to_ascii_lowercase() } else { text.to_owned() };
    let is_there = !needle.is_empty() && folded(text).contains(&folded(needle));
    assert_eq!(contains(text, needle), is_there);
    let mut reader = Reader::new(text.into());
    reader.fit(80, 20);
    reader.find(needle);
    let (current, count) = reader.search().position();
    assert_eq!((current.is_some(), count > 0), (is_there, is_there));
    assert!(count <= text.len());
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
