//! Responses of terminals to queries. Only the background matters.

/// Whether the terminal's background is light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runtime) enum Background {
    Dark,
    Light,
}

/// Queries the background and the device attributes. Every terminal responds to the latter, which shows that there will
/// be no response to the former. Ends with BEL, because urxvt copies the terminator, and gets others wrong.
pub(in crate::runtime) const QUERY: &str = "\u{1b}]11;?\u{7}\u{1b}[c";

/// Parses the background from a string.
pub(super) fn background(string: &[u8]) -> Option<Background> {
    let colour = std::str::from_utf8(string).ok()?.strip_prefix("\u{1b}]11;")?;
    let digits = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"));
    let parts: Vec<f64> = match (digits, colour.strip_prefix('#')) {
        (Some(digits), _) => digits.split('/').take(3).map(fraction).collect::<Option<_>>()?,
        (None, Some(digits)) if digits.is_ascii() && digits.len().is_multiple_of(3) => {
            let len = digits.len() / 3;
            (0..3).map(|index| fraction(&digits[index * len..(index + 1) * len])).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let [red, green, blue] = parts[..] else { return None };
    // BT.709 luma; in practice, backgrounds are far from the middle.
    let luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if luma > 0.5 { Background::Light } else { Background::Dark })
}

/// Whether these bytes are a response to [`QUERY`], or the start of one that is too long to be keys.
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

/// Parses one to four hexadecimal digits as a fraction of their maximum.
fn fraction(digits: &str) -> Option<f64> {
    let max = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)?.checked_sub(1).filter(|max| *max > 0)?;
    let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() <= 4)?;
    Some(f64::from(value) / f64::from(max))
}
