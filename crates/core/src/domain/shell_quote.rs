//! Quotes words for a POSIX shell.

/// Returns a word, quoted if a shell would interpret it.
pub(crate) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Returns a command line of these words.
pub(crate) fn command(words: &[String]) -> String {
    words.iter().map(|text| word(text)).collect::<Vec<_>>().join(" ")
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
}
