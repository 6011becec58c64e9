//! Recognizes texts in place of a secret: placeholders from documentation, unexpanded variables, words for a missing
//! value, web pages, and the errors of identity providers. Pure.

use serde_json::{Map, Value};

use crate::domain::text_limit::limited;
use crate::gateway::response;
use crate::gateway::secret::mask;

/// What programs print in place of a missing value.
const MISSING: [&str; 13] = [
    "null",
    "none",
    "undefined",
    "nil",
    "false",
    "true",
    "nan",
    "n/a",
    "(null)",
    "(none)",
    "0",
    "null.null",
    "undefined.undefined",
];
/// What a program that failed prints in place of a secret.
const ERRORS: [&str; 14] = [
    "error",
    "unauthorized",
    "unauthenticated",
    "forbidden",
    "denied",
    "accessdenied",
    "access_denied",
    "failed",
    "failure",
    "invalid_grant",
    "invalid_client",
    "invalid_token",
    "expired",
    "not_found",
];
const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "digest", "negotiate", "apikey"];
/// The first and last words of placeholders such as `YOUR_API_KEY`.
const FIRST: [&str; 6] = ["your", "insert", "replace", "enter", "paste", "put"];
const LAST: [&str; 12] =
    ["token", "key", "secret", "here", "jwt", "value", "me", "apikey", "bearer", "credential", "credentials", "it"];
const WHOLE: [&str; 6] = ["changeme", "change-me", "todo", "placeholder", "example", "redacted"];
/// Members with an error message, the best first.
const MESSAGES: [&str; 8] =
    ["error_description", "errorMessage", "error_message", "message", "Message", "detail", "errorSummary", "title"];
const CODES: [&str; 5] = ["error", "errorCode", "error_code", "code", "Error"];
const LONGEST: usize = 300;

/// Returns what a text is instead of a secret, as the end of a sentence.
pub(super) fn of(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let is_one_of = |words: &[&'static str]| words.iter().copied().find(|word| *word == lower);
    if let Some(word) = is_one_of(&MISSING) {
        return Some(format!("it is the word `{word}`, which some programs print for a missing value"));
    }
    if let Some(word) = is_one_of(&ERRORS) {
        return Some(format!("it is the word `{word}`, so its source has failed"));
    }
    if let Some(scheme) = is_one_of(&SCHEMES) {
        return Some(format!("it is only the word `{scheme}`, without a token after it"));
    }
    if is_variable(text) {
        return Some("it is the name of a variable that was not replaced by its value".to_owned());
    }
    (is_one_of(&WHOLE).is_some() || is_in_brackets(text) || is_instruction(&lower) || is_repeated(text))
        .then(|| "it is a placeholder; replace it by the secret itself".to_owned())
}

/// `$TOKEN`, `${TOKEN}`, `$(get-token)`, `%TOKEN%`, `{{ token }}`
fn is_variable(text: &str) -> bool {
    let is_name = |name: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_.-:".contains(c);
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(is_part)
    };
    let inside = |open: &str, close: &str| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let shell = text.strip_prefix('$').is_some_and(is_name) || inside("${", "}").is_some_and(is_name);
    let template = inside("{{", "}}").or_else(|| inside("${{", "}}")).is_some();
    shell || template || inside("$(", ")").is_some() || inside("%", "%").is_some_and(is_name)
}

/// `<token>`, `[token]`, `(redacted)`
fn is_in_brackets(text: &str) -> bool {
    let inside = |open: char, close: char| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
    let is_words =
        |inside: &str| !inside.is_empty() && inside.chars().all(|c| c.is_alphanumeric() || " _-.".contains(c));
    let inside = inside('<', '>').or_else(|| inside('[', ']')).or_else(|| inside('(', ')'));
    inside.is_some_and(is_words)
}

/// `YOUR_TOKEN`, `your-api-key-here`
fn is_instruction(lower: &str) -> bool {
    let words: Vec<&str> = lower.split(['_', '-', ' ']).collect();
    let is_letters = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    match words[..] {
        [first, .., last] => words.iter().all(is_letters) && FIRST.contains(&first) && LAST.contains(&last),
        _ => false,
    }
}

/// `xxxxx`, `***`, `...`
fn is_repeated(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| "xX*.•…".contains(first) && chars.all(|c| c == first))
}

/// Returns what a text is if it is a web page.
pub(super) fn web_page(text: &str) -> Option<String> {
    let title = response::title(text)?;
    let title = mask::masked(&limited(title, LONGEST));
    Some(if title.is_empty() { "it is a web page".to_owned() } else { format!("it is a web page, \"{title}\"") })
}

/// Returns what JSON says if it is an error.
pub(super) fn error(members: &Map<String, Value>) -> Option<String> {
    let inner = CODES.iter().find_map(|name| members.get(*name)?.as_object());
    let word = |members: &Map<String, Value>, names: &[&str]| {
        let text = |name: &&str| members.get(*name)?.as_str().map(str::trim).filter(|text| !text.is_empty());
        Some(names.iter().find_map(text)?.to_owned())
    };
    let all = inner.unwrap_or(members);
    let (code, words) = (word(all, &CODES), word(all, &MESSAGES).or_else(|| word(members, &MESSAGES)));
    let is_error = inner.is_some() || code.is_some() || MESSAGES[..3].iter().any(|name| members.contains_key(*name));
    let message = match (code, words) {
        (Some(code), Some(words)) => format!("{code}: {words}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return None,
    };
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let has_only_message = members.contains_key("message") && members.len() <= 3;
    (is_error || has_only_message).then(|| mask::masked(&limited(message, LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_place_of_a_secret_are_recognized_in_any_case() {
        for text in [
            "null",
            "None",
            "NONE",
            "undefined",
            "Bearer",
            "bearer ",
            "Basic",
            "$TOKEN",
            "${TOKEN}",
            "$(get-token)",
            "%TOKEN%",
            "{{ token }}",
            "${{ secrets.TOKEN }}",
            "<token>",
            "<your token>",
            "<YOUR_TOKEN>",
            "[token]",
            "YOUR_TOKEN",
            "your-api-key-here",
            "YOUR_API_KEY",
            "INSERT_TOKEN_HERE",
            "replace-me",
            "changeme",
            "xxxx",
            "***",
            "...",
            "TODO",
            "(redacted)",
            "[REDACTED]",
            "Unauthorized",
            "Forbidden",
            "error",
            "invalid_grant",
            "null.null",
        ] {
            assert!(of(text).is_some(), "{text}");
        }
        for text in [
            "canary.1",
            "abc",
            "bearercanary",
            "$2y$10$abc",
            "your",
            "my-service-7f3a",
            "token",
            "e30.e30.c2ln",
            "xyz",
            "YOUR_T0KEN_9f",
            "my-token",
            "%41%42",
            "<a&b>",
            "nullable",
        ] {
            assert_eq!(of(text).is_some(), text == "token", "{text}");
        }
    }

    #[test]
    fn an_error_message_is_the_cause() {
        for (json, expected) in [
            (
                r#"{"error":"invalid_grant","error_description":"The refresh token has expired"}"#,
                Some("invalid_grant: The refresh token has expired"),
            ),
            (r#"{"error":"access_denied"}"#, Some("access_denied")),
            (r#"{"error":{"code":401,"message":"Login required","status":"UNAUTHENTICATED"}}"#, Some("Login required")),
            (
                r#"{"errorCode":"E0000004","errorSummary":"Authentication failed"}"#,
                Some("E0000004: Authentication failed"),
            ),
            (r#"{"message":"Unauthorized"}"#, Some("Unauthorized")),
            (r#"{"error":"x","error_description":"password=hunter2"}"#, Some("x: password=•••")),
            (r#"{"jwt":"x"}"#, None),
            (r#"{"error":null,"jwt":"x"}"#, None),
        ] {
            let members: Map<String, Value> = serde_json::from_str(json).expect("JSON");
            assert_eq!(error(&members).as_deref(), expected, "{json}");
        }
    }
}
