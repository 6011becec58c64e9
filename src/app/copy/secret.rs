//! Reads a secret in a shell from the same source as stepgate, and strips the same surroundings.

use crate::app::copy::shell::{program, word};
use stepgate_core::domain::SecretSource;

/// The purpose of a secret, which decides how its text is parsed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose<'p> {
    /// A token after this scheme, which the text may repeat. It may be inside JSON.
    Token(&'p str),
    /// The value of a header, or an API key.
    Value,
    /// A proxy password: only surrounding white space is removed.
    Password,
}

/// Returns text for the inside of double quotes, which the shell replaces with the secret.
pub(super) fn looked_up(source: &SecretSource, purpose: Purpose<'_>) -> String {
    let bytes = match purpose {
        // Including a byte order mark: a header has only ASCII.
        Purpose::Token(_) | Purpose::Value => r"\r\n\357\273\277",
        Purpose::Password => r"\r\n",
    };
    let (source, member) = match source {
        SecretSource::Member(source, path) => {
            let names = path.names().iter().map(|name| format!("[{}]", serde_json::Value::from(name.as_str())));
            (&**source, format!(" | jq -r {}", word(&format!(".{}", names.collect::<String>()))))
        }
        other => (other, String::new()),
    };
    let text = match source {
        SecretSource::Env(variable) if is_name(variable) => {
            format!("printf %s \"${variable}\" | LC_ALL=C tr -d '{bytes}'")
        }
        SecretSource::Env(variable) => format!("printenv {} | LC_ALL=C tr -d '{bytes}'", word(variable)),
        SecretSource::File(path) => format!("LC_ALL=C tr -d '{bytes}' <{}", word(&path.display().to_string())),
        SecretSource::Command(words) => {
            let (first, rest) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            let words = std::iter::once(program(first)).chain(rest.iter().map(|argument| word(argument)));
            format!("{} | LC_ALL=C tr -d '{bytes}'", words.collect::<Vec<_>>().join(" "))
        }
        // Members are not nested.
        SecretSource::Member(..) => "false".to_owned(),
    };
    format!("$({text}{member} | sed -E {})", word(&script(purpose).join("; ")))
}

/// Returns the condition for sending: without its variable, a header would be omitted.
pub(super) fn condition(source: &SecretSource) -> Option<String> {
    match source {
        SecretSource::Env(variable) if is_name(variable) => Some(format!(": \"${{{variable}:?}}\" && ")),
        SecretSource::Member(source, _) => condition(source),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Returns commands for `sed` that leave only the secret, in the order in which the client reads it.
fn script(purpose: Purpose<'_>) -> Vec<String> {
    const BLANKS: &str = "[[:space:]]";
    let mut script = vec![format!("s/^{BLANKS}+//"), format!("s/{BLANKS}+$//")];
    if matches!(purpose, Purpose::Password) {
        return script;
    }
    if let Purpose::Token(_) = purpose {
        let names = "access_token|accessToken|id_token|idToken|token";
        script.push(format!(r#"s/^\{{.*"({names})"{BLANKS}*:{BLANKS}*"([^"]*)".*/\2/"#));
        // Escapes of `/` and `=` that some programs write in JSON.
        script.extend([r"s#\\/#/#g", r"s/\\u003[dD]/=/g"].map(str::to_owned));
    }
    for quote in ['"', '\''] {
        script.push(format!("s/^{quote}{BLANKS}*([^{quote}]*[^{quote}[:space:]]){BLANKS}*{quote}$/\\1/"));
    }
    if let Purpose::Token(scheme) = purpose {
        script.push(format!("s/^{}:{BLANKS}*//", in_any_case("authorization")));
        if !scheme.is_empty() {
            script.push(format!("s/^{}{BLANKS}+//", in_any_case(scheme)));
        }
    }
    script
}

/// Returns an expression for this text in upper and lower case.
fn in_any_case(text: &str) -> String {
    let each = |c: char| match c {
        _ if c.is_ascii_alphabetic() => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
        _ if c.is_alphanumeric() || c == '-' || c == '_' => c.to_string(),
        '^' | '\\' | '/' => format!("\\{c}"),
        _ => format!("[{c}]"),
    };
    text.chars().map(each).collect()
}
