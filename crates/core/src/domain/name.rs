//! The name of an execution: what Step Functions allows in it.

use std::fmt;
use std::sync::Arc;

use crate::domain::invisible::{self, Invisible};

const MAX_CHARS: usize = 80;

/// Why a text cannot be an execution's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing in it.
    #[error("a name needs at least one character")]
    Empty,
    /// Longer than 80 characters.
    #[error("a name has at most {MAX_CHARS} characters, this one has {chars}")]
    TooLong {
        /// How many it has.
        chars: usize,
    },
    /// A character that Step Functions forbids.
    #[error("a name cannot contain {}, which is character {position} of it", describe(*character))]
    Forbidden {
        /// The character.
        character: char,
        /// Its place, counted from 1.
        position: usize,
    },
    /// A character that Step Functions may take, and that nobody can see.
    #[error("a name should not contain what cannot be seen: {0}")]
    Invisible(Invisible),
}

fn describe(character: char) -> String {
    match character {
        ' ' => "a space".into(),
        c if c.is_control() || c.is_whitespace() => invisible::named(c),
        c => format!("`{c}`"),
    }
}

/// A name that `StartExecution` accepts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExecutionName(Arc<str>);

impl ExecutionName {
    /// Checks length and characters (API reference, `StartExecution`, `name`).
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        let chars = text.chars().count();
        if chars > MAX_CHARS {
            return Err(NameError::TooLong { chars });
        }
        match text.chars().enumerate().find(|(_, c)| is_forbidden(*c)) {
            Some((index, character)) => Err(NameError::Forbidden { character, position: index + 1 }),
            None => Ok(Self(text.into())),
        }
    }

    /// The same for a name that a person chose: without characters that cannot be seen.
    pub fn chosen(text: &str) -> Result<Self, NameError> {
        let name = Self::parse(text)?;
        invisible::first(text).map_or(Ok(name), |found| Err(NameError::Invisible(found)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExecutionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// White space, brackets, wildcards, special characters and control characters; surrogates cannot
/// occur in a `char`.
fn is_forbidden(c: char) -> bool {
    c.is_whitespace()
        || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c)
        || matches!(c, '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' | '\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_step_functions_takes_are_taken() {
        for text in ["a", "run-1", "2026.11_x", "注文-4711", "a'b(c)!=+@", &"x".repeat(80), &"あ".repeat(80)] {
            assert_eq!(ExecutionName::parse(text).map(|n| n.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn forbidden_characters_are_named_with_their_place() {
        for c in " <>{}[]?*\"#%\\^|~`$&,;:/\n\t\u{7f}\u{85}\u{a0}\u{3000}\u{fffe}\u{10ffff}".chars() {
            let error = ExecutionName::parse(&format!("ab{c}d"));
            assert_eq!(error, Err(NameError::Forbidden { character: c, position: 3 }));
        }
        assert_eq!(ExecutionName::parse(""), Err(NameError::Empty));
        assert_eq!(ExecutionName::parse(&"あ".repeat(81)), Err(NameError::TooLong { chars: 81 }));
        let message = ExecutionName::parse("a b").map_err(|e| e.to_string());
        assert_eq!(message, Err("a name cannot contain a space, which is character 2 of it".into()));
        let message = |text: &str| ExecutionName::chosen(text).map(drop).map_err(|error| error.to_string());
        assert_eq!(
            message("a\u{a0}b"),
            Err("a name cannot contain U+00A0 (no-break space), which is character 2 of it".into())
        );
        let invisible =
            "a name should not contain what cannot be seen: character 2 is the invisible U+200B (zero width space)";
        assert_eq!(message("a\u{200b}b"), Err(invisible.into()));
        assert_eq!(message("注文-4711"), Ok(()));
    }
}
