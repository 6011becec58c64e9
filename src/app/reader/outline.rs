//! The lines of a text: members and items of JSON, or the lines of any other text. Stored as offsets, so that the outline
//! of ten megabytes takes only a few.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::format::json::{end_of_scalar, end_of_string};

/// The parent of the outermost lines.
pub(in crate::app) const NONE: u32 = u32::MAX;

/// A line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) struct Line {
    /// Its start in the text.
    pub(in crate::app) at: u32,
    /// Its end, without trailing white space.
    end: u32,
    /// The closing line of a line that opens an object or array, and vice versa. The line itself otherwise.
    pub(in crate::app) pair: u32,
    /// The line that opens the enclosing object or array.
    pub(in crate::app) parent: u32,
    /// The nesting level, from 0.
    pub(in crate::app) depth: u32,
}

/// The lines of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::app) struct Outline {
    lines: Vec<Line>,
    is_json: bool,
}

impl Outline {
    /// Returns the outline of valid JSON with one or more values. Not recursive, since the depth is not limited.
    pub(in crate::app) fn from_json(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut lines: Vec<Line> = Vec::new();
        let mut open: Vec<u32> = Vec::new();
        let mut starts_line = true;
        let (mut at, mut end) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            if byte.is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let closes = matches!(byte, b'}' | b']');
            if starts_line || closes {
                let number = small(lines.len());
                let opening = if closes { open.pop() } else { None };
                let parent = open.last().copied().unwrap_or(NONE);
                if let Some(last) = lines.last_mut() {
                    last.end = small(end);
                }
                let (at, depth) = (small(at), small(open.len()));
                lines.push(Line { at, end: at, pair: opening.unwrap_or(number), parent, depth });
                if let Some(opening) = opening {
                    lines[opening as usize].pair = number;
                }
                starts_line = false;
            }
            match byte {
                b'"' => at = end_of_string(bytes, at),
                b'{' | b'[' => {
                    let inside = at + 1 + blanks(&bytes[at + 1..]);
                    if matches!(bytes.get(inside), Some(b'}' | b']')) {
                        // An empty object or array stays on one line.
                        at = inside + 1;
                    } else {
                        open.push(small(lines.len() - 1));
                        starts_line = true;
                        at += 1;
                    }
                }
                b',' => {
                    starts_line = true;
                    at += 1;
                }
                b'}' | b']' | b':' => at += 1,
                _ => at = end_of_scalar(bytes, at),
            }
            end = at;
            // The output of a filter can have several values.
            starts_line |= open.is_empty();
        }
        if let Some(last) = lines.last_mut() {
            last.end = small(end);
        }
        Self { lines, is_json: true }
    }

    /// Returns the outline of any text.
    pub(in crate::app) fn from_text(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let number = small(lines.len());
            let start = small(at);
            at += line.len();
            lines.push(Line { at: start, end: small(at), pair: number, parent: NONE, depth: 0 });
        }
        Self { lines, is_json: false }
    }

    /// Returns whether the lines are members and items.
    pub(in crate::app) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Returns the number of lines.
    pub(in crate::app) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Returns a line.
    pub(in crate::app) fn get(&self, line: usize) -> Option<Line> {
        self.lines.get(line).copied()
    }

    /// Returns the range of a line; in JSON without trailing white space, which may be long.
    pub(in crate::app) fn range(&self, line: usize, text: &str) -> Range<usize> {
        self.get(line).map_or(text.len()..text.len(), |line| line.at as usize..line.end as usize)
    }

    /// Returns the line that contains a byte.
    pub(in crate::app) fn line_at(&self, at: usize) -> usize {
        self.lines.partition_point(|line| line.at as usize <= at).saturating_sub(1)
    }

    /// Returns whether a line opens an object or array that another line closes.
    pub(in crate::app) fn opens(&self, line: usize) -> bool {
        self.get(line).is_some_and(|found| found.pair as usize > line)
    }

    /// Returns whether a line begins with a member name.
    pub(in crate::app) fn is_member(&self, line: usize, text: &str) -> bool {
        let found = self.get(line).filter(|found| found.parent != NONE && !self.closes(line));
        let parent = found.and_then(|found| self.get(found.parent as usize));
        // Look at the closing bracket, which starts its line: the opening one may be anywhere in its line.
        let closes = parent.and_then(|parent| self.get(parent.pair as usize));
        closes.is_some_and(|closes| text.as_bytes().get(closes.at as usize) == Some(&b'}'))
    }

    /// Returns whether a line closes an object or array that another line opens.
    pub(in crate::app) fn closes(&self, line: usize) -> bool {
        self.get(line).is_some_and(|found| (found.pair as usize) < line)
    }

    /// Returns the members or items between a line and its closing line.
    pub(in crate::app) fn children(&self, line: usize) -> impl Iterator<Item = usize> {
        let end = self.get(line).map_or(0, |found| found.pair as usize);
        let mut next = line + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.get(child).map_or(end, |found| found.pair as usize) + 1;
            Some(child)
        })
    }

    /// Returns the number of siblings from a line up to a later line.
    pub(in crate::app) fn count_siblings(&self, from: usize, until: usize) -> usize {
        let next = |line: &usize| self.get(*line).map(|found| found.pair as usize + 1);
        std::iter::successors(Some(from), next).take_while(|line| *line < until).count()
    }

    /// Returns the opening lines of the enclosing objects and arrays, the innermost first.
    pub(in crate::app) fn ancestors(&self, line: usize) -> impl Iterator<Item = usize> {
        let parent = |line: usize| self.get(line).map(|found| found.parent).filter(|parent| *parent != NONE);
        std::iter::successors(parent(line), move |at| parent(*at as usize)).map(|at| at as usize)
    }
}

/// Converts a line number or offset, which fits in 32 bits: responses are limited to 10 MB.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE - 1)
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Returns whether a text is JSON.
pub(super) fn is_json(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>().peekable();
    values.peek().is_some() && values.all(|value| value.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_member_and_item_has_a_line() {
        let text = "{\"a\": [1,\n {\"b\" :{ }}],\"c\":[] } ";
        let outline = Outline::from_json(text);
        let lines: Vec<&str> = (0..outline.len()).map(|line| text[outline.range(line, text)].trim()).collect();
        assert_eq!(lines, ["{", "\"a\": [", "1,", "{", "\"b\" :{ }", "}", "],", "\"c\":[]", "}"]);
        let pairs: Vec<u32> = outline.lines.iter().map(|line| line.pair).collect();
        assert_eq!(pairs, [8, 6, 2, 5, 4, 3, 1, 7, 0]);
        assert_eq!(outline.children(0).collect::<Vec<_>>(), [1, 7]);
        assert_eq!(outline.children(1).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(outline.ancestors(4).collect::<Vec<_>>(), [3, 1, 0]);
        assert_eq!((outline.line_at(0), outline.line_at(7), outline.line_at(8)), (0, 2, 2));
    }

    #[test]
    fn each_of_several_values_begins_a_line() {
        let text = "1 {\"a\":2}\n[] \"x\"\n";
        let outline = Outline::from_json(text);
        let lines: Vec<&str> = (0..outline.len()).map(|line| text[outline.range(line, text)].trim()).collect();
        assert_eq!(lines, ["1", "{", "\"a\":2", "}", "[]", "\"x\""]);
    }

    #[test]
    fn deep_nesting_needs_no_stack() {
        let text = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let outline = Outline::from_json(&text);
        assert_eq!(outline.len(), 200_001);
        assert_eq!(outline.ancestors(100_000).count(), 100_000);
    }

    #[test]
    fn other_text_keeps_its_lines() {
        let outline = Outline::from_text("one\n\ntwo");
        assert_eq!((outline.len(), outline.is_json()), (3, false));
        assert_eq!(outline.range(0, "one\n\ntwo"), 0..4);
        assert_eq!(Outline::from_text("").len(), 0);
    }
}
