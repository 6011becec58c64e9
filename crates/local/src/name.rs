//! Execution names as the service checks them.

const MAX_CHARS: usize = 80;

/// Why `StartExecution` refuses a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameError {
    Empty,
    TooLong,
    /// It has a character that the API reference forbids.
    Forbidden,
}

/// A name that `StartExecution` accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExecutionName(String);

impl ExecutionName {
    pub(crate) fn parse(text: &str) -> Result<Self, NameError> {
        match text.chars().count() {
            0 => Err(NameError::Empty),
            1..=MAX_CHARS if text.contains(is_forbidden) => Err(NameError::Forbidden),
            1..=MAX_CHARS => Ok(Self(text.to_owned())),
            _ => Err(NameError::TooLong),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// White space, brackets, wildcards, special characters and control characters (API reference, `StartExecution`).
fn is_forbidden(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c)
        || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_limited_in_length_and_characters() {
        for text in ["a", "run-1", "2026.11_x", "注文-4711", "a'b(c)!=+@", &"あ".repeat(80)] {
            assert!(ExecutionName::parse(text).is_ok(), "{text}");
        }
        for c in " <>{}[]?*\"#%\\^|~`$&,;:/\n\t\u{7f}\u{85}\u{a0}\u{3000}\u{fffe}\u{10ffff}".chars() {
            assert_eq!(ExecutionName::parse(&format!("ab{c}d")), Err(NameError::Forbidden), "{c:?}");
        }
        assert_eq!(ExecutionName::parse(""), Err(NameError::Empty));
        assert_eq!(ExecutionName::parse(&"あ".repeat(81)), Err(NameError::TooLong));
    }
}
