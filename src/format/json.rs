//! JSON tokens: their kinds and ends. Values are not parsed into numbers or maps, so they are shown exactly as received.

use std::ops::Range;

/// The kind of a piece of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A member name, with its quotes.
    Key,
    /// A string, with its quotes.
    String,
    /// A number.
    Number,
    /// `true`, `false`, `null`.
    Literal,
    /// Brackets, commas, colons.
    Punctuation,
    /// A placeholder for folded contents.
    Folded,
    /// Text that is not JSON.
    Plain,
}

impl Token {
    /// Returns the kind of a value by its first byte.
    pub fn of_value(first: Option<&u8>) -> Self {
        match first {
            Some(b'"') => Self::String,
            Some(b'-' | b'0'..=b'9') => Self::Number,
            Some(b'{' | b'}' | b'[' | b']') => Self::Punctuation,
            _ => Self::Literal,
        }
    }
}

/// Returns the tokens of a line of JSON, which may be unfinished or invalid, without the blanks between them.
pub(crate) fn tokens(line: &str) -> impl Iterator<Item = (Range<usize>, Token)> {
    let bytes = line.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        at += blanks(&bytes[at..]);
        let start = at;
        let first = bytes.get(start)?;
        let token = match first {
            b'"' => {
                at = end_of_string(bytes, start);
                let next = at + blanks(&bytes[at..]);
                if bytes.get(next) == Some(&b':') { Token::Key } else { Token::String }
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => {
                at = start + 1;
                Token::Punctuation
            }
            _ => {
                at = end_of_scalar(bytes, start);
                match (&line[start..at], Token::of_value(Some(first))) {
                    ("true" | "false" | "null", _) => Token::Literal,
                    (_, Token::Number) => Token::Number,
                    _ => Token::Plain,
                }
            }
        };
        Some((start..at, token))
    })
}

/// Returns an offset from which `tokens` of the rest of a line finds the token at `offset`, or the next one, as it would
/// from the start of the line. It only reads quotes and backslashes, so it is cheap in a long line.
pub(crate) fn token_start(line: &str, offset: usize) -> usize {
    let before = &line.as_bytes()[..offset];
    string_at(line.as_bytes(), offset)
        .unwrap_or_else(|| before.iter().rposition(|byte| ends_scalar(*byte)).map_or(0, |at| at + 1))
}

/// Returns the start of the string that has an offset of a line behind its first quote.
pub(crate) fn string_at(line: &[u8], offset: usize) -> Option<usize> {
    let (mut string, mut unescaped) = (None, 0);
    for at in memchr::memchr2_iter(b'"', b'\\', &line[..offset]) {
        match (line[at], string) {
            _ if at < unescaped => {}
            (b'"', None) => string = Some(at),
            (b'"', Some(_)) => string = None,
            (_, Some(_)) => unescaped = at + 2,
            (_, None) => {}
        }
    }
    string
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Returns the end of the string that begins with a quote at `start`.
pub(crate) fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        match bytes[at + found] {
            b'"' => return at + found + 1,
            _ => at += found + 2,
        }
    }
    bytes.len()
}

/// Returns the end of the number or literal that begins at `start`, at least one byte after it.
pub(crate) fn end_of_scalar(bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|byte| ends_scalar(*byte)).map_or(bytes.len(), |length| start + length.max(1))
}

fn ends_scalar(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tokens_are_the_same_from_anywhere_in_a_line(line in "[\"\\\\{}\\[\\],: \u{c}1a\u{6ce8}]{0,40}") {
            let all: Vec<_> = tokens(&line).collect();
            for offset in (0..=line.len()).filter(|at| line.is_char_boundary(*at)) {
                let start = token_start(&line, offset);
                let found = tokens(&line[start..]).map(|(range, token)| (start + range.start..start + range.end, token));
                let follows = |(range, _): &(Range<usize>, Token)| range.end > offset;
                let expected: Vec<_> = all.iter().filter(|token| follows(token)).cloned().collect();
                prop_assert_eq!(found.filter(follows).collect::<Vec<_>>(), expected, "{:?} {}", line, offset);
            }
        }
    }

    #[test]
    fn unfinished_lines_have_tokens() {
        let kinds = |line: &str| tokens(line).map(|(range, token)| (line[range].to_owned(), token)).collect::<Vec<_>>();
        let expected = [("{", Token::Punctuation), ("\"注 文\"", Token::Key), (":", Token::Punctuation)];
        assert_eq!(kinds(" { \"注 文\" :"), expected.map(|(text, token)| (text.to_owned(), token)));
        let expected =
            [("1.0", Token::Number), (",", Token::Punctuation), ("tru", Token::Plain), ("\"op\\", Token::String)];
        assert_eq!(kinds("1.0, tru \"op\\"), expected.map(|(text, token)| (text.to_owned(), token)));
        assert_eq!(kinds("null 注"), [("null".to_owned(), Token::Literal), ("注".to_owned(), Token::Plain)]);
    }

    #[test]
    fn pieces_end_where_they_end() {
        let text = br#""a\"b\\" -1.5e3,"#;
        assert_eq!(end_of_string(text, 0), 8);
        assert_eq!(end_of_scalar(text, 9), 15);
        assert_eq!(end_of_string(br#""open\"#, 0), 6);
        assert_eq!(end_of_scalar(b":", 0), 1);
    }
}
