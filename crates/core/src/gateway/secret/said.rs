//! The last lines that a command has written to standard error, without secrets.

use secrecy::SecretString;

use crate::domain::limit::limited;
use crate::gateway::redact::{REDACTED, Redactor};
use crate::gateway::secret::mask;

/// Bytes kept from the end.
const MOST_BYTES: usize = 16 * 1024;
/// Lines that a message quotes, and the length of each.
const LINES: usize = 3;
const LINE: usize = 200;
/// Shorter words are found in ordinary text.
const SHORTEST_SECRET: usize = 6;
/// Number of words of the output that are searched for in every encoding.
const MOST_WORDS: usize = 32;

/// The end of a command's standard error.
#[derive(Default)]
pub(super) struct Said {
    kept: Vec<u8>,
    /// How many of the kept bytes are lines that have been shown.
    shown: usize,
    /// What has been shown of the line after them.
    prompt: String,
    /// The kept bytes when the news were asked for last.
    heard: usize,
    /// The command's standard output.
    printed: Vec<u8>,
}

impl Said {
    pub(super) fn add(&mut self, part: &[u8]) {
        self.kept.extend_from_slice(part);
        let surplus = self.kept.len().saturating_sub(MOST_BYTES);
        self.kept.drain(..surplus);
        self.shown = self.shown.saturating_sub(surplus);
        self.heard = self.heard.saturating_sub(surplus);
    }

    /// Adds a part of standard output, of which no word may be quoted.
    pub(super) fn printed(&mut self, part: &[u8]) {
        self.printed.extend_from_slice(part);
    }

    /// Returns what has not been shown yet: whole lines, and after a moment a prompt without a secret in it.
    pub(super) fn news(&mut self, redactor: &Redactor) -> Option<String> {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let end = self.kept.iter().rposition(is_end).map_or(self.shown, |at| self.shown.max(at + 1));
        let mut news = String::new();
        if end > self.shown {
            let lines = self.clean(&String::from_utf8_lossy(&self.kept[self.shown..end]), redactor);
            let prompt = std::mem::take(&mut self.prompt);
            match lines.strip_prefix(&prompt) {
                Some(rest) => news.push_str(rest),
                None => news.extend(["\n", &lines]),
            }
            self.shown = end;
        }
        let begun = String::from_utf8_lossy(&self.kept[end..]).into_owned();
        let is_quiet = std::mem::replace(&mut self.heard, self.kept.len()) == self.kept.len();
        if is_quiet && is_prompt(&begun) && self.clean(&begun, redactor) == begun {
            news.push_str(begun.strip_prefix(&self.prompt).unwrap_or_default());
            self.prompt = begun;
        }
        Some(news).filter(|news| !news.is_empty())
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
        let is_printed = |run: &str| run.len() >= SHORTEST_SECRET && printed.contains(run.trim_end_matches('.'));
        let (mut clean, mut rest) = (String::with_capacity(text.len()), &*text);
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|c: char| is_part(c) != is_part(first)).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            clean.push_str(if is_part(first) && is_printed(run) { REDACTED } else { run });
        }
        mask::masked(&clean)
    }
}

/// Returns whether a line that has no end yet asks for something, and ends with no part of a word.
fn is_prompt(begun: &str) -> bool {
    begun.ends_with("...") || begun.ends_with([' ', ':', '?', '>', ')', ']', '…'])
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
        assert_eq!(lines("", "PASSWORD=hunter2 api_key: k-1 \"secret\": \"s3\" Bearer abc-1"), ["PASSWORD=•••"]);
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

    /// What is shown of parts that come one after another.
    fn shown(parts: &[&str]) -> Vec<Option<String>> {
        let (mut said, redactor) = (Said::default(), Redactor::default());
        let mut news = |part: &&str| {
            said.add(part.as_bytes());
            said.news(&redactor)
        };
        parts.iter().map(&mut news).collect()
    }

    #[test]
    fn whole_lines_and_prompts_are_shown_once_and_without_secrets() {
        let token = ["eyJhbGciOi", "", "JIUzI1NiJ9.eyJleHAi", "", "OjF9.c2ln\n", ""];
        let asked = ["enter \u{1b}[31mcode: ", "", "", "1234", " open\nthe", "", " page\n"];
        let named = ["password = ", "", "swordfish", "", " Zebra ", "", "x\n"];
        for (parts, expected) in [
            (&token[..], &[None, None, None, None, Some("•••\n"), None][..]),
            (&asked, &[None, Some("enter \u{1b}[31mcode: "), None, None, Some("•••\n"), None, Some("the page\n")]),
            (&named, &[None, Some("password = "), None, None, None, None, Some("•••\n")]),
            (&["one\ntwo", "\r\n"], &[Some("one\n"), Some("two\r\n")]),
        ] {
            let expected: Vec<Option<String>> = expected.iter().map(|text| text.map(str::to_owned)).collect();
            assert_eq!(shown(parts), expected, "{parts:?}");
        }
    }
}
