//! Masks shell code word by word, as the arguments of its commands. Expansions such as `$TOKEN` and `$(cat token)` are
//! no secrets; the code of a command substitution is masked by the same rules.

use crate::gateway::redact::REDACTED;
use crate::gateway::secret::mask::names;
use crate::gateway::secret::mask::words::{Context, Words};

/// Stands for a command substitution while the word around it is masked.
const HOLE: char = '\u{e000}';

/// Returns the code with everything masked that may be a secret. `exists` tells whether there is a file with this path.
pub(in crate::gateway::secret) fn masked(code: &str, exists: &dyn Fn(&str) -> bool) -> String {
    let (mut clean, mut rest) = (String::with_capacity(code.len()), code);
    // Nothing before the program of a command.
    let mut words: Option<Words> = None;
    while let Some(first) = rest.chars().next() {
        let length = word_length(rest);
        if length == 0 {
            // What does not separate commands is white space or a redirection.
            if !first.is_whitespace() && !matches!(first, '<' | '>') || first == '\n' {
                words = None;
            }
            clean.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, after) = rest.split_at(length);
        rest = after;
        let bare = word.replace(['\'', '"'], "");
        match &mut words {
            None if is_assignment(&bare) => clean.push_str(&argument(&Words::default(), word, exists)),
            None => {
                clean.push_str(word);
                words = Some(Words::begin(&bare));
            }
            Some(words) => {
                clean.push_str(&argument(words, word, exists));
                words.add(&bare);
            }
        }
    }
    clean
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// Masks a word as it is written, with its quotes.
fn argument(words: &Words, word: &str, exists: &dyn Fn(&str) -> bool) -> String {
    if let Some(inside) = inside_single_quotes(word).filter(|_| words.is_before_code()) {
        return format!("'{}'", masked(inside, exists));
    }
    let (outside, holes) = without_substitutions(word, exists);
    let bare = outside.replace(['\'', '"'], "");
    let is_literal = outside.contains('\'');
    let is_open = |value: &str| !is_literal && is_expansion(value);
    let quote = if is_literal { "'" } else { "\"" };
    let masked_bare = if words.is_before_code() {
        masked(&bare, exists)
    } else {
        words.argument(&bare, &Context { exists, is_open: &is_open })
    };
    let mut clean = match masked_bare {
        shown if shown == bare => outside,
        shown if shown == REDACTED || outside == bare => shown,
        shown => format!("{quote}{shown}{quote}"),
    };
    for hole in holes {
        clean = clean.replacen(HOLE, &hole, 1);
    }
    clean.replace(HOLE, REDACTED)
}

fn inside_single_quotes(word: &str) -> Option<&str> {
    word.strip_prefix('\'')?.strip_suffix('\'').filter(|inside| !inside.contains('\''))
}

/// Returns whether a value consists of expansions, such as `Bearer $TOKEN`.
fn is_expansion(value: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_variable = |word: &str| {
        let name = word.strip_prefix('$');
        name.is_some_and(|name| is_name(name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name)))
    };
    let mut words = value.split(|c: char| c.is_whitespace() || "\"'".contains(c)).filter(|word| !word.is_empty());
    let is_open = |word: &str| is_variable(word) || word.chars().all(|c| c == HOLE) || names::is_scheme(word);
    value.contains(['$', HOLE]) && words.all(is_open)
}

/// Returns the word with a mark in place of each command substitution, and these masked.
fn without_substitutions(word: &str, exists: &dyn Fn(&str) -> bool) -> (String, Vec<String>) {
    let (mut outside, mut holes, mut rest, mut is_literal) = (String::new(), Vec::new(), word, false);
    while let Some(first) = rest.chars().next() {
        is_literal ^= first == '\'';
        let length = if is_literal { None } else { substitution(rest) };
        if let Some(length) = length {
            outside.push(HOLE);
            let begin = if first == '$' { 2 } else { 1 };
            let inside = masked(&rest[begin..length - 1], exists);
            holes.push(format!("{}{inside}{}", &rest[..begin], &rest[length - 1..length]));
            rest = &rest[length..];
        } else {
            outside.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (outside, holes)
}

/// Returns the length of the command substitution at the beginning, if it is complete.
fn substitution(text: &str) -> Option<usize> {
    if let Some(rest) = text.strip_prefix('`') {
        return rest.find('`').map(|end| end + 2);
    }
    text.strip_prefix("$(")?;
    let (mut depth, mut quote) = (0_usize, None);
    for (at, c) in text.char_indices().skip(1) {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '(') => depth += 1,
            (None, ')') if depth == 1 => return Some(at + 1),
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Returns the length of the word at the beginning; zero if something else is there.
fn word_length(text: &str) -> usize {
    let (mut quote, mut at) = (None, 0);
    while let Some(c) = text[at..].chars().next() {
        let substitution = if quote == Some('\'') { None } else { substitution(&text[at..]) };
        match (quote, c) {
            _ if substitution.is_some() => {
                at += substitution.unwrap_or_default();
                continue;
            }
            (Some('"') | None, '\\') => at += text[at + 1..].chars().next().map_or(0, char::len_utf8),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, _) if c.is_whitespace() || ";&|()<>`{}".contains(c) && !is_braced(&text[..at], c) => break,
            _ => {}
        }
        at += c.len_utf8();
    }
    at
}

/// Returns whether a brace belongs to `${NAME}` or is inside a word.
fn is_braced(before: &str, c: char) -> bool {
    matches!(c, '{' | '}') && !before.is_empty()
}
