//! Messages of errors that filters raise, without values of their input: it may be an execution's input or output.

use jaq_core::Error;
use jaq_json::Val;
use serde::de::IgnoredAny;

/// The longest message, in characters.
const LONGEST: usize = 300;

/// Returns the message of an error: values are replaced by their types, unless they occur in the filter. The text of
/// `error("..")` is the filter's own.
pub(super) fn error_text(error: &Error<Val>, filter: &str) -> String {
    let shown = error.to_string();
    let text = match serde_json::from_str::<String>(&shown) {
        // Texts of the library, and of `error("..")`.
        Ok(text) => text,
        Err(_) if serde_json::from_str::<IgnoredAny>(&shown).is_ok() => format!("it raises {}", kind(&shown)),
        Err(_) => shown,
    };
    let is_of_library =
        ["cannot ", "invalid "].iter().any(|start| text.starts_with(start)) || text.ends_with(" has no length");
    let text = if is_of_library { without_values(&text, filter) } else { text };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Replaces JSON values in a text.
fn without_values(text: &str, filter: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(word) = rest.split_inclusive(' ').next() {
        if !is_beginning(word) {
            shown.push_str(word);
            rest = &rest[word.len()..];
            continue;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                let (value, after) = rest.split_at(values.byte_offset());
                // A name such as "a" of `.a`.
                let is_of_filter =
                    value.starts_with('"') && value.len() > 2 && filter.contains(value.trim_matches('"'));
                shown.push_str(if is_of_filter { value } else { kind(value) });
                rest = after;
            }
            // A value that was cut, or is not JSON.
            _ => return shown + "…",
        }
    }
    shown
}

/// Whether a JSON value may begin with this word.
fn is_beginning(word: &str) -> bool {
    let is_number = word.strip_prefix('-').unwrap_or(word).starts_with(|c: char| c.is_ascii_digit());
    is_number
        || word.starts_with(['{', '[', '"'])
        || ["null", "true", "false", "NaN", "Infinity"].contains(&word.trim_end())
}

fn kind(value: &str) -> &'static str {
    match value.bytes().next() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b'n') => "null",
        Some(b't' | b'f') => "a boolean",
        _ => "a number",
    }
}
