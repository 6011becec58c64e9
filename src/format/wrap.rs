//! Line wrapping.

use unicode_segmentation::UnicodeSegmentation;

use crate::format::text::{split_at_width, width};

/// Wraps a text to lines of at most this many cells, between words if possible.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(1);
    // Most messages fit, and each event counts the lines of the messages.
    if width(text) <= cells {
        return vec![text.trim_end().to_owned()];
    }
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words(text) {
        let mut word = word;
        if used + width(word) > cells && !word.trim().is_empty() {
            if used > 0 {
                lines.push(String::new());
                used = 0;
            }
            // Never measures the whole rest: that would scan a long word once per line.
            while let (head, tail) = split_at_width(word, cells)
                && !tail.is_empty()
            {
                if let Some(line) = lines.last_mut() {
                    line.push_str(head);
                }
                lines.push(String::new());
                word = tail;
            }
        } else if used == 0 && word.trim().is_empty() && lines.len() > 1 {
            continue;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
            used += width(word);
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Splits a text where a line may break. Paths, ARNs and words with punctuation stay whole; scripts without spaces break
/// between words.
fn words(text: &str) -> Vec<&str> {
    if text.is_ascii() { ascii_words(text) } else { unicode_words(text) }
}

/// Returns the same as `unicode_words`, without looking up the class of each character.
fn ascii_words(text: &str) -> Vec<&str> {
    let is_same = |a: &u8, b: &u8| a.is_ascii_whitespace() == b.is_ascii_whitespace();
    let mut rest = text;
    let lengths = text.as_bytes().chunk_by(is_same).map(<[u8]>::len);
    let words = lengths.map(|length| {
        let (word, after) = rest.split_at(length);
        rest = after;
        word
    });
    words.collect()
}

fn unicode_words(text: &str) -> Vec<&str> {
    let is_glue = |c: char| c.is_ascii() && !c.is_ascii_whitespace();
    let mut words = Vec::new();
    let mut from = 0;
    for (at, next) in text.split_word_bound_indices() {
        let before = text[..at].chars().next_back();
        let holds = before.is_some_and(is_glue) && next.chars().next().is_some_and(is_glue);
        if at > from && !holds {
            words.push(&text[from..at]);
            from = at;
        }
    }
    words.push(&text[from..]);
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ascii_needs_no_word_boundaries(text in "[ab.:/ ,'_1-]{0,40}") {
            let expected = if text.is_empty() { Vec::new() } else { unicode_words(&text) };
            prop_assert_eq!(ascii_words(&text), expected);
        }
    }

    #[test]
    fn lines_break_at_spaces_and_between_japanese_words() {
        assert_eq!(wrap("an answer came. See /tmp/a.b/c", 14), ["an answer", "came. See", "/tmp/a.b/c"]);
        assert_eq!(wrap("注文の東京", 6), ["注文の", "東京"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }
}
