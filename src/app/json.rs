//! JSON laid out for reading, from its text: nothing is read into numbers or maps, so what is shown
//! is what was received.

use std::ops::Range;

/// What a piece of JSON is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A member's name, with its quotes.
    Key,
    /// A text, with its quotes.
    String,
    /// A number.
    Number,
    /// `true`, `false`, `null`.
    Literal,
    /// Brackets, commas, colons.
    Punctuation,
    /// Text that is not JSON at all.
    Plain,
}

/// A line of the laid-out text: how deep it is, and its pieces as ranges of the source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// Levels of nesting.
    pub depth: usize,
    /// What stands on it, in order; a range of `0..0` stands for a space.
    pub pieces: Vec<(Token, Range<usize>)>,
}

/// The space behind a colon.
pub const SPACE: Range<usize> = 0..0;

/// Lays out JSON that is known to be JSON. Without recursion: nesting has no limit.
pub fn lay_out(text: &str) -> Vec<Line> {
    let tokens = tokens(text);
    let mut lines = vec![Line::default()];
    let mut depth = 0;
    for (index, (token, range)) in tokens.iter().enumerate() {
        let source = &text[range.clone()];
        let is_next = |closing: &str| tokens.get(index + 1).is_some_and(|(_, next)| &text[next.clone()] == closing);
        let after_opening = index > 0 && matches!(&text[tokens[index - 1].1.clone()], "{" | "[");
        match (token, source) {
            (Token::Punctuation, "{" | "[") => {
                push(&mut lines, *token, range.clone());
                if !is_next(if source == "{" { "}" } else { "]" }) {
                    depth += 1;
                    lines.push(Line { depth, pieces: Vec::new() });
                }
            }
            (Token::Punctuation, "}" | "]") => {
                if !after_opening {
                    depth = depth.saturating_sub(1);
                    lines.push(Line { depth, pieces: Vec::new() });
                }
                push(&mut lines, *token, range.clone());
            }
            (Token::Punctuation, ",") => {
                push(&mut lines, *token, range.clone());
                lines.push(Line { depth, pieces: Vec::new() });
            }
            (Token::Punctuation, _) => {
                push(&mut lines, *token, range.clone());
                push(&mut lines, *token, SPACE);
            }
            _ => push(&mut lines, *token, range.clone()),
        }
    }
    lines
}

fn push(lines: &mut [Line], token: Token, range: Range<usize>) {
    if let Some(line) = lines.last_mut() {
        line.pieces.push((token, range));
    }
}

/// The tokens of a JSON text, each with its range.
fn tokens(text: &str) -> Vec<(Token, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut tokens: Vec<(Token, Range<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        let token = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'"' => {
                at = string_end(bytes, at);
                Token::String
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => {
                at += 1;
                if *byte == b':'
                    && let Some((token, _)) = tokens.last_mut()
                {
                    *token = Token::Key;
                }
                Token::Punctuation
            }
            _ => {
                let is_end = |b: &u8| b" \t\n\r{}[],:\"".contains(b);
                at += bytes[at..].iter().position(is_end).unwrap_or(bytes.len() - at);
                if matches!(byte, b'-' | b'0'..=b'9') { Token::Number } else { Token::Literal }
            }
        };
        tokens.push((token, start..at));
    }
    tokens
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &str) -> String {
        let line = |line: &Line| {
            let pieces: String =
                line.pieces.iter().map(|(_, r)| if *r == SPACE { " " } else { &text[r.clone()] }).collect();
            format!("{}{pieces}", "  ".repeat(line.depth))
        };
        lay_out(text).iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_byte_that_matters_stays_as_it_came() {
        let text =
            r#"{"b":1.0,"a":12345678901234567890123,"a":1e400,"e":"\u3042 \"x\" 😀","l":[],"o":{},"n":[1,[null]]}"#;
        let shown = laid_out(text);
        assert_eq!(
            shown,
            "{\n  \"b\": 1.0,\n  \"a\": 12345678901234567890123,\n  \"a\": 1e400,\n  \"e\": \"\\u3042 \\\"x\\\" 😀\",\n  \"l\": [],\n  \"o\": {},\n  \"n\": [\n    1,\n    [\n      null\n    ]\n  ]\n}"
        );
        assert_eq!(laid_out(" \"x\" "), "\"x\"");
        assert_eq!(laid_out("-1.5"), "-1.5");
    }

    #[test]
    fn keys_are_told_from_texts() {
        use Token::{Key, Literal, Punctuation as P, String};
        let kinds: Vec<Token> = tokens(r#"{"a" : "b", "c": true}"#).into_iter().map(|(token, _)| token).collect();
        assert_eq!(kinds, [P, Key, P, String, P, Key, P, Literal, P]);
    }

    #[test]
    fn deep_nesting_needs_no_stack() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(lay_out(&text).len(), 199_999);
    }
}
