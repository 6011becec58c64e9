//! Quotes the words of a shell command.

use std::borrow::Cow;

/// Returns a word, quoted if a shell would interpret it.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns a command line.
pub fn command(words: &[String]) -> String {
    words.iter().map(|text| word(text)).collect::<Vec<_>>().join(" ")
}

/// Returns a program as it may be shown. If it is no plain name or path, it may be a whole command line, whose
/// arguments may be secret.
pub fn program(text: &str) -> Cow<'_, str> {
    let is_plain = |word: &str| {
        let is_part = |c: char| c.is_alphanumeric() || "-_./\\:+~".contains(c);
        !word.contains("://") && word.chars().all(is_part)
    };
    let first = text.split_whitespace().next().unwrap_or_default();
    match (is_plain(text), is_plain(first)) {
        (true, _) => text.into(),
        (false, true) => format!("{first} …").into(),
        (false, false) => "…".into(),
    }
}

/// Returns the name of a program without its folder.
pub fn base_name(program: &str) -> &str {
    program.rsplit(std::path::is_separator).next().filter(|name| !name.is_empty()).unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_or_expand_them() {
        for (text, expected) in [
            ("az", "az"),
            ("--profile=Pro", "--profile=Pro"),
            ("Quoted Pro", "'Quoted Pro'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("", "''"),
            ("=ls", "'=ls'"),
        ] {
            assert_eq!(word(text), expected);
        }
        assert_eq!(command(&["sh".into(), "-c".into(), "cat x".into()]), "sh -c 'cat x'");
    }

    #[test]
    fn a_program_is_shown_without_what_may_be_arguments() {
        for (text, expected) in [
            ("/opt/x/get-token", "/opt/x/get-token"),
            ("curl -u bob:canary https://x", "curl …"),
            ("TOKEN=canary get", "…"),
            ("https://u:canary@x/y", "…"),
            ("", ""),
        ] {
            assert_eq!(program(text), expected);
        }
        assert_eq!((base_name("/usr/bin/az"), base_name("az"), base_name("/")), ("az", "az", "/"));
    }
}
