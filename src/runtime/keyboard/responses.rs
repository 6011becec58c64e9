//! What terminals say when they are asked, or were asked by another program: only the background matters.

/// Whether the terminal's background is light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runtime) enum Background {
    /// Darker than half.
    Dark,
    /// Lighter than half.
    Light,
}

/// What asks for the background, and then for what every terminal answers, so that no answer is one too. BEL ends it,
/// since urxvt ends its response in the same way, and wrongly otherwise.
pub(in crate::runtime) const QUESTION: &str = "\u{1b}]11;?\u{7}\u{1b}[c";

/// The background that a string tells, if that is what it tells.
pub(super) fn background(string: &[u8]) -> Option<Background> {
    let colour = std::str::from_utf8(string).ok()?.strip_prefix("\u{1b}]11;")?;
    let digits = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"));
    let parts: Vec<f64> = match (digits, colour.strip_prefix('#')) {
        (Some(digits), _) => digits.split('/').take(3).map(share).collect::<Option<_>>()?,
        (None, Some(digits)) if digits.is_ascii() && digits.len().is_multiple_of(3) => {
            let len = digits.len() / 3;
            (0..3).map(|index| share(&digits[index * len..(index + 1) * len])).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let [red, green, blue] = parts[..] else { return None };
    // Luma of BT.709; colours on both sides of the middle are far from it in practice.
    let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if luma > 0.5 { Background::Light } else { Background::Dark })
}

/// Whether these bytes are a response to [`QUESTION`], or the beginning of one that is too long to be keys.
pub(super) fn is_response(bytes: &[u8]) -> bool {
    match bytes {
        [0x1b, b']', b'1', b'0' | b'1', b';', rest @ ..] => {
            let is_colour = |byte: &u8| byte.is_ascii_hexdigit() || b"rgba:/#\x1b\\\x07".contains(byte);
            !rest.is_empty() && rest.iter().take(4).all(is_colour)
        }
        [0x1b, b'[', b'?', rest @ ..] => {
            rest.len() > 1 && rest.iter().take(4).all(|byte| b"0123456789;c\x1b".contains(byte))
        }
        _ => false,
    }
}

/// One to four hexadecimal digits as a share of the most.
fn share(digits: &str) -> Option<f64> {
    let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1).filter(|most| *most > 0)?;
    let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 4)?;
    Some(f64::from(value) / f64::from(most))
}
