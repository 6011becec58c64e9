//! How a character of a secret may be written in a text, and how long encoded text is.

/// How often percent-encoding is undone after the first time.
pub(super) const PERCENT_DEPTH: usize = 2;
/// White space, such as that of a folded header, that may stand between two characters of a secret.
const MOST_BETWEEN: usize = 8;

/// JSON in a string of JSON doubles each backslash: so many times at most.
pub(super) const DEEPEST: u32 = 5;
const MOST_BACKSLASHES: usize = 1 << (DEEPEST + 1);
/// `&quot;`, `&#x1f600;`
const LONGEST_ENTITY: usize = 10;
/// `\u0041` without its last digit.
const LONGEST_CODE: usize = 5;

/// Returns the length of the hexadecimal or Base64 at the beginning of the text, with line breaks and escaped slashes.
/// Never cuts an escape in two.
pub(super) fn encoded_length(text: &str) -> usize {
    let is_encoded = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=%".contains(byte);
    let mut end = 0;
    loop {
        let rest = &text[end..];
        end += rest.bytes().take_while(is_encoded).count();
        let rest = &text[end..];
        let between = match backslashes_of(rest) {
            0 => line_break(rest),
            backslashes if rest[backslashes..].starts_with('/') => backslashes,
            _ => line_break(rest),
        };
        if between == 0 || !rest.as_bytes().get(between).is_some_and(is_encoded) {
            return end;
        }
        end += between;
    }
}

/// Returns the length of a line break at the beginning of the text, also escaped as in JSON.
fn line_break(text: &str) -> usize {
    ["\r\n", "\n", "\\r\\n", "\\n"].iter().find(|end| text.starts_with(**end)).map_or(0, |end| end.len())
}

pub(super) fn backslashes_of(text: &str) -> usize {
    text.bytes().take(MOST_BACKSLASHES).take_while(|byte| *byte == b'\\').count()
}

/// Returns the percent-encoded character at the beginning of the text, and its length. `again` is how often the percent
/// sign is itself percent-encoded.
fn percent_encoded(text: &str, again: usize) -> Option<(char, usize)> {
    let sign = &"%252525"[..=2 * again];
    let each = sign.len() + 2;
    let mut bytes = [0; 4];
    for at in 0..bytes.len() {
        let code = text.get(at * each..(at + 1) * each)?.strip_prefix(sign)?;
        bytes[at] = hex(code)?;
        let c = std::str::from_utf8(&bytes[..=at]).ok().and_then(|text| text.chars().next());
        if let Some(c) = c {
            return Some((c, (at + 1) * each));
        }
    }
    None
}

/// Two hexadecimal digits.
fn hex(digits: &str) -> Option<u8> {
    let is_hex = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

/// Returns the character that an escape at the beginning of the text stands for, and the length of the escape. `again`
/// is how often a percent sign is itself percent-encoded.
pub(super) fn escaped(text: &str, again: usize) -> Option<(char, usize)> {
    match text.bytes().next()? {
        b'%' => percent_encoded(text, again).or_else(|| percent_encoded(text, 0)),
        b'\\' => {
            let backslashes = backslashes_of(text);
            let rest = &text[backslashes..];
            if let Some(code) = rest.strip_prefix(['u', 'U']) {
                let code = u32::from_str_radix(code.get(..4)?, 16).ok()?;
                return Some((char::from_u32(code)?, backslashes + 5));
            }
            if let Some(code) = rest.strip_prefix('x').and_then(|rest| hex(rest.get(..2)?)) {
                // As in C and Python.
                return Some((char::from(code), backslashes + 3));
            }
            let c = rest.chars().next().filter(|c| matches!(c, '"' | '/' | '\''))?;
            Some((c, backslashes + 1))
        }
        b'&' => {
            let end = text.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')?;
            let name = &text[1..end];
            let c = entity(name)?;
            Some((c, end + 1))
        }
        _ => None,
    }
}

/// Returns the length of the white space at the beginning of the text, however it is written there, up to a limit.
pub(super) fn between(text: &str, percents: usize) -> usize {
    let mut end = 0;
    for _ in 0..MOST_BETWEEN {
        let rest = &text[end..];
        let backslashes = backslashes_of(rest);
        let length = match escaped(rest, percents) {
            _ if backslashes > 0 && rest[backslashes..].starts_with(['n', 'r', 't']) => backslashes + 1,
            Some((c, length)) if c.is_whitespace() => length,
            _ => rest.chars().next().filter(|c| c.is_whitespace()).map_or(0, char::len_utf8),
        };
        if length == 0 {
            break;
        }
        end += length;
    }
    end
}

/// Returns the length of the last character of the text, escaped or not, if it is this one. Never cuts an escape in two.
pub(super) fn length_of_last(expected: char, text: &str) -> Option<usize> {
    let is_it = |c: char| c.to_ascii_lowercase() == expected;
    let of_escape = |length: &usize| {
        let tail = text.len().checked_sub(*length).and_then(|start| text.get(start..));
        tail.and_then(|tail| escaped(tail, 0)).is_some_and(|(c, whole)| is_it(c) && whole == *length)
    };
    let backslashes = |text: &str| text.len() - text.trim_end_matches('\\').len();
    let length = (2..=LONGEST_ENTITY).rev().find(of_escape).or_else(|| {
        let c = text.chars().next_back().filter(|c| is_it(*c))?;
        let before = &text.as_bytes()[..text.len() - c.len_utf8()];
        let last = &before[before.len().saturating_sub(LONGEST_CODE)..];
        let is_code = last.windows(2).any(|pair| pair[0] == b'\\' && b"uUx".contains(&pair[1]));
        match c {
            '\\' => Some(backslashes(text)),
            _ => (!is_code).then(|| c.len_utf8()),
        }
    })?;
    (!text[..text.len() - length].ends_with('\\')).then_some(length)
}

/// The character of an HTML entity: `#34`, `#x22`, `quot`.
fn entity(name: &str) -> Option<char> {
    let Some(code) = name.strip_prefix('#') else {
        let known = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')];
        return known.iter().find_map(|(known, c)| (*known == name).then_some(*c));
    };
    let code = match code.strip_prefix(['x', 'X']) {
        Some(code) => u32::from_str_radix(code, 16),
        None => code.parse(),
    };
    code.ok().and_then(char::from_u32)
}
