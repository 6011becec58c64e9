//! Filling a row: how much of a text fits, and which parts are search matches.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::app::reader::rows::{Row, RowLayout, Span};
use crate::format::json::Token;
use crate::format::text::{fit, visible, width};

/// Limit in bytes for a grapheme cluster that is handled as one unit. No script needs more.
const LONGEST: usize = 64;

impl RowLayout<'_> {
    /// Appends as much of a range of the text as fits and returns its length in bytes. Matches must not influence where a
    /// row ends: they change while the cursor and the top stay in place.
    pub(in crate::app) fn fill(&self, row: &mut Row, token: Token, range: Range<usize>, room: &mut usize) -> usize {
        let text = &self.text[range.clone()];
        let is_plain = |byte: &u8| (0x20..0x7f).contains(byte);
        let plain = text.bytes().take(*room + 1).take_while(is_plain).count();
        if plain > *room || plain == text.len() {
            // The common case: one byte is one cell.
            let bytes = plain.min(*room);
            for (is_match, part) in self.parts(range.start..range.start + bytes) {
                row.spans.push(Span { token, is_match, text: self.text[part].to_owned() });
            }
            *room -= bytes;
            return bytes;
        }
        let first_span = row.spans.len();
        let mut bytes = 0;
        // Read only the beginning of an endless grapheme cluster.
        while let Some(grapheme) = text[bytes..text.floor_char_boundary(bytes + 2 * LONGEST)].graphemes(true).next() {
            let piece = visible(grapheme);
            let cells = width(&piece);
            let (filled, shown) = if grapheme.len() <= LONGEST && cells <= *room {
                *room -= cells;
                (grapheme.len(), piece.into_owned())
            } else if grapheme.len() <= LONGEST && !row.spans.is_empty() {
                break;
            } else {
                // Split a cluster that fits into no row into characters, or the reader would never get past it.
                let mut shown = String::new();
                (fill_characters(grapheme, row.spans.is_empty(), &mut shown, room), shown)
            };
            let is_match = self.is_match(range.start + bytes..range.start + bytes + filled);
            match row.spans[first_span..].last_mut().filter(|span| span.is_match == is_match) {
                Some(span) => span.text.push_str(&shown),
                None if shown.is_empty() => {}
                None => row.spans.push(Span { token, is_match, text: shown }),
            }
            bytes += filled;
            if filled < grapheme.len() {
                break;
            }
        }
        bytes
    }

    /// Returns whether any byte of a range is part of a match.
    fn is_match(&self, range: Range<usize>) -> bool {
        let (starts, length) = self.matches;
        let first = starts.partition_point(|start| *start as usize + length <= range.start);
        starts.get(first).is_some_and(|start| (*start as usize) < range.end)
    }

    /// Splits a range of the text at the bounds of matches.
    fn parts(&self, range: Range<usize>) -> Vec<(bool, Range<usize>)> {
        let (starts, length) = self.matches;
        let mut parts = Vec::new();
        let mut at = range.start;
        let first = starts.partition_point(|start| *start as usize + length <= range.start);
        for start in starts[first..].iter().map(|start| *start as usize).take_while(|start| *start < range.end) {
            if start > at {
                parts.push((false, at..start));
            }
            let end = (start + length).min(range.end);
            parts.push((true, start.max(at)..end));
            at = end;
        }
        if at < range.end {
            parts.push((false, at..range.end));
        }
        parts
    }
}

/// Appends the characters of a grapheme one by one, at least one if the row is empty, and returns how many bytes fit.
fn fill_characters(grapheme: &str, is_empty: bool, shown: &mut String, room: &mut usize) -> usize {
    for (at, c) in grapheme.char_indices() {
        let mut buffer = [0; 4];
        let piece = visible(c.encode_utf8(&mut buffer));
        let cells = width(&piece);
        if cells > *room && !(is_empty && shown.is_empty()) {
            return at;
        }
        shown.push_str(&fit(&piece, *room));
        *room = room.saturating_sub(cells);
    }
    grapheme.len()
}
