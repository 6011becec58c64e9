//! Finding a secret in a text, however each of its characters is written there.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::gateway::redact::REDACTED;

/// The shortest secret that is looked for.
const SHORTEST: usize = 6;
/// So much of a long secret at the end of a text is the secret, cut off.
const CUT_OFF: (usize, usize) = (8, 32);
/// Parts of a token that are secret by themselves are at least so long.
const LONG_PART: usize = 16;

/// JSON in a string of JSON doubles each backslash: so many times at most.
const DEEPEST: u32 = 5;
const MOST_BACKSLASHES: usize = 1 << (DEEPEST + 1);
/// `&quot;`, `&#x1f600;`
const LONGEST_ENTITY: usize = 10;

/// A text to look for, in lower case as far as it is ASCII.
struct Needle(Vec<char>);

impl Needle {
    fn of(text: &str) -> Option<Self> {
        let chars: Vec<char> = text.chars().map(|c| c.to_ascii_lowercase()).collect();
        (chars.len() >= SHORTEST).then_some(Self(chars))
    }

    /// So many characters at the end of a text are this secret, cut off.
    fn shortest_part(&self) -> usize {
        (self.0.len() / 2).clamp(CUT_OFF.0, CUT_OFF.1)
    }

    /// The length of the longest way in which this needle stands at the beginning of the text.
    fn length_in(&self, text: &str) -> Option<usize> {
        // Letters and digits stand only for themselves, so most of what is no secret ends here.
        let is_plain =
            |(c, byte): &(&char, u8)| byte.is_ascii_alphanumeric() && **c == char::from(byte.to_ascii_lowercase());
        let plain = self.0.iter().zip(text.bytes()).take_while(is_plain).count();
        if text.as_bytes().get(plain).is_some_and(u8::is_ascii_alphanumeric) && plain < self.0.len() {
            return None;
        }
        let deepest = if self.0.contains(&'\\') { DEEPEST } else { 0 };
        (0..=deepest).filter_map(|depth| self.length_behind(plain, text, 1 << depth)).max()
    }

    /// The same, behind so many plain characters, where a backslash is written as so many.
    fn length_behind(&self, plain: usize, text: &str, backslashes: usize) -> Option<usize> {
        let mut end = plain;
        for (at, wanted) in self.0.iter().enumerate().skip(plain) {
            let rest = &text[end..];
            let is_it = |found: char| found.to_ascii_lowercase() == *wanted;
            let literal = rest.chars().next().filter(|c| is_it(*c)).map(char::len_utf8);
            let found = match escaped(rest) {
                _ if *wanted == '\\' && backslashes_of(rest) >= backslashes => Some(backslashes),
                Some((c, length)) if is_it(c) => Some(length),
                _ => literal,
            };
            let Some(length) = found else {
                let is_cut_off = rest.is_empty() || rest.starts_with("...") || rest.starts_with('…');
                return (is_cut_off && at >= self.shortest_part()).then_some(end);
            };
            end += length;
        }
        Some(end)
    }
}

fn backslashes_of(text: &str) -> usize {
    text.bytes().take(MOST_BACKSLASHES).take_while(|byte| *byte == b'\\').count()
}

/// The character that an escape at the beginning of the text stands for, and the length of the escape.
fn escaped(text: &str) -> Option<(char, usize)> {
    match text.bytes().next()? {
        b'%' => {
            let mut bytes = [0; 4];
            for at in 0..bytes.len() {
                let encoded = text.get(at * 3..at * 3 + 3)?.strip_prefix('%')?;
                bytes[at] = u8::from_str_radix(encoded, 16).ok()?;
                let c = std::str::from_utf8(&bytes[..=at]).ok().and_then(|text| text.chars().next());
                if let Some(c) = c {
                    return Some((c, at * 3 + 3));
                }
            }
            None
        }
        b'\\' => {
            let backslashes = backslashes_of(text);
            let rest = &text[backslashes..];
            if let Some(code) = rest.strip_prefix(['u', 'U']) {
                let code = u32::from_str_radix(code.get(..4)?, 16).ok()?;
                return Some((char::from_u32(code)?, backslashes + 5));
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
}

impl Needles {
    /// Each secret, its parts, and both in Base64.
    pub(super) fn of<'s>(secrets: impl Iterator<Item = &'s str>) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for secret in secrets {
            for text in parts(secret.trim()) {
                // Of a text that is too short to be found as it is, Base64 would be as ambiguous.
                if text.chars().count() >= SHORTEST {
                    texts.extend(in_base64(&text));
                    texts.push(text);
                }
            }
        }
        Self::new(texts.iter().filter_map(|text| Needle::of(text)).collect())
    }

    fn new(mut all: Vec<Needle>) -> Self {
        all.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        all.dedup_by(|a, b| a.0 == b.0);
        let mut by_beginning = vec![Vec::new(); 256];
        for (number, needle) in all.iter().enumerate() {
            let first = needle.0.first().copied().unwrap_or_default();
            let (lower, upper) = (first_byte(first), first_byte(first.to_ascii_uppercase()));
            by_beginning[usize::from(lower)].push(number);
            if upper != lower {
                by_beginning[usize::from(upper)].push(number);
            }
        }
        Self { all, by_beginning }
    }

    /// What no text is without in which one of these is found, also where it was cut off.
    pub(super) fn beginnings(&self) -> Self {
        let beginning = |needle: &Needle| Needle(needle.0.iter().copied().take(needle.shortest_part()).collect());
        Self::new(self.all.iter().map(beginning).collect())
    }

    /// The length of a secret at the beginning of the text.
    fn length_in(&self, text: &str) -> Option<usize> {
        let of = |byte: u8| self.by_beginning[usize::from(byte)].iter();
        let literal = text.bytes().next().map(of).into_iter().flatten();
        let escaped = escaped(text).map(|(c, _)| of(first_byte(c))).into_iter().flatten();
        literal.chain(escaped).find_map(|number| self.all[*number].length_in(text))
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

/// A secret and what is secret of it alone: the credentials behind a scheme such as `Bearer`, the login in those of
/// `Basic` with its password, and the parts of a JSON Web Token.
fn parts(secret: &str) -> Vec<String> {
    let mut parts = vec![secret.to_owned()];
    let words: Vec<&str> = secret.split_whitespace().collect();
    parts.extend(words.iter().skip(1).map(|word| (*word).to_owned()));
    if let [scheme, login] = words[..]
        && scheme.eq_ignore_ascii_case("basic")
        && let Ok(login) = STANDARD_NO_PAD.decode(login.trim_end_matches('='))
        && let Ok(login) = String::from_utf8(login)
    {
        parts.extend(login.split_once(':').map(|(_, password)| password.to_owned()));
        parts.push(login);
    }
    let token = words.last().copied().unwrap_or_default();
    if token.matches('.').count() == 2 {
        parts.extend(token.split('.').filter(|part| part.len() >= LONG_PART).map(str::to_owned));
    }
    parts
}

/// The characters that every Base64 has in common in which the text stands at one of the three offsets.
fn in_base64(text: &str) -> impl Iterator<Item = String> {
    let with = |engine: &GeneralPurpose, offset: usize| {
        let bytes = [&[0; 2][..offset], text.as_bytes()].concat();
        let encoded = engine.encode(&bytes);
        // Those at both ends also hold bits of what is before and behind.
        let (from, to) = ([0, 2, 3][offset], encoded.len() - usize::from(bytes.len() % 3 != 0));
        encoded[from..to].to_owned()
    };
    let all = (0..3).flat_map(move |offset| [with(&STANDARD_NO_PAD, offset), with(&URL_SAFE_NO_PAD, offset)]);
    all.collect::<Vec<_>>().into_iter()
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Plain,
    /// A token of JSON.
    Json,
}
