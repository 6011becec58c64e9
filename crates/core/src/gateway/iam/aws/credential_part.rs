//! Checks the parts of credentials where they are read. One with a line break or another character that cannot be in a
//! header would otherwise fail much later, without a hint at its source. Pure.

use crate::domain::invisible;

/// A part of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    AccessKeyId,
    SecretAccessKey,
    SessionToken,
    /// The token of a web identity or an SSO session.
    Token,
    /// A whole `Authorization` header.
    Header,
}

/// What is wrong with a part, and how to correct it. Both never repeat a character of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    /// Continues a sentence that begins with the part.
    pub(super) what: String,
    pub(super) advice: &'static str,
}

/// What programs print in place of a missing value.
const PLACEHOLDERS: [&str; 5] = ["null", "none", "undefined", "nil", "false"];
/// The punctuation in an ID that other parts have; a signature uses some of it as separators.
const NOT_IN_IDS: [char; 5] = ['/', '+', '=', ',', ';'];

/// Fails if no part of this kind has this text.
pub(super) fn check(part: Part, text: &str) -> Result<(), Flaw> {
    let flaw = |what: String, advice| Err(Flaw { what, advice });
    let at = |found: fn(char) -> bool| text.chars().position(found).map(|index| index + 1);
    let placeholder = PLACEHOLDERS.into_iter().find(|word| text.eq_ignore_ascii_case(word));
    if text.trim().is_empty() {
        return flaw("is empty".into(), "Copy it again.");
    }
    if let Some(position) = at(|c| matches!(c, '\n' | '\r')) {
        let advice = "Write it on one line: a line break is copied along from a terminal or a file, and in the AWS files an \
                      indented line continues the one above it.";
        return flaw(format!("has a line break (character {position})"), advice);
    }
    if let Some(found) = invisible::first(text) {
        return flaw(format!("is unusable: its {found}"), "Copy it again, as plain text.");
    }
    if let Some(position) = at(|c| !c.is_ascii()) {
        return flaw(
            format!("has a character that is not ASCII (character {position})"),
            "Copy it again, as plain text.",
        );
    }
    if part == Part::Header {
        return Ok(());
    }
    let is_quoted = |quote: char| text.starts_with(quote) || text.ends_with(quote);
    if is_quoted('"') || is_quoted('\'') || is_quoted('`') {
        return flaw("is in quotes, which count as a part of it".into(), "Remove the quotes.");
    }
    if text.starts_with(['{', '[']) {
        return flaw("is JSON".into(), "Use only the member with the value.");
    }
    if let Some(position) = at(char::is_whitespace) {
        return flaw(format!("has a space or tab (character {position})"), "Remove it, or copy the value again.");
    }
    if let Some(word) = placeholder {
        let what = format!("is the word `{word}`, which some programs print for a missing value");
        return flaw(what, "Remove it, or set its value.");
    }
    if part == Part::AccessKeyId && text.contains(NOT_IN_IDS) {
        let what = "has characters that no access key ID has".to_owned();
        return flaw(what, "Copy it again; the access key ID and the secret access key may be interchanged.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_no_service_issues_are_named_without_a_character_of_them() {
        use Part as P;
        for (part, text, expected) in [
            (P::AccessKeyId, "AKIAIOSFODNN7EXAMPLE", None),
            (P::SecretAccessKey, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY=", None),
            (P::SessionToken, "IQoJb3JpZ2luX2Vj//8aCXVzLWVhc3QtMQ==", None),
            (P::Header, "Basic canary", None),
            (P::Token, "eyJ.canary-._~", None),
            (P::Token, " ", Some("is empty")),
            (P::SessionToken, "canary\nmore", Some("has a line break (character 7)")),
            (P::SessionToken, "canary\r", Some("has a line break (character 7)")),
            (P::Header, "Basic canary\n", Some("has a line break (character 13)")),
            (P::SecretAccessKey, "canary\u{200b}", Some("character 7 is the invisible U+200B (zero width space)")),
            (P::SecretAccessKey, "can\u{a0}ary", Some("character 4 is the invisible U+00A0")),
            (P::SecretAccessKey, "canary\u{7}", Some("character 7 is the invisible U+0007")),
            (P::SessionToken, "canaryä", Some("is not ASCII (character 7)")),
            (P::SecretAccessKey, "\"canary\"", Some("is in quotes")),
            (P::AccessKeyId, "'canary", Some("is in quotes")),
            (P::SessionToken, "can ary", Some("has a space or tab (character 4)")),
            (P::SessionToken, "can\tary", Some("has a space or tab (character 4)")),
            (P::Token, "{\"id_token\":\"canary\"}", Some("is JSON")),
            (P::SessionToken, "None", Some("is the word `none`")),
            (P::AccessKeyId, "canary/K7", Some("no access key ID has")),
        ] {
            let flaw = check(part, text).err();
            match (&flaw, expected) {
                (None, None) => {}
                (Some(flaw), Some(expected)) => {
                    assert!(flaw.what.contains(expected), "{text:?}: {flaw:?}");
                    assert!(!flaw.what.contains("canary") && !flaw.advice.is_empty(), "{flaw:?}");
                }
                (flaw, expected) => panic!("{text:?}: {flaw:?}, not {expected:?}"),
            }
        }
    }
}
