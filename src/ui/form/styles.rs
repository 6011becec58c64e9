//! The colours of the tokens of a JSON text, which may be unfinished or invalid. Only requested lines are read.

use std::ops::Range;

use ratatui::style::Style;

use crate::format::json::{Token, token_start, tokens};
use crate::ui::theme::Theme;

type Tokens<'t> = Box<dyn Iterator<Item = (Range<usize>, Token)> + 't>;

/// The styles of a text, requested in ascending order.
pub(super) struct Styles<'t> {
    text: &'t str,
    theme: &'t Theme,
    /// The end of the line whose tokens follow.
    line_end: usize,
    tokens: Tokens<'t>,
    current: Option<(Range<usize>, Token)>,
}

impl<'t> Styles<'t> {
    pub(super) fn new(text: &'t str, theme: &'t Theme) -> Self {
        Self { text, theme, line_end: 0, tokens: Box::new(std::iter::empty()), current: None }
    }

    /// Returns the style of the character at an offset, and the end of what has it.
    pub(super) fn at(&mut self, offset: usize) -> (Style, usize) {
        if offset >= self.line_end {
            self.begin_line(offset);
        }
        while self.current.as_ref().is_some_and(|(range, _)| range.end <= offset) {
            self.current = self.tokens.next();
        }
        match &self.current {
            Some((range, token)) if range.start <= offset => (self.theme.token(*token), range.end),
            Some((range, _)) => (self.theme.text, range.start),
            None => (self.theme.text, self.line_end),
        }
    }

    /// Reads the tokens of a line from an offset. A token never spans lines, so earlier lines do not matter.
    fn begin_line(&mut self, offset: usize) {
        let bytes = self.text.as_bytes();
        let line = memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |at| at + 1);
        self.line_end = memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |at| offset + at + 1);
        let start = line + token_start(&self.text[line..self.line_end], offset - line);
        let in_text = move |(range, token): (Range<usize>, Token)| (start + range.start..start + range.end, token);
        self.tokens = Box::new(tokens(&self.text[start..self.line_end]).map(in_text));
        self.current = self.tokens.next();
    }
}
