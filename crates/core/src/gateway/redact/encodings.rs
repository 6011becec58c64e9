//! The texts to search for: a secret and its parts, each in every supported encoding.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Minimum length of a part of a token that is secret by itself.
const LONG_PART: usize = 16;
/// Characters of an encoded text that suffice to find it: what follows in the same encoding belongs to it.
const ENOUGH: usize = 64;

/// The encodings, applied once and twice. Each returns the characters that the encoded text has regardless of what
/// surrounds it.
const ENCODINGS: [fn(&str) -> Vec<String>; 2] = [in_hex, in_base64];

/// What stands between the bytes of a hexadecimal dump, apart from white space.
const SEPARATORS: [&str; 5] = [":", "-", ",", ",0x", " 0x"];

/// A text to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Encoded {
    pub(super) text: String,
    /// It is only the beginning of the encoded text.
    pub(super) has_more: bool,
    /// It is the secret itself, or a part of it.
    pub(super) is_plain: bool,
}

/// Returns a secret and its parts, plain and in every encoding. A part shorter than `shortest` would be ambiguous in
/// any encoding.
pub(super) fn encoded(secret: &str, shortest: usize) -> Vec<Encoded> {
    let mut found = Vec::new();
    for part in parts(secret.trim()).into_iter().filter(|part| part.chars().count() >= shortest) {
        let once = applied(&part);
        found.extend(once.iter().flat_map(|text| applied(text)).chain(once.iter().cloned()).map(beginning));
        // Whole, since what follows the beginning cannot be told from other text.
        let separated = SEPARATORS.iter().map(|separator| hex_with(separator, &part));
        found.extend(separated.map(|text| Encoded { text, has_more: false, is_plain: false }));
        found.push(Encoded { text: part, has_more: false, is_plain: true });
    }
    found
}

fn applied(text: &str) -> Vec<String> {
    ENCODINGS.iter().flat_map(|encode| encode(text)).collect()
}

fn beginning(mut text: String) -> Encoded {
    let has_more = text.len() > ENOUGH;
    text.truncate(ENOUGH);
    Encoded { text, has_more, is_plain: false }
}

/// Returns a secret and the parts of it that are secret by themselves: the credentials after a scheme such as `Bearer`,
/// the login and password of `Basic`, and the parts of a JSON Web Token.
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

/// Hexadecimal, two digits per byte. The search ignores case.
fn in_hex(text: &str) -> Vec<String> {
    vec![hex_with("", text)]
}

fn hex_with(separator: &str, text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(separator)
}

/// The characters that the Base64 of the text has at each of the three offsets, regardless of its surroundings.
fn in_base64(text: &str) -> Vec<String> {
    let with = |engine: &GeneralPurpose, offset: usize| {
        let bytes = [&[0; 2][..offset], text.as_bytes()].concat();
        let encoded = engine.encode(&bytes);
        // The characters at both ends also hold bits of the surroundings.
        let (from, to) = ([0, 2, 3][offset], encoded.len() - usize::from(bytes.len() % 3 != 0));
        encoded[from..to].to_owned()
    };
    (0..3).flat_map(|offset| [with(&STANDARD_NO_PAD, offset), with(&URL_SAFE_NO_PAD, offset)]).collect()
}
