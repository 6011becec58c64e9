//! The name of an execution, and its allowed characters.

use std::fmt;
use std::sync::Arc;

use crate::domain::invisible::{self, Invisible};

const MAX_CHARS: usize = 80;

/// Why a text is not a valid execution name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No characters.
    #[error("a name needs at least one character")]
    Empty,
    /// Longer than 80 characters.
    #[error("a name has at most {MAX_CHARS} characters, this one has {chars}")]
    TooLong {
        /// Length in characters.
        chars: usize,
    },
    /// A character that Step Functions forbids.
    #[error("a name cannot contain {}, found at character {position}", describe(*character))]
    Forbidden {
        /// The forbidden character.
        character: char,
        /// Counted from 1, in characters.
        position: usize,
    },
    /// An invisible character, which Step Functions may accept.
    #[error("a name should not contain invisible characters: {0}")]
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

    /// Parses a user's name, which must not contain invisible characters.
    pub fn chosen(text: &str) -> Result<Self, NameError> {
        let name = Self::parse(text)?;
        invisible::first(text).map_or(Ok(name), |found| Err(NameError::Invisible(found)))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ExecutionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// White space, brackets, wildcards, special and control characters; a `char` cannot be a surrogate.
fn is_forbidden(c: char) -> bool {
    c.is_whitespace()
        || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c)
        || matches!(c, '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' | '\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_names_are_accepted() {
        for text in ["a", "run-1", "2026.11_x", "注文-4711", "a'b(c)!=+@", &"x".repeat(80), &"あ".repeat(80)] {
            assert_eq!(ExecutionName::parse(text).map(|n| n.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn forbidden_characters_are_named_with_their_position() {
        for c in " <>{}[]?*\"#%\\^|~`$&,;:/\n\t\u{7f}\u{85}\u{a0}\u{3000}\u{fffe}\u{10ffff}".chars() {
            let error = ExecutionName::parse(&format!("ab{c}d"));
            assert_eq!(error, Err(NameError::Forbidden { character: c, position: 3 }));
        }
        assert_eq!(ExecutionName::parse(""), Err(NameError::Empty));
        assert_eq!(ExecutionName::parse(&"あ".repeat(81)), Err(NameError::TooLong { chars: 81 }));
        let message = ExecutionName::parse("a b").map_err(|e| e.to_string());
        assert_eq!(message, Err("a name cannot contain a space, found at character 2".into()));
        let message = |text: &str| ExecutionName::chosen(text).map(drop).map_err(|error| error.to_string());
        assert_eq!(
            message("a\u{a0}b"),
            Err("a name cannot contain U+00A0 (no-break space), found at character 2".into())
        );
        let invisible =
            "a name should not contain invisible characters: character 2 is the invisible U+200B (zero width space)";
        assert_eq!(message("a\u{200b}b"), Err(invisible.into()));
        assert_eq!(message("注文-4711"), Ok(()));
    }
}
