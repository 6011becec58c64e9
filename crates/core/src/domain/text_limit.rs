//! Length limits, in characters, for text from outside, and how text is cut.

/// `x-amzn-RequestId` and similar: usually a UUID.
pub(crate) const REQUEST_ID: usize = 128;
/// An error name of Step Functions or the gateway (API reference, `DescribeExecution`, `error`).
pub(crate) const ERROR: usize = 256;
/// The cause of an error (API reference, `DescribeExecution`, `cause`).
pub const CAUSE: usize = 32_768;
/// The message of an error body or of the network.
pub(crate) const MESSAGE: usize = 1_000;
/// An excerpt of a body, or the title of a page, in a message.
pub(crate) const EXCERPT: usize = 200;
/// An ARN or a name in a response. Those of Step Functions have at most 2,000 characters (`mapRunArn`).
pub const IDENTITY: usize = 2_000;
/// A keyword such as a status.
pub(crate) const WORD: usize = 128;

/// Returns the text, or its first `most` characters and its length: `… (500,000 characters)`.
pub fn limited(mut text: String, most: usize) -> String {
    // No text has more characters than bytes.
    if text.len() <= most {
        return text;
    }
    let Some((end, _)) = text.char_indices().nth(most) else { return text };
    let mark = mark(text.chars().count());
    text.truncate(end);
    // The rest must not occupy memory.
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
    fn long_texts_are_cut_and_state_their_length() {
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
