//! Finds secrets in a text, with their characters in any notation.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::gateway::redact::encodings::{Encoded, encoded};
use crate::gateway::redact::escapes::{
    DEEPEST, PERCENT_DEPTH, backslashes_of, between, encoded_length, escaped, length_of_last,
};
use crate::gateway::redact::mark::REDACTED;
use crate::gateway::redact::public::Public;

/// Shorter secrets are ignored.
const SHORTEST: usize = 6;
/// Length of the beginning of a secret that is recognized at the end of a shortened text: half of it, within these limits.
const CUT_OFF: (usize, usize) = (8, 12);
/// Minimum length of a part without a digit inside a text: a shorter one may be a word.
const NO_WORD: usize = 12;

/// A text to search for, with ASCII letters in lower case.
struct Needle {
    chars: Vec<char>,
    /// It is only the beginning of an encoded text, which continues in the same encoding.
    has_more: bool,
    /// Number of characters that suffice at the end of a shortened text.
    shortest_part: usize,
    /// The characters before these, if they are the end of a secret.
    before: Vec<char>,
}

/// How much of a needle a text contains.
#[derive(Debug, Clone, Copy)]
struct Match {
    end: usize,
    is_whole: bool,
    /// Whether it suffices to recognize the secret.
    is_enough: bool,
}

impl Needle {
    fn variants(encoded: &Encoded) -> impl Iterator<Item = Self> {
        let chars: Vec<char> = encoded.text.chars().map(|c| c.to_ascii_lowercase()).collect();
        let shortest_part = (chars.len() / 2).clamp(CUT_OFF.0, CUT_OFF.1);
        let end = if encoded.is_plain { Self::end_of(&chars, shortest_part) } else { None };
        let whole = Self { chars, has_more: encoded.has_more, shortest_part, before: Vec::new() };
        (whole.chars.len() >= SHORTEST).then_some(whole).into_iter().chain(end)
    }

    /// Returns the end of a secret, which is also found after other text.
    fn end_of(chars: &[char], shortest_part: usize) -> Option<Self> {
        let from = |length: usize| chars.len().checked_sub(length).filter(|from| *from > 0);
        let is_not_a_word = |from: &usize| is_not_a_word(&chars[*from..]);
        let start = from(shortest_part).filter(is_not_a_word).or_else(|| from(NO_WORD))?;
        let (before, end) = chars.split_at(start);
        let (before, end) = (before.to_vec(), end.to_vec());
        Some(Self { shortest_part: end.len(), chars: end, has_more: false, before })
    }

    fn is_enough(&self, count: usize) -> bool {
        count >= self.shortest_part && is_not_a_word(&self.chars[..count])
    }

    /// Returns the length of the longest notation of this needle, or of enough of it, at the beginning of the text.
    fn length_in(&self, text: &str) -> Option<usize> {
        // Letters and digits have one notation, so most other text is rejected here.
        let is_plain =
            |(c, byte): &(&char, u8)| byte.is_ascii_alphanumeric() && **c == char::from(byte.to_ascii_lowercase());
        let plain = self.chars.iter().zip(text.bytes()).take_while(is_plain).count();
        if text.as_bytes().get(plain).is_some_and(u8::is_ascii_alphanumeric) && plain < self.chars.len() {
            return self.is_enough(plain).then(|| self.with_rest(plain, text));
        }
        let deepest = if self.chars.contains(&'\\') { DEEPEST } else { 0 };
        let (mut whole, mut part) = (None, None);
        for percents in 0..=PERCENT_DEPTH {
            let mut is_percent = false;
            for depth in 0..=deepest {
                let found = self.match_behind(plain, text, (percents, 1 << depth));
                if found.is_whole {
                    whole = whole.max(Some(found.end));
                } else {
                    part = part.max(Some(found.end).filter(|_| found.is_enough));
                    // Only a percent sign can be percent-encoded again.
                    let met = &text.as_bytes()[plain..text.len().min(found.end + 3)];
                    is_percent |= memchr::memmem::find(met, b"%25").is_some();
                }
            }
            if whole.is_some() || !is_percent {
                break;
            }
        }
        whole.or(part).map(|end| self.with_rest(end, text))
    }

    /// Adds the length of what follows in the same encoding.
    fn with_rest(&self, end: usize, text: &str) -> usize {
        if self.has_more { end + encoded_length(&text[end..]) } else { end }
    }

    /// Returns the same after `plain` plain characters, with the given depths of backslashes and percent-encoding.
    fn match_behind(&self, plain: usize, text: &str, (percents, backslashes): (usize, usize)) -> Match {
        let mut end = plain;
        for (at, expected) in self.chars.iter().enumerate().skip(plain) {
            let length_in = |rest: &str| {
                let is_it = |found: char| found.to_ascii_lowercase() == *expected;
                match escaped(rest, percents) {
                    _ if *expected == '\\' && backslashes_of(rest) >= backslashes => Some(backslashes),
                    Some((c, length)) if is_it(c) => Some(length),
                    _ => rest.chars().next().filter(|c| is_it(*c)).map(char::len_utf8),
                }
            };
            let rest = &text[end..];
            // `&#10;` is tried as a line break first, then as the character `&`.
            let between = if at > 0 { between(rest, percents) } else { 0 };
            let behind = if between > 0 { length_in(&rest[between..]) } else { None };
            let found = behind.map(|length| between + length).or_else(|| length_in(rest));
            let Some(length) = found else {
                let is_cut_off = rest.is_empty() || rest.starts_with("...") || rest.starts_with('…');
                let is_enough = is_cut_off && at >= self.shortest_part || self.is_enough(at);
                return Match { end, is_whole: false, is_enough };
            };
            end += length;
        }
        Match { end, is_whole: true, is_enough: true }
    }

    /// Returns how much of the secret before its end stands at the end of the text.
    fn length_before(&self, text: &str) -> usize {
        let mut start = text.len();
        for expected in self.before.iter().rev() {
            match length_of_last(*expected, &text[..start]) {
                Some(length) => start -= length,
                None => break,
            }
        }
        text.len() - start
    }
}

/// Returns whether a part of a secret does not occur in ordinary text.
fn is_not_a_word(part: &[char]) -> bool {
    part.len() >= NO_WORD || part.iter().any(char::is_ascii_digit)
}

/// The texts to search for, longest first.
#[derive(Default)]
pub(super) struct Needles {
    all: Vec<Needle>,
    /// For each byte, the indices of the needles that can begin with it.
    by_beginning: Vec<Vec<usize>>,
    /// The same for two lower-case letters or digits, which have only one notation.
    by_two: HashMap<[u8; 2], Vec<usize>>,
}

impl Needles {
    /// Creates the needles for each secret and its parts, in every encoding.
    pub(super) fn for_secrets<'s>(secrets: impl Iterator<Item = &'s str>) -> Self {
        let texts: Vec<Encoded> = secrets.flat_map(|secret| encoded(secret, SHORTEST)).collect();
        Self::new(texts.iter().flat_map(Needle::variants).collect())
    }

    fn new(mut all: Vec<Needle>) -> Self {
        all.sort_by(|a, b| {
            b.chars.len().cmp(&a.chars.len()).then_with(|| (&a.chars, a.before.len()).cmp(&(&b.chars, b.before.len())))
        });
        // A whole secret takes precedence over the end of another one.
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
            // White space may stand between any two characters.
            let second = needle.chars.iter().skip(1).find(|c| !c.is_whitespace());
            if let Some(second) = second.copied().filter(char::is_ascii_alphanumeric)
                && first.is_ascii_alphanumeric()
            {
                by_two.entry([first_byte(first), first_byte(second)]).or_default().push(number);
            }
        }
        Self { all, by_beginning, by_two }
    }

    /// Returns the beginnings of the needles: every text with a needle, even a shortened one, contains one of them.
    pub(super) fn beginnings(&self) -> Self {
        let beginning = |needle: &Needle| {
            let chars = needle.chars.iter().copied().take(needle.shortest_part).collect();
            Needle { chars, has_more: false, shortest_part: needle.shortest_part, before: Vec::new() }
        };
        Self::new(self.all.iter().map(beginning).collect())
    }

    /// Returns the longest secret at the beginning of the text: its needle and length.
    fn longest_in(&self, text: &str) -> Option<(&Needle, usize)> {
        let first = text.chars().next()?;
        let literal = std::iter::once((first, first.len_utf8(), 0));
        let again = 0..=if text.starts_with("%25") { PERCENT_DEPTH } else { 0 };
        let escaped = again.filter_map(|again| escaped(text, again).map(|(c, length)| (c, length, again)));
        let numbers =
            literal.chain(escaped).flat_map(|(c, length, again)| self.beginning_with(c, &text[length..], again));
        let needles = numbers.map(|number| &self.all[*number]);
        let found = needles.filter_map(|needle| needle.length_in(text).map(|length| (needle, length)));
        found.max_by_key(|(_, length)| *length)
    }

    /// Returns the needles that can begin with this character, given what follows.
    fn beginning_with(&self, c: char, rest: &str, again: usize) -> &[usize] {
        let rest = if c.is_ascii_alphanumeric() { &rest[between(rest, again)..] } else { rest };
        let next = escaped(rest, again).map(|(c, _)| c).or_else(|| rest.chars().next());
        let numbers = match next {
            Some(next) if c.is_ascii_alphanumeric() && next.is_ascii_alphanumeric() => {
                self.by_two.get(&[c, next].map(|c| first_byte(c.to_ascii_lowercase())))
            }
            _ => self.by_beginning.get(usize::from(first_byte(c))),
        };
        numbers.map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the text with a mark in place of each secret.
    pub(super) fn redacted<'t>(&self, text: &'t str, notation: Notation, public: &Public) -> Cow<'t, str> {
        if self.all.is_empty() {
            return Cow::Borrowed(text);
        }
        // The closing quote after a shortened string belongs to the token.
        let inside = if notation == Notation::Json { text.strip_suffix('"').unwrap_or(text) } else { text };
        let bytes = inside.as_bytes();
        let (mut clean, mut copied, mut at) = (String::new(), 0, 0);
        while at < bytes.len() {
            match inside.get(at..).and_then(|text| self.longest_in(text)) {
                Some((needle, length)) => {
                    if let Some(end) = public.end_around(inside, at..at + length) {
                        at = end;
                        continue;
                    }
                    let before = &text[copied..at];
                    clean.push_str(&before[..before.len() - needle.length_before(before)]);
                    clean.push_str(REDACTED);
                    at += length;
                    copied = at;
                }
                // The `n` of `\n` is no beginning.
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

fn first_byte(c: char) -> u8 {
    c.encode_utf8(&mut [0; 4]).as_bytes()[0]
}

/// The notation of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Plain,
    /// A token of JSON.
    Json,
}
