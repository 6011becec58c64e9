//! Keys, independent of the terminal library, with parsing and display.

use std::fmt;

/// A key without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyCode {
    /// A character; upper case if shift was held.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key.
    pub code: KeyCode,
    /// Whether Control was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
    /// Whether Shift was held; always false for characters, which are upper case instead.
    pub shift: bool,
}

impl Key {
    /// Returns a key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// Returns a character with Control.
    pub const fn ctrl(c: char) -> Self {
        Self { code: KeyCode::Char(c), ctrl: true, alt: false, shift: false }
    }

    /// Parses `n`, `?`, `ctrl-s`, `alt-enter`, `page-down`, `f5`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut key = Self::plain(KeyCode::Esc);
        let mut rest = text;
        loop {
            let lower = rest.to_lowercase();
            let (flag, len) = if lower.starts_with("ctrl-") && rest.len() > 5 {
                (&mut key.ctrl, 5)
            } else if lower.starts_with("alt-") && rest.len() > 4 {
                (&mut key.alt, 4)
            } else if lower.starts_with("shift-") && rest.len() > 6 {
                (&mut key.shift, 6)
            } else {
                break;
            };
            *flag = true;
            rest = &rest[len..];
        }
        let mut chars = rest.chars();
        key.code = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => KeyCode::Char(c),
            _ => *NAMES.iter().find(|(name, _)| *name == rest.to_lowercase()).map(|(_, code)| code)?,
        };
        Some(key)
    }

    /// Returns the key that this one stands for: terminals report Shift-Tab and Control with upper-case letters in several
    /// ways, and Control with some letters as the keys with the same control code.
    pub(in crate::app) fn normalized(self) -> Self {
        let mut key = self;
        let same = match key.code {
            KeyCode::Char(c) if key.ctrl => match c.to_ascii_lowercase() {
                'h' => Some(KeyCode::Backspace),
                'i' => Some(KeyCode::Tab),
                'j' | 'm' => Some(KeyCode::Enter),
                '[' => Some(KeyCode::Esc),
                _ => None,
            },
            _ => None,
        };
        if let Some(code) = same {
            key = Self { code, ctrl: false, ..key };
        }
        match key.code {
            KeyCode::Tab if key.shift => Self { code: KeyCode::BackTab, shift: false, ..key },
            KeyCode::BackTab => Self { shift: false, ..key },
            KeyCode::Char(c) => {
                key.shift = false;
                if key.ctrl {
                    key.code = KeyCode::Char(c.to_ascii_lowercase());
                }
                key
            }
            _ => key,
        }
    }
}

const NAMES: [(&str, KeyCode); 27] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("back-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("page-up", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("f1", KeyCode::F(1)),
    ("f2", KeyCode::F(2)),
    ("f3", KeyCode::F(3)),
    ("f4", KeyCode::F(4)),
    ("f5", KeyCode::F(5)),
    ("f6", KeyCode::F(6)),
    ("f7", KeyCode::F(7)),
    ("f8", KeyCode::F(8)),
    ("f9", KeyCode::F(9)),
    ("f10", KeyCode::F(10)),
    ("f11", KeyCode::F(11)),
    ("space", KeyCode::Char(' ')),
];

impl fmt::Display for Key {
    /// Formats the key for the footer and the help: `Ctrl-S`, `Enter`, `n`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.ctrl => write!(f, "{}", c.to_uppercase()),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::Enter => f.write_str("Enter"),
            KeyCode::Esc => f.write_str("Esc"),
            KeyCode::Tab => f.write_str("Tab"),
            KeyCode::Backspace => f.write_str("Backspace"),
            KeyCode::Delete => f.write_str("Del"),
            KeyCode::Home => f.write_str("Home"),
            KeyCode::End => f.write_str("End"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_people_write_them() {
        assert_eq!(Key::parse("n"), Some(Key::plain(KeyCode::Char('n'))));
        assert_eq!(Key::parse("N"), Some(Key::plain(KeyCode::Char('N'))));
        assert_eq!(Key::parse("Ctrl-s"), Some(Key::ctrl('s')));
        assert_eq!(Key::parse("-"), Some(Key::plain(KeyCode::Char('-'))));
        assert_eq!(Key::parse("ctrl--"), Some(Key::ctrl('-')));
        assert_eq!(Key::parse("page-down"), Some(Key::plain(KeyCode::PageDown)));
        assert_eq!(Key::parse("space"), Some(Key::plain(KeyCode::Char(' '))));
        assert_eq!(Key::parse("ctrl-"), None);
        assert_eq!(Key::parse("enterr"), None);
        assert_eq!(Key::parse(""), None);
        assert_eq!(Key::ctrl('s').to_string(), "Ctrl-S");
    }
}
