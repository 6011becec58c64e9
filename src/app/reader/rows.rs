//! Rows of the pane: a line of the text from some byte, as much as fits. Only visible rows are built, so a row costs the
//! same in any text.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::app::reader::outline::Outline;
use crate::format::json::{Token, end_of_string};
use crate::format::text::{fit, width};

/// How lines longer than a row are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// They continue in the next row.
    Wrapped,
    /// They are cut, and this many cells of each are scrolled out to the left.
    Cut(usize),
}

/// Cells per nesting level.
const INDENT: usize = 2;
/// Cells of the widest escaped character: `<U+E0001>`.
const WIDEST: usize = 9;
/// Up to this offset in a line, the rows before are computed from the start of the line.
const EXACT: usize = 64 * 1024;

/// A piece of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The kind.
    pub token: Token,
    /// Whether it is a search match.
    pub is_match: bool,
    /// The visible text.
    pub text: String,
}

/// A row of the pane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Empty cells on the left.
    pub indent: usize,
    /// The pieces.
    pub spans: Vec<Span>,
    /// The start of the next row if it belongs to the same line.
    pub(in crate::app) next: Option<usize>,
}

/// A piece of a line before wrapping: its kind, its range, and the text to show instead, if any.
type Piece<'t> = (Token, Range<usize>, Option<Cow<'t, str>>);

/// The layout of a text in a pane.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) struct RowLayout<'t> {
    pub(in crate::app) text: &'t str,
    pub(in crate::app) outline: &'t Outline,
    /// The width of a row.
    pub(in crate::app) cells: usize,
    /// How longer lines are shown.
    pub(in crate::app) overflow: Overflow,
    /// The start of each search match, and their length.
    pub(in crate::app) matches: (&'t [u32], usize),
}

impl RowLayout<'_> {
    /// Returns the row of a line that begins at byte `from` of the text. `folded` is the number of hidden members or items.
    pub(in crate::app) fn row(&self, line: usize, from: usize, folded: Option<usize>) -> Row {
        let depth = self.outline.get(line).map_or(0, |line| line.depth as usize);
        // Deep nesting must leave room for the text.
        let indent = (depth * INDENT).min(self.cells / 2).min(self.cells.saturating_sub(WIDEST));
        let mut row = Row { indent, ..Row::default() };
        let mut room = self.cells.saturating_sub(indent).max(1);
        if let Overflow::Cut(left @ 1..) = self.overflow {
            return self.cut(line, left, folded);
        }
        for (token, range, stand_in) in self.pieces(line, folded) {
            if range.end <= from && stand_in.is_none() {
                continue;
            }
            if let Some(shown) = stand_in {
                if range.start < from {
                    continue;
                }
                let cells = width(&shown);
                if cells > room && !row.spans.is_empty() {
                    row.next = self.continuation(range.start);
                    return row;
                }
                row.spans.push(Span { token, is_match: false, text: fit(&shown, room).into_owned() });
                room = room.saturating_sub(cells);
                continue;
            }
            let range = range.start.max(from)..range.end;
            let filled = self.fill(&mut row, token, range.clone(), &mut room);
            if filled < range.len() {
                row.next = self.continuation(range.start + filled);
                return row;
            }
        }
        row
    }

    /// Returns a line without its first `left` cells.
    fn cut(&self, line: usize, left: usize, folded: Option<usize>) -> Row {
        let whole = RowLayout { cells: self.cells + left, overflow: Overflow::Cut(0), ..*self };
        let whole = whole.row(line, 0, folded);
        let mut row = Row { indent: whole.indent.saturating_sub(left), ..Row::default() };
        let mut hidden = left.saturating_sub(whole.indent);
        for span in whole.spans {
            let cells = width(&span.text);
            if cells <= hidden {
                hidden -= cells;
                continue;
            }
            let rest = if hidden > 0 { without_left(&span.text, hidden) } else { span.text };
            hidden = 0;
            row.spans.push(Span { text: rest, ..span });
        }
        row
    }

    /// Returns the start of the next row, if the rest of the line gets one.
    fn continuation(&self, at: usize) -> Option<usize> {
        (self.overflow == Overflow::Wrapped).then_some(at)
    }

    /// Returns the start of the last row that begins before byte `until`.
    pub(in crate::app) fn row_before(&self, line: usize, until: usize, folded: Option<usize>) -> Option<usize> {
        let start = self.outline.range(line, self.text).start;
        if until <= start {
            return None;
        }
        // From the start of the line if that is near, so that rows are the same in both directions.
        let mut from = if until - start <= EXACT { start } else { self.back(start, until) };
        while let Some(next) = self.row(line, from, folded).next.filter(|next| *next < until) {
            from = next;
        }
        Some(from)
    }

    /// Returns the start of a line's last row.
    pub(in crate::app) fn last_row(&self, line: usize, folded: Option<usize>) -> usize {
        let range = self.outline.range(line, self.text);
        if self.row(line, range.start, folded).next.is_none() {
            return range.start;
        }
        // Trailing white space can fill a row of its own, and the text for a fold begins at the very end.
        let end = self.pieces(line, folded).last().map_or(range.end, |(_, last, _)| last.end);
        self.row_before(line, end + 1, folded).unwrap_or(range.start)
    }

    /// Returns the range of the value that begins on a line, including its contents.
    pub(in crate::app) fn value(&self, line: usize) -> Range<usize> {
        let pieces = self.pieces(line, None);
        let is_value = |(token, ..): &&Piece<'_>| !matches!(token, Token::Key);
        // After a name, the first piece is the colon.
        let skipped = usize::from(matches!(pieces.first(), Some((Token::Key, ..))));
        let found = pieces.iter().filter(is_value).nth(skipped).map(|(_, range, _)| range.clone());
        let start = found.unwrap_or_default();
        match self.outline.get(line).map(|found| found.pair as usize).filter(|pair| *pair > line) {
            Some(closes) => start.start..self.outline.range(closes, self.text).start + 1,
            None => start,
        }
    }

    /// Returns an offset about one row before an offset in a long line.
    fn back(&self, start: usize, until: usize) -> usize {
        let mut from = until.saturating_sub(self.cells.max(1)).max(start);
        while !self.text.is_char_boundary(from) {
            from -= 1;
        }
        from
    }

    /// Returns the pieces of a line.
    fn pieces(&self, line: usize, folded: Option<usize>) -> Vec<Piece<'_>> {
        let range = self.outline.range(line, self.text);
        if !self.outline.is_json() {
            let end = range.start + self.text[range.clone()].trim_end_matches(['\n', '\r']).len();
            return vec![(Token::Plain, range.start..end, None)];
        }
        let bytes = self.text.as_bytes();
        let skip_blanks =
            |at: usize| at + bytes[at..range.end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let before = |end: usize| {
            let blanks = bytes[range.start..end].iter().rev().take_while(|byte| byte.is_ascii_whitespace());
            end - blanks.count()
        };
        let mut pieces: Vec<Piece<'_>> = Vec::new();
        let mut value = range.start;
        // Only for members: finding the end of any string would scan all of it for each row.
        if self.outline.is_member(line, self.text) {
            let end = end_of_string(bytes, value).min(range.end);
            let colon = skip_blanks(end);
            if bytes.get(colon) == Some(&b':') && colon < range.end {
                pieces.push((Token::Key, value..end, None));
                pieces.push((Token::Punctuation, colon..colon + 1, Some(": ".into())));
                value = skip_blanks(colon + 1);
            }
        }
        let end = before(range.end);
        let comma = (end > value && bytes[end - 1] == b',').then(|| end - 1);
        let end = comma.map_or(end, &before);
        let token = Token::of_value(bytes.get(value));
        let is_empty = token == Token::Punctuation && end > value + 1;
        let stand_in = is_empty.then(|| if bytes[value] == b'{' { "{}".into() } else { "[]".into() });
        pieces.push((token, value..end, stand_in));
        if let Some(count) = folded {
            let closing = if bytes.get(value) == Some(&b'{') { "}" } else { "]" };
            let closes = self.outline.get(line).map_or(line, |line| line.pair as usize);
            let comma =
                if self.text[self.outline.range(closes, self.text)].trim_end().ends_with(',') { "," } else { "" };
            pieces.push((Token::Folded, end..end, Some(format!(" … {count} {closing}{comma}").into())));
        }
        if let Some(comma) = comma {
            pieces.push((Token::Punctuation, comma..comma + 1, None));
        }
        pieces
    }
}

/// Returns the range of the value that begins on a line of JSON, including its contents.
pub(in crate::app) fn value_range(outline: &Outline, text: &str, line: usize) -> Range<usize> {
    let layout = RowLayout { text, outline, cells: 0, overflow: Overflow::Wrapped, matches: (&[], 0) };
    layout.value(line)
}

/// Returns the text without its first cells. The visible half of a wide character becomes a space.
fn without_left(text: &str, cells: usize) -> String {
    let mut used = 0;
    let mut rest = "";
    for (at, grapheme) in text.grapheme_indices(true) {
        if used >= cells {
            rest = &text[at..];
            break;
        }
        used += width(grapheme);
    }
    format!("{}{rest}", " ".repeat(used.saturating_sub(cells)))
}
