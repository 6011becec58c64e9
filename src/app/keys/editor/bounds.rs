//! Boundaries in a text: of grapheme clusters, words and lines. A cursor never stands inside a cluster.

use unicode_segmentation::GraphemeCursor;

/// Returns the end of the cluster that begins at `at`.
pub(super) fn next(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    cursor.next_boundary(text, 0).ok().flatten().unwrap_or(text.len())
}

/// Returns the start of the cluster that ends at `at`.
pub(super) fn previous(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    cursor.prev_boundary(text, 0).ok().flatten().unwrap_or(0)
}

/// Returns `at`, or the end of the cluster around it.
pub(crate) fn snap(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    let is_boundary = GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(true);
    if is_boundary { at } else { next(text, at) }
}

/// Returns the end of the next word.
pub(super) fn word_right(text: &str, at: usize) -> usize {
    let blanks = skip_right(text, at, |cluster| !is_word(cluster));
    skip_right(text, blanks, is_word)
}

/// Returns the start of the previous word.
pub(super) fn word_left(text: &str, at: usize) -> usize {
    let blanks = skip_left(text, at, |cluster| !is_word(cluster));
    skip_left(text, blanks, is_word)
}

/// Returns the start of the previous word, where only blanks separate words.
pub(super) fn blank_word_left(text: &str, at: usize) -> usize {
    let is_blank = |cluster: &str| cluster.starts_with(char::is_whitespace);
    let blanks = skip_left(text, at, is_blank);
    skip_left(text, blanks, |cluster| !is_blank(cluster))
}

/// Returns the start of the line with this offset.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |found| found + 1)
}

/// Returns the end of the line with this offset, before the line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found)
}

fn is_word(cluster: &str) -> bool {
    cluster.starts_with(char::is_alphanumeric)
}

fn skip_right(text: &str, mut at: usize, skips: impl Fn(&str) -> bool) -> usize {
    while at < text.len() {
        let end = next(text, at);
        if !skips(&text[at..end]) {
            break;
        }
        at = end;
    }
    at
}

fn skip_left(text: &str, mut at: usize, skips: impl Fn(&str) -> bool) -> usize {
    while at > 0 {
        let start = previous(text, at);
        if !skips(&text[start..at]) {
            break;
        }
        at = start;
    }
    at
}
