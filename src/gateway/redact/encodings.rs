//! What to look for of a secret: its parts, and each of them in every encoding that somebody may put it into.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Parts of a token that are secret by themselves are at least so long.
const LONG_PART: usize = 16;
/// So much of an encoded text finds it: what follows in the same encoding belongs to it.
const ENOUGH: usize = 64;

/// What turns a text into others in which nobody reads it, but anybody can: characters that the result has in any case,
/// whatever is before and behind. Applied once and twice.
const ENCODINGS: [fn(&str) -> Vec<String>; 2] = [in_hex, in_base64];

/// A text to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Encoded {
    pub(super) text: String,
    /// Only the beginning of it is here.
    pub(super) goes_on: bool,
    /// It may be broken into lines.
    pub(super) may_wrap: bool,
}

/// A secret and its parts as they are and in every encoding. What is shorter than `shortest` would be as ambiguous in any
/// of them.
pub(super) fn encoded(secret: &str, shortest: usize) -> Vec<Encoded> {
    let mut found = Vec::new();
    for part in parts(secret.trim()).into_iter().filter(|part| part.chars().count() >= shortest) {
        let once = applied(&part);
        found.extend(once.iter().flat_map(|text| applied(text)).chain(once.iter().cloned()).map(beginning));
        found.push(Encoded { text: part, goes_on: false, may_wrap: false });
    }
    found
}

fn applied(text: &str) -> Vec<String> {
    ENCODINGS.iter().flat_map(|encode| encode(text)).collect()
}

fn beginning(mut text: String) -> Encoded {
    let goes_on = text.len() > ENOUGH;
    text.truncate(ENOUGH);
    Encoded { text, goes_on, may_wrap: true }
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

/// Two digits a byte. Capitals make no difference to what looks for it.
fn in_hex(text: &str) -> Vec<String> {
    let digit = |digit: u8| char::from_digit(digit.into(), 16).unwrap_or_default();
    vec![text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()]
}

/// The characters that every Base64 has in common in which the text stands at one of the three offsets.
fn in_base64(text: &str) -> Vec<String> {
    let with = |engine: &GeneralPurpose, offset: usize| {
        let bytes = [&[0; 2][..offset], text.as_bytes()].concat();
        let encoded = engine.encode(&bytes);
        // Those at both ends also hold bits of what is before and behind.
        let (from, to) = ([0, 2, 3][offset], encoded.len() - usize::from(bytes.len() % 3 != 0));
        encoded[from..to].to_owned()
    };
    (0..3).flat_map(|offset| [with(&STANDARD_NO_PAD, offset), with(&URL_SAFE_NO_PAD, offset)]).collect()
}
