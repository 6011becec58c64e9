//! Inputs and outputs of executions: JSON text, kept byte for byte.

use std::fmt;
use std::sync::Arc;

use serde::de::IgnoredAny;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::domain::invisible;

/// Maximum size of `input` and `output` in bytes of UTF-8 (API reference, `StartExecution`).
pub const MAX_INPUT_BYTES: usize = 262_144;

/// An input or output as text. It is never parsed into numbers or maps, which would change `1.0`, big integers,
/// duplicate keys and the order of keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Payload(Arc<str>);

/// Why a text is not a valid input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Only white space.
    #[error("the input is empty; `{{}}` is the smallest one")]
    Empty,
    /// Not JSON.
    #[error("line {line}, column {column}: {message}")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// The parser's message.
        message: String,
    },
    /// Larger than Step Functions accepts.
    #[error("the input has {bytes} bytes of UTF-8, {} more than the limit of {MAX_INPUT_BYTES}", bytes - MAX_INPUT_BYTES)]
    TooLarge {
        /// Size in bytes.
        bytes: usize,
    },
}

impl Payload {
    /// Wraps received text unchecked.
    pub fn received(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Checks an input to send: any JSON value of at most 262,144 bytes. A byte order mark is removed.
    pub fn input(text: &str) -> Result<Self, InputError> {
        let text = without_mark(text);
        check_input(text)?;
        Ok(Self(text.into()))
    }

    /// Returns `{}`.
    pub fn empty_object() -> Self {
        Self("{}".into())
    }

    /// Returns a digest that equal JSON values share in any notation; `None` if this is not JSON or too deeply nested.
    pub fn digest(&self) -> Option<InputDigest> {
        let mut value = serde_json::from_str(self.as_str()).ok()?;
        normalize(&mut value);
        let hash = Sha256::digest(serde_json::to_vec(&value).ok()?);
        let (half, _) = hash.split_first_chunk::<16>()?;
        Some(InputDigest(format!("{:032x}", u128::from_be_bytes(*half)).into()))
    }

    /// Returns the text as a shared pointer.
    pub fn shared(&self) -> Arc<str> {
        self.0.clone()
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Identifies a JSON value independently of white space, order of members and notation of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InputDigest(Arc<str>);

impl InputDigest {
    /// Parses the result of [`Self::as_str`].
    pub fn from_text(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Sorts members by name, and gives equal numbers one notation: gateways that reprint JSON turn `1.0` into `1`.
/// Integers beyond 2^53 stay distinct from their nearest `f64`, since a lost digit is a real change.
fn normalize(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.sort_keys();
            members.values_mut().for_each(normalize);
        }
        Value::Array(items) => items.iter_mut().for_each(normalize),
        Value::Number(number) => {
            const EXACT: f64 = 9_007_199_254_740_992.0;
            if let Some(float) = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < EXACT) {
                #[expect(clippy::cast_possible_truncation, reason = "the range is checked right here")]
                let integer = float as i64;
                *number = integer.into();
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

impl fmt::Debug for Payload {
    /// Only the size: payloads are large and confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

/// Applies the rules of [`Payload::input`] without keeping the text; cheap enough for every keystroke.
pub fn check_input(text: &str) -> Result<(), InputError> {
    let text = without_mark(text);
    if text.len() > MAX_INPUT_BYTES {
        return Err(InputError::TooLarge { bytes: text.len() });
    }
    if text.trim().is_empty() {
        return Err(InputError::Empty);
    }
    // `IgnoredAny` walks the text without recursion and without a range for numbers.
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|error| not_json(text, &error))
}

/// Editors put a byte order mark in front of a text, which is not part of the JSON.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn not_json(text: &str, error: &serde_json::Error) -> InputError {
    let whole = error.to_string();
    // serde_json appends the position to its message, and counts columns in bytes.
    let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(words, _)| words).to_owned();
    // Column 0 is the line break itself, shown at the end of the line before.
    let (line, bytes) = match (error.line().max(1), error.column()) {
        (line, 0) if line > 1 => (line - 1, usize::MAX),
        place => place,
    };
    let found = text.lines().nth(line - 1).unwrap_or_default();
    let column = found.char_indices().take_while(|(at, _)| *at < bytes).count().max(1);
    // The character there may be invisible, and then "expected value" does not help.
    match found.chars().nth(column - 1).filter(|character| invisible::is_invisible(*character)) {
        Some(character) => {
            let message = format!("{} is invisible, and not allowed here; remove it", invisible::named(character));
            InputError::NotJson { line, column, message }
        }
        None => InputError::NotJson { line, column, message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_value_is_a_valid_input_and_is_kept_unchanged() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for text in
            ["{}", " null ", "2", "\"some text\"", "{\"a\":1.0,\"a\":1e400,\"b\":12345678901234567890123}", &deep]
        {
            assert_eq!(Payload::input(text).map(|p| p.as_str().to_owned()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_digest_ignores_only_notation() {
        let digest = |text: &str| Payload::received(text).digest();
        assert!(digest("{}").is_some_and(|digest| digest.as_str().len() == 32));
        for (one, other) in [
            (r#"{"a":1.0,"b":[true,null]}"#, "{ \"b\": [ true, null ],\n \"a\": 1 }"),
            (r#""\u3042""#, "\"あ\""),
            ("1e2", "100"),
            ("-0.0", "0"),
        ] {
            assert_eq!(digest(one), digest(other), "{one} {other}");
        }
        for (one, other) in [
            (r#"{"a":1}"#, r#"{"a":"1"}"#),
            ("[1,2]", "[2,1]"),
            ("12345678901234567", "12345678901234568"),
            ("{}", "null"),
            (r#"{"a":null}"#, "{}"),
        ] {
            assert_ne!(digest(one), digest(other), "{one} {other}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!((digest(&deep), digest("{")), (None, None));
    }

    #[test]
    fn errors_have_a_line_and_a_column_in_characters() {
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
    fn a_byte_order_mark_is_removed_and_other_invisible_characters_are_named() {
        assert_eq!(Payload::input("\u{feff}{\"a\":1.0}").map(|p| p.as_str().to_owned()), Ok("{\"a\":1.0}".into()));
        assert_eq!(check_input("\u{feff}{}"), Ok(()));
        for (text, expected) in [
            ("\u{a0}{}", "line 1, column 1: U+00A0 (no-break space) is invisible, and not allowed here; remove it"),
            (
                "{\u{a0}\"a\": 1}",
                "line 1, column 2: U+00A0 (no-break space) is invisible, and not allowed here; remove it",
            ),
            (
                "{\"注\":\u{200b}1}",
                "line 1, column 6: U+200B (zero width space) is invisible, and not allowed here; remove it",
            ),
            (
                "{\n\"a\": 1\u{3000},\n}",
                "line 2, column 7: U+3000 (ideographic space) is invisible, and not allowed here; remove it",
            ),
            (
                "[1,\u{202e}2]",
                "line 1, column 4: U+202E (text direction) is invisible, and not allowed here; remove it",
            ),
            ("{}\u{ad}", "line 1, column 3: U+00AD (soft hyphen) is invisible, and not allowed here; remove it"),
            ("{}\u{feff}", "line 1, column 3: U+FEFF (byte order mark) is invisible, and not allowed here; remove it"),
        ] {
            assert_eq!(Payload::input(text).map_err(|error| error.to_string()), Err(expected.into()), "{text:?}");
        }
        let inside = "{\"a\": \"\u{200b}\u{a0}\"}";
        assert_eq!(Payload::input(inside).map(|p| p.as_str().to_owned()), Ok(inside.into()));
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
