//! The source of a secret: a variable, a file or a command.

use std::path::Path;

use crate::config::path::{self, NOT_EXPANDED, needs_a_shell};
use crate::config::section::Section;
use stepgate_core::domain::SecretSource;
use stepgate_core::domain::access::MemberPath;

/// `{ env = ".." }`, `{ file = ".." }` or `{ command = [..] }`, exactly one of them; with `json = ".member"` for a part of
/// what it provides.
pub(super) fn secret(section: &Section<'_>, folder: &Path) -> Option<SecretSource> {
    let path = section.text("json").map(|text| (MemberPath::parse(&text.value), text.line));
    let source = source(section, folder)?;
    match path {
        None => Some(source),
        Some((Some(path), _)) => Some(SecretSource::Member(Box::new(source), path)),
        Some((None, line)) => {
            section.fault(
                "json",
                line,
                "expected the path of a member, such as `.access_token` or `.data.token`",
                None,
            );
            None
        }
    }
}

fn source(section: &Section<'_>, folder: &Path) -> Option<SecretSource> {
    let given: Vec<&str> = ["env", "file", "command"].into_iter().filter(|key| section.has(key)).collect();
    let [key] = given[..] else {
        let message = if given.is_empty() {
            "a secret's source is missing: `env`, `file` or `command`; the secret itself is never in this file"
        } else {
            "a secret has one source: `env`, `file` or `command`"
        };
        section.fault_here(given.first().unwrap_or(&"env"), message);
        return None;
    };
    match key {
        "env" => variable(section).map(SecretSource::Env),
        "file" => {
            let text = section.text("file")?;
            if text.value.trim().is_empty() {
                section.fault("file", text.line, "empty: expected the path of a file", None);
                return None;
            }
            path::path(section, "file", folder).map(SecretSource::File)
        }
        _ => {
            let words = section.texts("command")?;
            if words.value.first().is_none_or(|program| program.trim().is_empty()) {
                section.fault("command", words.line, "it needs a program's name at least", None);
                return None;
            }
            if words.value.first().is_some_and(|program| needs_a_shell(program)) {
                let message = format!("{NOT_EXPANDED}, since no shell runs; write the whole path of the program");
                section.fault("command", words.line, message, None);
                return None;
            }
            Some(SecretSource::Command(words.value))
        }
    }
}

/// The name of a variable. Anything else is not repeated: it may be the secret itself.
fn variable(section: &Section<'_>) -> Option<String> {
    let name = section.payload("env")?;
    if is_variable(&name.value) {
        return Some(name.value);
    }
    let message = "expected the name of a variable: letters, digits and `_`; the secret itself is never in this file";
    section.fault("env", name.line, message, None);
    None
}

fn is_variable(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}
