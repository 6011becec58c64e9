//! Values after the name of a secret: `name=value`, `name: value`, `"name": "value"`, `--name value`, `name value`.

use std::ops::Range;

use crate::gateway::redact::REDACTED;
use crate::gateway::secret::mask::random;
use crate::gateway::secret::shown_command;

const NAMES: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "session",
    "assertion",
    "passcode",
    "cred",
    "pw",
];
/// These also end other words, such as `decode`.
const WHOLE_NAMES: [&str; 10] = ["code", "pin", "otp", "pass", "sid", "sig", "jwt", "pat", "psk", "seed"];
/// What follows an option in a sentence about it.
const SENTENCE: [&str; 15] = [
    "is", "are", "was", "has", "must", "requires", "required", "needs", "not", "and", "or", "cannot", "option", "flag",
    "to",
];
const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "negotiate", "ntlm", "token"];
/// Letters alone are a word up to this length.
const LONGEST_WORD: usize = 15;

/// Returns where a line has values of secrets, and passwords after `-u`.
pub(super) fn spans(line: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let (mut spans, mut at) = (Vec::new(), 0);
    while let Some(start) = line[at..].find(is_part).map(|found| at + found) {
        let end = line[start..].find(|c| !is_part(c)).map_or(line.len(), |length| start + length);
        let name = Name { line, start, end };
        if !name.is_in_arn() {
            let found = if is_name(name.text()) { name.value() } else { name.password().or_else(|| name.unknown()) };
            // The rest of the value has no names of its own.
            at = found.as_ref().map_or(end, |found| found.end.max(end));
            spans.extend(found);
            continue;
        }
        at = end;
    }
    spans
}

/// Returns whether a user and a password follow this argument.
fn takes_user(argument: &str) -> bool {
    argument == "-u" || argument == "-U" || argument.starts_with("--") && argument.ends_with("user")
}

/// Returns whether an argument after such a name is not its value, or only says where that is.
fn is_kept_argument(word: &str) -> bool {
    let is_option = word.trim_start_matches('-').chars().all(|c| c.is_ascii_lowercase() || c == '-');
    word.starts_with('-') && is_option || is_path(word)
}

/// Returns whether this is the path of a file, of words.
fn is_path(word: &str) -> bool {
    let word = word.trim_end_matches(':');
    let is_start = word.starts_with('/') || word.starts_with("./") || word.starts_with("~/");
    is_start && word.matches('/').count() > 1 - usize::from(!word.starts_with('/')) && {
        let is_plain = |c: char| c.is_ascii_lowercase() || "/._-~".contains(c);
        word.chars().all(is_plain)
    }
}

/// Returns whether this is the name of a variable, member, header or option that holds a secret.
pub(in crate::gateway::secret) fn is_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let lower = lower.trim_end_matches(|c: char| c.is_ascii_digit() || "_-".contains(c));
    let lower = ["value", "string", "text"].iter().find_map(|end| lower.strip_suffix(end)).unwrap_or(lower);
    let lower = lower.trim_end_matches(['_', '-']);
    let lower = lower.strip_suffix('s').filter(|rest| !rest.ends_with('s')).unwrap_or(lower);
    NAMES.iter().any(|word| lower.ends_with(word)) || is_whole_name(name, lower)
}

fn is_whole_name(name: &str, lower: &str) -> bool {
    let whole = WHOLE_NAMES.iter().find_map(|word| lower.strip_suffix(word));
    whole.is_some_and(|before| {
        let is_camel = name[before.len()..].starts_with(|c: char| c.is_ascii_uppercase());
        // A colour may come right before it.
        let is_after_colour = before.trim_start_matches(|c: char| c.is_ascii_digit()) == "m";
        before.is_empty()
            || before.ends_with(['_', '-'])
            || is_after_colour
            || is_camel && !before.ends_with(char::is_uppercase)
    })
}

/// A name in a line.
#[derive(Clone, Copy)]
struct Name<'l> {
    line: &'l str,
    start: usize,
    end: usize,
}

impl<'l> Name<'l> {
    fn text(&self) -> &'l str {
        &self.line[self.start..self.end]
    }

    fn before(&self) -> &'l str {
        &self.line[..self.start]
    }

    fn is_option(&self) -> bool {
        let before = self.before();
        self.text().starts_with('-') && (before.is_empty() || before.ends_with([' ', '\t', '\'', '"', '[', '(', '`']))
    }

    fn is_in_arn(&self) -> bool {
        let word = self.before().rsplit(|c: char| c.is_whitespace() || "\"'`(=".contains(c)).next();
        word.is_some_and(|word| word.starts_with("arn:"))
    }

    /// Returns where the password is in `-u user:password`.
    fn password(&self) -> Option<Range<usize>> {
        let joined = self.text().strip_prefix("-u").filter(|user| !user.is_empty() && !user.starts_with('-'));
        if !self.is_option() || !takes_user(self.text()) && joined.is_none() {
            return None;
        }
        let start = if joined.is_some() { self.end } else { self.skip(self.end, &[' ', '\t', '=']) };
        let value = start..self.value_end(start);
        let colon = self.line[value.clone()].find(':')? + 1;
        Some(self.whole(value.start + colon..value.end)).filter(|value| !value.is_empty())
    }

    /// Returns where the value is, if one follows that may be a secret.
    fn value(&self) -> Option<Range<usize>> {
        let rest = &self.line[self.end..];
        let unquoted = rest.trim_start_matches(['\\', '"', '\'']);
        let is_quoted = unquoted.len() < rest.len();
        let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
        let sign = unquoted.trim_start_matches([' ', '\t']);
        let after = sign.trim_start_matches([':', '=']);
        let after = after.strip_prefix('>').filter(|_| after.len() < sign.len()).unwrap_or(after);
        let signs = &sign[..sign.len() - after.len()];
        let start = self.line.len() - after.len() + blanks(after);
        let is_assigned = signs.contains('=');
        if signs.is_empty() && (blanks(unquoted) == 0 || is_quoted && !self.is_option()) {
            return None;
        }
        let span = start..self.value_end(start);
        let kind = match signs {
            "" if self.is_option() => Kind::Argument,
            "" => Kind::Sentence,
            _ if is_assigned => Kind::Assigned,
            _ => Kind::Colon,
        };
        let span = if kind == Kind::Sentence { self.after_is(span) } else { span };
        self.is_value(&self.line[span.clone()], kind).then(|| self.whole(span))
    }

    /// Skips `is` in `the password is x`.
    fn after_is(&self, span: Range<usize>) -> Range<usize> {
        if !["is", "was"].contains(&&self.line[span.clone()]) {
            return span;
        }
        let start = self.skip(span.end, &[' ', '\t', ':']);
        start..self.value_end(start)
    }

    fn is_value(&self, value: &str, kind: Kind) -> bool {
        let bare = value.trim_matches(['"', '\'', '\\', '`']);
        if bare.is_empty() || bare.replace(REDACTED, "").trim_matches(['!', '?', ':', ' ']).is_empty() {
            return false;
        }
        let is_word = bare.chars().all(|c| c.is_ascii_alphabetic());
        let is_short_number = bare.len() <= 3 && bare.chars().all(|c| c.is_ascii_digit());
        if is_short_number && kind != Kind::Assigned && (self.is_code() || self.before().ends_with('/')) {
            return false;
        }
        match kind {
            Kind::Assigned => true,
            Kind::Argument => !is_kept_argument(bare) && !SENTENCE.contains(&bare.trim_end_matches(':')),
            Kind::Colon if self.is_header() && SCHEMES.contains(&bare.to_ascii_lowercase().as_str()) => true,
            Kind::Colon => !is_path(bare) && (!is_word || bare.len() < value.len() || self.is_first()),
            // A code that is shown is often one to type in.
            Kind::Sentence => !self.is_code() && !is_path(bare) && !bare.contains("://") && !is_of_sentence(bare),
        }
    }

    fn is_code(&self) -> bool {
        self.text().to_ascii_lowercase().ends_with("code")
    }

    fn is_header(&self) -> bool {
        let name = self.text().to_ascii_lowercase();
        name.ends_with("authorization") || name.ends_with("cookie")
    }

    /// Returns whether a line or a quoted text begins with the name.
    fn is_first(&self) -> bool {
        let before = self.before().trim_start();
        before.is_empty() || before.ends_with(['"', '\''])
    }

    /// A value can have several words. It ends at its closing quote, at that around it and its name, or with the line.
    fn whole(&self, span: Range<usize>) -> Range<usize> {
        let inside = self.inside_quotes(span.clone());
        let rest = &self.line[span.end..];
        if inside != span && (rest.is_empty() || rest.starts_with(is_after_quote)) {
            return inside;
        }
        let mut quotes = rest.match_indices(['"', '\'']);
        let end = quotes.find(|(at, quote)| self.is_closing(quote, &rest[at + 1..])).map(|(at, _)| at);
        span.start..span.end + end.unwrap_or(rest.trim_end().len())
    }

    /// Returns where the value of an unknown name is, as in `name=value`, unless it consists of words and numbers.
    fn unknown(&self) -> Option<Range<usize>> {
        let start = self.end + self.line[self.end..].starts_with('=').then_some(1)?;
        let span = start..self.value_end(start);
        let value = &self.line[span.clone()];
        let is_mixed = |atom: &str| {
            let has = |is: fn(&char) -> bool| atom.chars().any(|c| is(&c));
            has(char::is_ascii_digit) && has(char::is_ascii_alphabetic)
        };
        let has_mixed = value.split(|c: char| !c.is_ascii_alphanumeric()).any(is_mixed);
        let is_harmless = shown_command::is_name(self.text().trim_start_matches('-')) || random::is_uuid(value);
        (has_mixed && !is_harmless).then(|| self.whole(span))
    }

    /// Leaves the quotes around a value.
    fn inside_quotes(&self, span: Range<usize>) -> Range<usize> {
        let value = &self.line[span.clone()];
        let inside = ["\\\"", "\"", "'"].iter().find_map(|quote| {
            let inside = value.strip_prefix(quote)?.strip_suffix(quote)?;
            (!inside.contains(quote)).then_some(span.start + quote.len()..span.end - quote.len())
        });
        inside.unwrap_or(span)
    }

    fn skip(&self, at: usize, chars: &[char]) -> usize {
        self.line.len() - self.line[at..].trim_start_matches(chars).len()
    }

    /// Returns where the value ends that begins here: at a blank outside quotes, or at the quote around it.
    fn value_end(&self, start: usize) -> usize {
        let (mut open, mut end) = (None, self.line.len());
        let rest = &self.line[start..];
        let mut is_escaped = false;
        for (at, c) in rest.char_indices() {
            let is_quote = matches!(c, '"' | '\'');
            match open {
                Some(quote) if c == quote && (!is_escaped || rest.starts_with('\\')) => open = None,
                None if is_quote && self.is_closing(&rest[at..=at], &rest[at + 1..]) => {
                    end = start + at;
                    break;
                }
                None if (at <= 1 || !is_escaped) && is_quote => open = Some(c),
                None if c.is_whitespace() => {
                    end = start + at;
                    break;
                }
                Some(_) | None => {}
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        let value = &self.line[start..end];
        start + value.trim_end_matches([',', ';', ')', '}', ']', '`', '.', '\n', '\r']).len()
    }

    /// Returns whether a quote ends what began before the name.
    fn is_closing(&self, quote: &str, after: &str) -> bool {
        let is_inside = self.before().matches(quote).count() % 2 == 1 && !self.line[self.end..].starts_with(quote);
        is_inside && (after.is_empty() || after.starts_with(is_after_quote))
    }
}

fn is_after_quote(c: char) -> bool {
    c.is_whitespace() || ",;)}]`\"'\\".contains(c)
}

/// How a value is joined to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Assigned,
    Argument,
    Colon,
    Sentence,
}

/// Returns whether this is a word in a sentence: without digits, signs, or capitals inside.
fn is_of_sentence(word: &str) -> bool {
    if !word.chars().any(char::is_alphanumeric) || [">&2", "2>&1"].contains(&word) {
        return true;
    }
    let word = word.trim_end_matches([':', '!', '?', '"', '\'']).trim_start_matches('(');
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    let others = word.chars().filter(|c| !c.is_ascii_alphabetic());
    let is_option = word.starts_with('-') && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let has_capital_inside = word.chars().skip(1).any(|c| c.is_ascii_uppercase());
    let is_one_case = !has_capital_inside || word.chars().all(|c| !c.is_ascii_lowercase());
    is_option
        || others.clone().count() <= 1
            && others.into_iter().all(|c| "-'’".contains(c))
            && is_one_case
            && letters <= LONGEST_WORD
}
