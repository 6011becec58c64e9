//! Words that look like a key or token because they do not consist of readable parts.

use std::ops::Range;

/// Shorter words are ignored.
const SHORTEST: usize = 16;
/// Hexadecimal digits from which a word is a key or digest.
const HEX: usize = 20;
const ENDS_OF_HOSTS: [&str; 19] = [
    "com", "net", "org", "io", "internal", "local", "dev", "cloud", "eu", "de", "uk", "fr", "corp", "lan", "aws",
    "test", "example", "gov", "edu",
];

/// Returns where a line has such words.
pub(super) fn spans(line: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+/_.~%-".contains(c);
    let (mut spans, mut at) = (Vec::new(), 0);
    while let Some(start) = line[at..].find(is_part).map(|found| at + found) {
        let end = line[start..].find(|c| !is_part(c)).map_or(line.len(), |length| start + length);
        let run = &line[start..end];
        if let Some(readable_prefix) = readable_prefix(run, &line[..start]) {
            spans.push(start + readable_prefix..start + run.trim_end_matches('.').len());
        }
        at = end;
    }
    spans
}

/// Returns the length of the readable beginning of a run; `None` if all of it is readable.
fn readable_prefix(run: &str, before: &str) -> Option<usize> {
    let is_url = before.ends_with(':') && run.starts_with("//");
    let is_path = run.starts_with(['/', '~', '.']) || before.ends_with([':', '\\']);
    let has_names = run.starts_with(['/', '~', '.']);
    let is_readable = |segment: &str| is_readable(segment, has_names);
    let mut readable_prefix = 0;
    for (segments, segment) in run.split('/').enumerate() {
        let is_host = is_url && segments == 2;
        if !is_host && !is_readable(segment) && run.trim_end_matches('.').len() >= SHORTEST {
            return Some(if is_url || is_path && segments > 2 { readable_prefix } else { 0 });
        }
        readable_prefix += segment.len() + 1;
    }
    None
}

/// Returns whether a part of a path consists of words and numbers, or is an id or host name. `has_names` allows names
/// with digits inside, such as `saml2aws`.
fn is_readable(segment: &str, has_names: bool) -> bool {
    let is_atom = |atom: &str| is_plain(atom) || has_names && is_name(atom);
    is_uuid(segment) || is_host(segment) || segment.split(['.', '_', '-', '+', '~', '%', '=']).all(is_atom)
}

/// Returns whether this may be the name of a program, file or item: short, with few digits between words.
fn is_name(atom: &str) -> bool {
    let letters = || atom.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty());
    let digits = atom.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    atom.len() < SHORTEST && letters().count() <= 3 && digits.count() <= 2 && letters().all(is_words)
}

pub(super) fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn is_host(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    let is_label = |label: &str| label.len() < HEX && !label.is_empty();
    text.split('.').all(is_label)
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
        && text.rsplit_once('.').is_some_and(|(_, end)| ENDS_OF_HOSTS.contains(&end))
}

/// Returns whether this is a word, a number, a time, or a word with a short number.
fn is_plain(atom: &str) -> bool {
    if atom.len() >= HEX && atom.chars().all(|c| c.is_ascii_hexdigit()) {
        return false;
    }
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if is_number(atom) {
        return true;
    }
    let word = atom.trim_end_matches(|c: char| c.is_ascii_digit());
    let rest = atom.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = atom.len() - rest.len();
    let is_time =
        atom.trim_end_matches('Z').split_once('T').is_some_and(|(day, time)| is_number(day) && is_number(time));
    atom.len() - word.len() <= 3 && is_words(word) || digits <= 9 && rest.len() <= 2 && is_words(rest) || is_time
}

/// Returns whether these are words: in one case, or each with a capital.
fn is_words(text: &str) -> bool {
    if !text.chars().all(|c| c.is_ascii_alphabetic()) {
        return false;
    }
    let is_one_case =
        |text: &str| text.chars().all(|c| c.is_ascii_lowercase()) || text.chars().all(|c| c.is_ascii_uppercase());
    if is_one_case(text) {
        return true;
    }
    let chars: Vec<char> = text.chars().collect();
    let begins = |at: usize| {
        let is_upper = |at: usize| chars.get(at).is_some_and(char::is_ascii_uppercase);
        at == 0 || is_upper(at) && (!is_upper(at - 1) || at + 1 < chars.len() && !is_upper(at + 1))
    };
    let starts: Vec<usize> = (0..chars.len()).filter(|at| begins(*at)).collect();
    if starts.len() > 3 && starts.len() * 3 > chars.len() {
        return false;
    }
    let ends = starts.iter().copied().skip(1).chain([chars.len()]);
    starts.iter().zip(ends).all(|(start, end)| is_hump(&text[*start..end]))
}

/// Returns whether this may be one word of a name such as `ExpiredTokenException` or `getHTTPHeader`.
fn is_hump(hump: &str) -> bool {
    let has_vowel = hump.contains(|c: char| "aeiouyAEIOUY".contains(c));
    let is_acronym = hump.chars().all(|c| c.is_ascii_uppercase());
    if is_acronym { (1..=5).contains(&hump.len()) } else { hump.len() >= 2 && (has_vowel || hump.len() <= 3) }
}
