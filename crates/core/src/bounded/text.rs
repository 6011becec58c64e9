//! Decodes text.

use crate::bounded::ReadError;

/// Returns the text without a byte order mark; errors name the encoding if it is not UTF-8.
pub fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    if let Some(name) = other_encoding(&bytes) {
        return Err(ReadError::OtherEncoding(name));
    }
    let mut text =
        String::from_utf8(bytes).map_err(|error| ReadError::NotText(error.utf8_error().valid_up_to() + 1))?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// Recognizes an encoding by its byte order mark or zero bytes.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        // Without a mark: two Latin letters, braces or digits.
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] if *a > 0 && *b > 0 => Some("UTF-16"),
        _ => None,
    }
}
