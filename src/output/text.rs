//! Text for people, in coloured pieces. It has no `Display`: only writing it to a stream turns it into a string, so
//! escaping cannot be bypassed.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::format::text::{column, fit, visible, visible_json, width};

/// How hidden characters are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    /// For people: as symbols and numbers.
    Text,
    /// As JSON escapes, so that strings keep their values.
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Unescaped.
    Text(Option<AnsiColor>, String),
    /// A line break, which text from elsewhere cannot contain.
    LineBreak,
}

/// Pieces of text that are not escaped yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(Vec<Piece>);

impl Text {
    /// Returns text in a colour.
    pub(crate) fn colored(color: AnsiColor, text: impl Into<String>) -> Self {
        Self(vec![Piece::Text(Some(color), text.into())])
    }

    /// Joins texts with a separator.
    pub(crate) fn joined(parts: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut whole = Self::default();
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                whole.push(separator);
            }
            whole.push(part);
        }
        whole
    }

    /// Joins texts with line breaks.
    pub(crate) fn lines(lines: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        for line in lines {
            if !whole.0.is_empty() {
                whole.0.push(Piece::LineBreak);
            }
            whole.push(line);
        }
        whole
    }

    /// Appends text.
    pub(crate) fn push(&mut self, more: impl Into<Self>) {
        self.0.extend(more.into().0);
    }

    /// Appends a line break.
    pub(crate) fn break_line(&mut self) {
        self.0.push(Piece::LineBreak);
    }

    /// Returns the width of the escaped text, in cells.
    pub(crate) fn width(&self) -> usize {
        let cells = |piece: &Piece| match piece {
            Piece::Text(_, text) => width(&visible(text)),
            Piece::LineBreak => 0,
        };
        self.0.iter().map(cells).sum()
    }

    /// Truncates to this number of cells.
    #[must_use]
    pub(crate) fn fit(self, cells: usize) -> Self {
        let mut room = cells;
        let mut fitted = Vec::new();
        for piece in self.0 {
            let Piece::Text(color, text) = piece else {
                fitted.push(piece);
                continue;
            };
            let shown = visible(&text);
            let (taken, short) = (width(&shown), fit(&shown, room));
            if !short.is_empty() {
                fitted.push(Piece::Text(color, short.into_owned()));
            }
            if taken > room {
                break;
            }
            room -= taken;
        }
        Self(fitted)
    }

    /// Truncates or pads with spaces to exactly this number of cells.
    #[must_use]
    pub(crate) fn column(self, cells: usize) -> Self {
        let mut fitted = self.fit(cells);
        fitted.push(column("", cells.saturating_sub(fitted.width())));
        fitted
    }

    /// Returns the escaped text with its colours.
    pub(super) fn written(&self, notation: Notation) -> String {
        let mut written = String::new();
        for piece in &self.0 {
            match piece {
                Piece::LineBreak => written.push('\n'),
                Piece::Text(color, text) => {
                    let shown = match notation {
                        Notation::Text => visible(text),
                        Notation::Json => visible_json(text),
                    };
                    let style = color.map(|color| Style::new().fg_color(Some(color.into()))).unwrap_or_default();
                    // Writing to a string never fails.
                    let _ = write!(written, "{style}{shown}{style:#}");
                }
            }
        }
        written
    }

    /// Returns the escaped text without colours.
    #[cfg(test)]
    pub(crate) fn plain(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(_, text) => visible(text).into_owned(),
            Piece::LineBreak => "\n".to_owned(),
        });
        pieces.collect()
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(vec![Piece::Text(None, text.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_are_added_after_escaping() {
        let mut text = Text::colored(AnsiColor::Red, "a\u{1b}[0mb");
        text.push(" c\nd");
        text.break_line();
        text.push("e");
        assert_eq!(text.written(Notation::Text), "\u{1b}[31ma␛[0mb\u{1b}[0m c␊d\ne");
        assert_eq!(Text::from("{\"a\":\"\u{9b}\u{e0001}\"}").written(Notation::Json), r#"{"a":"\u009b\udb40\udc01"}"#);
    }

    proptest! {
        #[test]
        fn any_text_is_truncated_by_its_visible_width(
            parts in prop::collection::vec((any::<bool>(), any::<String>()), 0..4), cells in 0_usize..40,
        ) {
            let part = |(is_red, text): (bool, String)| {
                if is_red { Text::colored(AnsiColor::Red, text) } else { text.into() }
            };
            let text = Text::joined(parts.into_iter().map(part), "  ");
            prop_assert!(text.clone().fit(cells).width() <= cells);
            prop_assert_eq!(text.clone().column(cells).width(), cells);
            let written = text.written(Notation::Text).replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
            prop_assert_eq!(&*visible(&written), &*written);
        }
    }
}
