//! A payload as lines that fit into a pane: laid out, wrapped, made visible. Made once when it is
//! opened; drawing takes the lines that are in sight and nothing else.

use crate::app::json::{self, SPACE, Token};
use crate::app::text::{split_at_width, visible, width};
use crate::domain::payload::check_input;
use crate::domain::{InputError, MAX_INPUT_BYTES};

/// Cells of a level of nesting.
const INDENT: usize = 2;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub token: Token,
    /// What is shown.
    pub text: Box<str>,
}

/// A line that fits into the pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLine {
    /// Cells to leave free at its left.
    pub indent: usize,
    /// Its pieces.
    pub spans: Vec<Span>,
}

/// Lines to scroll through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    lines: Vec<DocumentLine>,
}

impl Document {
    /// Lays a text out for a pane that is so many cells wide: as JSON if it is JSON, line by line
    /// otherwise.
    pub fn new(text: &str, cells: usize) -> Self {
        let cells = cells.max(8);
        let is_json = !matches!(check_input(text), Err(InputError::NotJson { .. } | InputError::Empty))
            && (text.len() <= MAX_INPUT_BYTES || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
        let mut document = Self::default();
        if is_json {
            for line in json::lay_out(text) {
                // Deep nesting must leave room for what is nested.
                let indent = (line.depth * INDENT).min(cells / 2);
                let pieces = line
                    .pieces
                    .into_iter()
                    .map(|(token, range)| (token, if range == SPACE { " " } else { &text[range] }));
                document.push_wrapped(indent, pieces, cells);
            }
        } else {
            for line in text.lines() {
                document.push_wrapped(0, [(Token::Plain, line)].into_iter(), cells);
            }
        }
        document
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// So many lines from this one on.
    pub fn window(&self, from: usize, count: usize) -> &[DocumentLine] {
        let from = from.min(self.lines.len());
        &self.lines[from..(from + count).min(self.lines.len())]
    }

    fn push_wrapped<'t>(&mut self, indent: usize, pieces: impl Iterator<Item = (Token, &'t str)>, cells: usize) {
        let mut line = DocumentLine { indent, spans: Vec::new() };
        let room = cells - indent;
        let mut used = 0;
        for (token, text) in pieces {
            let shown = visible(text);
            let mut rest: &str = &shown;
            while !rest.is_empty() {
                let (head, tail) = split_at_width(rest, room.saturating_sub(used));
                let cells = width(head);
                // A wide character may not fit into the last cell; on an empty line it must.
                if used > 0 && used + cells > room {
                    self.lines.push(std::mem::replace(&mut line, DocumentLine { indent, spans: Vec::new() }));
                    used = 0;
                    continue;
                }
                line.spans.push(Span { token, text: head.into() });
                used += cells;
                rest = tail;
            }
        }
        self.lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, cells: usize) -> Vec<String> {
        let line = |line: &DocumentLine| {
            let text: String = line.spans.iter().map(|span| &*span.text).collect();
            format!("{}{text}", " ".repeat(line.indent))
        };
        Document::new(text, cells).lines.iter().map(line).collect()
    }

    #[test]
    fn json_is_laid_out_and_wrapped_under_its_indent() {
        assert_eq!(
            shown(r#"{"name":"注文番号","n":1}"#, 14),
            ["{", "  \"name\": \"注", "  文番号\",", "  \"n\": 1", "}"]
        );
    }

    #[test]
    fn what_is_not_json_is_shown_line_by_line() {
        assert_eq!(shown("Traceback:\n  line\u{1b}[31m 1", 40), ["Traceback:", "  line␛[31m 1"]);
        assert_eq!(shown("", 40), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn every_line_fits_and_nothing_is_lost(text in "([a-zあ-ん{}\\[\\]\",:0-9 \u{1b}]|ᄀ{20}|👨‍👩‍👧|ｶﾞ){0,100}", cells in 8_usize..60) {
            let lines = shown(&text, cells);
            for line in &lines {
                prop_assert!(width(line) <= cells, "{line:?} in {cells}");
            }
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&lines.concat()), bare(&visible(&text)));
        }
    }
}
