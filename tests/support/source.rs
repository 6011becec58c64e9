//! Rust source without its comments and tests, parsed by brackets rather than by lines.

use std::ops::Range;

/// What a place in a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    /// A string or character, with its quotes.
    Literal,
}

/// The source with comments as blanks, without items that are only there for tests.
pub fn code(text: &str) -> String {
    let kinds = kinds(text.as_bytes());
    let tests = tests(text.as_bytes(), &kinds);
    let kept = |at: &usize| !tests.iter().any(|range| range.contains(at));
    let byte =
        |at: usize| if kinds[at] == Kind::Comment && text.as_bytes()[at] != b'\n' { b' ' } else { text.as_bytes()[at] };
    let bytes: Vec<u8> = (0..text.len()).filter(kept).map(byte).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How many lines there are outside of tests.
pub fn lines(text: &str) -> usize {
    let tests = tests(text.as_bytes(), &kinds(text.as_bytes()));
    let of_tests: usize = tests.iter().map(|range| text[range.clone()].lines().count()).sum();
    text.lines().count() - of_tests
}

fn kinds(bytes: &[u8]) -> Vec<Kind> {
    let mut kinds = vec![Kind::Code; bytes.len()];
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (kind, length) = if rest.starts_with(b"//") {
            (Kind::Comment, find(rest, b"\n").unwrap_or(rest.len()))
        } else if rest.starts_with(b"/*") {
            (Kind::Comment, find(rest, b"*/").map_or(rest.len(), |end| end + 2))
        } else if let Some(length) = raw_string(bytes, at) {
            (Kind::Literal, length)
        } else if rest[0] == b'"' {
            (Kind::Literal, quoted(rest, b'"'))
        } else if rest[0] == b'\'' && is_character(rest) {
            (Kind::Literal, quoted(rest, b'\''))
        } else {
            (Kind::Code, 1)
        };
        kinds[at..at + length].fill(kind);
        at += length;
    }
    kinds
}

/// The items behind `#[cfg(test)]` or `#[cfg(all(test, ..))]`, with the attribute.
fn tests(bytes: &[u8], kinds: &[Kind]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for start in 0..bytes.len() {
        let is_test =
            [&b"#[cfg(test)]"[..], b"#[cfg(all(test"].iter().any(|attribute| bytes[start..].starts_with(attribute));
        let is_inside = ranges.last().is_some_and(|last| last.contains(&start));
        if is_test && kinds[start] == Kind::Code && !is_inside {
            ranges.push(start..end_of_item(bytes, kinds, start));
        }
    }
    ranges
}

/// Behind the attributes: the first `;` or closed `{}` that is in no other brackets, or the end of a match arm or field.
fn end_of_item(bytes: &[u8], kinds: &[Kind], start: usize) -> usize {
    let mut depth = 0_usize;
    for at in (start..bytes.len()).filter(|at| kinds[*at] == Kind::Code) {
        match bytes[at] {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' if depth == 0 => return at,
            b'}' | b')' | b']' => {
                depth -= 1;
                if depth == 0 && bytes[at] == b'}' {
                    // The end of a `use` is behind its braces.
                    return at + 1 + usize::from(bytes.get(at + 1) == Some(&b';'));
                }
            }
            b';' | b',' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    bytes.len()
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// The length of a raw string that begins here.
fn raw_string(bytes: &[u8], at: usize) -> Option<usize> {
    let is_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let rest = bytes[at..].strip_prefix(b"r").filter(|_| !is_word || bytes[at - 1] == b'b')?;
    let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
    let inside = rest[hashes..].strip_prefix(b"\"")?;
    let end = [&b"\""[..], &b"#".repeat(hashes)].concat();
    Some(find(inside, &end).map_or(bytes.len() - at, |length| 1 + hashes + 1 + length + end.len()))
}

/// The length of a string or character whose quote is the first byte.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// Whether a quote begins a character and no lifetime.
fn is_character(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(8)]).into_owned();
    let mut inside = text.chars().skip(1);
    match inside.next() {
        Some('\\') => true,
        Some(_) => inside.next() == Some('\''),
        None => false,
    }
}
