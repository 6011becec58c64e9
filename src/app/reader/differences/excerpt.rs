//! The beginning of a value, on one line.

/// Limit for the characters shown of a value.
pub(super) const SHOWN: usize = 300;

/// Returns the beginning of a value on one line.
pub(super) fn shortened(text: &str) -> String {
    // White space between two words becomes one space, so slightly more text than is shown has to be read.
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&cut(word));
        if words.len() > 4 * SHOWN {
            break;
        }
    }
    cut(&words)
}

/// Returns the beginning of a text, with `…` if something is missing.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
