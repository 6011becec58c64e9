//! The bracket that belongs to the one at a position of a JSON text, which may be unfinished or invalid.

/// Returns the offsets of the bracket under the cursor, or else before it, and of its partner.
pub(crate) fn pair(text: &str, cursor: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let is_bracket = |at: &usize| bytes.get(*at).is_some_and(|byte| b"{}[]".contains(byte));
    let of = [Some(cursor), cursor.checked_sub(1)].into_iter().flatten().find(is_bracket)?;
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = end_of_string(bytes, at);
                if (at..end).contains(&of) {
                    return None;
                }
                at = end;
                continue;
            }
            b'{' | b'[' => open.push(at),
            b'}' | b']' => {
                let opening = open.pop();
                if at == of || opening == Some(of) {
                    let opening = opening?;
                    let fits = bytes[opening] == if *byte == b'}' { b'{' } else { b'[' };
                    return fits.then_some((of, if at == of { opening } else { at }));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Returns the end of the string that begins at a quote. A string ends with its line, so that an unfinished one does not
/// change the meaning of what follows.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'"', b'\\', b'\n', rest)) {
        match bytes[at + found] {
            b'\\' => at += found + 2,
            _ => return at + found + 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::pair;

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
