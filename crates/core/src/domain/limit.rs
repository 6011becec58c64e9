//! How much of a text from outside is kept: one limit for each kind of text, and one way to cut it, with a mark.

/// `x-amzn-RequestId` and its like: a UUID, as a rule.
pub const REQUEST_ID: usize = 128;
/// The name of an error, of Step Functions or of the gateway (API reference, `DescribeExecution`, `error`).
pub const ERROR: usize = 256;
/// The cause of an error (API reference, `DescribeExecution`, `cause`).
pub const CAUSE: usize = 32_768;
/// What an error body or the network says.
pub const MESSAGE: usize = 1_000;
/// The beginning of a body, or the title of a page, in a message.
pub const EXCERPT: usize = 200;
/// An ARN or a name as a response gives it. Step Functions' own have at most 2,000 characters (`mapRunArn`).
pub const IDENTITY: usize = 2_000;
/// A word such as a status.
pub const WORD: usize = 128;

/// The text, or its first `most` characters and a mark that says how long it was: `… (500,000 characters)`.
pub fn limited(mut text: String, most: usize) -> String {
    // No text has more characters than bytes.
    if text.len() <= most {
        return text;
    }
    let Some((end, _)) = text.char_indices().nth(most) else { return text };
    let mark = mark(text.chars().count());
    text.truncate(end);
    // What was cut off must not cost memory.
    text.shrink_to_fit();
    text.push_str(&mark);
    text
}

fn mark(characters: usize) -> String {
    let digits = characters.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("… ({grouped} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_within_its_limit_stays_and_a_longer_one_says_how_long_it_was() {
        for (text, most, expected) in [
            ("", 0, ""),
            ("abc", 3, "abc"),
            ("東京タワー", 5, "東京タワー"),
            ("東京タワー", 2, "東京… (5 characters)"),
            ("abc", 0, "… (3 characters)"),
        ] {
            assert_eq!(limited(text.to_owned(), most), expected);
        }
        for (count, mark) in
            [(999, "… (999 characters)"), (1_000, "… (1,000 characters)"), (1_234_567, "… (1,234,567 characters)")]
        {
            assert_eq!(limited("é".repeat(count), 1), format!("é{mark}"));
        }
    }
}
