//! The symbols of the screen in ASCII, for a terminal whose locale lacks Unicode.
//!
//! Everything is drawn with the symbols of Unicode; this replaces them in the drawn cells, so that no part of the screen
//! can omit this. All of them are one cell wide, as are their replacements. Letters of other scripts stay as they are.

use ratatui::buffer::Buffer;

/// The symbols that the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Symbols {
    /// Those of Unicode.
    #[default]
    Unicode,
    /// Those of ASCII.
    Ascii,
}

impl Symbols {
    /// Returns the symbols for the values of `LC_ALL`, `LC_CTYPE` and `LANG`. The first that is set decides, as in
    /// `setlocale`. If none is, the terminal most likely uses UTF-8 nevertheless, as in containers and on macOS.
    pub fn for_locale(variables: [Option<&str>; 3]) -> Self {
        let Some(locale) = variables.into_iter().flatten().find(|value| !value.is_empty()) else {
            return Self::Unicode;
        };
        let charset = locale.to_ascii_lowercase().replace('-', "");
        if charset.contains("utf8") { Self::Unicode } else { Self::Ascii }
    }

    /// Returns a text with the symbols that the terminal can show.
    pub(crate) fn shown(self, text: &str) -> String {
        let shown = |symbol| if self == Self::Unicode { symbol } else { ascii(symbol).unwrap_or(symbol) };
        text.chars().map(shown).collect()
    }

    /// Replaces the symbols in a drawn screen, if the terminal cannot show them.
    pub(super) fn apply(self, buffer: &mut Buffer) {
        if self == Self::Unicode {
            return;
        }
        for cell in &mut buffer.content {
            let mut chars = cell.symbol().chars();
            if let (Some(symbol), None) = (chars.next(), chars.next())
                && let Some(replacement) = ascii(symbol)
            {
                cell.set_char(replacement);
            }
        }
    }
}

/// Returns the replacement of a symbol; `None` for letters and everything else.
fn ascii(symbol: char) -> Option<char> {
    Some(match symbol {
        '○' => 'o',
        '✖' => 'x',
        '◷' => '!',
        '↻' => '@',
        'ℹ' => 'i',
        '…' => '~',
        '↑' | '▴' => '^',
        '↓' | '▾' => 'v',
        '←' => '<',
        '→' | '▸' => '>',
        '∥' | '│' | '┃' | '║' | '┆' => '|',
        '−' | '·' | '─' | '━' | '═' => '-',
        '░' | '▁'..='▃' => '.',
        '▄'..='▆' => '=',
        '■' | '▇' | '█' | '▓' => '#',
        // Also all other symbols for boxes.
        '✔' | '\u{2500}'..='\u{257f}' => '+',
        // All other arrows, blocks, shapes and signs.
        '\u{2190}'..='\u{24ff}' | '\u{2580}'..='\u{27bf}' => '*',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        use Symbols::{Ascii, Unicode};
        let cases = [
            ([None, None, None], Unicode),
            ([Some(""), None, Some("")], Unicode),
            ([None, None, Some("C")], Ascii),
            ([None, None, Some("POSIX")], Ascii),
            ([None, None, Some("en_US.UTF-8")], Unicode),
            ([None, None, Some("C.utf8")], Unicode),
            ([None, None, Some("en_US")], Ascii),
            ([None, None, Some("de_DE.ISO-8859-1")], Ascii),
            ([None, None, Some("ja_JP.eucJP")], Ascii),
            ([None, Some("UTF-8"), Some("C")], Unicode),
            ([None, Some("C"), Some("en_US.UTF-8")], Ascii),
            ([Some("C"), Some("en_US.UTF-8"), Some("en_US.UTF-8")], Ascii),
            ([Some("en_US.UTF-8"), Some("C"), Some("C")], Unicode),
            ([Some(""), Some(""), Some("C")], Ascii),
        ];
        for (variables, expected) in cases {
            assert_eq!(Symbols::for_locale(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_text_keeps_its_letters() {
        for (symbols, expected) in [(Symbols::Unicode, "▸ − 注文 · é"), (Symbols::Ascii, "> - 注文 - é")] {
            assert_eq!(symbols.shown("▸ − 注文 · é"), expected);
        }
    }

    #[test]
    fn every_replacement_is_ascii_and_letters_stay() {
        for symbol in '\u{80}'..='\u{ffff}' {
            assert!(ascii(symbol).is_none_or(|replacement| replacement.is_ascii_graphic()), "{symbol}");
            assert!(
                !symbol.is_alphabetic()
                    || ascii(symbol).is_none()
                    || symbol == 'ℹ'
                    || ('ⓐ'..='ⓩ').contains(&symbol)
                    || ('Ⓐ'..='Ⓩ').contains(&symbol),
                "{symbol}"
            );
        }
    }
}
