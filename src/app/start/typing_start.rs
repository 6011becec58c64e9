//! Where typing starts in an input: at its first value, or between the brackets of an empty one.

use crate::format::json::{Token, tokens};

/// Returns the offset after the first value, within its quotes if it is a string.
pub(super) fn typing_start(input: &str) -> usize {
    let mut offset = 0;
    let mut opened = None;
    for line in input.split_inclusive('\n') {
        for (range, token) in tokens(line) {
            let (text, end) = (&line[range.clone()], offset + range.end);
            match (token, text) {
                (Token::String, _) if text.len() > 1 && text.ends_with('"') => return end - 1,
                (Token::String | Token::Number | Token::Literal | Token::Plain, _) => return end,
                (Token::Punctuation, "{" | "[") => opened = Some(end),
                (Token::Punctuation, "}" | "]") => return opened.unwrap_or(end),
                _ => {}
            }
        }
        offset += line.len();
    }
    input.len()
}

#[cfg(test)]
mod tests {
    use super::typing_start;

    #[test]
    fn typing_starts_at_the_first_value() {
        for (input, expected) in [
            ("{}", "{|}"),
            (" [ ]", " [| ]"),
            ("", "|"),
            ("{\n  \"order\": 4711\n}", "{\n  \"order\": 4711|\n}"),
            ("{\"注文番号\": \"東京-4711\"}", "{\"注文番号\": \"東京-4711|\"}"),
            ("{\"a\": {\"b\": []}}", "{\"a\": {\"b\": [|]}}"),
            ("{\"a\": \"\"}", "{\"a\": \"|\"}"),
            ("null", "null|"),
            ("\"x\"", "\"x|\""),
        ] {
            let at = typing_start(input);
            assert_eq!(format!("{}|{}", &input[..at], &input[at..]), expected);
        }
    }
}
