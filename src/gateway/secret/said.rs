//! The last lines that a command has written to standard error, without secrets.

use secrecy::SecretString;

use crate::domain::limit::limited;
use crate::gateway::redact::{REDACTED, Redactor};

/// Bytes kept from the end.
const MOST_BYTES: usize = 16 * 1024;
/// Lines that a message quotes, and the length of each.
const LINES: usize = 3;
const LINE: usize = 200;
/// Shorter words are found in ordinary text.
const SHORTEST_SECRET: usize = 6;
/// Number of words of the output that are searched for in every encoding.
const MOST_WORDS: usize = 32;
/// A word of this length with lower case, upper case and digits is not natural language.
const LOOKS_RANDOM: usize = 24;

/// The end of a command's standard error.
#[derive(Default)]
pub(super) struct Said {
    kept: Vec<u8>,
    /// How much of the kept bytes has been shown.
    shown: usize,
    /// The command's standard output.
    printed: Vec<u8>,
}

impl Said {
    pub(super) fn add(&mut self, part: &[u8]) {
        self.kept.extend_from_slice(part);
        let surplus = self.kept.len().saturating_sub(MOST_BYTES);
        self.kept.drain(..surplus);
        self.shown = self.shown.saturating_sub(surplus);
    }

    /// Adds a part of standard output, of which no word may be quoted.
    pub(super) fn printed(&mut self, part: &[u8]) {
        self.printed.extend_from_slice(part);
    }

    /// Returns what has not been shown yet.
    pub(super) fn news(&mut self, redactor: &Redactor) -> Option<String> {
        let news = self.kept.get(self.shown..).filter(|news| !news.is_empty())?;
        let text = self.clean(&String::from_utf8_lossy(news), redactor);
        self.shown = self.kept.len();
        Some(text)
    }

    /// Returns the last lines that are not blank.
    pub(super) fn last_lines(&self, redactor: &Redactor) -> Vec<String> {
        let text = self.clean(&String::from_utf8_lossy(&self.kept), redactor);
        let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
        let last = lines.len().saturating_sub(LINES);
        lines[last..].iter().map(|line| limited((*line).to_owned(), LINE)).collect()
    }

    fn clean(&self, text: &str, redactor: &Redactor) -> String {
        let printed = String::from_utf8_lossy(&self.printed);
        let words = printed.split(|c: char| c.is_whitespace() || "\"'{}[],".contains(c)).chain(printed.lines());
        let secrets = words.map(str::trim).filter(|word| word.len() >= SHORTEST_SECRET).take(MOST_WORDS);
        let also = Redactor::default();
        also.add(&secrets.map(SecretString::from).collect::<Vec<_>>());
        let text = also.text(text);
        let text = redactor.text(&text);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_+=.~".contains(c);
        let is_secret = |run: &str| {
            looks_random(run) || run.len() >= SHORTEST_SECRET && printed.contains(run.trim_end_matches('.'))
        };
        let (mut clean, mut rest, mut before) = (String::with_capacity(text.len()), &*text, ("", ""));
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c: char| is_part(c) != is_part(first)).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            if !is_part(first) {
                clean.push_str(run);
                before.1 = run;
                continue;
            }
            let (name, value) = run.split_once('=').unwrap_or(("", run));
            if is_secret(run) || is_value(before, run) {
                clean.push_str(REDACTED);
            } else if names_secret(name) && !value.is_empty() {
                clean.push_str(name);
                clean.push('=');
                clean.push_str(REDACTED);
            } else {
                clean.push_str(run);
            }
            before = (run, "");
        }
        clean
    }
}

/// Returns whether this is the name of a variable or member that holds a secret.
fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "secret", "password", "passwd", "key", "authorization", "bearer", "credential"]
        .iter()
        .any(|word| name.ends_with(word))
}

/// Returns whether a word is the value after a name: `password: hunter2`, `Bearer abc-1`. A word of letters only
/// belongs to a sentence.
fn is_value((name, between): (&str, &str), word: &str) -> bool {
    let name = name.trim_end_matches('=');
    let is_assigned = between.contains(':') || name.eq_ignore_ascii_case("bearer");
    names_secret(name) && is_assigned && word.chars().any(|c| !c.is_ascii_alphabetic() && c != '.')
}

/// Returns whether a word looks like an unknown key or token, such as in the output of a script that traces its
/// commands.
fn looks_random(word: &str) -> bool {
    let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
    word.len() >= LOOKS_RANDOM
        && has(char::is_ascii_digit)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(output: &str, errors: &str) -> Vec<String> {
        let mut said = Said::default();
        said.add(errors.as_bytes());
        said.printed(output.as_bytes());
        said.last_lines(&Redactor::default())
    }

    #[test]
    fn the_last_lines_are_kept_and_nothing_that_was_printed_or_looks_like_a_key() {
        assert_eq!(lines("", "one\ntwo\r\n\nthree\nfour\n"), ["two", "three", "four"]);
        assert_eq!(lines("canary-token\n", "+ echo canary-token"), ["+ echo •••"]);
        assert_eq!(lines("{\"token\":\"canary\"}", "token is canary!"), ["token is •••!"]);
        assert_eq!(lines("", "got eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln; bye"), ["got •••; bye"]);
        assert_eq!(
            lines("", "PASSWORD=hunter2 api_key: k-1 \"secret\": \"s3\" Bearer abc-1"),
            ["PASSWORD=••• api_key: ••• \"secret\": \"•••\" Bearer •••"]
        );
        let id = "no token: please run `az login` (key: none)";
        assert_eq!(lines("", id), [id]);
        let id = "request 0c3b7f0e-6f51-4c1e-9f0a-2a6f3f3f7a11 refused at /usr/lib/python3.11/site-packages/Azure";
        assert_eq!(lines("", id), [id]);
        assert_eq!(lines("", &"x".repeat(300))[0].chars().count(), 200 + "… (300 characters)".chars().count());
    }

    #[test]
    fn only_the_end_of_an_endless_output_is_kept() {
        let mut said = Said::default();
        for _ in 0..1_000 {
            said.add(&[b'x'; 1_000]);
        }
        said.add(b"\nPlease run az login\n");
        assert!(said.kept.len() <= MOST_BYTES);
        assert_eq!(said.last_lines(&Redactor::default()).last().map(String::as_str), Some("Please run az login"));
    }

    #[test]
    fn each_part_is_shown_once() {
        let mut said = Said::default();
        said.add(b"open the page");
        assert_eq!(said.news(&Redactor::default()).as_deref(), Some("open the page"));
        assert_eq!(said.news(&Redactor::default()), None);
        said.add(b" now");
        assert_eq!(said.news(&Redactor::default()).as_deref(), Some(" now"));
    }
}
