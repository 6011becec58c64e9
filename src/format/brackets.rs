//! The bracket that belongs to the one at a position of a JSON text, which may be unfinished or invalid.

use crate::format::json::string_at;

/// Returns the offsets of the bracket under the cursor, or else before it, and of its partner. Reads the line of the
/// bracket and what is between the two, not the rest of the text.
pub(crate) fn pair(text: &str, cursor: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let is_bracket = |at: &usize| bytes.get(*at).is_some_and(|byte| b"{}[]".contains(byte));
    let of = [Some(cursor), cursor.checked_sub(1)].into_iter().flatten().find(is_bracket)?;
    let line = line_start(bytes, of);
    if string_at(&bytes[line..], of - line).is_some() {
        return None;
    }
    let (partner, expected) = match bytes[of] {
        b'{' => (closing(bytes, of)?, b'}'),
        b'[' => (closing(bytes, of)?, b']'),
        b'}' => (opening(bytes, of)?, b'{'),
        _ => (opening(bytes, of)?, b'['),
    };
    (bytes[partner] == expected).then_some((of, partner))
}

/// Returns the bracket that closes the one at an offset.
fn closing(bytes: &[u8], of: usize) -> Option<usize> {
    let mut open = 0;
    brackets(bytes, of).find(|at| {
        open = if is_opening(bytes[*at]) { open + 1 } else { open - 1 };
        open == 0
    })
}

/// Returns the bracket that the one at an offset closes: the last one before it that nothing else closes. Where strings
/// are is only known from the start of a line, so each line is read forwards, but the lines are taken backwards.
fn opening(bytes: &[u8], of: usize) -> Option<usize> {
    let (mut closed, mut end, mut in_line) = (0, of, Vec::new());
    loop {
        let start = line_start(bytes, end);
        in_line.extend(brackets(&bytes[..end], start));
        while let Some(at) = in_line.pop() {
            match (is_opening(bytes[at]), closed) {
                (true, 0) => return Some(at),
                (true, _) => closed -= 1,
                (false, _) => closed += 1,
            }
        }
        end = start.checked_sub(1)?;
    }
}

fn is_opening(byte: u8) -> bool {
    matches!(byte, b'{' | b'[')
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |found| found + 1)
}

/// Returns the brackets outside strings from an offset that is not in a string.
fn brackets(bytes: &[u8], mut at: usize) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => at = end_of_string(bytes, at),
                b'{' | b'}' | b'[' | b']' => {
                    at += 1;
                    return Some(at - 1);
                }
                _ => at += 1,
            }
        }
        None
    })
}

/// Returns the end of the string that begins at a quote. A string ends with its line, so that an unfinished one does not
/// change the meaning of what follows.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'"', b'\\', b'\n', rest)) {
        at += found + 1;
        match bytes[at - 1] {
            b'\\' => at += usize::from(bytes.get(at) != Some(&b'\n')),
            _ => return at,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::pair;
    use crate::format::json::tokens;

    /// Returns all pairs, by reading the whole text.
    fn all_pairs(text: &str) -> Vec<(usize, usize)> {
        let (mut open, mut pairs, mut start) = (Vec::new(), Vec::new(), 0);
        for line in text.split_inclusive('\n') {
            for (range, _) in tokens(line) {
                match (&line[range.clone()], start + range.start) {
                    ("{" | "[", at) => open.push(at),
                    ("}" | "]", at) => pairs.extend(open.pop().map(|opening| (opening, at))),
                    _ => {}
                }
            }
            start += line.len();
        }
        let fits = |(opening, at): &(usize, usize)| {
            matches!((&text[*opening..=*opening], &text[*at..=*at]), ("{", "}") | ("[", "]"))
        };
        pairs.retain(fits);
        pairs
    }

    proptest! {
        #[test]
        fn a_pair_is_the_one_that_reading_the_whole_text_finds(text in "[{}\\[\\]\"\\\\\n a]{0,40}") {
            let pairs = all_pairs(&text);
            let is_bracket = |at: usize| text.as_bytes().get(at).is_some_and(|byte| b"{}[]".contains(byte));
            for cursor in 0..=text.len() {
                let of = if is_bracket(cursor) || cursor == 0 { cursor } else { cursor - 1 };
                let expected = pairs.iter().find_map(|(opening, closing)| match of {
                    at if at == *opening => Some((of, *closing)),
                    at if at == *closing => Some((of, *opening)),
                    _ => None,
                });
                prop_assert_eq!(pair(&text, cursor), expected, "{:?} {}", text, cursor);
            }
        }
    }

    #[test]
    fn each_bracket_has_its_partner() {
        let text = r#"{"a[": [1, {"b": "}"}], "c": {}}"#;
        let partner = |at: usize| pair(text, at);
        let end = text.len() - 1;
        assert_eq!((partner(0), partner(end), partner(end + 1)), (Some((0, end)), Some((end, 0)), Some((end, 0))));
        assert_eq!(partner(7), Some((7, 21)));
        assert_eq!(partner(21), Some((21, 7)));
        assert_eq!(partner(11), Some((11, 20)));
        assert_eq!(partner(3), None, "within a string");
        assert_eq!(partner(18), None, "within a string");
        assert_eq!(partner(9), None);
        assert_eq!(partner(1), Some((0, end)), "before the cursor");
        assert_eq!((pair("{]", 0), pair("{", 0), pair("]", 0), pair("", 0)), (None, None, None, None));
        assert_eq!(pair("{\"a\n[]}", 4), Some((4, 5)), "an unfinished string ends with its line");
    }

    #[test]
    fn a_long_text_is_read_once() {
        let text = format!("[{}0]", "{\"a\":[1]},".repeat(25_000));
        let began = std::time::Instant::now();
        assert_eq!(pair(&text, 0), Some((0, text.len() - 1)));
        assert_eq!(pair(&text, text.len()), Some((text.len() - 1, 0)));
        assert!(began.elapsed() < std::time::Duration::from_secs(1), "{:?}", began.elapsed());
    }
}
