//! Invisible characters, which are copied along from web pages, mails and chats.

use std::fmt;

/// An invisible character in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invisible {
    /// The character.
    pub character: char,
    /// Counted from 1, in characters.
    pub position: usize,
}

/// Returns the first invisible character of a text. Spaces, tabs and line breaks do not count, nor do joiners and
/// variation selectors behind a letter or picture that is not ASCII: Persian, Hindi and emoji need them.
pub fn first(text: &str) -> Option<Invisible> {
    let mut before = None;
    for (index, character) in text.chars().enumerate() {
        let is_joined = is_joiner(character) && before.is_some_and(|before: char| !before.is_ascii());
        if !is_joined && (is_invisible(character) || is_control(character)) {
            return Some(Invisible { character, position: index + 1 });
        }
        before = Some(character);
    }
    None
}

/// Returns whether it is invisible, or looks like an ordinary space.
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{a0}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{1680}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2000}'..='\u{200f}'
        | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3000}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn is_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r')
}

fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Unicode names of the most common ones.
fn name(character: char) -> Option<&'static str> {
    Some(match character {
        '\0' => "null",
        '\u{1b}' => "escape",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "text direction",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "ideographic space",
        '\u{fe00}'..='\u{fe0f}' => "variation selector",
        '\u{feff}' => "byte order mark",
        _ => return None,
    })
}

/// Returns the code point, with its name if it is common: `U+200B (zero width space)`.
pub fn named(character: char) -> String {
    let number = format!("U+{:04X}", u32::from(character));
    name(character).map_or_else(|| number.clone(), |name| format!("{number} ({name})"))
}

impl fmt::Display for Invisible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {} is the invisible {}", self.position, named(self.character))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_named_with_their_position() {
        for (text, expected) in [
            ("", None),
            ("plain text,\t\"注文\"\r\n", None),
            ("a\u{200b}b", Some("character 2 is the invisible U+200B (zero width space)")),
            ("注\u{a0}", Some("character 2 is the invisible U+00A0 (no-break space)")),
            ("\u{feff}a", Some("character 1 is the invisible U+FEFF (byte order mark)")),
            ("soft\u{ad}hyphen", Some("character 5 is the invisible U+00AD (soft hyphen)")),
            ("\u{202e}evil", Some("character 1 is the invisible U+202E (text direction)")),
            ("\u{2066}evil", Some("character 1 is the invisible U+2066 (text direction)")),
            ("a\u{3000}b", Some("character 2 is the invisible U+3000 (ideographic space)")),
            ("a\u{1b}[0m", Some("character 2 is the invisible U+001B (escape)")),
            ("a\u{7f}", Some("character 2 is the invisible U+007F")),
            ("a\u{e0041}", Some("character 2 is the invisible U+E0041")),
            // A family of astronauts, a red heart, and Persian.
            ("👩\u{200d}🚀", None),
            ("❤\u{fe0f}", None),
            ("می\u{200c}خواهم", None),
            ("a\u{200d}b", Some("character 2 is the invisible U+200D (zero width joiner)")),
        ] {
            assert_eq!(first(text).map(|found| found.to_string()).as_deref(), expected, "{text:?}");
        }
    }
}
