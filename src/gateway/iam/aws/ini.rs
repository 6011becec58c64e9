//! Parses the shared AWS files: sections, keys, nested keys, comments. Pure. Where the AWS CLI and the SDKs differ,
//! what either of them accepts is accepted.

/// A section with its keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// The words in the brackets, without quotes.
    pub(super) words: Vec<String>,
    /// The line of the brackets, counted from 1.
    pub(super) line: usize,
    /// Keys in lower case, with their values; the last of several equal keys counts.
    pub(super) keys: Vec<(String, String)>,
}

/// A syntax error and its line. Never the text, which may be a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) message: &'static str,
}

const BLANKS: [char; 2] = [' ', '\t'];

/// Parses the sections of a file.
pub(super) fn parse(text: &str) -> Result<Vec<Section>, Fault> {
    let mut sections: Vec<Section> = Vec::new();
    for (index, whole) in text.lines().enumerate() {
        let line = index + 1;
        let fault = |message| Fault { line, message };
        let trimmed = whole.trim_matches(BLANKS);
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if whole.starts_with('[') {
            let words = header(trimmed).ok_or_else(|| fault("expected a section such as `[profile NAME]`"))?;
            sections.push(Section { words, line, keys: Vec::new() });
            continue;
        }
        let section = sections.last_mut().ok_or_else(|| fault("expected a section before the first key"))?;
        if whole.starts_with(BLANKS) {
            // The continuation of a value, or a nested key.
            let (_, value) = section.keys.last_mut().ok_or_else(|| fault("expected a key, found an indented line"))?;
            value.push('\n');
            value.push_str(without_comment(trimmed));
            continue;
        }
        let trimmed = without_comment(trimmed);
        let at = trimmed.find(['=', ':']).ok_or_else(|| fault("expected `KEY = VALUE`"))?;
        let (key, value) = (trimmed[..at].trim_matches(BLANKS), trimmed[at + 1..].trim_matches(BLANKS));
        if key.is_empty() {
            return Err(fault("expected a key before the `=`"));
        }
        section.keys.push((key.to_ascii_lowercase(), value.to_owned()));
    }
    Ok(sections)
}

/// Parses the words of `[profile "My name"]`.
fn header(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.strip_prefix('[')?.chars();
    loop {
        let next = characters.next()?;
        match (quote, next) {
            (Some(open), close) if open == close => quote = None,
            (Some('"') | None, '\\') => word.get_or_insert_default().push(characters.next()?),
            (None, ']') => break,
            (None, '"' | '\'') => {
                word.get_or_insert_default();
                quote = Some(next);
            }
            (None, blank) if BLANKS.contains(&blank) => words.extend(word.take()),
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    // To the SDKs, what follows the bracket is a comment.
    (!words.is_empty()).then_some(words)
}

/// A value ends before a blank followed by `#` or `;`.
fn without_comment(line: &str) -> &str {
    let mut after_blank = false;
    for (at, next) in line.char_indices() {
        if after_blank && matches!(next, '#' | ';') {
            return line[..at].trim_end_matches(BLANKS);
        }
        after_blank = BLANKS.contains(&next);
    }
    line
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
        ] {
            let expected: Option<Vec<String>> = expected.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(header(line), expected, "{line}");
        }
    }

    #[test]
    fn keys_have_values_comments_and_nested_keys() {
        let text = "# first\n[a]\r\nKey = v # no\nother=a#b\nempty =\nurl: https://x\n[b]\nmany =\n  one = 1\n  # no\n  two = 2 ; no\n";
        let sections = parse(text).expect("sections");
        let keys = |section: usize| -> Vec<(&str, &str)> {
            sections[section].keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
        };
        assert_eq!(keys(0), [("key", "v"), ("other", "a#b"), ("empty", ""), ("url", "https://x")]);
        assert_eq!(keys(1), [("many", "\none = 1\ntwo = 2")]);
        assert_eq!((sections[0].line, sections[1].line), (2, 7));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line_and_not_repeated() {
        for (text, line, words) in [
            ("secret = canary\n[a]\n", 1, "a section before"),
            ("[a]\n\ncanary\n", 3, "KEY = VALUE"),
            ("[a]\n= canary\n", 2, "a key before"),
            ("[a]\n  canary = 1\n", 2, "an indented line"),
            ("[a]\nb = 1\n[canary\n", 3, "a section such as"),
        ] {
            let fault = parse(text).expect_err("a fault");
            assert_eq!(fault.line, line, "{text}");
            assert!(fault.message.contains(words), "{fault:?}");
            assert!(!fault.message.contains("canary"), "{fault:?}");
        }
    }
}
