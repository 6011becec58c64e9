//! The last lines that a command has written to standard error, without secrets.

use secrecy::SecretString;

use crate::domain::text_limit::limited;
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
pub(super) struct ErrorOutput {
    bytes: Vec<u8>,
    /// How many of the bytes are lines that have been shown.
    shown: usize,
    /// The part of the next line that has been shown.
    prompt: String,
    /// The number of bytes at the last call of `take_unshown`.
    last_length: usize,
    /// The command's standard output.
    output: Vec<u8>,
}

impl ErrorOutput {
    pub(super) fn push(&mut self, part: &[u8]) {
        self.bytes.extend_from_slice(part);
        let surplus = self.bytes.len().saturating_sub(MOST_BYTES);
        self.bytes.drain(..surplus);
        self.shown = self.shown.saturating_sub(surplus);
        self.last_length = self.last_length.saturating_sub(surplus);
    }

    /// Adds a part of standard output, no word of which may be quoted.
    pub(super) fn push_output(&mut self, part: &[u8]) {
        self.output.extend_from_slice(part);
    }

    /// Returns what has not been shown yet: complete lines and, after a moment, a prompt that contains no secret.
    pub(super) fn take_unshown(&mut self, redactor: &Redactor) -> Option<String> {
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let end = self.bytes.iter().rposition(is_end).map_or(self.shown, |at| self.shown.max(at + 1));
        let mut unshown = String::new();
        if end > self.shown {
            let lines = self.clean(&String::from_utf8_lossy(&self.bytes[self.shown..end]), redactor);
            let prompt = std::mem::take(&mut self.prompt);
            match lines.strip_prefix(&prompt) {
                Some(rest) => unshown.push_str(rest),
                None => unshown.extend(["\n", &lines]),
            }
            self.shown = end;
        }
        let partial = String::from_utf8_lossy(&self.bytes[end..]).into_owned();
        let is_quiet = std::mem::replace(&mut self.last_length, self.bytes.len()) == self.bytes.len();
        if is_quiet && is_prompt(&partial) && self.clean(&partial, redactor) == partial {
            unshown.push_str(partial.strip_prefix(&self.prompt).unwrap_or_default());
            self.prompt = partial;
        }
        Some(unshown).filter(|unshown| !unshown.is_empty())
    }

    /// Returns the last lines that are not blank.
    pub(super) fn last_lines(&self, redactor: &Redactor) -> Vec<String> {
        let text = self.clean(&String::from_utf8_lossy(&self.bytes), redactor);
        let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
        let last = lines.len().saturating_sub(LINES);
        lines[last..].iter().map(|line| limited((*line).to_owned(), LINE)).collect()
    }

    fn clean(&self, text: &str, redactor: &Redactor) -> String {
        let output = String::from_utf8_lossy(&self.output);
        let words = output.split(|c: char| c.is_whitespace() || "\"'{}[],".contains(c)).chain(output.lines());
        let secrets = words.map(str::trim).filter(|word| word.len() >= SHORTEST_SECRET).take(MOST_WORDS);
        let also = Redactor::default();
        also.add(&secrets.map(SecretString::from).collect::<Vec<_>>());
        let text = also.text(text);
        let text = redactor.text(&text);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_+=.~".contains(c);
        let is_printed = |run: &str| run.len() >= SHORTEST_SECRET && output.contains(run.trim_end_matches('.'));
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

/// Returns whether an incomplete line is a prompt that does not end within a word.
fn is_prompt(partial: &str) -> bool {
    partial.ends_with("...") || partial.ends_with([' ', ':', '?', '>', ')', ']', '…'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(output: &str, error_output: &str) -> Vec<String> {
        let mut errors = ErrorOutput::default();
        errors.push(error_output.as_bytes());
        errors.push_output(output.as_bytes());
        errors.last_lines(&Redactor::default())
    }

    #[test]
    fn the_last_lines_are_quoted_without_secrets() {
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
        let mut errors = ErrorOutput::default();
        for _ in 0..1_000 {
            errors.push(&[b'x'; 1_000]);
        }
        errors.push(b"\nPlease run az login\n");
        assert!(errors.bytes.len() <= MOST_BYTES);
        assert_eq!(errors.last_lines(&Redactor::default()).last().map(String::as_str), Some("Please run az login"));
    }

    /// Returns what is shown after each part.
    fn shown(parts: &[&str]) -> Vec<Option<String>> {
        let (mut errors, redactor) = (ErrorOutput::default(), Redactor::default());
        let mut show = |part: &&str| {
            errors.push(part.as_bytes());
            errors.take_unshown(&redactor)
        };
        parts.iter().map(&mut show).collect()
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
