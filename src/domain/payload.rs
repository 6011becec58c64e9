//! What goes into an execution and comes out of it: text holding JSON, kept byte for byte.

use std::fmt;
use std::sync::Arc;

use serde::de::IgnoredAny;

/// The most bytes of UTF-8 that `input` and `output` may have (API reference, `StartExecution`).
pub const MAX_INPUT_BYTES: usize = 262_144;

/// An input or output as text. Never read into numbers or maps: that would change `1.0`, big
/// integers, duplicate keys and the order of keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Payload(Arc<str>);

/// Why a text cannot be an execution's input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Nothing but white space.
    #[error("the input is empty; `{{}}` is the smallest one")]
    Empty,
    /// Not JSON.
    #[error("line {line}, column {column}: {message}")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// The parser's words.
        message: String,
    },
    /// More than Step Functions takes.
    #[error("the input has {bytes} bytes of UTF-8, {} more than the {MAX_INPUT_BYTES} that Step Functions takes", bytes - MAX_INPUT_BYTES)]
    TooLarge {
        /// How many it has.
        bytes: usize,
    },
}

impl Payload {
    /// Takes what somebody else has sent, as it is.
    pub fn received(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Checks what is to be sent: JSON of any kind, of at most 262,144 bytes.
    pub fn input(text: &str) -> Result<Self, InputError> {
        check_input(text)?;
        Ok(Self(text.into()))
    }

    /// The input that means "nothing": `{}`.
    pub fn empty_object() -> Self {
        Self("{}".into())
    }

    /// Whether both say the same: a gateway may write JSON anew.
    pub fn is_same_json(&self, other: &Self) -> bool {
        let read = |payload: &Self| serde_json::from_str::<serde_json::Value>(payload.as_str()).ok();
        self == other || read(self).is_some_and(|value| Some(value) == read(other))
    }

    /// The text, to be kept by somebody else too.
    pub fn shared(&self) -> Arc<str> {
        self.0.clone()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Payload {
    /// Only the size: payloads can be large, and are nobody's business in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

/// The rules of [`Payload::input`] without keeping the text; cheap enough for every key stroke.
pub fn check_input(text: &str) -> Result<(), InputError> {
    if text.len() > MAX_INPUT_BYTES {
        return Err(InputError::TooLarge { bytes: text.len() });
    }
    if text.trim().is_empty() {
        return Err(InputError::Empty);
    }
    // IgnoredAny walks the text without recursion and without giving numbers a range.
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|error| not_json(text, &error))
}

fn not_json(text: &str, error: &serde_json::Error) -> InputError {
    let whole = error.to_string();
    // serde_json puts the place behind its words, and counts columns in bytes.
    let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(words, _)| words).to_owned();
    // Column 0 is the line break itself, which people see at the end of the line before.
    let (line, bytes) = match (error.line().max(1), error.column()) {
        (line, 0) if line > 1 => (line - 1, usize::MAX),
        place => place,
    };
    let column =
        text.lines().nth(line - 1).map_or(0, |found| found.char_indices().take_while(|(at, _)| *at < bytes).count());
    InputError::NotJson { line, column: column.max(1), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_value_is_an_input_and_is_kept_as_it_is() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for text in
            ["{}", " null ", "2", "\"some text\"", "{\"a\":1.0,\"a\":1e400,\"b\":12345678901234567890123}", &deep]
        {
            assert_eq!(Payload::input(text).map(|p| p.as_str().to_owned()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn faults_have_a_line_and_a_column_in_characters() {
        let at = |text: &str| match Payload::input(text) {
            Err(InputError::NotJson { line, column, .. }) => (line, column),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(at("{'a': 1}"), (1, 2));
        assert_eq!(at("{\n  \"a\": nul\n}"), (2, 10));
        assert_eq!(at("{\"注文\": x}"), (1, 8));
        assert_eq!(at("{\"a\": 1"), (1, 7));
        assert_eq!(at("{} {}"), (1, 4));
        assert_eq!(Payload::input("  \n"), Err(InputError::Empty));
    }

    #[test]
    fn the_size_is_counted_in_bytes_of_utf8() {
        let text = format!("\"{}\"", "あ".repeat(87_380));
        assert_eq!(text.len(), 262_142);
        assert!(Payload::input(&text).is_ok());
        let text = format!("\"{}\"", "あ".repeat(87_381));
        assert_eq!(Payload::input(&text), Err(InputError::TooLarge { bytes: 262_145 }));
    }
}
