//! Finding a secret in a text, however each of its characters is written there.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::gateway::redact::REDACTED;
use crate::gateway::redact::encodings::{Encoded, encoded};

/// The shortest secret that is looked for.
const SHORTEST: usize = 6;
/// So much of a long secret at the end of a text is the secret, cut off.
const CUT_OFF: (usize, usize) = (8, 12);
/// How often percent-encoding is undone after the first time.
const PERCENT_DEPTH: usize = 2;

/// JSON in a string of JSON doubles each backslash: so many times at most.
const DEEPEST: u32 = 5;
const MOST_BACKSLASHES: usize = 1 << (DEEPEST + 1);
/// `&quot;`, `&#x1f600;`
const LONGEST_ENTITY: usize = 10;

/// A text to look for, in lower case as far as it is ASCII.
struct Needle {
    chars: Vec<char>,
    /// Only the beginning of an encoded text is here: what follows in that encoding belongs to it.
    goes_on: bool,
    /// Its encoding may contain line breaks.
    may_wrap: bool,
}

impl Needle {
    fn of(encoded: &Encoded) -> Option<Self> {
        let chars: Vec<char> = encoded.text.chars().map(|c| c.to_ascii_lowercase()).collect();
        let Encoded { goes_on, may_wrap, .. } = *encoded;
        (chars.len() >= SHORTEST).then_some(Self { chars, goes_on, may_wrap })
    }

    /// So many characters at the end of a text are this secret, cut off.
    fn shortest_part(&self) -> usize {
        (self.chars.len() / 2).clamp(CUT_OFF.0, CUT_OFF.1)
    }

    /// The length of the longest way in which this needle stands at the beginning of the text.
    fn length_in(&self, text: &str) -> Option<usize> {
        // Letters and digits stand only for themselves, so most of what is no secret ends here.
        let is_plain =
            |(c, byte): &(&char, u8)| byte.is_ascii_alphanumeric() && **c == char::from(byte.to_ascii_lowercase());
        let plain = self.chars.iter().zip(text.bytes()).take_while(is_plain).count();
        if text.as_bytes().get(plain).is_some_and(u8::is_ascii_alphanumeric) && plain < self.chars.len() {
            return None;
        }
        let deepest = if self.chars.contains(&'\\') { DEEPEST } else { 0 };
        let mut end = None;
        for percents in 0..=PERCENT_DEPTH {
            let ends = (0..=deepest).map(|depth| self.length_behind(plain, text, (percents, 1 << depth)));
            let (found, failed): (Vec<_>, Vec<_>) = ends.partition(Result::is_ok);
            end = found.into_iter().flatten().max();
            // Only a percent sign can be percent-encoded again.
            let is_percent = |end: &Result<usize, usize>| {
                let met = |end: usize| &text.as_bytes()[plain..text.len().min(end + 3)];
                end.is_err_and(|end| memchr::memmem::find(met(end), b"%25").is_some())
            };
            if end.is_some() || !failed.iter().any(is_percent) {
                break;
            }
        }
        let end = end?;
        Some(if self.goes_on { end + encoded_length(&text[end..]) } else { end })
    }

    /// Returns the same after `plain` plain characters, with the given depths of backslashes and percent-encoding; or
    /// the position where the text stops matching.
    fn length_behind(&self, plain: usize, text: &str, (percents, backslashes): (usize, usize)) -> Result<usize, usize> {
        let mut end = plain;
        for (at, wanted) in self.chars.iter().enumerate().skip(plain) {
            if self.may_wrap {
                end += line_break(&text[end..]);
            }
            let rest = &text[end..];
            let is_it = |found: char| found.to_ascii_lowercase() == *wanted;
            let literal = rest.chars().next().filter(|c| is_it(*c)).map(char::len_utf8);
            let found = match escaped(rest, percents) {
                _ if *wanted == '\\' && backslashes_of(rest) >= backslashes => Some(backslashes),
                Some((c, length)) if is_it(c) => Some(length),
                _ => literal,
            };
            let Some(length) = found else {
                let is_cut_off = rest.is_empty() || rest.starts_with("...") || rest.starts_with('…');
                return if is_cut_off && at >= self.shortest_part() { Ok(end) } else { Err(end) };
            };
            end += length;
        }
        Ok(end)
    }
}

/// Returns the length of the hexadecimal or Base64 at the beginning of the text, with line breaks and escaped slashes.
/// Never cuts an escape in two.
fn encoded_length(text: &str) -> usize {
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

fn backslashes_of(text: &str) -> usize {
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
fn escaped(text: &str, again: usize) -> Option<(char, usize)> {
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

/// What to look for, the longest first.
#[derive(Default)]
pub(super) struct Needles {
    all: Vec<Needle>,
    /// For each byte the ones that can begin with it, by their number.
    by_beginning: Vec<Vec<usize>>,
    /// By two lower-case letters or digits, which stand only for themselves: the needles that begin with them.
    by_two: HashMap<[u8; 2], Vec<usize>>,
}

impl Needles {
    /// Creates the needles for each secret and its parts, in every encoding.
    pub(super) fn of<'s>(secrets: impl Iterator<Item = &'s str>) -> Self {
        let texts: Vec<Encoded> = secrets.flat_map(|secret| encoded(secret, SHORTEST)).collect();
        Self::new(texts.iter().filter_map(Needle::of).collect())
    }

    fn new(mut all: Vec<Needle>) -> Self {
        all.sort_by(|a, b| b.chars.len().cmp(&a.chars.len()).then_with(|| a.chars.cmp(&b.chars)));
        all.dedup_by(|a, b| a.chars == b.chars);
        let mut by_beginning = vec![Vec::new(); 256];
        let mut by_two: HashMap<[u8; 2], Vec<usize>> = HashMap::new();
        for (number, needle) in all.iter().enumerate() {
            let first = needle.chars.first().copied().unwrap_or_default();
            let (lower, upper) = (first_byte(first), first_byte(first.to_ascii_uppercase()));
            by_beginning[usize::from(lower)].push(number);
            if upper != lower {
                by_beginning[usize::from(upper)].push(number);
            }
            if let [first, second, ..] = needle.chars[..]
                && first.is_ascii_alphanumeric()
                && second.is_ascii_alphanumeric()
            {
                by_two.entry([first_byte(first), first_byte(second)]).or_default().push(number);
            }
        }
        Self { all, by_beginning, by_two }
    }

    /// What no text is without in which one of these is found, also where it was cut off.
    pub(super) fn beginnings(&self) -> Self {
        let beginning = |needle: &Needle| {
            let chars = needle.chars.iter().copied().take(needle.shortest_part()).collect();
            Needle { chars, goes_on: false, may_wrap: needle.may_wrap }
        };
        Self::new(self.all.iter().map(beginning).collect())
    }

    /// The length of a secret at the beginning of the text.
    fn length_in(&self, text: &str) -> Option<usize> {
        let first = text.chars().next()?;
        let literal = std::iter::once((first, first.len_utf8(), 0));
        let again = 0..=if text.starts_with("%25") { PERCENT_DEPTH } else { 0 };
        let escaped = again.filter_map(|again| escaped(text, again).map(|(c, length)| (c, length, again)));
        let numbers =
            literal.chain(escaped).flat_map(|(c, length, again)| self.beginning_with(c, &text[length..], again));
        numbers.copied().find_map(|number| self.all[number].length_in(text))
    }

    /// Returns the needles that can begin with this character, given what follows.
    fn beginning_with(&self, c: char, rest: &str, again: usize) -> &[usize] {
        let next = escaped(rest, again).map(|(c, _)| c).or_else(|| rest.chars().next());
        let numbers = match next {
            Some(next) if c.is_ascii_alphanumeric() && next.is_ascii_alphanumeric() => {
                self.by_two.get(&[c, next].map(|c| first_byte(c.to_ascii_lowercase())))
            }
            _ => self.by_beginning.get(usize::from(first_byte(c))),
        };
        numbers.map(Vec::as_slice).unwrap_or_default()
    }

    /// The text with a mark in place of each secret.
    pub(super) fn without<'t>(&self, text: &'t str, notation: Notation) -> Cow<'t, str> {
        if self.all.is_empty() {
            return Cow::Borrowed(text);
        }
        // The quotation mark behind a string that was cut off belongs to the token.
        let inside = if notation == Notation::Json { text.strip_suffix('"').unwrap_or(text) } else { text };
        let bytes = inside.as_bytes();
        let (mut clean, mut copied, mut at) = (String::new(), 0, 0);
        while at < bytes.len() {
            match inside.get(at..).and_then(|text| self.length_in(text)) {
                Some(length) => {
                    clean.push_str(&text[copied..at]);
                    clean.push_str(REDACTED);
                    at += length;
                    copied = at;
                }
                // The `n` of `\n` begins nothing.
                None if notation == Notation::Json && bytes[at] == b'\\' => at += 2,
                None => at += 1,
            }
        }
        if clean.is_empty() {
            return Cow::Borrowed(text);
        }
        clean.push_str(&text[copied..]);
        Cow::Owned(clean)
    }
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

fn first_byte(c: char) -> u8 {
    c.encode_utf8(&mut [0; 4]).as_bytes()[0]
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Plain,
    /// A token of JSON.
    Json,
}
