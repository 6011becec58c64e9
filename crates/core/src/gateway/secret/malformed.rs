//! Recognizes texts that are not a bare secret: references to one, quoted ones, assignments. Pure.

use crate::gateway::secret::mask;

/// What a reference to a secret begins with.
const REFERENCES: [&str; 9] = [
    "op://",
    "arn:",
    "keyring://",
    "vault://",
    "vault:",
    "awssm://",
    "secretsmanager:",
    "gcpsecretmanager://",
    "azurekeyvault://",
];
const LONGEST_NAME: usize = 40;

/// Returns what a text is instead of a token or key, as the end of a sentence.
pub(super) fn reason(text: &str) -> Option<String> {
    reference(text).or_else(|| quotes(text)).or_else(|| assignment(text, mask::is_name)).or_else(|| end(text))
}

/// Returns what a text is instead of a token for the scheme `Bearer`, whose alphabet is that of RFC 6750, section 2.1.
pub(super) fn bearer_reason(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let wrong = text.trim_end_matches('=').chars().position(|c| !is_part(c))?;
    assignment(text, |_| true).or_else(|| {
        Some(format!(
            "its character {} cannot be in a bearer token, which consists of letters, digits and `-._~+/`, with `=` only at \
             the end; copy the token again, without anything around it",
            wrong + 1
        ))
    })
}

/// `op://vault/item/field`, `arn:aws:secretsmanager:..`, `file:///run/token`, `/run/secrets/token`, `https://..`
fn reference(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if REFERENCES.iter().any(|begin| lower.starts_with(begin)) {
        return Some("it names a secret; to read the secret, use `command` with the program that prints it".to_owned());
    }
    if lower.starts_with("file:") || is_path(text) {
        return Some("it is the path of a file; to read the secret from that file, use `file`".to_owned());
    }
    if lower.starts_with("-----begin ") {
        return Some("it is PEM, such as a certificate or private key".to_owned());
    }
    (lower.starts_with("http://") || lower.starts_with("https://"))
        .then(|| "it is a URL; to read the secret from there, use `command`".to_owned())
}

/// A token may begin with a slash too, but does not consist of words.
fn is_path(text: &str) -> bool {
    let is_drive = text.chars().nth(1) == Some(':') && text.chars().nth(2).is_some_and(|c| "\\/".contains(c));
    let is_relative = ["~/", "./", "../"].iter().any(|begin| text.starts_with(begin));
    let is_absolute = text.starts_with('/') && text.matches('/').count() > 1;
    is_drive || (is_relative || is_absolute) && mask::masked(text) == text
}

fn quotes(text: &str) -> Option<String> {
    let is_in = |open: &str, close: &str| {
        text.len() > open.len() && text.starts_with(open) && text.len() > close.len() && text.ends_with(close)
    };
    if is_in("b'", "'") || is_in("b\"", "\"") {
        return Some("it is a byte string of Python (b'..'); decode it before it is printed".to_owned());
    }
    let pairs = [("`", "`"), ("“", "”"), ("„", "“"), ("”", "”"), ("‘", "’"), ("’", "’"), ("‚", "‘"), ("«", "»")];
    if pairs.iter().any(|(open, close)| is_in(open, close)) {
        return Some("it is in backticks or typographic quotes; remove them".to_owned());
    }
    let has_quote = text.starts_with(['"', '\'']) || text.ends_with(['"', '\'']);
    has_quote.then(|| "it has a quote at its beginning or end; remove the quotes".to_owned())
}

/// `TOKEN=..`, `access_token=..&expires_in=..`, `token: ..`
fn assignment(text: &str, is_name: impl Fn(&str) -> bool) -> Option<String> {
    let at = text.find(['=', ':'])?;
    let (name, sign) = (&text[..at], &text[at..=at]);
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let is_word = name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(is_part);
    // Base64 is padded with up to two signs.
    let has_value = !text[at..].trim_matches(|c| c == '=' || c == ' ').is_empty();
    let form = if sign == "=" { "NAME=VALUE" } else { "NAME: VALUE" };
    (is_word && has_value && is_name(name))
        .then(|| format!("it has the form {form}; the source must provide only the value"))
}

fn end(text: &str) -> Option<String> {
    let last = text.chars().last().filter(|last| ",;".contains(*last))?;
    Some(format!("it ends with `{last}`; remove that"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_or_surrounds_a_secret_is_recognized() {
        for (text, expected) in [
            ("op://vault/item/token", "it names a secret"),
            ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:x", "it names a secret"),
            ("vault:secret/data/x#token", "it names a secret"),
            ("/run/secrets/token", "it is the path of a file"),
            ("/var/run/secrets/eks.amazonaws.com/serviceaccount/token", "it is the path of a file"),
            ("~/.token", "it is the path of a file"),
            ("./token", "it is the path of a file"),
            ("C:\\Users\\me\\token.txt", "it is the path of a file"),
            ("file:///run/token", "it is the path of a file"),
            ("https://idp.example/token", "it is a URL"),
            ("-----BEGIN CERTIFICATE-----", "it is PEM"),
            ("b'canary-Zq81xPlm77'", "it is a byte string of Python"),
            ("`canary-Zq81xPlm77`", "backticks or typographic quotes"),
            ("“canary-Zq81xPlm77”", "backticks or typographic quotes"),
            ("‘canary-Zq81xPlm77’", "backticks or typographic quotes"),
            ("\"canary-Zq81xPlm77", "a quote at its beginning or end"),
            ("TOKEN=canary-Zq81xPlm77", "the form NAME=VALUE"),
            ("access_token=canary&expires_in=3600", "the form NAME=VALUE"),
            ("token: canary-Zq81xPlm77", "the form NAME: VALUE"),
            ("x-api-key:canary-Zq81xPlm77", "the form NAME: VALUE"),
            ("canary-Zq81xPlm77,", "it ends with `,`"),
            ("canary-Zq81xPlm77;", "it ends with `;`"),
        ] {
            let found = reason(text).unwrap_or_else(|| panic!("{text}"));
            assert!(found.contains(expected) && !found.contains("canary"), "{text}: {found}");
            assert!(bearer_reason(text).is_some() || text.contains('/') || text.starts_with('~'), "{text}");
        }
        for text in
            ["canary!", "can ary", "canary%", "jwt=canary", "foo:canary", "eyJh…", "(canary)", "{canary}", "a=b=", "é"]
        {
            let found = bearer_reason(text).unwrap_or_else(|| panic!("{text}"));
            assert!(!found.contains("canary"), "{found}");
        }
        assert!(
            bearer_reason("abc$d")
                .is_some_and(|found| found.starts_with("its character 4 cannot be in a bearer token"))
        );
    }

    #[test]
    fn tokens_and_keys_pass() {
        for text in [
            "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjF9.c2ln-_",
            "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4In0..aXY.Y2lwaGVy.dGFn",
            "ya29.a0AfH6SMBx-_1234",
            "/9j+4AAQSkZJRgABAQAAAQABAAD/2wBDAA8=",
            "//79AbCdEfGhIjKlMnOp/qRsTuV/==",
            "dG9rZW4=",
            "dG9rZQ==",
            "k2s7bQ0ah7o1l2m3p4q5r6s7tAbCdEfGh",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "xoxb-1234-abcd",
            "0c3b7f0e-6f51-4c1e-9f0a-2a6f3f3f7a11",
            "a~b.c",
        ] {
            assert_eq!(reason(text), None, "{text}");
            assert_eq!(bearer_reason(text), None, "{text}");
        }
        for text in ["abc:def", "a=b", "p@ss!w$rd&x"] {
            assert_eq!(reason(text), None, "{text}");
        }
    }
}
