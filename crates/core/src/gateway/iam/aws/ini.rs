//! Parses the shared AWS files: sections, keys, nested keys, comments. Pure. Values are those of the AWS CLI, also where
//! the SDKs would read a comment behind one.

use crate::gateway::iam::aws::command_words;

/// A section with its keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// The words in the brackets, without quotes.
    pub(super) words: Vec<String>,
    /// The line of the brackets, counted from 1.
    pub(super) line: usize,
    /// The last of several equal keys counts.
    pub(super) keys: Vec<Key>,
    /// Its first syntax error, which only matters to those who use this section.
    pub(super) error: Option<SyntaxError>,
}

/// A key with its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// In lower case.
    pub(super) name: String,
    pub(super) value: String,
    pub(super) line: usize,
}

/// A syntax error and its line. Never the text, which may be a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) line: usize,
    pub(super) message: &'static str,
    pub(super) advice: &'static str,
}

impl SyntaxError {
    fn new(line: usize, message: &'static str) -> Self {
        Self { line, message, advice: "Correct this line." }
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// Parses the sections of a file. Indentation counts as for the AWS CLI, which uses Python's `configparser`: a line that
/// is indented deeper than the key before it continues the value of this key.
pub(super) fn parse(text: &str) -> Result<Vec<Section>, SyntaxError> {
    let mut sections: Vec<Section> = Vec::new();
    // The indentation of the last key or header.
    let mut level = 0;
    for (index, whole) in text.lines().enumerate() {
        let line = index + 1;
        let trimmed = whole.trim();
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        if trimmed.is_empty() {
            // It may be inside a value.
            if let Some(key) = sections.last_mut().and_then(|section| section.keys.last_mut()) {
                key.value.push('\n');
            }
            continue;
        }
        let indentation = whole.len() - whole.trim_start_matches(BLANKS).len();
        let last = sections.last_mut();
        if let Some(key) = last.and_then(|section| section.keys.last_mut()).filter(|_| indentation > level) {
            // The continuation of a value, or a nested key.
            key.value.push('\n');
            key.value.push_str(trimmed);
            continue;
        }
        level = indentation;
        if trimmed.starts_with('[') {
            sections.push(section(trimmed, line));
            continue;
        }
        let section = sections.last_mut().ok_or(SyntaxError {
            line,
            message: "expected a section before the first key",
            advice: "Add `[default]` above this line, and write each key as `aws_access_key_id = VALUE`.",
        })?;
        match key(trimmed) {
            Ok((name, value)) => section.keys.push(Key { name, value, line }),
            Err(message) => section.error = section.error.take().or(Some(SyntaxError::new(line, message))),
        }
    }
    for key in sections.iter_mut().flat_map(|section| &mut section.keys) {
        key.value.truncate(key.value.trim_end().len());
    }
    Ok(sections)
}

/// Begins a section. One whose header cannot be parsed has the words that are probably meant.
fn section(trimmed: &str, line: usize) -> Section {
    let (words, error) = if let Some(words) = header(trimmed) {
        (words, None)
    } else {
        let message = "expected a section such as `[profile NAME]`";
        let inside = trimmed.trim_start_matches('[').split(']').next().unwrap_or_default();
        (inside.split_whitespace().map(str::to_owned).collect(), Some(SyntaxError::new(line, message)))
    };
    Section { words, line, keys: Vec::new(), error }
}

/// Parses a key, in lower case, and its value.
fn key(trimmed: &str) -> Result<(String, String), &'static str> {
    let (key, value) = trimmed.split_once(['=', ':']).ok_or("expected `KEY = VALUE`")?;
    let key = key.trim();
    if key.is_empty() {
        return Err("expected a key before the `=`");
    }
    Ok((key.to_ascii_lowercase(), value.trim().to_owned()))
}

/// Parses the words of `[profile "My name"]`.
fn header(line: &str) -> Option<Vec<String>> {
    let inside = line.strip_prefix('[')?;
    let words = command_words::quoted(inside.get(..end(inside)?)?).ok()?;
    (!words.is_empty()).then_some(words)
}

/// Returns the place of the bracket that ends a header: the first one with nothing but a comment behind it, or else the
/// last one. The others belong to the name.
fn end(inside: &str) -> Option<usize> {
    let (mut quote, mut last, mut is_escaped) = (None, None, false);
    for (at, next) in inside.char_indices() {
        match (quote, next) {
            _ if is_escaped => is_escaped = false,
            (None | Some('"'), '\\') => is_escaped = true,
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(next),
            (None, ']') => {
                last = Some(at);
                let rest = inside[at + 1..].trim_start();
                if rest.is_empty() || rest.starts_with(['#', ';']) {
                    break;
                }
            }
            _ => {}
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_quoted_or_have_spaces() {
        for (line, expected) in [
            ("[default]", Some(vec!["default"])),
            ("[ profile dev ]", Some(vec!["profile", "dev"])),
            ("[profile\tdev]  # a comment", Some(vec!["profile", "dev"])),
            ("[profile \"Quoted Pro\"]", Some(vec!["profile", "Quoted Pro"])),
            ("[profile 'Quoted Pro'] ; c", Some(vec!["profile", "Quoted Pro"])),
            ("[profile Pro\\ fessional]", Some(vec!["profile", "Pro fessional"])),
            ("[profile \"a]b\"]", Some(vec!["profile", "a]b"])),
            ("[profile \"it's\"]", Some(vec!["profile", "it's"])),
            ("[profile \"say \\\"x\\\"\"]", Some(vec!["profile", "say \"x\""])),
            ("[profile \"\"]", Some(vec!["profile", ""])),
            ("[My Profile]", Some(vec!["My", "Profile"])),
            ("[profile \"open]", None),
            ("[profile x", None),
            ("[]", None),
            ("[a] b", Some(vec!["a"])),
            ("[profile a]b] # c]", Some(vec!["profile", "a]b"])),
            ("[profile a#b;c]", Some(vec!["profile", "a#b;c"])),
            ("[profile \"a\\b\"]", Some(vec!["profile", "a\\b"])),
        ] {
            let expected: Option<Vec<String>> = expected.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(header(line), expected, "{line}");
        }
    }

    #[test]
    fn keys_have_values_with_what_follows_them_and_nested_keys() {
        let text = "# first\n[a]\r\nKey = v # no\nother=a#b\nempty =\nurl: https://x\n[b]\nmany =\n  one = 1\n  # no\n  two = 2 ; no\n";
        let sections = parse(text).expect("sections");
        let keys = |section: usize| -> Vec<(&str, &str)> {
            sections[section].keys.iter().map(|key| (key.name.as_str(), key.value.as_str())).collect()
        };
        assert_eq!(keys(0), [("key", "v # no"), ("other", "a#b"), ("empty", ""), ("url", "https://x")]);
        assert_eq!(keys(1), [("many", "\none = 1\ntwo = 2 ; no")]);
        assert_eq!((sections[0].line, sections[1].line), (2, 7));
        assert_eq!(sections[0].keys.iter().map(|key| key.line).collect::<Vec<_>>(), [3, 4, 5, 6]);
    }

    #[test]
    fn indentation_counts_as_for_the_aws_cli() {
        for (text, expected) in [
            ("[a]\n  k = 1\n  l = 2\n[b]\nm = 3\n", vec![("a", vec![("k", "1"), ("l", "2")]), ("b", vec![("m", "3")])]),
            ("  [a]\n  k = 1\n  [b]\n\tm = 3\n", vec![("a", vec![("k", "1")]), ("b", vec![("m", "3")])]),
            ("[a]\n    k = 1\n  [b]\n  m = 3\n", vec![("a", vec![("k", "1")]), ("b", vec![("m", "3")])]),
            ("[a]\n  k =\n    x = 1\n    y\n  l = 2\n", vec![("a", vec![("k", "\nx = 1\ny"), ("l", "2")])]),
            ("[a]\n    k = 1\n  l = 2\n    m = 3\n", vec![("a", vec![("k", "1"), ("l", "2\nm = 3")])]),
            // Empty lines are a part of a value, but not of its end, and comments are none.
            ("[a]\nk = 1\n\n  2\n  # no\n; no\n  3\n\n\nl = 4\n\n", vec![("a", vec![("k", "1\n\n2\n3"), ("l", "4")])]),
            // Deeper than the key before it, even brackets are a value.
            ("[a]\nk = 1\n  [b]\n", vec![("a", vec![("k", "1\n[b]")])]),
        ] {
            let sections = parse(text).expect("sections");
            let found = sections.iter().map(|section| {
                let keys = section.keys.iter().map(|key| (key.name.as_str(), key.value.as_str())).collect::<Vec<_>>();
                (section.words[0].as_str(), keys)
            });
            assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
            assert!(sections.iter().all(|section| section.error.is_none()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line_and_not_repeated() {
        let error = parse("secret = canary\n[a]\n").expect_err("an error");
        assert_eq!((error.line, error.message), (1, "expected a section before the first key"));
        assert!(error.advice.starts_with("Add `[default]` above this line"));
        for (text, line, words) in [
            ("[a]\n\ncanary\n= x\n", 3, "KEY = VALUE"),
            ("[a]\n= canary\n", 2, "a key before"),
            ("[a]\n  canary\n", 2, "KEY = VALUE"),
            ("[canary\nb = 1\n", 1, "a section such as"),
            ("[profile it's canary]\n", 1, "a section such as"),
            ("[]\n", 1, "a section such as"),
        ] {
            let sections = parse(&format!("[first]\nx = 1\n{text}[last]\nx = 1\n")).expect("sections");
            assert_eq!(sections.len(), 3, "{text}");
            let errors: Vec<&SyntaxError> = sections.iter().filter_map(|section| section.error.as_ref()).collect();
            let [error] = errors[..] else { panic!("{text}: {errors:?}") };
            assert_eq!((error.line, sections[1].error.is_some()), (line + 2, true), "{text}");
            assert!(error.message.contains(words) && !error.message.contains("canary"), "{error:?}");
        }
        assert_eq!(parse("[profile it's]\n").expect("sections")[0].words, ["profile", "it's"]);
    }
}
