//! Text for people, in pieces with a colour or none. It has no `Display`: only writing it to a stream makes a string
//! of it, so a text from elsewhere cannot get past the escaping.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::format::text::{column, fit, visible, visible_json, width};

/// How the pieces are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// For people: hidden characters as pictures and numbers.
    Words,
    /// JSON, whose strings must stay what they are: hidden characters as JSON's own escapes.
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// As it came from wherever.
    Words(Option<AnsiColor>, String),
    /// The end of a line, which no text from elsewhere can make.
    LineBreak,
}

/// Pieces of text that are not escaped yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<Piece>);

impl Text {
    /// A piece in a colour.
    pub fn colored(color: AnsiColor, words: impl Into<String>) -> Self {
        Self(vec![Piece::Words(Some(color), words.into())])
    }

    /// These texts, with words between them.
    pub fn joined(parts: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut whole = Self::default();
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                whole.push(between);
            }
            whole.push(part);
        }
        whole
    }

    /// These texts, a line each.
    pub fn lines(lines: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        for line in lines {
            if !whole.0.is_empty() {
                whole.0.push(Piece::LineBreak);
            }
            whole.push(line);
        }
        whole
    }

    /// Adds words or a text at the end.
    pub fn push(&mut self, more: impl Into<Self>) {
        self.0.extend(more.into().0);
    }

    /// Begins another line.
    pub fn break_line(&mut self) {
        self.0.push(Piece::LineBreak);
    }

    /// How many cells it takes as it is written.
    pub fn width(&self) -> usize {
        let cells = |piece: &Piece| match piece {
            Piece::Words(_, words) => width(&visible(words)),
            Piece::LineBreak => 0,
        };
        self.0.iter().map(cells).sum()
    }

    /// Cut to so many cells.
    #[must_use]
    pub fn fit(self, cells: usize) -> Self {
        let mut room = cells;
        let mut fitted = Vec::new();
        for piece in self.0 {
            let Piece::Words(color, words) = piece else {
                fitted.push(piece);
                continue;
            };
            let shown = visible(&words);
            let (taken, short) = (width(&shown), fit(&shown, room));
            if !short.is_empty() {
                fitted.push(Piece::Words(color, short.into_owned()));
            }
            if taken > room {
                break;
            }
            room -= taken;
        }
        Self(fitted)
    }

    /// Cut or filled up with spaces to exactly so many cells.
    #[must_use]
    pub fn column(self, cells: usize) -> Self {
        let mut fitted = self.fit(cells);
        fitted.push(column("", cells.saturating_sub(fitted.width())));
        fitted
    }

    /// What is written to a stream.
    pub(super) fn written(&self, notation: Notation) -> String {
        let mut written = String::new();
        for piece in &self.0 {
            match piece {
                Piece::LineBreak => written.push('\n'),
                Piece::Words(color, words) => {
                    let shown = match notation {
                        Notation::Words => visible(words),
                        Notation::Json => visible_json(words),
                    };
                    let style = color.map(|color| Style::new().fg_color(Some(color.into()))).unwrap_or_default();
                    // A text that is written into never fails.
                    let _ = write!(written, "{style}{shown}{style:#}");
                }
            }
        }
        written
    }

    /// What people see of it where there is no colour, for tests.
    #[cfg(test)]
    pub(crate) fn plain(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Words(_, words) => visible(words).into_owned(),
            Piece::LineBreak => "\n".to_owned(),
        });
        pieces.collect()
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(words: T) -> Self {
        Self(vec![Piece::Words(None, words.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_are_added_behind_the_escaping() {
        let mut text = Text::colored(AnsiColor::Red, "a\u{1b}[0mb");
        text.push(" c\nd");
        text.break_line();
        text.push("e");
        assert_eq!(text.written(Notation::Words), "\u{1b}[31ma␛[0mb\u{1b}[0m c␊d\ne");
        assert_eq!(Text::from("{\"a\":\"\u{9b}\u{e0001}\"}").written(Notation::Json), r#"{"a":"\u009b\udb40\udc01"}"#);
    }

    proptest! {
        #[test]
        fn whatever_is_in_it_it_is_cut_to_what_is_seen(
            parts in prop::collection::vec((any::<bool>(), any::<String>()), 0..4), cells in 0_usize..40,
        ) {
            let part = |(is_red, words): (bool, String)| {
                if is_red { Text::colored(AnsiColor::Red, words) } else { words.into() }
            };
            let text = Text::joined(parts.into_iter().map(part), "  ");
            prop_assert!(text.clone().fit(cells).width() <= cells);
            prop_assert_eq!(text.clone().column(cells).width(), cells);
            let written = text.written(Notation::Words).replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
            prop_assert_eq!(&*visible(&written), &*written);
        }
    }
}
