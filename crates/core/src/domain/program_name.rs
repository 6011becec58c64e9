//! Names of programs as they may be shown to a person.

use std::borrow::Cow;

/// Returns a program as it may be shown. If it is no plain name or path, it may be a whole command line, whose
/// arguments may be secret.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
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
pub(crate) fn base_name(program: &str) -> &str {
    program.rsplit(std::path::is_separator).next().filter(|name| !name.is_empty()).unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_shown_without_what_may_be_arguments() {
        for (text, expected) in [
            ("/opt/x/get-token", "/opt/x/get-token"),
            ("curl -u bob:canary https://x", "curl …"),
            ("TOKEN=canary get", "…"),
            ("https://u:canary@x/y", "…"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected);
        }
        assert_eq!((base_name("/usr/bin/az"), base_name("az"), base_name("/")), ("az", "az", "/"));
    }
}
